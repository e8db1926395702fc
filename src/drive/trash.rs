//! The trash: where a thrown-away entry waits, with all that is below it.

use super::model::{Error, Node};
use super::store::{self, RowChanges};
use crate::clock::Time;
use crate::db::Conn;

type Result<T> = std::result::Result<T, Error>;

/// Says that something went into the trash, so that its end has to be planned.
#[derive(Clone, Debug)]
pub(super) struct Trashed;

/// Puts an entry into the trash. Its name is free from then on, and what is below it is out of reach.
pub(super) fn put_in(conn: &mut Conn, now: Time, node: &Node) -> Result<Trashed> {
    let changes = RowChanges {
        taken_name: Some(None),
        trashed_at: Some(Some(now)),
        ..RowChanges::default()
    };
    store::update(conn, &node.id, &changes)?;
    Ok(Trashed)
}
