//! The addresses of drives: the tree. Content and shares have their own.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use playhouse_api::drive as api;
use playhouse_api::page::{Page, PageQuery};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::model::{Changes, Entry, Error, IfMatch};
use super::name::{DrivePath, Name};
use super::{CopyTo, Drive, policy};
use crate::accounts::SignedIn;
use crate::error::Result;
use crate::http::extract::{Body, Id, Query};
use crate::ids::{EntryId, VersionId};
use crate::page::PageRequest;

type Checked<T> = std::result::Result<T, Error>;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_entries)
        .service(find_entry)
        .service(show_entry)
        .service(change_entry)
        .service(trash_entry)
        .service(restore_entry)
        .service(copy_entry)
        .service(make_folder)
        .service(list_trash)
        .service(empty_trash)
        .service(purge_entry)
        .service(list_versions)
        .service(restore_version)
        .service(delete_version);
}

/// The children of a folder, or what a search finds in the whole drive.
#[utoipa::path(tag = "drive", params(api::EntryQuery), responses((status = 200, body = Page<api::Entry>),
    (status = 404, description = "No such folder")))]
#[get("/drive/entries")]
async fn list_entries(
    drive: web::Data<Drive>,
    who: SignedIn,
    query: Query<api::EntryQuery>,
) -> Result<HttpResponse> {
    let owner = policy::may_read(&who)?.clone();
    let query = query.0;
    let page = PageRequest::read(query.cursor.as_deref(), query.limit)?;
    let sort = query.sort.unwrap_or_default();
    let entries = match (query.path, query.parent_id, query.q) {
        (None, None, Some(part)) => drive.search(owner, part, sort, page).await?,
        (None, Some(id), None) => drive.list(owner, id.into(), sort, page).await?,
        (path, None, None) => {
            let path = path.map_or_else(|| Ok(DrivePath::default()), |it| parse_path(&it))?;
            drive.list_at(owner, path, sort, page).await?
        }
        _ => {
            return Err(Error::Field(
                "q",
                "goes without path and parent_id, and these without each other",
            )
            .into());
        }
    };
    Ok(HttpResponse::Ok().json(entries.map(|entry| entry.view())))
}

/// What a path names.
#[utoipa::path(tag = "drive", params(api::EntryAt), responses((status = 200, body = api::Entry),
    (status = 404, description = "Nothing there")))]
#[get("/drive/entry")]
async fn find_entry(
    drive: web::Data<Drive>,
    who: SignedIn,
    query: Query<api::EntryAt>,
) -> Result<HttpResponse> {
    let owner = policy::may_read(&who)?.clone();
    let path = parse_path(&query.0.path)?;
    let entry = drive.resolve(owner, path).await?.ok_or(Error::NotFound)?;
    Ok(shown(StatusCode::OK, &entry))
}

/// A file or folder; also one in the trash, but not what lies below that.
#[utoipa::path(tag = "drive", params(("id" = Uuid, Path)), responses((status = 200, body = api::Entry),
    (status = 404, description = "No such file or folder")))]
#[get("/drive/entries/{id}")]
async fn show_entry(
    drive: web::Data<Drive>,
    who: SignedIn,
    id: Id<EntryId>,
) -> Result<HttpResponse> {
    let owner = policy::may_read(&who)?.clone();
    Ok(shown(StatusCode::OK, &drive.look(owner, id.0).await?))
}

/// Renames or moves, or both at once.
#[utoipa::path(tag = "drive", params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = api::EntryChanges, responses((status = 200, body = api::Entry),
        (status = 404, description = "No such file or folder"),
        (status = 409, description = "The name is taken, or it would be inside itself"),
        (status = 412, description = "It has changed")))]
#[patch("/drive/entries/{id}")]
async fn change_entry(
    request: HttpRequest,
    drive: web::Data<Drive>,
    who: SignedIn,
    id: Id<EntryId>,
    body: Body<api::EntryChanges>,
) -> Result<HttpResponse> {
    let owner = policy::may_change(&who)?.clone();
    let changes = Changes {
        name: body.0.name.as_deref().map(parse_name).transpose()?,
        parent: body.0.parent_id.map(EntryId::from),
        on_conflict: body.0.on_conflict.unwrap_or_default(),
    };
    let entry = drive
        .change(owner, id.0, changes, if_match(&request))
        .await?;
    Ok(shown(StatusCode::OK, &entry))
}

