//! `movie publish`: what arrives, what is refused, and going on after a kill.

use std::path::Path;

use playhouse_test_support::films::made;
use playhouse_test_support::{TestApp, text};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::films::{film, long_film};
use crate::program::Program;

#[actix_web::test]
async fn a_film_arrives_as_it_is_with_all_that_was_said() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let file = film(program.config(), "The Kid.mp4", 1);
    let published = program
        .json(&[
            "movie",
            "publish",
            &path(&file),
            "--price",
            "4.99",
            "--description",
            "A tramp.",
            "--tag",
            "silent",
            "--tag",
            "1921",
            "--category",
            "Drama",
            "--publish-at",
            "2099-12-24",
            "--wait",
        ])
        .await;
    let movie = &published["items"][0]["movie"];
    assert_eq!(movie["title"], "The Kid");
    assert_eq!(movie["price"], 499);
    assert_eq!(movie["description"], "A tramp.");
    assert_eq!(movie["category"], "Drama");
    assert_eq!(movie["state"], "published");
    assert!(text(&movie["publish_at"]).starts_with("2099-12-24T00:00:00"));
    assert_eq!(text(&movie["blake3"]), blake3_of(&file));
    assert_eq!(movie["size"], std::fs::metadata(&file).unwrap().len());
    assert_eq!(unfinished(&program), 0);
}

#[actix_web::test]
async fn what_is_no_film_is_refused_and_forgotten() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let song = program.config().join("song.m4a");
    std::fs::write(&song, made("m4a", "-f lavfi -i sine=duration=1 -c:a aac")).unwrap();
    let outcome = program
        .run(&["movie", "publish", &path(&song), "--wait"])
        .await;
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(outcome.stderr.contains("no pictures"), "{outcome:?}");
    assert_eq!(unfinished(&program), 0);
}

#[actix_web::test]
async fn the_same_bytes_are_refused_before_the_upload() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let file = film(program.config(), "one.mp4", 2);
    program.ok(&["movie", "publish", &path(&file)]).await;
    let copy = program.config().join("another name.mp4");
    std::fs::copy(&file, &copy).unwrap();
    let outcome = program.run(&["movie", "publish", &path(&copy)]).await;
    assert_eq!(outcome.code, 5, "{outcome:?}");
    assert!(
        outcome.stderr.contains("already here as one"),
        "{outcome:?}"
    );
    // Nothing was sent: progress would have said so.
    assert!(!outcome.stderr.contains('%'), "{outcome:?}");
}

#[actix_web::test]
async fn several_files_are_published_whatever_happens_to_one() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let files = [
        film(program.config(), "a.mp4", 3),
        program.config().join("none.mp4"),
        film(program.config(), "b.mp4", 4),
    ];
    let files: Vec<_> = files.iter().map(|file| path(file)).collect();
    let arguments = [
        &["movie", "publish", "--json"],
        files
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .as_slice(),
    ]
    .concat();
    let outcome = program.run(&arguments).await;
    assert_eq!(outcome.code, 1, "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let codes: Vec<_> = report["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["exit_code"].clone())
        .collect();
    assert_eq!(codes, [json!(0), json!(1), json!(0)]);
    assert_eq!(
        program.json(&["movie", "list"]).await["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let title = [arguments.as_slice(), &["--title", "X"]].concat();
    program.fails(&title, 2).await;
}

#[actix_web::test]
async fn what_is_not_a_film_is_refused_and_nothing_is_kept() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let text_file = program.config().join("text.mp4");
    std::fs::write(&text_file, "this is not a film\n".repeat(1000)).unwrap();
    let refused = program
        .fails(&["movie", "publish", &path(&text_file)], 1)
        .await;
    assert!(refused.contains("video"), "{refused}");
    assert_eq!(unfinished(&program), 0);
    let empty = program.config().join("empty.mp4");
    std::fs::write(&empty, "").unwrap();
    program.fails(&["movie", "publish", &path(&empty)], 1).await;
    program
        .fails(&["movie", "publish", &path(program.config())], 2)
        .await;
    for price in ["-1", "1.999", "free"] {
        program
            .fails(
                &["movie", "publish", &path(&text_file), "--price", price],
                2,
            )
            .await;
    }
    assert_eq!(program.json(&["movie", "list"]).await["items"], json!([]));
}

