//! The name of a blob: the BLAKE3 hash of its bytes, in lower-case hex.
//!
//! A value of this type is safe to build a path from.

use std::fmt;
use std::str::FromStr;

/// 64 lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobHash(String);

/// The text is not a BLAKE3 hash in lower-case hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a BLAKE3 hash in lower-case hex")]
pub struct NotABlobHash;

impl BlobHash {
    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<blake3::Hash> for BlobHash {
    fn from(hash: blake3::Hash) -> BlobHash {
        BlobHash(hash.to_hex().to_string())
    }
}

impl FromStr for BlobHash {
    type Err = NotABlobHash;

    fn from_str(text: &str) -> Result<BlobHash, NotABlobHash> {
        let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() == 64 && text.bytes().all(is_hex) {
            Ok(BlobHash(text.to_owned()))
        } else {
            Err(NotABlobHash)
        }
    }
}

impl fmt::Display for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashes_are_names() {
        let hash = blake3::hash(b"x");
        let id = BlobHash::from(hash);
        assert_eq!(id.as_str().parse(), Ok(id.clone()));
        for bad in [
            "",
            "..",
            "/etc/passwd",
            &"g".repeat(64),
            &"A".repeat(64),
            &"a".repeat(65),
        ] {
            assert_eq!(bad.parse::<BlobHash>(), Err(NotABlobHash), "{bad:?}");
        }
    }
}
