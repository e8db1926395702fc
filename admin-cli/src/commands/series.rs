//! `series list|show|create|edit|delete|add|remove`.

use clap::{Args, Subcommand};
use playhouse_api::Page;
use playhouse_api::page::PageQuery;
use playhouse_api::series::{NewEpisode, NewSeries, SeriesChanges, SeriesDetail, SeriesSummary};
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::table::{Table, fields, left, right};
use playhouse_cli_support::{Failure, Session, films, output};
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(crate) enum SeriesCommand {
    /// List the series
    List(Window),
    /// Show a series with its films
    Show(Which),
    /// Make a series, without films
    Create {
        /// Title
        title: String,
        /// Description
        #[arg(long)]
        description: Option<String>,
    },
    /// Change a series
    Edit {
        #[command(flatten)]
        which: Which,
        /// New title
        #[arg(long)]
        title: Option<String>,
        /// New description
        #[arg(long)]
        description: Option<String>,
    },
    /// Delete series; their films stay
    Delete {
        /// Ids or exact titles of the series
        #[arg(required = true, value_name = "SERIES")]
        series: Vec<String>,
    },
    /// Put a film into a place of a series; one that is in the series moves there
    Add {
        #[command(flatten)]
        film: FilmOf,
        #[command(flatten)]
        place: Place,
    },
    /// Take a film out of a series; the film stays
    Remove(FilmOf),
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Id of the series, or its exact title
    series: String,
}

#[derive(Debug, Args)]
pub(crate) struct FilmOf {
    #[command(flatten)]
    which: Which,
    /// Id of the film, or its exact title
    movie: String,
}

#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Number of the season
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=9999))]
    season: i32,
    /// Number of the episode in the season
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=9999))]
    episode: i32,
}

pub(crate) async fn run(session: &Session, command: SeriesCommand) -> anyhow::Result<()> {
    match command {
        SeriesCommand::List(window) => list(session, &window).await,
        SeriesCommand::Show(which) => show(session, &which).await,
        SeriesCommand::Create { title, description } => {
            let new = NewSeries { title, description };
            let made = session.client.create_series(&new).await?;
            tell(session, "Made", &made)
        }
        SeriesCommand::Edit {
            which,
            title,
            description,
        } => {
            let changes = SeriesChanges { title, description };
            edit(session, &which, &changes).await
        }
        SeriesCommand::Delete { series } => delete(session, &series).await,
        SeriesCommand::Add { film, place } => add(session, &film, &place).await,
        SeriesCommand::Remove(film) => remove(session, &film).await,
    }
}

async fn fetch(session: &Session, window: &Window) -> anyhow::Result<Page<SeriesSummary>> {
    let page = listing::collect(window, |Step { cursor, limit }| async move {
        let query = PageQuery {
            cursor,
            limit: Some(limit),
        };
        session.client.list_series(&query).await
    });
    Ok(page.await?)
}

/// An id is taken as it is; a title must be that of one series only.
pub(crate) async fn find(session: &Session, text: &str) -> anyhow::Result<Uuid> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let window = Window {
        limit: 200,
        all: true,
        cursor: None,
    };
    let all = fetch(session, &window).await?.items;
    let same: Vec<Uuid> = all
        .iter()
        .filter(|it| it.title == text)
        .map(|it| it.id)
        .collect();
    match same.as_slice() {
        [id] => Ok(*id),
        [] => {
            let text = format!("there is no series with the title {text:?}");
            Err(Failure::not_found(text).into())
        }
        several => {
            let ids: Vec<String> = several.iter().map(Uuid::to_string).collect();
            let ids = ids.join(", ");
            let text = format!("{text:?} is the title of several series: {ids}");
            Err(Failure::usage(text).into())
        }
    }
}

async fn list(session: &Session, window: &Window) -> anyhow::Result<()> {
    let page = fetch(session, window).await?;
    session
        .output
        .show(&page, || series_table(&page) + &listing::more(&page))
}

async fn show(session: &Session, which: &Which) -> anyhow::Result<()> {
    let id = find(session, &which.series).await?;
    let series = session.client.series(id).await?;
    session.output.show(&series, || shown(&series))
}

async fn edit(session: &Session, which: &Which, changes: &SeriesChanges) -> anyhow::Result<()> {
    if *changes == SeriesChanges::default() {
        return Err(Failure::usage("nothing to change: see `series edit --help`").into());
    }
    let id = find(session, &which.series).await?;
    let series = session.client.change_series(id, changes).await?;
    tell(session, "Changed", &series)
}

async fn delete(session: &Session, series: &[String]) -> anyhow::Result<()> {
    for text in series {
        let id = find(session, text).await?;
        session.client.delete_series(id).await?;
        let line = format!("{text} is gone; its films stay.");
        done(session, id, "deleted", &line)?;
    }
    Ok(())
}

async fn add(session: &Session, film: &FilmOf, place: &Place) -> anyhow::Result<()> {
    let id = find(session, &film.which.series).await?;
    let movie = films::find(session, &film.movie, false).await?;
    let place = NewEpisode {
        season: place.season,
        episode: place.episode,
    };
    session.client.place_in_series(id, movie, place).await?;
    let (season, episode) = (place.season, place.episode);
    let line = format!("{} is season {season}, episode {episode}.", film.movie);
    done(session, movie, "placed", &line)
}

async fn remove(session: &Session, film: &FilmOf) -> anyhow::Result<()> {
    let id = find(session, &film.which.series).await?;
    let movie = films::find(session, &film.movie, false).await?;
    session.client.remove_from_series(id, movie).await?;
    let line = format!("{} is not in the series.", film.movie);
    done(session, movie, "removed", &line)
}

fn tell(session: &Session, verb: &str, series: &SeriesDetail) -> anyhow::Result<()> {
    session.output.show(series, || {
        output::printable(&format!("{verb} {} ({}).", series.title, series.id))
    })
}

fn done(session: &Session, id: Uuid, what: &str, line: &str) -> anyhow::Result<()> {
    let done = serde_json::json!({ "id": id, "done": what });
    session.output.show(&done, || output::printable(line))
}

fn series_table(page: &Page<SeriesSummary>) -> String {
    let columns = [left("ID"), left("TITLE"), right("SEASONS"), right("FILMS")];
    let mut table = Table::new(columns);
    for series in &page.items {
        table.row([
            series.id.to_string(),
            series.title.clone(),
            series.seasons.to_string(),
            series.films.to_string(),
        ]);
    }
    table.to_string()
}

fn shown(series: &SeriesDetail) -> String {
    let facts = fields(&[
        ("id", series.id.to_string()),
        ("title", series.title.clone()),
        ("description", series.description.clone()),
    ]);
    let columns = [right("SEASON"), right("EPISODE"), left("ID"), left("FILM")];
    let mut table = Table::new(columns);
    for season in &series.seasons {
        for film in &season.films {
            table.row([
                season.number.to_string(),
                film.episode.to_string(),
                film.movie.id.to_string(),
                film.movie.title.clone(),
            ]);
        }
    }
    format!("{facts}\n{table}")
}
