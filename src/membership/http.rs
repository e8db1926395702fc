//! The addresses of money: wallet, ledger, vouchers, orders, plans.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get, post, web};
use playhouse_api::IDEMPOTENCY_KEY;
use playhouse_api::admin::{NewCredit, NewVouchers, Voucher, VoucherQuery, Vouchers};
use playhouse_api::membership as api;
use playhouse_api::page::{Page, PageQuery};
use playhouse_api::problem::FieldCode;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Answer, Key, Membership};
use crate::accounts::{Admin, SignedIn};
use crate::error::{Error, Result};
use crate::http::extract::{Body, Id, Query};
use crate::http::gate::{self, Extracted};
use crate::http::request::Origin;
use crate::ids::{AccountId, MovieId, VoucherId};
use crate::page::PageRequest;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(credit_account)
        .service(create_vouchers)
        .service(list_vouchers)
        .service(revoke_voucher)
        .service(show_wallet)
        .service(list_ledger)
        .service(redeem_voucher)
        .service(order_movie)
        .service(list_plans)
        .service(buy_membership);
}

impl FromRequest for Key {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let refused = |code, detail: &str| Error::field(IDEMPOTENCY_KEY, code, detail);
        let key = match request.headers().get(IDEMPOTENCY_KEY) {
            None => Err(refused(
                FieldCode::Required,
                "The header Idempotency-Key is required: a new value for each purchase, the same for a retry.",
            )),
            Some(value) => value.to_str().ok().and_then(Self::parse).ok_or_else(|| {
                refused(
                    FieldCode::InvalidFormat,
                    "Idempotency-Key has 1 to 255 visible ASCII characters.",
                )
            }),
        };
        gate::once_let_in(request, key)
    }
}

impl From<Answer> for HttpResponse {
    fn from(answer: Answer) -> Self {
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::CREATED);
        let mut response = Self::build(status);
        if answer.is_replay {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        response.content_type("application/json").body(answer.body)
    }
}

/// Puts an amount into a wallet; a negative one takes it out as a correction.
#[utoipa::path(tag = "admin",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = String, Header, min_length = 1, max_length = 255)),
    request_body = NewCredit,
    responses((status = 201, body = api::LedgerEntry), (status = 409, description = "The wallet would fall below zero or hold too much")))]
#[post("/admin/accounts/{id}/credit")]
async fn credit_account(
    membership: web::Data<Membership>,
    admin: Admin,
    id: Id<AccountId>,
    key: Key,
    body: Body<NewCredit>,
) -> Result<HttpResponse> {
    Ok(membership.credit(admin, id.0, body.0, key).await?.into())
}

/// Makes vouchers. The codes are in this answer and nowhere else.
#[utoipa::path(tag = "admin", request_body = NewVouchers, responses((status = 201, body = Vouchers)))]
#[post("/admin/vouchers")]
async fn create_vouchers(
    membership: web::Data<Membership>,
    admin: Admin,
    body: Body<NewVouchers>,
) -> Result<HttpResponse> {
    let vouchers = membership.create_vouchers(admin, body.0).await?;
    Ok(HttpResponse::Created().json(vouchers))
}

/// The vouchers that were made, the latest first, without their codes: only hashes of these are kept.
#[utoipa::path(tag = "admin", params(VoucherQuery), responses((status = 200, body = Page<Voucher>)))]
#[get("/admin/vouchers")]
async fn list_vouchers(
    membership: web::Data<Membership>,
    _admin: Admin,
    query: Query<VoucherQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    let filter = query.0.state.unwrap_or_default();
    let vouchers = membership.list_vouchers(filter, page).await?;
    Ok(HttpResponse::Ok().json(vouchers))
}

/// Takes a voucher back that nobody has used. Its code is unknown from then on.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Nobody can use it any more"), (status = 404, description = "No such voucher"),
        (status = 409, description = "Somebody has used it")))]
#[delete("/admin/vouchers/{id}")]
async fn revoke_voucher(
    membership: web::Data<Membership>,
    admin: Admin,
    id: Id<VoucherId>,
) -> Result<HttpResponse> {
    membership.revoke_voucher(admin, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What the caller's wallet holds.
#[utoipa::path(tag = "membership", responses((status = 200, body = api::Wallet)))]
#[get("/me/wallet")]
async fn show_wallet(membership: web::Data<Membership>, who: SignedIn) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(membership.wallet(who.id().clone()).await?))
}

/// The caller's ledger, the latest entry first.
#[utoipa::path(tag = "membership", params(PageQuery), responses((status = 200, body = Page<api::LedgerEntry>)))]
#[get("/me/ledger")]
async fn list_ledger(
    membership: web::Data<Membership>,
    who: SignedIn,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    let ledger = membership.list_ledger(who.id().clone(), page).await?;
    Ok(HttpResponse::Ok().json(ledger))
}

/// Puts a voucher's amount into the caller's wallet.
#[utoipa::path(tag = "membership", request_body = api::RedeemVoucher,
    responses((status = 201, body = api::LedgerEntry), (status = 404, description = "No voucher has this code"),
        (status = 409, description = "The voucher has been used"), (status = 410, description = "The voucher has expired"),
        (status = 429, description = "Too many wrong codes: see Retry-After")))]
#[post("/me/vouchers")]
async fn redeem_voucher(
    membership: web::Data<Membership>,
    who: SignedIn,
    request: HttpRequest,
    body: Body<api::RedeemVoucher>,
) -> Result<HttpResponse> {
    let address = Origin::of(&request).address;
    let entry = membership
        .redeem(&who, body.0.code.reveal(), address)
        .await?;
    Ok(HttpResponse::Created().json(entry))
}

/// Buys a film for ever. VIPs pay their part of the price, rounded up to a whole minor unit.
#[utoipa::path(tag = "membership",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = String, Header, min_length = 1, max_length = 255)),
    responses((status = 201, body = api::Order), (status = 402, description = "The wallet does not hold enough"),
        (status = 404, description = "There is no such film"), (status = 409, description = "Bought already"),
        (status = 422, description = "The film is free, or the key was used for another request")))]
#[post("/movies/{id}/orders")]
async fn order_movie(
    membership: web::Data<Membership>,
    who: SignedIn,
    id: Id<MovieId>,
    key: Key,
) -> Result<HttpResponse> {
    Ok(membership.order(&who, id.0, key).await?.into())
}

/// The VIP plans of the house.
#[utoipa::path(tag = "membership", params(PageQuery), responses((status = 200, body = Page<api::Plan>)))]
#[get("/plans")]
async fn list_plans(
    membership: web::Data<Membership>,
    _who: SignedIn,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    // In the order of the configuration, which does not change while the server runs.
    let numbered = (0_usize..).zip(membership.list_plans());
    let plans = page.cut(numbered, |(place, _)| *place, |place, after| place > after);
    Ok(HttpResponse::Ok().json(plans.map(|(_, plan)| plan)))
}

/// Buys VIP time from the wallet, from now or from the end of what there is.
#[utoipa::path(tag = "membership",
    params(("Idempotency-Key" = String, Header, min_length = 1, max_length = 255)),
    request_body = api::NewMembership,
    responses((status = 201, body = api::Membership), (status = 402, description = "The wallet does not hold enough")))]
#[post("/me/membership")]
async fn buy_membership(
    membership: web::Data<Membership>,
    who: SignedIn,
    key: Key,
    body: Body<api::NewMembership>,
) -> Result<HttpResponse> {
    Ok(membership.buy_vip(&who, body.0, key).await?.into())
}
