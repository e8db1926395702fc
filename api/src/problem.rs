//! The one error body, `application/problem+json` (RFC 9457), and the table of its codes.

use serde::{Deserialize, Serialize};

/// Media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// An error as the server tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `/problems/{code}`, where the code is explained.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// The same for every problem of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// A stable word for programs. A string and not an [`ErrorCode`], so that an older client
    /// can read a newer server.
    #[cfg_attr(feature = "openapi", schema(value_type = ErrorCode))]
    pub code: String,
    /// What went wrong this time, for people.
    pub detail: String,
    /// Names the request in the server's log.
    pub request_id: String,
    /// Which fields are wrong; left out when none is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldProblem {
    /// The field's name, dotted if nested.
    pub field: String,
    #[cfg_attr(feature = "openapi", schema(value_type = FieldCode))]
    pub code: String,
    /// For people.
    pub detail: String,
}

impl Problem {
    /// A problem of a known code.
    pub fn new(code: ErrorCode, detail: impl Into<String>, request_id: impl Into<String>) -> Self {
        Self {
            type_uri: code.type_uri(),
            title: code.title().to_owned(),
            status: code.status(),
            code: code.as_str().to_owned(),
            detail: detail.into(),
            request_id: request_id.into(),
            errors: Vec::new(),
        }
    }

    /// The code, if this version knows it.
    pub fn error_code(&self) -> Option<ErrorCode> {
        ErrorCode::parse(&self.code)
    }

    /// Whether this is a problem of that code.
    pub fn is(&self, code: ErrorCode) -> bool {
        self.code == code.as_str()
    }
}

impl FieldProblem {
    /// A problem with one field.
    pub fn new(field: impl Into<String>, code: FieldCode, detail: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code: code.as_str().to_owned(),
            detail: detail.into(),
        }
    }
}

/// Writes an enum of codes with its table: variant, code on the wire and the rest of the row.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $($variant),+ }

        impl $name {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Reads a code.
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.as_str() == code)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// The table of problems: one row is variant, code, status and title.
macro_rules! problems {
    ($($variant:ident $code:literal $status:literal $title:literal;)+) => {
        codes! {
            /// Every code that a problem can have.
            ErrorCode { $($variant = $code),+ }
        }

        impl ErrorCode {
            /// The HTTP status of this problem.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// The title, the same for every problem of this code.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// The `type` of this problem.
            pub fn type_uri(self) -> String {
                format!("/problems/{}", self.as_str())
            }
        }
    };
}

