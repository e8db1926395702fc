//! What somebody who looks through the catalogue asks for, and what they may see of it.

use std::sync::Arc;

use playhouse_api::movies as api;
use playhouse_api::page::Page;
use playhouse_api::problem::FieldCode;

use super::catalogue::{self, Key, Listing, Order, Price, Wanted};
use super::model::Error;
use super::pages::Kept;
use super::search::Terms;
use super::service::{Movies, Result};
use crate::clock::Time;
use crate::page::PageRequest;

impl Movies {
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
