//! The one way an error becomes an answer.
//!
//! Each slice has an error enum of its own, in domain words, and says in its `From` for [`Error`] which row of
//! [`ErrorCode`] (the table of code, status and title, shared with the clients) each variant is. A handler returns
//! [`Result`] and uses `?`. What is the caller's fault carries a sentence for people; what is ours carries its cause,
//! which is logged once with the request id and never shown.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use playhouse_api::problem::{ErrorCode, FieldCode, FieldProblem, PROBLEM_JSON, Problem};

use crate::db;
use crate::http::request;

pub type Result<T> = std::result::Result<T, Error>;

/// A refusal, ready to be answered as `application/problem+json`.
#[derive(Debug)]
pub struct Error {
    code: ErrorCode,
    detail: String,
    fields: Vec<FieldProblem>,
    headers: Vec<(header::HeaderName, header::HeaderValue)>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A refusal with a sentence that says what went wrong this time.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            fields: Vec::new(),
            headers: Vec::new(),
            cause: None,
        }
    }

    /// A fault of ours. The cause goes to the log, not to the caller.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut error = Self::new(
            ErrorCode::Internal,
            "The server could not do this. The log has the details.",
        );
        error.cause = Some(cause.into());
        error
    }

    /// There is no such thing, or the caller may not know of it.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("There is no such {what}."))
    }

    /// Some fields are not valid.
    #[must_use]
    pub fn invalid(fields: Vec<FieldProblem>) -> Self {
        let detail = fields
            .iter()
            .map(|it| it.detail.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        let mut error = Self::new(ErrorCode::Invalid, detail);
        error.fields = fields;
        error
    }

    /// One field is not valid.
    #[must_use]
    pub fn field(field: &str, code: FieldCode, detail: &str) -> Self {
        Self::invalid(vec![FieldProblem::new(field, code, detail)])
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(
        mut self,
        name: header::HeaderName,
        value: impl Into<header::HeaderValue>,
    ) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Says when to come back.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.with_header(header::RETRY_AFTER, seconds)
    }

    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The problem that this is, outside an answer of HTTP. A cause is logged.
    #[must_use]
    pub fn problem(&self) -> Problem {
        self.log();
        let mut problem = Problem::new(self.code, self.detail.clone(), request::current_id());
        problem.errors.clone_from(&self.fields);
        problem
    }

    /// The sentence for people.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Writes the cause down, if there is one.
    pub fn log(&self) {
        if let Some(cause) = &self.cause {
            let chain =
                std::iter::successors(Some(&**cause as &dyn std::error::Error), |it| it.source());
            let causes = chain
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(": ");
            tracing::error!(request.id = request::current_id(), error.code = %self.code, "{causes}");
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Error {}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let problem = self.problem();
        let mut answer = HttpResponse::build(self.status_code());
        answer
            .content_type(PROBLEM_JSON)
            .insert_header((header::CACHE_CONTROL, "no-store"));
        if self.code.status() == 401 {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        for header in &self.headers {
            answer.insert_header(header.clone());
        }
        answer.body(serde_json::to_string(&problem).unwrap_or_default())
    }
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::Busy => Self::new(
                ErrorCode::Busy,
                "The server has more to do than it can queue.",
            )
            .retry_after(1),
            db::Error::Unavailable(cause) => {
                let mut error =
                    Self::new(ErrorCode::Unavailable, "The database cannot be reached.");
                error.cause = Some(cause.into());
                error.retry_after(5)
            }
            full if full.is_for_want_of_room() => {
                let mut error = Self::new(
                    ErrorCode::InsufficientStorage,
                    "The house has no room left to write this down. Nothing was changed.",
                );
                error.cause = Some(Box::new(full));
                error
            }
            other => Self::internal(other),
        }
    }
}

/// Collects what is wrong with the fields of a request, so that all of it is told at once.
#[derive(Debug, Default)]
pub struct FieldChecks {
    found: Vec<FieldProblem>,
}

impl FieldChecks {
    /// Notes a problem when `holds` is false.
    pub fn require(&mut self, holds: bool, field: &str, code: FieldCode, detail: &str) {
        if !holds {
            self.found.push(FieldProblem::new(field, code, detail));
        }
    }

    /// A line of text: at most `max` characters, and no control characters.
    pub fn line(&mut self, text: &str, field: &str, max: usize) {
        let detail = format!("{field} has at most {max} characters.");
        self.require(
            text.chars().count() <= max,
            field,
            FieldCode::TooLong,
            &detail,
        );
        let detail = format!("{field} has no control characters.");
        self.require(
            !text.chars().any(char::is_control),
            field,
            FieldCode::InvalidFormat,
            &detail,
        );
    }

    /// A line of text that must not be blank.
    pub fn required_line(&mut self, text: &str, field: &str, max: usize) {
        let detail = format!("{field} must not be empty.");
        self.require(!text.trim().is_empty(), field, FieldCode::Required, &detail);
        self.line(text, field, max);
    }

    /// Several lines of text: at most `max` bytes, no NUL.
    pub fn text(&mut self, text: &str, field: &str, max: usize) {
        let detail = format!("{field} has at most {max} bytes.");
        self.require(text.len() <= max, field, FieldCode::TooLong, &detail);
        let detail = format!("{field} has no NUL characters.");
        self.require(
            !text.contains('\0'),
            field,
            FieldCode::InvalidFormat,
            &detail,
        );
    }

    /// Several lines of text: at most `max` characters, and no control characters but line feeds and tabs.
    pub fn lines(&mut self, text: &str, field: &str, max: usize) {
        let detail = format!("{field} has at most {max} characters.");
        self.require(
            text.chars().count() <= max,
            field,
            FieldCode::TooLong,
            &detail,
        );
        let is_clean = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
        let detail = format!("{field} has no control characters but line feeds and tabs.");
        self.require(
            text.chars().all(is_clean),
            field,
            FieldCode::InvalidFormat,
            &detail,
        );
    }

    /// The problems that were found, if any.
    ///
    /// # Errors
    /// All of them.
    pub fn finish(self) -> std::result::Result<(), Vec<FieldProblem>> {
        if self.found.is_empty() {
            Ok(())
        } else {
            Err(self.found)
        }
    }
}
