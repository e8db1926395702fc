//! What a visitor is given to carry: signed, short-lived, and good for one share only.
//!
//! - The link bears the share's id.
//! - Who has said the password gets a pass for [`PASS_FOR`].
//! - Who has begun a download gets a slip for [`SLIP_FOR`]: with it, parts of the same file are given without another
//!   use being counted, so that a broken download goes on.

use chrono::{DateTime, TimeDelta};
use uuid::Uuid;

use crate::clock::Time;
use crate::ids::{EntryId, ShareId};

pub(super) const PASS_FOR: TimeDelta = TimeDelta::hours(1);
pub(super) const SLIP_FOR: TimeDelta = TimeDelta::hours(12);

/// One counted use: which download goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slip {
    pub share: ShareId,
    pub entry: EntryId,
    pub usage: Uuid,
    pub until: Time,
}

/// Of whom it is known until when that they know the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    pub share: ShareId,
    pub until: Time,
}

impl Slip {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        [
            self.share.uuid().as_bytes().as_slice(),
            self.entry.uuid().as_bytes(),
            self.usage.as_bytes(),
            &seconds(self.until),
        ]
        .concat()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Slip> {
        let (share, rest) = bytes.split_first_chunk::<16>()?;
        let (entry, rest) = rest.split_first_chunk::<16>()?;
        let (usage, until) = rest.split_first_chunk::<16>()?;
        Some(Slip {
            share: Uuid::from_bytes(*share).into(),
            entry: Uuid::from_bytes(*entry).into(),
            usage: Uuid::from_bytes(*usage),
            until: time(until)?,
        })
    }
}

impl Pass {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        [
            self.share.uuid().as_bytes().as_slice(),
            &seconds(self.until),
        ]
        .concat()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Pass> {
        let (share, until) = bytes.split_first_chunk::<16>()?;
        Some(Pass {
            share: Uuid::from_bytes(*share).into(),
            until: time(until)?,
        })
    }
}

fn seconds(time: Time) -> [u8; 8] {
    time.and_utc().timestamp().to_be_bytes()
}

fn time(bytes: &[u8]) -> Option<Time> {
    let seconds = i64::from_be_bytes(bytes.try_into().ok()?);
    Some(DateTime::from_timestamp(seconds, 0)?.naive_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_read_back_and_nothing_else_does() {
        let until = DateTime::from_timestamp(2_000_000_000, 0)
            .unwrap()
            .naive_utc();
        let slip = Slip {
            share: ShareId::generate(),
            entry: EntryId::generate(),
            usage: Uuid::now_v7(),
            until,
        };
        let pass = Pass {
            share: ShareId::generate(),
            until,
        };
        assert_eq!(Slip::from_bytes(&slip.to_bytes()), Some(slip.clone()));
        assert_eq!(Pass::from_bytes(&pass.to_bytes()), Some(pass.clone()));
        assert_eq!(Pass::from_bytes(&slip.to_bytes()), None);
        assert_eq!(Slip::from_bytes(&pass.to_bytes()), None);
        for len in 0..24 {
            assert_eq!(Pass::from_bytes(&pass.to_bytes()[..len]), None);
        }
    }
}
