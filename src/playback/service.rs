//! Playback addresses, the bytes behind them, and where somebody stopped.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use playhouse_api::movies as api;

use super::model::Error;
use super::{shelf, store};
use crate::accounts::{Role, Viewer};
use crate::clock::{Clock, Time};
use crate::config::MoviesConfig;
use crate::db::Db;
use crate::ids::{AccountId, MovieId};
use crate::media::{Error as MediaError, Media, Stored, Watch, may_use_address};
use crate::membership::Membership;
use crate::movies::Movie;
use crate::movies::Movies;
use crate::transfers::disposition::Offer;
use crate::transfers::flow::Flow;
use crate::transfers::live::{Live, LiveKey, Subject, What};
use crate::transfers::registry::Generation;

type Result<T> = std::result::Result<T, Error>;

/// Watching in this house; cheap to copy.
#[derive(Clone)]
pub struct Playback {
    pub(super) db: Db,
    pub(super) clock: Clock,
    media: Media,
    membership: Membership,
    minutes: i64,
}

impl Playback {
    pub fn new(
        db: Db,
        clock: Clock,
        media: Media,
        membership: Membership,
        config: &MoviesConfig,
    ) -> Playback {
        Playback {
            db,
            clock,
            media,
            membership,
            minutes: config.playback_minutes,
        }
    }

    /// A film as this account sees it.
    ///
    /// # Errors
    /// [`Error::NoSuchFilm`] when it is not in the catalogue, and neither bought nor the caller's to administer.
    pub async fn describe(&self, who: &Viewer, movie: MovieId) -> Result<api::MovieDetail> {
        let (account, as_admin, now) = (who.id().clone(), who.is_admin(), self.clock.now());
        let (film, claim, position_ms, on_watchlist) = self
            .db
            .read::<_, Error, _>(move |conn| {
                let film = Movies::find_in(conn, &movie)?.ok_or(Error::NoSuchFilm)?;
                let claim = Membership::claim_in(conn, &account, &movie, as_admin)?;
                let position = store::find_position(conn, &account, &movie)?;
                let on_watchlist = shelf::store::is_saved(conn, &account, &movie)?;
                Ok((film, claim, position.unwrap_or_default(), on_watchlist))
            })
            .await?;
        if !film.is_visible(now) && !claim.asker.keeps() {
            return Err(Error::NoSuchFilm);
        }
        Ok(api::MovieDetail {
            movie: film.view(),
            your_price: self.membership.price_for(&claim.account, film.price),
            vip_price: self.membership.vip_price(film.price),
            owned: claim.asker.owns,
            position: seconds(position_ms),
            on_watchlist,
            renditions: vec![original(&film)],
        })
    }

    /// Addresses that a player can use for a while, and where the account stopped watching.
    ///
    /// # Errors
    /// What [`Membership::admit_in`] refuses.
    pub async fn addresses(&self, who: &Viewer, movie: MovieId) -> Result<api::Playback> {
        let (account, as_admin, now) = (who.id().clone(), who.is_admin(), self.clock.now());
        let (film, position_ms) = self
            .db
            .read::<_, Error, _>(move |conn| {
                let (film, _) = Membership::admit_in(conn, &account, &movie, as_admin, now)?;
                let position = store::find_position(conn, &account, &movie)?;
                Ok((film, position.unwrap_or_default()))
            })
            .await?;
        let watch = self.new_watch(who.id().clone(), &film, now);
        let token = self.media.watch_token(&watch).await?;
        Ok(api::Playback {
            sources: vec![source(&film, &token)],
            subtitles: Vec::new(),
            sprites: None,
            position: seconds(position_ms),
            expires_at: watch.expires_at.and_utc(),
        })
    }

    fn new_watch(&self, account: AccountId, film: &Movie, now: Time) -> Watch {
        let until = now + TimeDelta::minutes(self.minutes);
        // The token keeps whole seconds.
        let whole = DateTime::from_timestamp(until.and_utc().timestamp(), 0);
        Watch {
            account,
            movie: film.id.clone(),
            expires_at: whole.map_or(until, |at| at.naive_utc()),
            prefix: format!("{}/", film.id),
        }
    }

