//! The addresses of members and bans of a room.

use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use playhouse_api::chat as api;
use playhouse_api::page::{Page, PageQuery};
use utoipa_actix_web::service_config::ServiceConfig;

use super::Account;
use crate::accounts::SignedIn;
use crate::chat::{Caller, Chat};
use crate::error::Result;
use crate::http::extract::{Body, Id, Query};
use crate::ids::{AccountId, RoomId};
use crate::page::PageRequest;

pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_members)
        .service(invite_friend)
        .service(kick_member)
        .service(change_member)
        .service(list_bans)
        .service(ban_account)
        .service(unban_account);
}

/// The members of a room.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = Page<api::Member>), (status = 404, description = "No such room, or not in it")))]
#[get("/rooms/{id}/members")]
async fn list_members(
    chat: web::Data<Chat>,
    who: SignedIn,
    id: Id<RoomId>,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    Ok(HttpResponse::Ok().json(chat.list_members(&who, id.0, page).await?))
}

/// Brings a friend into a group room.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path)), request_body = api::Invitation,
    responses((status = 201, body = api::Member), (status = 200, body = api::Member, description = "They are in it already"),
        (status = 403, description = "Not friends; a private room"), (status = 404, description = "No such room or account"),
        (status = 409, description = "Banned from the room; too many rooms"), (status = 422, description = "The caller's own account")))]
#[post("/rooms/{id}/members")]
async fn invite_friend(
    chat: web::Data<Chat>,
    caller: Caller,
    id: Id<RoomId>,
    body: Body<api::Invitation>,
) -> Result<HttpResponse> {
    let friend = AccountId::from(body.0.account_id);
    let (member, is_new) = chat.invite(&caller, id.0, friend).await?;
    Ok(match is_new {
        true => HttpResponse::Created().json(member),
        false => HttpResponse::Ok().json(member),
    })
}

/// Puts a member out of a group room.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path), ("account_id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Out"), (status = 403, description = "Not for this member"),
        (status = 404, description = "No such room or member"), (status = 422, description = "The caller's own account")))]
#[delete("/rooms/{id}/members/{account_id}")]
async fn kick_member(
    chat: web::Data<Chat>,
    caller: Caller,
    id: Id<RoomId>,
    other: Account,
) -> Result<HttpResponse> {
    chat.kick(&caller, id.0, other.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Changes the role of a member (owner), or mutes them (owner and moderators). The role `owner` hands the room over.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path), ("account_id" = uuid::Uuid, Path)), request_body = api::MemberChanges,
    responses((status = 200, body = api::Member), (status = 403, description = "Not for this member"),
        (status = 404, description = "No such room or member"), (status = 409, description = "The owner hands the room over first")))]
#[patch("/rooms/{id}/members/{account_id}")]
async fn change_member(
    chat: web::Data<Chat>,
    caller: Caller,
    id: Id<RoomId>,
    other: Account,
    body: Body<api::MemberChanges>,
) -> Result<HttpResponse> {
    let member = chat.change_member(&caller, id.0, other.0, body.0).await?;
    Ok(HttpResponse::Ok().json(member))
}

/// Who may not come back into a room, for its owner and moderators.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = Page<api::Ban>), (status = 403, description = "Not for this member"),
        (status = 404, description = "No such room, or not in it")))]
#[get("/rooms/{id}/bans")]
async fn list_bans(
    chat: web::Data<Chat>,
    caller: Caller,
    id: Id<RoomId>,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    Ok(HttpResponse::Ok().json(chat.list_bans(&caller, id.0, page).await?))
}

/// Bans an account from a group room, and puts it out if it is in it.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path), ("account_id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Banned"), (status = 403, description = "Not for this member"),
        (status = 404, description = "No such room or account"), (status = 422, description = "The caller's own account")))]
#[put("/rooms/{id}/bans/{account_id}")]
async fn ban_account(
    chat: web::Data<Chat>,
    caller: Caller,
    id: Id<RoomId>,
    other: Account,
) -> Result<HttpResponse> {
    chat.ban(&caller, id.0, other.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lifts a ban.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path), ("account_id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Lifted"), (status = 403, description = "Not for this member"),
        (status = 404, description = "No such room or ban")))]
#[delete("/rooms/{id}/bans/{account_id}")]
async fn unban_account(
    chat: web::Data<Chat>,
    caller: Caller,
    id: Id<RoomId>,
    other: Account,
) -> Result<HttpResponse> {
    chat.unban(&caller, id.0, other.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
