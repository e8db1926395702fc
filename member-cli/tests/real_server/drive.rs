//! `drive WORD`: what lies where, and what moves between here and there.

use playhouse_test_support::{TestApp, text};
use serde_json::{Value, json};

use crate::program::Program;
use crate::tree::{contents, numbers, path};

/// Somebody with a drive and a folder of files here.
pub(crate) async fn house() -> (TestApp, Program) {
    let app = TestApp::start().await;
    let program = Program::of(&app.member("bob").await);
    (app, program)
}

fn write(program: &Program, files: &[(&str, &[u8])]) {
    for (name, bytes) in files {
        let file = program.config().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
}

fn names(listing: &Value) -> Vec<String> {
    let items = listing["items"].as_array().unwrap();
    items.iter().map(|item| text(&item["name"])).collect()
}

#[actix_web::test]
async fn folders_are_made_listed_moved_copied_and_deleted() {
    let (_app, program) = house().await;
    assert_eq!(program.ok(&["drive", "dir"]).await, "Nothing here.\n");
    program
        .ok(&["drive", "mkdir", "/Papers/2026", "My Films"])
        .await;
    let listing = program.ok(&["drive", "ls"]).await;
    assert!(
        listing.contains("My Films/") && listing.contains("Papers/"),
        "{listing}"
    );
    write(&program, &[("a.txt", b"one"), ("b b.txt", b"two")]);
    let files = path(&program.config().join("*.txt"));
    program.ok(&["drive", "put", &files, "/Papers"]).await;

    program
        .ok(&["drive", "mv", "Papers/b b.txt", "/Papers/2026/"])
        .await;
    program
        .ok(&["drive", "mv", "/Papers/a.txt", "/Papers/A.txt"])
        .await;
    program.ok(&["drive", "cp", "/Papers", "/Copy"]).await;
    let copied = program.json(&["drive", "dir", "/Copy/2026"]).await;
    assert_eq!(names(&copied), ["b b.txt"]);
    program.ok(&["drive", "del", "/Papers/*.txt"]).await;
    let left = program.json(&["drive", "dir", "/Papers"]).await;
    assert_eq!(names(&left), ["2026"]);

    let place = program.json(&["drive", "sp"]).await;
    assert_eq!(place["path"], "/");
    // The original, its copy, and what lies in the trash.
    assert_eq!(place["used"], json!(3 * 4));
    assert!(place["quota"].as_i64().unwrap() > 1 << 30);
    assert!(program.ok(&["drive", "sp"]).await.contains("5.00 GiB"));
    assert_eq!(program.ok(&["drive", "pwd"]).await, "/\n");
}

#[actix_web::test]
async fn each_failure_has_its_code() {
    let (_app, program) = house().await;
    write(&program, &[("a.txt", b"one")]);
    let file = path(&program.config().join("a.txt"));
    program.ok(&["drive", "put", &file]).await;
    program.ok(&["drive", "mkdir", "/F"]).await;
    for (words, code) in [
        (&["dir", "/none"][..], 4),
        (&["cd", "/a.txt"], 5),
        (&["cd", "/none"], 4),
        (&["mkdir", "/F"], 5),
        (&["mkdir", "/F\u{1}"], 1),
        (&["del", "/none"], 4),
        (&["del", "/"], 2),
        (&["del", "/x*"], 4),
        (&["mv", "/a.txt", "/none/x"], 4),
        (&["mv", "/a.txt"], 2),
        (&["mv", "/F", "/F"], 5),
        (&["cp", "/a.txt", "/a.txt"], 5),
        (&["get", "/none"], 4),
        (&["get"], 2),
        (&["put", "/nowhere/at all"], 4),
        (&["put", "/dev/null"], 1),
        (&["fly"], 2),
    ] {
        let words = [&["drive"], words].concat();
        program.fails(&words, code).await;
    }
    let nobody = Program::new("http://127.0.0.1:1");
    nobody.fails(&["drive", "dir"], 3).await;
}

#[actix_web::test]
async fn folders_go_there_and_come_back_as_they_were() {
    let (_app, program) = house().await;
    let big = numbers(9 * 1024 * 1024, 1);
    write(
        &program,
        &[
            ("tree/a.txt", b"one"),
            ("tree/empty file", b""),
            ("tree/in/霸王别姬 'quoted\".txt", b"two"),
            ("tree/in/.hidden", b"three"),
            ("tree/in/deep/big.bin", &big),
        ],
    );
    std::fs::create_dir(program.config().join("tree/empty folder")).unwrap();
    for n in 0..40 {
        let name = format!("tree/many/{n:02}.txt");
        write(&program, &[(name.as_str(), name.as_bytes())]);
    }
    let tree = program.config().join("tree");
    let put = program
        .json(&["drive", "put", &path(&tree), "/Backup/"])
        .await;
    assert!(
        put["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["exit_code"] == 0)
    );
    let back = program.config().join("back");
    let got = program
        .json(&["drive", "get", "/Backup/tree", &format!("{}/", path(&back))])
        .await;
    assert_eq!(got["items"].as_array().unwrap().len(), 46);
    assert_eq!(contents(&back.join("tree")), contents(&tree));
    let times = |name: &str| {
        let time =
            |folder: &std::path::Path| folder.join(name).metadata().unwrap().modified().unwrap();
        (time(&tree), time(&back.join("tree")))
    };
    let (there, here) = times("a.txt");
    let apart = here
        .duration_since(there)
        .unwrap_or_else(|it| it.duration());
    assert!(apart.as_millis() < 1, "the time of the file was lost");

    // Again: everything is there already, both ways.
    for words in [
        vec!["drive", "put", tree.to_str().unwrap(), "/Backup"],
        vec!["drive", "get", "/Backup/tree", back.to_str().unwrap()],
    ] {
        let said = program.ok(&words).await;
        assert!(
            said.contains("0 files") && said.contains("45 there already"),
            "{said}"
        );
    }
    // The root itself, by wildcards too.
    let all = program.config().join("all");
    program.ok(&["drive", "get", "/", "-o", &path(&all)]).await;
    assert_eq!(contents(&all.join("Backup/tree")), contents(&tree));
    let some = program.config().join("some");
    program
        .ok(&["drive", "get", "/B*/t*/many/1?.txt", "-o", &path(&some)])
        .await;
    assert_eq!(contents(&some).len(), 10);
}

#[actix_web::test]
async fn one_file_may_get_another_name() {
    let (_app, program) = house().await;
    write(&program, &[("a.txt", b"one")]);
    let file = path(&program.config().join("a.txt"));
    program.ok(&["drive", "put", &file, "/New/b.txt"]).await;
    let listing = program.json(&["drive", "ls", "/New"]).await;
    assert_eq!(names(&listing), ["b.txt"]);
    let target = path(&program.config().join("c.txt"));
    program.ok(&["drive", "get", "New/b.txt", &target]).await;
    assert_eq!(std::fs::read(target).unwrap(), b"one");
}

#[actix_web::test]
async fn names_that_are_taken_are_refused_replaced_or_numbered() {
    let (_app, program) = house().await;
    let file = program.config().join("a.txt");
    let put = |bytes: &'static [u8], rule: &'static str| {
        std::fs::write(&file, bytes).unwrap();
        let words = ["drive".to_owned(), "put".into(), path(&file), "/".into()];
        let rule = ["--on-conflict".to_owned(), rule.into()];
        [words.as_slice(), rule.as_slice()].concat()
    };
    program.ok(&put(b"one", "fail")).await;
    program.ok(&put(b"one", "fail")).await;
    program.fails(&put(b"two", "fail"), 5).await;
    program.ok(&put(b"two", "replace")).await;
    program.ok(&put(b"three", "rename")).await;
    let listing = program.json(&["drive", "dir"]).await;
    assert_eq!(names(&listing).len(), 2);

    let here = program.config().join("here");
    std::fs::create_dir(&here).unwrap();
    std::fs::write(here.join("a.txt"), "mine").unwrap();
    let target = path(&here);
    let get = ["drive", "get", "/a.txt", "-o", &target];
    program.fails(&get, 5).await;
    assert_eq!(std::fs::read(here.join("a.txt")).unwrap(), b"mine");
    program
        .ok(&[&get[..], &["--on-conflict", "rename"]].concat())
        .await;
    assert_eq!(std::fs::read(here.join("a (2).txt")).unwrap(), b"two");
    program
        .ok(&[&get[..], &["--on-conflict", "replace"]].concat())
        .await;
    assert_eq!(std::fs::read(here.join("a.txt")).unwrap(), b"two");
}

#[actix_web::test]
async fn a_word_that_could_be_either_end_is_asked_about() {
    let (_app, program) = house().await;
    write(&program, &[("a.txt", b"a"), ("b.txt", b"b")]);
    let both = [
        path(&program.config().join("a.txt")),
        path(&program.config().join("b.txt")),
    ];
    program
        .ok(&["drive", "put", &both[0], &both[1], "-o", "/"])
        .await;
    let mut command = program.command(&["drive", "put", "a.txt", "b.txt"]);
    let output = command
        .current_dir(program.config())
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let asked = program.fails(&["drive", "get", "a.txt", "b.txt"], 2).await;
    assert!(asked.contains("./b.txt"), "{asked}");
}

#[actix_web::test]
async fn a_drive_that_is_full_says_so() {
    let app = TestApp::start_with(|config| config.drive.quota_bytes = 1000).await;
    let program = Program::of(&app.member("bob").await);
    write(&program, &[("small", &[7; 900]), ("large", &[7; 1001])]);
    let small = path(&program.config().join("small"));
    program
        .fails(&["drive", "put", &path(&program.config().join("large"))], 8)
        .await;
    program.ok(&["drive", "put", &small]).await;
    program.fails(&["drive", "cp", "/small", "/copy"], 8).await;
    let huge = program.config().join("huge");
    std::fs::File::create(&huge)
        .unwrap()
        .set_len(9 << 20)
        .unwrap();
    program.fails(&["drive", "put", &path(&huge)], 8).await;
    let place = program.json(&["drive", "sp"]).await;
    assert_eq!((&place["used"], &place["free"]), (&json!(900), &json!(100)));
}

#[actix_web::test]
async fn one_file_that_fails_does_not_stop_the_others() {
    let (_app, program) = house().await;
    write(&program, &[("tree/a", b"a"), ("tree/b", b"b")]);
    let tree = program.config().join("tree");
    std::os::unix::fs::symlink("/etc/passwd", tree.join("link")).unwrap();
    let outcome = program.run(&["drive", "put", &path(&tree), "--json"]).await;
    assert_eq!(outcome.code, 1, "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let failed = report["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["exit_code"] != 0);
    assert_eq!(failed.count(), 1);
    let listing = program.json(&["drive", "dir", "/tree"]).await;
    assert_eq!(names(&listing), ["a", "b"]);
}
