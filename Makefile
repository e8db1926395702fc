.PHONY: run test soak check bench web-types

# Opens a house with a demo library on http://127.0.0.1:8080 (another address with LISTEN=).
run:
	@scripts/run.sh

# Everything; scripts/test.sh says how to run a part.
test:
	@scripts/test.sh

# The long forms of what kills the server at random; docs/RELIABILITY.md explains them. An hour or more.
soak:
	@scripts/soak.sh

# What should hold before each commit, within a minute or two.
check:
	@scripts/check.sh

# Side-by-side measurements; docs/PERFORMANCE.md explains them.
bench:
	@bench/run.sh

# Renews the web client's types after a change of the API.
web-types:
	cargo run --quiet --bin playhouse -- openapi > web/openapi.json
	npm --prefix web run generate
