//! The jobs of a film: the first rendition, which publishes it, and then whatever else it is to have.

use std::path::Path;

use super::bytes::{self, video_row};
use super::making::{Made, Scratch, Share, Trouble};
use super::model::Error;
use super::service::{Renditions, Result};
use super::{loudness, sprites, store, subtitles};
use crate::clock::Time;
use crate::db::Conn;
use crate::encoding::arguments::{self, Grid};
use crate::encoding::plan::{self, How, Plan, SOUND, Video};
use crate::encoding::{self, ProbeError, Source};
use crate::ids::{JobId, MovieId};
use crate::jobs::{Failure, Jobs, Lane, NewJob, Outcome, Task};
use crate::movies::{self, Movie, Movies};
use crate::storage::LocalFile;

/// One further rung of the ladder, or track of sound; its payload is the name.
pub(super) const RENDITION: &str = "rendition";

/// Drops the file that was uploaded, once everything is made of it.
pub(super) const DROP_ORIGINAL: &str = "drop_original";

/// Microseconds of the longest segment that a copied stream may have: one cannot switch or seek within it.
const LONGEST_SEGMENT: u64 = 12_000_000;

/// What may be missing at the end, in milliseconds: a twentieth and this.
const SLACK_MS: i64 = 2_000;

/// A film, its file, and what is to be made of it.
pub(super) struct Work {
    pub film: Movie,
    pub file: LocalFile,
    pub source: Source,
    pub plan: Plan,
}

impl Renditions {
    /// The handler of [`movies::PREPARE`].
    pub(super) async fn prepare(self, task: Task) -> std::result::Result<Outcome, Failure> {
        let movie = subject(&task)?;
        match self.first(&task, &movie).await {
            Ok(()) => {
                self.movies.changed();
                self.jobs.wake();
                Ok(Outcome::Done)
            }
            Err(Trouble::Gone) => Ok(Outcome::Done),
            Err(Trouble::Broken(why)) => {
                let failed = self.movies.fail(movie, why.clone()).await;
                failed.map_err(Failure::passing)?;
                Err(Failure::lasting(why))
            }
            Err(trouble) => Err(trouble.into()),
        }
    }

    /// The handler of [`RENDITION`].
    pub(super) async fn rung(self, task: Task) -> std::result::Result<Outcome, Failure> {
        let movie = subject(&task)?;
        match self.next(&task, &movie).await {
            Ok(()) | Err(Trouble::Gone) => {
                self.jobs.wake();
                Ok(Outcome::Done)
            }
            Err(trouble) => Err(trouble.into()),
        }
    }

    async fn first(&self, task: &Task, movie: &MovieId) -> Result<(), Trouble> {
        let work = self.begin(movie, true).await?;
        let scratch = Scratch::make(&self.work, task)?;
        let sound = self.first_sound(task, &work, scratch.path()).await?;
        let (plan, made) = self.pictures(task, &work, scratch.path()).await?;
        let rung = first_of(&plan)?;
        let of_sound = sound.as_ref().map_or(0, |row| row.duration_ms);
        is_whole(&made, of_sound, work.source.duration_ms)?;
        let now = self.clock.now();
        let row = video_row(movie, rung, &work.source.video, &made, now)?;
        let children = self.children(&work, &plan, &task.id, now);
        // The first sound is there.
        let sounds = plan.audio.iter().skip(1).map(|track| track.name.as_str());
        let rungs = plan.video.iter().map(|rung| rung.name.as_str());
        let rungs: Vec<&str> = rungs.chain(sounds).collect();
        let (rungs, chapters) = (json(&rungs), json(&work.source.chapters));
        let (movies, movie) = (self.movies.clone(), movie.clone());
        self.keep(made, row, move |conn| {
            store::put_notes(conn, &movie, &rungs, &chapters)?;
            for child in &children {
                enqueue_once(conn, now, child)?;
            }
            Ok(movies.publish_in(conn, now, &movie)?)
        })
        .await
    }

    /// What is known of a film; `may_copy` is false when its pictures turned out not to be fit for copying.
    pub(super) async fn begin(&self, movie: &MovieId, may_copy: bool) -> Result<Work, Trouble> {
        let film = self.movies.find(movie).await.map_err(Trouble::passing)?;
        let film = film.ok_or(Trouble::Gone)?;
        let file = self.blobs.local_file(&film.blob.blake3).await;
        let file = file.map_err(|error| Trouble::passing(error.into_io()))?;
        let source = encoding::examine(&self.tools, file.path()).await;
        let source = source.map_err(|error| match error {
            ProbeError::NotAVideo(why) => Trouble::Broken(why.to_string()),
            other => Trouble::passing(other),
        })?;
        let plan = plan::plan(&source, self.config.max_height, may_copy)
            .map_err(|why| Trouble::Broken(why.to_string()))?;
        Ok(Work {
            film,
            file,
            source,
            plan,
        })
    }

