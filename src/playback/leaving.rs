//! What a member takes along of watching, and what goes with them.

use playhouse_api::movies as api;
use playhouse_api::page::Page;
use uuid::Uuid;

use super::model::Error;
use super::service::{Playback, Result, seconds};
use super::{shelf, store};
use crate::db::{self, Conn};
use crate::ids::{AccountId, MovieId};
use crate::page::PageRequest;

impl Playback {
    /// Removes the positions and the watchlist of an account that leaves, in the caller's transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_in(conn: &mut Conn, account: &AccountId) -> db::Result<()> {
        store::delete_all(conn, account)?;
        shelf::store::clear(conn, account)
    }

    /// Where an account stopped in films, in the order of their ids.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_positions(
        &self,
        account: AccountId,
        page: PageRequest<Uuid>,
    ) -> Result<Page<api::WatchPosition>> {
        let (fetch, after) = (page.rows_to_fetch(), page.after.map(MovieId::from));
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| {
                Ok(store::list(conn, &account, after.as_ref(), fetch)?)
            })
            .await?;
        let page = page.page(rows, |(movie, ..)| movie.uuid());
        Ok(page.map(|(movie, position_ms, at)| api::WatchPosition {
            movie_id: movie.uuid(),
            seconds: seconds(position_ms),
            updated_at: at.and_utc(),
        }))
    }
}
