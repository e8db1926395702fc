//! Changes of rows together with what they hold of their owner's quota: always in one transaction.

use std::sync::Arc;

use super::destination::Destination;
use super::model::{Error, Kind, Purpose, State, Upload};
use super::store::{self, Digests};
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::{AccountId, UploadId};

type Result<T> = std::result::Result<T, Error>;

/// While its length is not known, an upload reserves this much ahead.
const STEP: i64 = 64 << 20;

/// Holds room in the drive for uploads that go there.
#[derive(Clone)]
pub(super) struct Quota(pub Option<Arc<dyn Destination>>);

/// An upload whose row is gone.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub id: UploadId,
    /// Its staging file, when nobody else has it.
    pub file: Option<UploadId>,
}

impl Quota {
    fn drive(&self) -> Result<&dyn Destination> {
        self.0.as_deref().ok_or(Error::NoDestination)
    }

    /// Makes the row and reserves its bytes. A final upload reserves none: its parts have.
    pub(super) fn begin_in(&self, conn: &mut Conn, row: &Upload) -> Result<()> {
        if row.purpose == Purpose::Drive {
            match row.target() {
                Some(target) => {
                    self.drive()?
                        .begin_in(conn, &row.account_id, &target, row.reserved)?;
                }
                None => self.reserve_in(conn, row.purpose, &row.account_id, row.reserved)?,
            }
        }
        Ok(store::insert(conn, row)?)
    }

    /// Moves the offset forward. False when it is not where it was thought to be.
    pub(super) fn acknowledge_in(
        &self,
        conn: &mut Conn,
        upload: &Upload,
        (from, to): (i64, i64),
        times: (Time, Time),
    ) -> Result<bool> {
        if upload.size.is_none() {
            self.grow_in(conn, upload, to)?;
        }
        Ok(store::acknowledge(conn, &upload.id, (from, to), times)?)
    }

    /// Reserves up to `needed` bytes and, if there is room, some ahead.
    fn grow_in(&self, conn: &mut Conn, upload: &Upload, needed: i64) -> Result<()> {
        if upload.purpose != Purpose::Drive {
            return Ok(());
        }
        let held = store::find(conn, &upload.id)?.map_or(0, |it| it.reserved);
        if needed <= held {
            return Ok(());
        }
        let ahead = needed.saturating_add(STEP - 1) / STEP * STEP;
        let owner = &upload.account_id;
        let reserved = match self.drive()?.reserve_in(conn, owner, ahead - held) {
            Err(Error::OverQuota) => {
                self.drive()?.reserve_in(conn, owner, needed - held)?;
                needed
            }
            outcome => outcome.map(|()| ahead)?,
        };
        Ok(store::set_reserved(conn, &upload.id, reserved)?)
    }

    /// The client says how long the file is: the reservation becomes exactly that.
    pub(super) fn declare_in(&self, conn: &mut Conn, id: &UploadId, size: i64) -> Result<()> {
        let row = store::find(conn, id)?.ok_or(Error::NotFound)?;
        match row.size {
            Some(known) if known == size => return Ok(()),
            Some(known) => return Err(Error::LengthKnown { size: known }),
            None if size < row.acknowledged => {
                return Err(Error::Malformed(
                    "Upload-Length is below what has arrived already.",
                ));
            }
            None => {}
        }
        self.settle_in(conn, &row, size)?;
        Ok(store::set_size(conn, id, size)?)
    }

    /// Every byte is durable. False when the row cannot be brought to say the same.
    pub(super) fn complete_in(
        &self,
        conn: &mut Conn,
        id: &UploadId,
        size: i64,
        digests: Option<&Digests>,
        times: (Time, Time),
    ) -> Result<bool> {
        let Some(row) = store::find(conn, id)? else {
            return Ok(false);
        };
        if row.state == State::Receiving && row.size.is_none() {
            self.settle_in(conn, &row, size)?;
        }
        Ok(store::complete(conn, id, size, digests, times)?)
    }

    fn settle_in(&self, conn: &mut Conn, row: &Upload, size: i64) -> Result<()> {
        if row.purpose != Purpose::Drive || row.kind == Kind::Final {
            return Ok(());
        }
        self.reserve_in(conn, row.purpose, &row.account_id, size - row.reserved)?;
        Ok(store::set_reserved(conn, &row.id, size)?)
    }

    /// Deletes uploads, final ones with their parts, and gives back what they held.
    pub(super) fn end_in(&self, conn: &mut Conn, ids: &[UploadId]) -> Result<Vec<Ended>> {
        let rows = store::with_parts(conn, ids)?;
        let all: Vec<UploadId> = rows.iter().map(|it| it.id.clone()).collect();
        store::delete(conn, &all)?;
        let mut ended = Vec::new();
        for row in rows {
            self.reserve_in(conn, row.purpose, &row.account_id, -row.reserved)?;
            let file = row.file().clone();
            let is_known = store::is_file_known(conn, &file)?;
            ended.push(Ended {
                id: row.id,
                file: (!is_known).then_some(file),
            });
        }
        Ok(ended)
    }

    fn reserve_in(
        &self,
        conn: &mut Conn,
        purpose: Purpose,
        owner: &AccountId,
        delta: i64,
    ) -> Result<()> {
        if purpose != Purpose::Drive || delta == 0 {
            return Ok(());
        }
        self.drive()?.reserve_in(conn, owner, delta)
    }
}
