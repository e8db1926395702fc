//! One request, as the file system sees it: dav-server hands it through to every call.

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::ResponseError as _;
use dav_server::fs::FsError;
use playhouse_api::problem::ErrorCode;
use playhouse_api::uploads::OnConflict;

use crate::accounts::Viewer;
use crate::clock::Time;
use crate::drive::{self, DrivePath, IfMatch};
use crate::error::Error;
use crate::ids::AccountId;
use crate::transfers::uploads::UploadError;

/// What a request does to the drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Put,
    MakeFolder,
    Delete,
    Copy,
    Move,
    Lock,
    Unlock,
    ChangeProperties,
}

/// One request of somebody who may make it.
#[derive(Debug)]
pub(super) struct Request {
    pub who: Arc<Viewer>,
    pub act: Act,
    pub path: DrivePath,
    /// Where a copy or move goes.
    pub to: Option<DrivePath>,
    /// Whether a copy is of the folder alone.
    pub is_shallow: bool,
    pub put: PutHeaders,
    /// `If-Match` as it was sent. dav-server looks at it before; it is looked at again in the transaction.
    pub if_match: Option<String>,
    /// Whether a copy or move may replace what is there.
    pub overwrites: bool,
}

impl Request {
    /// The precondition on what the request is about.
    pub(super) fn if_match(&self) -> IfMatch {
        IfMatch::of_content(self.if_match.as_deref())
    }

    pub(super) fn on_conflict(&self) -> OnConflict {
        match self.overwrites {
            true => OnConflict::Replace,
            false => OnConflict::Fail,
        }
    }
}

/// What the headers of a PUT say of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct PutHeaders {
    pub content_type: Option<String>,
    pub modified_at: Option<Time>,
}

/// The request and what the drive refused of it; cheap to copy.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    request: Arc<Request>,
    refusal: Arc<Mutex<Option<Error>>>,
}

impl std::ops::Deref for Visit {
    type Target = Request;

    fn deref(&self) -> &Request {
        &self.request
    }
}

impl Visit {
    pub(super) fn new(request: Request) -> Self {
        Self {
            request: Arc::new(request),
            refusal: Arc::default(),
        }
    }

    pub(super) fn owner(&self) -> AccountId {
        self.who.id().clone()
    }

    /// Keeps a refusal in the words of the house, and gives it in those of dav-server. What the protocol itself gives a
    /// meaning (it is there, it is not there) is left to dav-server.
    pub(super) fn refuse(&self, error: impl Into<Error>) -> FsError {
        let error = error.into();
        let told = match error.code() {
            ErrorCode::NotFound => return FsError::NotFound,
            ErrorCode::NameTaken => return FsError::Exists,
            ErrorCode::OverQuota | ErrorCode::InsufficientStorage => FsError::InsufficientStorage,
            ErrorCode::PayloadTooLarge => FsError::TooLarge,
            _ if error.status_code().is_client_error() => FsError::Forbidden,
            _ => FsError::GeneralFailure,
        };
        let mut refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
        refusal.get_or_insert(error);
        told
    }

    /// What the drive refused.
    pub(super) fn refusal(&self) -> Option<Error> {
        let mut refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
        refusal.take()
    }
}

/// What the drive says, as the protocol's way of seeing it.
pub(super) fn of_drive(visit: &Visit) -> impl Fn(drive::Error) -> FsError + '_ {
    move |error| visit.refuse(error)
}

pub(super) fn of_upload(visit: &Visit, error: UploadError) -> FsError {
    visit.refuse(error)
}
