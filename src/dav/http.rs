//! The addresses below `/dav`: who asks, where, for what; and who answers it.

use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};
use playhouse_api::problem::ErrorCode;

use super::propfind::{self, Asked};
use super::service::Dav;
use super::visit::Act;
use super::{address, body, change, signin};
use crate::accounts::{Accounts, Viewer};
use crate::drive::content::Asked as Wish;
use crate::drive::{self, Contents, DrivePath, policy};
use crate::error::{Error, Result};
use crate::media::{self, Media};

const METHODS: &str =
    "OPTIONS, GET, HEAD, PUT, DELETE, MKCOL, COPY, MOVE, PROPFIND, PROPPATCH, LOCK, UNLOCK";
const XML: &str = "application/xml; charset=utf-8";
const FINITE_DEPTH: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error xmlns:D=\"DAV:\"><D:propfind-finite-depth/></D:error>\n";

pub fn configure(routes: &mut web::ServiceConfig) {
    routes.service(web::resource(["/dav", "/dav/{path:.*}"]).route(web::to(serve)));
}

/// What the handlers use.
struct Services {
    dav: web::Data<Dav>,
    contents: web::Data<Contents>,
    media: web::Data<Media>,
}

async fn serve(
    request: HttpRequest,
    payload: Payload,
    dav: web::Data<Dav>,
    accounts: web::Data<Accounts>,
    contents: web::Data<Contents>,
    media: web::Data<Media>,
) -> Result<HttpResponse> {
    if !dav.is_on {
        return Err(Error::new(ErrorCode::NotFound, "This house has no WebDAV."));
    }
    if request.method() == Method::OPTIONS {
        return Ok(options());
    }
    let who = signin::viewer(&request, &accounts).await?;
    let path = address::parse(request.uri().path()).ok_or_else(bad_address)?;
    let services = Services {
        dav,
        contents,
        media,
    };
    match request.method().as_str() {
        "GET" | "HEAD" => download(&request, &services, &who, path).await,
        "PROPFIND" => find(&request, payload, &services.dav, &who, path).await,
        name => match act_of(name) {
            Some(act) => change::answer(&request, payload, &services.dav, who, (act, path)).await,
            None => Err(wrong_method("There is no such method here.")),
        },
    }
}

fn act_of(method: &str) -> Option<Act> {
    Some(match method {
        "PUT" => Act::Put,
        "MKCOL" => Act::MakeFolder,
        "DELETE" => Act::Delete,
        "COPY" => Act::Copy,
        "MOVE" => Act::Move,
        "LOCK" => Act::Lock,
        "UNLOCK" => Act::Unlock,
        "PROPPATCH" => Act::ChangeProperties,
        _ => return None,
    })
}

/// What is here, for whoever asks: file managers do so before they sign in.
fn options() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("DAV", "1, 2"))
        .insert_header(("MS-Author-Via", "DAV"))
        .insert_header((header::ALLOW, METHODS))
        .finish()
}

fn bad_address() -> Error {
    let detail = "This address is none of a file or folder: a name has no slash, backslash or control \
        character, is in UTF-8, and neither begins nor ends with white space.";
    Error::new(ErrorCode::BadRequest, detail)
}

fn wrong_method(detail: &str) -> Error {
    let methods = header::HeaderValue::from_static(METHODS);
    Error::new(ErrorCode::MethodNotAllowed, detail).with_header(header::ALLOW, methods)
}

/// A file, by the same gate and at the same rate as every other download of the drive.
async fn download(
    request: &HttpRequest,
    services: &Services,
    who: &Viewer,
    path: DrivePath,
) -> Result<HttpResponse> {
    let owner = policy::may_read(who)?.clone();
    let found = services.dav.drive.resolve(owner, path).await?;
    let entry = found.ok_or(drive::Error::NotFound)?;
    if entry.is_folder() {
        return Err(wrong_method(
            "This is a folder. PROPFIND says what is in it.",
        ));
    }
    let live = services
        .contents
        .open(who, entry.id.clone(), Wish::Save)
        .await?;
    media::http::answer(request, &services.media, &live)
}

async fn find(
    request: &HttpRequest,
    payload: Payload,
    dav: &Dav,
    who: &Viewer,
    path: DrivePath,
) -> Result<HttpResponse> {
    let owner = policy::may_read(who)?.clone();
    let depth = request
        .headers()
        .get("depth")
        .map(header::HeaderValue::as_bytes);
    let with_children = match depth {
        Some(b"0") => false,
        Some(b"1") => true,
        // Without one, everything is meant.
        None => return Ok(refuse_depth()),
        Some(other) if other.eq_ignore_ascii_case(b"infinity") => return Ok(refuse_depth()),
        Some(_) => {
            let detail = "Depth is 0 or 1.";
            return Err(Error::new(ErrorCode::BadRequest, detail));
        }
    };
    let body = body::read(payload, dav.patience).await?;
    body::check(&body)?;
    let asked = Asked::parse(&body)?;
    let parts = propfind::answer(dav, owner, path, asked, with_children).await?;
    Ok(HttpResponse::build(StatusCode::MULTI_STATUS)
        .content_type(XML)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(Box::pin(parts)))
}

fn refuse_depth() -> HttpResponse {
    HttpResponse::Forbidden()
        .content_type(XML)
        .body(FINITE_DEPTH)
}
