//! Giving up the file that was uploaded, where an operator has set `movies.keep_original = false`.
//!
//! Once every rendition is there, the best one takes its place, with the sounds, as one MP4 without another encoding: so
//! the film can still be downloaded and played by ranges. The hash of what was uploaded is not known any more then; its
//! fingerprint still is, so the same file is refused before it is uploaded again.

use super::languages::code_of;
use super::making::{Scratch, Share, Trouble, named};
use super::model::{Error, Rendition};
use super::pipeline::{DROP_ORIGINAL, is_complete, subject};
use super::service::Renditions;
use super::sounds::{Sound, sounds};
use crate::encoding::arguments::{self, Track};
use crate::ids::MovieId;
use crate::jobs::{Failure, Outcome, Task};
use crate::movies::{Movies, NewFile};
use crate::storage::LocalFile;

impl Renditions {
    /// The handler of [`DROP_ORIGINAL`].
    pub(super) async fn drop_original(self, task: Task) -> Result<Outcome, Failure> {
        let movie = subject(&task)?;
        match self.replace_original(&task, &movie).await {
            Ok(()) | Err(Trouble::Gone) => Ok(Outcome::Done),
            Err(trouble) => Err(trouble.into()),
        }
    }

    async fn replace_original(&self, task: &Task, movie: &MovieId) -> Result<(), Trouble> {
        let there = self.of_film(movie).await?;
        let film = self.movies.find(movie).await.map_err(Trouble::passing)?;
        let film = film.ok_or(Trouble::Gone)?;
        let (Some(best), false) = (there.videos().next(), self.keep_original) else {
            return Ok(());
        };
        let pictures = self.local(movie, best).await?;
        let sounds = sounds(&there.renditions);
        let mut files = Vec::new();
        for sound in &sounds {
            files.push(self.local(movie, sound.rendition).await?);
        }
        let scratch = Scratch::make(&self.work, task)?;
        let path = scratch.path().join("film.mp4");
        let tracks = sounds.iter().zip(&files);
        let tracks: Vec<Track<'_>> = tracks.map(|(sound, file)| track(sound, file)).collect();
        let arguments = arguments::join(pictures.path(), &tracks, &path);
        let limits = self.limits(best.duration_ms, self.config.max_bytes);
        self.run(task, arguments, limits, Share::WHOLE, best.duration_ms)
            .await?;
        let file = NewFile {
            file_name: as_mp4(&film.file_name),
            content_type: "video/mp4".to_owned(),
            width: best.width,
            height: best.height,
            video_codec: "h264".to_owned(),
            audio_codec: sounds.first().map(|_| "aac".to_owned()),
        };
        let (now, movie) = (self.clock.now(), movie.clone());
        let kept = self
            .blobs
            .keep::<_, Error, _>(named(path).await?, move |conn, blob| {
                if !is_complete(conn, &movie)? {
                    return Err(Error::NoSuchFilm);
                }
                Ok(Movies::replace_file_in(conn, now, &movie, blob, &file)?)
            });
        kept.await?;
        self.movies.changed();
        self.jobs.wake();
        task.report.log(&format!("{DROP_ORIGINAL}: done\n"));
        Ok(())
    }

    async fn local(&self, movie: &MovieId, rendition: &Rendition) -> Result<LocalFile, Trouble> {
        let (movie, name) = (movie.clone(), rendition.file_name());
        let file = self
            .db
            .read::<_, Error, _>(move |conn| Ok(Self::find_file_in(conn, &movie, &name)?))
            .await?;
        let file = file.ok_or(Trouble::Gone)?;
        let local = self.blobs.local_file(&file.blake3).await;
        local.map_err(|error| Trouble::passing(error.into_io()))
    }
}

fn track<'a>(sound: &'a Sound<'_>, file: &'a LocalFile) -> Track<'a> {
    Track {
        path: file.path(),
        language: code_of(sound.rendition.language.as_deref()),
        title: &sound.label,
    }
}

/// The name of a file with another ending.
fn as_mp4(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.mp4")
}

#[cfg(test)]
mod tests {
    use super::as_mp4;

    #[test]
    fn names_get_another_ending() {
        let names = ["a.mkv", "a.b.avi", "a", ".mkv"].map(as_mp4);
        assert_eq!(names, ["a.mp4", "a.b.mp4", "a.mp4", ".mp4"]);
    }
}
