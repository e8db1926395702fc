#!/usr/bin/env bash
# Side-by-side measurements on this machine; docs/PERFORMANCE.md explains them. Takes about half an hour with the build.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh
need_rust && need_node && need ffmpeg ffmpeg && need wrk wrk && need nginx nginx && need python3 python3

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --quiet --release -p playhouse -p playhouse-bench
dufs=$CARGO_TARGET_DIR/peers/bin/dufs
[ -x "$dufs" ] || cargo install --quiet --locked --root "$CARGO_TARGET_DIR/peers" dufs

echo "## Bytes"
python3 bench/transfers.py --dufs "$dufs"
echo
echo "## Pages"
python3 bench/pages.py
echo
echo "## Uploads"
python3 bench/uploads.py
