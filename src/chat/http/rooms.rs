//! The addresses of rooms.

use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use playhouse_api::chat as api;
use playhouse_api::page::{Page, PageQuery};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::accounts::SignedIn;
use crate::chat::{Caller, Chat};
use crate::error::Result;
use crate::http::extract::{Body, Id, Query};
use crate::ids::RoomId;
use crate::page::PageRequest;

pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_rooms)
        .service(create_room)
        .service(join_room)
        .service(get_room)
        .service(change_room)
        .service(leave_room)
        .service(read_room);
}

/// The caller's rooms, in the order in which they were made.
#[utoipa::path(tag = "chat", params(PageQuery), responses((status = 200, body = Page<api::Room>)))]
#[get("/rooms")]
async fn list_rooms(
    chat: web::Data<Chat>,
    who: SignedIn,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    Ok(HttpResponse::Ok().json(chat.list_rooms(&who, page).await?))
}

/// Makes a group room that the caller owns.
#[utoipa::path(tag = "chat", request_body = api::NewRoom,
    responses((status = 201, body = api::Room), (status = 409, description = "The name is taken; too many rooms"),
        (status = 429, description = "Too many new rooms")))]
#[post("/rooms")]
async fn create_room(
    chat: web::Data<Chat>,
    caller: Caller,
    body: Body<api::NewRoom>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Created().json(chat.create_room(&caller, body.0).await?))
}

/// Joins a group room by its name. Who is in it already gets it all the same.
#[utoipa::path(tag = "chat", request_body = api::JoinRoom,
    responses((status = 200, body = api::Room), (status = 403, description = "Banned from the room"),
        (status = 404, description = "No such room"), (status = 409, description = "Too many rooms"),
        (status = 429, description = "Too many joins and messages")))]
#[post("/rooms/join")]
async fn join_room(
    chat: web::Data<Chat>,
    caller: Caller,
    body: Body<api::JoinRoom>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(chat.join_room(&caller, body.0).await?))
}

/// A room, for one of its members.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = api::Room), (status = 404, description = "No such room, or not in it")))]
#[get("/rooms/{id}")]
async fn get_room(chat: web::Data<Chat>, who: SignedIn, id: Id<RoomId>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(chat.get_room(&who, id.0).await?))
}

/// Changes name and slow mode (owner and moderators) or retention (owner) of a group room.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path)), request_body = api::RoomChanges,
    responses((status = 200, body = api::Room), (status = 403, description = "Not for this member"),
        (status = 404, description = "No such room, or not in it"), (status = 409, description = "The name is taken")))]
#[patch("/rooms/{id}")]
async fn change_room(
    chat: web::Data<Chat>,
    caller: Caller,
    id: Id<RoomId>,
    body: Body<api::RoomChanges>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(chat.change_room(&caller, id.0, body.0).await?))
}

/// Leaves a group room. With its last member it is gone.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Left"), (status = 403, description = "A private room"),
        (status = 404, description = "No such room, or not in it")))]
#[delete("/rooms/{id}/members/me")]
async fn leave_room(chat: web::Data<Chat>, caller: Caller, id: Id<RoomId>) -> Result<HttpResponse> {
    chat.leave_room(&caller, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Marks everything up to an event as read. A mark never goes backwards.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path)), request_body = api::ReadRoom,
    responses((status = 200, body = api::ReadMark), (status = 404, description = "No such room, or not in it")))]
#[put("/rooms/{id}/read")]
async fn read_room(
    chat: web::Data<Chat>,
    who: SignedIn,
    id: Id<RoomId>,
    body: Body<api::ReadRoom>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(chat.read_room(&who, id.0, body.0.seq).await?))
}
