//! Files for the drive: reserved when they begin, in their place before the last byte is answered, and nothing is held
//! that no upload holds.

use chrono::TimeDelta;
use playhouse_test_support::{Person, TestApp, problem, wrong_fields};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use super::house::{self as stage, Drive, sums};
use super::wire::{
    STREAM, answer, bytes, header, metadata, offset_of, open_patch, patch, place, staged, tus,
    wait_for_offset,
};

async fn house() -> (TestApp, Drive, Person) {
    house_with(|_| {}).await
}

async fn house_with(
    change: impl FnOnce(&mut playhouse::config::Config),
) -> (TestApp, Drive, Person) {
    let (app, drive) = stage::start(change).await;
    app.admin().await;
    let member = app.member("bob").await;
    (app, drive, member)
}

fn at(path: &str, rule: &str) -> String {
    let pairs = [("purpose", "drive"), ("path", path), ("on_conflict", rule)];
    metadata(&pairs)
}

fn creation(who: &Person, size: usize, path: &str) -> RequestBuilder {
    tus(who, Method::POST, "/uploads")
        .header("Upload-Length", size)
        .header("Upload-Metadata", at(path, "fail"))
}

async fn create(who: &Person, size: usize, path: &str) -> String {
    let answer = creation(who, size, path).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    place(&answer)
}

#[actix_web::test]
async fn a_file_is_in_its_place_when_its_last_byte_is_answered() {
    let (app, drive, bob) = house().await;
    let file = bytes(300_000);
    let path = create(&bob, file.len(), "/a.bin").await;
    assert_eq!(sums(&app, &bob).await, (0, 300_000));
    let half = patch(&bob, &path, 0, file[..100_000].to_vec())
        .send()
        .await
        .unwrap();
    assert_eq!(half.status(), 204);
    assert_eq!(header(&half, "content-location"), "");
    assert_eq!(sums(&app, &bob).await, (0, 300_000));
    let rest = patch(&bob, &path, 100_000, file[100_000..].to_vec())
        .send()
        .await
        .unwrap();
    assert_eq!(rest.status(), 204);
    let entry = drive.find(&bob, "/a.bin").await.unwrap();
    let location = format!("/api/v1/drive/entries/{}", entry.id);
    assert_eq!(header(&rest, "content-location"), location);
    assert_eq!(entry.blake3, blake3::hash(&file).to_hex().to_string());
    assert_eq!(sums(&app, &bob).await, (300_000, 0));
    assert_eq!(staged(&app, &path), None, "the bytes are in one place only");

    let head = tus(&bob, Method::HEAD, &path).send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(header(&head, "upload-offset"), "300000");
    assert_eq!(header(&head, "content-location"), location);
    let again = patch(&bob, &path, 300_000, "").send().await.unwrap();
    assert_eq!(again.status(), 204);
    assert_eq!(header(&again, "content-location"), location);
    let ended = tus(&bob, Method::DELETE, &path).send().await.unwrap();
    problem(ended, 409, "conflict").await;
    app.advance(TimeDelta::hours(49));
    app.app().uploads.sweep().await.unwrap();
    let head = tus(&bob, Method::HEAD, &path).send().await.unwrap();
    assert_eq!(head.status(), 404);
    assert_eq!(sums(&app, &bob).await, (300_000, 0));
}

#[actix_web::test]
async fn small_and_empty_files_are_there_with_their_creation() {
    let (app, drive, bob) = house().await;
    for (name, content) in [("/hello", "hello"), ("/empty", "")] {
        let whole = creation(&bob, content.len(), name).header("Content-Type", STREAM);
        let made = whole.body(content).send().await.unwrap();
        assert_eq!(made.status(), 201);
        let entry = drive.find(&bob, name).await.unwrap();
        let location = format!("/api/v1/drive/entries/{}", entry.id);
        assert_eq!(header(&made, "content-location"), location);
        assert_eq!(header(&made, "upload-offset"), content.len().to_string());
    }
    let made = creation(&bob, 0, "/bare").send().await.unwrap();
    assert_eq!(made.status(), 201);
    assert!(header(&made, "content-location").starts_with("/api/v1/drive/entries/"));
    assert_eq!(sums(&app, &bob).await, (5, 0));
    assert_eq!(files(&app), 0);
}

