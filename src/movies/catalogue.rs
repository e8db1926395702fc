//! Pages of films: which rows, in which order, from where on.
//!
//! Every page costs about as much at a million films as at a hundred: an order is an index, and a filter is either a
//! column of that index or a word in the search. SQLite's search gives its newest hits first without sorting. For
//! another order its hits are sorted when they are few; when they are many, walking along the order soon meets enough
//! of them. Only words that somebody typed cannot be checked on a walk: of a search with more than [`MOST_SORTED`]
//! hits, the newest are sorted. PostgreSQL plans by its statistics. Nothing is counted but the facets.

use std::collections::HashMap;

use diesel::dsl::{InnerJoinQuerySource, count_star, sql};
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
const MOST_FACETS: usize = 200;

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

    /// Whether a walk along the order meets a page of films sooner than the hits could be sorted. Words that somebody
    /// typed cannot be checked row by row.
    fn is_walk_better(&self, conn: &mut Conn, terms: &Terms) -> Result<bool> {
        if self.order == Order::Newest || !self.terms.is_empty() {
            return Ok(false);
        }
        let hits: Hits = diesel::sql_query(
            "SELECT count(*) AS hits FROM (SELECT 1 FROM movies_search WHERE movies_search MATCH $1 LIMIT $2)",
        )
        .bind::<Text, _>(terms.fts5())
        .bind::<BigInt, _>(MOST_SORTED + 1)
        .get_result(conn)?;
        Ok(hits.hits > MOST_SORTED)
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

#[derive(QueryableByName)]
struct Hits {
    #[diesel(sql_type = BigInt)]
    hits: i64,
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
    let mut query = films!().limit(wanted.limit).into_boxed();
    for condition in conditions(conn, wanted)? {
        query = query.filter(condition);
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

type Films = InnerJoinQuerySource<movies::table, blobs::table>;
type Backend = <Conn as Connection>::Backend;
type Condition<'a> = Box<dyn BoxableExpression<Films, Backend, SqlType = Bool> + 'a>;

/// What holds for the films of a page, but for the place in its order.
fn conditions<'a>(conn: &mut Conn, wanted: &'a Wanted) -> Result<Vec<Condition<'a>>> {
    let mut all: Vec<Condition<'a>> = vec![Box::new(movies::is_listed.eq(wanted.is_listed()))];
    match wanted.listing {
        Listing::Visible(_) | Listing::Published => {}
        Listing::InState(state) => {
            all.push(Box::new(movies::state.eq(state)));
            all.push(Box::new(movies::deleted_at.is_null()));
        }
        Listing::Trash => all.push(Box::new(movies::deleted_at.is_not_null())),
    }
    let ceiling = wanted.ceiling();
    if ceiling < i64::MAX {
        all.push(if wanted.order == Order::Newest {
            Box::new(movies::place.lt(ceiling))
        } else {
            // The plus keeps SQLite from walking along the places and sorting all of them by title.
            Box::new(sql::<Bool>("+movies.place < ").bind::<BigInt, _>(ceiling))
        });
    }
    match wanted.search() {
        None => all.extend(columns(wanted)),
        Some(terms) if matches!(conn, Conn::Pg(_)) => all.push(Box::new(
            sql::<Bool>("movies.id IN (SELECT movie_id FROM movies_search WHERE words @@ ")
                .bind::<Text, _>(terms.tsquery())
                .sql("::tsquery)"),
        )),
        Some(terms) if wanted.is_walk_better(conn, &terms)? => all.extend(checks(wanted)),
        Some(terms) => all.push(Box::new(
            sql::<Bool>(
                "movies.place IN (SELECT rowid FROM movies_search WHERE movies_search MATCH ",
            )
            .bind::<Text, _>(terms.fts5())
            .sql(" AND rowid < ")
            .bind::<BigInt, _>(ceiling)
            .sql(" ORDER BY rowid DESC LIMIT ")
            .bind::<BigInt, _>(wanted.hits())
            .sql(")"),
        )),
    }
    Ok(all)
}

/// One filter that is a column of the index which gives the order.
fn columns(wanted: &Wanted) -> Vec<Condition<'_>> {
    let mut all: Vec<Condition<'_>> = Vec::new();
    if let Some(price) = wanted.price {
        all.push(Box::new(movies::is_paid.eq(price == Price::Paid)));
    }
    if let Some(category) = &wanted.category {
        all.push(Box::new(movies::category.eq(category)));
    }
    all
}

/// Filters that are checked on every row of a walk along the order; the plus keeps SQLite on that way.
fn checks(wanted: &Wanted) -> Vec<Condition<'_>> {
    let mut all: Vec<Condition<'_>> = Vec::new();
    if let Some(price) = wanted.price {
        let is_paid = sql::<Bool>("+movies.is_paid = ").bind::<Bool, _>(price == Price::Paid);
        all.push(Box::new(is_paid));
    }
    if let Some(category) = &wanted.category {
        all.push(Box::new(
            sql::<Bool>("+movies.category = ").bind::<Text, _>(category),
        ));
    }
    if let Some(tag) = &wanted.tag {
        all.push(Box::new(
            sql::<Bool>("EXISTS (SELECT 1 FROM movie_tags WHERE movie_id = movies.id AND tag = ")
                .bind::<Text, _>(tag)
                .sql(")"),
        ));
    }
    all
}

/// Names with how many films have them.
pub(super) type Counts = Vec<(String, i64)>;

/// The categories and the tags of visible films, the most frequent first. Each is one walk along an index that holds
/// all it needs; films that are scheduled or not listed are few, so they are read one by one and taken off.
pub(super) fn facets(conn: &mut Conn, now: i64) -> Result<(Counts, Counts)> {
    let categories: Counts = movies::table
        .filter(movies::is_listed.eq(true))
        .group_by(movies::category)
        .select((movies::category, count_star()))
        .load(conn)?;
    let tags: Counts = movie_tags::table
        .group_by(movie_tags::tag)
        .select((movie_tags::tag, count_star()))
        .load(conn)?;
    let scheduled: Vec<(String, String)> = movies::table
        .filter(movies::is_listed.eq(true))
        .filter(movies::place.gt(now))
        .select((movies::category, movies::tags))
        .load(conn)?;
    let unlisted: Vec<String> = movies::table
        .filter(movies::is_listed.eq(false))
        .select(movies::tags)
        .load(conn)?;
    let mut categories: HashMap<String, i64> = categories.into_iter().collect();
    let mut tags: HashMap<String, i64> = tags.into_iter().collect();
    categories.remove("");
    for (category, _) in &scheduled {
        take_off(&mut categories, category);
    }
    for film in scheduled.iter().map(|(_, tags)| tags).chain(&unlisted) {
        let names: Vec<String> = serde_json::from_str(film).unwrap_or_default();
        names.iter().for_each(|tag| take_off(&mut tags, tag));
    }
    Ok((most_frequent(categories), most_frequent(tags)))
}

fn take_off(counts: &mut HashMap<String, i64>, name: &str) {
    if let Some(count) = counts.get_mut(name) {
        *count -= 1;
    }
}

fn most_frequent(counts: HashMap<String, i64>) -> Counts {
    let mut counts: Counts = counts.into_iter().filter(|(_, count)| *count > 0).collect();
    counts.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
    counts.truncate(MOST_FACETS);
    counts
}
