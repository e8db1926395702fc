//! Uploads in flight: who takes over from whom, what ends them, what their owner hears.

use std::time::Duration;

use playhouse::events::{Audience, Push};
use playhouse_api::events::{Event, TransferKind, TransferState};
use playhouse_test_support::{Person, TestApp, problem};
use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::broadcast::Receiver;

use super::wire::{
    HELD, account_id, answer, bytes, create, offset_of, open_patch, open_patch_with, patch, staged,
    tus, wait_for_offset,
};

const SIZE: usize = 5_000_000;

#[actix_web::test]
async fn what_arrived_before_the_connection_broke_is_kept() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let film = bytes(SIZE);
    let path = create(&admin, SIZE).await;
    let mut first = open_patch(&app, &admin, &path, 0, SIZE).await;
    first.write_all(&film[..3_333_333]).await.unwrap();
    drop(first);
    let (mut before, mut offset) = (0, 0);
    while offset < 3_333_333 - HELD || offset != before {
        tokio::time::sleep(Duration::from_millis(100)).await;
        before = std::mem::replace(&mut offset, offset_of(&admin, &path).await);
    }
    assert!((3_333_333 - HELD..=3_333_333).contains(&offset), "{offset}");
    let rest = film[offset..].to_vec();
    let sent = patch(&admin, &path, offset, rest).send().await.unwrap();
    assert_eq!(sent.status(), 204);
    assert!(staged(&app, &path).unwrap() == film);
}

#[actix_web::test]
async fn what_could_not_prove_its_checksum_is_not_kept() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, SIZE).await;
    let checksum = "Upload-Checksum: md5 XUFAKrxLKna5cZ2REBfFkg==\r\n";
    let mut first = open_patch_with(&app, &admin, &path, 0, SIZE, checksum).await;
    first.write_all(&bytes(3_000_000)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(offset_of(&admin, &path).await, 0);
    drop(first);
    for _ in 0..100 {
        if staged(&app, &path).is_some_and(|it| it.is_empty()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(offset_of(&admin, &path).await, 0);
    assert_eq!(staged(&app, &path).unwrap(), b"");
}

#[actix_web::test]
async fn the_offset_includes_what_is_arriving() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, SIZE).await;
    let mut first = open_patch(&app, &admin, &path, 0, SIZE).await;
    first.write_all(&bytes(2_500_000)).await.unwrap();
    wait_for_offset(&admin, &path, 2_500_000).await;
    assert!(staged(&app, &path).unwrap() == bytes(2_500_000));
}

#[actix_web::test]
async fn a_second_writer_takes_over() {
    let app = TestApp::start_with(|config| config.server.workers = 2).await;
    let admin = app.admin().await;
    let film = bytes(SIZE);
    let path = create(&admin, SIZE).await;
    let mut first = open_patch(&app, &admin, &path, 0, SIZE).await;
    first.write_all(&film[..2_000_000]).await.unwrap();
    wait_for_offset(&admin, &path, 2_000_000).await;
    let astray = patch(&admin, &path, 1, "x").send().await.unwrap();
    problem(astray, 409, "offset_mismatch").await;
    first.write_all(&film[2_000_000..2_100_000]).await.unwrap();
    wait_for_offset(&admin, &path, 2_100_000).await;
    let rest = film[2_100_000..].to_vec();
    let second = patch(&admin, &path, 2_100_000, rest).send().await.unwrap();
    assert_eq!(second.status(), 204);
    let told = answer(&mut first).await;
    assert!(told.starts_with("HTTP/1.1 409"), "{told}");
    assert!(told.contains("\"conflict\""), "{told}");
    assert!(staged(&app, &path).unwrap() == film);
    let owner = account_id(&admin);
    let done = app.app().uploads.completed(super::upload_id(&path), &owner);
    let hash = blake3::hash(&film).to_hex().to_string();
    assert_eq!(done.await.unwrap().blake3, hash);
}

#[actix_web::test]
async fn many_writers_at_once_leave_one_whole_file() {
    let app = TestApp::start_with(|config| config.server.workers = 2).await;
    let admin = app.admin().await;
    let film = bytes(1_500_000);
    let path = create(&admin, film.len()).await;
    let writers = (0..12).map(|_| async {
        let sent = patch(&admin, &path, 0, film.clone()).send().await.unwrap();
        sent.status().as_u16()
    });
    let told = futures_util::future::join_all(writers).await;
    assert!(told.iter().all(|it| matches!(it, 204 | 409)), "{told:?}");
    assert_eq!(told.iter().filter(|it| **it == 204).count(), 1, "{told:?}");
    assert!(staged(&app, &path).unwrap() == film);
}

