//! Languages of tracks: the codes that files have, the tags that the web has, and their names in themselves.

/// Languages by the codes of ISO 639-2 that files have, and their names in themselves.
const LANGUAGES: [(&str, &str, &str); 24] = [
    ("ara", "ar", "العربية"),
    ("chi", "zh", "中文"),
    ("zho", "zh", "中文"),
    ("cze", "cs", "Čeština"),
    ("ces", "cs", "Čeština"),
    ("dan", "da", "Dansk"),
    ("dut", "nl", "Nederlands"),
    ("nld", "nl", "Nederlands"),
    ("eng", "en", "English"),
    ("fin", "fi", "Suomi"),
    ("fre", "fr", "Français"),
    ("fra", "fr", "Français"),
    ("ger", "de", "Deutsch"),
    ("deu", "de", "Deutsch"),
    ("ita", "it", "Italiano"),
    ("jpn", "ja", "日本語"),
    ("kor", "ko", "한국어"),
    ("nor", "no", "Norsk"),
    ("pol", "pl", "Polski"),
    ("por", "pt", "Português"),
    ("rus", "ru", "Русский"),
    ("spa", "es", "Español"),
    ("swe", "sv", "Svenska"),
    ("ukr", "uk", "Українська"),
];

/// A tag of BCP 47, simple ones only, with the language itself in small letters.
pub(super) fn check(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let is_first =
        (2..=3).contains(&first.len()) && first.bytes().all(|it| it.is_ascii_alphabetic());
    let is_part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_alphanumeric())
    };
    if !is_first || text.len() > 35 || !parts.all(is_part) {
        return None;
    }
    let rest = text.get(first.len()..).unwrap_or_default();
    Some(format!("{}{rest}", first.to_ascii_lowercase()))
}

/// The tag of what a file says of a track; none when it does not know, or says what is no language.
pub(super) fn tag_of(said: Option<&str>) -> Option<String> {
    let said = said?.to_ascii_lowercase();
    match LANGUAGES.iter().find(|(code, _, _)| *code == said) {
        Some((_, tag, _)) => Some((*tag).to_owned()),
        None => check(&said).filter(|tag| tag != "und"),
    }
}

/// The code of a tag in files.
pub(super) fn code_of(tag: Option<&str>) -> &str {
    let first = tag.and_then(|tag| tag.split('-').next()).unwrap_or("und");
    let known = LANGUAGES.iter().find(|(_, short, _)| *short == first);
    known.map_or(first, |(code, _, _)| *code)
}

/// The name of a language in itself, or its tag.
pub(super) fn name_of(tag: &str) -> String {
    let first = tag.split('-').next().unwrap_or_default();
    let known = LANGUAGES.iter().find(|(_, short, _)| *short == first);
    match known {
        Some((_, short, name)) if *short == tag => (*name).to_owned(),
        Some((_, _, name)) => format!("{name} ({tag})"),
        None => tag.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_tags() {
        for (text, tag) in [
            ("en", "en"),
            ("DE", "de"),
            ("zh-Hans", "zh-Hans"),
            ("de-CH-1996", "de-CH-1996"),
        ] {
            assert_eq!(check(text).as_deref(), Some(tag));
        }
        for wrong in [
            "",
            "e",
            "engl",
            "en_US",
            "en-",
            "../en",
            "en-toolongpart",
            "1n",
        ] {
            assert_eq!(check(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn codes_of_files_are_read_and_written() {
        for (code, tag) in [
            ("ger", "de"),
            ("deu", "de"),
            ("GER", "de"),
            ("en", "en"),
            ("tlh", "tlh"),
        ] {
            assert_eq!(tag_of(Some(code)).as_deref(), Some(tag), "{code}");
        }
        for nothing in [None, Some("und"), Some("../x"), Some("")] {
            assert_eq!(tag_of(nothing), None, "{nothing:?}");
        }
        assert_eq!(
            ["de", "zh-Hans", "tlh"].map(|tag| code_of(Some(tag))),
            ["ger", "chi", "tlh"]
        );
        assert_eq!(code_of(None), "und");
        assert_eq!(name_of("zh-Hans"), "中文 (zh-Hans)");
    }
}
