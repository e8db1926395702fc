//! `drive` as a shell: fed from a pipe, and at a terminal.

use crate::drive::house;
use crate::terminal::Terminal;
use crate::tree::{contents, path};

#[actix_web::test]
async fn a_session_from_a_pipe_does_every_word() {
    let (_app, program) = house().await;
    let here = program.config().join("my files");
    std::fs::create_dir(&here).unwrap();
    std::fs::write(here.join("a b.txt"), "one").unwrap();
    std::fs::write(here.join("c.txt"), "two").unwrap();
    let back = program.config().join("back again");
    let (here, back) = (path(&here), path(&back));
    let script = format!(
        "# a comment\n\
         help\n\
         mkdir Papers 'Old Papers'\n\
         cd Papers\n\
         pwd\n\
         put '{here}'/*.txt .\n\
         dir\n\
         sp\n\
         cp 'a b.txt' '../Old Papers'\n\
         mv c.txt \"d d.txt\"\n\
         get * '{back}/'\n\
         del a\\ b.txt\n\
         cd ..\n\
         ls Old*\n\
         exit\n\
         del /\n"
    );
    let outcome = program.run_with_stdin(&["drive"], &script).await;
    assert_eq!(outcome.code, 0, "{outcome:?}");
    for said in [
        "mkdir",
        "/Papers\n",
        "a b.txt",
        "quota",
        "Put 2 files",
        "Got 2 files",
        "/Papers/d d.txt",
        "in the trash",
    ] {
        assert!(outcome.stdout.contains(said), "{said}: {outcome:?}");
    }
    let names: Vec<_> = contents(back.as_ref()).into_keys().collect();
    assert_eq!(names, ["a b.txt", "d d.txt"]);
    assert!(!outcome.stdout.contains('\u{1b}') && !outcome.stderr.contains('\u{1b}'));
}

#[actix_web::test]
async fn a_word_that_fails_is_told_and_the_next_one_is_done() {
    let (_app, program) = house().await;
    let script = "cd /none\nmkdir /Made\ncd Made\npwd\n";
    let outcome = program.run_with_stdin(&["drive"], script).await;
    assert_eq!(outcome.code, 4, "{outcome:?}");
    assert!(outcome.stdout.ends_with("/Made\n"), "{outcome:?}");
    let mixed = program
        .run_with_stdin(&["drive"], "cd /none\nfly\nget 'x\n")
        .await;
    assert_eq!(mixed.code, 1, "{mixed:?}");
    assert!(mixed.stderr.contains("quote is not closed"), "{mixed:?}");
    let json = program.run_with_stdin(&["drive", "--json"], "pwd\n").await;
    assert!(json.stdout.contains("\"path\": \"/\""), "{json:?}");
}

#[actix_web::test]
async fn the_tab_key_completes_and_the_history_is_kept() {
    let (_app, program) = house().await;
    std::fs::write(program.config().join("a file.txt"), "one").unwrap();
    program.ok(&["drive", "mkdir", "/My Papers"]).await;
    let mut terminal = Terminal::open(&program, &["drive"]);
    terminal.shows("/> ").await;
    // A folder of the drive, with its space.
    terminal.type_in("cd M\t").await;
    terminal.shows("My\\ Papers/").await;
    terminal.type_in("\r").await;
    terminal.shows("/My Papers> ").await;
    // A word, and a file here.
    terminal.type_in("pu\t").await;
    terminal.shows("put ").await;
    terminal
        .type_in(&format!("{}/a\t\r", path(program.config())))
        .await;
    terminal.shows("Put 1 file").await;
    terminal.shows("/My Papers> ").await;
    terminal.type_in("get nothing\r").await;
    terminal.shows("there is no").await;
    terminal.shows("/My Papers> ").await;
    // Ctrl-C forgets the line, the arrow brings the line before back.
    terminal.type_in("del a\u{3}").await;
    terminal.shows("/My Papers> ").await;
    terminal.type_in("dir\r").await;
    terminal.shows("a file.txt").await;
    terminal.shows("/My Papers> ").await;
    terminal.type_in("\u{4}").await;
    assert_eq!(terminal.ends().await, 0);

    let mut again = Terminal::open(&program, &["drive"]);
    again.shows("/> ").await;
    again.type_in("\u{1b}[A").await;
    again.shows("dir").await;
    again.type_in("\r").await;
    again.shows("My Papers/").await;
    again.type_in("exit\r").await;
    assert_eq!(again.ends().await, 0);
}
