//! A film as one account sees it: its price for them, whether it is theirs, where they stopped.
//!
//! Lives here and not with the catalogue, which knows nothing of money.

use playhouse_api::movies as api;

use super::model::Error;
use super::service::{Playback, seconds};
use super::store;
use crate::accounts::Viewer;
use crate::db::Conn;
use crate::ids::MovieId;
use crate::membership::Membership;
use crate::membership::policy::{self, Access, MovieFacts};
use crate::movies::{self, Movie, Movies};

/// A film, and what it is to an account.
struct Found {
    movie: Movie,
    owned: bool,
    position_ms: i64,
}

impl Playback {
    /// The film, and what it is to this account.
    ///
    /// # Errors
    /// [`movies::Error::NotFound`], also for a film that this account does not see.
    pub async fn detail(&self, who: &Viewer, id: MovieId) -> Result<api::MovieDetail, Error> {
        let (viewer, now) = (who.clone(), self.clock.now());
        let found = self
            .db
            .read::<_, Error, _>(move |conn| {
                let found = find(conn, &viewer, &id)?;
                let facts = MovieFacts::from(&found.movie);
                match policy::access(Some(&viewer), &facts, found.owned, now) {
                    Access::Granted | Access::NotOwned => Ok(found),
                    Access::Hidden => Err(movies::Error::NotFound.into()),
                }
            })
            .await?;
        Ok(api::MovieDetail {
            your_price: self.membership.price_for(&who.account, found.movie.price),
            owned: found.owned,
            position: seconds(found.position_ms),
            renditions: vec![original(&found.movie)],
            movie: found.movie.view(),
        })
    }
}

fn find(conn: &mut Conn, viewer: &Viewer, id: &MovieId) -> Result<Found, Error> {
    let position_ms = store::find_position(conn, viewer.id(), id)?;
    Ok(Found {
        movie: Movies::get_in(conn, id)?,
        owned: Membership::owned_in(conn, viewer.id(), id)?,
        position_ms: position_ms.unwrap_or_default(),
    })
}

/// The file as it was uploaded.
fn original(movie: &Movie) -> api::Rendition {
    let size = |pixels: i32| (pixels > 0).then_some(pixels);
    api::Rendition {
        name: "original".to_owned(),
        width: size(movie.width),
        height: size(movie.height),
        size: movie.blob.size,
    }
}
