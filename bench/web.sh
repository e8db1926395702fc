#!/usr/bin/env bash
# Lighthouse on the catalogue and on a room of a demo house, signed in. $1 is the server's program.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh
need_node && need chromium chromium && need ffmpeg ffmpeg
data=$(mktemp -d /tmp/playhouse-web.XXXXXX)
"$1" serve --demo --listen 127.0.0.1:0 --data "$data" >"$data/out" 2>"$data/log" &
house=$!
trap 'kill "$house" 2>/dev/null; wait "$house" 2>/dev/null; rm -rf "$data"' EXIT
for _ in $(seq 600); do
  grep -q 'the demo is complete' "$data/out" && break
  kill -0 "$house" || { cat "$data/log"; exit 1; }
  sleep 0.5
done
password=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["member"])' "$data/demo-accounts")
export PLAYHOUSE_URL PLAYHOUSE_ACCOUNT=member:$password
PLAYHOUSE_URL=$(sed -n 's/^listening on //p' "$data/out")
CHROME_PATH=$(command -v chromium) npm run --silent --prefix web lighthouse