/// Puts a file or folder into the trash; what is there stays there.
#[utoipa::path(tag = "drive", params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "In the trash"), (status = 404, description = "No such file or folder"),
        (status = 409, description = "The root stays"), (status = 412, description = "It has changed")))]
#[delete("/drive/entries/{id}")]
async fn trash_entry(
    request: HttpRequest,
    drive: web::Data<Drive>,
    who: SignedIn,
    id: Id<EntryId>,
) -> Result<HttpResponse> {
    let owner = policy::may_change(&who)?.clone();
    drive.trash(owner, id.0, if_match(&request)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes out of the trash: to where it was, or to the root when that is gone.
#[utoipa::path(tag = "drive", params(("id" = Uuid, Path), api::RestoreQuery, ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = api::Entry), (status = 404, description = "No such file or folder"),
        (status = 409, description = "The name is taken"), (status = 412, description = "It has changed")))]
#[post("/drive/entries/{id}/restore")]
async fn restore_entry(
    request: HttpRequest,
    drive: web::Data<Drive>,
    who: SignedIn,
    id: Id<EntryId>,
    query: Query<api::RestoreQuery>,
) -> Result<HttpResponse> {
    let owner = policy::may_change(&who)?.clone();
    let on_conflict = query.0.on_conflict.unwrap_or_default();
    let entry = drive
        .restore(owner, id.0, on_conflict, if_match(&request))
        .await?;
    Ok(shown(StatusCode::OK, &entry))
}

/// Copies a file, or a folder with all that is below it. No bytes are copied; their size counts all the same.
#[utoipa::path(tag = "drive", params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = api::NewCopy, responses((status = 201, body = api::Entry),
        (status = 404, description = "No such file or folder"), (status = 409, description = "The name is taken"),
        (status = 412, description = "It has changed"), (status = 507, description = "No room left")))]
#[post("/drive/entries/{id}/copy")]
async fn copy_entry(
    request: HttpRequest,
    drive: web::Data<Drive>,
    who: SignedIn,
    id: Id<EntryId>,
    body: Body<api::NewCopy>,
) -> Result<HttpResponse> {
    let owner = policy::may_change(&who)?.clone();
    let to = CopyTo {
        parent: body.0.parent_id.into(),
        name: body.0.name.as_deref().map(parse_name).transpose()?,
        on_conflict: body.0.on_conflict.unwrap_or_default(),
    };
    let entry = drive.copy(owner, id.0, to, if_match(&request)).await?;
    Ok(shown(StatusCode::CREATED, &entry))
}

/// Makes a folder, and those above it as far as they are missing.
#[utoipa::path(tag = "drive", request_body = api::NewFolder, responses((status = 201, body = api::Entry),
    (status = 409, description = "The name is taken")))]
#[post("/drive/folders")]
async fn make_folder(
    drive: web::Data<Drive>,
    who: SignedIn,
    body: Body<api::NewFolder>,
) -> Result<HttpResponse> {
    let owner = policy::may_change(&who)?.clone();
    let path = parse_path(&body.0.path)?;
    let entry = drive.make_folder(owner, path, true).await?;
    Ok(shown(StatusCode::CREATED, &entry))
}

/// What was thrown away, the latest first.
#[utoipa::path(tag = "drive", params(PageQuery), responses((status = 200, body = Page<api::Entry>)))]
#[get("/drive/trash")]
async fn list_trash(
    drive: web::Data<Drive>,
    who: SignedIn,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let owner = policy::may_read(&who)?.clone();
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    let entries = drive.list_trash(owner, page).await?;
    Ok(HttpResponse::Ok().json(entries.map(|entry| entry.view())))
}

/// Removes everything in the trash for good.
#[utoipa::path(tag = "drive", responses((status = 204, description = "The trash is empty")))]
#[delete("/drive/trash")]
async fn empty_trash(drive: web::Data<Drive>, who: SignedIn) -> Result<HttpResponse> {
    let owner = policy::may_change(&who)?.clone();
    drive.empty_trash(owner).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Removes one thing in the trash for good.
#[utoipa::path(tag = "drive", params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Gone"), (status = 404, description = "No such file or folder"),
        (status = 409, description = "It is not in the trash"), (status = 412, description = "It has changed")))]
