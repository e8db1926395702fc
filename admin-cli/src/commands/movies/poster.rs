//! `movie poster`: which picture of a film is shown.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use playhouse_api::movies::Posters;
use playhouse_cli_support::table::{Table, left, right};
use playhouse_cli_support::{Failure, Session, films};

use super::Which;

#[derive(Debug, Args)]
pub(crate) struct PosterArgs {
    #[command(flatten)]
    which: Which,
    /// Show the picture with this number of the list
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    choose: Option<u32>,
    /// Show a picture of your own: JPEG, PNG or WebP, at most 10 MiB
    #[arg(long, value_name = "FILE", conflicts_with = "choose")]
    upload: Option<PathBuf>,
}

pub(crate) async fn poster(session: &Session, args: &PosterArgs) -> anyhow::Result<()> {
    let id = films::find(session, &args.which.movie, false).await?;
    let posters = match (args.choose, &args.upload) {
        (Some(number), _) => {
            let there = session.client.posters(id).await?;
            let chosen = usize::try_from(number).map(|it| there.posters.get(it - 1));
            let Ok(Some(chosen)) = chosen else {
                let count = there.posters.len();
                return Err(Failure::usage(format!("the film has {count} pictures")).into());
            };
            session.client.choose_poster(id, &chosen.id).await?
        }
        (None, Some(file)) => {
            let picture = tokio::fs::read(file)
                .await
                .with_context(|| format!("cannot read {}", file.display()))?;
            session.client.upload_poster(id, picture).await?
        }
        (None, None) => session.client.posters(id).await?,
    };
    session.output.show(&posters, || shown(&posters))
}

fn shown(posters: &Posters) -> String {
    let mut table = Table::new([right("N"), left("FROM"), left("SHOWN"), left("ADDRESS")]);
    for (number, it) in posters.posters.iter().enumerate() {
        let from = match it.at {
            Some(seconds) => format!("{seconds:.0} s"),
            None => "uploaded".to_owned(),
        };
        let is_shown = if it.chosen { "yes" } else { "" };
        table.row([
            (number + 1).to_string(),
            from,
            is_shown.to_owned(),
            it.url.clone(),
        ]);
    }
    table.to_string()
}
