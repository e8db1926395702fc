//! The addresses of accounts, login sessions and access tokens.

use actix_web::cookie::time::OffsetDateTime;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use playhouse_api::accounts as api;
use playhouse_api::admin::{AccountChanges, AccountQuery};
use playhouse_api::page::{Page, PageQuery};
use utoipa_actix_web::service_config::ServiceConfig;

use super::guards::{COOKIE, FromHere};
use super::service::Opened;
use super::{Accounts, Admin, LoggedIn};
use crate::clock::Clock;
use crate::config::Config;
use crate::error::Result;
use crate::http::extract::{Body, Id, Query};
use crate::http::request::Origin;
use crate::ids::{AccessTokenId, AccountId, SessionId};
use crate::page::PageRequest;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(set_up)
        .service(register)
        .service(sign_in)
        .service(list_sessions)
        .service(sign_out)
        .service(end_session)
        .service(change_password)
        .service(list_tokens)
        .service(create_token)
        .service(revoke_token)
        .service(list_accounts)
        .service(change_account);
}

/// Makes the first admin, with the one-time token that the server printed.
#[utoipa::path(tag = "accounts", security(()), request_body = api::Setup,
    responses((status = 201, body = api::Account), (status = 404, description = "The house is set up")))]
#[post("/setup")]
async fn set_up(
    accounts: web::Data<Accounts>,
    config: web::Data<Config>,
    clock: web::Data<Clock>,
    request: HttpRequest,
    _: FromHere,
    body: Body<api::Setup>,
) -> Result<HttpResponse> {
    let admin = accounts
        .set_up(body.0, Origin::of(&request).address, &config.data_dir)
        .await?;
    Ok(HttpResponse::Created().json(admin.view(clock.now())))
}

/// Registers a member.
#[utoipa::path(tag = "accounts", security(()), request_body = api::NewAccount,
    responses((status = 201, body = api::Account), (status = 409, description = "The user name is taken"),
        (status = 429, description = "Too many from this address: see Retry-After")))]
#[post("/accounts")]
async fn register(
    accounts: web::Data<Accounts>,
    clock: web::Data<Clock>,
    request: HttpRequest,
    _: FromHere,
    body: Body<api::NewAccount>,
) -> Result<HttpResponse> {
    let address = Origin::of(&request).address;
    let account = accounts.register(body.0, address).await?;
    Ok(HttpResponse::Created().json(account.view(clock.now())))
}

/// Signs in. The token is in the answer for programs, and in a cookie for browsers.
#[utoipa::path(tag = "accounts", security(()), request_body = api::NewSession,
    responses((status = 201, body = api::OpenedSession), (status = 401, description = "Wrong user name or password"),
        (status = 429, description = "Too many attempts: see Retry-After")))]
#[post("/sessions")]
async fn sign_in(
    accounts: web::Data<Accounts>,
    clock: web::Data<Clock>,
    request: HttpRequest,
    _: FromHere,
    body: Body<api::NewSession>,
) -> Result<HttpResponse> {
    let origin = Origin::of(&request);
    let device = device_of(&request, body.0.device.as_deref());
    let opened = accounts.sign_in(body.0, device, origin.address).await?;
    let cookie = session_cookie(&opened, origin.is_https);
    Ok(HttpResponse::Created()
        .cookie(cookie)
        .json(api::OpenedSession {
            expires_at: opened.expires_at.and_utc(),
            account: opened.account.view(clock.now()),
            token: opened.token.into(),
        }))
}

/// The caller's own login sessions, the latest first.
#[utoipa::path(tag = "accounts", params(PageQuery), responses((status = 200, body = Page<api::LoginSession>)))]
#[get("/sessions")]
async fn list_sessions(
    accounts: web::Data<Accounts>,
    who: LoggedIn,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    let all = accounts
        .list_sessions(who.viewer.id().clone(), Some(who.session))
        .await?;
    Ok(HttpResponse::Ok().json(page.cut(all, |it| it.id, |id, after| id < after)))
}

/// Signs out: ends the session that asks.
#[utoipa::path(tag = "accounts", responses((status = 204, description = "Signed out")))]
#[delete("/sessions/current")]
async fn sign_out(accounts: web::Data<Accounts>, who: LoggedIn) -> Result<HttpResponse> {
    accounts
        .end_session(who.viewer.id().clone(), who.session)
        .await?;
    let mut gone = Cookie::build(COOKIE, "").path("/").finish();
    gone.make_removal();
    Ok(HttpResponse::NoContent().cookie(gone).finish())
}

