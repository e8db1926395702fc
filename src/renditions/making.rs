//! Running ffmpeg for one thing that is made of a film, in a folder of its own, and looking at what came of it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::segments::Segments;
use super::service::Renditions;
use crate::blobs::NewBlob;
use crate::encoding::arguments::{Encoder, INDEX, MEDIA};
use crate::encoding::{self, Heard, Light, Limits, Said};
use crate::jobs::{Failure, Task};
use crate::storage::Content;

/// What a playlist may have, in bytes: that of the longest film.
const LONGEST_PLAYLIST: u64 = 8 << 20;

/// What the head of a file may have, in bytes.
const LONGEST_HEAD: u64 = 1 << 20;

/// Why something was not made.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The file is to blame, and always will be.
    #[error("{0}")]
    Broken(String),
    #[error("{0}")]
    Passing(String),
    /// The film has been purged meanwhile.
    #[error("the film is gone")]
    Gone,
}

impl Trouble {
    pub(super) fn passing(cause: impl std::fmt::Display) -> Self {
        Self::Passing(cause.to_string())
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::passing(error)
    }
}

impl From<super::Error> for Trouble {
    fn from(error: super::Error) -> Self {
        match error {
            super::Error::NoSuchFilm => Self::Gone,
            other => Self::passing(other),
        }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Broken(why) => Self::lasting(why),
            other => Self::passing(other),
        }
    }
}

/// A folder that goes with the value.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A new folder for an attempt of a job; a start clears away those of attempts that do not run.
    pub(super) fn make(below: &Path, task: &Task) -> io::Result<Self> {
        let path = below.join(format!(
            "{}.{}.{:08x}",
            task.id,
            task.attempt,
            rand::random::<u32>()
        ));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::debug!(path = %self.0.display(), %error, "could not remove a working folder");
        }
    }
}

/// A stream in segments, finished.
#[derive(Debug)]
pub(super) struct Made {
    pub file: NewBlob,
    pub segments: Segments,
    /// The first bytes of the file, which say how it is encoded.
    pub head: Vec<u8>,
}

/// Which part of a job's progress a step is, in per cent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub from: i32,
    pub to: i32,
}

impl Share {
    pub(super) const WHOLE: Self = Self { from: 0, to: 99 };

    fn at(self, done_ms: i64, of_ms: i64) -> i32 {
        let part = done_ms.clamp(0, of_ms) * i64::from(self.to - self.from) / of_ms.max(1);
        self.from + i32::try_from(part).unwrap_or(0)
    }
}

impl Renditions {
    /// How pictures of this light are encoded; the job's log tells when they will look pale.
    pub(super) async fn encoder_for(&self, light: Light, task: &Task) -> Encoder {
        let maps_light = light != Light::Standard && self.tools.maps_light().await;
        if light != Light::Standard && !maps_light {
            task.report.log(
                "The film has high dynamic range, and this ffmpeg lacks zscale or tonemap: its pictures will look pale.\n",
            );
        }
        Encoder {
            maps_light,
            ..self.encoder()
        }
    }

    pub(super) fn encoder(&self) -> Encoder {
        let threads = match self.config.threads {
            0 => std::thread::available_parallelism().map_or(1, |it| (it.get() / 2).max(1)),
            threads => threads,
        };
        Encoder {
            threads,
            preset: self.config.preset.clone(),
            maps_light: false,
        }
    }

    /// What a step may use on a film of this length; `file` bounds what it writes, in bytes.
    pub(super) fn limits(&self, duration_ms: i64, file: u64) -> Limits {
        let patience = u64::try_from(self.config.patience * duration_ms.max(0)).unwrap_or(0);
        Limits {
            time: Duration::from_secs(600) + Duration::from_millis(patience),
            memory: self.config.memory_bytes,
            file: file.min(self.config.max_bytes),
        }
    }

