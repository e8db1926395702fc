# Sourced: a house of its own to test from outside, with an admin, a member and a short wait.

# start_house NAME=VALUE...: starts the server, with settings as environment variables, and sets house_url.
start_house() {
  house_data=$(mktemp -d /tmp/playhouse-house.XXXXXX)
  env PLAYHOUSE__DOWNLOADS__WAIT_SECONDS=3 PLAYHOUSE__ACCOUNTS__BCRYPT_COST=4 \
    PLAYHOUSE__ACCOUNTS__REGISTRATIONS_PER_HOUR=1000000 PLAYHOUSE__LOG__FILTER=warn "$@" \
    "$CARGO_TARGET_DIR/debug/playhouse" serve --listen 127.0.0.1:0 --data "$house_data" \
    >"$house_data/out" 2>"$house_data/log" &
  house_pid=$!
  house_url=
  for _ in $(seq 100); do
    house_url=$(sed -n 's/^listening on //p' "$house_data/out")
    [ -n "$house_url" ] && break
    kill -0 "$house_pid" 2>/dev/null || break
    sleep 0.1
  done
  [ -n "$house_url" ] || { cat "$house_data/out" "$house_data/log"; return 1; }
  settle_house
}

# Makes the accounts and signs them in: admin_token, member_token.
settle_house() {
  local secret="open sesame"
  house_post /setup "{\"token\": \"$(cat "$house_data/setup-token")\", \"username\": \"admin\", \"password\": \"$secret\"}" >/dev/null &&
    house_post /accounts "{\"username\": \"member\", \"password\": \"$secret\"}" >/dev/null &&
    admin_token=$(house_post /sessions "{\"username\": \"admin\", \"password\": \"$secret\"}" | house_field token) &&
    member_token=$(house_post /sessions "{\"username\": \"member\", \"password\": \"$secret\"}" | house_field token)
}

house_post() {
  curl --silent --show-error --fail-with-body --json "$2" "$house_url/api/v1$1"
}

house_field() {
  python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

# Stops the server as an operator would; fails when it does not end well within ten seconds.
stop_house() {
  local status=0
  [ -n "${house_pid:-}" ] || return 0
  kill -TERM "$house_pid" 2>/dev/null
  (sleep 15 && kill -KILL "$house_pid") 2>/dev/null &
  local watch=$!
  wait "$house_pid" || status=$?
  kill "$watch" 2>/dev/null
  [ "$status" = 0 ] || { echo "the server ended with $status"; tail -n 20 "$house_data/log"; }
  rm -rf "$house_data"
  house_pid=
  return "$status"
}
