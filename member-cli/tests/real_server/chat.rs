//! `chat`: between pipes, at a terminal, and while the server is away.

use std::time::Duration;

use playhouse_test_support::{Person, TestApp, text};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};

use crate::program::Program;
use crate::terminal::Terminal;
use crate::wire::Wire;

const PATIENCE: Duration = Duration::from_secs(20);
const ROOM: &str = "Film club";

/// The room with anna, who made it, and ben.
async fn club(app: &TestApp) -> (Person, Person, String) {
    let (anna, ben) = (app.member("anna").await, app.member("ben").await);
    let made: Value = anna
        .post("/rooms", json!({"name": ROOM}))
        .await
        .json()
        .await
        .unwrap();
    let joined = ben.post("/rooms/join", json!({"name": ROOM})).await;
    assert_eq!(joined.status(), 200);
    (anna, ben, text(&made["id"]))
}

async fn say(who: &Person, room: &str, body: &str) -> Value {
    let id = uuid::Uuid::now_v7().to_string();
    let message = json!({"client_msg_id": id, "body": body});
    let answer = who.post(&format!("/rooms/{room}/messages"), message).await;
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}

/// The texts of the messages of a room, in order.
async fn bodies(who: &Person, room: &str) -> Vec<String> {
    let page = who
        .get_json(&format!("/rooms/{room}/messages?limit=200"))
        .await;
    let items = page["items"].as_array().unwrap();
    items.iter().map(|it| text(&it["body"])).collect()
}

/// The program between pipes.
struct Talker {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    stderr: ChildStderr,
    seen: String,
    told: String,
}

impl Talker {
    fn start(program: &Program, arguments: &[&str]) -> Self {
        let mut child = program.command(arguments).spawn().unwrap();
        Self {
            stdin: child.stdin.take(),
            stdout: child.stdout.take().unwrap(),
            stderr: child.stderr.take().unwrap(),
            child,
            seen: String::new(),
            told: String::new(),
        }
    }

    async fn types(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(line.as_bytes()).await.unwrap();
    }

