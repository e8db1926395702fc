.PHONY: run test check bench

# Opens a house with a demo library on http://127.0.0.1:8080 (another address with LISTEN=).
run:
	@scripts/run.sh

# Everything; scripts/test.sh says how to run a part.
test:
	@scripts/test.sh

# What should hold before each commit, within a minute or two.
check:
	@scripts/check.sh

# Side-by-side measurements; docs/PERFORMANCE.md explains them.
bench:
	@bench/run.sh
