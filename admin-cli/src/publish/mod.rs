//! `movie publish`: several films in turn, and a summary.
//!
//! [`film`] takes one film through look-up, upload and publishing; [`place`] knows its place in a
//! series, if it is to have one; [`unfinished`] remembers what is under way, so that the same command goes on after a kill.

mod film;
mod place;
mod unfinished;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;
use playhouse_api::movies::Movie;
use playhouse_cli_support::exit::{self, Code, Failure};
use playhouse_cli_support::{Session, money, output, when};
use serde::Serialize;

use self::place::Places;

#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Title; the file's name when left out
    #[arg(long)]
    title: Option<String>,
    /// Description
    #[arg(long)]
    description: Option<String>,
    /// Price, such as 4.99; free when left out
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    price: Option<String>,
    /// Price in minor units, such as 499
    #[arg(long, value_name = "N", conflicts_with = "price", value_parser = clap::value_parser!(i64).range(0..))]
    price_minor: Option<i64>,
    /// A tag; repeat for several
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Category
    #[arg(long)]
    category: Option<String>,
    /// Show it to members from then on, such as "2026-12-24 20:00" (UTC)
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    publish_at: Option<DateTime<Utc>>,
    /// Seconds that whoever has not bought it may see
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i32).range(0..=3600))]
    preview: Option<i32>,
    /// Put it into this series (its id, or its exact title), at --season and --episode; of several
    /// files, the second one is the next episode, and so on
    #[arg(long, value_name = "SERIES", requires_all = ["season", "episode"])]
    series: Option<String>,
    /// Number of the season
    #[arg(long, value_name = "N", requires = "series", value_parser = clap::value_parser!(i32).range(1..=9999))]
    season: Option<i32>,
    /// Number of the episode in the season
    #[arg(long, value_name = "N", requires = "series", value_parser = clap::value_parser!(i32).range(1..=9999))]
    episode: Option<i32>,
    /// Wait until the film can be watched
    #[arg(long)]
    wait: bool,
}

/// What all films of one call have in common.
#[derive(Clone, Debug)]
struct Card {
    title: Option<String>,
    description: Option<String>,
    price: i64,
    tags: Vec<String>,
    category: Option<String>,
    publish_at: Option<DateTime<Utc>>,
    preview: Option<i32>,
    wait: bool,
}

/// What became of one file.
#[derive(Debug)]
struct Report {
    file: PathBuf,
    result: anyhow::Result<Movie>,
}

/// The same, for scripts.
#[derive(Debug, Serialize)]
struct ReportLine<'a> {
    file: &'a Path,
    movie: Option<&'a Movie>,
    error: Option<String>,
    exit_code: u8,
}

/// Publishes every file, whatever happens to the others.
pub(crate) async fn run(session: &Session, args: PublishArgs) -> anyhow::Result<()> {
    if args.title.is_some() && args.files.len() > 1 {
        return Err(
            Failure::usage("--title is for one file; of several, each gets its own name").into(),
        );
    }
    let card = card(session, &args).await?;
    let places = place::find(session, &args).await?;
    tokio::select! {
        reports = publish_all(session, &args.files, &card, places.as_ref()) => finish(session, &reports?),
        _ = tokio::signal::ctrl_c() => {
            let message = "stopped; the same command goes on from here";
            Err(Failure::new(Code::Interrupted, message).into())
        }
    }
}

async fn card(session: &Session, args: &PublishArgs) -> anyhow::Result<Card> {
    let price = match &args.price {
        Some(text) => money::parse(text, session.site().await?.currency_digits)?,
        None => args.price_minor.unwrap_or(0),
    };
    Ok(Card {
        title: args.title.clone(),
        description: args.description.clone(),
        price,
        tags: args.tags.clone(),
        category: args.category.clone(),
        publish_at: args.publish_at,
        preview: args.preview,
        wait: args.wait,
    })
}

async fn publish_all(
    session: &Session,
    files: &[PathBuf],
    card: &Card,
    places: Option<&Places>,
) -> anyhow::Result<Vec<Report>> {
    let mut reports = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let place = places.map(|it| it.of(number));
        let result = film::publish(session, file, card, place).await;
        let report = Report {
            file: file.clone(),
            result,
        };
        if !session.output.json {
            say(&report)?;
        }
        reports.push(report);
    }
    Ok(reports)
}

fn say(report: &Report) -> anyhow::Result<()> {
    match &report.result {
        Ok(movie) => output::print(&output::printable(&format!(
            "Published {} ({})",
            movie.title, movie.id
        )))?,
        Err(error) => {
            let line = format!("{}: {error:#}", report.file.display());
            eprintln!("{}", output::printable(&line));
        }
    }
    Ok(())
}

fn finish(session: &Session, reports: &[Report]) -> anyhow::Result<()> {
    if session.output.json {
        let lines: Vec<_> = reports.iter().map(report_line).collect();
        session
            .output
            .show(&serde_json::json!({ "items": lines }), String::new)?;
    }
    let codes: Vec<_> = reports.iter().filter_map(failure_code).collect();
    let Some(code) = exit::joint(&codes) else {
        return Ok(());
    };
    let (failed, all) = (codes.len(), reports.len());
    Err(Failure::new(code, format!("{failed} of {all} not published")).into())
}

fn failure_code(report: &Report) -> Option<Code> {
    report.result.as_ref().err().map(exit::code_of)
}

fn report_line(report: &Report) -> ReportLine<'_> {
    ReportLine {
        file: &report.file,
        movie: report.result.as_ref().ok(),
        error: report
            .result
            .as_ref()
            .err()
            .map(|error| format!("{error:#}")),
        exit_code: failure_code(report).map_or(0, |code| code as u8),
    }
}
