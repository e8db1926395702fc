//! `movie list|show|edit|delete|restore|purge`.

use std::io::IsTerminal as _;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use playhouse_api::Page;
use playhouse_api::movies::{
    Movie, MovieChanges, MovieDetail, MovieQuery, MovieSort, MovieState, PriceFilter,
};
use playhouse_api::site::SiteInfo;
use uuid::Uuid;

use super::listing::{self, Step};
use crate::cli::Window;
use crate::exit::Failure;
use crate::session::Session;
use crate::table::{Table, fields, left, right};
use crate::{money, output, when};

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Words of the title, the description or the tags
    #[arg(value_name = "WORDS")]
    q: Option<String>,
    /// Only free or only paid films
    #[arg(long, value_enum)]
    price: Option<Price>,
    /// Only films with this tag
    #[arg(long)]
    tag: Option<String>,
    /// Only films of this category
    #[arg(long)]
    category: Option<String>,
    /// Only films in this state
    #[arg(long, value_enum)]
    state: Option<State>,
    /// The order
    #[arg(long, value_enum)]
    sort: Option<Sort>,
    /// The trash instead of the catalogue
    #[arg(long)]
    deleted: bool,
    #[command(flatten)]
    window: Window,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Price {
    All,
    Free,
    Paid,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    Processing,
    Published,
    Failed,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sort {
    Newest,
    Title,
    Popular,
}

/// One film.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Id of the film, or its exact title
    movie: String,
}

/// Some films.
#[derive(Debug, Args)]
pub(crate) struct Several {
    /// Ids or exact titles of the films
    #[arg(required = true, value_name = "MOVIE")]
    movies: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct PurgeArgs {
    #[command(flatten)]
    which: Several,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    #[command(flatten)]
    which: Which,
    /// New title
    #[arg(long)]
    title: Option<String>,
    /// New description
    #[arg(long)]
    description: Option<String>,
    /// New price, such as 4.99; 0 is free
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    price: Option<String>,
    /// New price in minor units, such as 499
    #[arg(long, value_name = "N", conflicts_with = "price", value_parser = clap::value_parser!(i64).range(0..))]
    price_minor: Option<i64>,
    /// New tags, instead of all the old ones; repeat for several
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Remove all tags
    #[arg(long, conflicts_with = "tags")]
    no_tags: bool,
    /// New category
    #[arg(long)]
    category: Option<String>,
    /// Remove the category
    #[arg(long, conflicts_with = "category")]
    no_category: bool,
    /// Show it to members from then on, such as "2026-12-24 20:00" (UTC)
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    publish_at: Option<DateTime<Utc>>,
    /// Show it to members now
    #[arg(long, conflicts_with = "publish_at")]
    publish_now: bool,
}

pub(crate) async fn list(session: &Session, args: ListArgs) -> anyhow::Result<()> {
    let query = MovieQuery {
        q: args.q,
        price: args.price.map(Into::into),
        tag: args.tag,
        category: args.category,
        state: args.state.map(Into::into),
        sort: args.sort.map(Into::into),
        deleted: args.deleted.then_some(true),
        ..MovieQuery::default()
    };
    let page = fetch(session, &query, &args.window).await?;
    let site = session.site().await?;
    session
        .output
        .show(&page, || movie_table(&page, site) + &listing::more(&page))
}

pub(crate) async fn show(session: &Session, which: &Which) -> anyhow::Result<()> {
    let id = resolve(session, &which.movie, false).await?;
    let movie = session.client.movie(id).await?;
    let site = session.site().await?;
    session.output.show(&movie, || movie_fields(&movie, site))
}

pub(crate) async fn edit(session: &Session, args: EditArgs) -> anyhow::Result<()> {
    let changes = changes(session, &args).await?;
    if changes == MovieChanges::default() {
        return Err(Failure::usage("nothing to change: see `movie edit --help`").into());
    }
    let id = resolve(session, &args.which.movie, false).await?;
    let movie = session.client.change_movie(id, &changes).await?;
    session.output.show(&movie, || {
        format!("Changed {} ({}).", movie.title, movie.id)
    })
}

pub(crate) async fn delete(session: &Session, which: &Several) -> anyhow::Result<()> {
    for text in &which.movies {
        let id = resolve(session, text, false).await?;
        session.client.delete_movie(id).await?;
        done(session, id, "deleted", &format!("{text} is in the trash."))?;
    }
    Ok(())
}

pub(crate) async fn restore(session: &Session, which: &Several) -> anyhow::Result<()> {
    for text in &which.movies {
        let id = resolve(session, text, true).await?;
        session.client.restore_movie(id).await?;
        done(session, id, "restored", &format!("{text} is back."))?;
    }
    Ok(())
}

pub(crate) async fn purge(session: &Session, args: &PurgeArgs) -> anyhow::Result<()> {
    confirm(args)?;
    for text in &args.which.movies {
        let id = resolve(session, text, true).await?;
        session.client.purge_movie(id).await?;
        done(session, id, "purged", &format!("{text} is gone for ever."))?;
    }
    Ok(())
}

fn done(session: &Session, id: Uuid, what: &str, text: &str) -> anyhow::Result<()> {
    session
        .output
        .show(&serde_json::json!({ "id": id, "done": what }), || {
            output::printable(text)
        })
}

fn confirm(args: &PurgeArgs) -> anyhow::Result<()> {
    if args.yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("purging cannot be undone: say --yes").into());
    }
    eprint!("Delete {} for ever? [y/N] ", args.which.movies.join(", "));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if answer.trim().eq_ignore_ascii_case("y") {
        return Ok(());
    }
    Err(Failure::new(crate::exit::Code::Failure, "nothing was purged").into())
}

