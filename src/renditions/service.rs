//! What is there of a film, and what admins do about it.

use std::path::Path;
use std::sync::Arc;

use playhouse_api::movies as api;
use serde_json::json;

use super::model::{Error, FilmFile, Rendition, RenditionKind, Subtitle};
use super::{loudness, pipeline, sprites, store, subtitles};
use crate::audit::{self, Actor};
use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::config::{Config, FilmsConfig};
use crate::db::{Conn, Db};
use crate::encoding::{Chapter, Tools};
use crate::ids::{JobId, MovieId};
use crate::jobs::{Failure, Handlers, JobFilter, Jobs, Outcome, Task};
use crate::movies::{self, Movies};
use crate::page::PageRequest;

pub(super) type Result<T, E = Error> = std::result::Result<T, E>;

/// Makes renditions and knows them; cheap to copy.
#[derive(Clone)]
pub struct Renditions {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) jobs: Jobs,
    pub(super) movies: Movies,
    pub(super) blobs: Blobs,
    pub(super) tools: Tools,
    pub(super) config: Arc<FilmsConfig>,
    pub(super) keep_original: bool,
    /// The folder in which ffmpeg works.
    pub(super) work: Arc<Path>,
}

/// What there is of a film besides its row.
#[derive(Clone, Debug, Default)]
pub struct OnFilm {
    /// The best first; the sounds last, in their order.
    pub renditions: Vec<Rendition>,
    /// The names of the renditions that it is to have.
    pub rungs: Vec<String>,
    pub chapters: Vec<Chapter>,
    /// WebVTT, when there are sheets.
    pub sprites: Option<String>,
    /// LUFS.
    pub loudness: Option<f64>,
    pub subtitles: Vec<Subtitle>,
    pub files: Vec<FilmFile>,
}

impl OnFilm {
    pub fn videos(&self) -> impl Iterator<Item = &Rendition> {
        let is_video = |it: &&Rendition| it.kind == RenditionKind::Video;
        self.renditions.iter().filter(is_video)
    }

    /// The one that was made first, and whose segments the others follow.
    pub(super) fn first_video(&self) -> Option<&Rendition> {
        self.videos().min_by(|a, b| a.id.cmp(&b.id))
    }

    /// Bytes of the file of a rendition.
    #[must_use]
    pub fn size_of(&self, rendition: &Rendition) -> i64 {
        let name = rendition.file_name();
        let file = self.files.iter().find(|file| file.name == name);
        file.map_or(0, |file| file.size)
    }
}

impl Renditions {
    #[must_use]
    pub fn new(
        db: Db,
        clock: Clock,
        jobs: Jobs,
        movies: Movies,
        blobs: Blobs,
        config: &Config,
    ) -> Self {
        movies.goes_with_a_film(pipeline::purge);
        jobs.when_given_up(movies::PREPARE, |conn, now, job| {
            pipeline::given_up(conn, now, &job.subject, &job.why)
        });
        jobs.when_tried_again(movies::PREPARE, |conn, now, job| {
            pipeline::tried_again(conn, now, job.subject_id.as_deref())
        });
        Self {
            tools: movies.tools().clone(),
            db,
            clock,
            jobs,
            movies,
            blobs,
            config: Arc::new(config.films.clone()),
            keep_original: config.movies.keep_original,
            work: config.storage_folder().join("work").into(),
        }
    }

    /// What the workers do for renditions.
    #[must_use]
    pub fn handlers(&self) -> Handlers {
        let its = || self.clone();
        let (first, rung, sheets, text, loud, drop) = (its(), its(), its(), its(), its(), its());
        Handlers::default()
            .on(movies::PREPARE, move |task| {
                first.clone().unless_gone(task, Self::prepare)
            })
            .on(pipeline::RENDITION, move |task| {
                rung.clone().unless_gone(task, Self::rung)
            })
            .on(sprites::KIND, move |task| {
                sheets.clone().unless_gone(task, Self::make_sprites)
            })
            .on(subtitles::KIND, move |task| {
                text.clone().unless_gone(task, Self::extract)
            })
            .on(loudness::KIND, move |task| {
                loud.clone().unless_gone(task, Self::measure)
            })
            .on(pipeline::DROP_ORIGINAL, move |task| {
                drop.clone().unless_gone(task, Self::drop_original)
            })
    }

