# Sourced: a PostgreSQL server of its own for a run of the tests, on loopback, in a folder that is removed afterwards.

postgres_bin() {
  local folder
  folder=$(command -v initdb) && dirname "$folder" && return
  folder=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -x "$folder/initdb" ] && echo "$folder"
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

# In memory, where there is room for it: every test makes a database and drops it.
pg_place() {
  local free
  free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
  if [ "${free:-0}" -gt 4000000 ] && [ -w /dev/shm ]; then echo /dev/shm; else echo /tmp; fi
}

# Starts the server and exports PLAYHOUSE_TEST_POSTGRES.
start_postgres() {
  local bin password port
  pg_folder=$(mktemp -d "$(pg_place)/playhouse-postgres.XXXXXX")
  bin=$(postgres_bin) || { echo "initdb was not found: apt-get install postgresql" >&2; return 1; }
  pg_ctl=$bin/pg_ctl
  password=$(head -c 18 /dev/urandom | base64 | tr -d '/+=')
  echo "$password" > "$pg_folder/password"
  [ "$(id -u)" = 0 ] && chown -R postgres "$pg_folder"
  as_postgres "$bin/initdb" -D "$pg_folder/data" -U postgres -A scram-sha-256 --pwfile="$pg_folder/password" \
    -E UTF8 --locale=C.UTF-8 --no-sync >"$work/postgres.log" 2>&1 || { cat "$work/postgres.log"; return 1; }
  # The port may be taken between the choice and the start; then another one is tried.
  for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 20000))
    if as_postgres "$pg_ctl" -D "$pg_folder/data" -w -t 30 -l "$pg_folder/log" start -o "-h 127.0.0.1 -p $port \
      -c unix_socket_directories= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400 \
      -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=2GB -c autovacuum=off" \
      >>"$work/postgres.log" 2>&1; then
      export PLAYHOUSE_TEST_POSTGRES="postgres://postgres:$password@127.0.0.1:$port/postgres"
      return 0
    fi
  done
  cat "$pg_folder/log" >&2
  return 1
}

stop_postgres() {
  [ -n "${pg_folder:-}" ] || return 0
  [ -z "${pg_ctl:-}" ] || as_postgres "$pg_ctl" -D "$pg_folder/data" -m immediate -w stop >/dev/null 2>&1
  rm -rf "$pg_folder"
}
