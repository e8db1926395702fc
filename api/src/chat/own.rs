//! What one has said, with all that is kept of it, in the export of an account.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Message;

/// One's own message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnMessage {
    #[serde(flatten)]
    pub message: Message,
    /// What it said before it was edited, the earliest first.
    pub earlier: Vec<EarlierText>,
}

/// A text that a message had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierText {
    pub body: String,
    /// When it was said.
    pub at: DateTime<Utc>,
}
