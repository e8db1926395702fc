//! From a finished upload to a film.
//!
//! The order matters: the upload is looked into first, so that what is no film leaves nothing; then its bytes are kept
//! beside the upload, with one transaction that makes the film and uses up the upload; then the upload is removed. Whatever is interrupted can be done again, and two who publish the same bytes get one film.

use playhouse_api::movies as api;
use serde_json::json;

use super::draft::{Draft, check_changes};
use super::model::{Error, Movie, MovieState};
use super::posters;
use super::preparing::{self, prepare_in};
use super::search;
use super::service::{Movies, Result};
use super::store::{self, NewRow};
use crate::audit::{self, Actor};
use crate::blobs::NewBlob;
use crate::clock::Time;
use crate::db::Conn;
use crate::encoding::{self, Source};
use crate::ids::{AccountId, BlobId, MovieId, UploadId};
use crate::jobs::{Jobs, NewJob};
use crate::transfers::uploads::{CompletedUpload, mark_used_in};

impl Movies {
    /// Publishes a finished upload of its owner.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::NotAVideo`] and [`Error::Duplicate`], and then the upload is gone;
    /// [`Error::NoTool`], [`Error::ToolTooSlow`]; those of the upload.
    pub async fn publish(
        &self,
        actor: Actor,
        owner: &AccountId,
        asked: api::NewMovie,
    ) -> Result<Movie> {
        let id = UploadId::from(asked.upload_id);
        let draft = check_changes(api::MovieChanges {
            title: Some(asked.title),
            description: asked.description,
            tags: asked.tags,
            category: asked.category.map(Some),
            price: Some(asked.price),
            publish_at: asked.publish_at.map(Some),
            preview_seconds: asked.preview_seconds,
        })?;
        let upload = self.uploads.completed(id, owner).await?;
        let outcome = match self.judge(&upload).await {
            // From here on it is done to the end, whether or not the caller waits for it.
            Ok(facts) => self.begin(actor, upload.clone(), draft, facts).await,
            Err(refusal) => Err(refusal),
        };
        if let Err(Error::NotAVideo(_) | Error::Duplicate(_) | Error::Storage(_)) = &outcome {
            // Another request may have used the upload up while this one looked at it.
            self.uploads.completed(upload.id.clone(), owner).await?;
        }
        if let Err(Error::NotAVideo(_) | Error::Duplicate(_)) = &outcome {
            self.discard(&upload).await;
        }
        outcome
    }

    /// Whether the upload is a film that is not here yet.
    async fn judge(&self, upload: &CompletedUpload) -> Result<Source> {
        let blake3 = upload.blake3.clone();
        let other = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::find_by_blake3(conn, &blake3)?))
            .await?;
        if let Some(other) = other {
            return Err(Error::Duplicate(Box::new(other)));
        }
        Ok(encoding::examine(&self.tools, &upload.path).await?)
    }

    async fn begin(
        &self,
        actor: Actor,
        upload: CompletedUpload,
        draft: Draft,
        facts: Source,
    ) -> Result<Movie> {
        let movies = self.clone();
        let kept = tokio::spawn(async move { movies.keep(actor, upload, draft, facts).await });
        kept.await
            .unwrap_or_else(|error| Err(Error::Storage(std::io::Error::other(error))))
    }

    async fn keep(
        &self,
        actor: Actor,
        upload: CompletedUpload,
        draft: Draft,
        facts: Source,
    ) -> Result<Movie> {
        let now = self.clock.now();
        let file = NewBlob {
            path: upload.path.clone(),
            blake3: upload.blake3.clone(),
            size: upload.size,
        };
        let used = upload.clone();
        let state = preparing::state_at_first(&facts, self.transcode && self.tools.has_ffmpeg());
        let (transcode, movies) = (self.transcode, self.clone());
        let id = self
            .blobs
            .keep(file, move |conn, blob| {
                if let Some(other) = store::find_by_blake3(conn, &used.blake3)? {
                    return Err(Error::Duplicate(Box::new(other)));
                }
                let mut film = new_film(&used, &draft, &facts, &actor, now, blob);
                film.state = state;
                let id = insert(conn, now, &actor, &used, film)?;
                let film = Self::get_in(conn, &id)?;
                movies.announce_in(conn, now, &film)?;
                if transcode {
                    prepare_in(conn, now, &id)?;
                }
                Ok(id)
            })
            .await?;
        self.pages.forget();
        self.jobs.wake();
        self.discard(&upload).await;
        self.find(&id).await?.ok_or(Error::NotFound)
    }

    /// The upload is of no more use. One that stays behind is cleared away when it expires.
    async fn discard(&self, upload: &CompletedUpload) {
        if let Err(error) = self.uploads.discard(&upload.id).await {
            tracing::warn!(upload.id = %upload.id, %error, "could not remove an upload that is done with");
        }
    }
}

fn new_film(
    upload: &CompletedUpload,
    draft: &Draft,
    facts: &Source,
    actor: &Actor,
    now: Time,
    blob: &BlobId,
) -> NewRow {
    let title = draft.title.clone().unwrap_or_default();
    let publish_at = draft.publish_at.flatten();
    NewRow {
        id: MovieId::generate(),
        sort_title: search::sort_key(&title),
        title,
        description: draft.description.clone().unwrap_or_default(),
        category: draft.category.clone().unwrap_or_default(),
        tags: json!(draft.tags.as_deref().unwrap_or_default()).to_string(),
        price: draft.price.unwrap_or(0),
        state: MovieState::Published,
        publish_at,
        listed_at: publish_at.unwrap_or(now),
        place: 0,
        duration_ms: facts.duration_ms,
        width: facts.video.width,
        height: facts.video.height,
        video_codec: facts.video.codec.clone(),
        audio_codec: facts.sound().map(|stream| stream.codec.clone()),
        content_type: facts.content_type.to_owned(),
        file_name: upload.file_name.clone(),
        blob_id: blob.clone(),
        fingerprint: upload.fingerprint.clone(),
        popularity: 0,
        created_by: actor.name.clone(),
        created_at: now,
        updated_at: now,
        preview_seconds: draft.preview_seconds.unwrap_or(0),
    }
}

/// Makes the film and uses up the upload.
fn insert(
    conn: &mut Conn,
    now: Time,
    actor: &Actor,
    upload: &CompletedUpload,
    mut film: NewRow,
) -> Result<MovieId> {
    mark_used_in(conn, &upload.id)?;
    film.place = store::free_place(conn, film.listed_at)?;
    store::insert(conn, std::slice::from_ref(&film))?;
    let job = NewJob::new(posters::KIND, film.id.as_str(), now);
    Jobs::enqueue_in(conn, now, job)?;
    let detail = json!({"title": film.title, "price": film.price, "file_name": film.file_name,
        "blake3": upload.blake3});
    audit::record(conn, now, actor, "movie.publish", film.id.as_str(), &detail)?;
    Ok(film.id)
}