#[actix_web::test]
async fn a_refused_title_costs_no_second_upload() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let file = film(program.config(), "a.mp4", 5);
    let endless = "x".repeat(5000);
    program
        .fails(&["movie", "publish", &path(&file), "--title", &endless], 1)
        .await;
    assert_eq!(unfinished(&program), 1);
    let outcome = program
        .run(&["movie", "publish", &path(&file), "--title", "Short"])
        .await;
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(
        outcome.stderr.contains("100%") && outcome.stderr.lines().count() == 1,
        "{outcome:?}"
    );
    assert_eq!(unfinished(&program), 0);
}

#[actix_web::test]
async fn a_killed_upload_goes_on_where_it_stopped() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let file = long_film(program.config(), "long.mp4", 6, 200 * 1024 * 1024);
    let reached = kill_in_the_middle(&program, &file).await;
    assert_eq!(unfinished(&program), 1);
    assert_eq!(program.json(&["movie", "list"]).await["items"], json!([]));

    // The file may be renamed meanwhile: it is known by its content.
    let renamed = program.config().join("renamed.mp4");
    std::fs::rename(&file, &renamed).unwrap();
    let outcome = program
        .run(&["movie", "publish", &path(&renamed), "--json"])
        .await;
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let goes_on = percent(outcome.stderr.lines().next().unwrap()).unwrap();
    assert!(
        goes_on >= reached,
        "stopped at {reached}%, went on at {goes_on}%"
    );
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let movie = &report["items"][0]["movie"];
    assert_eq!(text(&movie["blake3"]), blake3_of(&renamed));
    assert_eq!(movie["title"], "renamed");
    assert_eq!(unfinished(&program), 0);
}

#[actix_web::test]
async fn two_admins_with_the_same_film_publish_it_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (one, two) = (Program::of(&admin, &app), Program::of(&admin, &app));
    let file = long_film(one.config(), "a.mp4", 7, 20 * 1024 * 1024);
    let arguments = ["movie".to_owned(), "publish".to_owned(), path(&file)];
    let mut children = [
        one.command(&arguments).spawn().unwrap(),
        two.command(&arguments).spawn().unwrap(),
    ];
    let mut codes = Vec::new();
    for child in &mut children {
        codes.push(child.wait().await.unwrap().code().unwrap());
    }
    codes.sort_unstable();
    assert_eq!(codes, [0, 5]);
    assert_eq!(
        one.json(&["movie", "list"]).await["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

/// Starts to publish, kills the program when at least a tenth is durable, and returns the percent
/// that it told last.
async fn kill_in_the_middle(program: &Program, file: &Path) -> u64 {
    let mut child = program
        .command(&["movie", "publish", &path(file)])
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut reached = 0;
    while reached < 10 {
        let line = lines
            .next_line()
            .await
            .unwrap()
            .expect("it ended before it was killed");
        reached = percent(&line).unwrap_or(reached);
    }
    child.start_kill().unwrap();
    assert_eq!(
        child.wait().await.unwrap().code(),
        None,
        "it was not killed, it ended"
    );
    reached
}

/// The number of `long.mp4: 40%`.
fn percent(line: &str) -> Option<u64> {
    line.rsplit(' ').next()?.strip_suffix('%')?.parse().ok()
}

fn unfinished(program: &Program) -> usize {
    std::fs::read_dir(program.config().join("uploads")).map_or(0, Iterator::count)
}

fn blake3_of(file: &Path) -> String {
    blake3::hash(&std::fs::read(file).unwrap())
        .to_hex()
        .to_string()
}

fn path(file: &Path) -> String {
    file.to_str().unwrap().to_owned()
}
