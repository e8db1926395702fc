//! The addresses of what is made of films, for admins. What members watch is given out by `playback`.

use actix_web::{HttpResponse, delete, get, post, put, web};
use playhouse_api::movies as api;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Renditions, vtt};
use crate::accounts::Admin;
use crate::error::Result;
use crate::http::extract::{Id, Query, read_whole};
use crate::ids::MovieId;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(get_renditions)
        .service(make_renditions)
        .service(drop_renditions)
        .service(put_subtitle)
        .service(delete_subtitle);
}

/// What there is of a film, what is to come, and the jobs about it.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = api::FilmQuality),
    (status = 404, description = "No such film")))]
#[get("/admin/movies/{id}/renditions")]
async fn get_renditions(
    renditions: web::Data<Renditions>,
    _admin: Admin,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(renditions.describe(id.0).await?))
}

/// Makes the renditions of a film anew; it is served as it was uploaded meanwhile.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)), responses(
    (status = 202, description = "There is a job for it"), (status = 404, description = "No such film"),
    (status = 409, description = "It is being worked on, or nothing is made of films here")))]
#[post("/admin/movies/{id}/renditions")]
async fn make_renditions(
    renditions: web::Data<Renditions>,
    admin: Admin,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    renditions.make_again(admin.actor, id.0).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Removes the renditions of a film, with their bytes; it is served as it was uploaded then.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "They are gone"),
    (status = 404, description = "No such film"), (status = 409, description = "It is being worked on")))]
#[delete("/admin/movies/{id}/renditions")]
async fn drop_renditions(
    renditions: web::Data<Renditions>,
    admin: Admin,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    renditions.drop_renditions(admin.actor, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gives a film subtitles in a language (a simple BCP 47 tag), instead of those that it has: the body is `SubRip` or
/// WebVTT, at most 2 MiB.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path), ("language" = String, Path), api::SubtitleQuery),
    request_body(content = String, content_type = "text/vtt"), responses(
    (status = 200, body = api::SubtitleTrack), (status = 404, description = "No such film"),
    (status = 409, description = "It has too many"), (status = 413, description = "The body is too large")))]
#[put("/movies/{id}/subtitles/{language}")]
async fn put_subtitle(
    renditions: web::Data<Renditions>,
    admin: Admin,
    id: Id<MovieId>,
    path: web::Path<(String, String)>,
    query: Query<api::SubtitleQuery>,
    body: web::Payload,
) -> Result<HttpResponse> {
    let bytes = read_whole(body, vtt::MOST_BYTES, "Subtitles have").await?;
    let (language, label) = (&path.1, query.0.label.as_deref());
    let track = renditions
        .put_subtitle(admin.actor, id.0, language, label, &bytes)
        .await?;
    Ok(HttpResponse::Ok().json(track.view()))
}

/// Takes subtitles away from a film.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path), ("language" = String, Path)), responses(
    (status = 204, description = "They are gone"), (status = 404, description = "No such film or language")))]
#[delete("/movies/{id}/subtitles/{language}")]
async fn delete_subtitle(
    renditions: web::Data<Renditions>,
    admin: Admin,
    id: Id<MovieId>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let language = path.into_inner().1;
    renditions
        .delete_subtitle(admin.actor, id.0, language)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
