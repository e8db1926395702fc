//! `Upload-Metadata`: what a client says about its file, read within bounds.
//!
//! The file's name is shown to people and offered to downloads; no path is ever made of it. The path in a drive is for
//! the drive to judge.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use playhouse_api::problem::{FieldCode, FieldProblem};
use playhouse_api::uploads::{OnConflict, Purpose, metadata};

use super::destination::Target;
use super::model::Error;

/// The longest header, in bytes.
const MAX_HEADER: usize = 8192;
/// The most pairs; those that mean nothing here are kept and given back.
const MAX_PAIRS: usize = 32;
/// The longest name in bytes: what common file systems take.
const MAX_NAME: usize = 255;
/// An extension up to this length survives the cut.
const MAX_EXTENSION: usize = 16;

/// What is known of a file before it arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub purpose: Purpose,
    pub file_name: String,
    pub content_type: String,
    /// The header as it was sent.
    pub raw: String,
    /// Where in the drive it shall be.
    pub target: Option<Target>,
    /// The file that it is a part of, and where in it.
    pub part: Option<(String, i64)>,
}

impl Metadata {
    /// Reads the header.
    ///
    /// # Errors
    /// [`Error::Malformed`] for what is not of the protocol, [`Error::Invalid`] for values.
    pub(super) fn parse(raw: &str) -> Result<Self, Error> {
        if raw.len() > MAX_HEADER {
            let detail = format!("Upload-Metadata has at most {MAX_HEADER} bytes.");
            return Err(invalid("Upload-Metadata", FieldCode::TooLong, &detail));
        }
        let pairs = pairs(raw)?;
        let find = |key| {
            let found = pairs.iter().find(|(name, _)| *name == key);
            found.map(|(_, value)| value.as_str())
        };
        let purpose = find(metadata::PURPOSE).ok_or_else(|| {
            let detail = "Upload-Metadata says the purpose: movie or drive.";
            invalid(metadata::PURPOSE, FieldCode::Required, detail)
        })?;
        let purpose = Purpose::parse(purpose).ok_or_else(|| {
            let detail = "The purpose is movie or drive.";
            invalid(metadata::PURPOSE, FieldCode::Unknown, detail)
        })?;
        let path = find(metadata::PATH);
        let name = find(metadata::FILENAME).or(path).unwrap_or_default();
        let file_name = display_name(name);
        let target = path
            .map(|path| {
                let (rule, time) = (find(metadata::ON_CONFLICT), find(metadata::MODIFIED_AT));
                target(path, rule, time)
            })
            .transpose()?;
        Ok(Self {
            purpose,
            content_type: content_type(find(metadata::FILETYPE), &file_name),
            file_name,
            raw: raw.to_owned(),
            target,
            part: part(find(metadata::PART_OF), find(metadata::PART_OFFSET))?,
        })
    }

    /// A file for a place in the drive that comes without this header.
    pub(super) fn of_target(purpose: Purpose, target: Target, said: Option<&str>) -> Self {
        let file_name = display_name(&target.path);
        Self {
            purpose,
            content_type: content_type(said, &file_name),
            file_name,
            raw: String::new(),
            target: Some(target),
            part: None,
        }
    }

    /// What a client says of a target alone: `path`, `on_conflict`, `modified_at`.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse).
    pub(super) fn parse_target(raw: &str) -> Result<Target, Error> {
        let raw = raw.get(..MAX_HEADER.min(raw.len())).unwrap_or_default();
        let pairs = pairs(raw)?;
        let find = |key| {
            let found = pairs.iter().find(|(name, _)| *name == key);
            found.map(|(_, value)| value.as_str())
        };
        let path = find(metadata::PATH).ok_or_else(no_path)?;
        target(
            path,
            find(metadata::ON_CONFLICT),
            find(metadata::MODIFIED_AT),
        )
    }
}

/// A file for the drive has a place there.
pub(super) fn no_path() -> Error {
    let detail = "Upload-Metadata says the path in the drive.";
    invalid(metadata::PATH, FieldCode::Required, detail)
}

