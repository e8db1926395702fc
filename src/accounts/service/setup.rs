//! The first admin: made with a one-time token that only somebody at the server can read.

use std::io::Write as _;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use playhouse_api::accounts as api;
use serde_json::json;
use subtle::ConstantTimeEq as _;

use super::{Accounts, Result, insert};
use crate::accounts::credentials::{new_token, token_hash};
use crate::accounts::model::{Account, Error, Role};
use crate::accounts::store;
use crate::audit::{self, Actor};

const SETTING: &str = "setup_token_hash";
const FILE: &str = "setup-token";

impl Accounts {
    /// Whether the first admin is still to be made.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_setup_needed(&self) -> Result<bool> {
        self.db
            .read::<_, Error, _>(|conn| Ok(store::find_setting(conn, SETTING)?.is_some()))
            .await
    }

    /// On a start without an admin, writes a new set-up token to `DIR/setup-token` (mode 0600) and returns it.
    ///
    /// # Errors
    /// When the token cannot be kept.
    pub async fn prepare_setup(&self, data_dir: &Path) -> Result<Option<String>> {
        let token = new_token();
        let hash = token_hash(&token);
        let is_needed = self
            .db
            .write::<_, Error, _>(move |conn| {
                let is_needed = store::count_admins(conn)? == 0;
                if is_needed {
                    store::put_setting(conn, SETTING, &hash)?;
                } else {
                    store::delete_setting(conn, SETTING)?;
                }
                Ok(is_needed)
            })
            .await?;
        if !is_needed {
            return Ok(None);
        }
        let path = data_dir.join(FILE);
        // Made anew, so that the mode is ours whatever was there.
        drop(std::fs::remove_file(&path));
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        writeln!(file, "{token}")?;
        Ok(Some(token))
    }

    /// Makes the first admin and uses the token up.
    ///
    /// # Errors
    /// [`Error::SetupDone`], [`Error::WrongSetupToken`], [`Error::Throttled`], [`Error::Invalid`].
    pub async fn set_up(
        &self,
        asked: api::Setup,
        address: IpAddr,
        data_dir: &Path,
    ) -> Result<Account> {
        const NOBODY: &str = "setup token";
        if !self.is_setup_needed().await? {
            return Err(Error::SetupDone);
        }
        let now = self.clock.now();
        if let Some(retry_after) = self.throttle.wait(NOBODY, address, now) {
            return Err(Error::Throttled { retry_after });
        }
        let given = token_hash(asked.token.reveal().trim());
        let new = api::NewAccount {
            username: asked.username,
            password: asked.password,
            real_name: None,
            phone: None,
            address: None,
            email: None,
            locale: None,
        };
        let row = self.new_row(new, Role::Admin).await?;
        let outcome = self
            .db
            .write(move |conn| {
                let hash = store::find_setting(conn, SETTING)?.ok_or(Error::SetupDone)?;
                if !bool::from(hash.as_bytes().ct_eq(given.as_bytes())) {
                    return Err(Error::WrongSetupToken);
                }
                store::delete_setting(conn, SETTING)?;
                let admin = insert(conn, &row)?;
                audit::record(
                    conn,
                    now,
                    &Actor::house(),
                    "account.setup",
                    admin.id.as_str(),
                    &json!({}),
                )?;
                Ok(admin)
            })
            .await;
        match &outcome {
            Ok(_) => drop(std::fs::remove_file(data_dir.join(FILE))),
            Err(Error::WrongSetupToken) => self.throttle.failed(NOBODY, address, now),
            Err(_) => {}
        }
        outcome
    }
}