    /// The film behind a playback address, ready to serve bytes. `tail` is the path after the
    /// token.
    ///
    /// # Errors
    /// Those of [`Media::read_watch`] and [`Media::join`], and what [`Membership::admit_in`]
    /// refuses.
    pub async fn open(
        &self,
        token: &str,
        tail: &str,
        who: Option<&AccountId>,
    ) -> Result<Arc<Live>> {
        let watch = self.media.read_watch(token).await?;
        if tail.strip_prefix(&watch.prefix) != Some("original") {
            return Err(MediaError::NoSuchAddress.into());
        }
        may_use_address(&watch.account, who)?;
        let key = LiveKey::Watch(watch.account.clone(), watch.movie.clone());
        let start = |asked_at| self.start(watch.clone(), key.clone(), asked_at);
        self.media.join(&key, who, start).await
    }

    async fn start(
        &self,
        watch: Watch,
        key: LiveKey,
        asked_at: Generation,
    ) -> Result<Option<Arc<Live>>> {
        let Watch { account, movie, .. } = watch;
        let (owner, id, now) = (account.clone(), movie.clone(), self.clock.now());
        let film = self
            .db
            .read::<_, Error, _>(move |conn| {
                let (film, _) = Membership::admit_in(conn, &account, &movie, true, now)?;
                Ok(film)
            })
            .await?;
        let offering = self.media.open(Stored::from(&film), Offer::Inline).await?;
        // Each request brings a token with an end of its own.
        let (subject, what) = (Subject::Movie(id), What::File(offering));
        let live = Live::new(key, owner, subject, Time::MAX, what, Flow::default());
        Ok(self.media.transfers().admit(asked_at, live, None).ok())
    }

    /// Keeps where somebody stopped watching.
    ///
    /// # Errors
    /// [`Error::NoSuchPosition`], and what [`Membership::admit_in`] refuses.
    pub async fn set_position(&self, who: &Viewer, movie: MovieId, seconds: f64) -> Result<()> {
        let position_ms = milliseconds(seconds).ok_or(Error::NoSuchPosition)?;
        let (account, as_admin, now) = (who.id().clone(), who.is_admin(), self.clock.now());
        self.db
            .write_relaxed::<_, Error, _>(move |conn| {
                let (film, claim) = Membership::admit_in(conn, &account, &movie, as_admin, now)?;
                let end = film.duration_ms.max(0);
                if position_ms > end + SLACK_MS {
                    return Err(Error::NoSuchPosition);
                }
                let is_first = store::find_position(conn, &account, &movie)?.is_none();
                if is_first && claim.account.role == Role::Member {
                    Movies::bump_popularity(conn, &movie)?;
                }
                let position_ms = position_ms.min(end);
                Ok(store::put_position(
                    conn,
                    &account,
                    &movie,
                    position_ms,
                    now,
                )?)
            })
            .await
    }
}

/// A player may count to a little more than what the file says of itself.
const SLACK_MS: i64 = 5_000;

/// The longest position that is taken at all, well inside the range of whole numbers.
const MAX_SECONDS: f64 = 1e9;

/// The file as it was uploaded.
fn original(film: &Movie) -> api::Rendition {
    api::Rendition {
        name: "original".to_owned(),
        width: pixels(film.width),
        height: pixels(film.height),
        size: film.blob.size,
    }
}

fn pixels(size: i32) -> Option<i32> {
    (size > 0).then_some(size)
}

fn source(film: &Movie, token: &str) -> api::PlaybackSource {
    api::PlaybackSource {
        media_type: film.content_type.clone(),
        url: format!("/media/{token}/{}/original", film.id),
        width: pixels(film.width),
        height: pixels(film.height),
    }
}

fn milliseconds(seconds: f64) -> Option<i64> {
    let is_valid = seconds.is_finite() && (0.0..=MAX_SECONDS).contains(&seconds);
    is_valid.then(|| to_whole(seconds * 1000.0))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the caller has checked the range"
)]
fn to_whole(milliseconds: f64) -> i64 {
    milliseconds.round() as i64
}

/// Exact: a position stays far below 2^53 milliseconds.
#[expect(clippy::cast_precision_loss, reason = "positions are small")]
pub(super) fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions() {
        assert_eq!(milliseconds(0.0), Some(0));
        assert_eq!(milliseconds(12.3456), Some(12_346));
        for wrong in [-0.001, f64::NAN, f64::INFINITY, 1e10] {
            assert_eq!(milliseconds(wrong), None, "{wrong}");
        }
        assert!((seconds(12_346) - 12.346).abs() < 1e-9);
    }
}
