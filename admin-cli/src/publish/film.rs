//! One film, from the look-up to the published film.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use playhouse_api::ErrorCode;
use playhouse_api::client;
use playhouse_api::client::upload::{UploadEvent, UploadMetadata, UploadSource};
use playhouse_api::fingerprint::fingerprint;
use playhouse_api::movies::{Movie, MovieLookup, MovieState, NewMovie};
use playhouse_api::uploads::Purpose;
use playhouse_cli_support::progress::Board;
use playhouse_cli_support::resume::StateFile;
use playhouse_cli_support::{Code, Failure, Session};
use uuid::Uuid;

use super::Card;
use super::place::Place;
use super::unfinished::{Unfinished, state_file};

/// How often `--wait` asks.
const WAIT_STEP: Duration = Duration::from_secs(1);

/// Publishes one file, going on with an upload that was begun before.
pub(super) async fn publish(
    session: &Session,
    path: &Path,
    card: &Card,
    place: Option<Place>,
) -> anyhow::Result<Movie> {
    let (fingerprint, size) = sample(path)?;
    let file = state_file(session, &fingerprint);
    let earlier = file.read()?.filter(|it: &Unfinished| it.size == size);
    let movie = match look_up(session, &fingerprint).await? {
        Some(movie) => accept_earlier(earlier.as_ref(), movie)?,
        None => {
            if let Some(place) = place {
                place.check_free(session).await?;
            }
            let upload = upload(session, path, earlier, &file, size).await?;
            let created = create(session, path, card, upload, &file).await;
            explain(session, &fingerprint, created?).await?
        }
    };
    if let Some(place) = place {
        put(session, place, &movie).await?;
    }
    file.forget()?;
    if card.wait {
        wait_for(session, movie).await
    } else {
        Ok(movie)
    }
}

/// The fingerprint and the size. What is not a file with something in it ends here.
fn sample(path: &Path) -> anyhow::Result<(String, u64)> {
    let mut file = File::open(path).context("cannot open the file")?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(Failure::usage("this is not a file").into());
    }
    if metadata.len() == 0 {
        return Err(Failure::new(Code::Failure, "the file is empty").into());
    }
    Ok((
        fingerprint(&mut file).context("cannot read the file")?,
        metadata.len(),
    ))
}

async fn look_up(session: &Session, fingerprint: &str) -> client::Result<Option<Movie>> {
    let lookup = MovieLookup {
        fingerprint: Some(fingerprint.to_owned()),
        blake3: None,
    };
    session.client.find_movie(&lookup).await
}

/// The film is there already: published by an earlier call that did not hear the answer, or a
/// duplicate.
fn accept_earlier(earlier: Option<&Unfinished>, movie: Movie) -> anyhow::Result<Movie> {
    if earlier.is_some_and(|it| it.publishing) {
        return Ok(movie);
    }
    let place = if movie.deleted_at.is_some() {
        format!(" in the trash; see `movie restore {}`", movie.id)
    } else {
        String::new()
    };
    let message = format!(
        "the same film is already here as {} ({}){place}",
        movie.title, movie.id
    );
    Err(Failure::new(Code::Conflict, message).into())
}

async fn upload(
    session: &Session,
    path: &Path,
    earlier: Option<Unfinished>,
    file: &StateFile,
    size: u64,
) -> anyhow::Result<Unfinished> {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let source = UploadSource {
        path: path.to_owned(),
        metadata: UploadMetadata {
            filename: name.to_string(),
            filetype: None,
            purpose: Purpose::Movie,
            path: None,
            on_conflict: None,
            modified_at: None,
        },
        resume: earlier.map(|it| it.upload_id),
    };
    let progress = Board::new(session.quiet).add(&name, size);
    let events = progress.observer();
    let (keep, kept) = (file.clone(), path.to_owned());
    let observer = std::sync::Arc::new(move |event: UploadEvent| {
        if let UploadEvent::Opened { id, .. } = event {
            let unfinished = Unfinished::new(&kept, size, id);
            // Without the note the upload still works; it only cannot be resumed.
            if let Err(error) = keep.write(&unfinished) {
                eprintln!("warning: {error:#}");
            }
        }
        events(event);
    });
    let sent = session.client.upload_file(&source, observer).await;
    progress.finish(sent.is_ok());
    Ok(Unfinished::new(path, size, sent?))
}

async fn create(
    session: &Session,
    path: &Path,
    card: &Card,
    upload: Unfinished,
    file: &StateFile,
) -> anyhow::Result<client::Result<Movie>> {
    let upload = Unfinished {
        publishing: true,
        ..upload
    };
    file.write(&upload)?;
    let result = session
        .client
        .publish_movie(&new_movie(path, card, upload.upload_id))
        .await;
    match &result {
        Err(error) if is_final(error) => file.forget()?,
        // The upload waits on the server for better arguments.
        Err(error) if is_refusal(error) => {
            file.write(&Unfinished {
                publishing: false,
                ..upload
            })?;
        }
        // Published, or not known: the next call asks.
        _ => {}
    }
    Ok(result)
}

