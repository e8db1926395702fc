//! How a connection looks at who is here.

use playhouse_api::problem::FieldCode;
use playhouse_api::realtime::{PresenceEvent, Watched};
use uuid::Uuid;

use super::presence::Looks;
use super::requests::{Desk, busy};
use crate::error::{Error, Result};
use crate::ids::AccountId;

impl Desk {
    /// Looks at the presence of accounts, as far as they are in the circle.
    pub(super) async fn look_at(&self, accounts: Vec<Uuid>) -> Result<Watched> {
        let most = self.realtime.config().max_watched;
        if accounts.len() > most {
            let detail = format!("accounts has at most {most} ids.");
            return Err(Error::field("accounts", FieldCode::TooLong, &detail));
        }
        let (presence, me) = (self.realtime.house.presence(), self.caller.viewer.id());
        for _ in 0..5 {
            let circles = presence.circles();
            let circle = self.realtime.chat.circle(me).await?;
            let allowed = accounts
                .iter()
                .copied()
                .filter(|it| circle.accounts.contains(&AccountId::from(*it)));
            let looks = Looks {
                accounts: allowed.collect(),
                sees_last: circle.sees_last,
            };
            let (seat, inbox) = (&self.seat, &self.hub.inbox);
            let seen = presence.watch(seat.id, seat.account, inbox, looks, circles);
            if let Some(accounts) = seen {
                return self.with_last_seen(accounts).await;
            }
        }
        Err(busy())
    }

    /// Says of those who are away when they were here last, if both sides show it.
    async fn with_last_seen(&self, mut accounts: Vec<PresenceEvent>) -> Result<Watched> {
        let away = accounts.iter().filter(|it| !it.online);
        let away: Vec<AccountId> = away.map(|it| it.account_id.into()).collect();
        let me = self.caller.viewer.id();
        let seen = self.realtime.chat.last_seen(me, away).await?;
        for event in accounts.iter_mut().filter(|it| !it.online) {
            let at = seen.get(&AccountId::from(event.account_id));
            event.last_seen_at = at.map(chrono::NaiveDateTime::and_utc);
        }
        Ok(Watched { accounts })
    }
}
