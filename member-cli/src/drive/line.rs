//! A line of the shell, cut into words.
//!
//! Spaces separate words. Single and double quotes hold a word together, a backslash takes the
//! next character as it is. Wildcards stay what they are in quotes too: a name that exists as it
//! is written is meant before any pattern.

/// Why a line cannot be cut.
pub(crate) const UNCLOSED: &str = "a quote is not closed";

/// The words of a line.
pub(crate) fn split(line: &str) -> Result<Vec<String>, &'static str> {
    let (words, quote) = cut(line);
    if quote.is_some() {
        return Err(UNCLOSED);
    }
    Ok(words.into_iter().map(|word| word.text).collect())
}

/// A word, and where in the line it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) start: usize,
}

/// The word that ends the line, for completion: the words before it, and itself (empty after a
/// space).
pub(crate) fn last(line: &str) -> (Vec<String>, Word) {
    let (mut words, quote) = cut(line);
    let ends = quote.is_none() && line.ends_with(' ') && !line.ends_with("\\ ");
    let last = match words.pop() {
        Some(word) if !ends => word,
        other => {
            words.extend(other);
            Word {
                text: String::new(),
                start: line.len(),
            }
        }
    };
    (words.into_iter().map(|word| word.text).collect(), last)
}

/// How a word is written so that it reads back as it is.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !matches!(c, '\'' | '"' | '\\');
    let mut text = String::new();
    for c in word.chars() {
        if !plain(c) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

fn cut(line: &str) -> (Vec<Word>, Option<char>) {
    let mut words: Vec<Word> = Vec::new();
    let mut inside = false;
    let mut quote = None;
    let mut characters = line.char_indices();
    while let Some((at, c)) = characters.next() {
        if quote.is_none() && c.is_whitespace() {
            inside = false;
            continue;
        }
        if !inside {
            inside = true;
            words.push(Word {
                text: String::new(),
                start: at,
            });
        }
        let Some(word) = words.last_mut() else {
            continue;
        };
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None | Some('"'), '\\') => word.text.extend(characters.next().map(|(_, c)| c)),
            _ => word.text.push(c),
        }
    }
    (words, quote)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_hold_words_together() {
        for (line, words) in [
            ("", &[][..]),
            ("  get  a ", &["get", "a"]),
            ("get 'a b'\"c d\"", &["get", "a bc d"]),
            (r"get a\ b \'", &["get", "a b", "'"]),
            ("put '' x", &["put", "", "x"]),
            (r#"get "a\"b" 'a\b'"#, &["get", "a\"b", r"a\b"]),
            ("get 霸王\u{3000}别姬", &["get", "霸王", "别姬"]),
        ] {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
        assert_eq!(split("get 'a"), Err(UNCLOSED));
    }

    #[test]
    fn the_last_word_is_the_one_that_is_being_typed() {
        let text = |line: &str| {
            let (before, word) = last(line);
            (before.len(), word.text, word.start)
        };
        assert_eq!(text("ge"), (0, "ge".to_owned(), 0));
        assert_eq!(text("get "), (1, String::new(), 4));
        assert_eq!(text("get a\\ b"), (1, "a b".to_owned(), 4));
        assert_eq!(text("get 'a b"), (1, "a b".to_owned(), 4));
        assert_eq!(text("get a\\ "), (1, "a ".to_owned(), 4));
    }

    proptest! {
        #[test]
        fn what_is_quoted_reads_back(word in "\\PC{1,30}") {
            let line = format!("get {}", quoted(&word));
            prop_assert_eq!(split(&line).unwrap(), vec!["get".to_owned(), word]);
        }

        #[test]
        fn no_line_panics(line in any::<String>()) {
            let _ = split(&line);
            let (_, word) = last(&line);
            prop_assert!(line.is_char_boundary(word.start));
        }
    }
}