    /// Runs ffmpeg to its end, and reports how far it is.
    pub(super) async fn run(
        &self,
        task: &Task,
        arguments: Vec<OsString>,
        limits: Limits,
        share: Share,
        duration_ms: i64,
    ) -> Result<Said, Trouble> {
        let report = task.report.clone();
        let hear = |heard: Heard<'_>| match heard {
            Heard::At { milliseconds } => report.progress(share.at(milliseconds, duration_ms)),
            Heard::Line(line) => report.log(line),
        };
        let said = self.tools.encode(arguments, limits, hear).await;
        let said = said.map_err(|trouble| match trouble {
            encoding::Trouble::Missing(name) => Trouble::Passing(format!(
                "{name} is not installed; on Debian: apt-get install ffmpeg"
            )),
            encoding::Trouble::TooSlow(_) => {
                Trouble::Broken("ffmpeg took longer than a film of this length may take".to_owned())
            }
            other => Trouble::passing(other),
        })?;
        match said.is_success {
            true => Ok(said),
            false => Err(blame(&said, limits.file)),
        }
    }

    /// Runs ffmpeg for a stream in segments.
    pub(super) async fn make(
        &self,
        task: &Task,
        arguments: Vec<OsString>,
        share: Share,
        duration_ms: i64,
        folder: &Path,
    ) -> Result<Made, Trouble> {
        let limits = self.limits(duration_ms, self.config.max_bytes);
        self.run(task, arguments, limits, share, duration_ms)
            .await?;
        let playlist = read_some(&folder.join(INDEX), LONGEST_PLAYLIST).await?;
        let playlist = String::from_utf8_lossy(&playlist);
        let segments = Segments::read(&playlist)
            .map_err(|why| Trouble::Broken(format!("nothing playable came of it: {why}")))?;
        let path = folder.join(MEDIA);
        let head = read_some(&path, segments.init.min(LONGEST_HEAD)).await?;
        let file = named(path).await?;
        if u64::try_from(file.size).ok() != Some(segments.size()) {
            let why = "ffmpeg wrote another number of bytes than its playlist says";
            return Err(Trouble::Broken(why.to_owned()));
        }
        Ok(Made {
            file,
            segments,
            head,
        })
    }
}

/// A finished file, with its hash.
pub(super) async fn named(path: PathBuf) -> io::Result<NewBlob> {
    let file = tokio::fs::File::open(&path).await?.into_std().await;
    let (hash, size) = Content::from(file).hash(0).await?;
    Ok(NewBlob {
        path,
        blake3: hash.to_hex().to_string(),
        size: i64::try_from(size).map_err(io::Error::other)?,
    })
}

async fn read_some(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    use tokio::io::AsyncReadExt as _;
    let mut bytes = Vec::new();
    let file = tokio::fs::File::open(path).await?;
    file.take(most).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// What does not depend on the file may pass: room, memory, a signal from elsewhere. `most` is how many bytes it was
/// allowed to write.
fn blame(said: &Said, most: u64) -> Trouble {
    let words = last_words(&said.complaint);
    let is_ours = [
        "No space left",
        "Cannot allocate memory",
        "Resource temporarily",
    ]
    .iter()
    .any(|it| said.complaint.contains(it));
    if said.wrote_too_much || said.complaint.contains("File too large") {
        let why = format!(
            "it became larger than {most} bytes; films.max_bytes is the limit of a rendition"
        );
        return Trouble::Broken(why);
    }
    match is_ours || (said.was_killed && said.complaint.is_empty()) {
        true => Trouble::Passing(format!("ffmpeg was stopped: {words}")),
        false => Trouble::Broken(format!("ffmpeg cannot read it: {words}")),
    }
}

/// The end of what ffmpeg complained of, on one line.
fn last_words(complaint: &str) -> String {
    const MOST: usize = 3;
    let lines: Vec<&str> = complaint
        .lines()
        .filter(|it| !it.trim().is_empty())
        .collect();
    let tail = lines
        .get(lines.len().saturating_sub(MOST)..)
        .unwrap_or_default();
    let text = tail.join("; ");
    text.chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_part_of_the_whole() {
        let share = Share { from: 20, to: 99 };
        assert_eq!(
            [0, 500, 1000, 5000].map(|ms| share.at(ms, 1000)),
            [20, 59, 99, 99]
        );
        assert_eq!(share.at(7, 0), 20);
    }

    #[test]
    fn the_file_is_blamed_for_what_the_file_does() {
        let said = |complaint: &str, was_killed| Said {
            is_success: false,
            was_killed,
            wrote_too_much: false,
            output: Vec::new(),
            complaint: complaint.to_owned(),
        };
        let broken = blame(&said("moov atom not found\n", false), 9);
        assert!(matches!(broken, Trouble::Broken(why) if why.contains("moov atom")));
        for passing in [said("x: No space left on device", false), said("", true)] {
            assert!(matches!(blame(&passing, 9), Trouble::Passing(_)));
        }
        let large = said("av_interleaved_write_frame(): File too large", false);
        let large = blame(&large, 2000);
        assert!(matches!(large, Trouble::Broken(why) if why.contains("2000 bytes")));
    }
}
