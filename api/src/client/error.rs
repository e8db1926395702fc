//! What can go wrong with a call.

use crate::problem::{ErrorCode, Problem};

/// Why a call failed. The message is whole: there is no `source` that it leaves out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server refused, and said why.
    #[error("{}", .0.detail)]
    Problem(Box<Problem>),
    /// The server could not be reached, or the connection broke.
    #[error("cannot reach {}: {}", server(.0), innermost(.0))]
    Transport(reqwest::Error),
    /// The connection stands, but nothing has come over it for a long time.
    #[error("the server has sent nothing for {0} seconds")]
    Stalled(u64),
    /// A refusal that is not a problem body: a proxy, or not a Playhouse server.
    #[error("the server answered {status}: {detail}")]
    Status { status: u16, detail: String },
    /// A success that cannot be read.
    #[error("the server's answer ({status}) cannot be understood: {detail}")]
    Answer { status: u16, detail: String },
    /// The address of the server is not an http or https address.
    #[error("{0:?} is not the address of a server; it looks like https://films.example")]
    BaseUrl(String),
    /// The live connection ended with this code, and does not come back; 0 when this side has ended it.
    #[error("the connection was closed: {}", ending(*.0))]
    Closed(u16),
    /// The live connection cannot be opened.
    #[error("cannot reach the server: {0}")]
    Unreachable(String),
    /// A local file cannot be read.
    #[error("cannot read the file: {0}")]
    File(std::io::Error),
    /// A local file changed while it was uploaded.
    #[error("the file changed while it was being uploaded")]
    FileChanged,
    /// The server's upload belongs to a file of another size, or moved where it must not.
    #[error("the upload on the server does not fit this file: {0}")]
    UploadMismatch(String),
}

impl Error {
    /// Whether a live connection that was refused like this is not tried again: the caller has to change something.
    pub(super) fn is_final(&self) -> bool {
        let is_refusal =
            |status| (400..500).contains(&status) && !matches!(status, 408 | 425 | 429);
        matches!(self, Self::BaseUrl(_)) || self.status().is_some_and(is_refusal)
    }

    /// The HTTP status of the refusal, if the server answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem(problem) => Some(problem.status),
            Self::Status { status, .. } | Self::Answer { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The problem that the server told, if it did.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// Whether the server refused with this code.
    pub fn is(&self, code: ErrorCode) -> bool {
        self.problem().is_some_and(|problem| problem.is(code))
    }

    /// Whether there is no such thing (404) or no more (410).
    pub fn is_gone(&self) -> bool {
        matches!(self.status(), Some(404 | 410))
    }

    /// Whether the same request may succeed later: the connection broke, or the server is busy.
    /// A full disk (507) and a wrong address are not cured by waiting.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transport(error) => !error.is_builder() && !error.is_redirect(),
            Self::Stalled(_) => true,
            _ => matches!(self.status(), Some(408 | 425 | 429 | 500 | 502..=504)),
        }
    }
}

fn server(error: &reqwest::Error) -> String {
    let origin = error.url().map(|url| url.origin().ascii_serialization());
    origin.unwrap_or_else(|| "the server".to_owned())
}

/// The last cause says what happened ("connection refused"); the first one only repeats the URL.
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long to answer".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// A close code in words.
fn ending(code: u16) -> String {
    use crate::realtime::close;
    match code {
        close::SIGNED_IN_ELSEWHERE => "signed in elsewhere".to_owned(),
        close::LOCKED => "the account is locked".to_owned(),
        close::SIGNED_OUT => "signed out".to_owned(),
        0 => "it was ended here".to_owned(),
        code => format!("code {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(code: ErrorCode) -> Error {
        Error::Problem(Box::new(Problem::new(code, "d", "r")))
    }

    #[test]
    fn only_what_may_pass_is_transient() {
        for code in [
            ErrorCode::Busy,
            ErrorCode::Internal,
            ErrorCode::TooManyRequests,
        ] {
            assert!(problem(code).is_transient(), "{code}");
        }
        for code in [
            ErrorCode::InsufficientStorage,
            ErrorCode::Forbidden,
            ErrorCode::Invalid,
        ] {
            assert!(!problem(code).is_transient(), "{code}");
        }
        assert!(
            Error::Status {
                status: 502,
                detail: String::new()
            }
            .is_transient()
        );
        assert!(Error::Stalled(60).is_transient());
        assert!(!Error::FileChanged.is_transient());
    }

    #[test]
    fn gone_is_404_and_410() {
        assert!(problem(ErrorCode::NotFound).is_gone());
        assert!(problem(ErrorCode::Expired).is_gone());
        assert!(!problem(ErrorCode::Conflict).is_gone());
    }

    #[test]
    fn the_detail_is_what_people_read() {
        let error = problem(ErrorCode::NotFound);
        assert_eq!(error.to_string(), "d");
        assert!(error.is(ErrorCode::NotFound));
    }
}
