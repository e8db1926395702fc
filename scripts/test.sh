#!/usr/bin/env bash
# Everything that is tested, in one run. Installs what is missing, starts what it needs, leaves nothing behind.
# Each check counts as one test. The last line is "N passed, N failed"; the exit status is 0 when nothing failed.
#
# `scripts/test.sh WORD...` runs only the parts whose name contains one of the words, such as "rust" or "browser".
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh
. scripts/test/postgres.sh
. scripts/test/house.sh

export RUST_BACKTRACE=0 CARGO_TERM_COLOR=never NO_COLOR=1 INSTA_UPDATE=no
work=$(mktemp -d /tmp/playhouse-test.XXXXXX)
passed=0 failed=0 failures=() only=("$@")

finish() {
  trap - EXIT INT TERM
  stop_house
  stop_postgres
  rm -rf "$work"
  echo
  [ ${#failures[@]} = 0 ] || printf 'FAILED: %s\n' "${failures[@]}"
  echo "$passed passed, $failed failed"
  # In a trap, a bare `exit` would give the status from before it.
  [ "$failed" = 0 ] && [ "$passed" -gt 0 ] && exit 0
  exit 1
}
trap finish EXIT
trap 'failed=$((failed + 1)); failures+=("interrupted"); exit 1' INT TERM

wanted() {
  local word
  [ ${#only[@]} = 0 ] && return 0
  for word in "${only[@]}"; do [[ $1 == *"$word"* ]] && return 0; done
  return 1
}

# check NAME COMMAND...: one test, which is whether the command succeeds.
check() {
  wanted "$1" || return 0
  step "$@"
}

# The same for what other parts need, whichever parts are asked for.
step() {
  local name=$1 since=$SECONDS
  shift
  echo "== $name"
  if "$@"; then
    passed=$((passed + 1))
    echo "   ok ($((SECONDS - since)) s)"
  else
    failed=$((failed + 1))
    failures+=("$name")
    return 1
  fi
}

# suite NAME KIND RESULT COMMAND...: as many tests as the runner counted in RESULT; a log, if RESULT is "-".
suite() {
  local name=$1 kind=$2 result=$3 since=$SECONDS status counts
  shift 3
  wanted "$name" || return 0
  echo "== $name"
  "$@" 2>&1 | tee "$work/log"
  status=${PIPESTATUS[0]}
  [ "$result" = - ] && result=$work/log
  counts=$(python3 scripts/test/count.py "$kind" "$result" 2>/dev/null) || counts="0 0"
  read -r good bad <<<"$counts"
  # A runner that fails without a failed test, or counts nothing, has failed itself.
  if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$good" = 0 ]; }; then bad=1; fi
  passed=$((passed + good))
  failed=$((failed + bad))
  [ "$bad" = 0 ] || failures+=("$name ($bad)")
  echo "   $good passed, $bad failed ($((SECONDS - since)) s)"
}

cargo_tests() {
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --no-fail-fast --status-level fail --final-status-level none --show-progress none
  else
    cargo test --workspace --all-targets --no-fail-fast
  fi
}

licences() {
  cargo metadata --format-version 1 --locked --filter-platform "$(rustc -vV | sed -n 's/^host: //p')" |
    python3 scripts/test/licences.py deny.toml
}

web() { npm --prefix web run --silent "$@"; }

web_packages() {
  [ web/node_modules/.package-lock.json -nt web/package-lock.json ] ||
    npm --prefix web ci --no-audit --no-fund --loglevel=error
}

# The programs as the Rust tests have built them. Cargo builds most crates once more for every other choice of packages,
# because their features differ then.
programs() { cargo build --quiet --workspace --bins --test openapi; }

web_api_types() {
  programs && "$CARGO_TARGET_DIR/debug/playhouse" openapi >"$work/openapi.json" && web check:types "$work/openapi.json"
}

web_size() { (cd web && npx vite build --logLevel warn --emptyOutDir --outDir "$work/web" && npm run --silent size "$work/web"); }

tools() {
  need_rust && need_node && need ffmpeg ffmpeg && need openssl openssl && need curl curl && need lftp lftp && need python3 python3 && need unzip unzip && need 7z p7zip-full && need faketime faketime &&
    need chromium chromium && { postgres_bin >/dev/null || apt_install postgresql; } &&
    { python3 -c 'import ensurepip' 2>/dev/null || apt_install python3-venv; }
}

step "tools" tools || exit 1
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}

check "rust format" cargo fmt --all --check
check "rust licences" licences
check "web packages" web_packages
check "rust lint" cargo clippy --workspace --all-targets --quiet -- -D warnings
suite "rust tests on SQLite" cargo - env -u PLAYHOUSE_TEST_POSTGRES bash -c "$(declare -f cargo_tests); cargo_tests"
check "rust documentation" env RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --workspace --no-deps --quiet --document-private-items
check "rust examples in documentation" cargo test --workspace --doc --quiet
if wanted "rust tests on PostgreSQL" && step "PostgreSQL starts" start_postgres; then
  suite "rust tests on PostgreSQL" cargo - cargo_tests
  stop_postgres
fi

check "web format" web format:check
check "web lint" web lint
check "web types" web check
check "web API types" web_api_types
check "web size" web_size
suite "web unit tests" vitest "$work/web.json" web test -- --reporter=default --reporter=json --outputFile.json="$work/web.json"
. scripts/test/live.sh
. scripts/test/webdav.sh
