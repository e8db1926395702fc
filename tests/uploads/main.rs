//! Uploads over tus, as a client sees them: what works, what is refused, what a fault leaves behind.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod chaos;
mod crash;
mod defer;
mod drive;
mod faults;
mod flight;
mod full;
mod full_house;
mod house;
mod model;
mod parts;
mod refusals;
mod wire;

use playhouse_test_support::TestApp;
use reqwest::Method;
use wire::{account_id, bytes, create, creation, header, offset_of, patch, staged, tus, upload_id};

#[actix_web::test]
async fn a_file_arrives_in_pieces_and_is_known_by_its_hash() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let film = bytes(3_000_017);
    let path = create(&admin, film.len()).await;
    let mut offset = 0;
    for piece in film.chunks(1_300_000) {
        let answer = patch(&admin, &path, offset, piece.to_vec())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 204);
        offset += piece.len();
        assert_eq!(header(&answer, "upload-offset"), offset.to_string());
        assert_eq!(header(&answer, "tus-resumable"), "1.0.0");
        assert_eq!(offset_of(&admin, &path).await, offset);
    }
    let owner = account_id(&admin);
    let done = app.app().uploads.completed(upload_id(&path), &owner).await;
    let done = done.unwrap();
    assert_eq!(done.blake3, blake3::hash(&film).to_hex().to_string());
    assert_eq!(done.file_name, "film.mp4");
    assert_eq!(done.content_type, "video/mp4");
    assert_eq!(done.size, 3_000_017);
    assert!(std::fs::read(&done.path).unwrap() == film);
    let mut file = std::fs::File::open(&done.path).unwrap();
    let fingerprint = playhouse_api::fingerprint::fingerprint(&mut file).unwrap();
    assert_eq!(done.fingerprint, fingerprint);
}

#[actix_web::test]
async fn the_server_says_what_it_speaks() {
    let app = TestApp::start().await;
    for path in ["/uploads", "/uploads/0197a8c0-0000-7000-8000-000000000000"] {
        let request = app.nobody().request(Method::OPTIONS, path);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 204);
        assert_eq!(header(&answer, "tus-version"), "1.0.0");
        assert_eq!(header(&answer, "tus-resumable"), "1.0.0");
        assert_eq!(
            header(&answer, "tus-extension"),
            "creation,creation-with-upload,creation-defer-length,checksum,expiration,termination,\
             concatenation,concatenation-unfinished"
        );
        assert_eq!(header(&answer, "tus-max-size"), (256_u64 << 30).to_string());
        assert_eq!(
            header(&answer, "tus-checksum-algorithm"),
            "blake3,sha256,sha1,md5"
        );
    }
}

#[actix_web::test]
async fn where_an_upload_stands() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, 5).await;
    let stands = tus(&admin, Method::HEAD, &path).send().await.unwrap();
    assert_eq!(stands.status(), 200);
    assert_eq!(header(&stands, "upload-offset"), "0");
    assert_eq!(header(&stands, "upload-length"), "5");
    assert_eq!(header(&stands, "cache-control"), "no-store");
    assert!(header(&stands, "upload-metadata").starts_with("filename "));
    assert!(header(&stands, "upload-expires").ends_with(" GMT"));
    assert!(stands.bytes().await.unwrap().is_empty());
}

#[actix_web::test]
async fn the_first_bytes_may_come_with_the_creation() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for (sent, whole) in [(40, 100), (100, 100), (0, 7)] {
        let film = bytes(whole);
        let request = creation(&admin, whole).header("Content-Type", wire::STREAM);
        let answer = request.body(film[..sent].to_vec()).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!(header(&answer, "upload-offset"), sent.to_string());
        let path = wire::place(&answer);
        if sent < whole {
            let rest = film[sent..].to_vec();
            let answer = patch(&admin, &path, sent, rest).send().await.unwrap();
            assert_eq!(answer.status(), 204);
        }
        assert!(staged(&app, &path).unwrap() == film);
    }
}

#[actix_web::test]
async fn an_empty_file_is_complete_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, 0).await;
    let owner = account_id(&admin);
    let done = app.app().uploads.completed(upload_id(&path), &owner).await;
    let hash = blake3::hash(b"").to_hex().to_string();
    assert_eq!(done.unwrap().blake3, hash);
}

#[actix_web::test]
async fn every_checksum_is_checked_and_a_wrong_one_keeps_nothing() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, 10).await;
    let mut offset = 0;
    for right in [
        "sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=",
        "blake3 6o8WPbOGgpJeRJHF5Y1Ls1Bu+MFOt4qG6QjFYkpnIA8=",
    ] {
        let wrong = patch(&admin, &path, offset, "hellO").header("Upload-Checksum", right);
        let refused = wrong.send().await.unwrap();
        assert_eq!(header(&refused, "upload-offset"), offset.to_string());
        playhouse_test_support::problem(refused, 460, "checksum_mismatch").await;
        assert_eq!(offset_of(&admin, &path).await, offset);
        let sent = patch(&admin, &path, offset, "hello").header("Upload-Checksum", right);
        assert_eq!(sent.send().await.unwrap().status(), 204);
        offset += 5;
    }
    assert_eq!(staged(&app, &path).unwrap(), b"hellohello");
    let owner = account_id(&admin);
    let done = app.app().uploads.completed(upload_id(&path), &owner).await;
    let hash = blake3::hash(b"hellohello").to_hex().to_string();
    assert_eq!(done.unwrap().blake3, hash);
}

#[actix_web::test]
async fn an_upload_that_is_ended_leaves_nothing() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, 10).await;
    let sent = patch(&admin, &path, 0, "hello").send().await.unwrap();
    assert_eq!(sent.status(), 204);
    let ended = tus(&admin, Method::DELETE, &path).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    assert_eq!(header(&ended, "tus-resumable"), "1.0.0");
    assert_eq!(staged(&app, &path), None);
    for method in [Method::HEAD, Method::DELETE] {
        let answer = tus(&admin, method, &path).send().await.unwrap();
        assert_eq!(answer.status(), 404);
    }
}

#[actix_web::test]
async fn a_complete_upload_is_used_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let owner = account_id(&admin);
    let uploads = &app.app().uploads;
    let path = create(&admin, 5).await;
    let id = upload_id(&path);
    let incomplete = uploads.completed(id.clone(), &owner).await.unwrap_err();
    assert_eq!(incomplete.to_string(), "the upload is not finished");
    patch(&admin, &path, 0, "hello").send().await.unwrap();
    let use_it = |id: playhouse::ids::UploadId| {
        let taken = app
            .app()
            .db
            .write(move |conn| playhouse::transfers::uploads::mark_used_in(conn, &id));
        async move { taken.await.map_err(|error| error.to_string()) }
    };
    let done = uploads.completed(id.clone(), &owner).await.unwrap();
    let other = app.member("bob").await;
    assert!(
        uploads
            .completed(id.clone(), &account_id(&other))
            .await
            .is_err()
    );
    assert_eq!(use_it(id.clone()).await, Ok(()));
    let again = Err("the upload has been used".to_owned());
    assert_eq!(use_it(id.clone()).await, again);
    assert!(uploads.completed(id.clone(), &owner).await.is_err());
    let ended = tus(&admin, Method::DELETE, &path).send().await.unwrap();
    playhouse_test_support::problem(ended, 409, "conflict").await;
    assert!(done.path.exists());
    uploads.discard(&id).await.unwrap();
    assert!(!done.path.exists());
    assert!(uploads.completed(id, &owner).await.is_err());
}
