//! Wildcards in names: `*`, `?` and `[a-z]`, `[!0-9]`.
//!
//! They never match a `/`, and, as in a shell, none at the beginning matches a dot.

/// Whether a word has a wildcard in it.
pub(crate) fn is_pattern(word: &str) -> bool {
    word.contains(['*', '?', '['])
}

/// Whether a name is one that the pattern means. Time grows with the product of both lengths at
/// worst.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    if name.first() == Some(&'.') && pattern.first() != Some(&'.') {
        return false;
    }
    matches_rest(&pattern, &name)
}

/// Goes on after the last `*` whenever the text behind it does not fit.
fn matches_rest(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, n));
            p += 1;
        } else if let Some(used) = one(pattern.get(p..).unwrap_or_default(), name[n]) {
            p += used;
            n += 1;
        } else if let Some((after, from)) = star {
            star = Some((after, from + 1));
            p = after;
            n = from + 1;
        } else {
            return false;
        }
    }
    pattern
        .get(p..)
        .unwrap_or_default()
        .iter()
        .all(|&c| c == '*')
}

/// How much of the pattern one character uses, if it fits.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => match class(pattern, c) {
            Some((used, fits)) => fits.then_some(used),
            // Without its end it is a bracket.
            None => (c == '[').then_some(1),
        },
        &literal => (literal == c).then_some(1),
    }
}

/// A class in brackets: how long it is, and whether the character is in it.
fn class(pattern: &[char], c: char) -> Option<(usize, bool)> {
    let negated = matches!(pattern.get(1), Some('!' | '^'));
    let first = if negated { 2 } else { 1 };
    // A bracket in the first place is a member.
    let length = pattern.get(first + 1..)?.iter().position(|&it| it == ']')? + 1;
    let members = pattern.get(first..first + length)?;
    let mut at = 0;
    let mut found = false;
    while let Some(&from) = members.get(at) {
        let to = match (members.get(at + 1), members.get(at + 2)) {
            (Some('-'), Some(&to)) => {
                at += 2;
                to
            }
            _ => from,
        };
        found |= (from..=to).contains(&c);
        at += 1;
    }
    Some((first + length + 1, found != negated))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wildcards_match_as_in_a_shell() {
        for (pattern, name) in [
            ("*", "a"),
            ("*.pdf", "a.pdf"),
            ("*.pdf", "a.b.pdf"),
            ("a*b*c", "aXbXbc"),
            ("?", "影"),
            ("[a-c]x", "bx"),
            ("[!a-c]x", "dx"),
            ("[]]", "]"),
            ("[x", "[x"),
            (".*", ".hidden"),
            ("a[1-3][!4]", "a25"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*", ".hidden"),
            ("?hidden", ".hidden"),
            ("*.pdf", "a.pdf2"),
            ("?", ""),
            ("?", "ab"),
            ("[a-c]x", "dx"),
            ("[!a-c]x", "ax"),
            ("a", "A"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "*a".repeat(200);
        assert!(!matches(&pattern, &"b".repeat(10_000)));
    }

    proptest! {
        #[test]
        fn nothing_panics_and_a_name_matches_itself(pattern in any::<String>(), name in "[^*?\\[]{0,20}") {
            matches(&pattern, &name);
            prop_assert!(matches(&name, &name));
        }
    }
}
