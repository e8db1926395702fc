//! The prompt: a line, its word, the next line.
//!
//! On a terminal lines are edited, kept in a history and completed with the tab key. From a pipe
//! they are read as they come, so a session can be a script: a word that fails is reported, the
//! next one is done, and the exit code at the end is that of the failures.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser as _};
use playhouse_cli_support::{Code, Failure, Session, exit, output};
use rustyline::config::{Builder, CompletionType};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Config, Editor};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::complete::Complete;
use super::here::Here;
use super::words::{Line, Word};
use super::{line, run_word};

const HISTORY: &str = "drive-history";
const HISTORY_LINES: usize = 1000;

/// What the user has done.
enum Input {
    Line(String),
    /// Ctrl-C: the line is forgotten.
    Nothing,
    End,
}

/// Opens the shell and stays until `exit`.
pub(crate) async fn run(session: &Session) -> anyhow::Result<()> {
    let here = Here::default();
    let codes = if std::io::stdin().is_terminal() {
        at_terminal(session, &here).await?;
        Vec::new()
    } else {
        from_pipe(session, &here).await?
    };
    let Some(code) = exit::joint(&codes) else {
        return Ok(());
    };
    let words = if codes.len() == 1 { "word" } else { "words" };
    let message = format!("{} {words} failed", codes.len());
    Err(Failure::new(code, message).into())
}

async fn at_terminal(session: &Session, here: &Here) -> anyhow::Result<()> {
    let mut editor = editor(session, here)?;
    let history = session.config.path(HISTORY);
    if let Err(error) = editor.load_history(&history)
        && history.exists()
    {
        eprintln!("warning: cannot read the history: {error}");
    }
    session.note("Your drive. `help` lists the words, `exit` leaves.");
    loop {
        let prompt = format!("{}> ", output::printable(&here.remote().to_string()));
        let (back, input) = spawn_blocking(move || {
            let input = read(&mut editor, &prompt);
            (editor, input)
        })
        .await?;
        editor = back;
        match input? {
            Input::End => break,
            Input::Nothing => {}
            Input::Line(text) => {
                if !text.trim().is_empty() {
                    editor.add_history_entry(&text)?;
                }
                if do_line(session, here, &text).await.is_none() {
                    break;
                }
            }
        }
    }
    session.config.prepare()?;
    editor
        .save_history(&history)
        .context("cannot keep the history")
}

fn editor(session: &Session, here: &Here) -> anyhow::Result<Editor<Complete, FileHistory>> {
    let config: Config = Builder::new()
        .max_history_size(HISTORY_LINES)?
        .completion_type(CompletionType::List)
        .build();
    let mut editor = Editor::with_config(config)?;
    let client = session.client.clone();
    editor.set_helper(Some(Complete::new(client, here.clone(), Handle::current())));
    Ok(editor)
}

fn read(editor: &mut Editor<Complete, FileHistory>, prompt: &str) -> anyhow::Result<Input> {
    match editor.readline(prompt) {
        Ok(line) => Ok(Input::Line(line)),
        Err(ReadlineError::Interrupted) => Ok(Input::Nothing),
        Err(ReadlineError::Eof) => Ok(Input::End),
        Err(error) => Err(error.into()),
    }
}

async fn from_pipe(session: &Session, here: &Here) -> anyhow::Result<Vec<Code>> {
    let mut codes = Vec::new();
    loop {
        let mut text = String::new();
        if std::io::stdin().lock().read_line(&mut text)? == 0 {
            return Ok(codes);
        }
        match do_line(session, here, &text).await {
            None => return Ok(codes),
            Some(code) => codes.extend(code),
        }
        if codes.last() == Some(&Code::Interrupted) {
            return Ok(codes);
        }
    }
}

/// Does a line: none to leave, else the code if it failed.
async fn do_line(session: &Session, here: &Here, text: &str) -> Option<Option<Code>> {
    let word = match parse(text.trim_start_matches('\u{feff}')) {
        Ok(Some(Word::Exit)) => return None,
        Ok(Some(word)) => word,
        Ok(None) => return Some(None),
        Err(error) => return Some(Some(report(session, &error))),
    };
    match run_word(session, here, word).await {
        Ok(()) => Some(None),
        Err(error) => Some(Some(report(session, &error))),
    }
}

fn report(session: &Session, error: &anyhow::Error) -> Code {
    exit::tell(&session.program, error, session.output.json);
    (session.program.code_of)(error)
}

/// The word of a line, or none: an empty line, a comment, a question that is answered.
fn parse(text: &str) -> anyhow::Result<Option<Word>> {
    let words = line::split(text.trim()).map_err(Failure::usage)?;
    if words.first().is_none_or(|word| word.starts_with('#')) {
        return Ok(None);
    }
    match Line::try_parse_from(&words) {
        Ok(line) => Ok(Some(line.word)),
        Err(error) if error.use_stderr() => {
            let text = error.to_string();
            let text = text.trim_end().trim_start_matches("error: ");
            // Of clap's lines the first says what is wrong; the others are about this program.
            let first = text.lines().next().unwrap_or("what is that?");
            Err(Failure::usage(format!("{first}; see `help`")).into())
        }
        Err(answer) => {
            output::print(&answer.to_string())?;
            Ok(None)
        }
    }
}

/// The words themselves, for completion.
pub(super) fn words() -> Vec<String> {
    let command = Line::command();
    let mut words: Vec<String> = command
        .get_subcommands()
        .flat_map(|it| {
            let aliases = it.get_visible_aliases().map(str::to_owned);
            std::iter::once(it.get_name().to_owned()).chain(aliases)
        })
        .collect();
    words.push("help".to_owned());
    words.sort();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_words_comments_or_errors() {
        assert!(matches!(parse("  ls 'a b' "), Ok(Some(Word::Dir(_)))));
        assert!(matches!(parse("exit"), Ok(Some(Word::Exit))));
        assert!(matches!(parse("# note"), Ok(None)));
        assert!(matches!(parse(""), Ok(None)));
        for wrong in ["fly", "get", "get 'a", "mv a", "cd a b"] {
            let error = parse(wrong).unwrap_err();
            assert_eq!(exit::code_of(&error), Code::Usage, "{wrong}");
        }
    }

    #[test]
    fn every_word_of_the_help_is_completed() {
        let words = words();
        for word in "dir ls sp cd pwd mkdir get put del mv cp help exit".split(' ') {
            assert!(words.iter().any(|it| it == word), "{word}");
        }
    }
}
