//! Where finished bytes are kept: one suite for a folder of this machine and for a service that speaks S3, and what
//! can go wrong with the latter.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod house;
mod parts;

use std::collections::HashMap;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use playhouse::config::StorageConfig;
use playhouse::storage::{self, Adopted, BlobHash, Content, Storage};
use playhouse_test_support::s3::{KEY, S3Server, SECRET};

/// A place, and what is behind it.
struct Place {
    storage: Arc<dyn Storage>,
    folder: tempfile::TempDir,
    service: Option<S3Server>,
}

const MIB: usize = 1 << 20;

fn disk() -> Place {
    let folder = tempfile::tempdir().unwrap();
    Place {
        storage: storage::of_config(&StorageConfig::default(), folder.path()).unwrap(),
        folder,
        service: None,
    }
}

fn s3_config(service: &S3Server) -> StorageConfig {
    StorageConfig {
        url: service.url("films/main"),
        access_key_id: KEY.to_owned(),
        secret_access_key: SECRET.to_owned(),
        part_bytes: 5 << 20,
    }
}

fn s3() -> Place {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let (folder, service) = (tempfile::tempdir().unwrap(), S3Server::start());
    let config = s3_config(&service);
    Place {
        storage: storage::of_config(&config, folder.path()).unwrap(),
        folder,
        service: Some(service),
    }
}

fn name_of(content: &[u8]) -> BlobHash {
    BlobHash::from(blake3::hash(content))
}