    /// Works on a film. When it is purged meanwhile its file goes, and what a tool says of that is no failure.
    async fn unless_gone<W>(
        self,
        task: Task,
        work: impl FnOnce(Self, Task) -> W,
    ) -> std::result::Result<Outcome, Failure>
    where
        W: Future<Output = std::result::Result<Outcome, Failure>>,
    {
        let movie = pipeline::subject(&task)?;
        let outcome = work(self.clone(), task).await;
        if outcome.is_err() && matches!(self.movies.find(&movie).await, Ok(None)) {
            return Ok(Outcome::Done);
        }
        outcome
    }

    /// What there is of a film.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of_film_in(conn: &mut Conn, movie: &MovieId) -> crate::db::Result<OnFilm> {
        let notes = store::notes(conn, movie)?;
        let list = |text: Option<&String>| text.cloned().unwrap_or_else(|| "[]".to_owned());
        let chapters = list(notes.as_ref().map(|it| &it.chapters));
        let rungs = list(notes.as_ref().map(|it| &it.rungs));
        let loudness = notes.as_ref().and_then(|it| it.loudness);
        Ok(OnFilm {
            renditions: store::renditions_of(conn, movie)?,
            rungs: serde_json::from_str(&rungs).unwrap_or_default(),
            chapters: serde_json::from_str(&chapters).unwrap_or_default(),
            sprites: notes.and_then(|it| it.sprites),
            loudness: loudness.map(|it| f64::from(it) / 100.0),
            subtitles: store::subtitles_of(conn, movie)?,
            files: store::files_of(conn, movie)?,
        })
    }

    pub(super) async fn of_film(&self, movie: &MovieId) -> Result<OnFilm> {
        let movie = movie.clone();
        self.db
            .read(move |conn| Ok(Self::of_film_in(conn, &movie)?))
            .await
    }

    pub(super) async fn find(&self, movie: &MovieId, name: &str) -> Result<Option<Rendition>> {
        let (movie, name) = (movie.clone(), name.to_owned());
        self.db
            .read(move |conn| Ok(store::find_rendition(conn, &movie, &name)?))
            .await
    }

    /// One rendition of a film.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find_in(
        conn: &mut Conn,
        movie: &MovieId,
        name: &str,
    ) -> crate::db::Result<Option<Rendition>> {
        store::find_rendition(conn, movie, name)
    }

    /// One file of a film.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find_file_in(
        conn: &mut Conn,
        movie: &MovieId,
        name: &str,
    ) -> crate::db::Result<Option<FilmFile>> {
        store::find_file(conn, movie, name)
    }

    /// One track of a film.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find_subtitle_in(
        conn: &mut Conn,
        movie: &MovieId,
        language: &str,
    ) -> crate::db::Result<Option<Subtitle>> {
        store::find_subtitle(conn, movie, language)
    }

    /// What there is of a film, what is to come, and what is being done about it; for admins.
    ///
    /// # Errors
    /// [`Error::NoSuchFilm`].
    pub async fn describe(&self, movie: MovieId) -> Result<api::FilmQuality> {
        let film = self.movies.find(&movie).await?.ok_or(Error::NoSuchFilm)?;
        let there = self.of_film(&movie).await?;
        let filter = JobFilter {
            movie: Some(movie.uuid()),
            ..JobFilter::default()
        };
        let page = PageRequest {
            limit: 200,
            after: None,
        };
        let jobs = self.jobs.list(filter, page).await?.items;
        Ok(api::FilmQuality {
            movie_id: movie.uuid(),
            state: film.state.into(),
            failure: film.failure.clone(),
            original_size: film.blob.size,
            total_size: there.files.iter().map(|file| file.size).sum(),
            loudness: there.loudness,
            planned: there.rungs.clone(),
            renditions: there
                .renditions
                .iter()
                .map(|it| view(it, there.size_of(it)))
                .collect(),
            subtitles: there.subtitles.iter().map(Subtitle::view).collect(),
            chapters: there.chapters.iter().map(chapter).collect(),
            has_sprites: there.sprites.is_some(),
            jobs,
        })
    }

    /// An admin wants the renditions of a film made anew. It is served as it was uploaded meanwhile.
    ///
    /// # Errors
    /// [`Error::NoSuchFilm`]; [`Error::Busy`] while its jobs are open; [`Error::Off`].
    pub async fn make_again(&self, actor: Actor, movie: MovieId) -> Result<()> {
        if !self.config.transcode {
            return Err(Error::Off);
        }
        let (now, target) = (self.clock.now(), movie.clone());
        self.db
            .write::<_, Error, _>(move |conn| {
                let movie = &target;
                Movies::find_in(conn, movie)?.ok_or(Error::NoSuchFilm)?;
                if Jobs::is_any_open_in(conn, movie.as_str(), &OWN_KINDS)? {
                    return Err(Error::Busy);
                }
                pipeline::forget(conn, now, movie, false)?;
                movies::prepare_in(conn, now, movie)?;
                let detail = json!({});
                Ok(audit::record(
                    conn,
                    now,
                    &actor,
                    "movie.transcode",
                    movie.as_str(),
                    &detail,
                )?)
            })
            .await?;
        self.movies.stop_watching(&movie);
        self.jobs.wake();
        Ok(())
    }

    /// An admin wants the room back that the renditions of a film take. The film is served as it was uploaded then.
    ///
    /// # Errors
    /// [`Error::NoSuchFilm`]; [`Error::Busy`] while its jobs are open.
    pub async fn drop_renditions(&self, actor: Actor, movie: MovieId) -> Result<()> {
        let now = self.clock.now();
        let target = movie.clone();
        self.db
            .write::<_, Error, _>(move |conn| {
                Movies::find_in(conn, &target)?.ok_or(Error::NoSuchFilm)?;
                if Jobs::is_any_open_in(conn, target.as_str(), &OWN_KINDS)? {
                    return Err(Error::Busy);
                }
                pipeline::forget(conn, now, &target, false)?;
                let (action, detail) = ("movie.drop_renditions", json!({}));
                Ok(audit::record(
                    conn,
                    now,
                    &actor,
                    action,
                    target.as_str(),
                    &detail,
                )?)
            })
            .await?;
        self.movies.stop_watching(&movie);
        self.jobs.wake();
        Ok(())
    }

    /// Clears away the working folders of attempts that no worker is at, and says how many they were. Runs after a start.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn reconcile(&self) -> Result<usize> {
        let mut removed = 0;
        let mut folders = match tokio::fs::read_dir(&*self.work).await {
            Ok(folders) => folders,
            Err(_) => return Ok(0),
        };
        while let Ok(Some(folder)) = folders.next_entry().await {
            let name = folder.file_name();
            let runs = match name.to_str().and_then(attempt_of) {
                Some((job, attempt)) => self.jobs.runs(job, attempt).await?,
                None => false,
            };
            if !runs {
                let gone = tokio::fs::remove_dir_all(folder.path()).await;
                removed += usize::from(gone.is_ok());
            }
        }
        if removed > 0 {
            tracing::info!(count = removed, "removed folders of interrupted work");
        }
        Ok(removed)
    }
}

