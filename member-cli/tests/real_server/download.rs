//! `download` and `records`: the wait, the bytes, and going on after a kill.

use std::path::Path;
use std::time::{Duration, Instant};

use playhouse_test_support::films::mp4;
use playhouse_test_support::{Person, TestApp, text};
use serde_json::{Value, json};

use crate::program::Program;
use crate::tree::{blake3_of, kill_in_the_middle, path};
use crate::wire::Wire;

const SIZE: usize = 24 * 1024 * 1024;

/// A film of about [`SIZE`] bytes, each four of them different, so that a part in a wrong place
/// would change the hash.
fn long_film() -> Vec<u8> {
    let mut film = mp4();
    let size = u32::try_from(SIZE).unwrap();
    film.extend_from_slice(&size.to_be_bytes());
    film.extend_from_slice(b"free");
    film.extend((0..(size - 8) / 4).flat_map(u32::to_le_bytes));
    film
}

async fn publish_long(admin: &Person, title: &str) -> Vec<u8> {
    let film = long_film();
    let said = json!({"title": title, "price": 0});
    assert_eq!(
        admin.publish("The Kid.mp4", &film, said).await.status(),
        201
    );
    film
}

async fn house(wait_seconds: i64) -> (TestApp, Person) {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = wait_seconds).await;
    let admin = app.admin().await;
    (app, admin)
}

#[actix_web::test]
async fn a_free_film_comes_after_the_wait_whole_and_verified() {
    let (app, admin) = house(2).await;
    app.publish_film(&admin, "The Kid", 0).await;
    let program = Program::of(&app.member("bob").await);
    let begun = Instant::now();
    let outcome = program
        .run(&[
            "download",
            "The Kid",
            "--json",
            "-o",
            &path(program.config()),
        ])
        .await;
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(begun.elapsed() >= Duration::from_millis(1500));
    assert!(outcome.stderr.contains("begins in 2 s"), "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let file = program.config().join("film.mp4");
    assert_eq!(text(&report["path"]), path(&file));
    assert_eq!(report["verified"], true);
    assert_eq!(text(&report["blake3"]), blake3_of(&file));

    let records = completed_records(&program).await;
    assert_eq!(records.len(), 1);
    let table = program.ok(&["records"]).await;
    assert!(
        table.contains("The Kid") && table.contains("completed"),
        "{table}"
    );
    assert_eq!(leftovers(&program), 0);
}

#[actix_web::test]
async fn a_film_that_is_not_bought_is_refused() {
    let (app, admin) = house(0).await;
    app.publish_film(&admin, "The Kid", 100).await;
    let program = Program::of(&app.member("bob").await);
    program.fails(&["download", "The Kid"], 3).await;
    program.fails(&["download", "Nothing"], 4).await;
    assert_eq!(leftovers(&program), 0);
}

#[actix_web::test]
async fn a_torn_connection_goes_on_where_it_was() {
    let (app, admin) = house(0).await;
    let film = publish_long(&admin, "The Kid").await;
    let wire = Wire::to(&app.url).await;
    wire.cut_after(7 * 1024 * 1024);
    let mut program = Program::of(&app.member("bob").await);
    program.moves_to(&wire.url);
    let file = program.config().join("kid.mp4");
    let outcome = program
        .run(&["download", "The Kid", "-o", &path(&file)])
        .await;
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(wire.cuts() >= 3, "{} cuts", wire.cuts());
    assert!(outcome.stderr.contains("trying again"), "{outcome:?}");
    assert!(std::fs::read(&file).unwrap() == film);
    let records = completed_records(&program).await;
    let sent = records[0]["bytes_sent"].as_u64().unwrap();
    // What was on its way when the wire was cut counts as sent, the whole film again would not fit.
    assert!(sent < film.len() as u64 * 7 / 4, "{sent}");
}

#[actix_web::test]
async fn a_killed_download_goes_on_with_the_same_ticket() {
    let (app, admin) = house(0).await;
    let film = publish_long(&admin, "The Kid").await;
    let wire = Wire::to(&app.url).await;
    wire.pause(10);
    let mut program = Program::of(&app.member("bob").await);
    program.moves_to(&wire.url);
    let file = program.config().join("kid.mp4");
    let command = ["download", "The Kid", "--json", "-o", &path(&file)];
    kill_in_the_middle(&program, &command).await;
    assert!(!file.exists());
    wire.pause(0);
    let outcome = program.run(&command).await;
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert!(report["resumed_at"].as_u64().unwrap() > film.len() as u64 / 10);
    assert!(std::fs::read(&file).unwrap() == film);
    assert_eq!(completed_records(&program).await.len(), 1);
    assert_eq!(leftovers(&program), 0);
}

#[actix_web::test]
async fn a_damaged_part_is_found_and_fetched_again() {
    let (app, admin) = house(0).await;
    let film = publish_long(&admin, "The Kid").await;
    let wire = Wire::to(&app.url).await;
    wire.pause(10);
    let mut program = Program::of(&app.member("bob").await);
    program.moves_to(&wire.url);
    let file = program.config().join("kid.mp4");
    let command = ["download", "The Kid", "-o", &path(&file)];
    kill_in_the_middle(&program, &command).await;
    let part = std::fs::read_dir(program.config())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|it| it == "part"))
        .unwrap();
    let mut bytes = std::fs::read(&part).unwrap();
    bytes[4711] ^= 1;
    std::fs::write(&part, bytes).unwrap();
    wire.pause(0);
    let outcome = program.run(&command).await;
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stderr.contains("starting over"), "{outcome:?}");
    assert!(std::fs::read(&file).unwrap() == film);
}

