//! The addresses that visitors of a share use, below `/s/{token}`: a page or JSON, the password, the bytes.
//!
//! The token in the path is all that a visitor needs, so no answer tells it to another site, and the log does not have
//! it. Who is signed in does not matter here.

use std::time::SystemTime;

use actix_web::cookie::{Cookie, SameSite, time::OffsetDateTime};
use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use futures_util::StreamExt as _;
use percent_encoding::percent_decode_str;
use playhouse_api::drive::{ContentQuery, Flag};
use playhouse_api::page::PageQuery;
use playhouse_api::problem::{ErrorCode, FieldCode};
use serde::Deserialize;

use super::model::{Error as ShareError, Visit};
use super::page;
use super::place::{self, Place};
use super::visits::Carried;
use super::{Error, Shares};
use crate::config::Config;
use crate::drive::DrivePath;
use crate::drive::content::Asked;
use crate::error::{Error as Answer, Result};
use crate::http::extract::Query;
use crate::http::request::Origin;
use crate::media::{self, Media};
use crate::page::PageRequest;
use crate::site;

const PASS: &str = "playhouse_share_pass";
const SLIP: &str = "playhouse_share_use";

/// Bytes of a body with a password in it.
const MAX_BODY: usize = 2048;

/// Rows of a folder on one page.
const ROWS: u32 = 200;

/// Everything below `/s/`.
pub fn configure_public(routes: &mut web::ServiceConfig) {
    routes
        .service(media::http::resource("/s/{token}", show))
        .service(media::http::resource("/s/{token}/folders/{path:.*}", show))
        .service(
            web::resource("/s/{token}/password")
                .route(web::post().to(unlock))
                .default_service(web::to(wrong_method)),
        )
        .service(media::http::resource("/s/{token}/content", download))
        .service(media::http::resource(
            "/s/{token}/content/{path:.*}",
            download,
        ));
}

async fn show(
    request: HttpRequest,
    shares: web::Data<Shares>,
    config: web::Data<Config>,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = query.0.limit.or(Some(ROWS));
    let rows = PageRequest::read(query.0.cursor.as_deref(), limit)?;
    let place = place_of(&request, &config);
    let seen = match path(&request) {
        Ok(path) => shares.see(&place.token, path, rows, &visit(&request)).await,
        Err(error) => Err(error),
    };
    let mut answer = match seen {
        Ok(seen) if site::prefers_page(&request) => page::show(&place, &seen),
        Ok(seen) => HttpResponse::Ok().json(place::view(&place, &seen)),
        Err(error) => refuse(&request, &place, error)?,
    };
    keep_private(&mut answer);
    Ok(answer)
}

#[derive(Deserialize)]
struct Password {
    password: String,
}

async fn unlock(
    request: HttpRequest,
    shares: web::Data<Shares>,
    config: web::Data<Config>,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let password = read_password(&request, payload).await?;
    let (place, origin) = (place_of(&request, &config), Origin::of(&request));
    let unlocked = shares.unlock(&place.token, password, origin.address).await;
    let mut answer = match unlocked {
        Ok(pass) => {
            let mut answer = if site::prefers_page(&request) {
                HttpResponse::SeeOther()
            } else {
                HttpResponse::NoContent()
            };
            answer.insert_header((header::LOCATION, place.home()));
            answer.cookie(cookie(PASS, &pass, place.home(), origin.is_https));
            answer.finish()
        }
        Err(error) => refuse(&request, &place, error)?,
    };
    keep_private(&mut answer);
    Ok(answer)
}

async fn download(
    request: HttpRequest,
    shares: web::Data<Shares>,
    media: web::Data<Media>,
    config: web::Data<Config>,
    query: Query<ContentQuery>,
) -> Result<HttpResponse> {
    let asked = match query.0.inline {
        Some(Flag::Yes) => Asked::Preview,
        Some(Flag::No) | None => Asked::Save,
    };
    let place = place_of(&request, &config);
    match send(&request, &shares, &media, &place, asked).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let mut answer = refuse(&request, &place, error)?;
            keep_private(&mut answer);
            Ok(answer)
        }
    }
}

