# Sourced by scripts/test.sh: tests of a running house, from outside.

# The document says what each call takes and answers; Schemathesis tries to prove it wrong.
schemathesis_venv=$CARGO_TARGET_DIR/schemathesis-4.32.5

install_schemathesis() {
  [ -x "$schemathesis_venv/bin/schemathesis" ] && return
  python3 -m venv "$schemathesis_venv" &&
    "$schemathesis_venv/bin/pip" install --quiet --disable-pip-version-check schemathesis==4.32.5
}

conformance() {
  SCHEMATHESIS_HOOKS=tests.conformance.hooks "$schemathesis_venv/bin/schemathesis" \
    --config-file tests/conformance/schemathesis.toml run "$house_url/api/v1/openapi.json" \
    --header "Authorization: Bearer $2" --report junit --report-junit-path "$work/$1.xml"
}

if wanted "conformance" && check "conformance tool" install_schemathesis; then
  check "conformance house" start_house
  suite "conformance as admin" junit "$work/admin.xml" conformance admin "$admin_token"
  suite "conformance as member" junit "$work/member.xml" conformance member "$member_token"
  check "conformance house stops" stop_house
fi
