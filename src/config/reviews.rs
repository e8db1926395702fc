//! Comments on films.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewsConfig {
    /// Comments, edits of them and reports that an account may make in an hour, all at once if it likes.
    pub comments_per_hour: u32,
}

impl Default for ReviewsConfig {
    fn default() -> Self {
        Self {
            comments_per_hour: 30,
        }
    }
}
