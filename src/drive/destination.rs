//! The drive as the place where uploads go: see [`Destination`] for what uploads count on.

use futures_util::future::BoxFuture;
use playhouse_api::problem::FieldProblem;

use super::model::Error;
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
    CompletedUpload, Destination, Placed, Target, UploadError, mark_placed_in,
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
}

impl Drive {
    /// One transaction: the entry, its bytes, the room from reserved to used, and the upload as used.
    async fn take_in(
        &self,
        upload: CompletedUpload,
        target: &Target,
        owner: AccountId,
    ) -> Result<Placed, Error> {
        let act = self.act(owner);
        let new = new_file(target, upload.content_type)?;
        let file = NewBlob {
            path: upload.path,
            blake3: upload.blake3,
            size: upload.size,
        };
        let turns = self.turns.clone();
        let _turn = turns.of(&act.owner).await;
        self.blobs
            .keep(file, move |conn, blob| {
                let content = new.content(&act, blob.clone(), upload.size);
                let (node, is_new) =
                    placing::place_in(conn, &act, &new, &content, Counting::Reserved)?;
                let entry_id = node.id.uuid();
                mark_placed_in(conn, &upload.id, entry_id)?;
                Ok(Placed { entry_id, is_new })
            })
            .await
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
