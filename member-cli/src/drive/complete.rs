//! The tab key: words, paths in the drive, paths here.

use std::fs;
use std::path::Path;
use std::time::Duration;

use playhouse_api::client::Client;
use playhouse_api::drive::{EntryKind, EntryQuery};
use playhouse_api::page::MAX_LIMIT;
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};
use tokio::runtime::Handle;

use super::here::Here;
use super::line::{self, quoted};
use super::shell::words;

/// A larger folder is completed from its first pages only.
const PAGES: usize = 5;
/// Nobody waits longer for a tab.
const PATIENCE: Duration = Duration::from_secs(3);

/// Completes the last word of a line.
pub(crate) struct Complete {
    client: Client,
    here: Here,
    runtime: Handle,
}

/// A name that fits, and whether more can follow it.
type Candidate = (String, bool);

impl Complete {
    pub(crate) fn new(client: Client, here: Here, runtime: Handle) -> Self {
        Self {
            client,
            here,
            runtime,
        }
    }

    fn candidates(&self, before: &[String], word: &str) -> Vec<Candidate> {
        match before.first().map(String::as_str) {
            None => fitting(words().into_iter().map(|it| (it, false)), "", word),
            Some("put") => {
                let mut found = local(word);
                // The last word of several is where they go.
                if before.len() > 1 {
                    found.extend(self.remote(word, true));
                }
                found
            }
            Some("get") => {
                let mut found = self.remote(word, false);
                if before.len() > 1 {
                    found.extend(local(word));
                }
                found
            }
            Some("cd" | "mkdir") => self.remote(word, true),
            Some("dir" | "ls" | "del" | "rm" | "mv" | "cp") => self.remote(word, false),
            Some("help") => fitting(words().into_iter().map(|it| (it, false)), "", word),
            Some(_) => Vec::new(),
        }
    }

    fn remote(&self, word: &str, only_folders: bool) -> Vec<Candidate> {
        let (folder, name) = split(word);
        let path = self.here.remote().resolve(folder).to_string();
        let listing = tokio::time::timeout(PATIENCE, self.list(path, only_folders));
        // Not reachable or not there: then nothing is completed.
        let entries = self
            .runtime
            .block_on(async { listing.await.unwrap_or_default() });
        fitting(entries, folder, name)
    }

    async fn list(&self, path: String, only_folders: bool) -> Vec<Candidate> {
        let mut query = EntryQuery {
            path: Some(path),
            limit: Some(MAX_LIMIT),
            ..EntryQuery::default()
        };
        let mut found = Vec::new();
        for _ in 0..PAGES {
            let Ok(page) = self.client.list_entries(&query).await else {
                break;
            };
            let entries = page.items.into_iter();
            found.extend(
                entries
                    .map(|it| (it.name, it.kind == EntryKind::Folder))
                    .filter(|(_, is_folder)| *is_folder || !only_folders),
            );
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        found
    }
}

fn local(word: &str) -> Vec<Candidate> {
    let (folder, name) = split(word);
    let path = if folder.is_empty() { "." } else { folder };
    let entries = fs::read_dir(Path::new(path))
        .into_iter()
        .flatten()
        .flatten();
    let named = entries.filter_map(|entry| {
        let is_folder = entry.path().is_dir();
        Some((entry.file_name().into_string().ok()?, is_folder))
    });
    fitting(named, folder, name)
}

/// The folder of a word, with its slash, and the name that is begun.
fn split(word: &str) -> (&str, &str) {
    let at = word.rfind('/').map_or(0, |at| at + 1);
    word.split_at(at)
}

/// Those that go on from `name`, each with the folder before it. What the terminal would not show
/// as it is, is not offered.
fn fitting(
    entries: impl IntoIterator<Item = Candidate>,
    folder: &str,
    name: &str,
) -> Vec<Candidate> {
    let hidden = name.starts_with('.');
    let mut found: Vec<Candidate> = entries
        .into_iter()
        .filter(|(it, _)| it.starts_with(name) && (hidden || !it.starts_with('.')))
        .filter(|(it, _)| playhouse_cli_support::output::printable(it) == *it)
        .map(|(it, is_folder)| (format!("{folder}{it}"), is_folder))
        .collect();
    found.sort();
    found
}

impl Completer for Complete {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (before, word) = line::last(line.get(..at).unwrap_or(line));
        let candidates = self.candidates(&before, &word.text);
        let alone = candidates.len() == 1;
        let pair = |(text, is_folder): Candidate| {
            let end = if is_folder { "/" } else { "" };
            let space = if alone && !is_folder { " " } else { "" };
            let (_, name) = split(&text);
            Pair {
                display: format!("{name}{end}"),
                replacement: format!("{}{end}{space}", quoted(&text)),
            }
        };
        Ok((word.start, candidates.into_iter().map(pair).collect()))
    }
}

impl Hinter for Complete {
    type Hint = String;
}
impl Highlighter for Complete {}
impl Validator for Complete {}
impl Helper for Complete {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_with_their_folder() {
        let entries = || {
            ["Papers", "Pictures", ".hidden", "a\u{1b}b"]
                .map(|it| (it.to_owned(), true))
                .into_iter()
        };
        let names = |folder, name| -> Vec<String> {
            fitting(entries(), folder, name)
                .into_iter()
                .map(|it| it.0)
                .collect()
        };
        assert_eq!(names("/x/", "Pa"), ["/x/Papers"]);
        assert_eq!(names("", ""), ["Papers", "Pictures"]);
        assert_eq!(names("", ".h"), [".hidden"]);
        assert!(names("", "a").is_empty());
    }
}
