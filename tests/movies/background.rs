//! Posters and digests, which follow a film.

use std::os::unix::fs::PermissionsExt as _;

use chrono::TimeDelta;
use playhouse_test_support::films;
use playhouse_test_support::{TestApp, problem, text};
use serde_json::json;

use crate::files;

#[actix_web::test]
async fn digests_and_a_poster_follow() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.publish_film(&admin, "Colours", 0).await;
    app.jobs_done(&admin).await;
    let film = admin.get_json("/movies").await["items"][0].clone();
    let bytes = std::fs::read(&files(&app, "blobs")[0]).unwrap();
    assert_eq!(film["sha256"], films::sha256(&bytes));
    assert_eq!(text(&film["md5"]).len(), 32);
    let poster = format!("/{}", text(&film["poster_url"]));
    let answer = app.nobody().get(&poster).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "image/jpeg");
    let kept = answer.headers()["cache-control"].to_str().unwrap();
    assert!(kept.contains("immutable"), "{kept}");
    let tag = answer.headers()["etag"].clone();
    assert!(
        answer
            .bytes()
            .await
            .unwrap()
            .starts_with(&[0xff, 0xd8, 0xff])
    );
    let again = app
        .nobody()
        .request(reqwest::Method::GET, &poster)
        .header("if-none-match", tag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    let head = app
        .nobody()
        .request(reqwest::Method::HEAD, &poster)
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), 200);
    for wrong in [
        "//media/posters/x.jpg",
        "//media/posters/..%2f..%2fplayhouse.db",
        "//media/posters/00000000000000000000000000000000.jpg",
    ] {
        problem(app.nobody().get(wrong).await, 404, "not_found").await;
    }
    let jobs = admin.get_json("/admin/jobs?state=done").await;
    let kinds: Vec<_> = jobs["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| text(&it["kind"]))
        .collect();
    assert_eq!(
        kinds,
        ["poster"],
        "the digests of so small a film came with it"
    );
    assert_eq!(jobs["items"][0]["movie_id"], film["id"]);
}

#[actix_web::test]
async fn a_poster_is_made_after_a_restart_and_a_failure_can_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let script = |body: &str| {
        let path = folder.path().join("ffmpeg");
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    let hangs = script("touch \"$0.began\"; exec sleep 60");
    let app = TestApp::start_with(|config| config.movies.ffmpeg = hangs.clone()).await;
    let admin = app.admin().await;
    app.publish_film(&admin, "A", 0).await;
    while !folder.path().join("ffmpeg.began").exists() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    script("echo the disk is on fire >&2; exit 1");
    let app = app.restart_with(|_| {}).await;
    let admin = app.sign_in("admin").await;
    let poster = || async {
        let jobs = admin.get_json("/admin/jobs").await;
        let jobs = jobs["items"].as_array().unwrap().clone();
        jobs.into_iter().find(|it| it["kind"] == "poster").unwrap()
    };
    app.jobs_done(&admin).await;
    let failed = poster().await;
    assert_eq!(
        (&failed["state"], &failed["attempts"]),
        (&json!("waiting"), &json!(1))
    );
    assert!(
        text(&failed["last_error"]).contains("the disk is on fire"),
        "{failed}"
    );
    for _ in 0..6 {
        app.advance(TimeDelta::hours(2));
        app.jobs_done(&admin).await;
    }
    let failed = poster().await;
    assert_eq!(
        (&failed["state"], &failed["attempts"]),
        (&json!("failed"), &json!(6))
    );
    let app = app
        .restart_with(|config| config.movies.ffmpeg = "ffmpeg".into())
        .await;
    let admin = app.sign_in("admin").await;
    let retry = format!("/admin/jobs/{}/retry", text(&failed["id"]));
    assert_eq!(admin.post(&retry, json!({})).await.status(), 200);
    app.jobs_done(&admin).await;
    let film = admin.get_json("/movies").await["items"][0].clone();
    assert!(text(&film["poster_url"]).ends_with(".jpg"), "{film}");
    problem(admin.post(&retry, json!({})).await, 409, "conflict").await;
    let nowhere = format!("/admin/jobs/{}/retry", uuid::Uuid::now_v7());
    problem(admin.post(&nowhere, json!({})).await, 404, "not_found").await;
    let ann = app.member("ann").await;
    problem(ann.post(&retry, json!({})).await, 403, "forbidden").await;
    problem(ann.get("/admin/jobs").await, 403, "forbidden").await;
}

#[actix_web::test]
async fn files_that_belong_to_no_film_are_cleared_when_the_server_starts() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.publish_film(&admin, "Kept", 0).await;
    app.jobs_done(&admin).await;
    let kept = [files(&app, "blobs"), files(&app, "posters")].concat();
    let hash = blake3::hash(b"lost").to_hex();
    let storage = app.data_dir().join("storage");
    let lost = storage.join(format!("blobs/{}/{}/{hash}", &hash[..2], &hash[2..4]));
    let picture = storage.join(format!("posters/{}.jpg", "0a".repeat(16)));
    let young = storage.join(format!("posters/{}.jpg", "0b".repeat(16)));
    std::fs::create_dir_all(lost.parent().unwrap()).unwrap();
    for path in [&lost, &picture, &young] {
        std::fs::write(path, b"lost").unwrap();
    }
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    let file = std::fs::File::options().write(true).open(&picture).unwrap();
    file.set_modified(long_ago).unwrap();
    let app = app.restart_with(|_| {}).await;
    for _ in 0..500 {
        if !lost.exists() && !picture.exists() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(!lost.exists() && !picture.exists());
    assert!(young.exists(), "it may be about to be hung");
    assert!(kept.iter().all(|path| path.exists()));
    drop(app);
}
