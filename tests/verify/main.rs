//! `playhouse verify`: it finds every kind of damage, and nothing where there is none, beside a server that works.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod drive;
mod ratings;

use std::process::Output;

use diesel::prelude::*;
use playhouse::db::schema::blobs;
use playhouse::db::{Conn, Error as DbError};
use playhouse_test_support::TestApp;
use playhouse_test_support::films::mp4_number;
use serde_json::{Value, json};
use tokio::process::Command;

/// Runs the command on the house, and answers its findings.
async fn verify(app: &TestApp, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playhouse"));
    command.arg("verify").args(arguments);
    command.arg("--data").arg(app.data_dir());
    if let Some(url) = app.database_url() {
        command.args(["--database-url", url]);
    }
    command.output().await.unwrap()
}

/// The findings, without the summary, and the exit status.
async fn findings(app: &TestApp) -> (Vec<Value>, i32) {
    let output = verify(app, &["--json", "--patience", "2"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let summary = lines.pop().unwrap_or_default();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(summary["summary"]["damage"], lines.len(), "{text}{errors}");
    (lines, output.status.code().unwrap())
}

async fn change(app: &TestApp, work: impl Fn(&mut Conn) -> QueryResult<usize> + Send + 'static) {
    let done = app
        .app()
        .db
        .write::<_, DbError, _>(move |conn| Ok(work(conn)?));
    assert_eq!(done.await.unwrap(), 1);
}

async fn films(app: &TestApp, count: u32) -> Vec<Vec<u8>> {
    let admin = app.admin().await;
    let contents: Vec<Vec<u8>> = (0..count).map(mp4_number).collect();
    for content in &contents {
        let answer = admin.publish("a.mp4", content, json!({})).await;
        assert_eq!(answer.status(), 201);
    }
    app.jobs_done(&admin).await;
    contents
}

fn name(content: &[u8]) -> String {
    blake3::hash(content).to_hex().to_string()
}

#[actix_web::test]
async fn a_house_without_damage_is_clean() {
    let app = TestApp::start().await;
    assert_eq!(findings(&app).await, (vec![], 0), "an empty house, too");
    let contents = films(&app, 3).await;
    assert_eq!(findings(&app).await, (vec![], 0));
    let output = verify(&app, &[]).await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("3 of 3 contents") && said.contains("; 0 damaged"));
    assert_eq!(output.status.code(), Some(0));
    drop(contents);
}

#[actix_web::test]
async fn every_kind_of_damage_to_bytes_is_found() {
    let app = TestApp::start().await;
    let contents = films(&app, 5).await;
    let path = |number: usize| app.blob_path(&contents[number]);
    let size = contents[0].len();
    let mut flipped = contents[0].clone();
    flipped[size / 2] ^= 1;
    std::fs::write(path(0), &flipped).unwrap();
    std::fs::write(path(1), &contents[1][..size - 1]).unwrap();
    std::fs::remove_file(path(2)).unwrap();
    let longer = [&contents[3][..], b"x"].concat();
    std::fs::write(path(3), longer).unwrap();
    let stray = app.blob_path(b"stray");
    std::fs::create_dir_all(stray.parent().unwrap()).unwrap();
    std::fs::write(&stray, b"stray").unwrap();
    let counted = name(&contents[4]);
    change(&app, move |conn| {
        diesel::update(blobs::table.filter(blobs::blake3.eq(&counted)))
            .set(blobs::refs.eq(2))
            .execute(conn)
    })
    .await;
    let mut expected = vec![
        json!({"damage": "wrong_hash", "blake3": name(&contents[0]), "actual": name(&flipped)}),
        json!({"damage": "wrong_length", "blake3": name(&contents[1]), "size": size, "actual": size - 1}),
        json!({"damage": "missing", "blake3": name(&contents[2]), "size": size}),
        json!({"damage": "wrong_length", "blake3": name(&contents[3]), "size": size, "actual": size + 1}),
        json!({"damage": "wrong_count", "blake3": name(&contents[4]), "refs": 2, "holders": 1}),
        json!({"damage": "no_row", "blake3": name(b"stray"), "size": 5}),
    ];
    let (mut found, status) = findings(&app).await;
    let text = |it: &Value| it.to_string();
    expected.sort_by_key(text);
    found.sort_by_key(text);
    assert_eq!((found, status), (expected, 1));
    let output = verify(&app, &["--patience", "0"]).await;
    let said = String::from_utf8(output.stdout).unwrap();
    for words in [
        "wrong hash",
        "wrong length",
        "missing",
        "wrong count",
        "without a row",
        "; 6 damaged",
    ] {
        assert!(said.contains(words), "{said}");
    }
    assert!(stray.exists(), "looking changes nothing");
}

#[actix_web::test]
async fn what_cannot_be_looked_at_is_another_failure() {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_playhouse");
    let empty = Command::new(program)
        .args(["verify", "--data"])
        .arg(folder.path())
        .output()
        .await
        .unwrap();
    assert_eq!(empty.status.code(), Some(2));
    let said = String::from_utf8_lossy(&empty.stderr).into_owned();
    assert!(said.contains("there is no database"), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let wrong = Command::new(program)
        .args(["verify", "--data", "x"])
        .env("PLAYHOUSE__STORAGE__URL", "ftp://x")
        .output()
        .await
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
}

#[actix_web::test]
async fn a_house_at_work_has_no_damage() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    films(&app, 2).await;
    let work = async {
        for number in 100..108 {
            let film: Value = admin
                .publish("a.mp4", &mp4_number(number), json!({}))
                .await
                .json()
                .await
                .unwrap();
            let path = format!("/movies/{}", film["id"].as_str().unwrap());
            admin.delete(&path).await;
            admin.post(&format!("{path}/purge"), json!({})).await;
        }
    };
    let looks = async {
        for _ in 0..3 {
            assert_eq!(findings(&app).await, (vec![], 0));
        }
    };
    tokio::join!(work, looks);
}
