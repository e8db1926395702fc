//! What becomes of the money of an account that leaves.
//!
//! The law of the house: amounts stay, so that the books still add up; what they say of a person goes. What is left in
//! the wallet is given up by an entry like any other.

use playhouse_api::membership as api;
use playhouse_api::page::Page;
use uuid::Uuid;

use super::{LedgerKind, Membership, Posting, Result, post_in};
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::ids::{AccountId, OrderId};
use crate::membership::model::{Error, Order};
use crate::membership::store;
use crate::page::PageRequest;

impl Membership {
    /// The orders of an account, the latest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_orders(
        &self,
        account: AccountId,
        page: PageRequest<Uuid>,
    ) -> Result<Page<api::OrderRecord>> {
        let (fetch, before) = (page.rows_to_fetch(), page.after.map(OrderId::from));
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| {
                Ok(store::list_orders(conn, &account, before.as_ref(), fetch)?)
            })
            .await?;
        Ok(page.page(rows, |row| row.id.uuid()).map(record))
    }

    /// Closes the books of an account, in the transaction that has marked it as deleted. A second time nothing happens.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn close_in(conn: &mut Conn, account: &AccountId, now: Time) -> Result<()> {
        let balance = Self::balance_in(conn, account)?;
        if balance > 0 {
            let posting = Posting {
                account,
                amount: -balance,
                kind: LedgerKind::Adjustment,
                note: "",
                order: None,
                actor: None,
            };
            post_in(conn, now, &posting)?;
        }
        store::delete_rights(conn, account)?;
        Ok(store::blank_notes(conn, account)?)
    }

    /// Puts another name to the vouchers that somebody has made.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn rename_maker_in(conn: &mut Conn, from: &str, to: &str) -> db::Result<()> {
        store::rename_maker(conn, from, to)
    }
}

fn record(order: Order) -> api::OrderRecord {
    api::OrderRecord {
        id: order.id.uuid(),
        movie_id: order.movie_id.uuid(),
        title: order.movie_title,
        regular_price: order.regular_price,
        price: order.price,
        as_vip: order.as_vip,
        created_at: order.created_at.and_utc(),
    }
}
