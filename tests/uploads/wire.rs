//! Speaking tus, by the book and otherwise.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use playhouse::ids::{AccountId, UploadId};
use playhouse_test_support::{Person, TestApp};
use reqwest::{Method, RequestBuilder, Response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) const STREAM: &str = "application/offset+octet-stream";

/// The most that the HTTP layer still holds, undecoded, when a connection ends: that much is lost with it.
pub(crate) const HELD: usize = 256 << 10;

/// Bytes that differ from place to place.
pub(crate) fn bytes(size: usize) -> Vec<u8> {
    (0..size as u64)
        .map(|it| (it.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

pub(crate) fn metadata(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(key, value)| format!("{key} {}", STANDARD.encode(value)))
        .collect();
    pairs.join(",")
}

pub(crate) fn film() -> String {
    metadata(&[("filename", "film.mp4"), ("purpose", "movie")])
}

pub(crate) fn tus(who: &Person, method: Method, path: &str) -> RequestBuilder {
    who.request(method, path).header("Tus-Resumable", "1.0.0")
}

pub(crate) fn creation(who: &Person, size: usize) -> RequestBuilder {
    tus(who, Method::POST, "/uploads")
        .header("Upload-Length", size)
        .header("Upload-Metadata", film())
}

pub(crate) async fn create(who: &Person, size: usize) -> String {
    let answer = creation(who, size).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    place(&answer)
}

/// The address of a new upload, below `/api/v1`.
pub(crate) fn place(answer: &Response) -> String {
    let location = header(answer, "location");
    location.strip_prefix("/api/v1").unwrap().to_owned()
}

pub(crate) fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name);
    value.map_or_else(String::new, |it| it.to_str().unwrap().to_owned())
}

pub(crate) fn patch(
    who: &Person,
    path: &str,
    offset: usize,
    body: impl Into<reqwest::Body>,
) -> RequestBuilder {
    tus(who, Method::PATCH, path)
        .header("Content-Type", STREAM)
        .header("Upload-Offset", offset)
        .body(body)
}

pub(crate) async fn offset_of(who: &Person, path: &str) -> usize {
    let answer = tus(who, Method::HEAD, path).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    header(&answer, "upload-offset").parse().unwrap()
}

pub(crate) fn upload_id(path: &str) -> UploadId {
    UploadId::from(uuid::Uuid::parse_str(path.rsplit('/').next().unwrap()).unwrap())
}

pub(crate) fn account_id(who: &Person) -> AccountId {
    AccountId::from(uuid::Uuid::parse_str(&who.id).unwrap())
}

/// The staged bytes of an upload; none when there is no file.
pub(crate) fn staged(app: &TestApp, path: &str) -> Option<Vec<u8>> {
    let folder = app.data_dir().join("storage/uploads");
    std::fs::read(folder.join(upload_id(path).as_str())).ok()
}

/// A PATCH by hand: it says that `length` bytes follow, and they come when the test likes.
pub(crate) async fn open_patch(
    app: &TestApp,
    who: &Person,
    path: &str,
    offset: usize,
    length: usize,
) -> TcpStream {
    open_patch_with(app, who, path, offset, length, "").await
}

pub(crate) async fn open_patch_with(
    app: &TestApp,
    who: &Person,
    path: &str,
    offset: usize,
    length: usize,
    more: &str,
) -> TcpStream {
    let address = app.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let token = who.token.as_deref().unwrap_or_default();
    let head = format!(
        "PATCH /api/v1{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Tus-Resumable: 1.0.0\r\nContent-Type: {STREAM}\r\nUpload-Offset: {offset}\r\n\
         Content-Length: {length}\r\n{more}\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// Everything that the server still says on this connection, up to the end of the body of one answer.
pub(crate) async fn answer(stream: &mut TcpStream) -> String {
    let mut told = Vec::new();
    let mut part = [0; 4096];
    loop {
        let count = stream.read(&mut part).await.unwrap();
        told.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&told).into_owned();
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body);
        let is_whole = body.is_some_and(|it| {
            it.is_empty() && !text.contains("content-length") || it.ends_with('}')
        });
        if count == 0 || is_whole {
            return text;
        }
    }
}

pub(crate) async fn wait_for_offset(who: &Person, path: &str, at: usize) {
    let mut offset = 0;
    for _ in 0..500 {
        offset = offset_of(who, path).await;
        if offset == at {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the upload stands at {offset} and not at {at}");
}
