//! What is behind playback addresses, and who may have it now.
//!
//! Every address passes the policy of `membership`. Playlists and texts ask it each time. Bytes come in many requests:
//! whoever was asked a moment ago is not asked again, and what is being sent for longer is looked at from time to time
//! ([`Playback::watch_over`]), so that nobody has more than half a minute of what they may no longer have.

use std::sync::Arc;
use std::time::Duration;

use super::asked::Asked;
use super::model::Error;
use super::seats::Verdict;
use super::service::{Playback, Result};
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::AccountId;
use crate::media::{Error as MediaError, Stored, Watch, may_use_address};
use crate::membership::{Membership, Seen};
use crate::movies::Movie;
use crate::renditions::{FilmFile, Rendition, Renditions, Segments, master};
use crate::transfers::disposition::Offer;
use crate::transfers::flow::Flow;
use crate::transfers::live::{Live, LiveKey, Subject, What};
use crate::transfers::registry::Generation;
use crate::transfers::serve::Offering;

/// How often what is being sent is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);

pub(super) const PLAYLIST: &str = "application/vnd.apple.mpegurl";
const WEBVTT: &str = "text/vtt; charset=utf-8";

/// What an address gives.
pub enum Given {
    /// A text and its media type.
    Text(String, &'static str),
    Bytes(Arc<Live>),
}

/// A file that may be sent, and how much of it.
struct Part {
    stored: Stored,
    offer: Offer,
    /// Bytes, when it is not the whole file.
    only: Option<u64>,
}

impl Playback {
    /// What is behind a playback address, for whoever may have it now. `tail` is the path after the token.
    ///
    /// # Errors
    /// Those of [`Media::read_watch`](crate::media::Media::read_watch) and [`Media::join`](crate::media::Media::join),
    /// what [`Membership::admit_to_preview_in`] refuses, [`Error::NoSeat`].
    pub async fn open(&self, token: &str, tail: &str, who: Option<&AccountId>) -> Result<Given> {
        let watch = self.media.read_watch(token).await?;
        let path = tail.strip_prefix(&watch.prefix);
        let asked = path
            .and_then(Asked::read)
            .filter(|asked| !watch.is_preview || asked.is_of_a_preview())
            .ok_or(MediaError::NoSuchAddress)?;
        may_use_address(&watch.account, who)?;
        match asked {
            Asked::Original | Asked::Media(_) | Asked::Sheet(_) => {
                self.bytes(watch, asked, who).await.map(Given::Bytes)
            }
            Asked::Master => self.text(watch, whole_list, PLAYLIST).await,
            Asked::Index(name) => {
                let name = name.to_owned();
                let look = move |conn: &mut Conn, watch: &Watch, seen| {
                    let (_, segments) = rendition(conn, watch, &name, seen)?;
                    Ok(segments.playlist("media.mp4"))
                };
                self.text(watch, look, PLAYLIST).await
            }
            Asked::Sprites => self.text(watch, sprites, WEBVTT).await,
            Asked::Subtitles(language) => {
                let language = language.to_owned();
                let look = move |conn: &mut Conn, watch: &Watch, _| {
                    let track = Renditions::find_subtitle_in(conn, &watch.movie, &language)?;
                    track.map(|it| it.body).ok_or_else(nothing)
                };
                self.text(watch, look, WEBVTT).await
            }
        }
    }

    async fn text(
        &self,
        watch: Watch,
        look: impl FnOnce(&mut Conn, &Watch, Seen) -> Result<String> + Send + 'static,
        content_type: &'static str,
    ) -> Result<Given> {
        let now = self.clock.now();
        let text = self
            .db
            .read::<_, Error, _>(move |conn| {
                let (_, seen) = admit(conn, &watch, now)?;
                look(conn, &watch, seen)
            })
            .await?;
        Ok(Given::Text(text, content_type))
    }

    async fn bytes(
        &self,
        watch: Watch,
        asked: Asked<'_>,
        who: Option<&AccountId>,
    ) -> Result<Arc<Live>> {
        // Small pictures are of the film that is being watched, and of no weight.
        let verdict = match asked {
            Asked::Sheet(_) => Verdict::Ask,
            _ => self.seats.take(&watch, self.clock.now(), self.streams),
        };
        match verdict {
            Verdict::NoSeat => return Err(Error::NoSeat(self.streams)),
            Verdict::Ask => self.ask(&watch).await?,
            Verdict::Known => {}
        }
        let form = match watch.is_preview {
            true => format!("{asked:?} preview"),
            false => format!("{asked:?}"),
        };
        let key = LiveKey::Watch(watch.account.clone(), watch.movie.clone(), form);
        let start = |asked_at| self.start(watch.clone(), asked, key.clone(), asked_at);
        self.media.join(&key, who, start).await
    }

    /// Asks the policy now. Whoever may not any more is cut off.
    async fn ask(&self, watch: &Watch) -> Result<()> {
        let (now, asked) = (self.clock.now(), watch.clone());
        let answer = self
            .db
            .read::<_, Error, _>(move |conn| admit(conn, &asked, now).map(drop))
            .await;
        match &answer {
            Ok(()) => self.seats.confirm(watch, now),
            Err(Error::Refused(_)) => {
                self.seats.leave(watch);
                let transfers = self.media.transfers();
                transfers.stop_watching(&watch.account, &watch.movie);
            }
            // Nobody knows.
            Err(_) => {}
        }
        answer
    }

