//! Voucher codes: `XXXX-XXXX-XXXX-XXXX` in Crockford's base 32, 80 random bits.
//!
//! People type them from paper, so case, spaces and dashes do not matter, O stands for 0, and I and L for 1. Only the
//! hash of a code is kept: with 80 random bits nobody can search for it.

use rand::RngCore as _;
use sha2::{Digest as _, Sha256};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 16;
/// What a person may have typed around the letters.
const MAX_TYPED: usize = 100;

/// A new code, as it is shown.
pub(super) fn generate() -> String {
    let mut bytes = [0_u8; LENGTH];
    rand::rng().fill_bytes(&mut bytes);
    let letters = bytes.map(|byte| {
        ALPHABET
            .get(usize::from(byte % 32))
            .copied()
            .unwrap_or(b'0')
    });
    let groups: Vec<_> = letters
        .chunks(4)
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    groups.join("-")
}

/// The sixteen letters of what somebody typed; none when it cannot be a code.
fn normalise(typed: &str) -> Option<String> {
    if typed.len() > MAX_TYPED {
        return None;
    }
    let letters: String = typed
        .chars()
        .filter(|it| !it.is_whitespace() && !matches!(it, '-' | '\u{2010}'..='\u{2015}'))
        .map(|it| match it.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let is_code = letters.len() == LENGTH && letters.bytes().all(|it| ALPHABET.contains(&it));
    is_code.then_some(letters)
}

/// What is kept of a code; none when what was typed cannot be one.
pub(super) fn hash(typed: &str) -> Option<String> {
    let letters = normalise(typed)?;
    Some(format!("{:x}", Sha256::digest(letters.as_bytes())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_have_their_shape_and_differ() {
        let codes: std::collections::HashSet<_> = (0..1000).map(|_| generate()).collect();
        assert_eq!(codes.len(), 1000);
        for code in codes {
            let groups: Vec<_> = code.split('-').collect();
            assert_eq!(groups.len(), 4, "{code}");
            assert!(groups.iter().all(|it| it.len() == 4), "{code}");
            assert_eq!(hash(&code).unwrap().len(), 64);
        }
    }

    #[test]
    fn every_letter_is_used_about_as_often() {
        let mut counts = std::collections::BTreeMap::new();
        for letter in (0..2000)
            .flat_map(|_| generate().into_bytes())
            .filter(|it| *it != b'-')
        {
            *counts.entry(letter).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 32);
        assert!(
            counts.values().all(|count| (700..1300).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn what_people_type_is_understood() {
        let wanted = hash("0123-4567-89AB-1XYZ");
        assert!(wanted.is_some());
        for typed in [
            "0123456789ab1xyz",
            " o123 4567 89aB lxyz\n",
            "OI23–4567–89AB–iXYZ",
        ] {
            assert_eq!(hash(typed), wanted, "{typed}");
        }
        for typed in [
            "",
            "0123-4567-89AB-1XY",
            "0123-4567-89AB-1XYZ0",
            "U123-4567-89AB-1XYZ",
            "é123456789ab1xy",
        ] {
            assert_eq!(hash(typed), None, "{typed}");
        }
        assert_eq!(hash(&" ".repeat(100_000)), None);
    }

    proptest! {
        #[test]
        fn case_spaces_and_dashes_never_matter(noise in proptest::collection::vec(("[ \\t\\-]{0,3}", any::<bool>()), 19)) {
            let code = generate();
            let typed: String = code
                .chars()
                .zip(&noise)
                .map(|(letter, (space, is_small))| {
                    let letter = if *is_small { letter.to_ascii_lowercase() } else { letter };
                    format!("{space}{letter}")
                })
                .collect();
            prop_assert_eq!(hash(&typed), hash(&code));
        }
    }
}
