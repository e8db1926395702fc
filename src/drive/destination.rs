//! The drive as the place where uploads go: see [`Destination`] for what uploads count on.

use futures_util::future::BoxFuture;
use playhouse_api::problem::FieldProblem;

use super::model::{Error, Node};
use super::name::DrivePath;
use super::placing::{self, Counting, NewFile};
use super::quota::{self, Delta};
use super::refusal::bad_name;
use super::service::Drive;
use crate::accounts;
use crate::blobs::{self, NewBlob};
use crate::db::Conn;
use crate::ids::AccountId;
use crate::transfers::uploads::{
    CompletedUpload, Destination, Placed, Target, UploadError, WholeFile, mark_placed_in,
};

impl Destination for Drive {
    fn begin_in(
        &self,
        conn: &mut Conn,
        owner: &AccountId,
        at: &Target,
        size: i64,
    ) -> Result<(), UploadError> {
        let act = self.act(owner.clone());
        let file = new_file(at, String::new())?;
        placing::check_in(conn, &act, &file)?;
        Ok(quota::change_in(conn, &act, Delta::reserved(size))?)
    }

    fn reserve_in(
        &self,
        conn: &mut Conn,
        owner: &AccountId,
        delta: i64,
    ) -> Result<(), UploadError> {
        let act = self.act(owner.clone());
        Ok(quota::change_in(conn, &act, Delta::reserved(delta))?)
    }

    fn finish<'a>(
        &'a self,
        upload: CompletedUpload,
        target: Target,
        owner: AccountId,
    ) -> BoxFuture<'a, Result<Placed, UploadError>> {
        Box::pin(async move { Ok(self.take_in(upload, &target, owner).await?) })
    }

    fn put<'a>(
        &'a self,
        file: WholeFile,
        target: Target,
        owner: AccountId,
    ) -> BoxFuture<'a, Result<Placed, UploadError>> {
        Box::pin(async move {
            let new = new_file(&target, file.content_type)?;
            let bytes = NewBlob {
                path: file.path,
                blake3: file.blake3,
                size: file.size,
            };
            let id_of = |_: &mut Conn, node: Node| Ok(node.id.uuid());
            let taken = self.take(owner, bytes, new, Counting::New, id_of).await;
            let (entry_id, is_new) = taken?;
            Ok(Placed { entry_id, is_new })
        })
    }
}

impl Drive {
    /// One transaction: the entry, its bytes, the room from reserved to used, and the upload as used.
    async fn take_in(
        &self,
        upload: CompletedUpload,
        target: &Target,
        owner: AccountId,
    ) -> Result<Placed, Error> {
        let new = new_file(target, upload.content_type)?;
        let file = NewBlob {
            path: upload.path,
            blake3: upload.blake3,
            size: upload.size,
        };
        let mark = move |conn: &mut Conn, node: Node| {
            let entry_id = node.id.uuid();
            mark_placed_in(conn, &upload.id, entry_id)?;
            Ok(entry_id)
        };
        let taken = self.take(owner, file, new, Counting::Reserved, mark).await;
        let (entry_id, is_new) = taken?;
        Ok(Placed { entry_id, is_new })
    }
}

fn new_file(target: &Target, content_type: String) -> Result<NewFile, Error> {
    Ok(NewFile {
        path: DrivePath::parse(&target.path).map_err(Error::name("path"))?,
        on_conflict: target.on_conflict,
        content_type,
        modified_at: target.modified_at,
        if_match: target.if_match.clone(),
    })
}

impl From<Error> for UploadError {
    fn from(error: Error) -> Self {
        match error {
            Error::Upload(cause) => cause,
            Error::Db(cause)
            | Error::Account(accounts::Error::Db(cause))
            | Error::Blobs(blobs::Error::Db(cause)) => Self::Db(cause),
            Error::Blobs(cause) => cause.into_io().into(),
            Error::Name { field, cause } => {
                let (code, detail) = bad_name(field, cause);
                Self::Invalid(vec![FieldProblem::new(field, code, detail)])
            }
            Error::NameTaken(name) => {
                Self::NameTaken(format!("There is a file or folder named {name} already."))
            }
            Error::OverQuota { .. } => Self::OverQuota,
            other => {
                let detail = other.to_string();
                let code = crate::error::Error::from(other).code();
                Self::Refused { code, detail }
            }
        }
    }
}
