//! How loud a film is: a note for those who put films side by side. The first track of sound is measured.

use super::making::{Share, Trouble};
use super::model::Error;
use super::pipeline::subject;
use super::service::Renditions;
use super::store;
use crate::encoding::arguments;
use crate::ids::MovieId;
use crate::jobs::{Failure, Outcome, Task};

pub(super) const KIND: &str = "loudness";

impl Renditions {
    /// The handler of [`KIND`].
    pub(super) async fn measure(self, task: Task) -> std::result::Result<Outcome, Failure> {
        let movie = subject(&task)?;
        match self.loudness(&task, &movie).await {
            Ok(()) | Err(Trouble::Gone) => Ok(Outcome::Done),
            Err(trouble) => Err(trouble.into()),
        }
    }

    async fn loudness(&self, task: &Task, movie: &MovieId) -> Result<(), Trouble> {
        let work = self.begin(movie, true).await?;
        let Some(sound) = work.plan.audio.first() else {
            return Ok(());
        };
        let arguments = arguments::loudness(work.file.path(), sound, &self.encoder());
        let limits = self.limits(work.source.duration_ms, 1 << 20);
        let said = self
            .run(
                task,
                arguments,
                limits,
                Share::WHOLE,
                work.source.duration_ms,
            )
            .await?;
        let loudness = loudness_of(&said.complaint)
            .ok_or_else(|| Trouble::Broken("ffmpeg measured nothing".to_owned()))?;
        let movie = movie.clone();
        let noted = self
            .db
            .write::<_, Error, _>(move |conn| Ok(store::set_loudness(conn, &movie, loudness)?));
        Ok(noted.await?)
    }
}

/// Hundredths of LUFS, from the summary of ffmpeg's filter.
fn loudness_of(summary: &str) -> Option<i32> {
    let (_, after) = summary.rsplit_once("Integrated loudness:")?;
    let line = after
        .lines()
        .find_map(|line| line.trim().strip_prefix("I:"))?;
    let lufs: f64 = line.split_whitespace().next()?.parse().ok()?;
    (-200.0..=50.0).contains(&lufs).then(|| hundredths(lufs))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the caller has checked the range"
)]
fn hundredths(value: f64) -> i32 {
    (value * 100.0).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_of_loudness_is_read() {
        let summary = "x\n[Parsed_ebur128_0 @ 0x1] Summary:\n\n  Integrated loudness:\n    I:         -21.8 LUFS\n\
            \x20   Threshold: -31.8 LUFS\n\n  Loudness range:\n    LRA:         0.0 LU\n";
        assert_eq!(loudness_of(summary), Some(-2180));
        assert_eq!(loudness_of("I: -inf LUFS"), None);
        assert_eq!(
            loudness_of("Integrated loudness:\n    I:   -inf LUFS\n"),
            None
        );
    }
}