fn target(path: &str, rule: Option<&str>, time: Option<&str>) -> Result<Target, Error> {
    let on_conflict = rule.map_or(Some(OnConflict::default()), OnConflict::parse);
    let on_conflict = on_conflict.ok_or_else(|| {
        let detail = "When the name is taken: fail, replace or rename.";
        invalid(metadata::ON_CONFLICT, FieldCode::Unknown, detail)
    })?;
    let modified_at = time
        .map(|it| chrono::DateTime::parse_from_rfc3339(it).map(|it| it.naive_utc()))
        .transpose()
        .map_err(|_| {
            let detail = "The time is as in 2026-11-21T18:30:00Z.";
            invalid(metadata::MODIFIED_AT, FieldCode::InvalidFormat, detail)
        })?;
    Ok(Target {
        path: path.to_owned(),
        on_conflict,
        modified_at: modified_at.map(to_microseconds),
        if_match: None,
    })
}

/// What both databases keep of a time.
fn to_microseconds(time: chrono::NaiveDateTime) -> chrono::NaiveDateTime {
    use chrono::SubsecRound as _;
    time.trunc_subsecs(6)
}

/// The two keys of a part that is written straight into place; both or none.
fn part(file: Option<&str>, offset: Option<&str>) -> Result<Option<(String, i64)>, Error> {
    let (file, offset) = match (file, offset) {
        (None, None) => return Ok(None),
        (Some(file), Some(offset)) => (file, offset),
        _ => {
            let detail = "part_of and part_offset come together.";
            return Err(invalid(metadata::PART_OF, FieldCode::Required, detail));
        }
    };
    let file = uuid::Uuid::parse_str(file).map_err(|_| {
        let detail = "part_of is a UUID that the client made for the whole file.";
        invalid(metadata::PART_OF, FieldCode::InvalidFormat, detail)
    })?;
    let is_number = !offset.is_empty() && offset.bytes().all(|it| it.is_ascii_digit());
    match offset.parse() {
        Ok(offset) if is_number => Ok(Some((file.to_string(), offset))),
        _ => {
            let detail = "part_offset is a whole number from 0.";
            let field = metadata::PART_OFFSET;
            Err(invalid(field, FieldCode::InvalidFormat, detail))
        }
    }
}

fn invalid(field: &str, code: FieldCode, detail: &str) -> Error {
    Error::Invalid(vec![FieldProblem::new(field, code, detail)])
}

/// Keys and decoded values. A key may stand without a value.
fn pairs(raw: &str) -> Result<Vec<(&str, String)>, Error> {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for pair in raw.split(',').map(str::trim).filter(|it| !it.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim()).ok();
        let value = value.and_then(|bytes| String::from_utf8(bytes).ok());
        let value = value.ok_or(Error::Malformed(
            "The values of Upload-Metadata are UTF-8 in base64.",
        ))?;
        if pairs.iter().any(|(other, _)| *other == key) || pairs.len() == MAX_PAIRS {
            return Err(Error::Malformed(
                "Upload-Metadata has each key once, and at most 32 of them.",
            ));
        }
        pairs.push((key, value));
    }
    Ok(pairs)
}

/// A name that is safe to show: one line, read in one direction, without folders, at most 255 bytes.
fn display_name(said: &str) -> String {
    let last = said.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|it| !is_hidden(*it)).collect();
    let clean = clean.trim();
    if clean.is_empty() || clean.chars().all(|it| it == '.') {
        return "upload".to_owned();
    }
    cut(clean)
}

/// Controls, line separators, marks that turn the reading direction around, and what has no width.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Cuts a name to its length between two characters; a short extension stays.
fn cut(name: &str) -> String {
    if name.len() <= MAX_NAME {
        return name.to_owned();
    }
    let extension = name
        .rfind('.')
        .and_then(|dot| name.get(dot..))
        .filter(|it| it.len() <= MAX_EXTENSION)
        .unwrap_or_default();
    let room = MAX_NAME - extension.len();
    let end = name
        .char_indices()
        .map(|(at, char)| at + char.len_utf8())
        .take_while(|end| *end <= room)
        .last()
        .unwrap_or(0);
    let stem = name.get(..end).unwrap_or_default();
    format!("{}{extension}", stem.trim_end())
}

