# Sourced by scripts/test.sh: clients of WebDAV against a running house.
#
# litmus asks 104 questions of the protocol; rclone, cadaver and curl each do what their users do and compare what is
# left on both sides. Each session is a function that stops at its first surprise.

dav_tools() { need litmus litmus && need rclone rclone && need cadaver cadaver && need curl curl; }

# A member of its own, so that nothing else is on the drive; sets dav_url and dav_home.
dav_member() {
  dav_url=$house_url/dav
  dav_home=$work/webdav
  mkdir -p "$dav_home/source/a/b" &&
    curl -sS --fail --json '{"username": "webdav", "password": "a long secret"}' "$house_url/api/v1/accounts" >/dev/null || return 1
  local number
  for number in $(seq 20); do head -c $((number * 7919)) /dev/urandom >"$dav_home/source/a/file $number"; done
  : >"$dav_home/source/empty"
  printf 'x\n' >"$dav_home/source/a/b/é 影 100% #?&.txt"
  touch -d '2001-02-03 04:05:06 UTC' "$dav_home/source/empty"
}

dav_litmus() { (cd "$dav_home" && litmus -k "$dav_url/" webdav "a long secret"); }

dav_curl() { curl -sS --user 'webdav:a long secret' "$@"; }

# same STATUS CURL-ARGUMENT...: whether the answer has this status.
same() {
  local wanted=$1 got
  shift
  got=$(dav_curl -o /dev/null -w '%{http_code}' "$@")
  [ "$got" = "$wanted" ] || { echo "$* answered $got, not $wanted"; return 1; }
}

dav_curl_session() {
  local file="$dav_home/source/a/file 20"
  same 201 -X MKCOL "$dav_url/curl" &&
    same 201 -T "$file" "$dav_url/curl/one" && same 204 -T "$file" "$dav_url/curl/one" &&
    dav_curl "$dav_url/curl/one" | cmp - "$file" &&
    dav_curl -r 1000-1999 "$dav_url/curl/one" | cmp - <(tail -c +1001 "$file" | head -c 1000) &&
    head -c 5000 "$file" >"$dav_home/part" && dav_curl -C - -o "$dav_home/part" "$dav_url/curl/one" && cmp "$dav_home/part" "$file" &&
    same 412 -T "$file" -H 'If-None-Match: *' "$dav_url/curl/one" &&
    same 201 -X COPY -H "Destination: $dav_url/curl/two" "$dav_url/curl/one" &&
    same 201 -X MOVE -H "Destination: $dav_url/curl/three" "$dav_url/curl/one" &&
    same 404 "$dav_url/curl/one" && dav_curl "$dav_url/curl/two" | cmp - "$file" &&
    same 403 -X PROPFIND -H 'Depth: infinity' "$dav_url/" && same 207 -X PROPFIND -H 'Depth: 1' "$dav_url/curl/" &&
    same 204 -X DELETE "$dav_url/curl/" && same 404 "$dav_url/curl/three" &&
    [ "$(curl -sS -o /dev/null -w '%{http_code}' "$dav_url/")" = 401 ]
}

# With vendor=owncloud rclone sends and compares times; with vendor=other it knows sizes only.
dav_rclone_session() {
  local kind secret
  export RCLONE_CONFIG=$dav_home/rclone.conf
  secret=$(rclone obscure "a long secret") || return 1
  for kind in other owncloud; do
    printf '[%s]\ntype = webdav\nurl = %s\nvendor = %s\nuser = webdav\npass = %s\n' "$kind" "$dav_url" "$kind" "$secret"
  done >"$RCLONE_CONFIG"
  for kind in other owncloud; do
    rm -rf "$dav_home/back" "$dav_home/mine" && cp -a "$dav_home/source" "$dav_home/mine" &&
      rclone copy "$dav_home/mine" "$kind:$kind" && rclone check --download "$dav_home/mine" "$kind:$kind" &&
      printf 'more\n' >>"$dav_home/mine/a/file 1" && rm "$dav_home/mine/a/file 2" && mv "$dav_home/mine/a/b" "$dav_home/mine/c" &&
      rclone sync "$dav_home/mine" "$kind:$kind" && rclone check --download "$dav_home/mine" "$kind:$kind" &&
      rclone moveto "$kind:$kind/c" "$kind:$kind/d" && mv "$dav_home/mine/c" "$dav_home/mine/d" &&
      rclone copy "$kind:$kind" "$dav_home/back" && diff -r "$dav_home/mine" "$dav_home/back" &&
      rclone about "$kind:" | grep -q '^Free:' && rclone purge "$kind:$kind" || return 1
  done
  [ "$(stat -c %Y "$dav_home/back/empty")" = "$(stat -c %Y "$dav_home/source/empty")" ] || { echo "the time of a file was lost"; return 1; }
}

dav_cadaver_session() {
  local file="$dav_home/source/a/file 3" home="$dav_home/cadaver"
  mkdir -p "$home" && printf 'machine %s\nlogin webdav\npassword a long secret\n' "${house_url#http://}" | sed 's/:[0-9]*$//' >"$home/.netrc" &&
    sed -i 's/a long secret/"a long secret"/' "$home/.netrc" && chmod 600 "$home/.netrc" && cp "$file" "$home/three" || return 1
  (cd "$home" && HOME=$home cadaver "$dav_url/" >log 2>&1 <<'SESSION'
mkcol cadaver
cd cadaver
put three
lock three
copy three four
propset three colour blue
propget three colour
unlock three
move four five
ls
get five back
delete three
cd ..
rmcol cadaver
quit
SESSION
  )
  cmp "$home/three" "$home/back" && grep -q blue "$home/log" && ! grep -qi 'failed' "$home/log" &&
    same 404 "$dav_url/cadaver/five" || { cat "$home/log"; return 1; }
}

if wanted "webdav" && step "webdav: the programs" programs &&
  step "webdav: the clients" dav_tools && step "webdav: a demo house" start_house; then
  if step "webdav: a member" dav_member; then
    suite "webdav: litmus" litmus - dav_litmus
    check "webdav: curl" dav_curl_session
    check "webdav: rclone" dav_rclone_session
    check "webdav: cadaver" dav_cadaver_session
  fi
  step "webdav: the demo house stops" stop_house
fi
