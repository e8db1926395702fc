//! The upload client against a server that fails in every way that networks and servers do.
//!
//! The server here speaks just enough HTTP and tus; what matters is that afterwards its bytes are
//! those of the file. The real server has tests of its own.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the first thing that is wrong"
)]

mod fake;

use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use chrono::DateTime;
use playhouse_api::Secret;
use playhouse_api::client::upload::{Observer, PIECE, UploadEvent, UploadMetadata, UploadSource};
use playhouse_api::client::{Client, Error};
use playhouse_api::uploads::{OnConflict, Purpose};
use tempfile::NamedTempFile;
use uuid::Uuid;

use fake::{FakeServer, Fault};

/// Three pieces, the last one short.
const SIZE: usize = 2 * PIECE as usize + 12_345;

fn film(size: usize) -> (NamedTempFile, Vec<u8>) {
    let bytes: Vec<u8> = (0..size as u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    (file, bytes)
}

fn source(path: &Path, resume: Option<Uuid>) -> UploadSource {
    let metadata = UploadMetadata {
        filename: "a, \"b\" 电影.mp4".to_owned(),
        filetype: None,
        purpose: Purpose::Movie,
        path: None,
        on_conflict: None,
        modified_at: None,
    };
    UploadSource {
        path: path.to_owned(),
        metadata,
        resume,
    }
}

fn client(server: &FakeServer) -> Client {
    Client::new(&server.url(), Some(Secret::new("token"))).unwrap()
}

fn recorder() -> (Observer, Arc<Mutex<Vec<UploadEvent>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&events);
    (
        Arc::new(move |event| kept.lock().unwrap().push(event)),
        events,
    )
}

fn silent() -> Observer {
    Arc::new(|_| {})
}

#[tokio::test]
async fn a_file_arrives_in_pieces_and_progress_only_grows() {
    let server = FakeServer::start(vec![]).await;
    let (file, bytes) = film(SIZE);
    let (observer, events) = recorder();
    let id = client(&server)
        .upload_file(&source(file.path(), None), observer)
        .await
        .unwrap();
    assert_eq!(server.bytes(id), bytes);
    assert_eq!(server.patches(), 3);

    let events = events.lock().unwrap();
    assert_eq!(
        events[0],
        UploadEvent::Opened {
            id,
            offset: 0,
            size: SIZE as u64
        }
    );
    let sent: Vec<_> = events
        .iter()
        .filter_map(|it| {
            if let UploadEvent::Sent(at) = it {
                Some(*at)
            } else {
                None
            }
        })
        .collect();
    assert!(sent.is_sorted() && sent.len() > 100);
    assert_eq!(events.last(), Some(&UploadEvent::Acknowledged(SIZE as u64)));
}

#[tokio::test]
async fn every_request_is_signed_and_every_piece_has_a_right_checksum() {
    let server = FakeServer::start(vec![]).await;
    let (file, _) = film(SIZE);
    client(&server)
        .upload_file(&source(file.path(), None), silent())
        .await
        .unwrap();
    assert!(server.all_heads_contain("authorization: bearer token"));
    // The fake server checks each digest and answers 460 to a wrong one.
    assert_eq!(server.checked_digests(), 3);
}

#[tokio::test]
async fn a_server_without_checksums_gets_none() {
    let server = FakeServer::start_without_checksums().await;
    let (file, bytes) = film(1000);
    let id = client(&server)
        .upload_file(&source(file.path(), None), silent())
        .await
        .unwrap();
    assert_eq!(server.bytes(id), bytes);
    assert_eq!(server.checked_digests(), 0);
}

#[tokio::test]
async fn broken_connections_busy_servers_and_spoiled_bytes_are_overcome() {
    for fault in [
        Fault::CutAfter(0),
        Fault::CutAfter(3_000_000),
        Fault::Status(503),
        Fault::Status(500),
        Fault::Spoil,
        Fault::LoseAnswer,
    ] {
        let server = FakeServer::start(vec![None, Some(fault)]).await;
        let (file, bytes) = film(SIZE);
        let (observer, events) = recorder();
        let id = client(&server)
            .upload_file(&source(file.path(), None), observer)
            .await
            .unwrap();
        assert!(server.bytes(id) == bytes, "{fault:?}");
        let retried = |it: &UploadEvent| matches!(it, UploadEvent::Retrying { .. });
        assert!(events.lock().unwrap().iter().any(retried), "{fault:?}");
    }
}