async fn changes(session: &Session, args: &EditArgs) -> anyhow::Result<MovieChanges> {
    let price = match &args.price {
        Some(text) => Some(money::parse(text, session.site().await?.currency_digits)?),
        None => args.price_minor,
    };
    let tags = (args.no_tags || !args.tags.is_empty()).then(|| args.tags.clone());
    Ok(MovieChanges {
        title: args.title.clone(),
        description: args.description.clone(),
        tags,
        category: args
            .category
            .clone()
            .map(Some)
            .or(args.no_category.then_some(None)),
        price,
        publish_at: args
            .publish_at
            .map(Some)
            .or(args.publish_now.then_some(None)),
    })
}

/// An id is taken as it is; a title must be that of one film only.
async fn resolve(session: &Session, text: &str, deleted: bool) -> anyhow::Result<Uuid> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let query = MovieQuery {
        q: Some(text.to_owned()),
        deleted: deleted.then_some(true),
        ..MovieQuery::default()
    };
    let window = Window {
        limit: 200,
        all: false,
        cursor: None,
    };
    let found = fetch(session, &query, &window).await?;
    Ok(the_one(text, &found.items)?)
}

fn the_one(title: &str, found: &[Movie]) -> Result<Uuid, Failure> {
    let same = found.iter().filter(|movie| movie.title == title);
    let ids: Vec<_> = same.map(|movie| movie.id).collect();
    match ids.as_slice() {
        [id] => Ok(*id),
        [] => Err(Failure::not_found(format!(
            "there is no film with the title {title:?}"
        ))),
        several => {
            let several: Vec<_> = several.iter().map(Uuid::to_string).collect();
            let several = several.join(", ");
            Err(Failure::usage(format!(
                "{title:?} is the title of several films: {several}"
            )))
        }
    }
}

async fn fetch(
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

fn movie_table(page: &Page<Movie>, site: &SiteInfo) -> String {
    let mut table = Table::new([
        left("ID"),
        left("TITLE"),
        right("PRICE"),
        left("STATE"),
        right("LENGTH"),
        right("SIZE"),
        left("CREATED (UTC)"),
    ]);
    for movie in &page.items {
        table.row([
            movie.id.to_string(),
            movie.title.clone(),
            money::show_price(movie.price, site),
            state_word(movie),
            movie
                .duration
                .map_or_else(|| "-".to_owned(), output::duration),
            output::bytes(movie.size),
            when::show(movie.created_at),
        ]);
    }
    table.to_string()
}

/// The state, or that its time has not come.
fn state_word(movie: &Movie) -> String {
    let word = match movie.state {
        _ if movie.deleted_at.is_some() => "deleted",
        MovieState::Published if movie.publish_at.is_some_and(|at| at > when::now()) => "scheduled",
        MovieState::Published => "published",
        MovieState::Processing => "processing",
        MovieState::Failed => "failed",
    };
    word.to_owned()
}

fn movie_fields(detail: &MovieDetail, site: &SiteInfo) -> String {
    let movie = &detail.movie;
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let picture = match (movie.width, movie.height) {
        (Some(width), Some(height)) => format!("{width}x{height}"),
        _ => "-".to_owned(),
    };
    fields(&[
        ("id", movie.id.to_string()),
        ("title", movie.title.clone()),
        ("description", movie.description.clone()),
        ("tags", movie.tags.join(", ")),
        ("category", or_dash(&movie.category)),
        ("price", money::show_price(movie.price, site)),
        ("state", state_word(movie)),
        ("publish at", when::show_or_dash(movie.publish_at)),
        (
            "length",
            movie
                .duration
                .map_or_else(|| "-".to_owned(), output::duration),
        ),
        ("picture", picture),
        (
            "size",
            format!("{} ({} bytes)", output::bytes(movie.size), movie.size),
        ),
        ("blake3", or_dash(&movie.blake3)),
        ("sha256", or_dash(&movie.sha256)),
        ("md5", or_dash(&movie.md5)),
        ("created", when::show(movie.created_at)),
        ("deleted", when::show_or_dash(movie.deleted_at)),
    ])
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

impl From<State> for MovieState {
    fn from(state: State) -> Self {
        match state {
            State::Processing => Self::Processing,
            State::Published => Self::Published,
            State::Failed => Self::Failed,
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
