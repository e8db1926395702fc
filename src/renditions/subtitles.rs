//! Tracks of text: those that came with the file, and those that an admin uploads.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::making::{Scratch, Share, Trouble};
use super::model::{Error, Origin, Subtitle};
use super::pipeline::{inside, subject};
use super::service::{Renditions, Result};
use super::{languages, store, vtt};
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::Conn;
use crate::encoding::SubtitleStream;
use crate::encoding::arguments;
use crate::ids::MovieId;
use crate::jobs::{Failure, Outcome, Task};
use crate::movies::Movies;

/// Takes the tracks of text out of a film's file.
pub(super) const KIND: &str = "subtitles";

/// Tracks of a film.
const MOST: usize = 64;

/// Characters of a label.
const LABEL: usize = 60;

/// Encodings that are text; others are pictures.
const TEXT: [&str; 7] = ["subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"];

/// A track of the file, and the file that it is written into.
type Output<'a> = (&'a SubtitleStream, PathBuf);

impl Renditions {
    /// The handler of [`KIND`].
    pub(super) async fn extract(self, task: Task) -> std::result::Result<Outcome, Failure> {
        let movie = subject(&task)?;
        match self.embedded(&task, &movie).await {
            Ok(()) | Err(Trouble::Gone) => Ok(Outcome::Done),
            Err(trouble) => Err(trouble.into()),
        }
    }

    async fn embedded(&self, task: &Task, movie: &MovieId) -> std::result::Result<(), Trouble> {
        let (file, source) = self.source(movie).await?;
        let scratch = Scratch::make(&self.work, task)?;
        let folder = inside(scratch.path(), KIND)?;
        let text = |stream: &&SubtitleStream| TEXT.contains(&stream.codec.as_str());
        let streams = source.subtitles.iter().filter(text).take(MOST);
        let outputs: Vec<Output<'_>> = streams
            .map(|stream| (stream, folder.join(format!("{}.vtt", stream.index))))
            .collect();
        if outputs.is_empty() {
            return Ok(());
        }
        let taken = self
            .take_out(task, file.path(), source.duration_ms, &outputs)
            .await?;
        let mut tracks = Vec::new();
        for (stream, path) in taken {
            match vtt::convert(&tokio::fs::read(path).await?) {
                Ok(body) => {
                    let language = free_language(stream, &tracks);
                    tracks.push((language, label_of(stream), body));
                }
                Err(why) => left_out(task, stream, why),
            }
        }
        Ok(self.put_embedded(movie, tracks).await?)
    }

