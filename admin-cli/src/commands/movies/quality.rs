//! `movie renditions` and `movie subtitles`: what is made of a film.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use playhouse_api::movies::FilmQuality;
use playhouse_cli_support::table::{Table, fields, left, right};
use playhouse_cli_support::{Session, films, output};

use super::Which;

#[derive(Debug, Args)]
pub(crate) struct RenditionsArgs {
    #[command(flatten)]
    which: Which,
    /// Make all of them anew
    #[arg(long)]
    make: bool,
    /// Drop all of them; the film is served as it was uploaded then
    #[arg(long = "drop", conflicts_with = "make")]
    is_dropped: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SubtitleCommand {
    /// Add a SubRip or WebVTT file, or replace the one in the same language
    Add {
        #[command(flatten)]
        which: Which,
        /// Tag of the language, such as en or zh-Hans
        #[arg(value_parser = tag)]
        language: String,
        /// The file
        file: PathBuf,
        /// What it is called; the name of the language when left out
        #[arg(long)]
        label: Option<String>,
    },
    /// Take subtitles away
    Remove {
        #[command(flatten)]
        which: Which,
        /// Tag of the language
        #[arg(value_parser = tag)]
        language: String,
    },
}

pub(crate) async fn renditions(session: &Session, args: &RenditionsArgs) -> anyhow::Result<()> {
    let id = films::find(session, &args.which.movie, false).await?;
    if args.make {
        session.client.make_renditions(id).await?;
        return super::done(session, id, "queued", "The renditions will be made anew.");
    }
    if args.is_dropped {
        session.client.drop_renditions(id).await?;
        return super::done(session, id, "dropped", "The renditions are gone.");
    }
    let quality = session.client.renditions(id).await?;
    session.output.show(&quality, || shown(&quality))
}

pub(crate) async fn subtitles(session: &Session, command: SubtitleCommand) -> anyhow::Result<()> {
    match command {
        SubtitleCommand::Add {
            which,
            language,
            file,
            label,
        } => {
            let id = films::find(session, &which.movie, false).await?;
            let track = tokio::fs::read(&file)
                .await
                .with_context(|| format!("cannot read {}", file.display()))?;
            let label = label.as_deref();
            let client = &session.client;
            let track = client.put_subtitles(id, &language, label, track).await?;
            session.output.show(&track, || {
                format!("{} has subtitles in {}.", which.movie, track.label)
            })
        }
        SubtitleCommand::Remove { which, language } => {
            let id = films::find(session, &which.movie, false).await?;
            session.client.delete_subtitles(id, &language).await?;
            super::done(session, id, "removed", &format!("{language} is gone."))
        }
    }
}

/// A tag of letters, digits and dashes: it becomes a part of an address.
fn tag(text: &str) -> Result<String, String> {
    let fits = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
    match !text.is_empty() && text.bytes().all(fits) {
        true => Ok(text.to_owned()),
        false => Err("a language is a tag such as en, de or zh-Hans".to_owned()),
    }
}

fn shown(quality: &FilmQuality) -> String {
    let mut table = Table::new([
        left("RENDITION"),
        left("SIZE"),
        left("CODECS"),
        right("KBIT/S"),
        right("BYTES"),
        left("HOW"),
    ]);
    for it in &quality.renditions {
        let picture = match (it.width, it.height) {
            (Some(width), Some(height)) => format!("{width}x{height}"),
            _ => "-".to_owned(),
        };
        table.row([
            it.name.clone(),
            picture,
            it.codecs.clone(),
            (it.bandwidth / 1000).to_string(),
            output::bytes(it.size),
            if it.is_remux { "copied" } else { "encoded" }.to_owned(),
        ]);
    }
    let is_missing = |name: &&String| quality.renditions.iter().all(|it| it.name != **name);
    let missing = quality.planned.iter().filter(is_missing);
    let missing = missing.map(String::as_str).collect();
    let list = |items: Vec<&str>| match items.is_empty() {
        true => "-".to_owned(),
        false => items.join(", "),
    };
    let languages = quality
        .subtitles
        .iter()
        .map(|it| it.language.as_str())
        .collect();
    let loudness = quality.loudness.map(|it| format!("{it:.1} LUFS"));
    let facts = fields(&[
        ("still to come", list(missing)),
        ("subtitles", list(languages)),
        ("chapters", quality.chapters.len().to_string()),
        (
            "small pictures",
            if quality.has_sprites { "yes" } else { "no" }.to_owned(),
        ),
        ("loudness", loudness.unwrap_or_else(|| "-".to_owned())),
        (
            "bytes of the original",
            output::bytes(quality.original_size),
        ),
        ("bytes made of it", output::bytes(quality.total_size)),
        (
            "failure",
            quality.failure.clone().unwrap_or_else(|| "-".to_owned()),
        ),
    ]);
    format!("{table}\n{facts}")
}
