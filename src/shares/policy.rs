//! The one gate of shares, as a pure function.

use super::model::{Error, Share};
use crate::clock::Time;

/// What is known when somebody comes with a link.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    pub owner_is_locked: bool,
    /// Has said the password, a short while ago.
    pub knows_password: bool,
    /// Goes on with a download that was counted when it began.
    pub has_begun: bool,
}

/// What they want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To know that the share is there, before they say the password.
    Knock,
    /// To see what is shared, or to download it.
    Enter,
}

/// Whether a share is open. Whether its entry can be reached is asked of the drive.
///
/// # Errors
/// [`Error::NotFound`] while the owner is locked, [`Error::Expired`], [`Error::Spent`], [`Error::PasswordRequired`],
/// in this order: nobody has to say a password for nothing.
pub fn may_open(share: &Share, standing: Standing, wish: Wish, now: Time) -> Result<(), Error> {
    let is_over = share.expires_at.is_some_and(|at| now >= at);
    let is_spent = share.max_uses.is_some_and(|max| share.uses >= max);
    let is_closed = share.password_hash.is_some() && !standing.knows_password;
    match () {
        () if standing.owner_is_locked => Err(Error::NotFound),
        () if is_over => Err(Error::Expired),
        () if is_spent && !standing.has_begun => Err(Error::Spent),
        () if is_closed && wish == Wish::Enter => Err(Error::PasswordRequired),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AccountId, EntryId, ShareId};
    use chrono::TimeDelta;

    fn share() -> Share {
        Share {
            id: ShareId::generate(),
            account_id: AccountId::generate(),
            entry_id: EntryId::generate(),
            password_hash: None,
            expires_at: None,
            max_uses: None,
            uses: 0,
            created_at: Time::default(),
        }
    }

    const NOBODY: Standing = Standing {
        owner_is_locked: false,
        knows_password: false,
        has_begun: false,
    };

    #[test]
    fn each_bound_closes_the_gate() {
        let now = Time::default() + TimeDelta::hours(1);
        let ask = |share: &Share, standing, wish| may_open(share, standing, wish, now);
        let open = share();
        assert!(ask(&open, NOBODY, Wish::Enter).is_ok());
        let locked = Standing {
            owner_is_locked: true,
            ..NOBODY
        };
        assert!(matches!(
            ask(&open, locked, Wish::Knock),
            Err(Error::NotFound)
        ));

        let mut timed = share();
        timed.expires_at = Some(now + TimeDelta::microseconds(1));
        assert!(ask(&timed, NOBODY, Wish::Enter).is_ok());
        timed.expires_at = Some(now);
        let begun = Standing {
            has_begun: true,
            ..NOBODY
        };
        assert!(matches!(
            ask(&timed, begun, Wish::Enter),
            Err(Error::Expired)
        ));

        let mut counted = share();
        (counted.max_uses, counted.uses) = (Some(2), 1);
        assert!(ask(&counted, NOBODY, Wish::Enter).is_ok());
        counted.uses = 2;
        assert!(matches!(
            ask(&counted, NOBODY, Wish::Knock),
            Err(Error::Spent)
        ));
        assert!(ask(&counted, begun, Wish::Enter).is_ok());

        let mut closed = share();
        closed.password_hash = Some("hash".into());
        assert!(ask(&closed, NOBODY, Wish::Knock).is_ok());
        for standing in [NOBODY, begun] {
            assert!(matches!(
                ask(&closed, standing, Wish::Enter),
                Err(Error::PasswordRequired)
            ));
        }
        let knows = Standing {
            knows_password: true,
            ..NOBODY
        };
        assert!(ask(&closed, knows, Wish::Enter).is_ok());
    }
}
