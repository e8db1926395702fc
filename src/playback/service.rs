//! Playback addresses, and where somebody stopped. What is behind the addresses is in [`super::giving`].

use chrono::{DateTime, TimeDelta};
use playhouse_api::movies as api;

use super::giving::PLAYLIST;
use super::model::Error;
use super::seats::Seats;
use super::{shelf, store};
use crate::accounts::{Role, Via, Viewer};
use crate::clock::{Clock, Time};
use crate::config::Config;
use crate::db::Db;
use crate::ids::MovieId;
use crate::media::{Media, Watch};
use crate::membership::{Membership, Seen};
use crate::movies::{Movie, Movies};
use crate::renditions::{OnFilm, Rendition, Renditions, Sound, Subtitle, chapter, sounds};

pub(super) type Result<T> = std::result::Result<T, Error>;

/// Watching in this house; cheap to copy.
#[derive(Clone)]
pub struct Playback {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) media: Media,
    membership: Membership,
    minutes: i64,
    /// Films that an account may watch at a time.
    pub(super) streams: usize,
    pub(super) seats: Seats,
}

impl Playback {
    pub fn new(
        db: Db,
        clock: Clock,
        media: Media,
        membership: Membership,
        config: &Config,
    ) -> Playback {
        Playback {
            db,
            clock,
            media,
            membership,
            minutes: config.movies.playback_minutes,
            streams: config.films.streams,
            seats: Seats::default(),
        }
    }

    /// A film as this account sees it.
    ///
    /// # Errors
    /// [`Error::NoSuchFilm`] when it is not in the catalogue, and neither bought nor the caller's to administer.
    pub async fn describe(&self, who: &Viewer, movie: MovieId) -> Result<api::MovieDetail> {
        let (account, as_admin, now) = (who.id().clone(), who.is_admin(), self.clock.now());
        let (film, claim, position_ms, on_watchlist, there) = self
            .db
            .read::<_, Error, _>(move |conn| {
                let film = Movies::find_in(conn, &movie)?.ok_or(Error::NoSuchFilm)?;
                let claim = Membership::claim_in(conn, &account, &movie, as_admin)?;
                let position = store::find_position(conn, &account, &movie)?;
                let on_watchlist = shelf::store::is_saved(conn, &account, &movie)?;
                let there = Renditions::of_film_in(conn, &movie)?;
                Ok((
                    film,
                    claim,
                    position.unwrap_or_default(),
                    on_watchlist,
                    there,
                ))
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
            renditions: std::iter::once(original(&film))
                .chain(there.renditions.iter().map(|it| shown(it, &there)))
                .collect(),
        })
    }

    /// Addresses that a player can use for a while, and where the account stopped watching. For whoever has not bought
    /// the film they give its beginning, if it has a preview and that will do.
    ///
    /// # Errors
    /// What [`Membership::admit_to_preview_in`] refuses; [`membership::Error::NotOwned`](crate::membership::Error) also
    /// when a preview will not do, or there is nothing yet that it could be cut from.
    pub async fn addresses(
        &self,
        who: &Viewer,
        movie: MovieId,
        preview_will_do: bool,
    ) -> Result<api::Playback> {
        let (account, as_admin, now) = (who.id().clone(), who.is_admin(), self.clock.now());
        let (film, seen, position_ms, there) = self
            .db
            .read::<_, Error, _>(move |conn| {
                let (film, seen) =
                    Membership::admit_to_preview_in(conn, &account, &movie, as_admin, now)?;
                let position = store::find_position(conn, &account, &movie)?;
                let there = Renditions::of_film_in(conn, &movie)?;
                Ok((film, seen, position.unwrap_or_default(), there))
            })
            .await?;
        let is_preview = seen != Seen::Whole;
        if is_preview && !(preview_will_do && there.videos().next().is_some()) {
            return Err(crate::membership::Error::NotOwned.into());
        }
        let watch = self.new_watch(who, &film, is_preview, now);
        let token = self.media.watch_token(&watch).await?;
        let base = format!("/media/{token}/{}", film.id);
        let mut answer = api::Playback {
            sources: sources(&film, &there, &base, is_preview),
            sounds: sounds(&there.renditions).iter().map(sound).collect(),
            subtitles: Vec::new(),
            sprites: None,
            chapters: there.chapters.iter().map(chapter).collect(),
            preview_seconds: is_preview.then_some(film.preview_seconds),
            position: seconds(position_ms),
            expires_at: watch.expires_at.and_utc(),
        };
        if !is_preview {
            answer.subtitles = there.subtitles.iter().map(|it| track(it, &base)).collect();
            answer.sprites = there.sprites.map(|_| format!("{base}/sprites.vtt"));
        }
        Ok(answer)
    }

    fn new_watch(&self, who: &Viewer, film: &Movie, is_preview: bool, now: Time) -> Watch {
        let until = now + TimeDelta::minutes(self.minutes);
        // The token keeps whole seconds.
        let whole = DateTime::from_timestamp(until.and_utc().timestamp(), 0);
        Watch {
            account: who.id().clone(),
            movie: film.id.clone(),
            expires_at: whole.map_or(until, |at| at.naive_utc()),
            screen: screen_of(who),
            is_preview,
            prefix: format!("{}/", film.id),
        }
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

/// A number for the screen that asks: the same for the same login session or access token.
fn screen_of(who: &Viewer) -> u64 {
    let name = match &who.via {
        Via::Session(id) => id.as_str(),
        Via::Token { id, .. } => id.as_str(),
        Via::Password => who.id().as_str(),
    };
    let hash = blake3::hash(name.as_bytes());
    let (first, _) = hash.as_bytes().split_first_chunk::<8>().unzip();
    first.map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

fn shown(rendition: &Rendition, there: &OnFilm) -> api::Rendition {
    api::Rendition {
        name: rendition.name.clone(),
        width: pixels(rendition.width),
        height: pixels(rendition.height),
        size: there.size_of(rendition),
    }
}

/// The adaptive stream, if there is one, and then the file as it was uploaded. A preview has no such file.
fn sources(film: &Movie, there: &OnFilm, base: &str, is_preview: bool) -> Vec<api::PlaybackSource> {
    let best = there.videos().next();
    let adaptive = best.map(|best| api::PlaybackSource {
        media_type: PLAYLIST.to_owned(),
        url: format!("{base}/master.m3u8"),
        width: pixels(best.width),
        height: pixels(best.height),
    });
    let whole = (!is_preview).then(|| api::PlaybackSource {
        media_type: film.content_type.clone(),
        url: format!("{base}/original"),
        width: pixels(film.width),
        height: pixels(film.height),
    });
    adaptive.into_iter().chain(whole).collect()
}

fn sound(sound: &Sound<'_>) -> api::SoundTrack {
    api::SoundTrack {
        name: sound.rendition.name.clone(),
        label: sound.label.clone(),
        language: sound.rendition.language.clone(),
        is_default: sound.is_default,
    }
}

fn track(subtitle: &Subtitle, base: &str) -> api::Subtitle {
    api::Subtitle {
        language: subtitle.language.clone(),
        label: subtitle.label.clone(),
        url: format!("{base}/subs/{}.vtt", subtitle.language),
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
