//! What admins change in accounts, and how their owners hear of it.

use playhouse_api::admin::AccountChanges;
use playhouse_api::events::{AccountEvent, Event};
use playhouse_api::problem::FieldCode;
use serde_json::json;

use super::{Accounts, Result, get_in};
use crate::accounts::model::{Error, Role};
use crate::accounts::store::{self, Changes};
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::Conn;
use crate::error::FieldChecks;
use crate::events::{AccessEnded, Audience, EndReason};
use crate::ids::AccountId;

impl Accounts {
    /// An admin changes an account. Locking ends all its access before this returns.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::LastAdmin`], [`Error::Invalid`].
    pub async fn administer(
        &self,
        actor: Actor,
        id: AccountId,
        asked: AccountChanges,
    ) -> Result<()> {
        let mut checks = FieldChecks::default();
        let quota = asked.quota.flatten().unwrap_or(0);
        checks.require(
            quota >= 0,
            "quota",
            FieldCode::OutOfRange,
            "quota is at least 0.",
        );
        checks.finish().map_err(Error::Invalid)?;
        let now = self.clock.now();
        let target = id.clone();
        let is_locking = asked.is_locked == Some(true);
        let is_for_screens =
            asked.role.is_some() || asked.vip_until.is_some() || asked.quota.is_some();
        self.db
            .write(move |conn| administer(conn, now, &actor, &target, &asked))
            .await?;
        self.access.forget();
        if is_locking {
            self.events.access_ended(&AccessEnded {
                account: id,
                session: None,
                token: None,
                password: false,
                reason: EndReason::Locked,
            });
        } else if is_for_screens {
            self.tell_changed(id).await;
        }
        Ok(())
    }

    /// Tells the owner's screens what the account may now. The change stands whether this works or not.
    pub async fn tell_changed(&self, id: AccountId) {
        match self.get(id.clone()).await {
            Ok(account) => {
                let event = AccountEvent {
                    account: account.view(self.clock.now()),
                    quota: account.quota_bytes,
                };
                let event = Event::Account(Box::new(event));
                self.events.push(Audience::Account(id), event);
            }
            Err(error) => tracing::warn!(%error, "could not tell that an account has changed"),
        }
    }
}

fn administer(
    conn: &mut Conn,
    now: Time,
    actor: &Actor,
    id: &AccountId,
    asked: &AccountChanges,
) -> Result<()> {
    get_in(conn, id)?;
    let changes = Changes {
        is_locked: asked.is_locked,
        role: asked.role.map(Role::from),
        vip_until: asked
            .vip_until
            .map(|until| until.map(|until| until.naive_utc())),
        quota_bytes: asked.quota,
        updated_at: Some(now),
        ..Changes::default()
    };
    store::update(conn, id, &changes)?;
    if asked.is_locked == Some(true) {
        store::delete_sessions(conn, id, None)?;
        store::delete_tokens(conn, id)?;
    }
    if store::count_admins(conn)? == 0 {
        return Err(Error::LastAdmin);
    }
    audit::record(
        conn,
        now,
        actor,
        "account.change",
        id.as_str(),
        &json!(asked),
    )?;
    Ok(())
}
