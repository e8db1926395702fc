//! Finding, listing and changing films. Publishing, the trash and the pictures are beside this file.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use playhouse_api::movies as api;
use playhouse_api::problem::FieldCode;
use serde_json::json;

use super::draft::{Draft, check_changes};
use super::model::{Error, Movie};
use super::pages::Pages;
use super::preparing::Companions;
use super::search;
use super::store::{self, Changes};
use super::{posters, telling, trash};
use crate::audit::{self, Actor};
use crate::blobs::Blobs;
use crate::clock::{Clock, Time};
use crate::config::Config;
use crate::db::{self, Conn, Db};
use crate::encoding::Tools;
use crate::error::FieldChecks;
use crate::events::Events;
use crate::ids::MovieId;
use crate::jobs::{Handlers, Jobs};
use crate::transfers::Uploads;
use crate::transfers::registry::Transfers;

pub(super) type Result<T> = std::result::Result<T, Error>;

/// The films of the house; cheap to copy.
#[derive(Clone)]
pub struct Movies {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) jobs: Jobs,
    pub(super) uploads: Uploads,
    pub(super) blobs: Blobs,
    /// What is on its way to members.
    pub(super) transfers: Transfers,
    /// The folder of posters.
    pub(super) posters: Arc<Path>,
    pub(super) tools: Tools,
    pub(super) trash_days: i64,
    /// Whether renditions are made of films here.
    pub(super) transcode: bool,
    pub(super) companions: Companions,
    /// Tells others what becomes of films.
    pub(super) events: Events,
    pub(super) pages: Arc<Pages<api::Facets>>,
    /// Held while the facets are counted.
    pub(super) counting: Arc<tokio::sync::Mutex<()>>,
}

impl Movies {
    #[must_use]
    pub fn new(
        db: Db,
        clock: Clock,
        jobs: Jobs,
        uploads: Uploads,
        blobs: Blobs,
        transfers: Transfers,
        config: &Config,
    ) -> Self {
        let pages = Arc::new(Pages::new());
        let shown = Arc::clone(&pages);
        // A page shows the digests of its films.
        blobs.on_digests(move |_| shown.forget());
        Self {
            db,
            clock,
            jobs,
            uploads,
            blobs,
            transfers,
            posters: config.storage_folder().join("posters").into(),
            tools: Tools::new(&config.movies),
            trash_days: config.trash.days,
            transcode: config.films.transcode,
            companions: Companions::default(),
            events: Events::default(),
            pages,
            counting: Arc::default(),
        }
    }

    /// What the workers do for films.
    #[must_use]
    pub fn handlers(&self) -> Handlers {
        let (poster, purge, remove) = (self.clone(), self.clone(), self.clone());
        let announce = self.clone();
        Handlers::default()
            .on(posters::KIND, move |task| poster.clone().make_poster(task))
            .on(trash::PURGE, move |task| purge.clone().purge_when_due(task))
            .on(trash::REMOVE_POSTER, move |task| {
                remove.clone().remove_poster(task)
            })
            .on(telling::ANNOUNCE, move |task| {
                announce.clone().announce_when_due(task)
            })
    }