/// The job and the attempt that a working folder is named after.
fn attempt_of(folder: &str) -> Option<(JobId, i32)> {
    let (job, rest) = folder.split_once('.')?;
    let attempt = rest.split('.').next()?;
    let job = uuid::Uuid::try_parse(job).ok()?;
    Some((job.into(), attempt.parse().ok()?))
}

/// The kinds of jobs that change what there is of a film.
const OWN_KINDS: [&str; 6] = [
    movies::PREPARE,
    pipeline::RENDITION,
    loudness::KIND,
    pipeline::DROP_ORIGINAL,
    sprites::KIND,
    subtitles::KIND,
];

/// A rendition as the API shows it.
pub(super) fn view(rendition: &Rendition, size: i64) -> api::RenditionDetail {
    let side = |it: i32| (it > 0).then_some(it);
    api::RenditionDetail {
        name: rendition.name.clone(),
        width: side(rendition.width),
        height: side(rendition.height),
        size,
        codecs: rendition.codecs.clone(),
        bandwidth: rendition.bandwidth,
        is_remux: rendition.is_remux,
        language: rendition.language.clone(),
        label: (!rendition.label.is_empty()).then(|| rendition.label.clone()),
        created_at: rendition.created_at.and_utc(),
    }
}

/// A chapter as the API shows it.
#[must_use]
pub fn chapter(chapter: &Chapter) -> api::Chapter {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a moment of a film in milliseconds is far below 2^53"
    )]
    let seconds = |ms: i64| ms as f64 / 1000.0;
    api::Chapter {
        start: seconds(chapter.start_ms),
        end: seconds(chapter.end_ms),
        title: chapter.title.clone(),
    }
}