    async fn start(
        &self,
        watch: Watch,
        asked: Asked<'_>,
        key: LiveKey,
        asked_at: Generation,
    ) -> Result<Option<Arc<Live>>> {
        let (owner, subject) = (watch.account.clone(), Subject::Movie(watch.movie.clone()));
        let part = self.part(watch, asked).await?;
        let mut offering = self.media.open(part.stored, part.offer).await?;
        if let Some(only) = part.only {
            shorten(&mut offering, only);
        }
        // Each request brings a token with an end of its own.
        let what = What::File(offering);
        let live = Live::new(key, owner, subject, Time::MAX, what, Flow::default());
        Ok(self.media.transfers().admit(asked_at, live, None).ok())
    }

    async fn part(&self, watch: Watch, asked: Asked<'_>) -> Result<Part> {
        let now = self.clock.now();
        let (file, rung) = match asked {
            Asked::Media(name) => (format!("{name}/media.mp4"), Some(name.to_owned())),
            Asked::Sheet(name) => (name.to_owned(), None),
            _ => (String::new(), None),
        };
        self.db
            .read(move |conn| {
                let (film, seen) = admit(conn, &watch, now)?;
                if file.is_empty() {
                    return Ok(original(&film));
                }
                let found = Renditions::find_file_in(conn, &watch.movie, &file)?;
                let found = found.ok_or_else(nothing)?;
                let only = match (rung, seen) {
                    (Some(name), Seen::Beginning { .. }) => {
                        Some(rendition(conn, &watch, &name, seen)?.1.size())
                    }
                    _ => None,
                };
                Ok(part_of(found, only))
            })
            .await
    }

    /// How many films are being watched now, each screen by itself.
    #[must_use]
    pub fn streams_now(&self) -> usize {
        self.seats.all(self.clock.now()).len()
    }

    /// Looks from time to time whether everybody may still have what they are being sent. Runs until it is dropped.
    pub async fn watch_over(self) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        loop {
            ticks.tick().await;
            self.look_over().await;
        }
    }

    /// Asks again for everybody who is watching, and cuts those off who may not.
    pub async fn look_over(&self) {
        let now = self.clock.now();
        for watch in self.seats.all(now) {
            let transfers = self.media.transfers();
            if transfers.is_watching(&watch.account, &watch.movie) {
                self.seats.touch(&watch, now);
            }
            if let Err(Error::Refused(error)) = self.ask(&watch).await {
                tracing::info!(movie.id = %watch.movie, %error, "somebody may not watch any more");
            }
        }
    }
}

/// Whether the one whom a token was given to may have the film now, and how much of it.
fn admit(conn: &mut Conn, watch: &Watch, now: Time) -> Result<(Movie, Seen)> {
    let (account, movie) = (&watch.account, &watch.movie);
    if !watch.is_preview {
        let (film, _) = Membership::admit_in(conn, account, movie, true, now)?;
        return Ok((film, Seen::Whole));
    }
    let (film, _) = Membership::admit_to_preview_in(conn, account, movie, true, now)?;
    // A token for a preview stays one, also when the film was bought meanwhile.
    let seconds = film.preview_seconds;
    Ok((film, Seen::Beginning { seconds }))
}

fn nothing() -> Error {
    MediaError::NoSuchAddress.into()
}

fn whole_list(conn: &mut Conn, watch: &Watch, _: Seen) -> Result<String> {
    let there = Renditions::of_film_in(conn, &watch.movie)?;
    match there.videos().next() {
        Some(_) => Ok(master(&there.renditions)),
        None => Err(nothing()),
    }
}

fn sprites(conn: &mut Conn, watch: &Watch, _: Seen) -> Result<String> {
    let there = Renditions::of_film_in(conn, &watch.movie)?;
    there.sprites.ok_or_else(nothing)
}

/// A rendition, and as much of its segments as may be had.
fn rendition(
    conn: &mut Conn,
    watch: &Watch,
    name: &str,
    seen: Seen,
) -> Result<(Rendition, Segments)> {
    let found = Renditions::find_in(conn, &watch.movie, name)?.ok_or_else(nothing)?;
    let segments = match seen {
        Seen::Whole => found.parts(),
        Seen::Beginning { seconds } => found.parts().cut(u64::try_from(seconds).unwrap_or(0)),
    };
    Ok((found, segments))
}

fn original(film: &Movie) -> Part {
    Part {
        stored: Stored::from(film),
        offer: Offer::Inline,
        only: None,
    }
}

fn part_of(file: FilmFile, only: Option<u64>) -> Part {
    let is_picture = file.content_type == "image/jpeg";
    Part {
        offer: if is_picture {
            Offer::Preview
        } else {
            Offer::Inline
        },
        stored: Stored {
            blake3: file.blake3,
            size: file.size,
            sha256: None,
            stored_at: file.created_at,
            content_type: file.content_type,
            file_name: file.name.replace('/', "-"),
        },
        only,
    }
}

/// Offers the beginning of a file as if that were the file: no range reaches further.
fn shorten(offering: &mut Offering, only: u64) {
    if only < offering.size {
        offering.size = only;
        offering.tag = format!("{}-{only}", offering.tag);
        offering.sha256 = None;
    }
}
