//! A string that must not appear in logs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A password, token or voucher code. On the wire it is a plain string; `Debug` hides it and
/// there is no `Display`, so it reaches a log only by calling [`Secret::reveal`].
///
/// Equality is not constant in time: compare hashes when an attacker can measure.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = Password))]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The text itself, by value.
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_text_and_json_is_a_plain_string() {
        let secret = Secret::new("open sesame");
        assert_eq!(format!("{secret:?}"), "Secret(***)");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"open sesame\"");
        let back: Secret = serde_json::from_str("\"open sesame\"").unwrap();
        assert_eq!(back.reveal(), "open sesame");
    }
}