fn bytes(size: usize) -> Vec<u8> {
    (0..size as u64)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

impl Place {
    fn staged(&self, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(uuid::Uuid::now_v7().to_string());
        std::fs::write(&path, content).unwrap();
        path
    }

    async fn adopt(&self, content: &[u8]) -> std::io::Result<Adopted> {
        let path = self.staged(content);
        self.storage.adopt(&path, &name_of(content)).await
    }

    /// The file behind a blob.
    fn file(&self, id: &BlobHash) -> PathBuf {
        let name = id.as_str();
        let below = format!("{}/{}/{name}", &name[..2], &name[2..4]);
        match &self.service {
            Some(service) => service.object(&format!("films/main/{below}")),
            None => self.folder.path().join("blobs").join(below),
        }
    }

    /// A range of a blob, as a response would read it.
    async fn read(&self, id: &BlobHash, range: std::ops::Range<u64>) -> Vec<u8> {
        let blob = self.storage.open(id).await.unwrap();
        match blob.content {
            Content::File(file) => {
                let mut bytes = vec![0; (range.end - range.start) as usize];
                file.read_exact_at(&mut bytes, range.start).unwrap();
                bytes
            }
            Content::Remote(object) => {
                let pieces: Vec<bytes::Bytes> = object.read(range).try_collect().await.unwrap();
                pieces.concat()
            }
        }
    }
}

/// Runs a test on every place.
macro_rules! everywhere {
    ($($name:ident),* $(,)?) => {
        mod on_disk {
            $(#[actix_web::test] async fn $name() { super::$name(super::disk()).await; })*
        }
        mod on_s3 {
            $(#[actix_web::test] async fn $name() { super::$name(super::s3()).await; })*
        }
    };
}

everywhere!(
    a_file_becomes_a_blob_and_goes_again,
    nothing_is_replaced,
    an_empty_file_is_a_blob_too,
    a_large_file_is_kept_whole,
    a_blob_can_be_read_as_a_file,
    what_is_not_there_is_said_so,
    blobs_are_listed_by_their_first_byte,
    the_same_file_many_times_at_once,
);

async fn a_file_becomes_a_blob_and_goes_again(place: Place) {
    let (content, id) = (b"a film", name_of(b"a film"));
    let from = place.staged(content);
    assert_eq!(
        place.storage.adopt(&from, &id).await.unwrap(),
        Adopted::Placed
    );
    assert!(from.exists(), "the file is its owner's");
    std::fs::remove_file(&from).unwrap();
    assert_eq!(place.storage.open(&id).await.unwrap().size, 6);
    assert_eq!(place.read(&id, 0..6).await, content);
    assert_eq!(place.read(&id, 2..4).await, b"fi");
    assert_eq!(std::fs::read(place.file(&id)).unwrap(), content);
    place.storage.remove(&id).await.unwrap();
    place.storage.remove(&id).await.unwrap();
    let gone = place.storage.open(&id).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    assert_eq!(place.adopt(content).await.unwrap(), Adopted::Placed);
}

async fn nothing_is_replaced(place: Place) {
    let (content, id) = (b"a film", name_of(b"a film"));
    assert_eq!(place.adopt(content).await.unwrap(), Adopted::Placed);
    assert_eq!(place.adopt(content).await.unwrap(), Adopted::AlreadyThere);
    std::fs::write(place.file(&id), b"a short").unwrap();
    let refused = place.adopt(content).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidData, "{refused}");
    assert_eq!(std::fs::read(place.file(&id)).unwrap(), b"a short");
}

async fn an_empty_file_is_a_blob_too(place: Place) {
    let id = name_of(b"");
    assert_eq!(place.adopt(b"").await.unwrap(), Adopted::Placed);
    assert_eq!(place.adopt(b"").await.unwrap(), Adopted::AlreadyThere);
    assert_eq!(place.storage.open(&id).await.unwrap().size, 0);
    let file = place.storage.local_file(&id).await.unwrap();
    assert_eq!(std::fs::read(file.path()).unwrap(), b"");
}

async fn a_large_file_is_kept_whole(place: Place) {
    let content = bytes(17 * MIB + 3);
    let id = name_of(&content);
    assert_eq!(place.adopt(&content).await.unwrap(), Adopted::Placed);
    assert_eq!(place.adopt(&content).await.unwrap(), Adopted::AlreadyThere);
    assert!(std::fs::read(place.file(&id)).unwrap() == content);
    let part = place.read(&id, 5_000_000..6_000_001).await;
    assert!(part == content[5_000_000..6_000_001]);
    let none = std::time::Duration::ZERO;
    assert_eq!(place.storage.interrupted(none).await.unwrap(), []);
}

async fn a_blob_can_be_read_as_a_file(place: Place) {
    let content = bytes(MIB);
    place.adopt(&content).await.unwrap();
    let id = name_of(&content);
    let file = place.storage.local_file(&id).await.unwrap();
    let path = file.path().to_owned();
    assert!(std::fs::read(&path).unwrap() == content);
    drop(file);
    assert_eq!(path.exists(), place.service.is_none());
    assert_eq!(place.storage.open(&id).await.unwrap().size, MIB as u64);
}

async fn what_is_not_there_is_said_so(place: Place) {
    let id = name_of(b"nothing");
    let none = place.folder.path().join("none");
    let errors = [
        place.storage.open(&id).await.unwrap_err(),
        place.storage.local_file(&id).await.unwrap_err(),
        place.storage.adopt(&none, &id).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    place.storage.give_up(&id).await.unwrap();
    assert_eq!(place.storage.list(0).await.unwrap(), HashMap::new());
}

async fn blobs_are_listed_by_their_first_byte(place: Place) {
    let contents: Vec<Vec<u8>> = (0..40_u8).map(|it| vec![it; it.into()]).collect();
    let mut expected: HashMap<BlobHash, u64> = HashMap::new();
    for content in &contents {
        place.adopt(content).await.unwrap();
        expected.insert(name_of(content), content.len() as u64);
    }
    let stray = place.file(&name_of(b"x")).with_file_name("notes.txt");
    std::fs::create_dir_all(stray.parent().unwrap()).unwrap();
    std::fs::write(stray, b"not ours").unwrap();
    let mut found = HashMap::new();
    for first in 0..=u8::MAX {
        for (id, size) in place.storage.list(first).await.unwrap() {
            assert!(id.as_str().starts_with(&format!("{first:02x}")));
            found.insert(id, size);
        }
    }
    assert_eq!(found, expected);
}

async fn the_same_file_many_times_at_once(place: Place) {
    let content = bytes(100_000);
    let adopted = (0..8).map(|_| place.adopt(&content));
    let adopted = futures_util::future::join_all(adopted).await;
    assert!(adopted.iter().all(Result::is_ok), "{adopted:?}");
    if place.service.is_none() {
        let placed = adopted.iter().flatten();
        assert_eq!(placed.filter(|it| **it == Adopted::Placed).count(), 1);
    }
    let id = name_of(&content);
    assert!(std::fs::read(place.file(&id)).unwrap() == content);
}