/// The answer is made before its use is counted, and sent only after: a request that gets no bytes costs none.
async fn send(
    request: &HttpRequest,
    shares: &Shares,
    media: &Media,
    place: &Place,
    asked: Asked,
) -> std::result::Result<HttpResponse, Error> {
    let (path, visit) = (path(request)?, visit(request));
    let address = place.content(&path.to_string());
    let live = shares.open(&place.token, path, &visit, asked).await?;
    let now = SystemTime::from(media.now().and_utc());
    let answered = crate::transfers::serve::answer(request, &live, now);
    let mut answer = answered.map_err(media::Error::from)?;
    let is_whole = answer.status() == StatusCode::OK;
    let has_bytes = is_whole || answer.status() == StatusCode::PARTIAL_CONTENT;
    if has_bytes
        && request.method() == Method::GET
        && let Some(slip) = shares.begin(&live, &visit, is_whole).await?
    {
        let is_https = Origin::of(request).is_https;
        let cookie = cookie(SLIP, &slip, address, is_https);
        // One that cannot be set costs its bearer another use.
        let _ = answer.add_cookie(&cookie);
    }
    no_referrer(&mut answer);
    Ok(answer)
}

fn place_of(request: &HttpRequest, config: &Config) -> Place {
    Place {
        token: request.match_info().query("token").to_owned(),
        house: config.site.name.clone(),
    }
}

/// The path below the shared entry, decoded once.
fn path(request: &HttpRequest) -> std::result::Result<DrivePath, Error> {
    let tail = request.match_info().get("path").unwrap_or_default();
    let tail = percent_decode_str(tail).decode_utf8();
    let tail = tail.map_err(|_| ShareError::NothingThere)?;
    DrivePath::parse(&format!("/{}", tail.trim_end_matches('/')))
        .map_err(|_| ShareError::NothingThere)
}

fn visit(request: &HttpRequest) -> Visit {
    let value = |name| request.cookie(name).map(|it| it.value().to_owned());
    Visit {
        access: value(PASS),
        usage: value(SLIP),
        wants_part: request.headers().contains_key(header::RANGE),
    }
}

/// A page for people, a problem for programs.
fn refuse(request: &HttpRequest, place: &Place, error: Error) -> Result<HttpResponse> {
    if !site::prefers_page(request) {
        return Err(error.into());
    }
    let asks = match &error {
        Error::PasswordRequired => Some(None),
        Error::WrongPassword => Some(Some("That is not the password.".to_owned())),
        Error::Throttled { retry_after } => Some(Some(format!(
            "Too many attempts. Try again in {retry_after} seconds."
        ))),
        _ => None,
    };
    match asks {
        Some(complaint) => Ok(page::ask(place, complaint.as_deref(), &error.into())),
        None => Ok(page::sorry(place, &error.into())),
    }
}

fn cookie(name: &'static str, what: &Carried, path: String, is_https: bool) -> Cookie<'static> {
    let until = OffsetDateTime::from_unix_timestamp(what.until.and_utc().timestamp());
    let mut cookie = Cookie::build(name, what.token.clone())
        .path(path)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https)
        .finish();
    cookie.set_expires(until.ok());
    cookie
}

fn keep_private(answer: &mut HttpResponse) {
    no_referrer(answer);
    let headers = answer.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    headers.insert(header::VARY, header::HeaderValue::from_static("Accept"));
}

fn no_referrer(answer: &mut HttpResponse) {
    let headers = answer.headers_mut();
    let value = header::HeaderValue::from_static("no-referrer");
    headers.insert(header::REFERRER_POLICY, value);
    let robots = header::HeaderName::from_static("x-robots-tag");
    headers.insert(robots, header::HeaderValue::from_static("noindex"));
}

/// A form of a browser, or JSON.
async fn read_password(request: &HttpRequest, mut payload: web::Payload) -> Result<String> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let broken = |_| Answer::new(ErrorCode::BadRequest, "The body did not arrive whole.");
        body.extend_from_slice(&chunk.map_err(broken)?);
        if body.len() > MAX_BODY {
            let detail = format!("The body has at most {MAX_BODY} bytes.");
            return Err(Answer::new(ErrorCode::PayloadTooLarge, detail));
        }
    }
    let read = match request.content_type() {
        "application/json" => serde_json::from_slice::<Password>(&body).ok(),
        "application/x-www-form-urlencoded" => std::str::from_utf8(&body)
            .ok()
            .and_then(|text| web::Query::<Password>::from_query(text).ok())
            .map(web::Query::into_inner),
        _ => {
            return Err(Answer::new(
                ErrorCode::UnsupportedMediaType,
                "The body must be application/x-www-form-urlencoded or application/json.",
            ));
        }
    };
    let missing = || Answer::field("password", FieldCode::Required, "password is missing.");
    read.map(|it| it.password).ok_or_else(missing)
}

async fn wrong_method(request: HttpRequest) -> Result<HttpResponse> {
    let detail = format!("This address takes POST, not {}.", request.method());
    let error = Answer::new(ErrorCode::MethodNotAllowed, detail);
    Err(error.with_header(header::ALLOW, header::HeaderValue::from_static("POST")))
}
