#!/usr/bin/env bash
# The long forms of what kills the server: SQLite first, then PostgreSQL. ROUNDS= sets how often each (500),
# CHAT_ROUNDS= how often the rooms (1800, of which more than a thousand are kills).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh
. scripts/test/postgres.sh
need_rust && need faketime faketime

work=$(mktemp -d /tmp/playhouse-soak.XXXXXX)
trap 'stop_postgres; rm -rf "$work"' EXIT
export RUST_BACKTRACE=0 PLAYHOUSE_CRASH_ROUNDS=${ROUNDS:-500}

# The rooms have rounds of their own: they are shorter.
soak() {
  cargo test --test uploads -- --nocapture chaos::
  PLAYHOUSE_CRASH_ROUNDS=${CHAT_ROUNDS:-1800} cargo test --test realtime -- --nocapture chaos::
}

echo "== $PLAYHOUSE_CRASH_ROUNDS kills on SQLite"
env -u PLAYHOUSE_TEST_POSTGRES bash -c "$(declare -f soak); soak"
postgres_bin >/dev/null || apt_install postgresql
start_postgres
echo "== $PLAYHOUSE_CRASH_ROUNDS kills on PostgreSQL"
soak