#[actix_web::test]
async fn locking_an_account_ends_its_uploads_and_keeps_what_arrived() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let other = app.member("eve").await;
    let role = format!("/admin/accounts/{}", other.id);
    let made = admin.patch(&role, json!({"role": "admin"})).await;
    assert_eq!(made.status(), 200);
    let path = create(&other, SIZE).await;
    let mut upload = open_patch(&app, &other, &path, 0, SIZE).await;
    upload.write_all(&bytes(1_234_567)).await.unwrap();
    wait_for_offset(&other, &path, 1_234_567).await;
    upload.write_all(&bytes(1_000)).await.unwrap();
    let locked = admin.patch(&role, json!({"is_locked": true})).await;
    assert_eq!(locked.status(), 200);
    let told = answer(&mut upload).await;
    assert!(told.starts_with("HTTP/1.1 403"), "{told}");
    assert!(told.contains("account_locked"), "{told}");
    assert!(staged(&app, &path).unwrap().len() >= 1_234_567);
    let back = admin.patch(&role, json!({"is_locked": false})).await;
    assert_eq!(back.status(), 200);
    let other = app.sign_in("eve").await;
    assert!(offset_of(&other, &path).await >= 1_234_567);
}

#[actix_web::test]
async fn signing_out_ends_the_uploads_of_that_session_alone() {
    let app = TestApp::start().await;
    let first = app.admin().await;
    let second = app.sign_in("admin").await;
    let (one, two) = (create(&first, SIZE).await, create(&second, SIZE).await);
    let mut ending = open_patch(&app, &first, &one, 0, SIZE).await;
    let mut staying = open_patch(&app, &second, &two, 0, SIZE).await;
    ending.write_all(b"abc").await.unwrap();
    staying.write_all(b"abc").await.unwrap();
    wait_for_offset(&second, &one, 3).await;
    wait_for_offset(&second, &two, 3).await;
    assert_eq!(first.delete("/sessions/current").await.status(), 204);
    let told = answer(&mut ending).await;
    assert!(told.starts_with("HTTP/1.1 401"), "{told}");
    staying.write_all(b"def").await.unwrap();
    wait_for_offset(&second, &two, 6).await;
}

#[actix_web::test]
async fn deleting_an_upload_ends_the_request_that_writes() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, SIZE).await;
    let mut upload = open_patch(&app, &admin, &path, 0, SIZE).await;
    upload.write_all(&bytes(1_500_000)).await.unwrap();
    wait_for_offset(&admin, &path, 1_500_000).await;
    let ended = tus(&admin, Method::DELETE, &path).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    let told = answer(&mut upload).await;
    assert!(told.starts_with("HTTP/1.1 404"), "{told}");
    assert_eq!(staged(&app, &path), None);
}

#[actix_web::test]
async fn a_stopping_server_records_what_arrived() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, SIZE).await;
    let mut upload = open_patch(&app, &admin, &path, 0, SIZE).await;
    upload.write_all(&bytes(1_500_000)).await.unwrap();
    wait_for_offset(&admin, &path, 1_500_000).await;
    upload.write_all(&bytes(700)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    app.app().uploads.pause_all().await;
    let told = answer(&mut upload).await;
    assert!(told.starts_with("HTTP/1.1 503"), "{told}");
    assert!(told.to_lowercase().contains("retry-after"), "{told}");
    assert!(offset_of(&admin, &path).await >= 1_500_000);
    let late = patch(&admin, &path, offset_of(&admin, &path).await, "x");
    problem(late.send().await.unwrap(), 503, "unavailable").await;
}

