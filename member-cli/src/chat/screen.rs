//! Where lines go: above the prompt of a terminal, or plainly to stdout.
//!
//! At a terminal one line may stand between what was said and the prompt: who is writing. It is replaced in place. All
//! that is printed passes through [`printable`], line by line; only this module writes to the terminal otherwise.

use std::sync::mpsc::{self, SyncSender};

use playhouse_api::chat::Event;
use playhouse_cli_support::output::{self, printable};
use rustyline::ExternalPrinter;

/// Texts that may wait for the terminal.
const WAITING: usize = 256;
const UP: &str = "\u{1b}[1A";
const CLEAR: &str = "\r\u{1b}[2K";

pub(super) enum Screen {
    /// Above a prompt.
    Prompt(AbovePrompt),
    /// Lines for people, on stdout.
    Plain { is_quiet: bool },
    /// An event a line, for scripts.
    Json { is_quiet: bool },
}

/// Texts on their way to the terminal, and the line above the prompt.
pub(super) struct AbovePrompt {
    /// The printer may wait for the prompt to be drawn; nothing else does.
    texts: SyncSender<String>,
    status: Option<String>,
}

impl Screen {
    /// Prints above a prompt.
    pub(super) fn above(mut printer: impl ExternalPrinter + Send + 'static) -> Self {
        let (texts, queue) = mpsc::sync_channel::<String>(WAITING);
        std::thread::spawn(move || {
            // Ends with the sender, or when the terminal is gone.
            while let Ok(text) = queue.recv() {
                if printer.print(text).is_err() {
                    return;
                }
            }
        });
        Self::Prompt(AbovePrompt {
            texts,
            status: None,
        })
    }

    /// An event of the room, and how it is put into words.
    pub(super) fn event(&mut self, event: &Event, words: &str) -> anyhow::Result<()> {
        match self {
            Self::Json { .. } => Ok(output::print(&serde_json::to_string(event)?)?),
            _ => self.print(words),
        }
    }

    /// Something that was asked for.
    pub(super) fn print(&mut self, text: &str) -> anyhow::Result<()> {
        let text: String = text.lines().map(|line| printable(line) + "\n").collect();
        match self {
            Self::Prompt(above) => above.print(&text, above.status.clone()),
            Self::Plain { .. } => output::print(text.trim_end_matches('\n'))?,
            Self::Json { .. } => eprint!("{text}"),
        }
        Ok(())
    }

    /// Something about the connection or the house, on stderr unless there is a prompt.
    pub(super) fn note(&mut self, text: &str) {
        match self {
            Self::Prompt(above) => {
                let text: String = text
                    .lines()
                    .map(|it| format!("-- {} --\n", printable(it)))
                    .collect();
                above.print(&text, above.status.clone());
            }
            Self::Plain { is_quiet } | Self::Json { is_quiet } => {
                if !*is_quiet {
                    eprintln!("-- {} --", printable(text));
                }
            }
        }
    }

    /// What stands just above the prompt; nowhere else.
    pub(super) fn status(&mut self, status: Option<String>) {
        if let Self::Prompt(above) = self
            && above.status != status
        {
            above.print("", status);
        }
    }
}

impl AbovePrompt {
    fn print(&mut self, text: &str, status: Option<String>) {
        let status = status.map(|it| printable(&it));
        let drawn = draw(self.status.is_some(), text, status.as_deref());
        self.status = status;
        // The terminal is gone when this fails, and the prompt says so.
        let _ = self.texts.send(drawn);
    }
}

/// What takes the place of the old status line: the text, whose lines end, and the new status. Always ends a line.
fn draw(has_status: bool, text: &str, status: Option<&str>) -> String {
    let mut drawn = String::new();
    if has_status {
        drawn.push_str(UP);
        drawn.push_str(CLEAR);
    }
    drawn.push_str(text);
    match status {
        Some(status) => {
            drawn.push_str(status);
            drawn.push('\n');
        }
        // Back to the line that was cleared.
        None if text.is_empty() && has_status => drawn.push_str("\u{1b}[1A\n"),
        None => {}
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_replaced_in_place_and_every_text_ends_its_line() {
        assert_eq!(draw(false, "a\n", None), "a\n");
        assert_eq!(draw(false, "", Some("s")), "s\n");
        assert_eq!(draw(true, "a\n", Some("s")), "\u{1b}[1A\r\u{1b}[2Ka\ns\n");
        assert_eq!(draw(true, "a\n", None), "\u{1b}[1A\r\u{1b}[2Ka\n");
        assert_eq!(draw(true, "", None), "\u{1b}[1A\r\u{1b}[2K\u{1b}[1A\n");
    }
}
