#!/usr/bin/env bash
# The quick checks: format, lint, unit tests, and the web client's own checks.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh
need_rust
need_node
export RUST_BACKTRACE=0
cargo fmt --all --check
cargo clippy --workspace --all-targets --quiet -- -D warnings
cargo test --workspace --lib --bins --quiet
[ web/node_modules/.package-lock.json -nt web/package-lock.json ] ||
  npm --prefix web ci --no-audit --no-fund --loglevel=error
for part in format:check lint check test; do npm --prefix web run --silent "$part"; done
