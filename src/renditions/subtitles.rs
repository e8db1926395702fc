//! Tracks of text: those that came with the file, and those that an admin uploads.

use serde_json::json;

use super::making::{Scratch, Share, Trouble};
use super::model::{Error, Origin, Subtitle};
use super::pipeline::{inside, subject};
use super::service::{Renditions, Result};
use super::{store, vtt};
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

/// Languages by the codes of ISO 639-2 that files have, and their names in themselves.
const LANGUAGES: [(&str, &str, &str); 24] = [
    ("ara", "ar", "العربية"),
    ("chi", "zh", "中文"),
    ("zho", "zh", "中文"),
    ("cze", "cs", "Čeština"),
    ("ces", "cs", "Čeština"),
    ("dan", "da", "Dansk"),
    ("dut", "nl", "Nederlands"),
    ("nld", "nl", "Nederlands"),
    ("eng", "en", "English"),
    ("fin", "fi", "Suomi"),
    ("fre", "fr", "Français"),
    ("fra", "fr", "Français"),
    ("ger", "de", "Deutsch"),
    ("deu", "de", "Deutsch"),
    ("ita", "it", "Italiano"),
    ("jpn", "ja", "日本語"),
    ("kor", "ko", "한국어"),
    ("nor", "no", "Norsk"),
    ("pol", "pl", "Polski"),
    ("por", "pt", "Português"),
    ("rus", "ru", "Русский"),
    ("spa", "es", "Español"),
    ("swe", "sv", "Svenska"),
    ("ukr", "uk", "Українська"),
];

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
        let streams: Vec<_> = source.subtitles.iter().filter(text).take(MOST).collect();
        let outputs: Vec<_> = streams
            .iter()
            .map(|stream| (stream.index, folder.join(format!("{}.vtt", stream.index))))
            .collect();
        if outputs.is_empty() {
            return Ok(());
        }
        let arguments = arguments::subtitles(file.path(), &outputs, &self.encoder());
        let limits = self.limits(source.duration_ms, vtt::MOST_BYTES as u64);
        self.run(task, arguments, limits, Share::WHOLE, source.duration_ms)
            .await?;
        let mut tracks = Vec::new();
        for (stream, (_, path)) in streams.iter().zip(&outputs) {
            match vtt::convert(&tokio::fs::read(path).await?) {
                Ok(body) => {
                    let language = free_language(stream, &tracks);
                    tracks.push((language, label_of(stream), body));
                }
                Err(why) => task
                    .report
                    .log(&format!("Track {}: {why}.\n", stream.index)),
            }
        }
        Ok(self.put_embedded(movie, tracks).await?)
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
        let language = check_language(language)?;
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

/// A tag of BCP 47, simple ones only, with the language itself in small letters.
fn check_language(text: &str) -> Result<String> {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let is_first =
        (2..=3).contains(&first.len()) && first.bytes().all(|it| it.is_ascii_alphabetic());
    let is_part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_alphanumeric())
    };
    if !is_first || text.len() > 35 || !parts.all(is_part) {
        return Err(Error::Language);
    }
    let rest = text.get(first.len()..).unwrap_or_default();
    Ok(format!("{}{rest}", first.to_ascii_lowercase()))
}

fn check_label(label: Option<&str>, language: &str) -> Result<String> {
    let Some(label) = label else {
        return Ok(name_of(language));
    };
    let label = label.trim();
    let is_right =
        (1..=LABEL).contains(&label.chars().count()) && !label.chars().any(char::is_control);
    is_right.then(|| label.to_owned()).ok_or(Error::Label)
}

/// The tag of a track's language; a second one in the same language gets a number.
fn free_language(stream: &SubtitleStream, tracks: &[(String, String, String)]) -> String {
    let said = stream
        .language
        .as_deref()
        .unwrap_or("und")
        .to_ascii_lowercase();
    let known = LANGUAGES.iter().find(|(code, _, _)| *code == said);
    let tag = match known {
        Some((_, tag, _)) => (*tag).to_owned(),
        None => check_language(&said).unwrap_or_else(|_| "und".to_owned()),
    };
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
        None => name_of(&free_language(stream, &[])),
    }
}

/// The name of a language in itself, or its tag.
fn name_of(tag: &str) -> String {
    let first = tag.split('-').next().unwrap_or_default();
    let known = LANGUAGES.iter().find(|(_, short, _)| *short == first);
    match known {
        Some((_, short, name)) if *short == tag => (*name).to_owned(),
        Some((_, _, name)) => format!("{name} ({tag})"),
        None => tag.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_tags() {
        for (text, tag) in [
            ("en", "en"),
            ("DE", "de"),
            ("zh-Hans", "zh-Hans"),
            ("de-CH-1996", "de-CH-1996"),
        ] {
            assert_eq!(check_language(text).unwrap(), tag);
        }
        for wrong in [
            "",
            "e",
            "engl",
            "en_US",
            "en-",
            "../en",
            "en-toolongpart",
            "1n",
        ] {
            assert!(
                matches!(check_language(wrong), Err(Error::Language)),
                "{wrong}"
            );
        }
    }

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
        assert_eq!(name_of("zh-Hans"), "中文 (zh-Hans)");
    }
}