#[actix_web::test]
async fn admins_see_how_many_uploads_are_received() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, SIZE).await;
    let becomes = async |count: i64| {
        let begun = std::time::Instant::now();
        while admin.get_json("/admin/stats").await["live"]["uploads"] != count {
            assert!(begun.elapsed() < Duration::from_secs(20), "never {count}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    becomes(0).await;
    let mut upload = open_patch(&app, &admin, &path, 0, SIZE).await;
    upload.write_all(&bytes(1_200_000)).await.unwrap();
    becomes(1).await;
    drop(upload);
    becomes(0).await;
}

#[actix_web::test]
async fn a_body_that_stalls_is_ended_and_kept() {
    let app = TestApp::start_with(|config| config.uploads.stall_seconds = 1).await;
    let admin = app.admin().await;
    let path = create(&admin, SIZE).await;
    let mut upload = open_patch(&app, &admin, &path, 0, SIZE).await;
    upload.write_all(&bytes(1_200_000)).await.unwrap();
    let told = answer(&mut upload).await;
    assert!(told.starts_with("HTTP/1.1 408"), "{told}");
    assert!(told.contains("upload-offset: 1200000"), "{told}");
    assert_eq!(offset_of(&admin, &path).await, 1_200_000);
}

/// What the owner was told of an upload since the last time.
fn heard(pushes: &mut Receiver<Push>, owner: &Person) -> Vec<(i64, TransferState)> {
    let mut heard = Vec::new();
    while let Ok(push) = pushes.try_recv() {
        assert_eq!(push.to, Audience::Account(account_id(owner)));
        if let Event::Transfer(event) = &*push.event {
            assert_eq!(event.kind, TransferKind::Upload);
            assert_eq!(event.size, Some(SIZE as i64));
            heard.push((event.sent, event.state));
        }
    }
    heard
}

#[actix_web::test]
async fn a_body_that_drips_is_ended_and_kept() {
    let app = TestApp::start_with(|config| config.uploads.stall_seconds = 2).await;
    let admin = app.admin().await;
    let path = create(&admin, SIZE).await;
    let mut upload = open_patch(&app, &admin, &path, 0, SIZE).await;
    let begun = std::time::Instant::now();
    let mut sent = 0;
    // Never as long without a byte as it may stall.
    while begun.elapsed() < Duration::from_secs(12) && upload.write_all(b"drip").await.is_ok() {
        sent += 4;
        let mut byte = [0];
        let told = tokio::time::timeout(Duration::from_millis(300), upload.peek(&mut byte)).await;
        if told.is_ok() {
            break;
        }
    }
    let told = answer(&mut upload).await;
    assert!(told.starts_with("HTTP/1.1 408"), "{told}");
    let offset = offset_of(&admin, &path).await;
    assert!((1..=sent).contains(&offset), "{offset} of {sent}");
}

#[actix_web::test]
async fn the_owner_hears_how_it_goes() {
    let step = 1_000_000;
    let app = TestApp::start_with(|config| config.uploads.checkpoint_bytes = step).await;
    let admin = app.admin().await;
    let mut pushes = app.app().events.subscribe();
    let path = create(&admin, SIZE).await;
    let film = bytes(SIZE);
    let mut upload = open_patch(&app, &admin, &path, 0, SIZE).await;
    for piece in film.chunks(1_700_000) {
        upload.write_all(piece).await.unwrap();
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    let told = answer(&mut upload).await;
    assert!(told.starts_with("HTTP/1.1 204"), "{told}");
    let heard = heard(&mut pushes, &admin);
    assert!(heard.is_sorted_by_key(|(sent, _)| *sent), "{heard:?}");
    assert_eq!(heard.last(), Some(&(SIZE as i64, TransferState::Completed)));
    let under_way = |it: &&(i64, TransferState)| it.1 == TransferState::Running && it.0 > 0;
    assert!(heard.iter().filter(under_way).count() >= 2, "{heard:?}");
}

#[actix_web::test]
async fn what_arrived_is_not_told_before_it_is_durable() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut pushes = app.app().events.subscribe();
    let path = create(&admin, SIZE).await;
    let mut upload = open_patch(&app, &admin, &path, 0, SIZE).await;
    upload.write_all(&bytes(1_700_000)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(heard(&mut pushes, &admin), [(0, TransferState::Running)]);
    // Whoever asks makes what arrived durable.
    let durable = offset_of(&admin, &path).await as i64;
    tokio::time::sleep(Duration::from_millis(600)).await;
    let told = heard(&mut pushes, &admin);
    assert_eq!(told.first(), Some(&(durable, TransferState::Running)));
}

#[actix_web::test]
async fn whoever_asks_while_the_last_byte_is_recorded_gets_the_finished_upload() {
    let app = TestApp::start_with(|config| config.server.workers = 2).await;
    let admin = app.admin().await;
    let owner = account_id(&admin);
    let film = bytes(SIZE);
    let path = create(&admin, SIZE).await;
    let id = super::upload_id(&path);
    let uploads = &app.app().uploads;
    let asking = async {
        loop {
            match uploads.completed(id.clone(), &owner).await {
                Ok(done) => return done,
                Err(error) => assert_eq!(error.to_string(), "the upload is not finished"),
            }
        }
    };
    let sending = async { patch(&admin, &path, 0, film.clone()).send().await.unwrap() };
    let (done, sent) = futures_util::future::join(asking, sending).await;
    assert_eq!(sent.status(), 204);
    assert_eq!(done.blake3, blake3::hash(&film).to_hex().to_string());
    let retry = patch(&admin, &path, SIZE, "").send().await.unwrap();
    assert_eq!(retry.status(), 204);
}
