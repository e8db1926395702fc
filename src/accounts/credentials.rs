//! The rules for names, passwords and profiles, and the secrets that stand for a sign-in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use playhouse_api::accounts::{PASSWORD_MIN, USERNAME_MAX, USERNAME_MIN};
use playhouse_api::problem::FieldCode;
use rand::RngCore as _;
use sha2::{Digest, Sha256};

use super::passwords::MAX_BYTES;
use crate::error::FieldChecks;

/// A new secret of 256 bits, in a form that fits a header, a cookie and an address.
pub(super) fn new_token() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What the secret of an access token begins with.
const TOKEN_MARK: &str = "pht_";

/// The secret of a new access token.
pub(super) fn new_access_token() -> String {
    format!("{TOKEN_MARK}{}", new_token())
}

/// Whether a secret has the form of an access token, rather than of a password.
pub(super) fn is_token(secret: &str) -> bool {
    let bits = secret.strip_prefix(TOKEN_MARK);
    bits.is_some_and(|it| it.len() == 43)
}

/// The SHA-256 of a secret. It has 256 random bits, so a plain hash is enough.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Of secrets that people choose: with a key, and so that no two lists of parts are alike.
    pub(super) fn keyed(key: &[u8; 32], parts: &[&str]) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(key);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self(hasher.finalize().into())
    }

    /// As it is kept in the database.
    pub(super) fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

/// What is kept of a secret.
pub(super) fn token_hash(token: &str) -> String {
    Fingerprint::of(token).to_text()
}

pub(super) fn check_username(checks: &mut FieldChecks, username: &str) {
    let is_plain = username
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    checks.require(
        is_plain,
        "username",
        FieldCode::InvalidFormat,
        "A user name has the letters A to Z, digits and underscores.",
    );
    checks.require(
        username.len() >= USERNAME_MIN,
        "username",
        FieldCode::TooShort,
        "A user name has at least 3 characters.",
    );
    checks.require(
        username.len() <= USERNAME_MAX,
        "username",
        FieldCode::TooLong,
        "A user name has at most 32 characters.",
    );
}

pub(super) fn check_password(
    checks: &mut FieldChecks,
    field: &str,
    password: &str,
    username: &str,
) {
    checks.require(
        password.len() >= PASSWORD_MIN,
        field,
        FieldCode::TooShort,
        "A password has at least 8 bytes.",
    );
    checks.require(
        password.len() <= MAX_BYTES,
        field,
        FieldCode::TooLong,
        "A password has at most 72 bytes.",
    );
    checks.require(
        !password.contains('\0'),
        field,
        FieldCode::InvalidFormat,
        "A password has no NUL characters.",
    );
    let is_name = password.eq_ignore_ascii_case(username);
    checks.require(
        !is_name,
        field,
        FieldCode::SameAsUsername,
        "The password must not be the user name.",
    );
}

/// The optional fields of a profile.
pub(super) fn check_profile(checks: &mut FieldChecks, fields: [(&str, Option<&str>); 5]) {
    for (field, value) in fields {
        let Some(value) = value else { continue };
        checks.line(value, field, 200);
        if field == "email" {
            let is_address = value
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
            checks.require(
                is_address,
                field,
                FieldCode::InvalidFormat,
                "An e-mail address reads name@example.org.",
            );
        }
        if field == "locale" {
            let is_tag = value.len() <= 35
                && value.split('-').all(|part| {
                    (1..=8).contains(&part.len())
                        && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
                });
            checks.require(
                is_tag,
                field,
                FieldCode::InvalidFormat,
                "A locale is a tag such as en or zh-Hans.",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(check: impl Fn(&mut FieldChecks)) -> Vec<String> {
        let mut checks = FieldChecks::default();
        check(&mut checks);
        checks
            .finish()
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|it| it.code)
            .collect()
    }

    #[test]
    fn names() {
        for (name, wrong) in [
            ("ann", ""),
            ("A_9", ""),
            ("an", "too_short"),
            ("änn", "invalid_format"),
            ("a b c", "invalid_format"),
        ] {
            assert_eq!(
                codes(|checks| check_username(checks, name)).join(" "),
                wrong,
                "{name}"
            );
        }
        assert_eq!(
            codes(|checks| check_username(checks, &"a".repeat(33))),
            ["too_long"]
        );
    }

    #[test]
    fn passwords() {
        let check = |password: &str| {
            codes(|checks| check_password(checks, "password", password, "ann_of_cleves"))
        };
        assert!(check("open sesame").is_empty());
        assert!(check(&"x".repeat(72)).is_empty());
        assert_eq!(check("short"), ["too_short"]);
        assert_eq!(check(&"x".repeat(73)), ["too_long"]);
        assert_eq!(check("ANN_of_cleves"), ["same_as_username"]);
        assert_eq!(check("open\0sesame"), ["invalid_format"]);
    }

    #[test]
    fn tokens_differ_and_are_kept_as_hashes() {
        let token = new_token();
        assert_eq!(token.len(), 43);
        assert_ne!(token, new_token());
        assert_ne!(token_hash(&token), token);
        assert_eq!(token_hash(&token), token_hash(&token));
    }
}