    /// Waits until `text` is on stdout or on stderr.
    async fn shows(&mut self, text: &str) {
        let waiting = async {
            let (mut out, mut err) = ([0; 4096], [0; 4096]);
            while !self.seen.contains(text) && !self.told.contains(text) {
                tokio::select! {
                    read = self.stdout.read(&mut out) => {
                        let read = read.unwrap();
                        assert!(read > 0, "{} {}", self.seen, self.told);
                        self.seen.push_str(&String::from_utf8_lossy(&out[..read]));
                    }
                    read = self.stderr.read(&mut err) => {
                        let read = read.unwrap();
                        assert!(read > 0, "{} {}", self.seen, self.told);
                        self.told.push_str(&String::from_utf8_lossy(&err[..read]));
                    }
                }
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(
            waited.is_ok(),
            "no {text:?} in {:?} {:?}",
            self.seen,
            self.told
        );
    }

    /// Ends stdin; the exit code.
    async fn ends(mut self) -> (i32, String, String) {
        drop(self.stdin.take());
        let rest = async {
            self.stdout.read_to_string(&mut self.seen).await.unwrap();
            self.stderr.read_to_string(&mut self.told).await.unwrap();
            self.child.wait().await.unwrap()
        };
        let status = tokio::time::timeout(PATIENCE, rest).await.unwrap();
        (status.code().unwrap(), self.seen, self.told)
    }
}

#[actix_web::test]
async fn lines_from_a_pipe_are_said_in_order_and_durable_at_the_end() {
    let app = TestApp::start().await;
    let (anna, ben, room) = club(&app).await;
    say(&anna, &room, "Tonight at eight?").await;
    let program = Program::of(&ben);
    let script = "One\n\n//two\n/edit 4 One, really\n/reply 3 Yes\n/history 1\n/who\n/help\n";
    let outcome = program.run_with_stdin(&["chat", "film club"], script).await;
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(
        bodies(&anna, &room).await,
        ["Tonight at eight?", "One, really", "/two", "Yes"]
    );
    for said in [
        "  anna: Tonight at eight?\n",
        "   4 ",
        "  ben: One\n",
        "  ben: /two\n",
        "* ben changed 4: One, really\n",
        "  ben (to 3): Yes\n",
        "* anna joined\n",
        "     anna: away, owner\n",
        "     ben: you, member\n",
        "/reply N TEXT",
    ] {
        assert!(outcome.stdout.contains(said), "{said:?}: {outcome:?}");
    }
    assert!(outcome.stderr.contains("-- new --"), "{outcome:?}");
    assert!(!outcome.stdout.contains('\u{1b}') && !outcome.stderr.contains('\u{1b}'));
    // What was shown is read.
    let listed = ben.get_json("/rooms").await;
    assert_eq!(listed["items"][0]["unread"], 0, "{listed}");
}

#[actix_web::test]
async fn what_cannot_be_said_is_told_and_is_the_exit_code() {
    let app = TestApp::start().await;
    let (anna, ben, room) = club(&app).await;
    let annas = say(&anna, &room, "Mine").await["seq"].as_i64().unwrap();
    let program = Program::of(&ben);
    let script = format!("/edit {annas} Ours\n/fly\nStill here\n");
    let outcome = program.run_with_stdin(&["chat", ROOM], &script).await;
    assert_eq!(outcome.code, 3, "{outcome:?}");
    assert!(outcome.stderr.contains("not changed: "), "{outcome:?}");
    assert!(outcome.stderr.contains("/fly is no command"), "{outcome:?}");
    assert_eq!(bodies(&anna, &room).await, ["Mine", "Still here"]);
    program.fails(&["chat", "Nothing"], 4).await;
    program.fails(&["chat", "@anna"], 4).await;
    Program::new("http://127.0.0.1:1")
        .fails(&["chat", ROOM], 3)
        .await;
}

#[actix_web::test]
async fn scripts_read_one_event_a_line() {
    let app = TestApp::start().await;
    let (anna, ben, room) = club(&app).await;
    say(&anna, &room, "Before").await;
    let program = Program::of(&ben);
    let mut listener = Talker::start(&program, &["chat", ROOM, "--json", "--watch"]);
    listener.shows("\"Before\"").await;
    say(&anna, &room, "Two\nlines").await;
    listener.shows("\"Two\\nlines\"").await;
    for line in listener.seen.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert!(event["seq"].is_i64(), "{event}");
    }
    // The account is locked: the program ends by itself and says so.
    let admin = app.admin().await;
    let path = format!("/admin/accounts/{}", ben.id);
    assert_eq!(
        admin
            .patch(&path, json!({"is_locked": true}))
            .await
            .status(),
        200
    );
    let (code, _, told) = listener.ends().await;
    assert_eq!(code, 3);
    let error: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!(error["exit_code"], 3, "{told}");
}

#[actix_web::test]
async fn a_restart_of_the_server_is_told_and_nothing_is_lost_or_doubled() {
    let app = TestApp::start().await;
    let (anna, ben, room) = club(&app).await;
    let wire = Wire::to(&app.url).await;
    let mut program = Program::of(&ben);
    program.moves_to(&wire.url);
    let mut talker = Talker::start(&program, &["chat", ROOM]);
    talker.types("Before\n").await;
    talker.shows("ben: Before").await;
    let app = {
        // Nobody answers until the new server is up.
        wire.leads_to("http://127.0.0.1:1");
        app.restart_with(|_| {}).await
    };
    talker.shows("it comes back by itself").await;
    talker.types("During\n").await;
    let anna = app.with_token(anna.token.as_ref().unwrap());
    say(&anna, &room, "While you were away").await;
    wire.leads_to(&app.url);
    talker.shows("connected again").await;
    talker.shows("anna: While you were away").await;
    talker.shows("ben: During").await;
    say(&anna, &room, "After").await;
    talker.shows("anna: After").await;
    let (code, seen, told) = talker.ends().await;
    assert_eq!(code, 0, "{told}");
    assert_eq!(seen.matches(": ").count(), 4, "{seen}");
    let all = bodies(&anna, &room).await;
    assert_eq!(all, ["Before", "While you were away", "During", "After"]);
}

#[actix_web::test]
async fn the_line_that_is_typed_stays_while_others_speak() {
    let app = TestApp::start().await;
    let (anna, ben, room) = club(&app).await;
    for number in 0..25 {
        say(&anna, &room, &format!("Message {number}")).await;
    }
    let program = Program::of(&ben);
    let mut terminal = Terminal::open(&program, &["chat", ROOM]);
    terminal.shows("2 members, 25 unread").await;
    terminal.shows("-- new --").await;
    terminal.shows("Message 5\r\n").await;
    terminal.shows("Message 24\r\n").await;
    terminal.shows("Film club> ").await;
    terminal.type_in("Half a li").await;
    terminal.shows("li").await;
    say(&anna, &room, "Are you there?").await;
    terminal.shows("anna: Are you there?\r\n").await;
    // The prompt is drawn anew below it, with what was typed.
    terminal.shows("Film club> Half a li").await;
    terminal.type_in("ne\r").await;
    terminal.shows("ben: Half a line\r\n").await;
    // The other one writes, and stops.
    let annas = Program::of(&anna);
    let mut other = Terminal::open(&annas, &["chat", ROOM, "--history", "0"]);
    other.shows("Film club> ").await;
    other.type_in("I am").await;
    terminal.shows("anna is writing\r\n").await;
    other.type_in(" here\r").await;
    terminal.shows("anna: I am here\r\n").await;
    terminal.type_in("/edit Half a word\r").await;
    other
        .shows("* ben changed an earlier message: Half a word\r\n")
        .await;
    // Tab completes a command, Ctrl-C forgets a line.
    terminal.shows(": Half a word\r\nFilm club> ").await;
    terminal.type_in("forget me").await;
    terminal.shows("me").await;
    terminal.type_in("\u{3}").await;
    terminal.shows("Film club> ").await;
    terminal.type_in("/del\t\r").await;
    other.shows("* ben deleted an earlier message\r\n").await;
    terminal.type_in("/quit\r").await;
    assert_eq!(terminal.ends().await, 0);
    other.type_in("\u{4}").await;
    assert_eq!(other.ends().await, 0);
    let all = bodies(&anna, &room).await;
    assert_eq!(&all[25..], ["Are you there?", "", "I am here"]);
}

#[actix_web::test]
async fn who_is_put_out_is_told_and_leaves() {
    let app = TestApp::start().await;
    let (anna, ben, room) = club(&app).await;
    let program = Program::of(&ben);
    let mut terminal = Terminal::open(&program, &["chat", ROOM]);
    terminal.shows("Film club> ").await;
    say(&anna, &room, "Goodbye").await;
    terminal.shows("anna: Goodbye").await;
    let out = anna
        .delete(&format!("/rooms/{room}/members/{}", ben.id))
        .await;
    assert_eq!(out.status(), 204);
    terminal.shows("you are not in Film club any more").await;
    assert_eq!(terminal.ends().await, 3);
}
