//! What is left when the server stops between two steps, and what the next start makes of it.

use std::path::Path;

use diesel::prelude::*;
use playhouse::blobs::Reconciled;
use playhouse::db::schema::blobs as rows;

use crate::{hash, house, until};

fn place(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

#[actix_web::test]
async fn bytes_without_a_row_are_removed_and_a_row_without_bytes_is_reported() {
    let house = house();
    house.keep("kept", b"kept").await.unwrap();
    house.keep("lost", b"lost").await.unwrap();
    place(&house.path(b"placed, and then the power failed"), b"placed");
    let foreign = house.folder.path().join("blobs/notes.txt");
    place(&foreign, b"not ours");
    std::fs::remove_file(house.path(b"lost")).unwrap();
    let report = house.blobs.reconcile().await.unwrap();
    let expected = Reconciled {
        removed: 1,
        missing: 1,
        first_missing: vec![hash(b"lost")],
    };
    assert_eq!(report, expected);
    assert_eq!(house.stored(b"placed, and then the power failed"), None);
    assert_eq!(house.stored(b"kept").unwrap(), b"kept");
    assert!(foreign.exists());
    assert_eq!(
        house.refs(b"lost").await,
        Some(1),
        "its holder is not touched"
    );
    let again = house.blobs.reconcile().await.unwrap();
    assert_eq!((again.removed, again.missing), (0, 1));
    // Whoever brings the bytes again mends it.
    house.keep("found", b"lost").await.unwrap();
    let mended = house.blobs.reconcile().await.unwrap();
    assert_eq!(mended, Reconciled::default());
}

#[actix_web::test]
async fn every_row_is_compared_when_there_are_many() {
    let house = house();
    house.keep("kept", b"kept").await.unwrap();
    let names: Vec<String> = (0..1500_u32).map(|it| hash(&it.to_le_bytes())).collect();
    let now = house.clock.now();
    let added = house.db.write::<_, playhouse::db::Error, _>(move |conn| {
        for name in &names {
            let id = uuid::Uuid::now_v7().to_string();
            diesel::insert_into(rows::table)
                .values((
                    rows::id.eq(id),
                    rows::blake3.eq(name),
                    rows::size.eq(4),
                    rows::created_at.eq(now),
                ))
                .execute(conn)?;
        }
        Ok(())
    });
    added.await.unwrap();
    let report = house.blobs.reconcile().await.unwrap();
    assert_eq!((report.removed, report.missing), (0, 1500));
    assert_eq!(house.stored(b"kept").unwrap(), b"kept");
}

#[actix_web::test]
async fn bytes_that_were_placed_before_a_crash_are_taken_over() {
    let house = house();
    place(&house.path(b"bytes"), b"bytes");
    house.keep("one", b"bytes").await.unwrap();
    assert_eq!(house.refs(b"bytes").await, Some(1));
    let report = house.blobs.reconcile().await.unwrap();
    assert_eq!(report, Reconciled::default());
    assert_eq!(house.stored(b"bytes").unwrap(), b"bytes");
}

#[actix_web::test]
async fn a_caller_that_goes_away_does_not_stop_what_was_begun() {
    let house = house();
    let file = house.staged(b"bytes");
    let (begin, begun) = std::sync::mpsc::channel();
    let begin = std::sync::Mutex::new(begin);
    let blobs = house.blobs.clone();
    let caller = tokio::spawn(async move {
        let kept = blobs.keep(file, move |conn, id| {
            begin.lock().unwrap().send(()).unwrap();
            crate::hold_as(conn, "one", id)
        });
        kept.await
    });
    tokio::task::spawn_blocking(move || begun.recv())
        .await
        .unwrap()
        .unwrap();
    caller.abort();
    for _ in 0..500 {
        if house.refs(b"bytes").await == Some(1) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(house.refs(b"bytes").await, Some(1));
    assert_eq!(house.stored(b"bytes").unwrap(), b"bytes");
}

#[actix_web::test]
async fn the_removal_that_a_crash_prevented_is_made_up_for() {
    let house = house();
    house.keep("one", b"bytes").await.unwrap();
    // No worker runs: the transaction is committed and the bytes are still there.
    house.release("one", 1).await.unwrap();
    assert_eq!(house.stored(b"bytes").unwrap(), b"bytes");
    // Somebody brings them again before the job runs: then they stay.
    house.keep("two", b"bytes").await.unwrap();
    let workers = house.workers();
    house.keep("gone", b"gone").await.unwrap();
    house.release("gone", 1).await.unwrap();
    until(|| house.stored(b"gone").is_none()).await;
    assert_eq!(house.stored(b"bytes").unwrap(), b"bytes");
    workers.stop().await;
}
