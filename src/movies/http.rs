//! The addresses of the catalogue, for members, and of publishing, for admins.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use bytes::Bytes;
use playhouse_api::movies as api;
use playhouse_api::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;

use super::Movies;
use crate::accounts::{Admin, MaybeSignedIn, SignedIn};
use crate::error::{Error, Result};
use crate::http::conditional;
use crate::http::extract::{Body, Id, Query, read_whole};
use crate::ids::MovieId;

/// Bytes of a picture that is uploaded.
const MOST_PICTURE_BYTES: usize = 10 << 20;

/// A member's own browser may keep it; what stands in between may not.
const FOR_EVER: &str = "private, max-age=31536000, immutable";

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_movies)
        .service(list_facets)
        .service(look_up_movie)
        .service(publish_movie)
        .service(change_movie)
        .service(delete_movie)
        .service(restore_movie)
        .service(purge_movie)
        .service(list_posters)
        .service(choose_poster)
        .service(upload_poster);
}

/// The addresses outside `/api/v1`.
pub fn configure_media(routes: &mut web::ServiceConfig) {
    let posters = web::resource("/media/posters/{name}")
        .route(web::get().to(show_poster))
        .route(web::head().to(show_poster));
    routes.service(posters);
}

/// The catalogue.
#[utoipa::path(tag = "movies", params(api::MovieQuery), responses((status = 200, body = Page<api::Movie>),
    (status = 403, description = "`state` and `deleted` are for admins")))]
#[get("/movies")]
async fn list_movies(
    movies: web::Data<Movies>,
    who: SignedIn,
    request: HttpRequest,
    query: Query<api::MovieQuery>,
) -> Result<HttpResponse> {
    let page = movies
        .page(who.is_admin(), request.query_string(), query.0)
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::ETAG, page.tag.clone()))
        .body(page.body.clone()))
}

/// The categories and tags of the catalogue, with how many films have them.
#[utoipa::path(tag = "movies", responses((status = 200, body = api::Facets)))]
#[get("/movies/facets")]
async fn list_facets(movies: web::Data<Movies>, _who: SignedIn) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(movies.facets().await?))
}

/// The film with that content, in the trash or not: asked before an upload.
#[utoipa::path(tag = "movies", request_body = api::MovieLookup, responses((status = 200, body = api::Movie),
    (status = 404, description = "No such film")))]
#[post("/movies/lookup")]
async fn look_up_movie(
    movies: web::Data<Movies>,
    _admin: Admin,
    body: Body<api::MovieLookup>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(movies.look_up(body.0).await?.view()))
}

/// Publishes a finished upload. What is not a video, and what is here already, is discarded.
#[utoipa::path(tag = "movies", request_body = api::NewMovie, responses((status = 201, body = api::Movie),
    (status = 404, description = "No such upload"),
    (status = 409, description = "The same film is here (`duplicate_movie`; `Link` leads to it), or the upload is not finished"),
    (status = 422, description = "Not a video (`not_a_video`), or fields are not valid"),
    (status = 503, description = "The server lacks ffprobe")))]
#[post("/movies")]
async fn publish_movie(
    movies: web::Data<Movies>,
    admin: Admin,
    body: Body<api::NewMovie>,
) -> Result<HttpResponse> {
    let film = movies
        .publish(admin.actor, admin.viewer.id(), body.0)
        .await?;
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/api/v1/movies/{}", film.id)))
        .json(film.view()))
}

/// Edits a film.
#[utoipa::path(tag = "movies", params(("id" = uuid::Uuid, Path)), request_body = api::MovieChanges,
    responses((status = 200, body = api::Movie), (status = 404, description = "No such film")))]
#[patch("/movies/{id}")]
async fn change_movie(
    movies: web::Data<Movies>,
    admin: Admin,
    id: Id<MovieId>,
    body: Body<api::MovieChanges>,
) -> Result<HttpResponse> {
    let film = movies.change(admin.actor, id.0, body.0).await?;
    Ok(HttpResponse::Ok().json(film.view()))
}

/// Puts a film into the trash.
#[utoipa::path(tag = "movies", params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "In the trash"), (status = 404, description = "No such film")))]
#[delete("/movies/{id}")]
async fn delete_movie(
    movies: web::Data<Movies>,
    admin: Admin,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    movies.delete(admin.actor, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a film out of the trash.
#[utoipa::path(tag = "movies", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = api::Movie), (status = 404, description = "No such film")))]
#[post("/movies/{id}/restore")]
async fn restore_movie(
    movies: web::Data<Movies>,
    admin: Admin,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    let film = movies.restore(admin.actor, id.0).await?;
    Ok(HttpResponse::Ok().json(film.view()))
}

/// Removes a film in the trash for good, with its bytes.
#[utoipa::path(tag = "movies", params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Gone"), (status = 404, description = "No such film"),
        (status = 409, description = "It is not in the trash")))]
#[post("/movies/{id}/purge")]
async fn purge_movie(
    movies: web::Data<Movies>,
    admin: Admin,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    movies.purge(admin.actor, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The pictures that a film may have, and which of them is shown.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = api::Posters),
    (status = 404, description = "No such film")))]
#[get("/admin/movies/{id}/posters")]
async fn list_posters(
    movies: web::Data<Movies>,
    _admin: Admin,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(movies.posters(id.0).await?))
}

/// Has another picture of a film shown.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)), request_body = api::PosterChoice, responses(
    (status = 200, body = api::Posters), (status = 404, description = "No such film, or it has no such picture")))]
#[put("/admin/movies/{id}/poster")]
async fn choose_poster(
    movies: web::Data<Movies>,
    admin: Admin,
    id: Id<MovieId>,
    body: Body<api::PosterChoice>,
) -> Result<HttpResponse> {
    let posters = movies.choose_poster(admin.actor, id.0, body.0.id).await?;
    Ok(HttpResponse::Ok().json(posters))
}

/// Shows a picture that is the body, JPEG, PNG or WebP, at most 10 MiB; it takes the place of the one that was uploaded
/// before.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 201, body = api::Posters), (status = 404, description = "No such film"),
    (status = 413, description = "The body is too large"), (status = 422, description = "It is no picture"),
    (status = 503, description = "The server lacks ffmpeg")))]
#[post("/admin/movies/{id}/poster")]
async fn upload_poster(
    movies: web::Data<Movies>,
    admin: Admin,
    id: Id<MovieId>,
    body: web::Payload,
) -> Result<HttpResponse> {
    let picture = read_whole(body, MOST_PICTURE_BYTES, "A picture has").await?;
    let posters = movies.upload_poster(admin.actor, id.0, picture).await?;
    Ok(HttpResponse::Created().json(posters))
}

/// A poster. A new picture has a new address, so this one can be kept for ever.
async fn show_poster(
    movies: web::Data<Movies>,
    who: MaybeSignedIn,
    name: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let key = name
        .strip_suffix(".jpg")
        .filter(|key| key.len() == 32 && key.bytes().all(|it| it.is_ascii_hexdigit()))
        .ok_or_else(|| Error::not_found("poster"))?;
    let picture = movies.poster(key.to_owned(), who.0.as_deref()).await?;
    let tag = HeaderValue::try_from(format!("\"{key}\"")).map_err(Error::internal)?;
    let is_known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| conditional::names(known, &tag));
    let (mut answer, picture) = if is_known {
        (HttpResponse::NotModified(), Bytes::new())
    } else {
        (HttpResponse::Ok(), picture)
    };
    Ok(answer
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, FOR_EVER))
        .content_type("image/jpeg")
        .body(picture))
}
