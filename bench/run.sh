#!/usr/bin/env bash
# Side-by-side measurements on this machine; docs/PERFORMANCE.md explains them. Takes about half an hour with the build.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh
need_rust && need_node && need ffmpeg ffmpeg && need wrk wrk && need nginx nginx && need python3 python3
PATH=$PATH:/usr/sbin
need nats-server nats-server && need mosquitto mosquitto && need prosody prosody
dpkg -s lua-dbi-sqlite3 >/dev/null 2>&1 || apt_install lua-dbi-sqlite3

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --quiet --release -p playhouse -p playhouse-cli -p playhouse-bench
dufs=$CARGO_TARGET_DIR/peers/bin/dufs
[ -x "$dufs" ] || cargo install --quiet --locked --root "$CARGO_TARGET_DIR/peers" dufs
tus=$CARGO_TARGET_DIR/peers/tus
[ -d "$tus/node_modules/@tus/server" ] || npm install --silent --no-save --prefix "$tus" @tus/server@2 @tus/file-store@2
fanout=$CARGO_TARGET_DIR/peers/fanout
[ -d "$fanout/node_modules/socket.io" ] || { mkdir -p "$fanout"; cp bench/peers/package.json "$fanout/"; npm install --silent --prefix "$fanout"; }

wsgidav=$CARGO_TARGET_DIR/peers/wsgidav
[ -x "$wsgidav/bin/wsgidav" ] || { python3 -m venv "$wsgidav" && "$wsgidav/bin/pip" install --quiet --disable-pip-version-check wsgidav==4.4.0 cheroot==11.1.2; }

echo "## Bytes"
python3 bench/transfers.py --dufs "$dufs"
echo
echo "## Pages"
python3 bench/pages.py
echo
echo "## Films"
python3 bench/pipeline.py
echo
echo "## Uploads"
python3 bench/uploads.py --dufs "$dufs" --tus "$tus/node_modules"
echo
echo "## Folders"
python3 bench/drive.py
echo
echo "## Small files by WebDAV"
python3 bench/dav.py --dufs "$dufs" --wsgidav "$wsgidav/bin/wsgidav"
echo
echo "## Acknowledgements"
python3 bench/acks.py
echo
echo "## Messages that are kept"
python3 bench/sends.py
"$CARGO_TARGET_DIR/release/persist" "${BENCH_FOLDER:-/var/tmp}"
echo
echo "## Live connections"
python3 bench/fanout.py --node-modules "$fanout/node_modules"
echo
echo "## The web client"
bench/web.sh "$CARGO_TARGET_DIR/release/playhouse" || echo "Below the goal."