/// Gives a published film its place. Until that is done the note of it stays, so the same command goes on from here.
async fn put(session: &Session, place: Place, movie: &Movie) -> anyhow::Result<()> {
    let put = place.take(session, movie.id).await;
    put.with_context(|| {
        format!(
            "it is published as {} ({}), and has no place in the series",
            movie.title, movie.id
        )
    })
}

/// An upload that went away meanwhile was published by somebody else, if the film is there.
async fn explain(
    session: &Session,
    fingerprint: &str,
    created: client::Result<Movie>,
) -> anyhow::Result<Movie> {
    if created.as_ref().is_err_and(client::Error::is_gone)
        && let Some(movie) = look_up(session, fingerprint).await?
    {
        return accept_earlier(None, movie);
    }
    Ok(created?)
}

/// The server heard the call, and did not do it.
fn is_refusal(error: &client::Error) -> bool {
    matches!(error.status(), Some(400..=499)) && !error.is_transient()
}

/// These bytes will never be published, so the upload is of no more use.
fn is_final(error: &client::Error) -> bool {
    error.is_gone() || error.is(ErrorCode::DuplicateMovie) || error.is(ErrorCode::NotAVideo)
}

fn new_movie(path: &Path, card: &Card, upload_id: Uuid) -> NewMovie {
    let stem = || {
        path.file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    NewMovie {
        upload_id,
        title: card.title.clone().unwrap_or_else(stem),
        description: card.description.clone(),
        tags: (!card.tags.is_empty()).then(|| card.tags.clone()),
        category: card.category.clone(),
        price: card.price,
        publish_at: card.publish_at,
        preview_seconds: card.preview,
    }
}

/// Asks until the server has looked through the film.
async fn wait_for(session: &Session, mut movie: Movie) -> anyhow::Result<Movie> {
    while movie.state == MovieState::Processing {
        tokio::time::sleep(WAIT_STEP).await;
        movie = session.client.movie(movie.id).await?.movie;
    }
    if movie.state == MovieState::Failed {
        let why = movie.failure.as_deref().unwrap_or("see `jobs list`");
        let message = format!("the server could not process it ({}): {why}", movie.id);
        return Err(Failure::new(Code::Failure, message).into());
    }
    Ok(movie)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn movie(deleted: bool) -> Movie {
        serde_json::from_value(serde_json::json!({
            "id": Uuid::nil(), "title": "Alien", "description": "", "tags": [], "category": null,
            "price": 0, "state": "published", "publish_at": null, "duration": null, "width": null,
            "height": null, "size": 1, "blake3": null, "sha256": null, "md5": null,
            "poster_url": null, "created_at": "2026-01-01T00:00:00Z",
            "deleted_at": deleted.then_some("2026-01-02T00:00:00Z"),
        }))
        .unwrap()
    }

    #[test]
    fn a_film_that_an_earlier_call_published_is_no_duplicate() {
        let earlier = Unfinished::new(Path::new("a.mp4"), 1, Uuid::nil());
        let publishing = Unfinished {
            publishing: true,
            ..earlier.clone()
        };
        assert!(accept_earlier(Some(&publishing), movie(false)).is_ok());
        for duplicate in [
            accept_earlier(None, movie(false)),
            accept_earlier(Some(&earlier), movie(false)),
        ] {
            let error = duplicate.unwrap_err();
            assert_eq!(playhouse_cli_support::exit::code_of(&error), Code::Conflict);
            assert!(error.to_string().contains("Alien"));
        }
    }

    #[test]
    fn a_film_in_the_trash_says_how_to_get_it_back() {
        let error = accept_earlier(None, movie(true)).unwrap_err();
        assert!(error.to_string().contains("movie restore"));
    }

    #[test]
    fn what_is_not_a_file_with_bytes_is_refused_before_any_call() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.mp4");
        std::fs::write(&empty, "").unwrap();
        assert!(sample(&empty).unwrap_err().to_string().contains("empty"));
        assert_eq!(
            playhouse_cli_support::exit::code_of(&sample(folder.path()).unwrap_err()),
            Code::Usage
        );
        assert!(sample(&folder.path().join("none.mp4")).is_err());
    }

    #[test]
    fn the_title_is_the_name_of_the_file_unless_given() {
        let mut card = Card {
            title: None,
            description: None,
            price: 0,
            tags: vec![],
            category: None,
            publish_at: None,
            preview: None,
            wait: false,
        };
        let title =
            |card: &Card| new_movie(Path::new("/x/The Thing.1982.mkv"), card, Uuid::nil()).title;
        assert_eq!(title(&card), "The Thing.1982");
        card.title = Some("The Thing".to_owned());
        assert_eq!(title(&card), "The Thing");
    }
}
