//! Ratings: one for each account and film, and what they come to.

use playhouse_api::problem::FieldCode;
use playhouse_api::reviews as api;

use super::super::model::{Error, Rated};
use super::super::store::ratings as store;
use super::{Looker, Result, Reviews};
use crate::accounts::Viewer;
use crate::db::Conn;
use crate::error::FieldChecks;
use crate::ids::MovieId;

impl Reviews {
    /// What a film was given, by all and by this account.
    ///
    /// # Errors
    /// [`Error::NoSuchFilm`] for one that the account does not see.
    pub async fn rating(&self, who: &Viewer, movie: MovieId) -> Result<api::Rating> {
        let who = self.looker(who);
        self.db
            .read(move |conn| {
                who.film(conn, &movie)?.ok_or(Error::NoSuchFilm)?;
                let (sum, count) = store::sums(conn, &movie)?.unwrap_or_default();
                Ok(api::Rating {
                    average: average(sum, count),
                    count,
                    stars: store::find(conn, &who.account, &movie)?,
                })
            })
            .await
    }

    /// Gives a film stars, instead of those that the account gave it before.
    ///
    /// # Errors
    /// [`Error::NoSuchFilm`] for one that the account does not see, [`Error::Invalid`].
    pub async fn rate(&self, who: &Viewer, movie: MovieId, stars: i32) -> Result<()> {
        let mut checks = FieldChecks::default();
        let is_right = (1..=5).contains(&stars);
        let detail = "stars is from 1 to 5.";
        checks.require(is_right, "stars", FieldCode::OutOfRange, detail);
        checks.finish().map_err(Error::Invalid)?;
        let who = self.looker(who);
        self.db
            .write(move |conn| rate(conn, &who, &movie, stars))
            .await
    }

    /// Takes a rating back, if there is one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn unrate(&self, who: &Viewer, movie: MovieId) -> Result<()> {
        let account = who.id().clone();
        self.db
            .write(move |conn| {
                if let Some(stars) = store::find(conn, &account, &movie)? {
                    store::delete(conn, &account, &movie)?;
                    store::add(conn, &movie, -i64::from(stars), -1)?;
                }
                Ok(())
            })
            .await
    }
}

fn rate(conn: &mut Conn, who: &Looker, movie: &MovieId, stars: i32) -> Result<()> {
    who.film(conn, movie)?.ok_or(Error::NoSuchFilm)?;
    match store::find(conn, &who.account, movie)? {
        Some(before) if before == stars => {}
        Some(before) => {
            store::change(conn, &who.account, movie, stars, who.now)?;
            store::add(conn, movie, i64::from(stars) - i64::from(before), 0)?;
        }
        None => {
            let row = Rated {
                account_id: who.account.clone(),
                movie_id: movie.clone(),
                stars,
                updated_at: who.now,
            };
            store::insert(conn, &row)?;
            store::add(conn, movie, i64::from(stars), 1)?;
        }
    }
    Ok(())
}

/// None without votes.
#[expect(
    clippy::cast_precision_loss,
    reason = "sums of stars stay far below 2^53"
)]
fn average(sum: i64, count: i64) -> Option<f64> {
    (count > 0).then(|| sum as f64 / count as f64)
}
