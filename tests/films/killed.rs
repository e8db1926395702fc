//! `kill -9` in the middle of encoding: ffmpeg dies too, and the next start makes the film.

use std::path::Path;
use std::time::Duration;

use playhouse_test_support::films::made;
use playhouse_test_support::postgres::TestDatabase;
use playhouse_test_support::server::{Server, program};
use playhouse_test_support::{Person, text};
use serde_json::{Value, json};

use crate::stage::{begin, path_of};

fn start(data: &Path, database: Option<&str>) -> Server {
    let mut command = program(env!("CARGO_BIN_EXE_playhouse"));
    command.env("PLAYHOUSE__FILMS__PRESET", "ultrafast");
    Server::start(command, data, database)
}

/// Processes, other than the server itself, that were given a path below this folder.
fn tools(data: &Path) -> usize {
    let work = data.join("storage/work");
    let work = work.to_str().unwrap();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|it| std::fs::read(it.path().join("cmdline")).ok())
        .filter(|line| String::from_utf8_lossy(line).contains(work))
        .count()
}

async fn until(holds: impl Fn() -> bool) {
    for _ in 0..1500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came to be");
}

#[actix_web::test]
async fn a_killed_server_takes_ffmpeg_along_and_the_next_one_makes_the_film() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let database = TestDatabase::create_if_asked();
    let url = database.as_ref().map(|it| it.url.as_str());
    let source = "-f lavfi -i testsrc2=duration=40:size=854x480:rate=25 -c:v mpeg4 -q:v 3";
    let bytes = made("mkv", source);
    let server = start(data, url);
    let admin = server.admin().await;
    let film = begin(&admin, "slow.mkv", &bytes, json!({})).await;
    until(|| tools(data) > 0).await;
    server.kill();
    until(|| tools(data) == 0).await;
    let server = start(data, url);
    let admin = server.admin().await;
    // Long before the lease of the killed one would have run out.
    taken_again(&admin, Duration::from_secs(20)).await;
    for _ in 0..3000 {
        if admin.get_json(&path_of(&film)).await["state"] == "published" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The film is there a moment before its job is through.
    let mut jobs = admin.get_json("/admin/jobs?kind=film").await;
    for _ in 0..600 {
        if jobs["items"][0]["state"] != "running" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        jobs = admin.get_json("/admin/jobs?kind=film").await;
    }
    assert_eq!(jobs["items"][0]["state"], "done", "{jobs}");
    assert_eq!(jobs["items"][0]["attempts"], 2, "{jobs}");
    let work = data.join("storage/work");
    until(|| std::fs::read_dir(&work).unwrap().count() == 0).await;
    drop(server);
    until(|| tools(data) == 0).await;
}

/// Waits until the job of the film is in its second attempt.
async fn taken_again(admin: &Person, patience: Duration) {
    let begun = std::time::Instant::now();
    loop {
        let jobs = admin.get_json("/admin/jobs?kind=film").await;
        if jobs["items"][0]["attempts"] == 2 {
            return;
        }
        assert!(begun.elapsed() < patience, "{jobs}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[actix_web::test]
async fn a_server_that_starts_leaves_the_jobs_of_a_living_one_alone() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let database = TestDatabase::create_if_asked();
    let url = database.as_ref().map(|it| it.url.as_str());
    let source = "-f lavfi -i testsrc2=duration=40:size=854x480:rate=25 -c:v mpeg4 -q:v 3";
    let bytes = made("mkv", source);
    let one = start(data, url);
    let admin = one.admin().await;
    let film = begin(&admin, "slow.mkv", &bytes, json!({})).await;
    until(|| tools(data) > 0).await;
    let other = start(data, url);
    let admin = other.admin().await;
    let its = format!("/admin/jobs?limit=200&movie={}", text(&film["id"]));
    let mut jobs = Value::Null;
    for _ in 0..1200 {
        jobs = admin.get_json(&its).await;
        let is_open = |job: &Value| matches!(text(&job["state"]).as_str(), "waiting" | "running");
        if !jobs["items"].as_array().unwrap().iter().any(is_open) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for job in jobs["items"].as_array().unwrap() {
        let (state, attempts) = (&job["state"], &job["attempts"]);
        assert_eq!((state, attempts), (&json!("done"), &json!(1)), "{job}");
    }
    let shown = admin.get_json(&path_of(&film)).await;
    assert_eq!(shown["state"], "published", "{shown}");
    drop(one);
    drop(other);
}
