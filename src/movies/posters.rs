//! Posters: a frame of the film, chosen by ffmpeg after it was published.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;

use super::model::{Error, Movie};
use super::service::{Movies, Result};
use super::store;
use super::trash::remove_if_there;
use crate::accounts::Viewer;
use crate::encoding::{self, Bounds, Trouble};
use crate::ids::MovieId;
use crate::jobs::{Failure, Outcome, Task};

/// Makes the poster of a film.
pub(super) const KIND: &str = "poster";

/// The most telling of some frames, in its true shape, at most 640 wide. Scaled first: small frames are cheap to compare.
const FILTER: &str = "scale=w='max(2,trunc(min(640,iw*sar)/2)*2)':h='max(2,trunc(ow/dar/2)*2)',setsar=1,thumbnail=40";

const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(120),
    output: 64 << 10,
};

impl Movies {
    /// Where the poster with this key is. A key is hexadecimal digits; another one has no path outside the folder.
    pub(super) fn poster_path(&self, key: &str) -> PathBuf {
        let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
        self.posters.join(format!("{plain}.jpg"))
    }

    /// The picture with this key, for who may see its film: anybody when members do, otherwise admins.
    ///
    /// # Errors
    /// [`Error::NotFound`], also when it may not be known of.
    pub async fn poster(&self, key: String, viewer: Option<&Viewer>) -> Result<Bytes> {
        let path = self.poster_path(&key);
        let film = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::find_by_poster(conn, &key)?))
            .await?
            .ok_or(Error::NotFound)?;
        let is_admin = viewer.is_some_and(Viewer::is_admin);
        if !film.is_visible(self.clock.now()) && !is_admin {
            return Err(Error::NotFound);
        }
        match tokio::fs::read(path).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::NotFound),
            picture => Ok(picture?.into()),
        }
    }

    /// The handler of [`KIND`].
    pub(super) async fn make_poster(self, task: Task) -> std::result::Result<Outcome, Failure> {
        let id = MovieId::from(uuid::Uuid::try_parse(&task.subject).map_err(Failure::lasting)?);
        let Some(film) = self.find(&id).await.map_err(Failure::passing)? else {
            return Ok(Outcome::Done);
        };
        let source = self
            .blobs
            .local_file(&film.blob.blake3)
            .await
            .map_err(|error| Failure::passing(error.into_io()))?;
        tokio::fs::create_dir_all(&self.posters)
            .await
            .map_err(Failure::passing)?;
        let draft = self.posters.join(format!("{id}.part"));
        let drawn = self.draw(&film, source.path(), &draft).await;
        let kept = match drawn {
            Ok(()) => self.hang(&film, &draft).await,
            Err(failure) => Err(failure),
        };
        remove_if_there(draft).await.map_err(Failure::passing)?;
        kept.map(|()| Outcome::Done)
    }

    /// A picture from an eighth of the way in; from the start when nothing comes of that.
    async fn draw(
        &self,
        film: &Movie,
        source: &Path,
        draft: &Path,
    ) -> std::result::Result<(), Failure> {
        let mut complaint = String::new();
        for from_ms in [film.duration_ms / 8, 0] {
            let said = self
                .tools
                .run(
                    &self.tools.ffmpeg,
                    arguments(from_ms, source, draft),
                    BOUNDS,
                )
                .await
                .map_err(|trouble| match trouble {
                    Trouble::Missing(name) => Failure::passing(format!(
                        "{name} is not installed; on Debian: apt-get install ffmpeg"
                    )),
                    trouble => Failure::passing(trouble),
                })?;
            let length = tokio::fs::metadata(draft).await.map_or(0, |it| it.len());
            if said.is_success && length > 0 {
                return Ok(());
            }
            complaint = said.complaint;
        }
        Err(Failure::passing(format!(
            "ffmpeg made no picture: {complaint}"
        )))
    }

    /// Gives the picture a key of its own and the film that key.
    async fn hang(&self, film: &Movie, draft: &Path) -> std::result::Result<(), Failure> {
        let key = format!("{:032x}", rand::random::<u128>());
        let path = self.poster_path(&key);
        tokio::fs::rename(draft, &path)
            .await
            .map_err(Failure::passing)?;
        let id = film.id.clone();
        let is_there = self
            .db
            .write::<_, Error, _>(move |conn| Ok(store::set_poster(conn, &id, &key)?))
            .await
            .map_err(Failure::passing)?;
        let superfluous = match (is_there, &film.poster_key) {
            (false, _) => Some(path),
            (true, Some(before)) => Some(self.poster_path(before)),
            (true, None) => None,
        };
        if let Some(path) = superfluous {
            remove_if_there(path).await.map_err(Failure::passing)?;
        }
        self.pages.forget();
        Ok(())
    }
}

fn arguments(from_ms: i64, source: &Path, draft: &Path) -> Vec<OsString> {
    let from = format!("{}.{:03}", from_ms / 1000, from_ms % 1000);
    let mut arguments: Vec<OsString> = ["-v", "error", "-nostdin", "-threads", "2", "-ss", &from]
        .map(OsString::from)
        .to_vec();
    arguments.extend(encoding::input(source));
    let rest = [
        "-an",
        "-sn",
        "-dn",
        "-frames:v",
        "1",
        "-vf",
        FILTER,
        "-pix_fmt",
        "yuvj420p",
        "-q:v",
        "4",
        "-map_metadata",
        "-1",
        "-c:v",
        "mjpeg",
        "-f",
        "image2",
        "-update",
        "1",
        "-y",
    ];
    arguments.extend(rest.map(OsString::from));
    let mut file = OsString::from("file:");
    file.push(draft);
    arguments.push(file);
    arguments
}
