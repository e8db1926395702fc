//! Keeping what was made: the bytes through the storage, the rows that hold them in the same transaction.

use super::making::{Made, Trouble};
use super::model::{Error, NewFile, Rendition, RenditionKind, media_name};
use super::service::Renditions;
use super::{languages, store};
use crate::blobs::{self, NewBlob};
use crate::clock::Time;
use crate::db::Conn;
use crate::encoding::VideoStream;
use crate::encoding::plan::{Audio, How, SOUND, Video};
use crate::ids::{BlobId, MovieId, RenditionFileId, RenditionId};
use crate::movies::Movies;

/// AAC-LC, the only sound that is made.
const SOUND_CODECS: &str = "mp4a.40.2";

impl Renditions {
    /// Keeps a rendition, instead of one of the same name; `also` is done in the same transaction.
    pub(super) async fn keep(
        &self,
        made: Made,
        row: Rendition,
        mut also: impl FnMut(&mut Conn) -> Result<(), Error> + Send + 'static,
    ) -> Result<(), Trouble> {
        let now = self.clock.now();
        let kept = self.blobs.keep(made.file, move |conn, blob| {
            let movie = &row.movie_id;
            Movies::find_in(conn, movie)?.ok_or(Error::NoSuchFilm)?;
            put_file(conn, now, movie, &media_name(&row.name), "video/mp4", blob)?;
            store::delete_rendition(conn, movie, &row.name)?;
            store::insert_rendition(conn, &row)?;
            also(conn)
        });
        Ok(kept.await?)
    }

    /// Keeps another file of a film, instead of one of the same name.
    pub(super) async fn keep_file(
        &self,
        file: NewBlob,
        movie: &MovieId,
        name: String,
        content_type: &'static str,
    ) -> Result<(), Trouble> {
        let (now, movie) = (self.clock.now(), movie.clone());
        let kept = self.blobs.keep::<_, Error, _>(file, move |conn, blob| {
            Movies::find_in(conn, &movie)?.ok_or(Error::NoSuchFilm)?;
            put_file(conn, now, &movie, &name, content_type, blob)
        });
        Ok(kept.await?)
    }
}

/// Writes the row that holds a file's bytes; the one of the same name lets go of its own.
fn put_file(
    conn: &mut Conn,
    now: Time,
    movie: &MovieId,
    name: &str,
    content_type: &str,
    blob: &BlobId,
) -> Result<(), Error> {
    release(conn, now, movie, Some(name))?;
    let file = NewFile {
        id: RenditionFileId::generate(),
        movie_id: movie.clone(),
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        blob_id: blob.clone(),
        created_at: now,
    };
    Ok(store::insert_file(conn, &file)?)
}

/// Lets go of the bytes of a film's files: of all, or of the one of a name.
pub(super) fn release(
    conn: &mut Conn,
    now: Time,
    movie: &MovieId,
    name: Option<&str>,
) -> Result<(), Error> {
    for blob in store::delete_files(conn, movie, name)? {
        blobs::release_in(conn, now, &blob, 1)?;
    }
    Ok(())
}

/// The row of the pictures.
pub(super) fn video_row(
    movie: &MovieId,
    rung: &Video,
    source: &VideoStream,
    made: &Made,
    now: Time,
) -> Result<Rendition, Trouble> {
    let codecs = avc_codecs(&made.head)
        .ok_or_else(|| Trouble::Broken("ffmpeg wrote no H.264".to_owned()))?;
    let frame_rate = rung.frame_rate.unwrap_or(source.frame_rate);
    Ok(Rendition {
        name: rung.name.clone(),
        kind: RenditionKind::Video,
        is_remux: rung.how == How::Remux,
        width: rung.width,
        height: rung.height,
        frame_rate,
        codecs,
        ..row(movie, made, now)
    })
}

/// The row of a track of sound.
pub(super) fn audio_row(
    movie: &MovieId,
    track: &Audio,
    label: &str,
    made: &Made,
    now: Time,
) -> Rendition {
    Rendition {
        name: track.name.clone(),
        is_remux: track.how == How::Remux,
        language: languages::tag_of(track.language.as_deref()),
        label: label.to_owned(),
        ..row(movie, made, now)
    }
}

fn row(movie: &MovieId, made: &Made, now: Time) -> Rendition {
    let (peak, average) = made.segments.bandwidth();
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Rendition {
        id: RenditionId::generate(),
        movie_id: movie.clone(),
        name: SOUND.to_owned(),
        kind: RenditionKind::Audio,
        is_remux: false,
        width: 0,
        height: 0,
        frame_rate: 0,
        codecs: SOUND_CODECS.to_owned(),
        peak_bandwidth: whole(peak),
        bandwidth: whole(average),
        duration_ms: whole(made.segments.duration_us() / 1000),
        segments: serde_json::to_string(&made.segments).unwrap_or_default(),
        created_at: now,
        language: None,
        label: String::new(),
    }
}

/// The codecs of RFC 6381, from the record of the H.264 decoder (ISO 14496-15) in the head of a file.
fn avc_codecs(head: &[u8]) -> Option<String> {
    let at = head.windows(4).position(|it| it == b"avcC")?;
    match head.get(at + 4..at + 8)? {
        [1, profile, compatibility, level] => {
            Some(format!("avc1.{profile:02x}{compatibility:02x}{level:02x}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decoders_record_names_the_codec() {
        let head = b"....stsdavc1....avcC\x01\x64\x00\x1f\xff";
        assert_eq!(avc_codecs(head).as_deref(), Some("avc1.64001f"));
        assert_eq!(avc_codecs(b"hvcC\x01\x64\x00\x1f"), None);
        assert_eq!(avc_codecs(b"avcC\x01\x64"), None);
    }
}
