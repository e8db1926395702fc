//! Films as arguments: by id or exact title, and the filters of a list.

use clap::ValueEnum;
use playhouse_api::Page;
use playhouse_api::client::Error;
use playhouse_api::movies::{Movie, MovieQuery, MovieSort, MovieState, PriceFilter};
use uuid::Uuid;

use crate::exit::Failure;
use crate::listing::{self, Step, Window};
use crate::session::Session;

/// Which prices a list shows.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Price {
    All,
    Free,
    Paid,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Sort {
    Newest,
    Title,
    Popular,
}

/// The films of a query, as many as the window shows.
pub async fn fetch(
    session: &Session,
    query: &MovieQuery,
    window: &Window,
) -> anyhow::Result<Page<Movie>> {
    let page = listing::collect(window, |Step { cursor, limit }| {
        let query = MovieQuery {
            cursor,
            limit: Some(limit),
            ..query.clone()
        };
        async move { session.client.list_movies(&query).await }
    });
    Ok(page.await?)
}

/// An id is taken as it is; a title must be that of one film only. `deleted` looks in the trash. Else a film that members
/// see comes before one that is not ready, or failed.
pub async fn find(session: &Session, text: &str, deleted: bool) -> anyhow::Result<Uuid> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let states: &[Option<MovieState>] = match deleted {
        true => &[None],
        false => &[None, Some(MovieState::Processing), Some(MovieState::Failed)],
    };
    for state in states {
        let query = MovieQuery {
            q: Some(text.to_owned()),
            deleted: deleted.then_some(true),
            state: *state,
            ..MovieQuery::default()
        };
        let window = Window {
            limit: 200,
            all: false,
            cursor: None,
        };
        let found = match fetch(session, &query, &window).await {
            // Only admins see films that are not ready.
            Err(error) if state.is_some() && is_refused(&error) => break,
            found => found?,
        };
        if let Some(id) = the_one(text, &found.items)? {
            return Ok(id);
        }
    }
    let missing = format!("there is no film with the title {text:?}");
    Err(Failure::not_found(missing).into())
}

fn is_refused(error: &anyhow::Error) -> bool {
    let told = error.downcast_ref::<Error>();
    told.is_some_and(|it| it.status() == Some(403))
}

fn the_one(title: &str, found: &[Movie]) -> Result<Option<Uuid>, Failure> {
    let same = found.iter().filter(|movie| movie.title == title);
    let ids: Vec<_> = same.map(|movie| movie.id).collect();
    match ids.as_slice() {
        [] => Ok(None),
        [id] => Ok(Some(*id)),
        several => {
            let several: Vec<_> = several.iter().map(Uuid::to_string).collect();
            let several = several.join(", ");
            Err(Failure::usage(format!(
                "{title:?} is the title of several films: {several}"
            )))
        }
    }
}

impl From<Price> for PriceFilter {
    fn from(price: Price) -> Self {
        match price {
            Price::All => Self::All,
            Price::Free => Self::Free,
            Price::Paid => Self::Paid,
        }
    }
}

impl From<Sort> for MovieSort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Newest => Self::Newest,
            Sort::Title => Self::Title,
            Sort::Popular => Self::Popular,
        }
    }
}