    /// The first pictures. A copy whose segments are too long is done again as an encoding.
    async fn pictures(
        &self,
        task: &Task,
        work: &Work,
        folder: &Path,
    ) -> Result<(Plan, Made), Trouble> {
        let made = self
            .picture(task, work, first_of(&work.plan)?, Grid::Free, folder)
            .await;
        let is_copy = first_of(&work.plan)?.how == How::Remux;
        match made {
            Ok(made) if !is_copy || made.segments.longest_us() <= LONGEST_SEGMENT => {
                return Ok((work.plan.clone(), made));
            }
            Err(trouble) if !is_copy => return Err(trouble),
            Err(Trouble::Passing(why)) => return Err(Trouble::Passing(why)),
            _ => task.report.log("The pictures are not fit for copying.\n"),
        }
        let plan = plan::plan(&work.source, self.config.max_height, false)
            .map_err(|why| Trouble::Broken(why.to_string()))?;
        let made = self
            .picture(task, work, first_of(&plan)?, Grid::Free, folder)
            .await?;
        Ok((plan, made))
    }

    async fn picture(
        &self,
        task: &Task,
        work: &Work,
        rung: &Video,
        grid: Grid<'_>,
        folder: &Path,
    ) -> Result<Made, Trouble> {
        let folder = inside(folder, &format!("{}-{:?}", rung.name, rung.how))?;
        let encoder = self.encoder_for(rung.light, task).await;
        let arguments = arguments::video(work.file.path(), rung, &encoder, grid, &folder);
        let share = match grid {
            Grid::Free => Share { from: 20, to: 99 },
            Grid::At(_) => Share::WHOLE,
        };
        self.make(task, arguments, share, work.source.duration_ms, &folder)
            .await
    }

    /// What follows the first rendition.
    fn children(&self, work: &Work, plan: &Plan, parent: &JobId, now: Time) -> Vec<NewJob> {
        let movie = work.film.id.as_str();
        let job = |kind, payload: &str, priority| NewJob {
            payload: payload.to_owned(),
            lane: Lane::Long,
            priority,
            parent: Some(parent.clone()),
            ..NewJob::new(kind, movie, now)
        };
        let mut jobs = vec![job(sprites::KIND, "", 4)];
        if !work.source.subtitles.is_empty() {
            jobs.push(job(subtitles::KIND, "", 5));
        }
        if !plan.audio.is_empty() {
            jobs.push(job(loudness::KIND, "", 1));
        }
        for track in plan.audio.iter().skip(1) {
            jobs.push(job(RENDITION, &track.name, 4));
        }
        let lines = |rung: &Video| rung.width.min(rung.height);
        let first = plan.video.first().map_or(0, lines);
        for rung in plan.video.iter().skip(1) {
            let priority = if lines(rung) > first { 3 } else { 2 };
            jobs.push(job(RENDITION, &rung.name, priority));
        }
        if !self.keep_original && plan.video.len() < 2 && plan.audio.len() < 2 {
            jobs.push(job(DROP_ORIGINAL, "", 0));
        }
        jobs
    }

    /// One further rung, with segments where the first rendition has its; or a further track of sound.
    async fn next(&self, task: &Task, movie: &MovieId) -> Result<(), Trouble> {
        if self.find(movie, &task.payload).await?.is_some() {
            return Ok(());
        }
        if task.payload.starts_with(SOUND) {
            return self.next_sound(task, movie).await;
        }
        let there = self.of_film(movie).await?;
        let first = there.first_video().ok_or_else(|| {
            Trouble::Broken("the film has no first rendition any more".to_owned())
        })?;
        let work = self.begin(movie, first.is_remux).await?;
        let rung = work.plan.video.iter().find(|it| it.name == task.payload);
        let rung =
            rung.ok_or_else(|| Trouble::Broken("the ladder has no such rung any more".to_owned()))?;
        let rung = Video {
            how: How::Encode,
            ..rung.clone()
        };
        let grid: Vec<i64> = first
            .parts()
            .starts()
            .into_iter()
            .filter_map(|us| i64::try_from(us).ok())
            .map(|us| us + work.source.video.start_us)
            .collect();
        let scratch = Scratch::make(&self.work, task)?;
        let made = self
            .picture(task, &work, &rung, Grid::At(&grid), scratch.path())
            .await?;
        is_whole(&made, 0, first.duration_ms)?;
        let row = video_row(movie, &rung, &work.source.video, &made, self.clock.now())?;
        self.keep(made, row, self.then_dropping(movie)).await
    }

