//! Pages of films: which rows, in which order, from where on.
//!
//! Every page costs about as much at a million films as at a hundred: an order is an index, and a filter is either a
//! column of that index or a word in the search. SQLite's search gives its newest hits first without sorting; for
//! another order the newest [`MOST_SORTED`] of them are sorted, so a search that finds more is cut. PostgreSQL plans
//! by its statistics. Nothing is counted but the facets.

use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use serde::{Deserialize, Serialize};

use super::model::{Movie, MovieState};
use super::search::{Fact, Terms};
use super::store::films;
use crate::db::schema::{blobs, movie_tags, movies};
use crate::db::{Conn, Result};

/// The most hits of a search that SQLite sorts by title or popularity.
const MOST_SORTED: i64 = 5000;

/// The most names that a facet lists.
const MOST_FACETS: i64 = 200;

/// Whose list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listing {
    /// What members see; the number is now, as a place.
    Visible(i64),
    /// Scheduled films too.
    Published,
    InState(MovieState),
    Trash,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Price {
    Free,
    Paid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Newest,
    Title,
    Popular,
}

/// The key of a page: the sort key of its last film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Key {
    #[serde(rename = "n")]
    Newest(i64),
    #[serde(rename = "t")]
    Title(String, String),
    #[serde(rename = "p")]
    Popular(i64, String),
}

/// What a page is to hold.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub listing: Listing,
    pub order: Order,
    pub price: Option<Price>,
    pub category: Option<String>,
    pub tag: Option<String>,
    /// The words to look for.
    pub terms: Terms,
    pub after: Option<Key>,
    pub limit: i64,
}

impl Wanted {
    fn is_listed(&self) -> bool {
        matches!(self.listing, Listing::Visible(_) | Listing::Published)
    }

    /// Only films with a lower place can be on the page.
    fn ceiling(&self) -> i64 {
        let now = match self.listing {
            Listing::Visible(now) => now.saturating_add(1),
            _ => i64::MAX,
        };
        match self.after {
            Some(Key::Newest(place)) => now.min(place),
            _ => now,
        }
    }

    /// The look into the search that finds the films, unless the columns of an index are enough.
    fn search(&self) -> Option<Terms> {
        let one_column = match (&self.price, &self.category) {
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => self.order == Order::Newest,
            (Some(_), Some(_)) => false,
        };
        if self.terms.is_empty() && self.tag.is_none() && one_column {
            return None;
        }
        let mut terms = self.terms.clone();
        if let Some(price) = self.price {
            terms.require(match price {
                Price::Free => Fact::Free,
                Price::Paid => Fact::Paid,
            });
        }
        if let Some(category) = &self.category {
            terms.require(Fact::Category(category));
        }
        if let Some(tag) = &self.tag {
            terms.require(Fact::Tag(tag));
        }
        if self.is_listed() {
            terms.exclude(Fact::Unlisted);
        } else {
            terms.require(Fact::Unlisted);
        }
        Some(terms)
    }

    /// How many hits are needed: those of the page if they come in its order and none is dropped afterwards.
    fn hits(&self) -> i64 {
        if self.order == Order::Newest && self.is_listed() {
            self.limit
        } else {
            MOST_SORTED
        }
    }
}

/// The key of a film in an order.
pub(super) fn key(order: Order, film: &Movie) -> Key {
    let id = film.id.as_str().to_owned();
    match order {
        Order::Newest => Key::Newest(film.place),
        Order::Title => Key::Title(super::search::sort_key(&film.title), id),
        Order::Popular => Key::Popular(film.popularity, id),
    }
}

pub(super) fn list(conn: &mut Conn, wanted: &Wanted) -> Result<Vec<Movie>> {
    let is_sqlite = matches!(conn, Conn::Sqlite(_));
    let mut query = films!()
        .filter(movies::is_listed.eq(wanted.is_listed()))
        .limit(wanted.limit)
        .into_boxed();
    match wanted.listing {
        Listing::Visible(_) | Listing::Published => {}
        Listing::InState(state) => {
            query = query
                .filter(movies::state.eq(state))
                .filter(movies::deleted_at.is_null());
        }
        Listing::Trash => query = query.filter(movies::deleted_at.is_not_null()),
    }
    let ceiling = wanted.ceiling();
    match wanted.search() {
        Some(terms) if is_sqlite => {
            query = query.filter(
                sql::<Bool>(
                    "movies.place IN (SELECT rowid FROM movies_search WHERE movies_search MATCH ",
                )
                .bind::<Text, _>(terms.fts5())
                .sql(" AND rowid < ")
                .bind::<BigInt, _>(ceiling)
                .sql(" ORDER BY rowid DESC LIMIT ")
                .bind::<BigInt, _>(wanted.hits())
                .sql(")"),
            );
        }
        Some(terms) => {
            query = query.filter(
                sql::<Bool>("movies.id IN (SELECT movie_id FROM movies_search WHERE words @@ ")
                    .bind::<Text, _>(terms.tsquery())
                    .sql("::tsquery)"),
            );
        }
        None => {
            if let Some(price) = wanted.price {
                query = query.filter(movies::is_paid.eq(price == Price::Paid));
            }
            if let Some(category) = &wanted.category {
                query = query.filter(movies::category.eq(category));
            }
        }
    }
    if ceiling < i64::MAX {
        query = query.filter(movies::place.lt(ceiling));
    }
    // `a <= x AND (a < x OR id < y)` is one range of the index; `a < x OR (a = x AND id < y)` would be two.
    query = match (wanted.order, &wanted.after) {
        (Order::Newest, _) => query.order(movies::place.desc()),
        (Order::Title, Some(Key::Title(title, id))) => query
            .filter(movies::sort_title.ge(title))
            .filter(movies::sort_title.gt(title).or(movies::id.gt(id)))
            .order((movies::sort_title.asc(), movies::id.asc())),
        (Order::Title, _) => query.order((movies::sort_title.asc(), movies::id.asc())),
        (Order::Popular, Some(Key::Popular(popularity, id))) => query
            .filter(movies::popularity.le(popularity))
            .filter(movies::popularity.lt(popularity).or(movies::id.lt(id)))
            .order((movies::popularity.desc(), movies::id.desc())),
        (Order::Popular, _) => query.order((movies::popularity.desc(), movies::id.desc())),
    };
    Ok(query.load(conn)?)
}

/// The categories and the tags of visible films, each with its number, the most frequent first.
pub(super) fn facets(
    conn: &mut Conn,
    now: i64,
) -> Result<(Vec<(String, i64)>, Vec<(String, i64)>)> {
    let categories = movies::table
        .filter(movies::is_listed.eq(true))
        .filter(movies::place.le(now))
        .filter(movies::category.ne(""))
        .group_by(movies::category)
        .select((movies::category, count_star()))
        .order((count_star().desc(), movies::category.asc()))
        .limit(MOST_FACETS)
        .load(conn)?;
    let tags = movie_tags::table
        .inner_join(movies::table)
        .filter(movies::is_listed.eq(true))
        .filter(movies::place.le(now))
        .group_by(movie_tags::tag)
        .select((movie_tags::tag, count_star()))
        .order((count_star().desc(), movie_tags::tag.asc()))
        .limit(MOST_FACETS)
        .load(conn)?;
    Ok((categories, tags))
}
