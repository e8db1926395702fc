//! Signatures as Standard Webhooks has them: HMAC-SHA256 over `id.timestamp.body`, with a key for each webhook.
//!
//! The key must sign, so it is kept as it is and not as a hash; nothing shows it but its making.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use hmac::{Hmac, Mac};
use playhouse_api::secret::Secret;
use rand::Rng as _;
use sha2::Sha256;

/// What the text of a key begins with.
const MARK: &str = "whsec_";

/// The key of a webhook. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, diesel::AsExpression, diesel::FromSqlRow)]
#[diesel(sql_type = Text)]
pub(super) struct Key(String);

impl Key {
    pub(super) fn generate() -> Self {
        let bytes: [u8; 32] = rand::rng().random();
        Self(format!("{MARK}{}", STANDARD.encode(bytes)))
    }

    /// The text that a receiver is given.
    pub(super) fn to_secret(&self) -> Secret {
        Secret::new(self.0.as_str())
    }

    /// The value of `webhook-signature`.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let text = self.0.strip_prefix(MARK).unwrap_or(&self.0);
        let key = STANDARD.decode(text).unwrap_or_default();
        let sum = Hmac::<Sha256>::new_from_slice(&key).map(|mut mac| {
            mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
            mac.finalize().into_bytes()
        });
        // A key of any length is good for HMAC.
        let sum = sum.unwrap_or_default();
        format!("v1,{}", STANDARD.encode(sum))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

impl<DB: Backend> ToSql<Text, DB> for Key
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_str().to_sql(out)
    }
}

impl<DB: Backend> FromSql<Text, DB> for Key
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(bytes).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python: `hmac.new(base64.b64decode(key), b"msg_1.1614265330.{}", "sha256")`.
    #[test]
    fn a_signature_is_that_of_the_convention() {
        let key = Key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let signature = key.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn keys_are_long_and_hidden() {
        let (one, other) = (Key::generate(), Key::generate());
        assert_ne!(one, other);
        let text = one.to_secret().into_inner();
        let bytes = STANDARD.decode(text.strip_prefix(MARK).unwrap()).unwrap();
        assert_eq!(bytes.len(), 32);
        assert!(!format!("{one:?}").contains(&text[MARK.len()..]));
    }
}