#[tokio::test]
async fn it_goes_on_where_the_server_stands() {
    let server = FakeServer::start(vec![]).await;
    let (file, bytes) = film(SIZE);
    let id = server.begin(SIZE, &bytes[..5_000_001]);
    let (observer, events) = recorder();
    let again = client(&server)
        .upload_file(&source(file.path(), Some(id)), observer)
        .await
        .unwrap();
    assert_eq!(again, id);
    assert_eq!(server.bytes(id), bytes);
    let opened = UploadEvent::Opened {
        id,
        offset: 5_000_001,
        size: SIZE as u64,
    };
    assert_eq!(events.lock().unwrap()[0], opened);
}

#[tokio::test]
async fn a_finished_upload_sends_nothing_more() {
    let server = FakeServer::start(vec![]).await;
    let (file, bytes) = film(1000);
    let id = server.begin(1000, &bytes);
    client(&server)
        .upload_file(&source(file.path(), Some(id)), silent())
        .await
        .unwrap();
    assert_eq!(server.patches(), 0);
}

#[tokio::test]
async fn an_upload_that_is_gone_or_of_another_size_starts_anew() {
    let server = FakeServer::start(vec![]).await;
    let (file, bytes) = film(1000);
    let other = server.begin(999, &bytes[..10]);
    for resume in [Uuid::from_u128(404), other] {
        let id = client(&server)
            .upload_file(&source(file.path(), Some(resume)), silent())
            .await
            .unwrap();
        assert_ne!(id, resume);
        assert_eq!(server.bytes(id), bytes);
    }
}

#[tokio::test]
async fn refusals_end_it_at_once() {
    for status in [403, 413, 507] {
        let server = FakeServer::start(vec![Some(Fault::Status(status))]).await;
        let (file, _) = film(1000);
        let error = client(&server)
            .upload_file(&source(file.path(), None), silent())
            .await
            .unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert_eq!(server.patches(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stays_away_ends_it_after_some_attempts() {
    let (file, _) = film(10);
    let (observer, events) = recorder();
    // Port 1 refuses on any machine that runs tests.
    let client = Client::new("http://127.0.0.1:1", None).unwrap();
    let error = client
        .upload_file(&source(file.path(), None), observer)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Transport(_)));
    assert_eq!(events.lock().unwrap().len(), 8);
}

#[tokio::test]
async fn a_file_that_shrinks_on_the_way_is_noticed() {
    let server = FakeServer::start(vec![]).await;
    let (file, _) = film(SIZE);
    let handle = file.as_file().try_clone().unwrap();
    let observer: Observer = Arc::new(move |event| {
        if let UploadEvent::Acknowledged(_) = event {
            handle.set_len(100).unwrap();
        }
    });
    let error = client(&server)
        .upload_file(&source(file.path(), None), observer)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::FileChanged), "{error}");
}

#[tokio::test]
async fn an_empty_file_is_an_upload_of_nothing() {
    let server = FakeServer::start(vec![]).await;
    let (file, _) = film(0);
    let id = client(&server)
        .upload_file(&source(file.path(), None), silent())
        .await
        .unwrap();
    assert_eq!(server.bytes(id), b"");
}

#[tokio::test]
async fn a_deleted_upload_is_gone() {
    let server = FakeServer::start(vec![]).await;
    let id = server.begin(10, b"abc");
    assert_eq!(
        client(&server).upload_offset(id).await.unwrap(),
        (3, Some(10))
    );
    client(&server).delete_upload(id).await.unwrap();
    assert!(
        client(&server)
            .upload_offset(id)
            .await
            .unwrap_err()
            .is_gone()
    );
}

#[test]
fn metadata_travels_in_base64() {
    let metadata = UploadMetadata {
        filename: "é.mp4".to_owned(),
        filetype: Some("video/mp4".to_owned()),
        purpose: Purpose::Drive,
        path: Some("/a/é.mp4".to_owned()),
        on_conflict: Some(OnConflict::Rename),
        modified_at: Some(DateTime::UNIX_EPOCH),
    };
    assert_eq!(
        metadata.to_header(),
        "filename w6kubXA0,purpose ZHJpdmU=,filetype dmlkZW8vbXA0,path L2Evw6kubXA0,on_conflict cmVuYW1l,\
         modified_at MTk3MC0wMS0wMVQwMDowMDowMC4wMDAwMDBa"
    );
}
