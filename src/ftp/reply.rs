//! What is answered: a code for programs and a sentence for people.

use playhouse_api::problem::ErrorCode;

use crate::error::Error;

/// An answer on the control connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub code: u16,
    text: String,
    /// Lines between the first and the last.
    lines: Vec<String>,
}

impl Reply {
    pub(super) fn new(code: u16, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            lines: Vec::new(),
        }
    }

    /// An answer of several lines, which begin with a space.
    pub(super) fn lines(code: u16, text: impl Into<String>, lines: Vec<String>) -> Self {
        Self {
            lines,
            ..Self::new(code, text)
        }
    }

    /// As it is sent. Nothing in it can end a line early.
    pub(super) fn encode(&self) -> String {
        let (code, text) = (self.code, plain(&self.text));
        if self.lines.is_empty() {
            return format!("{code} {text}\r\n");
        }
        let lines: String = self
            .lines
            .iter()
            .map(|line| format!(" {}\r\n", plain(line)))
            .collect();
        format!("{code}-{text}\r\n{lines}{code} End\r\n")
    }
}

fn plain(text: &str) -> String {
    text.replace(|c: char| c.is_control(), "?")
}

/// A refusal by one of the slices, in the words that everybody gets.
impl From<Error> for Reply {
    fn from(error: Error) -> Self {
        error.log();
        let code = match error.code() {
            ErrorCode::OverQuota => 552,
            ErrorCode::InsufficientStorage => 452,
            ErrorCode::NameTaken | ErrorCode::Invalid => 553,
            ErrorCode::OffsetMismatch => 554,
            ErrorCode::AccountLocked | ErrorCode::NotSignedIn => 421,
            ErrorCode::Busy | ErrorCode::Unavailable => 450,
            ErrorCode::Internal => 451,
            _ => 550,
        };
        Self::new(code, error.detail())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_be_broken_by_what_is_in_it() {
        let reply = Reply::new(257, "\"/a\r\n226 done\"");
        assert_eq!(reply.encode(), "257 \"/a??226 done\"\r\n");
        let reply = Reply::lines(211, "What there is", vec!["a\nb".to_owned()]);
        assert_eq!(reply.encode(), "211-What there is\r\n a?b\r\n211 End\r\n");
    }
}
