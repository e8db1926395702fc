//! What a wallet buys: films and VIP time.

use playhouse_api::membership as api;
use playhouse_api::problem::{FieldCode, FieldProblem};
use playhouse_api::webhooks::{Happening, OrderFacts};
use serde_json::json;

use super::{LedgerKind, Membership, Posting, Result, Terms, post_in};
use crate::accounts::{Accounts, Viewer};
use crate::clock::Time;
use crate::config::PlanConfig;
use crate::db::Conn;
use crate::ids::{AccountId, MovieId, OrderId};
use crate::membership::idempotency::{self, Answer, Key, Request};
use crate::membership::model::{Error, Order};
use crate::membership::{policy, store};
use crate::movies::Movies;

/// Nobody buys VIP time further ahead.
const MAX_VIP_DAYS: i64 = 36_525;

impl Membership {
    /// Buys a film for ever, at the price of this moment. Once for each key.
    ///
    /// # Errors
    /// [`Error::NoSuchMovie`], [`Error::MovieIsFree`], [`Error::AlreadyOwned`], [`Error::InsufficientBalance`],
    /// [`Error::IdempotencyMismatch`].
    pub async fn order(&self, buyer: &Viewer, movie: MovieId, key: Key) -> Result<Answer> {
        let (now, terms) = (self.clock.now(), self.terms.clone());
        let account = buyer.id().clone();
        let request = Request::new(&account, key, format!("order {movie}"), &json!(null))?;
        let (id, events) = (movie.clone(), self.events.clone());
        let answer = self
            .db
            .write(move |conn| {
                idempotency::once_in(conn, &request, now, |conn| {
                    let order = order_in(conn, now, &terms, &account, &id)?;
                    events.tell_in(conn, now, &paid(&order, &terms))?;
                    Ok(order.view())
                })
            })
            .await?;
        if !answer.is_replay {
            self.events.committed();
            self.note_popularity(movie).await;
            self.tell_balance(buyer.id().clone()).await;
        }
        Ok(answer)
    }

    /// Apart from the order, so that buyers of one film do not wait for each other; the order stands without it.
    async fn note_popularity(&self, movie: MovieId) {
        let noted = self
            .db
            .write_relaxed::<_, Error, _>(move |conn| Ok(Movies::bump_popularity(conn, &movie)?));
        if let Err(error) = noted.await {
            tracing::warn!(%error, "could not note that a film was bought");
        }
    }

    /// The plans of the house.
    #[must_use]
    pub fn list_plans(&self) -> Vec<api::Plan> {
        let view = |plan: &PlanConfig| api::Plan {
            id: plan.id.clone(),
            title: plan.title.clone(),
            days: plan.days,
            price: plan.price,
        };
        self.terms.plans.iter().map(view).collect()
    }

    /// Buys VIP time, from now or from the end of what there is. Once for each key.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an unknown plan, [`Error::InsufficientBalance`], [`Error::VipForTooLong`],
    /// [`Error::IdempotencyMismatch`].
    pub async fn buy_vip(
        &self,
        buyer: &Viewer,
        asked: api::NewMembership,
        key: Key,
    ) -> Result<Answer> {
        let plan = self.find_plan(&asked.plan)?.clone();
        let (now, terms) = (self.clock.now(), self.terms.clone());
        let account = buyer.id().clone();
        let request = Request::new(&account, key, "membership".to_owned(), &asked)?;
        let answer = self
            .db
            .write(move |conn| {
                idempotency::once_in(conn, &request, now, |conn| {
                    buy_vip_in(conn, now, &terms, &account, &plan)
                })
            })
            .await?;
        self.accounts.forget_access();
        self.accounts.tell_changed(buyer.id().clone()).await;
        self.tell_balance(buyer.id().clone()).await;
        Ok(answer)
    }

    fn find_plan(&self, id: &str) -> Result<&PlanConfig> {
        let plan = self.terms.plans.iter().find(|plan| plan.id == id);
        plan.ok_or_else(|| {
            let detail = "There is no such plan.";
            Error::Invalid(vec![FieldProblem::new("plan", FieldCode::Unknown, detail)])
        })
    }
}

fn order_in(
    conn: &mut Conn,
    now: Time,
    terms: &Terms,
    account: &AccountId,
    movie: &MovieId,
) -> Result<Order> {
    let account = Accounts::get_in(conn, account)?;
    let movie = Movies::get_in(conn, movie)?;
    if !movie.is_visible(now) {
        return Err(Error::NoSuchMovie);
    }
    if store::has_ordered(conn, &account.id, &movie.id)? {
        return Err(Error::AlreadyOwned);
    }
    if movie.price == 0 {
        return Err(Error::MovieIsFree);
    }
    let order = Order {
        id: OrderId::generate(),
        account_id: account.id.clone(),
        movie_id: movie.id,
        movie_title: movie.title,
        regular_price: movie.price,
        price: policy::price_for(&account, movie.price, terms.vip_percent, now),
        as_vip: account.is_vip(now),
        created_at: now,
    };
    store::insert_order(conn, &order)?;
    let posting = Posting {
        account: &order.account_id,
        amount: -order.price,
        kind: LedgerKind::Order,
        note: &order.movie_title,
        order: Some(&order.id),
        actor: None,
    };
    pay_in(conn, now, terms, &posting)?;
    store::insert_entitlement(conn, &order)?;
    Ok(order)
}

/// What others are told of an order.
fn paid(order: &Order, terms: &Terms) -> Happening {
    Happening::OrderPaid(OrderFacts {
        id: order.id.uuid(),
        account_id: order.account_id.uuid(),
        movie_id: order.movie_id.uuid(),
        price: order.price,
        currency: terms.currency.clone(),
    })
}

fn buy_vip_in(
    conn: &mut Conn,
    now: Time,
    terms: &Terms,
    account: &AccountId,
    plan: &PlanConfig,
) -> Result<api::Membership> {
    let vip_until = Accounts::get_in(conn, account)?.vip_until;
    let days_left = vip_until.map_or(0, |until| (until - now).num_days().max(0));
    if days_left + plan.days > MAX_VIP_DAYS {
        return Err(Error::VipForTooLong);
    }
    let posting = Posting {
        account,
        amount: -plan.price,
        kind: LedgerKind::Membership,
        note: &plan.title,
        order: None,
        actor: None,
    };
    pay_in(conn, now, terms, &posting)?;
    let vip_until = Accounts::extend_vip_in(conn, account, plan.days, now)?;
    Ok(api::Membership {
        is_vip: vip_until > now,
        vip_until: vip_until.and_utc(),
        price: plan.price,
        balance: Membership::balance_in(conn, account)?,
    })
}

/// Takes an amount out of the wallet; says what is missing when it holds less. Nothing costs no entry.
fn pay_in(conn: &mut Conn, now: Time, terms: &Terms, posting: &Posting<'_>) -> Result<()> {
    if posting.amount == 0 {
        return Ok(());
    }
    let lacking = -(Membership::balance_in(conn, posting.account)? + posting.amount);
    if lacking > 0 {
        let missing = terms.words(lacking);
        return Err(Error::InsufficientBalance { missing });
    }
    post_in(conn, now, posting)?;
    Ok(())
}