fn files(app: &TestApp) -> usize {
    let folder = app.data_dir().join("storage/uploads");
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[actix_web::test]
async fn an_empty_body_of_an_empty_file_is_no_surprise() {
    // Once in a while this answered 404.
    let (app, _drive, bob) = house_with(|config| config.server.workers = 2).await;
    let admin = app.sign_in("admin").await;
    for round in 0..60 {
        let film = super::creation(&admin, 0).header("Content-Type", STREAM);
        let name = format!("/{round}");
        let file = creation(&bob, 0, &name).header("Content-Type", STREAM);
        let (film, file) = futures_util::future::join(film.send(), file.send()).await;
        assert_eq!(film.unwrap().status(), 201);
        assert_eq!(file.unwrap().status(), 201);
    }
    let wrong = creation(&bob, 0, "/wrong")
        .header("Content-Type", STREAM)
        .header("Upload-Checksum", "md5 XUFAKrxLKna5cZ2REBfFkg==");
    problem(wrong.send().await.unwrap(), 460, "checksum_mismatch").await;
}

#[actix_web::test]
async fn what_cannot_be_is_refused_at_once_and_reserves_nothing() {
    let (app, _drive, bob) = house().await;
    let made = creation(&bob, 3, "/a").header("Content-Type", STREAM);
    assert_eq!(made.body("abc").send().await.unwrap().status(), 201);
    let taken = creation(&bob, 5, "/a").send().await.unwrap();
    problem(taken, 409, "name_taken").await;
    let much = creation(&bob, 10_000_000, "/b").send().await.unwrap();
    problem(much, 507, "over_quota").await;
    for (said, field) in [
        (metadata(&[("purpose", "drive")]), "path"),
        (at("/a", "perhaps"), "on_conflict"),
        (
            metadata(&[
                ("purpose", "drive"),
                ("path", "/a"),
                ("modified_at", "today"),
            ]),
            "modified_at",
        ),
    ] {
        let request = tus(&bob, Method::POST, "/uploads")
            .header("Upload-Length", 5)
            .header("Upload-Metadata", said);
        let told = problem(request.send().await.unwrap(), 422, "invalid").await;
        assert_eq!(wrong_fields(&told), [field]);
    }
    let reader = json!({"name": "t", "scopes": ["read"]});
    let reader: serde_json::Value = bob.post("/me/tokens", reader).await.json().await.unwrap();
    let reader = app.with_token(&playhouse_test_support::text(&reader["secret"]));
    let refused = creation(&reader, 5, "/c").send().await.unwrap();
    problem(refused, 403, "missing_scope").await;
    let open = create(&bob, 5, "/c").await;
    let refused = patch(&reader, &open, 0, "hello").send().await.unwrap();
    problem(refused, 403, "missing_scope").await;
    let refused = tus(&reader, Method::DELETE, &open).send().await.unwrap();
    problem(refused, 403, "missing_scope").await;
    assert_eq!(offset_of(&reader, &open).await, 0, "looking is reading");
    assert_eq!(sums(&app, &bob).await, (3, 5));
}

#[actix_web::test]
async fn every_way_to_end_an_upload_gives_back_what_it_held() {
    let (app, _drive, bob) = house().await;
    // Ended by its owner.
    let path = create(&bob, 1000, "/a").await;
    patch(&bob, &path, 0, "hello").send().await.unwrap();
    assert_eq!(sums(&app, &bob).await, (0, 1000));
    let ended = tus(&bob, Method::DELETE, &path).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    assert_eq!(sums(&app, &bob).await, (0, 0));
    // Discarded by the house.
    let path = create(&bob, 1000, "/a").await;
    app.app()
        .uploads
        .discard(&super::upload_id(&path))
        .await
        .unwrap();
    assert_eq!(sums(&app, &bob).await, (0, 0));
    // Lost by the disk, as seen at the start.
    let path = create(&bob, 1000, "/a").await;
    patch(&bob, &path, 0, "hello").send().await.unwrap();
    let file = super::upload_id(&path);
    std::fs::remove_file(app.data_dir().join("storage/uploads").join(file.as_str())).unwrap();
    app.app().uploads.reconcile().await.unwrap();
    assert_eq!(sums(&app, &bob).await, (0, 0));
    // A creation whose first bytes are wrong.
    let wrong = creation(&bob, 1000, "/a")
        .header("Content-Type", STREAM)
        .header("Upload-Checksum", "md5 XUFAKrxLKna5cZ2REBfFkg==");
    let wrong = wrong.body("hellO").send().await.unwrap();
    problem(wrong, 460, "checksum_mismatch").await;
    assert_eq!(sums(&app, &bob).await, (0, 0));
    // Expired.
    create(&bob, 1000, "/a").await;
    assert_eq!(sums(&app, &bob).await, (0, 1000));
    app.advance(TimeDelta::hours(49));
    app.app().uploads.sweep().await.unwrap();
    assert_eq!(sums(&app, &bob).await, (0, 0));
    assert_eq!(files(&app), 0);
}

#[actix_web::test]
async fn a_name_that_was_taken_meanwhile_is_told_and_the_bytes_wait() {
    let (app, drive, bob) = house().await;
    let (first, second) = (create(&bob, 5, "/a").await, create(&bob, 6, "/a").await);
    let sent = patch(&bob, &first, 0, "first").send().await.unwrap();
    assert_eq!(sent.status(), 204);
    let late = patch(&bob, &second, 0, "second").send().await.unwrap();
    problem(late, 409, "name_taken").await;
    // It is all there, and still nobody is told that it has its place.
    let head = tus(&bob, Method::HEAD, &second).send().await.unwrap();
    assert_eq!(head.status(), 409);
    assert_eq!(staged(&app, &second).unwrap(), b"second");
    assert_eq!(sums(&app, &bob).await, (5, 6));
    let again = patch(&bob, &second, 6, "").send().await.unwrap();
    problem(again, 409, "name_taken").await;
    // Another name, and no byte is sent again.
    let other = patch(&bob, &second, 6, "").header("Upload-Metadata", at("/b", "fail"));
    let other = other.send().await.unwrap();
    assert_eq!(other.status(), 204);
    let entry = drive.find(&bob, "/b").await.unwrap();
    let location = format!("/api/v1/drive/entries/{}", entry.id);
    assert_eq!(header(&other, "content-location"), location);
    assert_eq!(offset_of(&bob, &second).await, 6);
    assert_eq!(sums(&app, &bob).await, (11, 0));
    // Or nobody comes back for it.
    let third = create(&bob, 5, "/c").await;
    drive.take(&bob, "/c").await;
    let late = patch(&bob, &third, 0, "third").send().await.unwrap();
    problem(late, 409, "name_taken").await;
    assert_eq!(sums(&app, &bob).await, (11, 5));
    app.advance(TimeDelta::hours(49));
    app.app().uploads.sweep().await.unwrap();
    assert_eq!(sums(&app, &bob).await, (11, 0));
    assert_eq!(files(&app), 0);
}

#[actix_web::test]
async fn what_was_all_there_when_the_server_stopped_is_placed_at_the_start() {
    let (app, drive, bob) = house().await;
    let path = create(&bob, 5, "/a").await;
    drive.take(&bob, "/a").await;
    let late = patch(&bob, &path, 0, "hello").send().await.unwrap();
    problem(late, 409, "name_taken").await;
    drive.free(&bob, "/a").await;
    app.app().uploads.reconcile().await.unwrap();
    let entry = drive.find(&bob, "/a").await.unwrap();
    let head = tus(&bob, Method::HEAD, &path).send().await.unwrap();
    assert!(header(&head, "content-location").ends_with(&entry.id));
    assert_eq!(sums(&app, &bob).await, (5, 0));
    assert_eq!(files(&app), 0);
}

#[actix_web::test]
async fn a_lock_an_end_and_an_expiry_midway() {
    let (app, drive, bob) = house().await;
    let admin = app.sign_in("admin").await;
    let size = 5_000_000;
    // Locked: what arrived stays, with what it holds.
    let path = create(&bob, size, "/a").await;
    let mut upload = open_patch(&app, &bob, &path, 0, size).await;
    upload.write_all(&bytes(1_234_567)).await.unwrap();
    wait_for_offset(&bob, &path, 1_234_567).await;
    let account = format!("/admin/accounts/{}", bob.id);
    let locked = admin.patch(&account, json!({"is_locked": true})).await;
    assert_eq!(locked.status(), 200);
    let told = answer(&mut upload).await;
    assert!(told.starts_with("HTTP/1.1 403"), "{told}");
    assert_eq!(sums(&app, &bob).await, (0, 5_000_000));
    admin.patch(&account, json!({"is_locked": false})).await;
    let bob = app.sign_in("bob").await;
    // Another writer takes over.
    let mut first = open_patch(&app, &bob, &path, 1_234_567, size - 1_234_567).await;
    first
        .write_all(&bytes(size)[1_234_567..2_000_000])
        .await
        .unwrap();
    wait_for_offset(&bob, &path, 2_000_000).await;
    let rest = bytes(size)[2_000_000..].to_vec();
    let second = patch(&bob, &path, 2_000_000, rest).send().await.unwrap();
    assert_eq!(second.status(), 204);
    assert!(answer(&mut first).await.starts_with("HTTP/1.1 409"));
    let entry = drive.find(&bob, "/a").await.unwrap();
    assert_eq!(
        entry.blake3,
        blake3::hash(&bytes(size)).to_hex().to_string()
    );
    assert_eq!(sums(&app, &bob).await, (5_000_000, 0));
    // Expired while a body that must prove its checksum is on its way: no offset moves until its end.
    let path = create(&bob, 100_000, "/b").await;
    let checksum = "Upload-Checksum: md5 XUFAKrxLKna5cZ2REBfFkg==\r\n";
    let mut slow = super::wire::open_patch_with(&app, &bob, &path, 0, 100_000, checksum).await;
    slow.write_all(&bytes(50_000)).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    app.advance(TimeDelta::hours(49));
    app.app().uploads.sweep().await.unwrap();
    let told = answer(&mut slow).await;
    assert!(told.starts_with("HTTP/1.1 404"), "{told}");
    assert_eq!(sums(&app, &bob).await, (5_000_000, 0));
    assert_eq!(files(&app), 0);
}

#[actix_web::test]
async fn whole_bodies_of_other_protocols() {
    let (app, drive, bob) = house().await;
    let viewer = stage::viewer(&app, &bob).await;
    let uploads = &app.app().uploads;
    let target = |path: &str| playhouse::transfers::uploads::Target {
        path: path.to_owned(),
        on_conflict: playhouse_api::uploads::OnConflict::Fail,
        modified_at: None,
        if_match: None,
    };
    let body = |text: &'static str| {
        let pieces = text
            .as_bytes()
            .chunks(3)
            .map(|it| Ok::<_, std::io::Error>(it.into()));
        futures_util::stream::iter(pieces.collect::<Vec<_>>())
    };
    let put =
        |path: &'static str, size, text| uploads.put(&viewer, target(path), None, size, body(text));
    assert!(put("/known", Some(5), "hello").await.unwrap().is_new);
    put("/unknown", None, "hello there").await.unwrap();
    put("/empty", None, "").await.unwrap();
    put("/nothing", Some(0), "").await.unwrap();
    assert_eq!(sums(&app, &bob).await, (16, 0));
    let short = put("/short", Some(6), "hello").await.unwrap_err();
    assert_eq!(short.to_string(), "the body did not arrive whole");
    let long = put("/long", Some(4), "hello").await.unwrap_err();
    assert_eq!(long.to_string(), "more bytes than the 4 that were declared");
    let taken = put("/known", Some(5), "again").await.unwrap_err();
    assert!(
        taken.to_string().starts_with("the name is taken"),
        "{taken}"
    );
    let much = put("/much", Some(90_000_000), "").await.unwrap_err();
    assert_eq!(much.to_string(), "the drive has no room");
    let cut = futures_util::stream::iter([
        Ok(bytes::Bytes::from_static(b"hel")),
        Err(std::io::Error::other("gone")),
    ]);
    let cut = uploads.put(&viewer, target("/cut"), None, None, cut).await;
    assert_eq!(
        cut.unwrap_err().to_string(),
        "the body did not arrive whole"
    );
    // Without a length, more than there is room for.
    let endless =
        futures_util::stream::iter((0..9).map(|_| Ok::<_, std::io::Error>(bytes(1 << 20).into())));
    let much = uploads
        .put(&viewer, target("/much"), None, None, endless)
        .await;
    assert_eq!(much.unwrap_err().to_string(), "the drive has no room");
    assert_eq!(sums(&app, &bob).await, (16, 0));
    assert_eq!(files(&app), 0);
    assert_eq!(stage::rows(&app).await, 0, "nobody can ask for them");
    for gone in ["/short", "/long", "/cut", "/much"] {
        assert!(drive.find(&bob, gone).await.is_none());
    }
}
