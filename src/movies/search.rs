//! Cuts text into the words that a search compares, the same way for both databases.
//!
//! Text is brought to NFKC and lower case. A run of letters and digits is one word, and a search finds every word that
//! begins with it. Scripts that are written without spaces are cut into single characters and pairs, so that any part
//! of a title is found. What a filter needs (tags, the category, the price) is kept as words as well, marked with a
//! character that text never yields, so that every combination is one look into one index.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

/// Characters of a word that count.
const MAX_WORD: usize = 48;

/// Words of a query that count.
const MAX_TERMS: usize = 16;

/// A private-use character begins the words that stand for facts.
const MARK: char = '\u{e000}';

/// What a search asks of the index; all of it must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Words of which the index holds one that begins so.
    beginnings: Vec<String>,
    /// Words that the index holds as they are.
    exact: Vec<String>,
    /// A word that the index must not hold.
    without: Option<String>,
}

impl Terms {
    /// The terms of what somebody typed.
    #[must_use]
    pub fn of(typed: &str) -> Self {
        let mut terms = Self::default();
        for run in runs(typed) {
            match run {
                Run::Word(word) => terms.beginnings.push(word),
                Run::Dense(chars) if chars.len() == 1 => terms.exact.extend(singles(&chars)),
                Run::Dense(chars) => terms.exact.extend(pairs(&chars)),
            }
        }
        terms.beginnings.truncate(MAX_TERMS);
        terms.exact.truncate(MAX_TERMS);
        terms
    }

    pub(super) fn require(&mut self, fact: Fact<'_>) {
        self.exact.push(fact.word());
    }

    pub(super) fn exclude(&mut self, fact: Fact<'_>) {
        self.without = Some(fact.word());
    }

    /// Whether there is nothing to look for; `without` alone asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.beginnings.is_empty() && self.exact.is_empty()
    }

    /// The query in the language of SQLite's FTS5. A word holds no quotes, so quoting it is enough.
    #[must_use]
    pub fn fts5(&self) -> String {
        let beginnings = self.beginnings.iter().map(|word| format!("\"{word}\"*"));
        let exact = self.exact.iter().map(|word| format!("\"{word}\""));
        let wanted = beginnings.chain(exact).collect::<Vec<_>>().join(" AND ");
        match &self.without {
            Some(word) => format!("({wanted}) NOT \"{word}\""),
            None => wanted,
        }
    }

    /// The query as text of PostgreSQL's `tsquery`. A word holds no quotes, so quoting it is enough.
    #[must_use]
    pub fn tsquery(&self) -> String {
        let beginnings = self.beginnings.iter().map(|word| format!("'{word}':*"));
        let exact = self.exact.iter().map(|word| format!("'{word}'"));
        let without = self.without.iter().map(|word| format!("!'{word}'"));
        let all: Vec<_> = beginnings.chain(exact).chain(without).collect();
        all.join(" & ")
    }
}

/// The words that an index keeps of a text, each once.
#[must_use]
pub fn words_of_text(text: &str) -> Vec<String> {
    let mut words = BTreeSet::new();
    index_words(text, &mut words);
    words.into_iter().collect()
}

/// The words that the index keeps of a text.
fn index_words(text: &str, words: &mut BTreeSet<String>) {
    for run in runs(text) {
        match run {
            Run::Word(word) => {
                words.insert(word);
            }
            Run::Dense(chars) => words.extend(singles(&chars).chain(pairs(&chars))),
        }
    }
}

/// What a filter can ask of a film besides its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact<'a> {
    Tag(&'a str),
    Category(&'a str),
    Free,
    Paid,
    /// In the trash, or not published.
    Unlisted,
}

impl Fact<'_> {
    /// The word that stands for it in the index.
    pub(super) fn word(self) -> String {
        match self {
            Self::Tag(tag) => marked('t', tag),
            Self::Category(category) => marked('c', category),
            Self::Free => marked('f', ""),
            Self::Paid => marked('p', ""),
            Self::Unlisted => marked('u', ""),
        }
    }
}

/// All words that the index keeps of a film.
pub(super) fn words_of<'a>(
    texts: impl IntoIterator<Item = &'a str>,
    tags: &'a [String],
    facts: impl IntoIterator<Item = Fact<'a>>,
) -> Vec<String> {
    let mut words = BTreeSet::new();
    texts
        .into_iter()
        .chain(tags.iter().map(String::as_str))
        .for_each(|text| index_words(text, &mut words));
    words.extend(tags.iter().map(|tag| Fact::Tag(tag).word()));
    words.extend(facts.into_iter().map(Fact::word));
    words.into_iter().collect()
}

