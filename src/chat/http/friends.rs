//! The addresses of friends, requests and blocks.

use actix_web::{HttpResponse, delete, get, post, put, web};
use playhouse_api::chat as api;
use utoipa_actix_web::service_config::ServiceConfig;

use super::Account;
use crate::accounts::SignedIn;
use crate::chat::{Caller, Chat};
use crate::error::Result;
use crate::http::extract::Body;

pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_friends)
        .service(request_friend)
        .service(accept_friend)
        .service(ignore_friend)
        .service(remove_friend)
        .service(open_private_room)
        .service(block_account)
        .service(unblock_account);
}

/// Friends, requests both ways, and whom the caller has blocked.
#[utoipa::path(tag = "chat", responses((status = 200, body = api::Friends)))]
#[get("/friends")]
async fn list_friends(chat: web::Data<Chat>, who: SignedIn) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(chat.list_friends(&who).await?))
}

/// Asks somebody to be friends. When they have asked already, both are friends at once.
#[utoipa::path(tag = "chat", request_body = api::NewFriendRequest,
    responses((status = 201, body = api::Friendship), (status = 200, body = api::Friendship, description = "It waits already"),
        (status = 404, description = "No such account"), (status = 409, description = "Friends already; blocked by the caller; too many"),
        (status = 422, description = "The caller's own account"), (status = 429, description = "Too many requests")))]
#[post("/friends/requests")]
async fn request_friend(
    chat: web::Data<Chat>,
    caller: Caller,
    body: Body<api::NewFriendRequest>,
) -> Result<HttpResponse> {
    let (friendship, is_new) = chat.request_friend(&caller, body.0).await?;
    Ok(match is_new {
        true => HttpResponse::Created().json(friendship),
        false => HttpResponse::Ok().json(friendship),
    })
}

/// Becomes friends with somebody who has asked.
#[utoipa::path(tag = "chat", params(("account_id" = uuid::Uuid, Path)),
    responses((status = 200, body = api::Friendship), (status = 404, description = "They have not asked"),
        (status = 409, description = "Friends already; too many friends")))]
#[post("/friends/requests/{account_id}/accept")]
async fn accept_friend(
    chat: web::Data<Chat>,
    caller: Caller,
    from: Account,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(chat.accept_friend(&caller, from.0).await?))
}

/// Puts a request aside. Who made it is not told.
#[utoipa::path(tag = "chat", params(("account_id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Put aside"), (status = 404, description = "They have not asked")))]
#[post("/friends/requests/{account_id}/ignore")]
async fn ignore_friend(
    chat: web::Data<Chat>,
    caller: Caller,
    from: Account,
) -> Result<HttpResponse> {
    chat.ignore_friend(&caller, from.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends a friendship, or takes a request back.
#[utoipa::path(tag = "chat", params(("account_id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Ended"), (status = 404, description = "Neither friend nor asked")))]
#[delete("/friends/{account_id}")]
async fn remove_friend(
    chat: web::Data<Chat>,
    caller: Caller,
    other: Account,
) -> Result<HttpResponse> {
    chat.remove_friend(&caller, other.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The private room of the caller and a friend. It is made when it is first asked for.
#[utoipa::path(tag = "chat", params(("account_id" = uuid::Uuid, Path)),
    responses((status = 200, body = api::Room), (status = 403, description = "Not friends"),
        (status = 404, description = "No such account"), (status = 409, description = "Too many rooms"),
        (status = 422, description = "The caller's own account")))]
#[post("/friends/{account_id}/room")]
async fn open_private_room(
    chat: web::Data<Chat>,
    caller: Caller,
    friend: Account,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(chat.private_room(&caller, friend.0).await?))
}

/// Blocks an account: friendship and requests between the two end.
#[utoipa::path(tag = "chat", params(("account_id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Blocked"), (status = 404, description = "No such account"),
        (status = 409, description = "Too many blocks"), (status = 422, description = "The caller's own account")))]
#[put("/blocks/{account_id}")]
async fn block_account(
    chat: web::Data<Chat>,
    caller: Caller,
    other: Account,
) -> Result<HttpResponse> {
    chat.block(&caller, other.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a block back.
#[utoipa::path(tag = "chat", params(("account_id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Not blocked"), (status = 404, description = "No such account")))]
#[delete("/blocks/{account_id}")]
async fn unblock_account(
    chat: web::Data<Chat>,
    caller: Caller,
    other: Account,
) -> Result<HttpResponse> {
    chat.unblock(&caller, other.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
