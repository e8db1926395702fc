#!/usr/bin/env bash
# Builds the server and opens a house with a demo library. The data stays in data/demo; remove it to begin anew.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh
need_rust
need_node
need ffmpeg ffmpeg

# The profile "quick" (see Cargo.toml) builds in a third of the time of a release and is fast enough for a club.
echo "building: minutes the first time, seconds afterwards ..." >&2
cargo build --quiet --profile quick --package playhouse --package playhouse-admin --package playhouse-cli --bins
target=$(cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
admin=${target#"$PWD/"}/quick/playhouse-admin
cat >&2 <<END
To publish a film of your own, from another terminal:
  $admin login admin
  $admin movie publish FILE
For films and files of a member's own:
  ${admin%admin}cli login member
  ${admin%admin}cli drive
END
exec "$target/quick/playhouse" serve --demo --data data/demo --listen "${LISTEN:-127.0.0.1:8080}"
