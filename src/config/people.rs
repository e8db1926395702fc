//! Accounts, their passwords and their login sessions.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountsConfig {
    pub registration_open: bool,
    pub bcrypt_cost: u32,
    /// Threads that hash passwords, apart from all other work.
    pub bcrypt_threads: usize,
    /// Passwords that may wait to be hashed; one more is answered 503.
    pub bcrypt_queue: usize,
    /// Wrong passwords that an account or an address may try before it has to wait.
    pub free_attempts: u32,
    /// Accounts that one address may register in an hour; no limit when 0.
    pub registrations_per_hour: u32,
}

impl Default for AccountsConfig {
    fn default() -> Self {
        Self {
            registration_open: true,
            bcrypt_cost: 12,
            bcrypt_threads: 2,
            bcrypt_queue: 64,
            free_attempts: 5,
            registrations_per_hour: 0,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionsConfig {
    /// With `single`, a new sign-in ends the one before.
    pub concurrent: Concurrent,
    /// Days without use after which a session ends.
    pub days: i64,
}

impl Default for SessionsConfig {
    fn default() -> Self {
        Self {
            concurrent: Concurrent::Many,
            days: 30,
        }
    }
}

/// How many places an account may be signed in from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Concurrent {
    Many,
    Single,
}
