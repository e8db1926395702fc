//! What is typed: at a prompt that keeps the line while others speak, or line by line from a pipe.

use std::io::{BufRead as _, IsTerminal as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{
    Cmd, ConditionalEventHandler, Config, Editor, Event, EventContext, EventHandler,
    ExternalPrinter, Helper, KeyCode, KeyEvent, Modifiers, Movement, RepeatCount,
};
use tokio::sync::mpsc;

use super::words;

/// Lines that may wait to be read.
const WAITING: usize = 64;
/// Of a line from a pipe; a longer one is no message.
const LONGEST: u64 = 64 * 1024;
/// How often somebody who types is said to be writing.
const TYPING_EVERY: Duration = Duration::from_secs(3);

/// What somebody did.
#[derive(Debug)]
pub(super) enum Input {
    Line(String),
    /// The line at the prompt grows.
    Typing,
    End,
    Failed(anyhow::Error),
}

/// Whether there is somebody at a terminal, on both sides, that can draw a line anew.
pub(super) fn is_at_terminal() -> bool {
    let kind = std::env::var("TERM").unwrap_or_default();
    let draws = !matches!(kind.as_str(), "" | "dumb" | "cons25" | "emacs");
    draws && std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// The lines of stdin, by a thread that ends with the process.
pub(super) fn from_pipe() -> mpsc::Receiver<Input> {
    let (inputs, received) = mpsc::channel(WAITING);
    std::thread::spawn(move || {
        loop {
            let input = read_line();
            let is_last = !matches!(input, Input::Line(_));
            if inputs.blocking_send(input).is_err() || is_last {
                return;
            }
        }
    });
    received
}

fn read_line() -> Input {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let read = std::io::stdin()
        .lock()
        .take(LONGEST)
        .read_until(b'\n', &mut bytes);
    match read {
        Ok(0) => Input::End,
        Ok(_) => {
            let text = String::from_utf8_lossy(&bytes);
            Input::Line(text.trim_end_matches(['\n', '\r']).to_owned())
        }
        Err(error) => Input::Failed(error.into()),
    }
}

/// Puts the terminal back as it was, however the program ends. The prompt does so itself only when it ends.
pub(super) struct Restored(Termios);

impl Restored {
    pub(super) fn remember() -> anyhow::Result<Self> {
        let modes = tcgetattr(std::io::stdin()).context("cannot read the terminal's modes")?;
        Ok(Self(modes))
    }
}

impl Drop for Restored {
    fn drop(&mut self) {
        // Ends bracketed paste, and leaves the line of the prompt empty.
        let _ = playhouse_cli_support::output::print("\u{1b}[?2004l\r\u{1b}[2K\u{1b}[1A");
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Drain, &self.0);
    }
}

/// The prompt, by a thread that ends with the process; and what prints above it.
pub(super) fn at_terminal(
    prompt: String,
) -> anyhow::Result<(mpsc::Receiver<Input>, impl ExternalPrinter + Send + use<>)> {
    let (inputs, received) = mpsc::channel(WAITING);
    let config = Config::builder().auto_add_history(false).build();
    let mut editor = Editor::<Keys, MemHistory>::with_history(config, MemHistory::new())?;
    editor.set_helper(Some(Keys::new(inputs.clone())));
    for key in [
        KeyEvent(KeyCode::Enter, Modifiers::NONE),
        KeyEvent(KeyCode::Char('J'), Modifiers::CTRL),
    ] {
        let said = Said(inputs.clone());
        editor.bind_sequence(key, EventHandler::Conditional(Box::new(said)));
    }
    let printer = editor.create_external_printer()?;
    std::thread::spawn(move || {
        let last = edit(&mut editor, &prompt);
        // The other side may have ended first.
        let _ = inputs.blocking_send(last);
    });
    Ok((received, printer))
}

/// Stays at the prompt until it is left. Lines that are said do not end it: they are taken by [`Said`].
fn edit(editor: &mut Editor<Keys, MemHistory>, prompt: &str) -> Input {
    loop {
        match editor.readline(prompt) {
            Ok(_) | Err(ReadlineError::Eof) => return Input::End,
            // Ctrl-C: the line is forgotten.
            Err(ReadlineError::Interrupted) => {}
            Err(error) => return Input::Failed(error.into()),
        }
    }
}

/// The key that says a line: it takes the line out of the prompt, which stays.
struct Said(mpsc::Sender<Input>);

impl ConditionalEventHandler for Said {
    fn handle(
        &self,
        _: &Event,
        _: RepeatCount,
        _: bool,
        context: &EventContext<'_>,
    ) -> Option<Cmd> {
        let line = context.line();
        if words::leaves(line) {
            return Some(Cmd::AcceptLine);
        }
        match self.0.try_send(Input::Line(line.to_owned())) {
            Ok(()) => Some(Cmd::Kill(Movement::WholeBuffer)),
            // Too much waits: the line stays where it is.
            Err(_) => Some(Cmd::Noop),
        }
    }
}

/// Notes that somebody types, and completes commands.
struct Keys {
    inputs: mpsc::Sender<Input>,
    told: Mutex<Option<Instant>>,
}

impl Keys {
    fn new(inputs: mpsc::Sender<Input>) -> Self {
        Self {
            inputs,
            told: Mutex::new(None),
        }
    }
}

impl Helper for Keys {}
impl Highlighter for Keys {}
impl Validator for Keys {}

impl Hinter for Keys {
    type Hint = String;

    /// Shows nothing; it is asked after each key.
    fn hint(&self, line: &str, _: usize, _: &rustyline::Context<'_>) -> Option<String> {
        if line.trim().is_empty() || line.starts_with('/') {
            return None;
        }
        let mut told = self.told.lock().ok()?;
        if told.is_none_or(|at| at.elapsed() >= TYPING_EVERY) {
            *told = Some(Instant::now());
            // When much waits this is the least of it.
            let _ = self.inputs.try_send(Input::Typing);
        }
        None
    }
}

impl Completer for Keys {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let begun = line.get(..position).unwrap_or_default();
        let is_command = begun.starts_with('/') && !begun.contains(char::is_whitespace);
        let fitting = words::WORDS
            .iter()
            .filter(|word| is_command && word.starts_with(begun));
        let pairs = fitting.map(|word| Pair {
            display: (*word).to_owned(),
            replacement: format!("{word} "),
        });
        Ok((0, pairs.collect()))
    }
}