#[delete("/drive/trash/{id}")]
async fn purge_entry(
    request: HttpRequest,
    drive: web::Data<Drive>,
    who: SignedIn,
    id: Id<EntryId>,
) -> Result<HttpResponse> {
    let owner = policy::may_change(&who)?.clone();
    drive.purge(owner, id.0, if_match(&request)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What a file was before it was replaced, the latest first. All of them are on one page.
#[utoipa::path(tag = "drive", params(("id" = Uuid, Path)), responses((status = 200, body = Page<api::EntryVersion>),
    (status = 404, description = "No such file"), (status = 409, description = "A folder has no versions")))]
#[get("/drive/entries/{id}/versions")]
async fn list_versions(
    drive: web::Data<Drive>,
    who: SignedIn,
    id: Id<EntryId>,
) -> Result<HttpResponse> {
    let owner = policy::may_read(&who)?.clone();
    let versions = drive.list_versions(owner, id.0).await?;
    let page = Page {
        items: versions.iter().map(super::Version::view).collect(),
        next_cursor: None,
    };
    Ok(HttpResponse::Ok().json(page))
}

/// Makes a kept version the content again; what the file was becomes a version.
#[utoipa::path(tag = "drive", params(("id" = Uuid, Path), ("version_id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = api::Entry), (status = 404, description = "No such file or version"),
        (status = 409, description = "A folder has no versions"), (status = 412, description = "It has changed")))]
#[post("/drive/entries/{id}/versions/{version_id}/restore")]
async fn restore_version(
    request: HttpRequest,
    drive: web::Data<Drive>,
    who: SignedIn,
    id: Id<EntryId>,
) -> Result<HttpResponse> {
    let owner = policy::may_change(&who)?.clone();
    let version = version_id(&request)?;
    let entry = drive
        .restore_version(owner, id.0, version, if_match(&request))
        .await?;
    Ok(shown(StatusCode::OK, &entry))
}

/// Removes a kept version for good.
#[utoipa::path(tag = "drive", params(("id" = Uuid, Path), ("version_id" = Uuid, Path)),
    responses((status = 204, description = "Gone"), (status = 404, description = "No such file or version"),
        (status = 409, description = "A folder has no versions")))]
#[delete("/drive/entries/{id}/versions/{version_id}")]
async fn delete_version(
    request: HttpRequest,
    drive: web::Data<Drive>,
    who: SignedIn,
    id: Id<EntryId>,
) -> Result<HttpResponse> {
    let owner = policy::may_change(&who)?.clone();
    let version = version_id(&request)?;
    drive.delete_version(owner, id.0, version).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An entry with its tag, for `If-Match`. The tag names what changes can contradict: not the digests, which come later,
/// nor the folders above, which may get other names. So nobody may take it for a sign that the answer is the same.
fn shown(status: StatusCode, entry: &Entry) -> HttpResponse {
    let entry = entry.view();
    HttpResponse::build(status)
        .insert_header((header::ETAG, entry.etag.clone()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(entry)
}

/// What is not a UUID names nothing.
pub(super) fn version_id(request: &HttpRequest) -> Checked<VersionId> {
    let id = request.match_info().get("version_id");
    let id = id.and_then(|text| Uuid::try_parse(text).ok());
    id.map(VersionId::from).ok_or(Error::NoVersion)
}

/// `If-Match`, or several of them as one list. What is no text fits nothing.
pub(super) fn if_match(request: &HttpRequest) -> IfMatch {
    let sent: Vec<&str> = request
        .headers()
        .get_all(header::IF_MATCH)
        .map(|value| value.to_str().unwrap_or_default())
        .collect();
    IfMatch::new((!sent.is_empty()).then(|| sent.join(",")).as_deref())
}

fn parse_path(text: &str) -> Checked<DrivePath> {
    DrivePath::parse(text).map_err(Error::name("path"))
}

fn parse_name(text: &str) -> Checked<Name> {
    Name::parse(text).map_err(Error::name("name"))
}
