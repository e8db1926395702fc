//! The arguments of the catalogue's commands.

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use playhouse_api::movies::MovieState;
use playhouse_cli_support::films::{Price, Sort};
use playhouse_cli_support::listing::Window;
use playhouse_cli_support::when;

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Words of the title, the description or the tags
    #[arg(value_name = "WORDS")]
    pub(super) q: Option<String>,
    /// Only free or only paid films
    #[arg(long, value_enum)]
    pub(super) price: Option<Price>,
    /// Only films with this tag
    #[arg(long)]
    pub(super) tag: Option<String>,
    /// Only films of this category
    #[arg(long)]
    pub(super) category: Option<String>,
    /// Only films in this state
    #[arg(long, value_enum)]
    pub(super) state: Option<State>,
    /// The order
    #[arg(long, value_enum)]
    pub(super) sort: Option<Sort>,
    /// The trash instead of the catalogue
    #[arg(long)]
    pub(super) deleted: bool,
    #[command(flatten)]
    pub(super) window: Window,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum State {
    Processing,
    Published,
    Failed,
}

/// One film.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Id of the film, or its exact title
    pub(super) movie: String,
}

/// Some films.
#[derive(Debug, Args)]
pub(crate) struct Several {
    /// Ids or exact titles of the films
    #[arg(required = true, value_name = "MOVIE")]
    pub(super) movies: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct PurgeArgs {
    #[command(flatten)]
    pub(super) which: Several,
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    #[command(flatten)]
    pub(super) which: Which,
    /// New title
    #[arg(long)]
    pub(super) title: Option<String>,
    /// New description
    #[arg(long)]
    pub(super) description: Option<String>,
    /// New price, such as 4.99; 0 is free
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub(super) price: Option<String>,
    /// New price in minor units, such as 499
    #[arg(long, value_name = "N", conflicts_with = "price", value_parser = clap::value_parser!(i64).range(0..))]
    pub(super) price_minor: Option<i64>,
    /// New tags, instead of all the old ones; repeat for several
    #[arg(long = "tag", value_name = "TAG")]
    pub(super) tags: Vec<String>,
    /// Remove all tags
    #[arg(long, conflicts_with = "tags")]
    pub(super) no_tags: bool,
    /// New category
    #[arg(long)]
    pub(super) category: Option<String>,
    /// Remove the category
    #[arg(long, conflicts_with = "category")]
    pub(super) no_category: bool,
    /// Show it to members from then on, such as "2026-12-24 20:00" (UTC)
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    pub(super) publish_at: Option<DateTime<Utc>>,
    /// Show it to members now
    #[arg(long, conflicts_with = "publish_at")]
    pub(super) publish_now: bool,
    /// Seconds that whoever has not bought it may see; 0 for none
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i32).range(0..=3600))]
    pub(super) preview: Option<i32>,
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
