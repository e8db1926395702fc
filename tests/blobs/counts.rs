//! How holders are counted, and what is refused.

use diesel::prelude::*;
use playhouse::blobs::{Error, NewBlob, hold_in, release_in};
use playhouse::db::schema::blobs as rows;
use playhouse::ids::BlobId;

use crate::{House, Refusal, hash, hold_as, house, until};

#[actix_web::test]
async fn equal_bytes_are_there_once_and_go_with_their_last_holder() {
    let house = house();
    let one = house.keep("one", b"bytes").await.unwrap();
    let two = house.keep("two", b"bytes").await.unwrap();
    let other = house.keep("other", b"other bytes").await.unwrap();
    assert!(one == two && one != other);
    assert_eq!(house.refs(b"bytes").await, Some(2));
    house
        .db
        .write::<_, Error, _>(move |conn| hold_in(conn, &one, 3))
        .await
        .unwrap();
    assert_eq!(house.refs(b"bytes").await, Some(5));
    house.release("one", 4).await.unwrap();
    assert_eq!(house.refs(b"bytes").await, Some(1));
    let workers = house.workers();
    assert_eq!(house.stored(b"bytes").unwrap(), b"bytes");
    house.release("two", 1).await.unwrap();
    assert_eq!(house.refs(b"bytes").await, None);
    until(|| house.stored(b"bytes").is_none()).await;
    assert_eq!(house.stored(b"other bytes").unwrap(), b"other bytes");
    workers.stop().await;
}

#[actix_web::test]
async fn an_empty_file_is_a_content_like_others() {
    let house = house();
    house.keep("one", b"").await.unwrap();
    assert_eq!(house.stored(b"").unwrap(), b"");
    let opened = house.blobs.open(&hash(b""), 0).await.unwrap();
    assert_eq!(opened.size, 0);
}

#[actix_web::test]
async fn what_was_never_held_cannot_be_held_or_released() {
    let house = house();
    let id = house.keep("one", b"bytes").await.unwrap();
    let now = house.clock.now();
    let nobody = BlobId::generate();
    let unknown = nobody.clone();
    let refused = house
        .db
        .write(move |conn| hold_in(conn, &unknown, 1))
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::NoSuchBlob(it) if it == nobody));
    let unknown = nobody.clone();
    let refused = house
        .db
        .write(move |conn| release_in(conn, now, &unknown, 1))
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::NoSuchBlob(_)));
    let held = id.clone();
    let refused = house
        .db
        .write(move |conn| release_in(conn, now, &held, 2))
        .await
        .unwrap_err();
    assert!(matches!(
        refused,
        Error::Miscounted {
            refs: 1,
            count: 2,
            ..
        }
    ));
    house
        .db
        .write::<_, Error, _>(move |conn| {
            hold_in(conn, &nobody, 0)?;
            release_in(conn, now, &nobody, 0)
        })
        .await
        .unwrap();
    assert_eq!(house.refs(b"bytes").await, Some(1));
}

#[actix_web::test]
async fn a_change_that_fails_leaves_nothing_and_takes_nothing_away() {
    let house = house();
    let file = house.staged(b"bytes");
    let refused = house
        .blobs
        .keep::<(), Refusal, _>(file.clone(), |_, _| Err(Refusal::No))
        .await
        .unwrap_err();
    assert!(matches!(refused, Refusal::No));
    assert_eq!(house.refs(b"bytes").await, None);
    assert_eq!(house.stored(b"bytes"), None);
    assert!(file.path.exists(), "the file is its owner's");
    house.keep("one", b"bytes").await.unwrap();
    house
        .blobs
        .keep::<(), Refusal, _>(file, |_, _| Err(Refusal::No))
        .await
        .unwrap_err();
    assert_eq!(house.refs(b"bytes").await, Some(1));
    assert_eq!(house.stored(b"bytes").unwrap(), b"bytes");
}

#[actix_web::test]
async fn a_file_that_is_not_what_it_is_said_to_be_is_refused() {
    let house = house();
    let right = house.staged(b"bytes");
    let wrong = [
        NewBlob {
            blake3: "no hash".to_owned(),
            ..right.clone()
        },
        NewBlob {
            size: 4,
            ..right.clone()
        },
        NewBlob {
            size: -5,
            ..right.clone()
        },
        NewBlob {
            path: right.path.with_extension("gone"),
            ..right.clone()
        },
    ];
    for file in wrong {
        let refused = house
            .blobs
            .keep(file, |conn, id| hold_as(conn, "one", id))
            .await
            .unwrap_err();
        assert!(
            matches!(
                refused,
                Refusal::Blobs(Error::NotAHash(_) | Error::WrongLength { .. } | Error::Storage(_))
            ),
            "{refused:?}"
        );
    }
    assert_eq!(house.refs(b"bytes").await, None);
    assert_eq!(house.stored(b"bytes"), None);
    let id = house.keep("one", b"bytes").await.unwrap();
    std::fs::write(house.path(b"bytes"), b"byte").unwrap();
    let damaged = house.blobs.open(&hash(b"bytes"), 5).await.unwrap_err();
    assert!(matches!(damaged, Error::WrongLength { actual: 4, .. }));
    let refused = house.keep("two", b"bytes").await.unwrap_err();
    assert!(
        matches!(&refused, Refusal::Blobs(Error::Storage(it)) if it.kind() == std::io::ErrorKind::InvalidData),
        "{refused:?}"
    );
    assert_eq!(house.refs(b"bytes").await, Some(1));
    drop(id);
}

#[actix_web::test]
async fn digests_are_computed_once_for_a_content() {
    let house = house();
    let (told, hear) = std::sync::mpsc::channel();
    let told = std::sync::Mutex::new(told);
    house
        .blobs
        .on_digests(move |id| told.lock().unwrap().send(id.clone()).unwrap());
    let large = vec![7; (256 << 10) + 1];
    let id = house.keep("one", &large).await.unwrap();
    house.keep("two", &large).await.unwrap();
    let workers = house.workers();
    let heard = std::cell::RefCell::new(Vec::new());
    until(|| {
        heard.borrow_mut().extend(hear.try_recv());
        !heard.borrow().is_empty()
    })
    .await;
    workers.stop().await;
    heard.borrow_mut().extend(hear.try_iter());
    assert_eq!(heard.take(), std::slice::from_ref(&id));
    let (sha256, md5) = digests(&house, id).await;
    assert_eq!(
        sha256.unwrap(),
        playhouse_test_support::films::sha256(&large)
    );
    assert_eq!(md5.unwrap().len(), 32);
}

#[actix_web::test]
async fn a_small_content_brings_its_digests_along() {
    let house = house();
    let id = house.keep("one", b"abc").await.unwrap();
    let (sha256, md5) = digests(&house, id).await;
    assert_eq!(
        sha256.unwrap(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(md5.unwrap(), "900150983cd24fb0d6963f7d28e17f72");
    let waiting = house.keep("two", &vec![7; (256 << 10) + 1]).await.unwrap();
    assert_eq!(
        digests(&house, waiting).await,
        (None, None),
        "no worker runs"
    );
}

async fn digests(house: &House, id: BlobId) -> (Option<String>, Option<String>) {
    let read = house.db.read::<_, playhouse::db::Error, _>(move |conn| {
        let row = rows::table.find(&id);
        Ok(row.select((rows::sha256, rows::md5)).first(conn)?)
    });
    read.await.unwrap()
}
