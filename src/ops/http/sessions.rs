//! The login sessions of others, for admins.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get, web};
use playhouse_api::admin::AccountSession;
use playhouse_api::page::{Page, PageQuery};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::accounts::{Accounts, Admin, Via};
use crate::error::{Error, Result};
use crate::http::extract::{Id, Query, id_in_path};
use crate::http::gate::{self, Extracted};
use crate::ids::{AccountId, SessionId};
use crate::page::PageRequest;
use crate::realtime::Realtime;

pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_account_sessions)
        .service(end_account_session);
}

/// `{session_id}` in the path.
struct Session(SessionId);

impl FromRequest for Session {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        gate::once_let_in(request, id_in_path(request, "session_id").map(Self))
    }
}

/// The login sessions of an account, the latest first, with the live connections that each has to this server.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = Page<AccountSession>), (status = 404, description = "No such account")))]
#[get("/admin/accounts/{id}/sessions")]
async fn list_account_sessions(
    accounts: web::Data<Accounts>,
    realtime: web::Data<Realtime>,
    admin: Admin,
    id: Id<AccountId>,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    let account = accounts.get(id.0).await?.id;
    let current = match &admin.viewer.via {
        Via::Session(own) => Some(own.clone()),
        Via::Password | Via::Token { .. } => None,
    };
    let sessions = accounts.list_sessions(account.clone(), current).await?;
    let connections = realtime.connections_of(&account);
    let items = sessions.into_iter().map(|session| AccountSession {
        connections: connections.get(&session.id).copied().unwrap_or(0),
        session,
    });
    Ok(HttpResponse::Ok().json(page.cut(items, |it| it.session.id, |id, after| id < after)))
}

/// Ends a login session of an account: its transfers and live connections end at once.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path), ("session_id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Ended"), (status = 404, description = "No such session of this account")))]
#[delete("/admin/accounts/{id}/sessions/{session_id}")]
async fn end_account_session(
    accounts: web::Data<Accounts>,
    admin: Admin,
    id: Id<AccountId>,
    session: Session,
) -> Result<HttpResponse> {
    accounts
        .end_session_of(admin.actor, id.0, session.0)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
