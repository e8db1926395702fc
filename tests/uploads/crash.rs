//! `kill -9` in the middle of uploads, again and again: no acknowledged byte is lost, and none is wrong.

use std::process::Command;
use std::time::{Duration, Instant};

use playhouse_test_support::postgres::TestDatabase;
use playhouse_test_support::server::{Server, program};
use reqwest::{Client, Method, RequestBuilder};

use super::wire::{STREAM, bytes, film, header};

const SIZE: usize = 24 << 20;
const ROUNDS: u32 = 24;

pub(crate) struct Admin {
    pub(crate) client: Client,
    pub(crate) token: String,
}

impl Admin {
    /// Sets a new house up, or signs in.
    pub(crate) async fn enter(server: &Server) -> Self {
        let person = server.admin().await;
        Self {
            client: Client::new(),
            token: person.token.unwrap(),
        }
    }

    pub(crate) fn tus(&self, server: &Server, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", server.url);
        let request = self.client.request(method, url).bearer_auth(&self.token);
        request.header("Tus-Resumable", "1.0.0")
    }

    pub(crate) async fn create(&self, server: &Server, size: usize) -> String {
        let request = self
            .tus(server, Method::POST, "/api/v1/uploads")
            .header("Upload-Length", size)
            .header("Upload-Metadata", film());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 201);
        header(&answer, "location")
    }

    pub(crate) async fn offset(&self, server: &Server, path: &str) -> usize {
        let answer = self.tus(server, Method::HEAD, path).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        header(&answer, "upload-offset").parse().unwrap()
    }

    pub(crate) fn patch(
        &self,
        server: &Server,
        path: &str,
        offset: usize,
        body: Vec<u8>,
    ) -> RequestBuilder {
        self.tus(server, Method::PATCH, path)
            .header("Content-Type", STREAM)
            .header("Upload-Offset", offset)
            .body(body)
    }
}

/// A generator that needs no crate; the seed is printed with a failure.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    /// Another one, which this one decides.
    pub(crate) fn split(&mut self) -> Self {
        Self(self.below(u64::MAX) | 1)
    }
}

pub(crate) fn seed() -> u64 {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_nanos() as u64 | 1
}

/// One upload, in the sight of its client.
struct Sending {
    path: String,
    acknowledged: usize,
}

/// Sends pieces until the server dies, and notes what it acknowledged.
async fn send_until_dead(
    admin: &Admin,
    server: &Server,
    sending: &mut Sending,
    content: &[u8],
    dice: &mut Dice,
) {
    loop {
        let from = sending.acknowledged;
        if from == SIZE {
            *sending = Sending {
                path: match create_or_dead(admin, server).await {
                    Some(path) => path,
                    None => return,
                },
                acknowledged: 0,
            };
            continue;
        }
        let end = (from + 1 + dice.below(6 << 20) as usize).min(SIZE);
        let body = content[from..end].to_vec();
        match admin.patch(server, &sending.path, from, body).send().await {
            Ok(answer) => {
                assert_eq!(answer.status(), 204);
                sending.acknowledged = header(&answer, "upload-offset").parse().unwrap();
                assert_eq!(sending.acknowledged, end);
            }
            Err(_) => return,
        }
    }
}

async fn create_or_dead(admin: &Admin, server: &Server) -> Option<String> {
    let request = admin
        .tus(server, Method::POST, "/api/v1/uploads")
        .header("Upload-Length", SIZE)
        .header("Upload-Metadata", film());
    let answer = request.send().await.ok()?;
    Some(header(&answer, "location"))
}

pub(crate) fn binary() -> Command {
    let mut command = program(env!("CARGO_BIN_EXE_playhouse"));
    command.env("PLAYHOUSE__UPLOADS__CHECKPOINT_BYTES", "1048576");
    command
}

#[actix_web::test]
async fn no_kill_loses_or_spoils_an_acknowledged_byte() {
    let data = tempfile::tempdir().unwrap();
    let database = TestDatabase::create_if_asked();
    let url = database.as_ref().map(|it| it.url.as_str());
    let content = bytes(SIZE);
    let seed = seed();
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let mut server = Server::start(binary(), data.path(), url);
    let admin = Admin::enter(&server).await;
    let mut sending = Sending {
        path: admin.create(&server, SIZE).await,
        acknowledged: 0,
    };
    let (mut advanced, begun) = (0, Instant::now());
    for round in 0..ROUNDS {
        let life = Duration::from_millis(5 + dice.below(150));
        let sends = send_until_dead(&admin, &server, &mut sending, &content, &mut dice);
        drop(tokio::time::timeout(life, sends).await);
        server.kill();
        server = Server::start(binary(), data.path(), url);
        let offset = admin.offset(&server, &sending.path).await;
        assert!(
            offset >= sending.acknowledged,
            "round {round}: {offset} is below {}",
            sending.acknowledged
        );
        let id = sending.path.rsplit('/').next().unwrap();
        let staged = std::fs::read(data.path().join("storage/uploads").join(id));
        let staged = staged.unwrap_or_default();
        assert!(staged.len() >= offset, "round {round}: the file is short");
        assert!(staged[..offset] == content[..offset], "round {round}");
        advanced += usize::from(offset > 0);
        sending.acknowledged = offset;
    }
    assert!(advanced > 5, "the kills came before anything was written");
    while sending.acknowledged < SIZE {
        let from = sending.acknowledged;
        let rest = content[from..].to_vec();
        let sent = admin.patch(&server, &sending.path, from, rest);
        assert_eq!(sent.send().await.unwrap().status(), 204);
        sending.acknowledged = SIZE;
    }
    let id = sending.path.rsplit('/').next().unwrap();
    let staged = std::fs::read(data.path().join("storage/uploads").join(id)).unwrap();
    assert!(staged == content);
    println!("{ROUNDS} kills in {:?}", begun.elapsed());
}

#[actix_web::test]
async fn memory_does_not_grow_with_the_body() {
    const LARGE: usize = 192 << 20;
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(binary(), data.path(), None);
    let admin = Admin::enter(&server).await;
    let path = admin.create(&server, LARGE).await;
    let warm = admin.patch(&server, &path, 0, bytes(8 << 20)).send().await;
    assert_eq!(warm.unwrap().status(), 204);
    let before = server.peak_memory();
    let rest = vec![7; LARGE - (8 << 20)];
    let sent = admin.patch(&server, &path, 8 << 20, rest).send().await;
    assert_eq!(sent.unwrap().status(), 204);
    let grown = server.peak_memory() - before;
    assert!(grown < 24 << 20, "{grown} bytes more for 184 MiB");
}