/// How titles are compared when they are sorted.
pub fn sort_key(title: &str) -> String {
    folded(title)
}

fn marked(kind: char, value: &str) -> String {
    if value.is_empty() {
        return format!("{MARK}{kind}");
    }
    let hash = blake3::hash(value.as_bytes()).to_hex();
    let short = hash.get(..20).unwrap_or_default();
    format!("{MARK}{kind}{short}")
}

enum Run {
    Word(String),
    /// Of a script without spaces.
    Dense(Vec<char>),
}

fn singles(chars: &[char]) -> impl Iterator<Item = String> {
    chars.iter().map(ToString::to_string)
}

fn pairs(chars: &[char]) -> impl Iterator<Item = String> {
    chars.windows(2).map(|pair| pair.iter().collect())
}

/// Without the differences that a search does not know: NFKC, in lower case.
fn folded(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.nfkc().flat_map(char::to_lowercase).collect(),
    }
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut is_inside = false;
    for c in folded(text).chars() {
        if !c.is_alphanumeric() {
            is_inside = false;
            continue;
        }
        match (runs.last_mut(), is_dense(c)) {
            (Some(Run::Dense(chars)), true) if is_inside => chars.push(c),
            (Some(Run::Word(word)), false) if is_inside => {
                if word.chars().count() < MAX_WORD {
                    word.push(c);
                }
            }
            (_, true) => runs.push(Run::Dense(vec![c])),
            (_, false) => runs.push(Run::Word(c.to_string())),
        }
        is_inside = true;
    }
    runs
}

/// Han, Kana, Hangul, Bopomofo, Thai, Lao, Khmer and Burmese: scripts whose words have no spaces between them, or
/// whose words are too often joined for spaces to help.
fn is_dense(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1100..=0x11ff | 0x1780..=0x17ff | 0x2e80..=0x2fdf
        | 0x3005..=0x3007 | 0x3021..=0x3029 | 0x3040..=0x318f | 0x31a0..=0x31bf | 0x31f0..=0x31ff
        | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xa960..=0xa97f | 0xac00..=0xd7ff | 0xf900..=0xfaff
        | 0x1b000..=0x1b16f | 0x20000..=0x323af)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = BTreeSet::new();
        index_words(text, &mut words);
        words.into_iter().collect()
    }

    #[test]
    fn latin_words_stay_whole_and_dense_scripts_are_cut() {
        assert_eq!(
            words("The Night-Train, №2"),
            ["night", "no2", "the", "train"]
        );
        assert_eq!(
            words("大话西游"),
            ["大", "大话", "游", "西", "西游", "话", "话西"]
        );
        assert_eq!(words("ＡＢＣ 4K电影"), ["4k", "abc", "影", "电", "电影"]);
        assert_eq!(words("Ünï"), ["ünï"]);
    }

    #[test]
    fn a_query_asks_for_beginnings_and_for_pairs() {
        let terms = Terms::of("night 大话西游 游");
        assert_eq!(
            terms.fts5(),
            "\"night\"* AND \"大话\" AND \"话西\" AND \"西游\" AND \"游\""
        );
        assert_eq!(
            terms.tsquery(),
            "'night':* & '大话' & '话西' & '西游' & '游'"
        );
        let mut terms = Terms::of("a");
        terms.exclude(Fact::Unlisted);
        assert!(terms.fts5().starts_with("(\"a\"*) NOT \"\u{e000}u"));
        assert!(Terms::of(" -*\"'!").is_empty());
    }

    proptest! {
        #[test]
        fn no_input_breaks_out_of_its_quotes(typed in "\\PC{0,40}|[\"'\\\\*:&|!() A-Z\\x00-\\x20大]{0,40}") {
            let terms = Terms::of(&typed);
            for word in terms.beginnings.iter().chain(&terms.exact) {
                prop_assert!(!word.is_empty());
                prop_assert!(word.chars().all(char::is_alphanumeric), "{word:?}");
            }
        }

        #[test]
        fn any_part_of_a_dense_title_is_found(title in "[\u{4e00}-\u{4e40}]{1,12}", from in 0usize..12, length in 1usize..6) {
            let chars: Vec<char> = title.chars().collect();
            let part: String = chars.iter().skip(from.min(chars.len() - 1)).take(length).collect();
            let kept: BTreeSet<String> = words(&title).into_iter().collect();
            prop_assert!(Terms::of(&part).exact.iter().all(|term| kept.contains(term)));
        }
    }
}
