//! Puts profiles together.

use playhouse_api::accounts::{DriveUse, Me, ProfileChanges};
use playhouse_api::admin::AccountDetail;

use crate::accounts::{Account, Accounts, Error};
use crate::chat::Chat;
use crate::clock::Clock;
use crate::db::{Conn, Db};
use crate::drive::Drive;
use crate::ids::AccountId;
use crate::membership::Membership;
use crate::notices::{Notices, Reader};

type Result<T> = std::result::Result<T, Error>;

/// The profiles of the house; cheap to copy.
#[derive(Clone)]
pub struct Profiles {
    db: Db,
    clock: Clock,
    accounts: Accounts,
    drive: Drive,
    chat: Chat,
}

/// What a profile is made of.
struct Parts {
    account: Account,
    balance: i64,
    unread_notices: i64,
    drive: DriveUse,
}

impl Profiles {
    #[must_use]
    pub fn new(db: Db, clock: Clock, accounts: Accounts, drive: Drive, chat: Chat) -> Self {
        Self {
            db,
            clock,
            accounts,
            drive,
            chat,
        }
    }

    /// What an account's owner sees of it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn me(&self, id: AccountId) -> Result<Me> {
        let now = self.clock.now();
        let parts = self.parts(id).await?;
        let account = parts.account;
        Ok(Me {
            account: account.view(now),
            drive: parts.drive,
            show_last_seen: account.show_last_seen,
            phone: account.phone,
            address: account.address,
            email: account.email,
            locale: account.locale,
            balance: parts.balance,
            unread_notices: parts.unread_notices,
        })
    }

    /// The owner changes their own fields.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn change_me(&self, id: AccountId, asked: ProfileChanges) -> Result<Me> {
        let is_about_sight = asked.show_last_seen.is_some();
        self.accounts.change_profile(id.clone(), asked).await?;
        if is_about_sight {
            self.chat.shows_otherwise(&id);
        }
        self.me(id).await
    }

    /// What an admin sees of an account.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn detail(&self, id: AccountId) -> Result<AccountDetail> {
        let now = self.clock.now();
        let parts = self.parts(id).await?;
        let account = parts.account;
        Ok(AccountDetail {
            account: account.view(now),
            drive: parts.drive,
            phone: account.phone,
            address: account.address,
            email: account.email,
            balance: parts.balance,
        })
    }

    async fn parts(&self, id: AccountId) -> Result<Parts> {
        let drive = self.drive.clone();
        self.db.read(move |conn| parts_in(conn, &drive, &id)).await
    }
}

fn parts_in(conn: &mut Conn, drive: &Drive, id: &AccountId) -> Result<Parts> {
    let account = Accounts::get_in(conn, id)?;
    let room = drive.usage_in(conn, id)?;
    Ok(Parts {
        balance: Membership::balance_in(conn, id)?,
        unread_notices: Notices::unread_in(conn, &Reader::from(&account))?,
        drive: DriveUse {
            used: room.used,
            quota: room.quota,
        },
        account,
    })
}
