//! What members take along.

use std::io::Write as _;
use std::process::Command;

use diesel::RunQueryDsl as _;
use playhouse_test_support::{Person, TestApp, problem, text};
use serde_json::{Value, json};

use super::house::{Scene, create, leave, start};

/// What Python's zipfile reads: every file with its checksum, parsed.
fn read_by_python(archive: &[u8]) -> Value {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(archive).unwrap();
    let script = format!(
        "import json, zipfile\nz = zipfile.ZipFile({:?})\nassert z.testzip() is None\n\
         print(json.dumps({{n: json.loads(z.read(n)) for n in z.namelist()}}))",
        file.path()
    );
    let output = Command::new("python3").args(["-c", &script]).output();
    let output =
        output.unwrap_or_else(|_| panic!("these tests need python3: apt-get install python3"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    // Others read it as well.
    let tested = Command::new("unzip").arg("-tqq").arg(file.path()).status();
    let tested = tested.unwrap_or_else(|_| panic!("these tests need unzip: apt-get install unzip"));
    assert!(tested.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn export(who: &Person) -> Value {
    let answer = who.get("/me/export").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/zip");
    assert_eq!(answer.headers()["cache-control"], "private, no-store");
    let name = format!("attachment; filename=\"playhouse-{}.zip\"", who.name);
    assert_eq!(answer.headers()["content-disposition"], name.as_str());
    read_by_python(&answer.bytes().await.unwrap())
}

fn fields<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let items = list.as_array().unwrap();
    items.iter().map(|it| it[field].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn everything_of_a_member_is_in_it_and_nothing_of_others() {
    let scene = Scene::set().await;
    let found = export(&scene.anna).await;
    let mut names: Vec<&str> = found
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    let rooms = [
        format!("messages/{}.json", scene.hall),
        format!("messages/{}.json", scene.nook),
    ];
    let mut expected = vec![
        "account.json",
        "comments.json",
        "downloads.json",
        "files.json",
        "friends.json",
        "ledger.json",
        "notices.json",
        "orders.json",
        "positions.json",
        "ratings.json",
        "reports.json",
        "rooms.json",
        "sessions.json",
        "shares.json",
        "tokens.json",
        "trash.json",
        "uploads.json",
        "watchlist.json",
        rooms[0].as_str(),
        rooms[1].as_str(),
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);

    let account = &found["account.json"];
    assert_eq!(
        (&account["real_name"], &account["email"]),
        (&json!("Anna Zebra"), &json!("anna@zebra.example"))
    );
    assert_eq!(
        (&account["balance"], &account["show_last_seen"]),
        (&json!(700), &json!(true))
    );
    assert_eq!(found["sessions.json"].as_array().unwrap().len(), 2);
    assert_eq!(fields(&found["tokens.json"], "name"), ["annas robot"]);
    assert_eq!(
        found["friends.json"]["friends"][0]["account"]["username"],
        "ben"
    );
    assert_eq!(
        found["friends.json"]["outgoing"].as_array().unwrap().len(),
        1
    );
    assert_eq!(fields(&found["rooms.json"], "name"), ["hall", "ben"]);
    let hall = &found[rooms[0].as_str()];
    assert_eq!(hall.as_array().unwrap().len(), 2, "{hall}");
    assert_eq!(
        (&hall[0]["body"], &hall[1]["body"]),
        (&json!("zebrafisch, @ben, was here"), &Value::Null)
    );
    // What it said before; of one that was deleted nothing is kept.
    assert_eq!(fields(&hall[0]["earlier"], "body"), ["zebrafisch is here"]);
    assert_eq!(hall[1]["earlier"], json!([]));
    assert_eq!(
        fields(&found[rooms[1].as_str()], "body"),
        ["zebrafisch in private"]
    );
    let files = &found["files.json"];
    assert_eq!(
        fields(files, "path"),
        ["/annas-diary-2.txt", "/annas-diary.txt"]
    );
    let hash = blake3::hash(b"zebrafisch").to_hex().to_string();
    assert_eq!(
        (&files[1]["blake3"], &files[1]["size"]),
        (&json!(hash), &json!(10))
    );
    assert_eq!(fields(&found["trash.json"], "name"), ["annas-waste.txt"]);
    assert_eq!(found["shares.json"][0]["uses"], 0);
    let upload = &found["uploads.json"][0];
    assert_eq!(
        (&upload["path"], &upload["acknowledged"]),
        (&json!("/annas-film.mp4"), &json!(400))
    );
    assert_eq!(fields(&found["downloads.json"], "title"), ["A film"]);
    let order = &found["orders.json"][0];
    assert_eq!(
        (&order["title"], &order["price"]),
        (&json!("A film"), &json!(300))
    );
    assert_eq!(fields(&found["ledger.json"], "kind"), ["order", "credit"]);
    assert_eq!(found["positions.json"][0]["seconds"], 0.5);
    assert_eq!(found["watchlist.json"][0]["movie"]["title"], "A film");
    assert_eq!(found["ratings.json"][0]["stars"], 5);
    assert_eq!(found["ratings.json"].as_array().unwrap().len(), 1);
    // Also what an admin has hidden.
    assert_eq!(fields(&found["comments.json"], "text"), ["annas-comment"]);
    assert_eq!(found["comments.json"][0]["hidden"], true);
    assert_eq!(fields(&found["reports.json"], "reason"), ["annas-reason"]);
    assert!(found["notices.json"]["read_up_to"].is_string());

    let all = found.to_string();
    for secret in [
        "password_hash",
        "token_hash",
        "secret",
        scene.anna.token.as_ref().unwrap(),
    ] {
        assert!(!all.contains(secret), "{secret}");
    }
    assert!(
        !all.contains("a private answer")
            && !all.contains("hello @anna")
            && !all.contains("a good film"),
        "words of others"
    );
    // Of somebody who has nothing, the same files.
    let empty = export(&scene.app.member("nobody_special").await).await;
    assert_eq!(
        (&empty["files.json"], &empty["rooms.json"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(empty["notices.json"], json!({"read_up_to": null}));
}

#[actix_web::test]
async fn one_export_of_an_account_at_a_time() {
    let app = start().await;
    let (anna, ben) = (app.member("anna").await, app.member("ben").await);
    let room = create(&anna, "hall").await;
    fill(&app, &anna, &room, 20_000, 1000).await;
    let first = anna.get("/me/export").await;
    assert_eq!(first.status(), 200);
    problem(anna.get("/me/export").await, 409, "conflict").await;
    assert_eq!(ben.get("/me/export").await.status(), 200);
    // Who breaks off may begin anew.
    drop(first);
    for _ in 0..500 {
        let again = anna.get("/me/export").await;
        if again.status() == 200 {
            assert!(again.bytes().await.unwrap().len() > 20_000_000);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("an export that was broken off still counts");
}

#[actix_web::test]
async fn it_breaks_off_when_the_account_goes() {
    let app = start().await;
    let anna = app.member("anna").await;
    let room = create(&anna, "hall").await;
    fill(&app, &anna, &room, 20_000, 1000).await;
    let mut answer = anna.get("/me/export").await;
    assert!(!answer.chunk().await.unwrap().unwrap().is_empty());
    assert_eq!(leave(&anna).await.status(), 204);
    let mut size = 0;
    let ended = loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => size += chunk.len(),
            Ok(None) => break true,
            Err(_) => break false,
        }
    };
    assert!(!ended && size < 20_000_000, "{size} bytes, whole: {ended}");
}

/// Messages of somebody in a room, without the work of sending them.
async fn fill(app: &TestApp, who: &Person, room: &str, many: i64, length: i64) {
    let last = who.get_json(&format!("/rooms/{room}")).await["last_seq"]
        .as_i64()
        .unwrap();
    let (first, end) = (last + 1, last + many);
    let id = "substr(numbers.hex, 1, 8) || '-' || substr(numbers.hex, 9, 4) || '-7000-8000-' || substr(numbers.hex, 13, 12)";
    let (numbers, text) = match app.app().db.is_sqlite() {
        true => (
            format!(
                "WITH RECURSIVE n (seq) AS (SELECT {first} UNION ALL SELECT seq + 1 FROM n WHERE seq < {end}), \
                 numbers (seq, hex) AS (SELECT seq, printf('%024x', seq) FROM n)"
            ),
            format!("substr(replace(printf('%{length}s', seq), ' ', 'x'), 1)"),
        ),
        false => (
            format!(
                "WITH numbers (seq, hex) AS (SELECT seq, lpad(to_hex(seq), 24, '0') \
                 FROM generate_series({first}::bigint, {end}::bigint) AS seq)"
            ),
            format!("lpad(seq::text, {length}, 'x')"),
        ),
    };
    let insert = format!(
        "INSERT INTO messages (id, room_id, seq, account_id, client_msg_id, body, created_at) {numbers} \
         SELECT {id}, '{room}', seq, '{}', CAST(seq AS TEXT), {text}, '2026-01-01 00:00:00' FROM numbers",
        who.id
    );
    let insert = match app.app().db.is_sqlite() {
        true => insert,
        false => insert.replace("'2026-01-01 00:00:00'", "TIMESTAMP '2026-01-01 00:00:00'"),
    };
    let end = format!("UPDATE rooms SET last_seq = {end} WHERE id = '{room}'");
    let author = format!(
        "INSERT INTO room_authors (account_id, room_id) VALUES ('{}', '{room}') ON CONFLICT DO NOTHING",
        who.id
    );
    app.change(move |conn| {
        diesel::sql_query(&insert).execute(conn)?;
        diesel::sql_query(&author).execute(conn)?;
        diesel::sql_query(&end).execute(conn).map(drop)
    })
    .await;
}

/// Kilobytes of memory that this process takes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|it| it.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[actix_web::test]
async fn a_hundred_thousand_messages_take_no_memory() {
    let app = start().await;
    let (anna, ben) = (app.member("anna").await, app.member("ben").await);
    let room = create(&anna, "hall").await;
    super::house::join(&ben, "hall").await;
    // A stretch in which only ben speaks, longer than what is looked over at once.
    fill(&app, &anna, &room, 30_000, 300).await;
    fill(&app, &ben, &room, 20_000, 10).await;
    fill(&app, &anna, &room, 70_000, 300).await;
    let begun = std::time::Instant::now();
    let mut answer = anna.get("/me/export").await;
    let mut archive = tempfile::NamedTempFile::new().unwrap();
    let (mut largest, mut before, mut most, mut chunks) = (0, 0, 0, 0_u32);
    while let Some(chunk) = answer.chunk().await.unwrap() {
        largest = largest.max(chunk.len());
        archive.write_all(&chunk).unwrap();
        chunks += 1;
        match chunks {
            // By then every thread has what it needs.
            150 => before = resident(),
            _ if chunks % 50 == 0 => most = most.max(resident()),
            _ => {}
        }
        if chunks == 100 {
            // Nobody waits for the one who exports.
            let sent = super::house::say(&ben, &room, "meanwhile", "meanwhile").await;
            assert!(!sent.is_empty());
        }
    }
    let size = archive.as_file().metadata().unwrap().len();
    assert!(size > 50_000_000, "{size} bytes");
    assert!(largest < 4 << 20, "{largest} bytes at once");
    let grown = most.saturating_sub(before);
    let took = begun.elapsed();
    println!(
        "{size} bytes in {chunks} pieces of at most {largest}, {took:?}, memory grew by {grown} KiB"
    );
    assert!(grown < 24 << 10, "grew by {grown} KiB");
    let script = format!(
        "import json, zipfile\nz = zipfile.ZipFile({:?})\n\
         m = json.loads(z.read('messages/{room}.json'))\n\
         assert all(a['seq'] < b['seq'] for a, b in zip(m, m[1:]))\nprint(len(m))",
        archive.path()
    );
    let output = Command::new("python3")
        .args(["-c", &script])
        .output()
        .unwrap();
    assert_eq!(
        text(&json!(String::from_utf8(output.stdout).unwrap().trim())),
        "100000"
    );
}
