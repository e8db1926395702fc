# Sourced: a demo house of its own to test from outside, with a short wait.

# start_house NAME=VALUE...: starts the server, with settings as environment variables, and sets house_url, admin_token,
# member_token, free_film, publish_command and restart_command, once the library is ready.
start_house() {
  house_data=$(mktemp -d /tmp/playhouse-house.XXXXXX)
  write_serve_command "$@"
  : >"$house_data/out"
  "$house_data/serve" 127.0.0.1:0 &
  until [ -s "$house_data/pid" ]; do sleep 0.05; done
  says 'the demo is complete' || { cat "$house_data/out" "$house_data/log"; return 1; }
  house_url=$(sed -n 's/^listening on //p' "$house_data/out")
  write_restart_command
  export PLAYHOUSE_CONFIG_DIR=$house_data/cli PLAYHOUSE_SERVER=$house_url
  admin_token=$(token_of admin) && member_token=$(token_of member) && prepare_film
}

# `serve ADDRESS` runs the server, keeps its process id in a file while it runs, and how it ended afterwards.
write_serve_command() {
  cat >"$house_data/serve" <<END
#!/bin/bash
rm -f "$house_data/status"
env PLAYHOUSE__DOWNLOADS__WAIT_SECONDS=3 PLAYHOUSE__ACCOUNTS__REGISTRATIONS_PER_HOUR=1000000 \\
  PLAYHOUSE__LOG__FILTER=warn ${*:+$(printf '%q ' "$@")} \\
  "$CARGO_TARGET_DIR/debug/playhouse" serve --demo --listen "\$1" --data "$house_data" \\
  >>"$house_data/out" 2>>"$house_data/log" &
echo \$! >"$house_data/pid"
wait \$!
echo \$? >"$house_data/status"
END
  chmod +x "$house_data/serve"
}

# `restart SECONDS` stops the server, and starts it at the same address so many seconds later; the browser tests run it.
write_restart_command() {
  restart_command=$house_data/restart
  cat >"$restart_command" <<END
#!/bin/bash
kill -TERM "\$(cat "$house_data/pid")"
until [ -s "$house_data/status" ]; do sleep 0.05; done
[ "\$(cat "$house_data/status")" = 0 ] || exit 1
sleep "\${1:-0}"
setsid "$house_data/serve" ${house_url#http://} </dev/null >/dev/null 2>&1 &
for _ in \$(seq 300); do curl -fs -o /dev/null "$house_url/readyz" && exit 0; sleep 0.1; done
exit 1
END
  chmod +x "$restart_command"
}

# Waits until the server has said a line.
says() {
  for _ in $(seq 600); do
    grep -q "$1" "$house_data/out" && return 0
    [ -s "$house_data/status" ] && return 1
    sleep 0.2
  done
  return 1
}

password_of() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$house_data/demo-accounts" "$1"
}

token_of() {
  curl -sS --fail-with-body --json '{"username": "'"$1"'", "password": "'"$(password_of "$1")"'"}' "$house_url/api/v1/sessions" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])'
}

# A film of an admin's own, and the command that publishes it; the browser tests run it.
prepare_film() {
  local admin=$CARGO_TARGET_DIR/debug/playhouse-admin
  publish_command=$house_data/publish
  free_film=$(curl -sS --fail -H "Authorization: Bearer $admin_token" "$house_url/api/v1/movies?price=free" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["items"][0]["id"])') &&
    ffmpeg -loglevel error -f lavfi -i testsrc2=size=320x180:rate=24 -f lavfi -i sine=frequency=220 -t 8 \
      -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -movflags +faststart -y "$house_data/own.mp4" &&
    "$admin" --quiet login admin --password-stdin <<<"$(password_of admin)" &&
    printf '#!/bin/sh\nexec "%s" --quiet movie publish "%s" --title "From the Command Line" --tag own\n' \
      "$admin" "$house_data/own.mp4" >"$publish_command" && chmod +x "$publish_command"
}

# Stops the server as an operator would; fails when it does not end well in time.
stop_house() {
  local status pid
  [ -n "${house_data:-}" ] || return 0
  pid=$(cat "$house_data/pid")
  kill -TERM "$pid" 2>/dev/null
  for _ in $(seq 150); do [ -s "$house_data/status" ] && break; sleep 0.1; done
  [ -s "$house_data/status" ] || kill -KILL "$pid" 2>/dev/null
  until [ -s "$house_data/status" ]; do sleep 0.1; done
  status=$(cat "$house_data/status")
  [ "$status" = 0 ] || { echo "the server ended with $status"; tail -n 20 "$house_data/log"; }
  rm -rf "$house_data"
  house_data=
  return "$status"
}
