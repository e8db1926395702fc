//! Where results go: stdout, as text for people or JSON for scripts.

use std::io::{self, Write as _};

use serde::Serialize;

/// How results are shown.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    pub json: bool,
}

impl Output {
    /// Shows a result: the value itself to scripts, the text to people.
    pub fn show(self, value: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        let shown = if self.json {
            serde_json::to_string_pretty(value)?
        } else {
            text()
        };
        print(&shown)?;
        Ok(())
    }
}

/// Writes to stdout and ends the line. A reader that has gone away (`| head`) is no error.
pub fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.write_all(end.as_bytes()))
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// A server's text without what could move the cursor, change colours or turn the line around.
pub fn printable(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|&c| !turns(c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// `3.2 GiB`.
pub fn bytes(size: i64) -> String {
    indicatif::BinaryBytes(size.unsigned_abs()).to_string()
}

/// `1:32:05`.
pub fn duration(seconds: f64) -> String {
    // A float becomes an integer by saturating, so no length can make this wrong.
    let seconds = seconds as u64;
    format!(
        "{}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_server_cannot_drive_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\nc\u{202e}d"), "a [2Jb cd");
        assert_eq!(printable("霸王别姬 🎬"), "霸王别姬 🎬");
    }

    #[test]
    fn sizes_and_lengths_are_readable() {
        assert_eq!(bytes(3 << 30), "3.00 GiB");
        assert_eq!(duration(5525.9), "1:32:05");
        assert_eq!(duration(-1.0), "0:00:00");
    }
}
