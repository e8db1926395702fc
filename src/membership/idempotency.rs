//! A request with an `Idempotency-Key` acts once, however often it is sent.
//!
//! The answer is kept beside the effect, in its transaction: either both are there or neither. The same key with the
//! same request gets that answer again; with another request it is refused. A refusal is not kept, since it had no
//! effect: the same key may try again. Keys belong to the account that sent them and are kept for a week.

use chrono::TimeDelta;
use serde::Serialize;

use super::model::Error;
use super::store::{self, KeyRow};
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::AccountId;

type Result<T> = std::result::Result<T, Error>;

/// So long a key is remembered.
pub(super) const KEPT: TimeDelta = TimeDelta::days(7);

const CREATED: u16 = 201;

/// What a client sends in `Idempotency-Key`: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Reads the header's value; none when it is not a key.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_key =
            (1..=255).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_graphic());
        is_key.then(|| Self(text.to_owned()))
    }
}

/// A request as it is recognised when it comes again.
#[derive(Clone, Debug)]
pub(super) struct Request {
    account: AccountId,
    key: Key,
    /// What was asked for, with its target, such as `credit 0198...`.
    operation: String,
    hash: String,
}

impl Request {
    /// `body` is the request as it was understood, so that spaces in its JSON do not matter.
    pub(super) fn new(
        account: &AccountId,
        key: Key,
        operation: String,
        body: &impl Serialize,
    ) -> Result<Self> {
        let hash = blake3::hash(&serde_json::to_vec(body)?)
            .to_hex()
            .to_string();
        Ok(Self {
            account: account.clone(),
            key,
            operation,
            hash,
        })
    }
}

/// An answer, new or kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// JSON.
    pub body: String,
    /// Whether the effect happened before.
    pub is_replay: bool,
}

/// Runs `effect` and keeps its answer, or finds the answer of the first time. For use in a transaction.
pub(super) fn once_in<T: Serialize>(
    conn: &mut Conn,
    request: &Request,
    now: Time,
    effect: impl FnOnce(&mut Conn) -> Result<T>,
) -> Result<Answer> {
    if let Some(kept) = store::find_key(conn, &request.account, &request.key.0)? {
        if now - kept.created_at < KEPT {
            return replay(request, kept);
        }
        store::delete_key(conn, &request.account, &request.key.0)?;
    }
    let body = serde_json::to_string(&effect(conn)?)?;
    store::insert_key(
        conn,
        &KeyRow {
            account_id: request.account.clone(),
            key: request.key.0.clone(),
            operation: request.operation.clone(),
            request_hash: request.hash.clone(),
            status: i32::from(CREATED),
            body: body.clone(),
            created_at: now,
        },
    )?;
    Ok(Answer {
        status: CREATED,
        body,
        is_replay: false,
    })
}

fn replay(request: &Request, kept: KeyRow) -> Result<Answer> {
    if kept.operation != request.operation || kept.request_hash != request.hash {
        return Err(Error::IdempotencyMismatch);
    }
    Ok(Answer {
        status: u16::try_from(kept.status).unwrap_or(CREATED),
        body: kept.body,
        is_replay: true,
    })
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn keys_are_visible_ascii() {
        assert!(Key::parse("a").is_some());
        assert!(Key::parse(&"~".repeat(255)).is_some());
        for wrong in ["", "a b", "é", "a\t", &"a".repeat(256)] {
            assert!(Key::parse(wrong).is_none(), "{wrong:?}");
        }
    }
}
