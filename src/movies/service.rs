//! Finding, listing and changing films. Publishing, the trash and the pictures are beside this file.

use std::path::Path;
use std::sync::Arc;

use playhouse_api::movies as api;
use playhouse_api::page::Page;
use playhouse_api::problem::FieldCode;
use serde_json::json;

use super::catalogue::{self, Key, Listing, Order, Price, Wanted};
use super::ffmpeg::Tools;
use super::model::{Error, Movie};
use super::pages::{Kept, Pages};
use super::publish::{Draft, check_changes};
use super::search::{self, Terms};
use super::store::{self, Changes};
use super::{digests, posters, trash};
use crate::audit::{self, Actor};
use crate::clock::{Clock, Time};
use crate::config::Config;
use crate::db::{self, Conn, Db};
use crate::error::FieldChecks;
use crate::ids::MovieId;
use crate::jobs::{Handlers, Jobs};
use crate::page::PageRequest;
use crate::storage::LocalBlobs;
use crate::transfers::Uploads;

pub(super) type Result<T> = std::result::Result<T, Error>;

/// The films of the house; cheap to copy.
#[derive(Clone)]
pub struct Movies {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) jobs: Jobs,
    pub(super) uploads: Uploads,
    pub(super) blobs: LocalBlobs,
    /// The folder of posters.
    pub(super) posters: Arc<Path>,
    pub(super) tools: Tools,
    pub(super) trash_days: i64,
    pub(super) pages: Arc<Pages<api::Facets>>,
    /// Held while bytes come or go, so that those of a new film are not taken for those of one that is being purged.
    pub(super) bytes: Arc<tokio::sync::Mutex<()>>,
    /// Held while the facets are counted.
    counting: Arc<tokio::sync::Mutex<()>>,
}

impl Movies {
    #[must_use]
    pub fn new(
        db: Db,
        clock: Clock,
        jobs: Jobs,
        uploads: Uploads,
        blobs: LocalBlobs,
        config: &Config,
    ) -> Self {
        Self {
            db,
            clock,
            jobs,
            uploads,
            blobs,
            posters: config.storage_folder().join("posters").into(),
            tools: Tools::new(&config.movies),
            trash_days: config.trash.days,
            pages: Arc::new(Pages::new()),
            bytes: Arc::default(),
            counting: Arc::default(),
        }
    }