/// Ends one of the caller's own sessions.
#[utoipa::path(tag = "accounts", params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Ended")))]
#[delete("/sessions/{id}")]
async fn end_session(
    accounts: web::Data<Accounts>,
    who: LoggedIn,
    id: Id<SessionId>,
) -> Result<HttpResponse> {
    accounts.end_session(who.viewer.id().clone(), id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Changes the password. Every other session and every access token ends.
#[utoipa::path(tag = "accounts", request_body = api::PasswordChange, responses((status = 204, description = "Changed")))]
#[put("/me/password")]
async fn change_password(
    accounts: web::Data<Accounts>,
    who: LoggedIn,
    request: HttpRequest,
    body: Body<api::PasswordChange>,
) -> Result<HttpResponse> {
    let address = Origin::of(&request).address;
    accounts
        .change_password(&who.viewer.account, Some(who.session), body.0, address)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The caller's own access tokens, without their secrets.
#[utoipa::path(tag = "accounts", params(PageQuery), responses((status = 200, body = Page<api::AccessToken>)))]
#[get("/me/tokens")]
async fn list_tokens(
    accounts: web::Data<Accounts>,
    who: LoggedIn,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    let all = accounts.list_tokens(who.viewer.id().clone()).await?;
    Ok(HttpResponse::Ok().json(page.cut(all, |it| it.id, |id, after| id < after)))
}

/// Makes an access token. Its secret is in this answer and nowhere else.
#[utoipa::path(tag = "accounts", request_body = api::AccessTokenRequest, responses((status = 201, body = api::NewAccessToken)))]
#[post("/me/tokens")]
async fn create_token(
    accounts: web::Data<Accounts>,
    who: LoggedIn,
    body: Body<api::AccessTokenRequest>,
) -> Result<HttpResponse> {
    let token = accounts.create_token(&who.viewer, body.0).await?;
    Ok(HttpResponse::Created().json(token))
}

/// Revokes an access token.
#[utoipa::path(tag = "accounts", params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Revoked")))]
#[delete("/me/tokens/{id}")]
async fn revoke_token(
    accounts: web::Data<Accounts>,
    who: LoggedIn,
    id: Id<AccessTokenId>,
) -> Result<HttpResponse> {
    accounts.revoke_token(who.viewer.id().clone(), id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Accounts by user name.
#[utoipa::path(tag = "admin", params(AccountQuery), responses((status = 200, body = Page<api::Account>)))]
#[get("/admin/accounts")]
async fn list_accounts(
    accounts: web::Data<Accounts>,
    _admin: Admin,
    query: Query<AccountQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    let part = query.0.q.filter(|part| !part.is_empty());
    Ok(HttpResponse::Ok().json(accounts.list(part, page).await?))
}

/// Locks or unlocks an account, changes its role, its VIP time or its quota.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)), request_body = AccountChanges, responses((status = 200, body = api::Account)))]
#[patch("/admin/accounts/{id}")]
async fn change_account(
    accounts: web::Data<Accounts>,
    clock: web::Data<Clock>,
    admin: Admin,
    id: Id<AccountId>,
    body: Body<AccountChanges>,
) -> Result<HttpResponse> {
    accounts
        .administer(admin.actor, id.0.clone(), body.0)
        .await?;
    let account = accounts.get(id.0).await?;
    Ok(HttpResponse::Ok().json(account.view(clock.now())))
}

/// What the list of sessions shows: what the client said, or else its user agent, cut to a line.
fn device_of(request: &HttpRequest, said: Option<&str>) -> String {
    let agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok());
    let text = said.or(agent).unwrap_or("unknown");
    text.chars()
        .filter(|it| !it.is_control())
        .take(200)
        .collect()
}

fn session_cookie(opened: &Opened, is_https: bool) -> Cookie<'static> {
    let expires = OffsetDateTime::from_unix_timestamp(opened.expires_at.and_utc().timestamp());
    let mut cookie = Cookie::build(COOKIE, opened.token.clone())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https)
        .finish();
    cookie.set_expires(expires.ok());
    cookie
}
