//! `movie list|show|edit|renditions|subtitles|poster|delete|restore|purge`.

mod args;
mod poster;
mod quality;
mod shown;

use std::io::IsTerminal as _;

use playhouse_api::movies::{MovieChanges, MovieQuery};
use playhouse_cli_support::{Failure, Session, films, listing, money, output};
use uuid::Uuid;

use self::shown::{movie_fields, movie_table};

pub(crate) use self::args::{EditArgs, ListArgs, PurgeArgs, Several, Which};
pub(crate) use self::poster::{PosterArgs, poster};
pub(crate) use self::quality::{RenditionsArgs, SubtitleCommand, renditions, subtitles};

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

pub(crate) async fn edit(session: &Session, args: EditArgs) -> anyhow::Result<()> {
    let changes = changes(session, &args).await?;
    if changes == MovieChanges::default() {
        return Err(Failure::usage("nothing to change: see `movie edit --help`").into());
    }
    let id = films::find(session, &args.which.movie, false).await?;
    let movie = session.client.change_movie(id, &changes).await?;
    session.output.show(&movie, || {
        format!("Changed {} ({}).", movie.title, movie.id)
    })
}

pub(crate) async fn delete(session: &Session, which: &Several) -> anyhow::Result<()> {
    for text in &which.movies {
        let id = films::find(session, text, false).await?;
        session.client.delete_movie(id).await?;
        done(session, id, "deleted", &format!("{text} is in the trash."))?;
    }
    Ok(())
}

pub(crate) async fn restore(session: &Session, which: &Several) -> anyhow::Result<()> {
    for text in &which.movies {
        let id = films::find(session, text, true).await?;
        session.client.restore_movie(id).await?;
        done(session, id, "restored", &format!("{text} is back."))?;
    }
    Ok(())
}

pub(crate) async fn purge(session: &Session, args: &PurgeArgs) -> anyhow::Result<()> {
    confirm(args)?;
    for text in &args.which.movies {
        let id = films::find(session, text, true).await?;
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
    Err(Failure::new(
        playhouse_cli_support::exit::Code::Failure,
        "nothing was purged",
    )
    .into())
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
        preview_seconds: args.preview,
    })
}
