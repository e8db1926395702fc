//! A whole body as one upload, for the protocols that have no other way: the same durability, quota and progress as tus.

use bytes::Bytes;
use futures_util::Stream;
use playhouse_api::uploads::Purpose;

use super::begin::NewUpload;
use super::destination::{Placed, Target};
use super::metadata::Metadata;
use super::model::{Error, Kind, Standing};
use super::policy::may_upload;
use super::service::{Patch, Uploads};
use crate::accounts::Viewer;

impl Uploads {
    /// Puts a body into the drive of `who`. It is there when this returns; of a body that ends early, nothing is.
    ///
    /// `size` is what was announced, `content_type` what the client says the file is. Another request cannot go on with
    /// it, and nothing survives a restart of the server but the entry.
    ///
    /// # Errors
    /// As for an upload over HTTP: [`Error::NameTaken`] and [`Error::OverQuota`], of a large file before a byte is read where that can be
    /// told, [`Error::Cut`] when the body ends before `size`, [`Error::TooLong`] when it does not end there.
    pub async fn put<S, E>(
        &self,
        who: &Viewer,
        target: Target,
        content_type: Option<&str>,
        size: Option<i64>,
        body: S,
    ) -> Result<Placed, Error>
    where
        S: Stream<Item = Result<Bytes, E>>,
    {
        if size.is_some_and(|it| it < 0) {
            return Err(Error::Malformed("A length is a whole number from 0."));
        }
        may_upload(who, Purpose::Drive)?;
        let metadata = Metadata::of_target(Purpose::Drive, target, content_type);
        if let (Some(turn), Some(size), Some(target)) =
            (self.turn_of_small(size), size, metadata.target.clone())
        {
            let what = (target, metadata.content_type);
            let standing = self.put_small(who, what, (size, turn), body).await?;
            return placed(&standing);
        }
        let new = NewUpload {
            size,
            kind: Kind::Direct,
            metadata,
            parts: None,
        };
        let patch = Patch {
            length: size.and_then(|it| u64::try_from(it).ok()),
            ..Patch::default()
        };
        let (_, standing) = self.create_with(who, new, patch, body).await?;
        placed(&standing)
    }
}

fn placed(standing: &Standing) -> Result<Placed, Error> {
    Ok(Placed {
        entry_id: standing.entry.ok_or(Error::Incomplete)?,
        is_new: standing.is_new,
    })
}
