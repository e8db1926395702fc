//! The addresses of messages and of a room's log.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use playhouse_api::chat as api;
use playhouse_api::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;

use super::Message;
use crate::accounts::SignedIn;
use crate::chat::{Caller, Chat, Part, PartRequest, Sent};
use crate::error::Result;
use crate::http::extract::{Body, Id, Query};
use crate::ids::RoomId;
use crate::page::PageRequest;

pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_events)
        .service(list_messages)
        .service(send_message)
        .service(get_message)
        .service(edit_message)
        .service(delete_message)
        .service(add_reaction)
        .service(remove_reaction);
}

/// The log of a room, always in the order of `seq`: the latest page, the one before `before_seq`, or the one after
/// `after_seq`; with `q` only what is found.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path), api::EventQuery),
    responses((status = 200, body = api::History), (status = 404, description = "No such room, or not in it")))]
#[get("/rooms/{id}/events")]
async fn list_events(
    chat: web::Data<Chat>,
    who: SignedIn,
    id: Id<RoomId>,
    query: Query<api::EventQuery>,
) -> Result<HttpResponse> {
    let query = query.0;
    let cursor = PageRequest::<Part>::read(query.cursor.as_deref(), query.limit)?.after;
    let part = PartRequest::read(query.after_seq, query.before_seq, cursor, query.limit)?;
    let (mut history, next) = chat.history(&who, id.0, part, query.q.as_deref()).await?;
    history.next_cursor = next.as_ref().map(PageRequest::<Part>::cursor);
    Ok(HttpResponse::Ok().json(history))
}

/// The messages of a room as they stand now, always in the order of `seq`.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path), api::MessageQuery),
    responses((status = 200, body = Page<api::Message>), (status = 404, description = "No such room, or not in it")))]
#[get("/rooms/{id}/messages")]
async fn list_messages(
    chat: web::Data<Chat>,
    who: SignedIn,
    id: Id<RoomId>,
    query: Query<api::MessageQuery>,
) -> Result<HttpResponse> {
    let query = query.0;
    let cursor = PageRequest::<Part>::read(query.cursor.as_deref(), query.limit)?.after;
    let part = PartRequest::read(query.after_seq, query.before_seq, cursor, query.limit)?;
    let (mut page, next) = chat.list_messages(&who, id.0, part).await?;
    page.next_cursor = next.as_ref().map(PageRequest::<Part>::cursor);
    Ok(HttpResponse::Ok().json(page))
}

/// Says something in a room. The answer comes when it is durable. The same `client_msg_id` again is answered with the
/// original.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path)), request_body = api::NewMessage,
    responses((status = 201, body = api::Event), (status = 200, body = api::Event, description = "It was here already"),
        (status = 403, description = "Muted; friends no more"), (status = 404, description = "No such room, or not in it"),
        (status = 422, description = "Not valid; the id was used in another room"),
        (status = 429, description = "Too many messages; a slow room")))]
#[post("/rooms/{id}/messages")]
async fn send_message(
    chat: web::Data<Chat>,
    caller: Caller,
    id: Id<RoomId>,
    body: Body<api::NewMessage>,
) -> Result<HttpResponse> {
    Ok(match chat.send(&caller, id.0, body.0).await? {
        Sent::New(event) => HttpResponse::Created().json(&*event),
        Sent::Again(event) => HttpResponse::Ok().json(&*event),
    })
}

/// A message as it stands now.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path), ("message_id" = uuid::Uuid, Path)),
    responses((status = 200, body = api::Message), (status = 404, description = "No such room or message")))]
#[get("/rooms/{id}/messages/{message_id}")]
async fn get_message(
    chat: web::Data<Chat>,
    who: SignedIn,
    id: Id<RoomId>,
    message: Message,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(chat.get_message(&who, id.0, message.0).await?))
}

/// Gives one's own message another text.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path), ("message_id" = uuid::Uuid, Path)), request_body = api::MessageChanges,
    responses((status = 200, body = api::Event), (status = 403, description = "The message of another one; muted; friends no more"),
        (status = 404, description = "No such room or message"), (status = 409, description = "Deleted"),
        (status = 429, description = "Too many messages")))]
#[patch("/rooms/{id}/messages/{message_id}")]
async fn edit_message(
    chat: web::Data<Chat>,
    caller: Caller,
    id: Id<RoomId>,
    message: Message,
    body: Body<api::MessageChanges>,
) -> Result<HttpResponse> {
    let event = chat.edit(&caller, id.0, message.0, body.0).await?;
    Ok(HttpResponse::Ok().json(&*event))
}

/// Deletes a message: one's own, or as owner or moderator that of another one.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path), ("message_id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Deleted"), (status = 403, description = "The message of another one"),
        (status = 404, description = "No such room or message")))]
#[delete("/rooms/{id}/messages/{message_id}")]
async fn delete_message(
    chat: web::Data<Chat>,
    caller: Caller,
    id: Id<RoomId>,
    message: Message,
) -> Result<HttpResponse> {
    chat.delete(&caller, id.0, message.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `{emoji}` in the path. What is no UTF-8 is no emoji, and refused as an empty one.
fn emoji(request: &HttpRequest) -> String {
    let raw = request.match_info().query("emoji");
    let text = percent_encoding::percent_decode_str(raw).decode_utf8();
    text.map(std::borrow::Cow::into_owned).unwrap_or_default()
}

async fn react(
    (chat, caller): (&Chat, &Caller),
    (id, message): (Id<RoomId>, Message),
    request: &HttpRequest,
    is_on: bool,
) -> Result<HttpResponse> {
    chat.react(caller, id.0, message.0, emoji(request), is_on)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Puts an emoji to a message.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path), ("message_id" = uuid::Uuid, Path), ("emoji" = String, Path)),
    responses((status = 204, description = "It is there"), (status = 403, description = "Muted; friends no more"),
        (status = 404, description = "No such room or message"), (status = 409, description = "Deleted; too many emojis"),
        (status = 422, description = "Not one emoji"), (status = 429, description = "Too many")))]
#[put("/rooms/{id}/messages/{message_id}/reactions/{emoji}")]
async fn add_reaction(
    chat: web::Data<Chat>,
    caller: Caller,
    id: Id<RoomId>,
    message: Message,
    request: HttpRequest,
) -> Result<HttpResponse> {
    react((&chat, &caller), (id, message), &request, true).await
}

/// Takes an emoji back.
#[utoipa::path(tag = "chat", params(("id" = uuid::Uuid, Path), ("message_id" = uuid::Uuid, Path), ("emoji" = String, Path)),
    responses((status = 204, description = "It is gone"), (status = 403, description = "Muted; friends no more"),
        (status = 404, description = "No such room or message"), (status = 409, description = "Deleted"),
        (status = 422, description = "Not one emoji"), (status = 429, description = "Too many")))]
#[delete("/rooms/{id}/messages/{message_id}/reactions/{emoji}")]
async fn remove_reaction(
    chat: web::Data<Chat>,
    caller: Caller,
    id: Id<RoomId>,
    message: Message,
    request: HttpRequest,
) -> Result<HttpResponse> {
    react((&chat, &caller), (id, message), &request, false).await
}
