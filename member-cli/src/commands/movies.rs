//! `movies`, `movie` and `buy`.

use clap::Args;
use playhouse_api::client::Retry;
use playhouse_api::movies::{Movie, MovieDetail, MovieQuery};
use playhouse_api::site::SiteInfo;
use playhouse_api::{ErrorCode, Page};
use playhouse_cli_support::films::{self, Price, Sort};
use playhouse_cli_support::listing::{self, Window};
use playhouse_cli_support::table::{Table, fields, left, right};
use playhouse_cli_support::{Session, money, output, when};
use uuid::Uuid;

use super::confirm::confirm;
use super::told;

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
    /// The order
    #[arg(long, value_enum)]
    sort: Option<Sort>,
    #[command(flatten)]
    window: Window,
}

/// One film.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Id of the film, or its exact title
    #[arg(value_name = "FILM")]
    pub(super) movie: String,
}

#[derive(Debug, Args)]
pub(crate) struct BuyArgs {
    #[command(flatten)]
    which: Which,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

pub(crate) async fn list(session: &Session, args: ListArgs) -> anyhow::Result<()> {
    let query = MovieQuery {
        q: args.q,
        price: args.price.map(Into::into),
        tag: args.tag,
        category: args.category,
        sort: args.sort.map(Into::into),
        ..MovieQuery::default()
    };
    let page = films::fetch(session, &query, &args.window).await?;
    let site = session.site().await?;
    session
        .output
        .show(&page, || movie_table(&page, site) + &listing::more(&page))
}

pub(crate) async fn show(session: &Session, which: &Which) -> anyhow::Result<()> {
    let id = films::find(session, &which.movie, false).await?;
    let movie = session.client.movie(id).await?;
    let site = session.site().await?;
    session.output.show(&movie, || movie_fields(&movie, site))
}

/// Buys once, however often the connection breaks: every attempt has the same key, and a film
/// that is owned already is not bought again.
pub(crate) async fn buy(session: &Session, args: &BuyArgs) -> anyhow::Result<()> {
    let id = films::find(session, &args.which.movie, false).await?;
    let detail = session.client.movie(id).await?;
    let site = session.site().await?;
    let price = money::show(detail.your_price, site);
    if !detail.owned {
        let question = format!("Buy {} for {price}?", detail.movie.title);
        confirm(&question, args.yes)?;
    }
    let key = Uuid::now_v7();
    let mut attempts = 0;
    let mut retry = Retry::new(told(session));
    let bought = retry
        .run(|| {
            attempts += 1;
            session.client.buy_movie(id, key)
        })
        .await;
    let order = match bought {
        // Bought by an attempt of ours whose answer was lost.
        Err(error) if attempts > 1 && error.is(ErrorCode::AlreadyOwned) => {
            session.note(&format!("Bought {}.", detail.movie.title));
            return Ok(());
        }
        bought => bought?,
    };
    session.output.show(&order, || {
        let title = &detail.movie.title;
        output::printable(&format!(
            "Bought {title} for {}.",
            money::show(order.price, site)
        ))
    })
}

fn movie_table(page: &Page<Movie>, site: &SiteInfo) -> String {
    let mut table = Table::new([
        left("ID"),
        left("TITLE"),
        right("PRICE"),
        right("LENGTH"),
        right("SIZE"),
        left("TAGS"),
    ]);
    for movie in &page.items {
        table.row([
            movie.id.to_string(),
            movie.title.clone(),
            money::show_price(movie.price, site),
            length(movie),
            output::bytes(movie.size),
            movie.tags.join(", "),
        ]);
    }
    table.to_string()
}

fn movie_fields(detail: &MovieDetail, site: &SiteInfo) -> String {
    let movie = &detail.movie;
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let yours = match (movie.price, detail.owned) {
        (0, _) => "free".to_owned(),
        (_, true) => "bought".to_owned(),
        _ => money::show(detail.your_price, site),
    };
    fields(&[
        ("id", movie.id.to_string()),
        ("title", movie.title.clone()),
        ("description", movie.description.clone()),
        ("tags", movie.tags.join(", ")),
        ("category", or_dash(&movie.category)),
        ("price", money::show_price(movie.price, site)),
        ("your price", yours),
        ("length", length(movie)),
        (
            "size",
            format!("{} ({} bytes)", output::bytes(movie.size), movie.size),
        ),
        ("blake3", or_dash(&movie.blake3)),
        ("sha256", or_dash(&movie.sha256)),
        ("created", when::show(movie.created_at)),
    ])
}

fn length(movie: &Movie) -> String {
    movie
        .duration
        .map_or_else(|| "-".to_owned(), output::duration)
}
