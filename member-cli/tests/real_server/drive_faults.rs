//! Transfers of the drive that are cut, killed or spoiled, and the same command again.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use playhouse_test_support::{PASSWORD, text};
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::drive::house;
use crate::program::Program;
use crate::tree::{blake3_of, kill_in_the_middle, numbers, path};
use crate::wire::Wire;

const SIZE: usize = 40 * 1024 * 1024;

fn big_file(program: &Program) -> PathBuf {
    let file = program.config().join("big file.bin");
    std::fs::write(&file, numbers(SIZE, 7)).unwrap();
    file
}

/// The one item of a `get` or `put` that must work.
async fn item(program: &Program, words: &[&str]) -> Value {
    let report = program.json(words).await;
    assert_eq!(report["items"].as_array().unwrap().len(), 1, "{report}");
    report["items"][0].clone()
}

async fn entry(program: &Program, path: &str) -> Value {
    program.json(&["drive", "dir", path]).await["items"][0].clone()
}

fn states(program: &Program, folder: &str) -> usize {
    std::fs::read_dir(program.config().join(folder)).map_or(0, Iterator::count)
}

#[actix_web::test]
async fn a_killed_put_goes_on_where_it_was() {
    let (app, mut program) = house().await;
    let file = big_file(&program);
    let wire = Wire::to(&app.url).await;
    wire.pause(10);
    program.moves_to(&wire.url);
    let words = ["drive", "put", &path(&file), "/Films/"];
    kill_in_the_middle(&program, &words).await;
    assert_eq!(states(&program, "uploads"), 1);
    wire.pause(0);
    let sent = item(&program, &words).await;
    assert!(sent["resumed_at"].as_u64().unwrap() >= 8 << 20, "{sent}");
    let entry = entry(&program, "/Films").await;
    assert_eq!(text(&entry["blake3"]), blake3_of(&file));
    assert_eq!(entry["name"], "big file.bin");
    assert_eq!(states(&program, "uploads"), 0);
    let place = program.json(&["drive", "sp"]).await;
    assert_eq!(place["used"], SIZE);
}

#[actix_web::test]
async fn a_file_that_changed_after_the_kill_is_sent_anew() {
    let (app, mut program) = house().await;
    let file = big_file(&program);
    let wire = Wire::to(&app.url).await;
    wire.pause(10);
    program.moves_to(&wire.url);
    let words = ["drive", "put", &path(&file)];
    kill_in_the_middle(&program, &words).await;
    std::fs::write(&file, numbers(SIZE, 8)).unwrap();
    wire.pause(0);
    let sent = item(&program, &words).await;
    assert_eq!(sent["resumed_at"], 0);
    assert_eq!(
        text(&entry(&program, "/").await["blake3"]),
        blake3_of(&file)
    );
}

#[actix_web::test]
async fn a_killed_get_goes_on_where_it_was() {
    let (app, mut program) = house().await;
    let file = big_file(&program);
    program.ok(&["drive", "put", &path(&file)]).await;
    let wire = Wire::to(&app.url).await;
    wire.pause(10);
    program.moves_to(&wire.url);
    let back = program.config().join("back");
    let words = ["drive", "get", "/big file.bin", &path(&back)];
    kill_in_the_middle(&program, &words).await;
    assert!(!back.exists());
    wire.pause(0);
    let got = item(&program, &words).await;
    assert!(
        got["resumed_at"].as_u64().unwrap() > SIZE as u64 / 10,
        "{got}"
    );
    assert_eq!(blake3_of(&back), blake3_of(&file));
    assert_eq!(states(&program, "downloads"), 0);
}

#[actix_web::test]
async fn a_file_that_was_replaced_after_the_kill_is_fetched_anew() {
    let (app, mut program) = house().await;
    let file = big_file(&program);
    program.ok(&["drive", "put", &path(&file)]).await;
    let wire = Wire::to(&app.url).await;
    wire.pause(10);
    program.moves_to(&wire.url);
    let back = program.config().join("back");
    let words = ["drive", "get", "/big file.bin", &path(&back)];
    kill_in_the_middle(&program, &words).await;
    wire.pause(0);
    std::fs::write(&file, numbers(SIZE, 9)).unwrap();
    let replace = ["drive", "put", &path(&file), "--on-conflict", "replace"];
    program.ok(&replace).await;
    let got = item(&program, &words).await;
    assert_eq!(got["resumed_at"], 0);
    assert_eq!(blake3_of(&back), blake3_of(&file));
}

#[actix_web::test]
async fn torn_connections_and_spoiled_bytes_do_no_harm() {
    let (app, mut program) = house().await;
    let file = big_file(&program);
    let wire = Wire::to(&app.url).await;
    wire.cut_after(30 * 1024 * 1024);
    wire.spoil_once();
    program.moves_to(&wire.url);
    program.ok(&["drive", "put", &path(&file)]).await;
    assert!(wire.cuts() > 0);
    let back = program.config().join("back");
    wire.spoil_once();
    let got = program
        .run(&["drive", "get", "/big file.bin", &path(&back)])
        .await;
    assert_eq!(got.code, 0, "{got:?}");
    assert_eq!(blake3_of(&back), blake3_of(&file));
}

/// The server as a process of its own, which can be killed.
struct Server {
    child: Child,
    data: tempfile::TempDir,
    url: String,
}

impl Server {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let (child, url) = Self::launch(&data).await;
        Self { child, data, url }
    }

    /// Kills it as a power cut would, and starts it again on the same data.
    async fn kill_and_restart(&mut self) {
        self.child.start_kill().unwrap();
        self.child.wait().await.unwrap();
        tokio::time::sleep(Duration::from_millis(700)).await;
        (self.child, self.url) = Self::launch(&self.data).await;
    }

    async fn launch(data: &tempfile::TempDir) -> (Child, String) {
        let program =
            PathBuf::from(env!("CARGO_BIN_EXE_playhouse-cli")).with_file_name("playhouse");
        assert!(
            program.exists(),
            "the server is not built: cargo build --bin playhouse"
        );
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(
            child.stdout.take().unwrap(),
        ));
        loop {
            let line = lines.next_line().await.unwrap();
            let line = line.unwrap_or_else(|| unreachable!("the server ended"));
            if let Some(url) = line.strip_prefix("listening on ") {
                let url = url.trim().to_owned();
                // It may go on to print; nobody reads.
                actix_web::rt::spawn(
                    async move { while let Ok(Some(_)) = lines.next_line().await {} },
                );
                return (child, url);
            }
        }
    }
}

#[actix_web::test]
async fn a_killed_server_is_waited_for_both_ways() {
    let mut server = Server::start().await;
    let wire = Wire::to(&server.url).await;
    let program = Program::new(&wire.url);
    let register = ["register", "bob", "--password-stdin"];
    assert_eq!(program.run_with_stdin(&register, PASSWORD).await.code, 0);
    let file = big_file(&program);
    let back = program.config().join("back");
    for words in [
        ["drive", "put", &path(&file), "/"],
        ["drive", "get", "/big file.bin", &path(&back)],
    ] {
        wire.pause(10);
        let child = program.command(&words).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(2500)).await;
        server.kill_and_restart().await;
        wire.leads_to(&server.url);
        wire.pause(0);
        let output = child.wait_with_output().await.unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        assert!(stderr.contains("trying again"), "{stderr}");
    }
    assert_eq!(
        text(&entry(&program, "/").await["blake3"]),
        blake3_of(&file)
    );
    assert_eq!(blake3_of(&back), blake3_of(&file));
}
