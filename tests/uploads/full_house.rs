//! A full disk below WebDAV, and below the database: it is told, nothing is half made, and the server goes on.

use std::io::Write as _;
use std::path::Path;

use playhouse_test_support::PASSWORD;
use playhouse_test_support::server::Server;
use reqwest::{Body, Client, Method, RequestBuilder};
use serde_json::{Value, json};

use super::crash::Admin;
use super::full::{status, with_a_small_disk_at};
use super::wire::bytes;

const MIB: usize = 1 << 20;

fn dav(server: &Server, method: &str, path: &str) -> RequestBuilder {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = Client::new().request(method, format!("{}/dav{path}", server.url));
    request.basic_auth("admin", Some(PASSWORD))
}

/// A body whose length nobody knows before its end.
fn unmeasured(content: &[u8]) -> Body {
    let pieces: Vec<std::io::Result<Vec<u8>>> =
        content.chunks(64 << 10).map(|it| Ok(it.to_vec())).collect();
    Body::wrap_stream(futures_util::stream::iter(pieces))
}

impl Admin {
    fn api(&self, server: &Server, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/v1{path}", server.url);
        self.client.request(method, url).bearer_auth(&self.token)
    }

    async fn json(&self, server: &Server, path: &str) -> Value {
        let answer = self.api(server, Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }
}

#[actix_web::test]
async fn a_put_that_finds_the_disk_full_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let storage = data.path().join("storage");
    std::fs::create_dir(&storage).unwrap();
    let mut command = with_a_small_disk_at(&storage, 24);
    command.env("PLAYHOUSE__UPLOADS__MIN_FREE_BYTES", "0");
    let server = Server::start(command, data.path(), None);
    let admin = Admin::enter(&server).await;
    let old = bytes(4 * MIB);
    let (code, body) = status(dav(&server, "PUT", "/a").body(old.clone())).await;
    assert_eq!(code, 201, "{body}");
    let large = bytes(30 * MIB);
    for path in ["/a", "/new"] {
        for (what, body) in [
            ("measured", Body::from(large.clone())),
            ("unmeasured", unmeasured(&large)),
        ] {
            // Refused at once, the rest of the body may not be taken any more.
            match dav(&server, "PUT", path).body(body).send().await {
                Ok(answer) => assert_eq!(answer.status(), 507, "{path} {what}"),
                Err(error) => assert!(
                    error.is_request() || error.is_body(),
                    "{path} {what}: {error}"
                ),
            }
            let me = admin.json(&server, "/me").await;
            assert_eq!(me["drive"]["used"], json!(4 * MIB), "{path} {what}");
        }
    }
    let kept = dav(&server, "GET", "/a").send().await.unwrap();
    assert_eq!(kept.bytes().await.unwrap(), old);
    assert_eq!(status(dav(&server, "GET", "/new")).await.0, 404);
    let staged = server.seen_by(&storage.join("uploads"));
    assert_eq!(std::fs::read_dir(staged).unwrap().count(), 0);
    // What they took is free again.
    let fits = bytes(16 * MIB);
    let (code, body) = status(dav(&server, "PUT", "/new").body(fits)).await;
    assert_eq!(code, 201, "{body}");
}

/// Fills a folder until `left` bytes are free.
fn fill(folder: &Path, left: usize) {
    let path = folder.join("filler");
    let mut file = std::fs::File::create(&path).unwrap();
    let piece = vec![1; 64 << 10];
    let mut size = 0;
    while file.write_all(&piece).is_ok() {
        size += piece.len();
    }
    file.set_len((size.saturating_sub(left)) as u64).unwrap();
}

#[actix_web::test]
async fn a_database_that_finds_the_disk_full_says_so_and_goes_on_when_there_is_room() {
    let (data, storage) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut command = with_a_small_disk_at(data.path(), 24);
    command
        .env(
            "PLAYHOUSE__STORAGE__URL",
            format!("file:{}", storage.path().display()),
        )
        .env("PLAYHOUSE__CHAT__MESSAGES_PER_MINUTE", "1000000");
    let server = Server::start(command, data.path(), None);
    let admin = Admin::enter(&server).await;
    let room = admin
        .api(&server, Method::POST, "/rooms")
        .json(&json!({"name": "hall"}));
    let room: Value = room.send().await.unwrap().json().await.unwrap();
    let room = room["id"].as_str().unwrap().to_owned();
    let words = "no two words of this are the same ".repeat(100);
    let say = |number: u32| {
        let message =
            json!({"client_msg_id": number.to_string(), "body": format!("{number} {words}")});
        let path = format!("/rooms/{room}/messages");
        status(admin.api(&server, Method::POST, &path).json(&message))
    };
    assert_eq!(say(0).await.0, 201);

    let disk = server.seen_by(data.path());
    fill(&disk, 400 << 10);
    let mut number = 1;
    let refused = loop {
        let (code, body) = say(number).await;
        if code != 201 {
            break (code, body);
        }
        number += 1;
        assert!(number < 5000, "the disk does not fill");
    };
    assert_eq!(refused.0, 507, "{}", refused.1);
    assert!(refused.1.contains("insufficient_storage"), "{}", refused.1);
    // Again and again, though what a refused change gives back may do for a smaller one.
    let mut refusals = 0;
    while refusals < 5 {
        match say(number).await {
            (201, _) => number += 1,
            (507, _) => refusals += 1,
            (code, body) => panic!("{code}: {body}"),
        }
        assert!(number < 5000, "the disk does not stay full");
    }
    // Other changes as well; whoever only looks does not notice.
    let notice = json!({"title": "t", "body": words.repeat(8)});
    let notice = admin.api(&server, Method::POST, "/notices").json(&notice);
    let noticed = status(notice).await.0;
    assert!(matches!(noticed, 201 | 507), "{noticed}");
    let put = status(dav(&server, "PUT", "/a").body(bytes(100_000))).await;
    assert!(matches!(put.0, 201 | 507), "{put:?}");
    let log = admin.json(&server, &format!("/rooms/{room}")).await;
    // The first event is that the room has a member.
    assert_eq!(log["last_seq"], json!(number + 1));
    let found = admin.json(&server, "/notices").await;
    let items = found["items"].as_array().unwrap();
    assert_eq!(items.len(), usize::from(noticed == 201));

    std::fs::remove_file(disk.join("filler")).unwrap();
    // The same message again is a new one: nothing of it was kept.
    let (code, body) = say(number).await;
    assert_eq!(code, 201, "{body}");
    let log = admin
        .json(&server, &format!("/rooms/{room}/events?limit=200"))
        .await;
    let seqs: Vec<i64> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["seq"].as_i64().unwrap())
        .collect();
    let last = i64::from(number) + 2;
    let first = last - seqs.len() as i64 + 1;
    assert_eq!(seqs, (first..=last).collect::<Vec<i64>>());
    let (code, body) = status(dav(&server, "PUT", "/b").body(bytes(100_000))).await;
    assert_eq!(code, 201, "{body}");
    assert_eq!(admin.json(&server, "/me").await["username"], "admin");
}
