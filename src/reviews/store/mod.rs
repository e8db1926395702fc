//! The rows of ratings, comments and reports.

pub(super) mod comments;
pub(super) mod ratings;
pub(super) mod reports;
