//! Names that are safe wherever an archive is unpacked.
//!
//! Keeps true: an entry never leaves the folder it is unpacked in (no `..`, no root, no drive letter, no separator of
//! any system inside a name), and no two entries of a folder have the same name. A name that needs no change keeps its
//! form; two that differ only in case stay as they are, because most systems can tell them apart.

use std::collections::HashSet;

use crate::transfers::disposition::is_hidden;

/// What common file systems take, in bytes.
const MAX_NAME: usize = 255;

/// One component of a path, made safe; never empty.
#[must_use]
pub fn safe(name: &str) -> String {
    let mut safe: String = name
        .chars()
        .filter(|c| !is_hidden(*c))
        .map(|c| if matches!(c, '/' | '\\') { '_' } else { c })
        .collect();
    if has_drive_letter(&safe) {
        safe.replace_range(1..2, "_");
    }
    if safe.chars().all(|c| c == '.' || c.is_whitespace()) {
        safe = "_".repeat(safe.chars().count().clamp(1, 2));
    }
    cut(&mut safe, MAX_NAME);
    safe
}

/// `C:` at the start of a name means a drive where there are drives.
fn has_drive_letter(name: &str) -> bool {
    matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

fn cut(name: &mut String, most: usize) {
    let mut end = name.len().min(most);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
}

/// The names that are taken in one folder of the archive.
#[derive(Debug, Default)]
pub struct Taken(HashSet<String>);

impl Taken {
    /// A safe name for `name` that no other entry has: the name itself, or one with a number before its extension.
    pub fn take(&mut self, name: &str) -> String {
        let safe = safe(name);
        if self.0.insert(safe.clone()) {
            return safe;
        }
        let (stem, extension) = match safe.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
            _ => (safe.as_str(), String::new()),
        };
        let mut number = 2_u64;
        loop {
            let end = format!(" ({number}){extension}");
            let mut candidate = stem.to_owned();
            cut(&mut candidate, MAX_NAME.saturating_sub(end.len()));
            candidate.push_str(&end);
            cut(&mut candidate, MAX_NAME);
            if self.0.insert(candidate.clone()) {
                return candidate;
            }
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_names_become_harmless() {
        for (name, expected) in [
            ("a.txt", "a.txt"),
            ("影 片.mp4", "影 片.mp4"),
            ("..", "__"),
            (".", "_"),
            ("", "_"),
            ("...", "__"),
            (" ", "_"),
            (".hidden", ".hidden"),
            ("../../etc/passwd", ".._.._etc_passwd"),
            ("/etc/passwd", "_etc_passwd"),
            ("C:\\boot.ini", "C__boot.ini"),
            ("c:evil", "c_evil"),
            ("12:30.txt", "12:30.txt"),
            ("a\0b\r\nc", "abc"),
            ("film\u{202e}4pm.exe", "film4pm.exe"),
        ] {
            assert_eq!(safe(name), expected, "{name:?}");
        }
    }

    #[test]
    fn equal_names_get_numbers_before_the_extension() {
        let mut taken = Taken::default();
        assert_eq!(taken.take("a.txt"), "a.txt");
        assert_eq!(taken.take("a.txt"), "a (2).txt");
        assert_eq!(taken.take("a (2).txt"), "a (2) (2).txt");
        assert_eq!(taken.take("a.txt"), "a (3).txt");
        assert_eq!(taken.take(".x"), ".x");
        assert_eq!(taken.take(".x"), ".x (2)");
        let long = "影".repeat(200);
        assert_eq!(taken.take(&long).len(), 255);
        assert!(taken.take(&long).ends_with(" (2)"));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_safe_and_unique(names in prop::collection::vec("[a-cA-C:./\\\\ \u{0}\u{202e}é影]{0,8}|\\PC{0,300}", 0..40)) {
            let mut taken = Taken::default();
            let mut seen = HashSet::new();
            for name in &names {
                let safe = taken.take(name);
                prop_assert!(!safe.is_empty() && safe.len() <= 255);
                prop_assert!(safe != "." && safe != "..");
                prop_assert!(!safe.contains(['/', '\\', '\0']) && !safe.chars().any(char::is_control));
                prop_assert!(!has_drive_letter(&safe));
                prop_assert!(seen.insert(safe));
            }
        }
    }
}