#[actix_web::test]
async fn bytes_that_are_spoiled_on_the_way_are_never_given_out() {
    let (app, admin) = house(0).await;
    let film = publish_long(&admin, "The Kid").await;
    let wire = Wire::to(&app.url).await;
    wire.spoil_once();
    let mut program = Program::of(&app.member("bob").await);
    program.moves_to(&wire.url);
    let file = program.config().join("kid.mp4");
    let command = ["download", "The Kid", "-o", &path(&file)];
    let outcome = program.run(&command).await;
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stderr.contains("starting over"), "{outcome:?}");
    assert!(std::fs::read(&file).unwrap() == film);
}

#[actix_web::test]
async fn a_file_that_is_there_is_left_alone_unless_asked() {
    let (app, admin) = house(0).await;
    app.publish_film(&admin, "The Kid", 0).await;
    let program = Program::of(&app.member("bob").await);
    let file = program.config().join("kid.mp4");
    std::fs::write(&file, "mine").unwrap();
    let target = path(&file);
    let download = ["download", "The Kid", "-o", &target];
    let refused = program.fails(&download, 5).await;
    assert!(refused.contains("--on-conflict"), "{refused}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");

    let renamed = [download.as_slice(), &["--on-conflict", "rename"]].concat();
    let said = program.ok(&renamed).await;
    assert!(said.contains("kid (2).mp4"), "{said}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");

    let replaced = [download.as_slice(), &["--on-conflict", "replace"]].concat();
    program.ok(&replaced).await;
    let unchanged = program.ok(&download).await;
    assert!(unchanged.contains("here already"), "{unchanged}");
    assert_eq!(
        blake3_of(&file),
        blake3_of(&program.config().join("kid (2).mp4"))
    );
    let nowhere = path(&program.config().join("none/kid.mp4"));
    program
        .fails(&["download", "The Kid", "-o", &nowhere], 4)
        .await;
}

/// The records, once the latest says that it is complete: the server writes that down after the last byte.
async fn completed_records(program: &Program) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let records = program.json(&["records"]).await;
        if records["items"][0]["state"] == "completed" {
            return records["items"].as_array().unwrap().clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{records}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Parts and states that a finished download must not leave.
fn leftovers(program: &Program) -> usize {
    let count = |folder: &Path| {
        std::fs::read_dir(folder).map_or(0, |entries| {
            entries
                .map(|entry| entry.unwrap().file_name())
                .filter(|name| {
                    let name = name.to_string_lossy();
                    name.ends_with(".part") || name.ends_with(".json")
                })
                .count()
        })
    };
    count(program.config()) + count(&program.config().join("downloads"))
}
