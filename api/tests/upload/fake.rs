//! A tus server that holds its uploads in memory and fails on request.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

/// What goes wrong with one PATCH.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// The connection breaks after so many bytes, which are kept.
    CutAfter(usize),
    /// Nothing is kept, and this is the answer.
    Status(u16),
    /// The bytes are kept, but nobody is told.
    LoseAnswer,
    /// A bit flips on the way.
    Spoil,
}

#[derive(Default)]
struct State {
    uploads: HashMap<Uuid, (usize, Vec<u8>)>,
    faults: VecDeque<Option<Fault>>,
    heads: Vec<String>,
    patches: usize,
    digests: usize,
    without_checksums: bool,
}

/// The server; it ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct FakeServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct Request {
    method: String,
    id: Option<Uuid>,
    headers: HashMap<String, String>,
    length: usize,
}

impl FakeServer {
    /// `faults` are for the PATCHes in turn; after them all goes well.
    pub(crate) async fn start(faults: Vec<Option<Fault>>) -> Self {
        Self::start_with(State {
            faults: faults.into(),
            ..State::default()
        })
        .await
    }

    pub(crate) async fn start_without_checksums() -> Self {
        Self::start_with(State {
            without_checksums: true,
            ..State::default()
        })
        .await
    }

    async fn start_with(state: State) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self {
            address,
            state: Arc::new(Mutex::new(state)),
        };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = serving.clone();
                tokio::spawn(async move { server.serve(stream).await });
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// An upload that was begun before.
    pub(crate) fn begin(&self, size: usize, bytes: &[u8]) -> Uuid {
        let id = Uuid::now_v7();
        self.state().uploads.insert(id, (size, bytes.to_vec()));
        id
    }

    pub(crate) fn bytes(&self, id: Uuid) -> Vec<u8> {
        self.state().uploads[&id].1.clone()
    }

    pub(crate) fn patches(&self) -> usize {
        self.state().patches
    }

    pub(crate) fn checked_digests(&self) -> usize {
        self.state().digests
    }

    pub(crate) fn all_heads_contain(&self, text: &str) -> bool {
        let state = self.state();
        !state.heads.is_empty() && state.heads.iter().all(|head| head.contains(text))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// One request, then the connection is closed.
    async fn serve(&self, mut stream: TcpStream) {
        let Some((request, mut body)) = self.read_head(&mut stream).await else {
            return;
        };
        let answer = if request.method == "PATCH" {
            self.state().patches += 1;
            let fault = self.state().faults.pop_front().flatten();
            let wanted = match fault {
                Some(Fault::CutAfter(bytes)) => bytes.min(request.length),
                _ => request.length,
            };
            while body.len() < wanted {
                if stream.read_buf(&mut body).await.unwrap_or(0) == 0 {
                    break;
                }
            }
            body.truncate(wanted);
            self.patch(&request, body, fault)
        } else {
            Some(self.answer(&request))
        };
        if let Some((status, headers)) = answer {
            let head = format!(
                "HTTP/1.1 {status} X\r\nTus-Resumable: 1.0.0\r\nContent-Length: 0\r\nConnection: close\r\n{headers}\r\n"
            );
            let _ = stream.write_all(head.as_bytes()).await;
        }
    }

    async fn read_head(&self, stream: &mut TcpStream) -> Option<(Request, Vec<u8>)> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
                break at;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let body = bytes.split_off(end + 4);
        let head = String::from_utf8(bytes).unwrap();
        self.state().heads.push(head.to_lowercase());
        Some((parse(&head), body))
    }

    fn answer(&self, request: &Request) -> (u16, String) {
        let number = |name: &str| request.headers.get(name).and_then(|it| it.parse().ok());
        let mut state = self.state();
        match (request.method.as_str(), request.id) {
            ("OPTIONS", None) if state.without_checksums => (204, String::new()),
            ("OPTIONS", None) => (204, "Tus-Checksum-Algorithm: sha256,blake3\r\n".to_owned()),
            ("POST", None) => {
                let id = Uuid::now_v7();
                state
                    .uploads
                    .insert(id, (number("upload-length").unwrap(), Vec::new()));
                (
                    201,
                    format!("Location: http://inner.example/api/v1/uploads/{id}\r\n"),
                )
            }
            ("HEAD", Some(id)) => match state.uploads.get(&id) {
                Some((size, bytes)) => (
                    200,
                    format!(
                        "Upload-Offset: {}\r\nUpload-Length: {size}\r\n",
                        bytes.len()
                    ),
                ),
                None => (404, String::new()),
            },
            ("DELETE", Some(id)) => (
                if state.uploads.remove(&id).is_some() {
                    204
                } else {
                    404
                },
                String::new(),
            ),
            other => panic!("unexpected request {other:?}"),
        }
    }

    /// `None` breaks the connection.
    fn patch(
        &self,
        request: &Request,
        mut body: Vec<u8>,
        fault: Option<Fault>,
    ) -> Option<(u16, String)> {
        if let Some(Fault::Status(status)) = fault {
            return Some((status, String::new()));
        }
        if let (Some(Fault::Spoil), Some(byte)) = (fault, body.first_mut()) {
            *byte ^= 1;
        }
        let whole = !matches!(fault, Some(Fault::CutAfter(_)));
        if whole && !self.digest_is_right(request, &body) {
            return Some((460, String::new()));
        }
        let mut state = self.state();
        let (size, bytes) = state.uploads.get_mut(&request.id?).unwrap();
        if request.headers["upload-offset"] != bytes.len().to_string() {
            return Some((409, String::new()));
        }
        bytes.extend_from_slice(&body);
        assert!(bytes.len() <= *size);
        let answer = (204, format!("Upload-Offset: {}\r\n", bytes.len()));
        (whole && !matches!(fault, Some(Fault::LoseAnswer))).then_some(answer)
    }

    fn digest_is_right(&self, request: &Request, body: &[u8]) -> bool {
        let Some(header) = request.headers.get("upload-checksum") else {
            return true;
        };
        self.state().digests += 1;
        *header == format!("blake3 {}", STANDARD.encode(blake3::hash(body).as_bytes()))
    }
}

fn parse(head: &str) -> Request {
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap().split(' ');
    let method = first.next().unwrap().to_owned();
    let id = first
        .next()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .parse()
        .ok();
    let headers: HashMap<_, _> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .map_or(0, |it| it.parse().unwrap());
    Request {
        method,
        id,
        headers,
        length,
    }
}
