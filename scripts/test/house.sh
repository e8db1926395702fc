# Sourced: a house of its own to test from outside, with an admin, a member, two films and a short wait.

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
  settle_house && publish_films
}

house_password="open sesame"

# Makes the accounts and signs them in: admin_token, member_token.
settle_house() {
  export PLAYHOUSE_CONFIG_DIR=$house_data/cli PLAYHOUSE_SERVER=$house_url
  admin_cli --quiet setup admin --token-file "$house_data/setup-token" --password-stdin <<<"$house_password" || return
  local as_member='{"username": "member", "password": "'$house_password'"}'
  curl -sS --fail-with-body --json "$as_member" -o /dev/null "$house_url/api/v1/accounts" &&
    member_token=$(token_of member) && admin_token=$(token_of admin)
}

admin_cli() { "$CARGO_TARGET_DIR/debug/playhouse-admin" "$@"; }

token_of() {
  curl -sS --fail-with-body --json '{"username": "'"$1"'", "password": "'"$house_password"'"}' "$house_url/api/v1/sessions" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])'
}

# A free film and a paid one, real ones of a few seconds; free_film is the id of the first.
publish_films() {
  make_film "$house_data/free.mp4" mandelbrot && make_film "$house_data/paid.mp4" life &&
    admin_cli --quiet movie publish "$house_data/free.mp4" --title "The Deep Coast" --tag nature --category documentary &&
    admin_cli --quiet movie publish "$house_data/paid.mp4" --title "A Small Colony" --price 4.00 --category drama &&
    free_film=$(curl -sS --fail -H "Authorization: Bearer $admin_token" "$house_url/api/v1/movies?price=free" |
      python3 -c 'import json, sys; print(json.load(sys.stdin)["items"][0]["id"])')
}

make_film() {
  ffmpeg -loglevel error -f lavfi -i "$2=size=320x180:rate=24" -f lavfi -i "sine=frequency=220" -t 8 \
    -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -movflags +faststart -y "$1"
}

# Stops the server as an operator would; fails when it does not end well in time.
stop_house() {
  local status=0 watch
  [ -n "${house_pid:-}" ] || return 0
  kill -TERM "$house_pid" 2>/dev/null
  (sleep 15 && kill -KILL "$house_pid") 2>/dev/null &
  watch=$!
  wait "$house_pid" || status=$?
  kill "$watch" 2>/dev/null
  [ "$status" = 0 ] || { echo "the server ended with $status"; tail -n 20 "$house_data/log"; }
  rm -rf "$house_data"
  house_pid=
  return "$status"
}
