//! Exit codes, and how an error becomes one.
//!
//! A code never changes its meaning. Each program lists in its help those that it uses.

use std::process::ExitCode;

use playhouse_api::{ErrorCode, client};

use crate::program::Program;

/// What scripts may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Anything that has no code of its own.
    Failure = 1,
    /// The arguments are wrong. The same code that the argument parser uses.
    Usage = 2,
    /// Not signed in, or the account may not do that.
    Forbidden = 3,
    /// There is no such thing, or no more.
    NotFound = 4,
    /// It is there already, or has changed meanwhile.
    Conflict = 5,
    /// The server cannot be reached, or is not ready.
    Unreachable = 6,
    /// The wallet does not hold enough.
    NotEnoughMoney = 7,
    /// There is no room for it: over the quota, or a full disk.
    NoRoom = 8,
    /// What arrived is not what was sent.
    Damaged = 9,
    /// Stopped by Ctrl-C.
    Interrupted = 130,
}

/// An error that the command line itself finds.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub code: Code,
    pub message: String,
}

impl Failure {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The arguments are wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Code::Usage, message)
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }
}

/// The code of an error, by its outermost known cause.
pub fn code_of(error: &anyhow::Error) -> Code {
    for cause in error.chain() {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return failure.code;
        }
        if let Some(error) = cause.downcast_ref::<client::Error>() {
            return code_of_call(error);
        }
    }
    Code::Failure
}

fn code_of_call(error: &client::Error) -> Code {
    match error {
        client::Error::BaseUrl(_) => Code::Usage,
        client::Error::Transport(_) | client::Error::Unreachable(_) => Code::Unreachable,
        // Ended for good: signed out, locked, or signed in elsewhere.
        client::Error::Closed(code) if *code != 0 => Code::Forbidden,
        _ => match error.status() {
            Some(401 | 403) => Code::Forbidden,
            Some(404 | 410) => Code::NotFound,
            Some(409 | 412) => Code::Conflict,
            Some(502..=504) => Code::Unreachable,
            _ => Code::Failure,
        },
    }
}

/// One code for several failures: theirs if they share it, else the one for anything.
pub fn joint(codes: &[Code]) -> Option<Code> {
    let first = *codes.first()?;
    let same = codes.iter().all(|&code| code == first);
    Some(if same { first } else { Code::Failure })
}

/// Tells stderr what went wrong: a line for people, an object for scripts.
pub fn report(program: &Program, error: &anyhow::Error, json: bool) -> ExitCode {
    let code = (program.code_of)(error);
    tell(program, error, json);
    ExitCode::from(code as u8)
}

/// The same without an end: for a program that goes on.
pub fn tell(program: &Program, error: &anyhow::Error, json: bool) {
    let code = (program.code_of)(error);
    if json {
        eprintln!("{}", as_json(error, code));
    } else {
        eprintln!("error: {}", for_people(program, error, code));
    }
}

/// What the server said, if it did.
pub fn problem_of(error: &anyhow::Error) -> Option<&playhouse_api::Problem> {
    error
        .chain()
        .find_map(|cause| cause.downcast_ref::<client::Error>()?.problem())
}

fn for_people(program: &Program, error: &anyhow::Error, code: Code) -> String {
    let mut text = crate::output::printable(&format!("{error:#}"));
    let Some(problem) = problem_of(error) else {
        return text;
    };
    for field in &problem.errors {
        let line = crate::output::printable(&format!("{}: {}", field.field, field.detail));
        text.push_str("\n  ");
        text.push_str(&line);
    }
    if problem.is(ErrorCode::NotSignedIn) {
        text.push_str(&format!("\nSign in with `{} login`.", program.name));
    }
    if code == Code::Failure && problem.status >= 500 {
        text.push_str(&format!(
            "\nThe server's log knows it as request {}.",
            problem.request_id
        ));
    }
    text
}

fn as_json(error: &anyhow::Error, code: Code) -> serde_json::Value {
    serde_json::json!({
        "error": format!("{error:#}"),
        "exit_code": code as u8,
        "problem": problem_of(error),
    })
}

#[cfg(test)]
mod tests {
    use playhouse_api::{FieldCode, FieldProblem, Problem};

    use super::*;

    const PROGRAM: Program = Program {
        name: "playhouse-test",
        version: "1",
        code_of,
    };

    fn problem(code: ErrorCode) -> anyhow::Error {
        client::Error::Problem(Box::new(Problem::new(code, "why", "r1"))).into()
    }

    #[test]
    fn each_kind_of_problem_has_its_code() {
        for (problem_code, code) in [
            (ErrorCode::NotSignedIn, Code::Forbidden),
            (ErrorCode::MissingScope, Code::Forbidden),
            (ErrorCode::NotFound, Code::NotFound),
            (ErrorCode::Expired, Code::NotFound),
            (ErrorCode::DuplicateMovie, Code::Conflict),
            (ErrorCode::Busy, Code::Unreachable),
            (ErrorCode::Invalid, Code::Failure),
            (ErrorCode::Internal, Code::Failure),
        ] {
            assert_eq!(code_of(&problem(problem_code)), code, "{problem_code}");
        }
    }

    #[test]
    fn context_does_not_hide_the_code() {
        let error = problem(ErrorCode::DuplicateMovie).context("film.mp4");
        assert_eq!(code_of(&error), Code::Conflict);
        let error = anyhow::Error::new(Failure::usage("no")).context("film.mp4");
        assert_eq!(code_of(&error), Code::Usage);
        assert_eq!(code_of(&anyhow::anyhow!("other")), Code::Failure);
    }

    #[test]
    fn people_read_which_field_is_wrong() {
        let mut problem = Problem::new(ErrorCode::Invalid, "One field is wrong.", "r1");
        problem.errors.push(FieldProblem::new(
            "title",
            FieldCode::TooLong,
            "At most 200.",
        ));
        let error = client::Error::Problem(Box::new(problem)).into();
        assert_eq!(
            for_people(&PROGRAM, &error, Code::Failure),
            "One field is wrong.\n  title: At most 200."
        );
    }

    #[test]
    fn who_is_not_signed_in_reads_how_to() {
        let hint = |code| {
            for_people(&PROGRAM, &problem(code), Code::Forbidden).contains("playhouse-test login")
        };
        assert!(hint(ErrorCode::NotSignedIn));
        assert!(!hint(ErrorCode::WrongCredentials));
    }

    #[test]
    fn scripts_read_the_problem() {
        let json = as_json(&problem(ErrorCode::NotFound), Code::NotFound);
        assert_eq!(json["exit_code"], 4);
        assert_eq!(json["problem"]["code"], "not_found");
    }

    #[test]
    fn several_failures_share_a_code_or_have_the_common_one() {
        assert_eq!(joint(&[]), None);
        assert_eq!(joint(&[Code::Conflict; 3]), Some(Code::Conflict));
        let mixed = [Code::Conflict, Code::NotFound];
        assert_eq!(joint(&mixed), Some(Code::Failure));
    }
}
