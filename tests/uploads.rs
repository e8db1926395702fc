//! Uploads over tus, as a client sees them.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use playhouse::ids::{AccountId, UploadId};
use playhouse_test_support::{Person, TestApp};
use reqwest::{Method, RequestBuilder, Response};

const STREAM: &str = "application/offset+octet-stream";

fn bytes(size: usize) -> Vec<u8> {
    (0..size as u64)
        .map(|it| (it.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

fn metadata(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(key, value)| format!("{key} {}", STANDARD.encode(value)))
        .collect();
    pairs.join(",")
}

fn tus(who: &Person, method: Method, path: &str) -> RequestBuilder {
    who.request(method, path).header("Tus-Resumable", "1.0.0")
}

fn creation(who: &Person, size: usize) -> RequestBuilder {
    let said = metadata(&[("filename", "film.mp4"), ("purpose", "movie")]);
    tus(who, Method::POST, "/uploads")
        .header("Upload-Length", size)
        .header("Upload-Metadata", said)
}

async fn create(who: &Person, size: usize) -> String {
    let answer = creation(who, size).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    place(&answer)
}

/// The address of a new upload, below `/api/v1`.
fn place(answer: &Response) -> String {
    let location = header(answer, "location");
    location.strip_prefix("/api/v1").unwrap().to_owned()
}

fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name);
    value.map_or_else(String::new, |it| it.to_str().unwrap().to_owned())
}

fn patch(
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

fn upload_id(path: &str) -> UploadId {
    UploadId::from(uuid::Uuid::parse_str(path.rsplit('/').next().unwrap()).unwrap())
}

fn account_id(who: &Person) -> AccountId {
    AccountId::from(uuid::Uuid::parse_str(&who.id).unwrap())
}

#[actix_web::test]
async fn a_file_arrives_in_pieces_and_is_known_by_its_hash() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let film = bytes(3_000_017);
    let path = create(&admin, film.len()).await;
    let mut offset = 0;
    for piece in film.chunks(1_300_000) {
        let answer = patch(&admin, &path, offset, piece.to_vec())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 204, "{}", answer.text().await.unwrap());
        offset += piece.len();
        assert_eq!(header(&answer, "upload-offset"), offset.to_string());
        assert_eq!(header(&answer, "tus-resumable"), "1.0.0");
        let stands = tus(&admin, Method::HEAD, &path).send().await.unwrap();
        assert_eq!(header(&stands, "upload-offset"), offset.to_string());
        assert_eq!(header(&stands, "upload-length"), film.len().to_string());
    }
    let owner = account_id(&admin);
    let done = app.app().uploads.completed(upload_id(&path), &owner);
    let done = done.await.unwrap();
    assert_eq!(done.blake3, blake3::hash(&film).to_hex().to_string());
    assert_eq!(done.file_name, "film.mp4");
    assert_eq!(done.content_type, "video/mp4");
    assert!(std::fs::read(&done.path).unwrap() == film);
    let mut file = std::fs::File::open(&done.path).unwrap();
    let fingerprint = playhouse_api::fingerprint::fingerprint(&mut file).unwrap();
    assert_eq!(done.fingerprint, fingerprint);
}
