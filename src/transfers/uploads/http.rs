//! The addresses of uploads.

use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, delete, head, options, patch, post, web,
};
use playhouse_api::problem::ErrorCode;
use playhouse_api::uploads::{
    ChecksumAlgorithm, TUS_CHECKSUM_ALGORITHM, TUS_EXTENSION, TUS_EXTENSIONS, TUS_MAX_SIZE,
    TUS_VERSION, TUS_VERSIONS, UPLOAD_CONCAT, UPLOAD_DEFER_LENGTH, UPLOAD_EXPIRES, UPLOAD_LENGTH,
    UPLOAD_METADATA, UPLOAD_OFFSET, UPLOADS_PATH,
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::Uploads;
use super::begin::NewUpload;
use super::concat::Concat;
use super::metadata::Metadata;
use super::model::{Error as UploadError, Kind, Standing};
use super::service::Patch;
use super::tus;
use crate::accounts::SignedIn;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::http::extract::Id;
use crate::ids::UploadId;

pub fn configure(routes: &mut ServiceConfig) {
    let uploads = utoipa_actix_web::scope("/uploads")
        .configure(addresses)
        .wrap(from_fn(tus::frame));
    routes.service(uploads);
}

fn addresses(routes: &mut ServiceConfig) {
    routes
        .service(describe)
        .service(describe_one)
        .service(create)
        .service(stand)
        .service(receive)
        .service(terminate);
}

/// What this server speaks of the tus protocol: `Tus-Version`, `Tus-Extension`, `Tus-Max-Size`,
/// `Tus-Checksum-Algorithm`.
#[utoipa::path(tag = "uploads", security(()), responses((status = 204, description = "See the headers")))]
#[options("")]
async fn describe(uploads: web::Data<Uploads>) -> HttpResponse {
    capabilities(&uploads)
}

/// The same for the address of one upload.
#[utoipa::path(tag = "uploads", security(()), params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "See the headers")))]
#[options("/{id}")]
async fn describe_one(uploads: web::Data<Uploads>) -> HttpResponse {
    capabilities(&uploads)
}

/// Begins an upload, with its first bytes if the body is `application/offset+octet-stream`.
#[utoipa::path(tag = "uploads",
    params(
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Length" = Option<i64>, Header, minimum = 0, description = "Bytes of the whole file; left out for a final upload"),
        ("Upload-Defer-Length" = Option<i64>, Header, description = "1 instead of Upload-Length, which then comes with a PATCH"),
        ("Upload-Concat" = Option<String>, Header, description = "partial; or final; and the Locations of the parts"),
        ("Upload-Metadata" = String, Header, description = "Each in base64: purpose, filename, filetype; for the drive path, on_conflict, modified_at; of a part that is written straight into place part_of (a UUID that the client makes for the whole file) and part_offset"),
        ("Upload-Checksum" = Option<String>, Header, description = "Of the body: algorithm and base64 digest")),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 201, description = "Location is the upload; Upload-Offset says how much is durable",
            headers(("Location" = String), ("Upload-Offset" = i64), ("Upload-Expires" = String), ("Content-Location" = String, description = "The entry that an upload to the drive became"))),
        (status = 403, description = "Films are uploaded by admins"), (status = 404, description = "No such part of the caller"),
        (status = 409, description = "The name is taken, the parts do not fit together, or too many uploads are open"),
        (status = 410, description = "A part has expired"), (status = 412, description = "Another Tus-Resumable"),
        (status = 413, description = "Longer than this house takes"), (status = 460, description = "The bytes do not match Upload-Checksum; nothing was made"),
        (status = 507, description = "No room on the disk or in the drive")))]