    /// Writes tracks into files of their own, all in one reading of the film. When that ends badly each is tried by itself,
    /// so that one that is broken or a flood costs none of the others; those that came out are the answer, at least one.
    async fn take_out<'a>(
        &self,
        task: &Task,
        film: &Path,
        duration_ms: i64,
        outputs: &'a [Output<'a>],
    ) -> std::result::Result<Vec<&'a Output<'a>>, Trouble> {
        let mut why = match self
            .take(task, film, duration_ms, outputs, Share::WHOLE)
            .await
        {
            Ok(()) => return Ok(outputs.iter().collect()),
            Err(Trouble::Broken(why)) => why,
            Err(other) => return Err(other),
        };
        let mut taken = Vec::new();
        for one in outputs {
            let alone = std::slice::from_ref(one);
            // It has been at the end of its progress once.
            let share = Share { from: 99, to: 99 };
            match self.take(task, film, duration_ms, alone, share).await {
                Ok(()) => taken.push(one),
                Err(Trouble::Broken(its)) => {
                    left_out(task, one.0, &its);
                    why = its;
                }
                Err(other) => return Err(other),
            }
        }
        match taken.is_empty() {
            true => Err(Trouble::Broken(why)),
            false => Ok(taken),
        }
    }

    async fn take(
        &self,
        task: &Task,
        film: &Path,
        duration_ms: i64,
        outputs: &[Output<'_>],
        share: Share,
    ) -> std::result::Result<(), Trouble> {
        let tracks: Vec<_> = outputs
            .iter()
            .map(|(stream, path)| (stream.index, path.clone()))
            .collect();
        let arguments = arguments::subtitles(film, &tracks, &self.encoder());
        let limits = self.limits(duration_ms, vtt::MOST_BYTES as u64);
        self.run(task, arguments, limits, share, duration_ms)
            .await
            .map(drop)
    }

    async fn put_embedded(
        &self,
        movie: &MovieId,
        tracks: Vec<(String, String, String)>,
    ) -> Result<()> {
        let (movie, now) = (movie.clone(), self.clock.now());
        self.db
            .write(move |conn| {
                Movies::find_in(conn, &movie)?.ok_or(Error::NoSuchFilm)?;
                store::delete_embedded(conn, &movie)?;
                for (language, label, body) in &tracks {
                    if store::find_subtitle(conn, &movie, language)?.is_none() {
                        let track = Subtitle {
                            movie_id: movie.clone(),
                            language: language.clone(),
                            label: label.clone(),
                            origin: Origin::Embedded,
                            body: body.clone(),
                            updated_at: now,
                        };
                        store::put_subtitle(conn, &track)?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// An admin gives a film a track, instead of the one in the same language.
    ///
    /// # Errors
    /// [`Error::NoSuchFilm`], [`Error::Language`], [`Error::Label`], [`Error::Unreadable`], [`Error::TooMany`].
    pub async fn put_subtitle(
        &self,
        actor: Actor,
        movie: MovieId,
        language: &str,
        label: Option<&str>,
        bytes: &[u8],
    ) -> Result<Subtitle> {
        let language = languages::check(language).ok_or(Error::Language)?;
        let label = check_label(label, &language)?;
        let body = vtt::convert(bytes).map_err(Error::Unreadable)?;
        let now = self.clock.now();
        let track = Subtitle {
            movie_id: movie,
            language,
            label,
            origin: Origin::Uploaded,
            body,
            updated_at: now,
        };
        self.db
            .write(move |conn| put(conn, now, &actor, &track))
            .await
    }

    /// An admin takes a track away.
    ///
    /// # Errors
    /// [`Error::NoSuchSubtitle`].
    pub async fn delete_subtitle(
        &self,
        actor: Actor,
        movie: MovieId,
        language: String,
    ) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write(move |conn| {
                if !store::delete_subtitle(conn, &movie, &language)? {
                    return Err(Error::NoSuchSubtitle);
                }
                let detail = json!({"language": language});
                let action = "movie.delete_subtitle";
                Ok(audit::record(
                    conn,
                    now,
                    &actor,
                    action,
                    movie.as_str(),
                    &detail,
                )?)
            })
            .await
    }
}

fn left_out(task: &Task, stream: &SubtitleStream, why: &str) {
    let line = format!("Track {} is left out: {why}.\n", stream.index);
    task.report.log(&line);
}

fn put(conn: &mut Conn, now: Time, actor: &Actor, track: &Subtitle) -> Result<Subtitle> {
    let movie = &track.movie_id;
    Movies::find_in(conn, movie)?.ok_or(Error::NoSuchFilm)?;
    let there = store::subtitles_of(conn, movie)?;
    let is_new = there.iter().all(|it| it.language != track.language);
    if is_new && there.len() >= MOST {
        return Err(Error::TooMany);
    }
    store::put_subtitle(conn, track)?;
    let detail = json!({"language": track.language, "label": track.label});
    audit::record(conn, now, actor, "movie.subtitle", movie.as_str(), &detail)?;
    Ok(track.clone())
}

fn check_label(label: Option<&str>, language: &str) -> Result<String> {
    let Some(label) = label else {
        return Ok(languages::name_of(language));
    };
    let label = label.trim();
    let is_right =
        (1..=LABEL).contains(&label.chars().count()) && !label.chars().any(char::is_control);
    is_right.then(|| label.to_owned()).ok_or(Error::Label)
}

/// The tag of a track's language; a second one in the same language gets a number.
fn free_language(stream: &SubtitleStream, tracks: &[(String, String, String)]) -> String {
    let tag = languages::tag_of(stream.language.as_deref());
    let tag = tag.unwrap_or_else(|| "und".to_owned());
    let is_taken = |tag: &str| tracks.iter().any(|(its, _, _)| its == tag);
    let numbered = (2..=MOST + 1).map(|number| format!("{tag}-x-{number}"));
    std::iter::once(tag.clone())
        .chain(numbered)
        .find(|tag| !is_taken(tag))
        .unwrap_or(tag)
}

fn label_of(stream: &SubtitleStream) -> String {
    let title = stream
        .title
        .as_deref()
        .map(str::trim)
        .filter(|it| !it.is_empty());
    match title {
        Some(title) => title.chars().take(LABEL).collect(),
        None => languages::name_of(&free_language(stream, &[])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracks_of_a_file_get_tags_of_their_own_and_names() {
        let stream = |language: Option<&str>, title: Option<&str>| SubtitleStream {
            index: 2,
            codec: "subrip".to_owned(),
            language: language.map(str::to_owned),
            title: title.map(str::to_owned),
        };
        let there = [("de".to_owned(), String::new(), String::new())];
        assert_eq!(free_language(&stream(Some("ger"), None), &[]), "de");
        assert_eq!(free_language(&stream(Some("ger"), None), &there), "de-x-2");
        assert_eq!(free_language(&stream(None, None), &[]), "und");
        assert_eq!(free_language(&stream(Some("../x"), None), &[]), "und");
        assert_eq!(label_of(&stream(Some("ger"), None)), "Deutsch");
        assert_eq!(
            label_of(&stream(Some("ger"), Some(" Für alle "))),
            "Für alle"
        );
    }
}
