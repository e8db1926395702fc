//! Names and paths: the one rule of what a file may be called, whichever way it comes in.
//!
//! A [`Name`] is in NFC, so two spellings of the same letters are one name. It has 1 to 255 bytes; no `/`, `\`, NUL or
//! other control character, no line or paragraph separator, nothing that changes the direction of text; it is neither
//! `.` nor `..`, and white space neither begins nor ends it. So it is one name on every system, fits a header when
//! quoted, and looks like what it is.
//!
//! A [`DrivePath`] begins with `/` and has names between slashes: at most 64 of them and 4096 bytes. Paths are compared
//! name by name, so `/ab` is not below `/a`. Nothing is decoded here: `%2F` in a name is three characters.

use std::fmt;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// Bytes of a name.
pub const MAX_NAME: usize = 255;
/// Bytes of a path.
pub const MAX_PATH: usize = 4096;
/// Names in a path; so deep a tree may be.
pub const MAX_DEPTH: usize = 64;

/// Why something is no name or path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("is empty")]
    Empty,
    #[error("has more than 255 bytes")]
    NameTooLong,
    #[error("has more than 4096 bytes")]
    PathTooLong,
    #[error("has more than 64 folders in each other")]
    TooDeep,
    #[error("is a dot or two dots")]
    Dots,
    #[error(
        "has a character that no name has: a slash, a backslash, a control or formatting character"
    )]
    Character,
    #[error("begins or ends with white space")]
    WhiteSpace,
    #[error("does not begin with a slash")]
    NoRoot,
    #[error("has an empty name between two slashes or at its end")]
    EmptyName,
}