/// What the client says, if it has the shape of a media type; else what the name suggests.
fn content_type(said: Option<&str>, file_name: &str) -> String {
    let said = said.map(|it| {
        it.split(';')
            .next()
            .unwrap_or(it)
            .trim()
            .to_ascii_lowercase()
    });
    match said {
        Some(said) if is_media_type(&said) => said,
        _ => mime_guess::from_path(file_name)
            .first_or_octet_stream()
            .essence_str()
            .to_owned(),
    }
}

fn is_media_type(text: &str) -> bool {
    let is_token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&it))
    };
    text.len() <= 127
        && text
            .split_once('/')
            .is_some_and(|(kind, rest)| is_token(kind) && is_token(rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header(pairs: &[(&str, &str)]) -> String {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| format!("{key} {}", STANDARD.encode(value)))
            .collect();
        pairs.join(",")
    }

    #[test]
    fn what_a_client_says_is_read() {
        let raw = header(&[
            ("filename", "影片.mp4"),
            ("purpose", "movie"),
            ("relativePath", "x"),
        ]);
        let read = Metadata::parse(&raw).unwrap();
        assert_eq!(read.purpose, Purpose::Movie);
        assert_eq!(read.file_name, "影片.mp4");
        assert_eq!(read.content_type, "video/mp4");
        assert_eq!(read.raw, raw);
        let typed = header(&[("purpose", "movie"), ("filetype", "Video/WebM; codecs=vp9")]);
        assert_eq!(Metadata::parse(&typed).unwrap().content_type, "video/webm");
        let odd = header(&[("purpose", "movie"), ("filetype", "text/html\r\nX: y")]);
        let odd = Metadata::parse(&odd).unwrap();
        assert_eq!(odd.content_type, "application/octet-stream");
        assert_eq!(odd.file_name, "upload");
        assert!(Metadata::parse(&format!("{raw},is_private")).is_ok());
    }

    #[test]
    fn what_is_not_metadata_is_refused() {
        let malformed = [
            "filename %%%",
            "purpose bW92aWU=,purpose bW92aWU=",
            "a /w==",
        ];
        for raw in malformed {
            let refused = Metadata::parse(raw);
            assert!(matches!(refused, Err(Error::Malformed(_))), "{raw}");
        }
        let many: Vec<_> = (0..40).map(|it| format!("k{it}")).collect();
        let invalid = [
            String::new(),
            header(&[("filename", "a")]),
            header(&[("purpose", "Movie")]),
            "x".repeat(9000),
        ];
        for raw in invalid {
            let refused = Metadata::parse(&raw);
            assert!(matches!(refused, Err(Error::Invalid(_))), "{raw}");
        }
        assert!(matches!(
            Metadata::parse(&many.join(",")),
            Err(Error::Malformed(_))
        ));
    }

    #[test]
    fn names_lose_what_could_mislead() {
        for (said, shown) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Films\\a.mp4", "a.mp4"),
            ("a\0b\r\nSet-Cookie: x.mp4", "abSet-Cookie: x.mp4"),
            ("evil\u{202e}4pm.exe", "evil4pm.exe"),
            ("\u{feff}a\u{2028}b", "ab"),
            ("..", "upload"),
            ("/", "upload"),
            ("  ", "upload"),
            (" Nosferatu (1922).mkv ", "Nosferatu (1922).mkv"),
        ] {
            assert_eq!(display_name(said), shown, "{said:?}");
        }
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        let long = format!("{}.mp4", "影".repeat(300));
        let shown = display_name(&long);
        assert_eq!(shown, format!("{}.mp4", "影".repeat(83)));
        assert_eq!(display_name(&"a".repeat(300)), "a".repeat(255));
    }

    proptest! {
        #[test]
        fn every_name_is_safe_and_stays_so(said in "\\PC{0,400}|.{0,400}") {
            let shown = display_name(&said);
            prop_assert!(!shown.is_empty() && shown.len() <= MAX_NAME);
            prop_assert!(!shown.contains(['/', '\\', '\0', '\r', '\n']));
            prop_assert!(!shown.chars().any(is_hidden));
            prop_assert_eq!(display_name(&shown), shown);
        }

        #[test]
        fn any_header_is_read_or_refused(raw in "\\PC{0,200}") {
            let _ = Metadata::parse(&raw);
        }
    }
}