    /// Part of the transaction that keeps a rendition: after the last one the upload may go, if the house wants that.
    pub(super) fn then_dropping(
        &self,
        movie: &MovieId,
    ) -> impl FnMut(&mut Conn) -> Result<()> + Send + 'static {
        let (movie, now, keeps) = (movie.clone(), self.clock.now(), self.keep_original);
        move |conn| {
            if !keeps && is_complete(conn, &movie)? {
                let job = NewJob {
                    lane: Lane::Long,
                    ..NewJob::new(DROP_ORIGINAL, movie.as_str(), now)
                };
                enqueue_once(conn, now, &job)?;
            }
            Ok(())
        }
    }

    /// The file of a film and what is known of it, for the other jobs.
    pub(super) async fn source(&self, movie: &MovieId) -> Result<(LocalFile, Source), Trouble> {
        let work = self.begin(movie, true).await?;
        Ok((work.file, work.source))
    }
}

fn first_of(plan: &Plan) -> Result<&Video, Trouble> {
    plan.video
        .first()
        .ok_or_else(|| Trouble::Broken("there is nothing to be made of it".to_owned()))
}

/// A job that was done in part has asked for its children before.
fn enqueue_once(conn: &mut Conn, now: Time, job: &NewJob) -> Result<()> {
    if !Jobs::is_open_in(conn, job.kind, &job.subject, &job.payload)? {
        Jobs::enqueue_in(conn, now, job.clone())?;
    }
    Ok(())
}

/// Whether every rung of a film's ladder is there.
pub(super) fn is_complete(conn: &mut Conn, movie: &MovieId) -> Result<bool> {
    let Some(notes) = store::notes(conn, movie)? else {
        return Ok(false);
    };
    let rungs: Vec<String> = serde_json::from_str(&notes.rungs).unwrap_or_default();
    let there = store::renditions_of(conn, movie)?;
    let is_there = |rung: &String| there.iter().any(|it| it.name == *rung);
    Ok(!rungs.is_empty() && rungs.iter().all(is_there))
}

pub(super) fn subject(task: &Task) -> std::result::Result<MovieId, Failure> {
    let id = uuid::Uuid::try_parse(&task.subject).map_err(Failure::lasting)?;
    Ok(id.into())
}

pub(super) fn inside(folder: &Path, name: &str) -> std::io::Result<std::path::PathBuf> {
    let path = folder.join(name);
    std::fs::create_dir_all(&path)?;
    Ok(path)
}

/// A file that ends long before it says is broken. Sound may go on after the pictures.
fn is_whole(made: &Made, of_sound_ms: i64, declared_ms: i64) -> Result<(), Trouble> {
    let of_pictures = i64::try_from(made.segments.duration_us() / 1000).unwrap_or(i64::MAX);
    let there = of_pictures.max(of_sound_ms);
    if there + SLACK_MS + declared_ms / 20 >= declared_ms {
        return Ok(());
    }
    let seconds = |ms: i64| ms / 1000;
    Err(Trouble::Broken(format!(
        "it says that it lasts {} seconds, and ends after {}",
        seconds(declared_ms),
        seconds(there)
    )))
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A film that nothing came of is failed, if it waits to be published.
pub(super) fn given_up(
    conn: &mut Conn,
    now: Time,
    subject: &str,
    why: &str,
) -> crate::db::Result<()> {
    let Ok(id) = uuid::Uuid::try_parse(subject) else {
        return Ok(());
    };
    Movies::give_up_in(conn, now, &MovieId::from(id), why)
}

/// A film that was failed waits to be published again.
pub(super) fn tried_again(
    conn: &mut Conn,
    now: Time,
    subject: Option<&str>,
) -> crate::db::Result<()> {
    let id = subject.and_then(|it| uuid::Uuid::try_parse(it).ok());
    id.map_or(Ok(()), |id| {
        Movies::hope_again_in(conn, now, &MovieId::from(id))
    })
}

/// Lets go of everything that was made of a film.
pub(super) fn forget(conn: &mut Conn, now: Time, movie: &MovieId, is_all: bool) -> Result<()> {
    bytes::release(conn, now, movie, None)?;
    Ok(store::forget(conn, movie, is_all)?)
}

/// What a film's removal takes along; part of its transaction.
pub(super) fn purge(
    conn: &mut Conn,
    now: Time,
    movie: &MovieId,
) -> std::result::Result<(), movies::Error> {
    forget(conn, now, movie, true).map_err(|error| match error {
        Error::Db(cause) => movies::Error::Db(cause),
        Error::Movie(cause) => cause,
        Error::Blobs(cause) => cause.into(),
        other => movies::Error::Storage(std::io::Error::other(other)),
    })
}
