//! The paths that a source file names, resolved to their root.
//!
//! Not a compiler: names that come in through a glob, or out of a macro's body in another file, are not seen.

use std::collections::HashMap;

type Path = Vec<String>;

/// Every path of a file, with `super`, `self` and the file's own `use ... as` followed.
pub(crate) fn named_in(text: &str, module: &[String]) -> Vec<Path> {
    let words = without_tests(&words(text));
    let mut found = Vec::new();
    let mut aliases: HashMap<String, Path> = HashMap::new();
    let mut at = 0;
    while at < words.len() {
        if words[at] == "use" && words.get(at + 1).is_some_and(|next| next == "<") {
            // `impl Trait + use<'a>` says what is captured; it names no path.
            at += 2;
        } else if words[at] == "use" {
            at += 1;
            let mut named = Vec::new();
            use_tree(&words, &mut at, &[], &mut named);
            for (name, path) in named {
                let path = resolved(path, module);
                aliases.insert(name, path.clone());
                found.push(path);
            }
        } else if is_name(&words[at]) {
            let path = whole_path(&words, &mut at);
            let path = match aliases.get(&path[0]) {
                Some(start) => [start, &path[1..]].concat(),
                None => resolved(path, module),
            };
            if path.len() > 1 {
                found.push(path);
            }
        } else {
            at += 1;
        }
    }
    found
}

/// `a::b::c` from `at`, which ends behind it.
fn whole_path(words: &[String], at: &mut usize) -> Path {
    let mut path = vec![words[*at].clone()];
    *at += 1;
    while let [colons, name, ..] = &words[*at..]
        && colons == "::"
        && is_name(name)
    {
        path.push(name.clone());
        *at += 2;
    }
    path
}

/// A use tree from `at`, which ends behind it: each path with the name that it gets.
fn use_tree(words: &[String], at: &mut usize, start: &[String], named: &mut Vec<(String, Path)>) {
    let mut path = start.to_vec();
    while let Some(word) = words.get(*at) {
        *at += 1;
        match word.as_str() {
            "::" => {}
            "{" => {
                while words
                    .get(*at)
                    .is_some_and(|word| word != "}" && word != ";")
                {
                    use_tree(words, at, &path, named);
                    if words.get(*at).is_some_and(|word| word == ",") {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            "self" if !path.is_empty() => {}
            "as" => {
                named.push((words[*at].clone(), path));
                *at += 1;
                return;
            }
            "," | "}" | ";" => {
                *at -= 1;
                break;
            }
            name => path.push(name.to_owned()),
        }
    }
    let name = path.last().cloned().unwrap_or_default();
    named.push((name, path));
}

/// Follows a leading `self` and each leading `super`.
fn resolved(path: Path, module: &[String]) -> Path {
    let ups = path.iter().take_while(|it| *it == "super").count();
    match path.first().map(String::as_str) {
        Some("self") => [module, &path[1..]].concat(),
        Some("super") => {
            let above = module.len().saturating_sub(ups).max(1);
            [&module[..above], &path[ups..]].concat()
        }
        _ => path,
    }
}

/// Leaves out `#[cfg(test)] mod name { ... }`.
fn without_tests(words: &[String]) -> Vec<String> {
    let mark = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];
    let mut kept = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let begins = mark
            .iter()
            .enumerate()
            .all(|(i, it)| words.get(at + i).is_some_and(|word| word == it));
        if !begins
            || words
                .get(at + mark.len() + 1)
                .is_none_or(|word| word != "{")
        {
            kept.push(words[at].clone());
            at += 1;
            continue;
        }
        at += mark.len() + 2;
        let mut depth = 1;
        while depth > 0 && at < words.len() {
            depth += match words[at].as_str() {
                "{" => 1,
                "}" => -1,
                _ => 0,
            };
            at += 1;
        }
    }
    kept
}

fn is_name(word: &str) -> bool {
    word.starts_with(|it: char| it.is_alphabetic() || it == '_')
}

/// Names, `::` and single signs; comments, strings and characters are left out.
fn words(text: &str) -> Vec<String> {
    let text: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let length = match rest {
            ['/', '/', ..] => rest.iter().take_while(|it| **it != '\n').count(),
            ['/', '*', ..] => length_until(rest, 2, &['*', '/']),
            ['r', '"', ..] | ['r', '#', ..] if raw_string(rest).is_some() => {
                raw_string(rest).unwrap()
            }
            ['"', ..] => string(rest),
            ['\'', '\\', ..] => 3 + rest[3..].iter().take_while(|it| **it != '\'').count() + 1,
            ['\'', _, '\'', ..] => 3,
            [':', ':', ..] => {
                found.push("::".to_owned());
                2
            }
            [first, ..] if first.is_alphanumeric() || *first == '_' => {
                let name: String = rest
                    .iter()
                    .take_while(|it| it.is_alphanumeric() || **it == '_')
                    .collect();
                let length = name.chars().count();
                found.push(name);
                length
            }
            [sign, ..] => {
                if !sign.is_whitespace() {
                    found.push(sign.to_string());
                }
                1
            }
            [] => break,
        };
        at += length;
    }
    found
}

/// The length up to and with `end`, looked for behind the first `skip`.
fn length_until(text: &[char], skip: usize, end: &[char]) -> usize {
    let found = (skip..text.len()).find(|at| text[*at..].starts_with(end));
    found.map_or(text.len(), |at| at + end.len())
}

fn string(text: &[char]) -> usize {
    let mut at = 1;
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// `r"..."`, `r#"..."#`; none for a raw name such as `r#type`.
fn raw_string(text: &[char]) -> Option<usize> {
    let hashes = text[1..].iter().take_while(|it| **it == '#').count();
    if text.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let end: Vec<char> = std::iter::once('"')
        .chain(std::iter::repeat_n('#', hashes))
        .collect();
    Some(length_until(text, 2 + hashes, &end))
}