    /// One film, whatever its state.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn find(&self, id: &MovieId) -> Result<Option<Movie>> {
        let id = id.clone();
        self.db.read(move |conn| Ok(store::find(conn, &id)?)).await
    }

    /// The first film that has exactly this title, in the trash or not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn find_by_title(&self, title: &'static str) -> Result<Option<Movie>> {
        self.db
            .read(move |conn| Ok(store::find_by_title(conn, title)?))
            .await
    }

    /// Puts another name to the films that somebody has published.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn rename_publisher_in(conn: &mut Conn, from: &str, to: &str) -> db::Result<()> {
        store::rename_publisher(conn, from, to)
    }

    /// The film as the transaction sees it, whatever its state, if it is there.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find_in(conn: &mut Conn, id: &MovieId) -> db::Result<Option<Movie>> {
        store::find(conn, id)
    }

    /// Those of the films that are there, by their ids.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find_all_in(conn: &mut Conn, ids: &[MovieId]) -> db::Result<HashMap<MovieId, Movie>> {
        let films = store::find_all(conn, ids)?.into_iter();
        Ok(films.map(|film| (film.id.clone(), film)).collect())
    }

    /// The film as the transaction sees it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn get_in(conn: &mut Conn, id: &MovieId) -> Result<Movie> {
        store::find(conn, id)?.ok_or(Error::NotFound)
    }

    /// Notes that somebody has taken to a film: played, downloaded or bought it. For `write_relaxed`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn bump_popularity(conn: &mut Conn, id: &MovieId) -> db::Result<()> {
        store::add_popularity(conn, id)
    }

    /// The film with that content, in the trash or not.
    ///
    /// # Errors
    /// [`Error::Invalid`] unless exactly one hash is given; [`Error::NotFound`].
    pub async fn look_up(&self, asked: api::MovieLookup) -> Result<Movie> {
        let by = check_lookup(asked)?;
        let found = self
            .db
            .read::<_, Error, _>(move |conn| {
                Ok(match &by {
                    LookUp::Fingerprint(it) => store::find_by_fingerprint(conn, it)?,
                    LookUp::Blake3(it) => store::find_by_blake3(conn, it)?,
                })
            })
            .await?;
        found.ok_or(Error::NotFound)
    }

    /// An admin edits a film.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`].
    pub async fn change(
        &self,
        actor: Actor,
        id: MovieId,
        asked: api::MovieChanges,
    ) -> Result<Movie> {
        let detail = json!(asked);
        let draft = check_changes(asked)?;
        let (now, movies) = (self.clock.now(), self.clone());
        let film = self
            .db
            .write(move |conn| {
                let before = Self::get_in(conn, &id)?;
                let film = change(conn, now, &actor, &before, &draft, &detail)?;
                movies.announce_again_in(conn, now, &before, &film)?;
                Ok::<_, Error>(film)
            })
            .await?;
        self.changed();
        Ok(film)
    }
}

enum LookUp {
    Fingerprint(String),
    Blake3(String),
}

fn check_lookup(asked: api::MovieLookup) -> Result<LookUp> {
    let mut checks = FieldChecks::default();
    let is_hex =
        |text: &str, digits| text.len() == digits && text.bytes().all(|it| it.is_ascii_hexdigit());
    let (by, field, is_right) = match (asked.fingerprint, asked.blake3) {
        (Some(it), None) => {
            let is_right = is_hex(&it, 32);
            (
                Some(LookUp::Fingerprint(it.to_ascii_lowercase())),
                "fingerprint",
                is_right,
            )
        }
        (None, Some(it)) => {
            let is_right = is_hex(&it, 64);
            (
                Some(LookUp::Blake3(it.to_ascii_lowercase())),
                "blake3",
                is_right,
            )
        }
        (given, _) => {
            let code = if given.is_some() {
                FieldCode::Unknown
            } else {
                FieldCode::Required
            };
            checks.require(
                false,
                "fingerprint",
                code,
                "Give either fingerprint or blake3.",
            );
            (None, "fingerprint", true)
        }
    };
    let detail =
        format!("{field} is a hash in hexadecimal digits: 32 for fingerprint, 64 for blake3.");
    checks.require(is_right, field, FieldCode::InvalidFormat, &detail);
    checks.finish().map_err(Error::Invalid)?;
    by.ok_or(Error::NotFound)
}

fn change(
    conn: &mut Conn,
    now: Time,
    actor: &Actor,
    before: &Movie,
    draft: &Draft,
    detail: &serde_json::Value,
) -> Result<Movie> {
    let id = &before.id;
    let mut changes = Changes {
        sort_title: draft.title.as_deref().map(search::sort_key),
        title: draft.title.clone(),
        description: draft.description.clone(),
        category: draft.category.clone(),
        tags: draft.tags.as_ref().map(|tags| json!(tags).to_string()),
        price: draft.price,
        preview_seconds: draft.preview_seconds,
        updated_at: Some(now),
        ..Changes::default()
    };
    if let Some(publish_at) = draft.publish_at {
        let listed_at = publish_at.unwrap_or(before.created_at);
        changes.publish_at = Some(publish_at);
        if listed_at != before.listed_at {
            changes.listed_at = Some(listed_at);
            changes.place = Some(store::free_place(conn, listed_at)?);
        }
    }
    store::update(conn, id, &changes)?;
    store::index_again(conn, before)?;
    audit::record(conn, now, actor, "movie.change", id.as_str(), detail)?;
    Movies::get_in(conn, id)
}
