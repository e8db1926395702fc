//! What texts and names may be, and what a text names: members, films, shares. Pure functions.

use std::collections::BTreeSet;

use playhouse_api::chat::{Link, LinkKind, MAX_BODY, MAX_ROOM_NAME};
use playhouse_api::problem::FieldCode;
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use crate::error::FieldChecks;

/// The most members that one text names with effect.
const MAX_MENTIONS: usize = 50;
/// The most links that one text has listed.
const MAX_LINKS: usize = 20;
const MAX_CLIENT_MSG_ID: usize = 64;
/// Characters of an emoji: a family of four with skin tones has eleven.
const MAX_EMOJI: usize = 16;

/// A message has 1 to 4000 characters, and no control characters but line feeds and tabs.
pub(super) fn check_body(checks: &mut FieldChecks, body: &str) {
    checks.require(
        !body.is_empty(),
        "body",
        FieldCode::Required,
        "body must not be empty.",
    );
    checks.lines(body, "body", MAX_BODY);
}

pub(super) fn check_client_msg_id(checks: &mut FieldChecks, id: &str) {
    checks.required_line(id, "client_msg_id", MAX_CLIENT_MSG_ID);
}

/// The name of a room as it is kept: in NFC, without space around it. 1 to 64 characters, none of them a control
/// character.
pub(super) fn room_name(checks: &mut FieldChecks, name: &str) -> String {
    let name: String = name.trim().nfc().collect();
    checks.required_line(&name, "name", MAX_ROOM_NAME);
    let is_visible = name.chars().any(char::is_alphanumeric);
    checks.require(
        name.is_empty() || is_visible,
        "name",
        FieldCode::InvalidFormat,
        "name has a letter or a digit.",
    );
    name
}

/// What must be unique of a name: neither case nor width of letters nor the amount of space makes a difference.
pub(super) fn name_key(name: &str) -> String {
    let folded: String = name.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An emoji is short, is not plain ASCII, and has no letters, spaces or control characters.
pub(super) fn check_emoji(checks: &mut FieldChecks, emoji: &str) {
    let is_one = (1..=MAX_EMOJI).contains(&emoji.chars().count())
        && !emoji.is_ascii()
        && !emoji
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || c.is_alphabetic() || c == '\u{fffd}')
        && !emoji.contains('<');
    checks.require(
        is_one,
        "emoji",
        FieldCode::InvalidFormat,
        "emoji is one emoji.",
    );
}

/// The user names behind each `@`, folded, each once.
pub(super) fn named(body: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut before = ' ';
    let mut rest = body;
    while let Some(at) = rest.find('@') {
        let (head, tail) = rest.split_at(at);
        before = head.chars().next_back().unwrap_or(before);
        let tail = tail.strip_prefix('@').unwrap_or_default();
        let length = tail
            .bytes()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == b'_')
            .count();
        let (name, behind) = tail.split_at(length);
        if (3..=32).contains(&length) && !before.is_alphanumeric() && before != '_' {
            found.insert(name.to_lowercase());
        }
        before = name.chars().next_back().unwrap_or('@');
        rest = behind;
    }
    found.into_iter().take(MAX_MENTIONS).collect()
}

/// What a text links to in this house: `/movies/{id}` and `/s/{token}`, with or without the house's address before it.
/// Only what it names; whether the reader may see it is asked where it is looked up.
pub(super) fn links(body: &str) -> Vec<Link> {
    let mut found: Vec<Link> = Vec::new();
    for word in body.split(|c: char| c.is_whitespace() || "()<>[]\"',".contains(c)) {
        let Some(link) = link(word) else { continue };
        if !found.contains(&link) && found.len() < MAX_LINKS {
            found.push(link);
        }
    }
    found
}