#[post("")]
async fn create(
    uploads: web::Data<Uploads>,
    config: web::Data<Config>,
    who: SignedIn,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse> {
    let new = new_upload(&request, &config.server.public_url)?;
    let (upload, standing) = match first_bytes(&request)? {
        Some(_) if new.kind == Kind::Final => return Err(UploadError::IsFinal.into()),
        Some(patch) => uploads.create_with(&who, new, patch, body).await?,
        None => uploads.create(&who, new).await?,
    };
    Ok(at(&mut HttpResponse::Created(), standing)
        .insert_header((header::LOCATION, format!("{UPLOADS_PATH}/{}", upload.id)))
        .finish())
}

/// Where an upload stands. One for the drive whose bytes are all there is in the tree when this answers 200; if it
/// cannot be, the answer says why.
#[utoipa::path(tag = "uploads",
    params(("id" = uuid::Uuid, Path), ("Tus-Resumable" = String, Header, description = "1.0.0")),
    responses((status = 200, description = "See the headers",
            headers(("Upload-Offset" = i64), ("Upload-Length" = i64), ("Upload-Metadata" = String), ("Upload-Expires" = String), ("Upload-Defer-Length" = i64), ("Upload-Concat" = String), ("Content-Location" = String, description = "The entry that an upload to the drive became"))),
        (status = 409, description = "It is all there, but the name was taken meanwhile"), (status = 507, description = "It is all there, but there is no room"),
        (status = 404, description = "No such upload of the caller"), (status = 410, description = "It has expired")))]
#[head("/{id}")]
async fn stand(
    uploads: web::Data<Uploads>,
    who: SignedIn,
    id: Id<UploadId>,
) -> Result<HttpResponse> {
    let (upload, standing) = uploads.standing(&who, &id.0).await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((UPLOAD_METADATA, upload.metadata));
    match upload.size {
        Some(size) => answer.insert_header((UPLOAD_LENGTH, size.to_string())),
        None if upload.kind == Kind::Final => &mut answer,
        None => answer.insert_header((UPLOAD_DEFER_LENGTH, "1")),
    };
    match (upload.kind, upload.concat) {
        (Kind::Partial, _) => answer.insert_header((UPLOAD_CONCAT, "partial")),
        (_, Some(said)) => answer.insert_header((UPLOAD_CONCAT, said)),
        _ => &mut answer,
    };
    Ok(at(&mut answer, standing).finish())
}

/// Takes the bytes that follow `Upload-Offset`. The answer comes when they are durable. Of a body that is cut, what
/// arrived counts, but with `Upload-Checksum` it counts as a whole or not at all.
#[utoipa::path(tag = "uploads",
    params(("id" = uuid::Uuid, Path), ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Offset" = i64, Header, minimum = 0, description = "Where the bytes begin: what HEAD says"),
        ("Upload-Length" = Option<i64>, Header, minimum = 0, description = "Bytes of the whole file, once, if they were not known before"),
        ("Upload-Metadata" = Option<String>, Header, description = "For the drive, when all is there and the name was taken: another path and on_conflict"),
        ("Upload-Checksum" = Option<String>, Header, description = "Of the body: algorithm and base64 digest")),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204, description = "Upload-Offset says how much is durable", headers(("Upload-Offset" = i64), ("Upload-Expires" = String), ("Content-Location" = String, description = "The entry that an upload to the drive became"))),
        (status = 403, description = "A final upload takes no bytes"),
        (status = 404, description = "No such upload of the caller"), (status = 409, description = "The upload stands elsewhere, another request took it over, or the name was taken meanwhile"),
        (status = 410, description = "It has expired"), (status = 413, description = "More bytes than were declared"),
        (status = 415, description = "Another Content-Type"), (status = 460, description = "The bytes do not match Upload-Checksum; none was kept"),
        (status = 507, description = "No room on the disk or in the drive")))]
