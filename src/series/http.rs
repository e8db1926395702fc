//! The addresses of series, for members and for admins.

use actix_web::http::header;
use actix_web::{
    FromRequest, HttpRequest, HttpResponse, delete, dev::Payload, get, patch, post, put, web,
};
use playhouse_api::page::{Page, PageQuery};
use playhouse_api::series as api;
use utoipa_actix_web::service_config::ServiceConfig;

use super::SeriesCatalogue;
use crate::accounts::{Admin, SignedIn};
use crate::error::{Error, Result};
use crate::http::extract::{Body, Id, Query, id_in_path};
use crate::http::gate::{self, Extracted};
use crate::ids::{MovieId, SeriesId};
use crate::page::PageRequest;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_series)
        .service(get_series)
        .service(get_place)
        .service(create_series)
        .service(change_series)
        .service(delete_series)
        .service(place_film)
        .service(take_film_out);
}

/// `{movie_id}` in the path.
struct Film(MovieId);

impl FromRequest for Film {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        gate::once_let_in(request, id_in_path(request, "movie_id").map(Self))
    }
}

/// Series by their titles. Members see those with a film in the catalogue.
#[utoipa::path(tag = "series", params(PageQuery), responses((status = 200, body = Page<api::SeriesSummary>)))]
#[get("/series")]
async fn list_series(
    series: web::Data<SeriesCatalogue>,
    who: SignedIn,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    Ok(HttpResponse::Ok().json(series.list(&who, page).await?))
}

/// A series with its films in their order.
#[utoipa::path(tag = "series", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = api::SeriesDetail), (status = 404, description = "No such series")))]
#[get("/series/{id}")]
async fn get_series(
    series: web::Data<SeriesCatalogue>,
    who: SignedIn,
    id: Id<SeriesId>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(series.get(&who, id.0).await?))
}

/// Where a film is in its series, and which films come before and after it.
#[utoipa::path(tag = "series", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = api::PlaceInSeries), (status = 404, description = "No such film")))]
#[get("/movies/{id}/series")]
async fn get_place(
    series: web::Data<SeriesCatalogue>,
    who: SignedIn,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(series.place_of(&who, id.0).await?))
}

/// Makes a series, without films.
#[utoipa::path(tag = "admin", request_body = api::NewSeries, responses((status = 201, body = api::SeriesDetail)))]
#[post("/admin/series")]
async fn create_series(
    series: web::Data<SeriesCatalogue>,
    admin: Admin,
    body: Body<api::NewSeries>,
) -> Result<HttpResponse> {
    let made = series.create(admin.actor, body.0).await?;
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/api/v1/series/{}", made.id)))
        .json(made))
}

/// Edits a series.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)), request_body = api::SeriesChanges,
    responses((status = 200, body = api::SeriesDetail), (status = 404, description = "No such series")))]
#[patch("/admin/series/{id}")]
async fn change_series(
    series: web::Data<SeriesCatalogue>,
    admin: Admin,
    id: Id<SeriesId>,
    body: Body<api::SeriesChanges>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(series.change(admin.actor, id.0, body.0).await?))
}

/// Removes a series. Its films stay.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Gone"), (status = 404, description = "No such series")))]
#[delete("/admin/series/{id}")]
async fn delete_series(
    series: web::Data<SeriesCatalogue>,
    admin: Admin,
    id: Id<SeriesId>,
) -> Result<HttpResponse> {
    series.delete(admin.actor, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Puts a film into a place of a series; one that is in the series moves there.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path), ("movie_id" = uuid::Uuid, Path)),
    request_body = api::NewEpisode, responses((status = 204, description = "It is there"),
        (status = 404, description = "No such series or film"),
        (status = 409, description = "Another film has the place (`episode_taken`); the film is in another series; the series is full")))]
#[put("/admin/series/{id}/films/{movie_id}")]
async fn place_film(
    series: web::Data<SeriesCatalogue>,
    admin: Admin,
    id: Id<SeriesId>,
    film: Film,
    body: Body<api::NewEpisode>,
) -> Result<HttpResponse> {
    series.place(admin.actor, id.0, film.0, body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a film out of a series, if it is in it.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path), ("movie_id" = uuid::Uuid, Path)),
    responses((status = 204, description = "It is not in the series"), (status = 404, description = "No such series")))]
#[delete("/admin/series/{id}/films/{movie_id}")]
async fn take_film_out(
    series: web::Data<SeriesCatalogue>,
    admin: Admin,
    id: Id<SeriesId>,
    film: Film,
) -> Result<HttpResponse> {
    series.take_out(admin.actor, id.0, film.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