problems! {
    BadRequest "bad_request" 400 "The request cannot be understood";
    MalformedJson "malformed_json" 400 "The body is not valid JSON";
    NotSignedIn "not_signed_in" 401 "Sign in first";
    WrongCredentials "wrong_credentials" 401 "User name or password is wrong";
    InsufficientBalance "insufficient_balance" 402 "The wallet does not hold enough";
    Forbidden "forbidden" 403 "This account may not do that";
    AccountLocked "account_locked" 403 "The account is locked";
    CrossSite "cross_site" 403 "The request comes from another site";
    PasswordRequired "password_required" 401 "The share asks for its password";
    NotOwned "not_owned" 403 "The film has not been bought";
    NotFriends "not_friends" 403 "Only friends may do that";
    Banned "banned" 403 "The account may not come back into this room";
    Muted "muted" 403 "The account may only read here at present";
    MissingScope "missing_scope" 403 "The access token may not do that";
    RegistrationClosed "registration_closed" 403 "Registration is closed";
    NotFound "not_found" 404 "There is no such thing";
    NoSuchAccount "no_such_account" 404 "There is no such account";
    NoSuchRoom "no_such_room" 404 "There is no such room";
    VoucherUnknown "voucher_unknown" 404 "There is no such voucher";
    SetupDone "setup_done" 404 "The house is already set up";
    MethodNotAllowed "method_not_allowed" 405 "The method does not fit the address";
    NotAcceptable "not_acceptable" 406 "No acceptable form of the answer exists";
    RequestTimeout "request_timeout" 408 "The request took too long to arrive";
    Conflict "conflict" 409 "The request contradicts the present state";
    UsernameTaken "username_taken" 409 "The user name is taken";
    DuplicateMovie "duplicate_movie" 409 "The same film is already here";
    AlreadyOwned "already_owned" 409 "The film has already been bought";
    VoucherUsed "voucher_used" 409 "The voucher has been used";
    NameTaken "name_taken" 409 "The name is taken";
    EpisodeTaken "episode_taken" 409 "Another film has this place in the series";
    AlreadyFriends "already_friends" 409 "They are friends already";
    RoomNameTaken "room_name_taken" 409 "The name of the room is taken";
    OffsetMismatch "offset_mismatch" 409 "The offset is not where the upload stands";
    UploadIncomplete "upload_incomplete" 409 "The upload is not finished";
    Expired "expired" 410 "The time for this is over";
    VoucherExpired "voucher_expired" 410 "The voucher has expired";
    PreconditionFailed "precondition_failed" 412 "It has changed since it was read";
    TusVersion "tus_version" 412 "The upload protocol version is not supported";
    PayloadTooLarge "payload_too_large" 413 "The body is too large";
    UriTooLong "uri_too_long" 414 "The address is too long";
    UnsupportedMediaType "unsupported_media_type" 415 "The body has a type that is not taken here";
    RangeNotSatisfiable "range_not_satisfiable" 416 "The range lies outside the file";
    Invalid "invalid" 422 "Some fields are not valid";
    IdempotencyMismatch "idempotency_mismatch" 422 "The key was used for another request";
    Yourself "yourself" 422 "That is the caller's own account";
    NotAVideo "not_a_video" 422 "The file is not a video";
    TooEarly "too_early" 425 "The wait is not over";
    TooManyRequests "too_many_requests" 429 "Too many attempts";
    TooManyStreams "too_many_streams" 429 "Too many films are being watched at a time";
    SlowMode "slow_mode" 429 "The room asks for a pause between two messages";
    ChecksumMismatch "checksum_mismatch" 460 "The bytes do not match their checksum";
    Internal "internal" 500 "Something went wrong on the server";
    Busy "busy" 503 "The server is busy";
    Unavailable "unavailable" 503 "The service is not available";
    OverQuota "over_quota" 507 "The drive has no room for this";
    InsufficientStorage "insufficient_storage" 507 "There is no room left";
}

codes! {
    /// What can be wrong with a field.
    FieldCode {
        Required = "required",
        TooShort = "too_short",
        TooLong = "too_long",
        InvalidFormat = "invalid_format",
        OutOfRange = "out_of_range",
        Unknown = "unknown",
        SameAsUsername = "same_as_username",
        Weak = "weak",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_unique_and_reads_back() {
        let codes: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), ErrorCode::ALL.len());
        for &code in ErrorCode::ALL {
            assert_eq!(ErrorCode::parse(code.as_str()), Some(code));
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert!((400..600).contains(&code.status()), "{code}");
            assert!(!code.title().is_empty());
        }
        for &code in FieldCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn a_problem_has_the_shape_of_the_contract() {
        let mut problem = Problem::new(ErrorCode::Invalid, "Two fields are wrong.", "r1");
        assert_eq!(
            serde_json::to_value(&problem).unwrap(),
            serde_json::json!({
                "type": "/problems/invalid", "title": "Some fields are not valid", "status": 422,
                "code": "invalid", "detail": "Two fields are wrong.", "request_id": "r1"
            })
        );
        problem.errors.push(FieldProblem::new(
            "price",
            FieldCode::OutOfRange,
            "Too much.",
        ));
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["errors"][0]["code"], "out_of_range");
        assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), problem);
    }

    #[test]
    fn a_code_of_a_newer_server_is_kept() {
        let problem: Problem = serde_json::from_str(
            r#"{"type":"/problems/on_fire","title":"t","status":418,"code":"on_fire","detail":"d","request_id":"r"}"#,
        )
        .unwrap();
        assert_eq!(problem.error_code(), None);
        assert_eq!(problem.code, "on_fire");
    }
}