#[patch("/{id}")]
async fn receive(
    uploads: web::Data<Uploads>,
    who: SignedIn,
    id: Id<UploadId>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse> {
    if !tus::is_offset_stream(&request) {
        return Err(wrong_type());
    }
    let offset = tus::number(&request, UPLOAD_OFFSET)?;
    let patch = Patch {
        offset: offset.ok_or(UploadError::Malformed("Upload-Offset is missing."))?,
        size: tus::number(&request, UPLOAD_LENGTH)?,
        checksum: tus::checksum(&request)?,
        length: tus::content_length(&request),
        target: tus::text(&request, UPLOAD_METADATA)?
            .map(Metadata::parse_target)
            .transpose()?,
        ..Patch::default()
    };
    let standing = uploads.receive(&who, &id.0, patch, body).await?;
    Ok(at(&mut HttpResponse::NoContent(), standing).finish())
}

/// Ends an upload and removes its bytes; a final one with its parts.
#[utoipa::path(tag = "uploads",
    params(("id" = uuid::Uuid, Path), ("Tus-Resumable" = String, Header, description = "1.0.0")),
    responses((status = 204, description = "Removed"), (status = 404, description = "No such upload of the caller"),
        (status = 409, description = "It has been used, or is a part of a final upload")))]
#[delete("/{id}")]
async fn terminate(
    uploads: web::Data<Uploads>,
    who: SignedIn,
    id: Id<UploadId>,
) -> Result<HttpResponse> {
    uploads.terminate(&who, &id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn capabilities(uploads: &Uploads) -> HttpResponse {
    let algorithms = ChecksumAlgorithm::ALL.map(ChecksumAlgorithm::as_str);
    HttpResponse::NoContent()
        .insert_header((TUS_VERSIONS, TUS_VERSION))
        .insert_header((TUS_EXTENSION, TUS_EXTENSIONS))
        .insert_header((TUS_MAX_SIZE, uploads.max_bytes().to_string()))
        .insert_header((TUS_CHECKSUM_ALGORITHM, algorithms.join(",")))
        .finish()
}

fn new_upload(
    request: &HttpRequest,
    public_url: &str,
) -> std::result::Result<NewUpload, UploadError> {
    let metadata = tus::text(request, UPLOAD_METADATA)?.unwrap_or_default();
    let size = tus::length(request)?;
    let (kind, parts) = match tus::concat(request, public_url)? {
        None => (Kind::Whole, None),
        Some((Concat::Partial, _)) => (Kind::Partial, None),
        Some((Concat::Final(parts), said)) => (Kind::Final, Some((parts, said))),
    };
    let size = match (size, kind) {
        (None, Kind::Final) => None,
        (Some(_), Kind::Final) => {
            return Err(UploadError::Malformed(
                "The length of a final upload is that of its parts: leave Upload-Length out.",
            ));
        }
        (size, _) => size.ok_or(UploadError::Malformed(
            "Upload-Length is missing, and Upload-Defer-Length, too.",
        ))?,
    };
    Ok(NewUpload {
        size,
        kind,
        metadata: Metadata::parse(metadata)?,
        parts,
    })
}

/// The body of a creation, if it has one.
fn first_bytes(request: &HttpRequest) -> Result<Option<Patch>> {
    if tus::is_offset_stream(request) {
        return Ok(Some(Patch {
            checksum: tus::checksum(request)?,
            length: tus::content_length(request),
            ..Patch::default()
        }));
    }
    if tus::has_body(request) {
        return Err(wrong_type());
    }
    Ok(None)
}

fn wrong_type() -> Error {
    Error::new(
        ErrorCode::UnsupportedMediaType,
        "The bytes of an upload are application/offset+octet-stream.",
    )
}

fn at(answer: &mut HttpResponseBuilder, standing: Standing) -> &mut HttpResponseBuilder {
    answer
        .insert_header((UPLOAD_EXPIRES, tus::http_date(standing.expires_at)))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(offset) = standing.offset {
        answer.insert_header((UPLOAD_OFFSET, offset.to_string()));
    }
    if let Some(entry) = standing.entry {
        answer.insert_header((
            header::CONTENT_LOCATION,
            format!("/api/v1/drive/entries/{entry}"),
        ));
    }
    answer
}