/// What one file or folder is called.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// Brings `text` to NFC and checks it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        // NFC is at most three times as long in UTF-8; much longer text is not worth the work.
        if text.len() > 4 * MAX_NAME {
            return Err(NameError::NameTooLong);
        }
        let name: String = if is_nfc(text) {
            text.to_owned()
        } else {
            text.nfc().collect()
        };
        match () {
            () if name.is_empty() => Err(NameError::Empty),
            () if name.len() > MAX_NAME => Err(NameError::NameTooLong),
            () if name == "." || name == ".." => Err(NameError::Dots),
            () if name.chars().any(is_forbidden) => Err(NameError::Character),
            () if name.trim().len() != name.len() => Err(NameError::WhiteSpace),
            () => Ok(Self(name)),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key by which a folder is sorted and searched: without regard to case.
    #[must_use]
    pub fn sort_key(&self) -> String {
        sort_key(&self.0)
    }

    /// This name with a number: `report (2).pdf`. A name that would grow too long loses the end of its stem.
    #[must_use]
    pub fn numbered(&self, number: u32, has_extension: bool) -> Self {
        let dot = self.0.rfind('.').filter(|at| has_extension && *at > 0);
        let (stem, extension) = self.0.split_at(dot.unwrap_or(self.0.len()));
        // An "extension" that fills the name is no extension.
        let (stem, extension) = if extension.len() > MAX_NAME / 2 {
            (self.0.as_str(), "")
        } else {
            (stem, extension)
        };
        let mark = format!(" ({number})");
        let mut end = stem.len().min(MAX_NAME - mark.len() - extension.len());
        while !stem.is_char_boundary(end) {
            end -= 1;
        }
        let stem = stem.get(..end).unwrap_or_default();
        Self(format!("{stem}{mark}{extension}"))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text as names are sorted and searched.
pub(super) fn sort_key(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

fn is_forbidden(c: char) -> bool {
    let is_separator = matches!(c, '/' | '\\' | '\u{2028}' | '\u{2029}');
    let turns_text = matches!(
        c,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    );
    // A mark of byte order and characters that stand for nothing are invisible, or refused by other systems.
    let is_nothing = matches!(
        c,
        '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}'
    );
    c.is_control() || is_separator || turns_text || is_nothing
}

/// A way from the root of a drive. No name is the root itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DrivePath(Vec<Name>);

impl DrivePath {
    /// Reads `/`, or names with a slash before each.
    ///
    /// # Errors
    /// What is wrong with it, or with one of its names.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.len() > MAX_PATH {
            return Err(NameError::PathTooLong);
        }
        let below = text.strip_prefix('/').ok_or(NameError::NoRoot)?;
        if below.is_empty() {
            return Ok(Self::default());
        }
        let names = below.split('/').map(|name| match Name::parse(name) {
            Err(NameError::Empty) => Err(NameError::EmptyName),
            parsed => parsed,
        });
        Self::of(names.collect::<Result<_, _>>()?)
    }

    /// The path of these names.
    ///
    /// # Errors
    /// When there are too many, or they are too long together.
    pub fn of(names: Vec<Name>) -> Result<Self, NameError> {
        let bytes: usize = names.iter().map(|name| name.0.len() + 1).sum();
        match () {
            () if names.len() > MAX_DEPTH => Err(NameError::TooDeep),
            () if bytes > MAX_PATH => Err(NameError::PathTooLong),
            () => Ok(Self(names)),
        }
    }

    #[must_use]
    pub fn names(&self) -> &[Name] {
        &self.0
    }

    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The folder that it is in, and its name; none for the root.
    #[must_use]
    pub fn split_last(&self) -> Option<(Self, &Name)> {
        let (last, above) = self.0.split_last()?;
        Some((Self(above.to_vec()), last))
    }

    /// The path of `name` in this folder.
    ///
    /// # Errors
    /// When that is too deep or too long.
    pub fn join(&self, name: Name) -> Result<Self, NameError> {
        let mut names = self.0.clone();
        names.push(name);
        Self::of(names)
    }

    /// Whether it is `above` or lies below it.
    #[must_use]
    pub fn starts_with(&self, above: &Self) -> bool {
        self.0.starts_with(&above.0)
    }
}

impl fmt::Display for DrivePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("/");
        }
        self.0.iter().try_for_each(|name| write!(f, "/{name}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostile_names_are_refused() {
        let cases = [
            ("", NameError::Empty),
            (".", NameError::Dots),
            ("..", NameError::Dots),
            ("a/b", NameError::Character),
            ("a\\b", NameError::Character),
            ("a\0b", NameError::Character),
            ("a\r\nSet-Cookie: x", NameError::Character),
            ("a\u{7f}", NameError::Character),
            ("a\u{85}b", NameError::Character),
            ("a\u{2028}b", NameError::Character),
            ("exe\u{202e}fdp.txt", NameError::Character),
            ("a\u{2066}b", NameError::Character),
            ("\u{feff}a", NameError::Character),
            (" a", NameError::WhiteSpace),
            ("a\u{a0}", NameError::WhiteSpace),
            ("\u{3000}", NameError::WhiteSpace),
        ];
        for (text, wanted) in cases {
            assert_eq!(Name::parse(text), Err(wanted), "{text:?}");
        }
        assert_eq!(Name::parse(&"a".repeat(256)), Err(NameError::NameTooLong));
        assert!(Name::parse(&"a".repeat(255)).is_ok());
        assert_eq!(Name::parse(&"é".repeat(128)), Err(NameError::NameTooLong));
        for fine in [
            "...",
            ".hidden",
            "a b",
            "%2e%2e",
            "..%2f",
            "名前",
            "a\u{200d}b",
            "CON",
        ] {
            assert_eq!(Name::parse(fine).unwrap().as_str(), fine);
        }
    }

    #[test]
    fn hostile_paths_are_refused() {
        let cases = [
            ("", NameError::NoRoot),
            ("a", NameError::NoRoot),
            ("../a", NameError::NoRoot),
            ("//", NameError::EmptyName),
            ("/a//b", NameError::EmptyName),
            ("/a/", NameError::EmptyName),
            ("/a/../b", NameError::Dots),
            ("/./a", NameError::Dots),
            ("/a\0", NameError::Character),
            ("/a\\..\\b", NameError::Character),
        ];
        for (text, wanted) in cases {
            assert_eq!(DrivePath::parse(text), Err(wanted), "{text:?}");
        }
        assert!(DrivePath::parse(&"/a".repeat(64)).is_ok());
        assert_eq!(DrivePath::parse(&"/a".repeat(65)), Err(NameError::TooDeep));
        let long = format!("/{}", "a".repeat(255)).repeat(17);
        assert_eq!(DrivePath::parse(&long), Err(NameError::PathTooLong));
    }

    #[test]
    fn a_prefix_ends_at_a_slash() {
        let path = |text| DrivePath::parse(text).unwrap();
        assert!(path("/ab/c").starts_with(&path("/ab")));
        assert!(path("/ab").starts_with(&path("/")));
        assert!(!path("/ab").starts_with(&path("/a")));
        assert!(!path("/a").starts_with(&path("/a/b")));
    }

    #[test]
    fn numbers_go_before_the_extension() {
        let numbered = |name: &str, is_file| Name::parse(name).unwrap().numbered(2, is_file).0;
        assert_eq!(numbered("a.pdf", true), "a (2).pdf");
        assert_eq!(numbered("a.b", false), "a.b (2)");
        assert_eq!(numbered(".profile", true), ".profile (2)");
        assert_eq!(numbered("a", true), "a (2)");
        let long = format!("a.{}", "b".repeat(200));
        assert_eq!(numbered(&long, true), format!("{long} (2)"));
    }

    proptest! {
        #[test]
        fn a_name_is_what_it_became(text in "\\PC{0,40}") {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(Name::parse(name.as_str()).unwrap(), name.clone());
                prop_assert_eq!(name.as_str().nfc().collect::<String>(), name.as_str());
                let decomposed: String = text.nfd().collect();
                if decomposed.len() <= 4 * MAX_NAME {
                    prop_assert_eq!(Name::parse(&decomposed), Ok(name.clone()));
                }
                let path = DrivePath::parse(&format!("/x/{name}")).unwrap();
                prop_assert_eq!(path.to_string(), format!("/x/{name}"));
            }
        }

        #[test]
        fn a_number_never_makes_a_bad_name(text in "[a-zé名. ]{1,90}", number in 2u32..1000, is_file: bool) {
            if let Ok(name) = Name::parse(&text) {
                let numbered = name.numbered(number, is_file);
                prop_assert!(Name::parse(numbered.as_str()).is_ok(), "{numbered:?}");
                prop_assert_ne!(numbered, name);
            }
        }

        #[test]
        fn nothing_that_parses_leaves_the_root(text in "[/.a\\\\%\\x00é]{0,30}") {
            if let Ok(path) = DrivePath::parse(&text) {
                for name in path.names() {
                    prop_assert!(!name.as_str().contains(['/', '\\', '\0']));
                    prop_assert!(name.as_str() != "." && name.as_str() != "..");
                }
                prop_assert_eq!(DrivePath::parse(&path.to_string()).unwrap(), path);
            }
        }
    }
}
