//! Watching: playback addresses, the bytes behind them, and where somebody stopped.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use playhouse_api::movies as api;

use super::model::{Error, Film};
use super::policy;
use super::service::{Downloads, Result, rights};
use super::store;
use super::tokens::Watch;
use crate::accounts::{Role, Viewer};
use crate::clock::Time;
use crate::ids::{AccountId, MovieId};
use crate::transfers::disposition::Offer;
use crate::transfers::flow::Flow;
use crate::transfers::live::{Live, LiveKey};
use crate::transfers::registry::Generation;

/// How many requests may find something stopped in between before one gives up.
const ATTEMPTS: u32 = 3;

impl Downloads {
    /// Addresses that a player can use for a while, and where the account stopped watching.
    ///
    /// # Errors
    /// What [`policy::may_have_bytes`] refuses.
    pub async fn playback(&self, who: &Viewer, movie: MovieId) -> Result<api::Playback> {
        let (account, is_admin, now) = (who.id().clone(), who.is_admin(), self.clock.now());
        let owner = account.clone();
        let (film, position_ms) = self
            .db
            .read::<_, Error, _>(move |conn| {
                let film = store::find_film(conn, &movie)?.ok_or(Error::NoSuchFilm)?;
                let rights = rights(conn, &account, &movie, is_admin)?;
                policy::may_have_bytes(rights.asker, &film, now)?;
                let position = store::find_position(conn, &account, &movie)?;
                Ok((film, position.unwrap_or_default()))
            })
            .await?;
        let watch = self.new_watch(owner, &film, now);
        let token = self.key().await?.watch(&watch);
        Ok(api::Playback {
            sources: vec![source(&film, &token)],
            subtitles: Vec::new(),
            sprites: None,
            position: seconds(position_ms),
            expires_at: watch.expires_at.and_utc(),
        })
    }

    fn new_watch(&self, account: AccountId, film: &Film, now: Time) -> Watch {
        let until = now + TimeDelta::minutes(self.playback_minutes);
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
    /// [`Error::NoSuchAddress`], [`Error::Expired`], and what [`policy`] refuses.
    pub async fn open_watch(
        &self,
        token: &str,
        tail: &str,
        who: Option<&AccountId>,
    ) -> Result<Arc<Live>> {
        let watch = self.key().await?.open_watch(token);
        let watch = watch
            .filter(|watch| tail.strip_prefix(&watch.prefix) == Some("original"))
            .ok_or(Error::NoSuchAddress)?;
        policy::may_use_address(&watch.account, who)?;
        if self.clock.now() >= watch.expires_at {
            return Err(Error::Expired);
        }
        let key = LiveKey::Watch(watch.account.clone(), watch.movie.clone());
        if let Some(live) = self.find_live(&key, who)? {
            return Ok(live);
        }
        for _ in 0..ATTEMPTS {
            let asked_at = self.transfers.generation();
            if let Some(live) = self.start_watch(&watch, key.clone(), asked_at).await? {
                return Ok(live);
            }
        }
        Err(Error::Stopping)
    }

    async fn start_watch(
        &self,
        watch: &Watch,
        key: LiveKey,
        asked_at: Generation,
    ) -> Result<Option<Arc<Live>>> {
        let (account, movie, now) = (watch.account.clone(), watch.movie.clone(), self.clock.now());
        let film = self
            .db
            .read::<_, Error, _>(move |conn| {
                let film = store::find_film(conn, &movie)?.ok_or(Error::FilmGone)?;
                let rights = rights(conn, &account, &movie, true)?;
                policy::may_have_bytes(rights.asker, &film, now)?;
                Ok(film)
            })
            .await?;
        let offering = self.offer(&film, Offer::Inline).await?;
        let live = Live::new(
            key,
            watch.account.clone(),
            watch.movie.clone(),
            // Each request brings a token with an end of its own.
            Time::MAX,
            offering,
            Flow::default(),
        );
        let live = self.transfers.admit(asked_at, live, None);
        Ok(live.ok().filter(|live| !live.flow.is_stopped()))
    }

    /// Keeps where somebody stopped watching.
    ///
    /// # Errors
    /// [`Error::NoSuchPosition`], and what [`policy::may_have_bytes`] refuses.
    pub async fn set_position(&self, who: &Viewer, movie: MovieId, seconds: f64) -> Result<()> {
        let position_ms = milliseconds(seconds).ok_or(Error::NoSuchPosition)?;
        let (account, is_admin, now) = (who.id().clone(), who.is_admin(), self.clock.now());
        self.db
            .write_relaxed(move |conn| {
                let film = store::find_film(conn, &movie)?.ok_or(Error::NoSuchFilm)?;
                let rights = rights(conn, &account, &movie, is_admin)?;
                policy::may_have_bytes(rights.asker, &film, now)?;
                if position_ms > film.duration_ms.max(0) + SLACK_MS {
                    return Err(Error::NoSuchPosition);
                }
                let is_first = store::find_position(conn, &account, &movie)?.is_none();
                if is_first && rights.account.role == Role::Member {
                    store::count_interest(conn, &movie)?;
                }
                Ok(store::put_position(
                    conn,
                    &account,
                    &movie,
                    position_ms.min(film.duration_ms.max(0)),
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

fn source(film: &Film, token: &str) -> api::PlaybackSource {
    let size = |pixels: i32| (pixels > 0).then_some(pixels);
    api::PlaybackSource {
        media_type: film.content_type.clone(),
        url: format!("/media/{token}/{}/original", film.id),
        width: size(film.width),
        height: size(film.height),
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
fn seconds(milliseconds: i64) -> f64 {
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
