# Sourced by scripts/test.sh: tests of a running house, from outside.

# The document says what each call takes and answers; Schemathesis tries to prove it wrong.
schemathesis_venv=$CARGO_TARGET_DIR/schemathesis-4.32.5

install_schemathesis() {
  "$schemathesis_venv/bin/schemathesis" --version >/dev/null 2>&1 && return
  # One that was moved, or made for another Python, does not run.
  rm -rf "$schemathesis_venv"
  python3 -m venv "$schemathesis_venv" &&
    "$schemathesis_venv/bin/pip" install --quiet --disable-pip-version-check schemathesis==4.32.5
}

# conformance NAME TOKEN
conformance() {
  PLAYHOUSE_FILM=$free_film "$schemathesis_venv/bin/schemathesis" --config-file tests/conformance/schemathesis.toml \
    run "$house_url/api/v1/openapi.json" --header "Authorization: Bearer $2" --continue-on-failure \
    --report junit --report-junit-path "$work/$1.xml"
}

# web/e2e/README.md says what it expects.
browser() {
  (cd web && PLAYHOUSE_URL=$house_url PLAYHOUSE_ADMIN="admin:$(password_of admin)" \
    PLAYHOUSE_ADMIN_CLI=$CARGO_TARGET_DIR/debug/playhouse-admin \
    PLAYHOUSE_PUBLISH=$publish_command PLAYHOUSE_RESTART=$restart_command CHROMIUM=$(command -v chromium) \
    SHOTS=${SHOTS:-$work/shots} npm run --silent e2e -- --reporter=default --reporter=json --outputFile.json="$work/e2e.json")
}

if (wanted "browser tests" || wanted "conformance") &&
  step "the programs" programs &&
  step "a demo house" start_house PLAYHOUSE__WEBHOOKS__ALLOW_PRIVATE_ADDRESSES=true; then
  suite "browser tests" vitest "$work/e2e.json" browser
  check "conformance tool" install_schemathesis &&
    suite "conformance as admin" junit "$work/admin.xml" conformance admin "$admin_token" &&
    suite "conformance as member" junit "$work/member.xml" conformance member "$member_token"
  step "the demo house stops" stop_house
fi
