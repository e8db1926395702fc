//! PATCH bodies: "leave it", "set it" and "clear it" are three different things.
//!
//! A field that cannot be cleared is an `Option<T>`: absent (or null) leaves it. A field that can
//! be cleared is an `Option<Option<T>>` with `#[serde(with = "patch::nullable")]`: absent leaves
//! it (`None`), null clears it (`Some(None)`), a value sets it (`Some(Some(v))`).

/// Serde for `Option<Option<T>>`. The field also needs
/// `#[serde(default, skip_serializing_if = "Option::is_none")]`.
pub mod nullable {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Reads a present field: null is `Some(None)`.
    pub fn deserialize<'de, T, D>(from: D) -> Result<Option<Option<T>>, D::Error>
    where
        T: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Option::<T>::deserialize(from).map(Some)
    }

    /// Writes `Some(None)` as null.
    pub fn serialize<T, S>(field: &Option<Option<T>>, to: S) -> Result<S::Ok, S::Error>
    where
        T: Serialize,
        S: Serializer,
    {
        field.as_ref().and_then(Option::as_ref).serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Changes {
        #[serde(
            default,
            with = "super::nullable",
            skip_serializing_if = "Option::is_none"
        )]
        quota: Option<Option<i64>>,
    }

    #[test]
    fn absent_null_and_value_are_told_apart_both_ways() {
        for (text, quota) in [
            ("{}", None),
            (r#"{"quota":null}"#, Some(None)),
            (r#"{"quota":7}"#, Some(Some(7))),
        ] {
            let changes = Changes { quota };
            assert_eq!(serde_json::from_str::<Changes>(text).unwrap(), changes);
            assert_eq!(serde_json::to_string(&changes).unwrap(), text);
        }
    }

    #[test]
    fn a_wrong_type_is_refused() {
        assert!(serde_json::from_str::<Changes>(r#"{"quota":"much"}"#).is_err());
    }
}
