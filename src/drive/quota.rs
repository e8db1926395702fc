//! The room of an account: the one place where it is counted.
//!
//! Logical accounting: every file, kept version and file in the trash counts its full size for its owner, though equal
//! bytes are kept once. `used` is the sum of these, `reserved` what open uploads may still add. Nothing grows unless
//! `used + reserved` stays within the quota, and the sums change in the transaction that changes what they count; so no
//! number of uploads at once can go past the quota. What the quota is, is asked anew each time: an admin's change, or
//! the end of VIP, counts from that moment.

use super::model::{Error, Usage};
use super::service::Act;
use super::store::usage as store;
use crate::accounts::{self, Account, Accounts};
use crate::clock::Time;
use crate::config::DriveConfig;
use crate::db::Conn;
use crate::ids::AccountId;

type Result<T> = std::result::Result<T, Error>;

/// The quota of an account: its own, or else the configured one, which is larger for VIPs.
#[must_use]
pub fn allowance(account: &Account, config: &DriveConfig, now: Time) -> i64 {
    let configured = if account.is_vip(now) {
        config.vip_quota_bytes
    } else {
        config.quota_bytes
    };
    account.quota_bytes.unwrap_or(configured)
}

/// The room of an account as the transaction sees it.
///
/// # Errors
/// When there is no such account, or the database refuses.
pub fn usage_in(
    conn: &mut Conn,
    owner: &AccountId,
    config: &DriveConfig,
    now: Time,
) -> std::result::Result<Usage, accounts::Error> {
    let account = Accounts::get_in(conn, owner)?;
    let (used, reserved) = store::find(conn, owner)?.unwrap_or_default();
    Ok(Usage {
        used,
        reserved,
        quota: allowance(&account, config, now),
    })
}

/// How the sums are to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    pub used: i64,
    pub reserved: i64,
}

impl Delta {
    /// Bytes that files take up, or give back.
    #[must_use]
    pub fn used(bytes: i64) -> Self {
        Self {
            used: bytes,
            reserved: 0,
        }
    }

    /// Bytes that an upload may add, or will not.
    #[must_use]
    pub fn reserved(bytes: i64) -> Self {
        Self {
            used: 0,
            reserved: bytes,
        }
    }

    /// Bytes that were reserved and are now a file, while `freed` bytes of old versions go.
    #[must_use]
    pub fn settled(bytes: i64, freed: i64) -> Self {
        Self {
            used: bytes - freed,
            reserved: -bytes,
        }
    }
}

/// Changes the sums. What shrinks them is never refused.
///
/// # Errors
/// [`Error::OverQuota`] when they would grow past the quota.
pub(super) fn change_in(conn: &mut Conn, act: &Act, delta: Delta) -> Result<()> {
    if delta == Delta::default() {
        return Ok(());
    }
    if delta.used <= 0 && delta.reserved <= 0 {
        // Needs no quota, so an owner who leaves need not be there any more.
        let (used, reserved) = store::find(conn, &act.owner)?.unwrap_or_default();
        let less = Usage {
            used: used + delta.used,
            reserved: reserved + delta.reserved,
            quota: 0,
        };
        return write_in(conn, &act.owner, less);
    }
    let before = usage_in(conn, &act.owner, &act.config, act.now)?;
    write_in(conn, &act.owner, after(before, delta)?)
}

/// As [`change_in`], and refused when the sums are past the quota even if they do not grow: for the end of an upload.
///
/// # Errors
/// [`Error::OverQuota`].
pub(super) fn settle_in(conn: &mut Conn, act: &Act, delta: Delta) -> Result<()> {
    let before = usage_in(conn, &act.owner, &act.config, act.now)?;
    let after = after(before, delta)?;
    if after.used + after.reserved > after.quota && delta.used > 0 {
        return Err(Error::OverQuota {
            wanted: delta.used,
            free: (after.quota - before.used).max(0),
        });
    }
    write_in(conn, &act.owner, after)
}

/// Takes bytes back that files took up. Needs no quota, so it cannot be refused.
///
/// # Errors
/// When the database refuses.
pub(super) fn give_back_in(conn: &mut Conn, owner: &AccountId, bytes: i64) -> Result<()> {
    if bytes == 0 {
        return Ok(());
    }
    let (used, reserved) = store::find(conn, owner)?.unwrap_or_default();
    write_in(
        conn,
        owner,
        Usage {
            used: used - bytes,
            reserved,
            quota: 0,
        },
    )
}

/// The rule itself.
fn after(before: Usage, delta: Delta) -> Result<Usage> {
    let grows_by = delta.used.saturating_add(delta.reserved);
    if grows_by > 0 && grows_by > before.free() {
        return Err(Error::OverQuota {
            wanted: grows_by,
            free: before.free(),
        });
    }
    Ok(Usage {
        used: before.used + delta.used,
        reserved: before.reserved + delta.reserved,
        quota: before.quota,
    })
}

fn write_in(conn: &mut Conn, owner: &AccountId, usage: Usage) -> Result<()> {
    if store::find(conn, owner)?.is_some() {
        store::update(conn, owner, usage.used, usage.reserved)?;
    } else {
        store::insert(conn, owner, usage.used, usage.reserved)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usage(used: i64, reserved: i64, quota: i64) -> Usage {
        Usage {
            used,
            reserved,
            quota,
        }
    }

    #[test]
    fn the_last_byte_fits_and_the_next_does_not() {
        let full = usage(60, 30, 100);
        assert!(after(full, Delta::reserved(10)).is_ok());
        assert!(matches!(
            after(full, Delta::reserved(11)),
            Err(Error::OverQuota {
                wanted: 11,
                free: 10
            })
        ));
        assert!(after(full, Delta::settled(30, 0)).is_ok());
        assert!(after(usage(0, 0, 100), Delta::used(i64::MAX)).is_err());
        assert!(
            after(
                usage(90, 0, 100),
                Delta {
                    used: i64::MAX,
                    reserved: i64::MAX
                }
            )
            .is_err()
        );
    }

    #[test]
    fn whoever_is_past_the_quota_may_only_shrink() {
        let past = usage(100, 50, 10);
        assert!(after(past, Delta::used(1)).is_err());
        assert!(after(past, Delta::used(-1)).is_ok());
        assert!(after(past, Delta::settled(50, 0)).is_ok());
    }

    proptest! {
        #[test]
        fn no_sequence_goes_past_the_quota(quota in 0i64..1000, steps in proptest::collection::vec((0u8..3, 0i64..400), 0..60)) {
            let mut now = usage(0, 0, quota);
            let mut open: Vec<i64> = Vec::new();
            for (kind, bytes) in steps {
                let delta = match kind {
                    0 => Delta::reserved(bytes),
                    1 => match open.pop() { Some(size) => Delta::settled(size, 0), None => continue },
                    _ => match open.pop() { Some(size) => Delta::reserved(-size), None => continue },
                };
                match after(now, delta) {
                    Ok(next) => {
                        now = next;
                        if kind == 0 { open.push(bytes); }
                    }
                    Err(_) => prop_assert_eq!(kind, 0),
                }
                prop_assert!(now.used + now.reserved <= quota);
                prop_assert!(now.used >= 0);
                prop_assert_eq!(now.reserved, open.iter().sum::<i64>());
            }
        }
    }
}