    /// What the workers do for films.
    #[must_use]
    pub fn handlers(&self) -> Handlers {
        let (poster, digests) = (self.clone(), self.clone());
        let (purge, remove) = (self.clone(), self.clone());
        Handlers::default()
            .on(posters::KIND, move |task| poster.clone().make_poster(task))
            .on(digests::KIND, move |task| {
                digests.clone().compute_digests(task)
            })
            .on(trash::PURGE, move |task| purge.clone().purge_when_due(task))
            .on(trash::REMOVE_BYTES, move |task| {
                remove.clone().remove_bytes(task)
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

    /// The film as the transaction sees it, whatever its state, if it is there.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find_in(conn: &mut Conn, id: &MovieId) -> db::Result<Option<Movie>> {
        store::find(conn, id)
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

    /// A page of the catalogue as it is sent. `key` stands for the query, letter by letter.
    ///
    /// # Errors
    /// [`Error::AdminsOnly`]; [`Error::Invalid`] for a cursor of another list.
    pub(super) async fn page(
        &self,
        is_admin: bool,
        key: &str,
        query: api::MovieQuery,
    ) -> crate::error::Result<Arc<Kept>> {
        let key = format!("{}{key}", if is_admin { 'a' } else { 'm' });
        let made = self.pages.now(self.clock.now());
        if let Some(kept) = self.pages.find(&key, made) {
            return Ok(kept);
        }
        let page = self.list(is_admin, query).await?;
        let body = serde_json::to_vec(&page).map_err(crate::error::Error::internal)?;
        Ok(self.pages.keep(key, body, made))
    }

    /// A page of the catalogue.
    ///
    /// # Errors
    /// As [`Movies::page`].
    pub async fn list(
        &self,
        is_admin: bool,
        query: api::MovieQuery,
    ) -> crate::error::Result<Page<api::Movie>> {
        if !is_admin && (query.state.is_some() || query.deleted.is_some()) {
            return Err(Error::AdminsOnly.into());
        }
        let request = PageRequest::<Key>::read(query.cursor.as_deref(), query.limit)?;
        let listing = listing(is_admin, &query, self.clock.now());
        let Some(wanted) = wanted(listing, query, &request)? else {
            return Ok(Page {
                items: Vec::new(),
                next_cursor: None,
            });
        };
        let order = wanted.order;
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| Ok(catalogue::list(conn, &wanted)?))
            .await?;
        let page = request.page(rows, |film| catalogue::key(order, film));
        Ok(page.map(|film| film.view()))
    }

    /// The categories and tags of the films that members see.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn facets(&self) -> Result<api::Facets> {
        if let Some(kept) = self.pages.find_facets(self.pages.now(self.clock.now())) {
            return Ok(kept);
        }
        // One counts, and the others wait for it.
        let _counting = self.counting.lock().await;
        let begun = self.clock.now();
        let made = self.pages.now(begun);
        if let Some(kept) = self.pages.find_facets(made) {
            return Ok(kept);
        }
        let now = place_of(begun);
        let (categories, tags) = self
            .db
            .read::<_, Error, _>(move |conn| Ok(catalogue::facets(conn, now)?))
            .await?;
        let named = |(name, count)| api::Facet { name, count };
        let facets = api::Facets {
            categories: categories.into_iter().map(named).collect(),
            tags: tags.into_iter().map(named).collect(),
        };
        let took = self.clock.now() - begun;
        self.pages.keep_facets(facets.clone(), made, took);
        Ok(facets)
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
        let now = self.clock.now();
        let film = self
            .db
            .write(move |conn| change(conn, now, &actor, &id, &draft, &detail))
            .await?;
        self.pages.forget();
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

/// A moment as a place in the order of newness.
fn place_of(at: Time) -> i64 {
    at.and_utc().timestamp_micros()
}

fn listing(is_admin: bool, query: &api::MovieQuery, now: Time) -> Listing {
    match (query.deleted, query.state) {
        _ if !is_admin => Listing::Visible(place_of(now)),
        (Some(true), _) => Listing::Trash,
        (_, None | Some(api::MovieState::Published)) => Listing::Published,
        (_, Some(state)) => Listing::InState(state.into()),
    }
}

/// None when the search has no word that could be found.
fn wanted(
    listing: Listing,
    query: api::MovieQuery,
    request: &PageRequest<Key>,
) -> crate::error::Result<Option<Wanted>> {
    let order = match query.sort.unwrap_or_default() {
        api::MovieSort::Newest => Order::Newest,
        api::MovieSort::Title => Order::Title,
        api::MovieSort::Popular => Order::Popular,
    };
    let is_fitting = matches!(
        (&request.after, order),
        (None, _)
            | (Some(Key::Newest(_)), Order::Newest)
            | (Some(Key::Title(..)), Order::Title)
            | (Some(Key::Popular(..)), Order::Popular)
    );
    let after = request.after.clone().filter(no_nul);
    if !is_fitting || after.is_some() != request.after.is_some() {
        return Err(crate::error::Error::field(
            "cursor",
            FieldCode::InvalidFormat,
            "cursor is not one that this list gave.",
        ));
    }
    let typed = query.q.filter(|it| !it.trim().is_empty());
    let terms = typed.as_deref().map(Terms::of).unwrap_or_default();
    if typed.is_some() && terms.is_empty() {
        return Ok(None);
    }
    Ok(Some(Wanted {
        listing,
        order,
        price: match query.price.unwrap_or_default() {
            api::PriceFilter::All => None,
            api::PriceFilter::Free => Some(Price::Free),
            api::PriceFilter::Paid => Some(Price::Paid),
        },
        category: given(query.category.as_deref()),
        tag: given(query.tag.as_deref()).map(|tag| tag.to_lowercase()),
        terms,
        after,
        limit: request.rows_to_fetch(),
    }))
}

/// A filter as it is compared; none when it is blank. PostgreSQL has no text with NUL, and no film has one.
fn given(text: Option<&str>) -> Option<String> {
    let text = text?.trim().replace('\0', "\u{fffd}");
    (!text.is_empty()).then_some(text)
}

fn no_nul(key: &Key) -> bool {
    match key {
        Key::Newest(_) => true,
        Key::Title(title, id) => !title.contains('\0') && !id.contains('\0'),
        Key::Popular(_, id) => !id.contains('\0'),
    }
}

fn change(
    conn: &mut Conn,
    now: Time,
    actor: &Actor,
    id: &MovieId,
    draft: &Draft,
    detail: &serde_json::Value,
) -> Result<Movie> {
    let before = Movies::get_in(conn, id)?;
    let mut changes = Changes {
        sort_title: draft.title.as_deref().map(search::sort_key),
        title: draft.title.clone(),
        description: draft.description.clone(),
        category: draft.category.clone(),
        tags: draft.tags.as_ref().map(|tags| json!(tags).to_string()),
        price: draft.price,
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
    store::index_again(conn, &before)?;
    audit::record(conn, now, actor, "movie.change", id.as_str(), detail)?;
    Movies::get_in(conn, id)
}