fn link(word: &str) -> Option<Link> {
    let path = match word.split_once("://") {
        Some(("http" | "https", rest)) => rest.find('/').and_then(|at| rest.get(at..))?,
        Some(_) => return None,
        None => word,
    };
    let path = path.split(['?', '#']).next()?;
    let path = path.trim_end_matches(|c: char| ".!;:".contains(c));
    let mut parts = path.strip_prefix('/')?.split('/');
    let (place, id) = (parts.next()?, parts.next()?);
    match place {
        "movies" => {
            let id = Uuid::try_parse(id).ok()?.to_string();
            Some(Link {
                kind: LinkKind::Movie,
                id,
            })
        }
        "s" => {
            let is_token = (8..=128).contains(&id.len())
                && id
                    .bytes()
                    .all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c));
            is_token.then(|| Link {
                kind: LinkKind::Share,
                id: id.to_owned(),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrong(check: impl FnOnce(&mut FieldChecks)) -> bool {
        let mut checks = FieldChecks::default();
        check(&mut checks);
        checks.finish().is_err()
    }

    #[test]
    fn a_body_is_bounded_in_characters_and_free_of_controls() {
        for good in ["a", " ", "\n\t", "<script>", "\u{202e}abc", "👩‍👩‍👧‍👦"] {
            assert!(!wrong(|it| check_body(it, good)), "{good:?}");
        }
        assert!(!wrong(|it| check_body(it, &"👍".repeat(4000))));
        for bad in ["", "a\u{7}", "a\r\n", "\u{85}", &"a".repeat(4001)] {
            assert!(wrong(|it| check_body(it, bad)), "{bad:?}");
        }
    }

    #[test]
    fn names_that_look_alike_have_one_key() {
        assert_eq!(name_key("Film  Club"), name_key("film club"));
        assert_eq!(name_key("ＦＩＬＭ"), name_key("film"));
        assert_eq!(name_key("e\u{301}"), name_key("É"));
        assert_ne!(name_key("film1"), name_key("film2"));
        let mut checks = FieldChecks::default();
        assert_eq!(room_name(&mut checks, "  Cine\u{301}  "), "Ciné");
        assert!(checks.finish().is_ok());
        for bad in ["", "   ", "a\nb", "...", "\u{200b}", &"a".repeat(65)] {
            assert!(wrong(|it| drop(room_name(it, bad))), "{bad:?}");
        }
    }

    #[test]
    fn an_emoji_is_one() {
        for good in ["👍", "❤️", "👩‍👩‍👧‍👦", "🇨🇳", "1️⃣"] {
            assert!(!wrong(|it| check_emoji(it, good)), "{good}");
        }
        for bad in [
            "",
            "a",
            "1",
            "大",
            "👍 ",
            "<👍>",
            &"👍".repeat(17),
            "👍\n",
            "\u{fffd}",
        ] {
            assert!(wrong(|it| check_emoji(it, bad)), "{bad:?}");
        }
    }

    #[test]
    fn names_behind_an_at_are_found() {
        assert_eq!(
            named("@ann, hi @Bob_1! mail me@example.org @x @@cat @ann"),
            ["ann", "bob_1", "cat"]
        );
        assert!(named(&format!("@{}", "a".repeat(33))).is_empty());
        assert_eq!(named("你好@ann"), Vec::<String>::new());
        assert_eq!(named("你好 @ann"), ["ann"]);
    }

    #[test]
    fn links_into_the_house_are_listed_once() {
        let id = "019a9f6e-0000-7000-8000-000000000000";
        let body = format!(
            "see /movies/{id}, https://house.example/movies/{id}?t=5 and (/s/abcdefgh1234). \
             not /movies/7, ftp://x/movies/{id} or /s/no"
        );
        let found: Vec<_> = links(&body)
            .into_iter()
            .map(|it| (it.kind, it.id))
            .collect();
        assert_eq!(
            found,
            [
                (LinkKind::Movie, id.to_owned()),
                (LinkKind::Share, "abcdefgh1234".to_owned())
            ]
        );
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_readers(body in "\\PC{0,60}|[@/a-z:movies. 大\n]{0,60}") {
            prop_assert!(named(&body).iter().all(|it| (3..=32).contains(&it.len())));
            let _ = links(&body);
            let key = name_key(&body);
            prop_assert_eq!(name_key(&key), key);
        }
    }
}
