//! What a fault leaves behind: files that no row knows, rows whose file is gone, bytes that nobody acknowledged.

use std::io::Write as _;

use playhouse_test_support::{TestApp, problem};
use reqwest::Method;

use super::wire::{account_id, create, offset_of, patch, staged, tus, upload_id};

fn file(app: &TestApp, path: &str) -> std::path::PathBuf {
    let folder = app.data_dir().join("storage/uploads");
    folder.join(upload_id(path).as_str())
}

async fn begun(app: &TestApp, who: &playhouse_test_support::Person) -> String {
    let path = create(who, 10).await;
    let sent = patch(who, &path, 0, "hello").send().await.unwrap();
    assert_eq!(sent.status(), 204);
    assert_eq!(staged(app, &path).unwrap(), b"hello");
    path
}

#[actix_web::test]
async fn the_start_clears_what_no_row_knows_and_what_has_no_file() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (whole, lost, short) = (
        begun(&app, &admin).await,
        begun(&app, &admin).await,
        begun(&app, &admin).await,
    );
    let untouched = create(&admin, 10).await;
    std::fs::remove_file(file(&app, &lost)).unwrap();
    std::fs::write(file(&app, &short), b"hell").unwrap();
    let stray = app.data_dir().join("storage/uploads/stray");
    std::fs::write(&stray, b"x").unwrap();
    app.app().uploads.reconcile().await.unwrap();
    assert!(!stray.exists());
    for gone in [&lost, &short] {
        let head = tus(&admin, Method::HEAD, gone).send().await.unwrap();
        assert_eq!(head.status(), 404);
        assert!(!file(&app, gone).exists());
    }
    assert_eq!(offset_of(&admin, &whole).await, 5);
    assert_eq!(offset_of(&admin, &untouched).await, 0);
    let sent = patch(&admin, &untouched, 0, "hello").send().await.unwrap();
    assert_eq!(sent.status(), 204);
}

#[actix_web::test]
async fn bytes_that_nobody_acknowledged_never_count() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, 10).await;
    // As after a kill: bytes on the disk, and no row that says so.
    std::fs::create_dir_all(file(&app, &path).parent().unwrap()).unwrap();
    let mut staged_file = std::fs::File::create(file(&app, &path)).unwrap();
    staged_file.write_all(b"wrong bytes, and too many").unwrap();
    assert_eq!(offset_of(&admin, &path).await, 0);
    let sent = patch(&admin, &path, 0, "hello").send().await.unwrap();
    assert_eq!(sent.status(), 204);
    assert_eq!(staged(&app, &path).unwrap(), b"hello");
}

#[actix_web::test]
async fn an_upload_whose_hash_was_not_recorded_is_finished_when_it_is_asked_for() {
    use diesel::prelude::*;
    use playhouse::db::schema::uploads;
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, 5).await;
    let sent = patch(&admin, &path, 0, "hello").send().await.unwrap();
    assert_eq!(sent.status(), 204);
    let id = upload_id(&path);
    // As after a kill between the last byte and the hash.
    let key = id.clone();
    app.app()
        .db
        .write::<_, playhouse::db::Error, _>(move |conn| {
            diesel::update(uploads::table.find(&key))
                .set((
                    uploads::state.eq("receiving"),
                    uploads::blake3.eq(None::<String>),
                ))
                .execute(conn)?;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(offset_of(&admin, &path).await, 5);
    let done = app.app().uploads.completed(id, &account_id(&admin)).await;
    let hash = blake3::hash(b"hello").to_hex().to_string();
    assert_eq!(done.unwrap().blake3, hash);
}

#[actix_web::test]
async fn a_house_without_room_says_so_and_makes_nothing() {
    let app = TestApp::start_with(|config| config.uploads.min_free_bytes = u64::MAX / 4).await;
    let admin = app.admin().await;
    let answer = super::creation(&admin, 5).send().await.unwrap();
    problem(answer, 507, "insufficient_storage").await;
    let folder = app.data_dir().join("storage/uploads");
    assert_eq!(std::fs::read_dir(folder).map_or(0, Iterator::count), 0);
}

#[actix_web::test]
async fn a_link_in_the_place_of_a_file_leads_nowhere() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let precious = app.data_dir().join("precious");
    std::fs::write(&precious, b"somebody else's").unwrap();
    let (new, old) = (create(&admin, 10).await, begun(&app, &admin).await);
    // The actor of the second one holds its file open for a while.
    let app = app.restart_with(|_| {}).await;
    let admin = app.sign_in(&admin.name).await;
    for path in [&new, &old] {
        let place = file(&app, path);
        if place.exists() {
            std::fs::remove_file(&place).unwrap();
        }
        std::os::unix::fs::symlink(&precious, &place).unwrap();
    }
    let stray = app.data_dir().join("storage/uploads/stray");
    std::os::unix::fs::symlink(&precious, &stray).unwrap();
    problem(
        patch(&admin, &new, 0, "hello").send().await.unwrap(),
        500,
        "internal",
    )
    .await;
    problem(
        patch(&admin, &old, 5, "there").send().await.unwrap(),
        500,
        "internal",
    )
    .await;
    app.app().uploads.reconcile().await.unwrap();
    assert!(
        stray.symlink_metadata().is_err(),
        "the link is cleared away"
    );
    assert_eq!(std::fs::read(&precious).unwrap(), b"somebody else's");
}
