//! Blobs in a bucket of an S3-compatible service: `PREFIX/ab/cd/abcd...`, the same names as on a disk.
//!
//! A small file goes up in one request, a large one in parts. What the service says of each part is written down on
//! this machine ([`journal`]), so that an adoption that was interrupted goes on with the next part, or is given up and
//! its parts removed. Nothing is replaced: the service is asked to refuse that (`If-None-Match: *`), and where it
//! cannot, a look before the last step has to do.

mod journal;

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::TryStreamExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path as Key;
use object_store::{
    ClientOptions, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, RetryConfig,
};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Semaphore;

use self::journal::{Journal, Journals};
use super::content::{RemoteObject, to_io};
use super::{Adopted, Blob, BlobHash, Content, LocalFile, Storage, wrong_length};
use crate::config::{S3Address, StorageConfig};

/// Files that are sent at a time; each takes the memory of one part.
const SENT_AT_ONCE: usize = 4;

/// The service takes no more parts of one object.
const MOST_PARTS: u64 = 10_000;

/// A part of a bucket.
#[derive(Debug)]
pub struct S3Blobs {
    store: Arc<AmazonS3>,
    /// For the last step of an object in parts: its requests ask the service not to replace anything.
    finisher: AmazonS3,
    prefix: Key,
    journals: Journals,
    /// The folder of fetched files, and in it the one of this process.
    fetched: PathBuf,
    run: String,
    part_bytes: u64,
    sending: Semaphore,
}

/// Whether the objects that an adoption in parts needs are still there.
enum Sent {
    Whole,
    /// The service has forgotten the parts: begin anew.
    Forgotten,
}

impl S3Blobs {
    /// Speaks to the service from the first use on. `folder` is the storage folder of this machine.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn connect(
        address: &S3Address,
        config: &StorageConfig,
        folder: &Path,
    ) -> Result<Self, String> {
        let refused = |error: object_store::Error| format!("storage.url: {error}");
        let options = client_options();
        let store = builder(address, config, options.clone())
            .build()
            .map_err(refused)?;
        let mut headers = HashMap::new();
        if address.is_conditional {
            headers.insert("if-none-match".to_owned(), "*".to_owned());
        }
        let headers = (&headers)
            .try_into()
            .map_err(|error| format!("storage.url: {error}"))?;
        let finisher = builder(address, config, options.with_default_headers(headers))
            .with_credentials(Arc::clone(store.credentials()));
        Ok(Self {
            finisher: finisher.build().map_err(refused)?,
            store: Arc::new(store),
            prefix: Key::from(address.prefix.as_str()),
            journals: Journals::new(folder.join("adoptions")),
            fetched: folder.join("fetched"),
            run: uuid::Uuid::now_v7().to_string(),
            part_bytes: config.part_bytes,
            sending: Semaphore::new(SENT_AT_ONCE),
        })
    }

    fn key(&self, id: &BlobHash) -> Key {
        let name = id.as_str();
        let (first, rest) = name.split_at(2);
        let (second, _) = rest.split_at(2);
        self.prefix.clone().join(first).join(second).join(name)
    }

    async fn length(&self, id: &BlobHash) -> io::Result<Option<u64>> {
        match self.store.head(&self.key(id)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(to_io(error)),
        }
    }

    /// What is there already under the name, if it is what it should be.
    async fn find(&self, id: &BlobHash, size: u64) -> io::Result<bool> {
        match self.length(id).await? {
            Some(length) if length != size => Err(wrong_length(id)),
            found => Ok(found.is_some()),
        }
    }

    async fn put(&self, from: &Arc<File>, id: &BlobHash, size: u64) -> io::Result<Adopted> {
        let bytes = read_part(from, 0, size).await?;
        let options = PutOptions::from(PutMode::Create);
        match self
            .store
            .put_opts(&self.key(id), bytes.into(), options)
            .await
        {
            Ok(_) => Ok(Adopted::Placed),
            Err(
                object_store::Error::AlreadyExists { .. }
                | object_store::Error::Precondition { .. },
            ) if self.find(id, size).await? => Ok(Adopted::AlreadyThere),
            Err(error) => Err(to_io(error)),
        }
    }

    /// Sends a large file in parts, from where it stopped the last time.
    async fn put_in_parts(
        &self,
        from: &Arc<File>,
        id: &BlobHash,
        size: u64,
    ) -> io::Result<Adopted> {
        loop {
            let key = self.key(id);
            let mut journal = match self.journals.open(id, size).await? {
                Some(journal) => journal,
                None => {
                    let upload = self.store.create_multipart(&key).await.map_err(to_io)?;
                    let part_bytes = self.part_bytes.max(size.div_ceil(MOST_PARTS));
                    self.journals.begin(id, size, part_bytes, upload).await?
                }
            };
            match self.send_parts(from, &key, size, &mut journal).await? {
                Sent::Forgotten => self.journals.remove(id).await?,
                Sent::Whole => return self.finish(id, &key, size, journal).await,
            }
        }
    }

    async fn send_parts(
        &self,
        from: &Arc<File>,
        key: &Key,
        size: u64,
        journal: &mut Journal,
    ) -> io::Result<Sent> {
        let was_resumed = !journal.parts.is_empty();
        loop {
            let at = journal.parts.len() as u64 * journal.part_bytes;
            if at >= size {
                return Ok(Sent::Whole);
            }
            let bytes = read_part(from, at, journal.part_bytes.min(size - at)).await?;
            let number = journal.parts.len();
            let sent = self
                .store
                .put_part(key, &journal.upload, number, bytes.into())
                .await;
            match sent {
                Ok(part) => journal.add(part.content_id).await?,
                Err(object_store::Error::NotFound { .. }) if was_resumed => {
                    return Ok(Sent::Forgotten);
                }
                Err(error) => return Err(to_io(error)),
            }
        }
    }

    async fn finish(
        &self,
        id: &BlobHash,
        key: &Key,
        size: u64,
        journal: Journal,
    ) -> io::Result<Adopted> {
        let parts = journal.parts.iter().cloned();
        let parts: Vec<PartId> = parts.map(|content_id| PartId { content_id }).collect();
        let finished = self
            .finisher
            .complete_multipart(key, &journal.upload, parts)
            .await;
        match finished {
            Ok(_) => {
                self.journals.remove(id).await?;
                Ok(Adopted::Placed)
            }
            // It may be there by this request, whose answer was lost, or by another one.
            Err(error) => match self.find(id, size).await {
                Ok(true) => {
                    self.forget_parts(id).await;
                    Ok(Adopted::AlreadyThere)
                }
                // The parts are gone and the object is not there: the next attempt begins anew.
                Ok(false) if matches!(error, object_store::Error::NotFound { .. }) => {
                    self.journals.remove(id).await?;
                    Err(to_io(error))
                }
                _ => Err(to_io(error)),
            },
        }
    }

    /// Frees what parts took that nobody needs; what fails is tried again when it is given up.
    async fn forget_parts(&self, id: &BlobHash) {
        if let Err(error) = self.give_up(id).await {
            tracing::warn!(blob = %id, %error, "could not remove the parts of an object that is there");
        }
    }

    async fn fetch(&self, id: &BlobHash) -> io::Result<LocalFile> {
        let size = self.length(id).await?.ok_or(io::ErrorKind::NotFound)?;
        let folder = self.fetched.join(&self.run);
        tokio::fs::create_dir_all(&folder).await?;
        let path = folder.join(uuid::Uuid::now_v7().to_string());
        let mut file = tokio::fs::File::create_new(&path).await?;
        // From here on it goes when this fails.
        let fetched = LocalFile::copy(path);
        let store = Arc::clone(&self.store) as Arc<dyn ObjectStore>;
        let mut bytes = RemoteObject::new(store, self.key(id)).read(0..size);
        while let Some(piece) = bytes.try_next().await? {
            file.write_all(&piece).await?;
        }
        file.flush().await?;
        Ok(fetched)
    }
}

impl Storage for S3Blobs {
    fn adopt<'a>(&'a self, from: &'a Path, id: &'a BlobHash) -> BoxFuture<'a, io::Result<Adopted>> {
        Box::pin(async move {
            let file = tokio::fs::File::open(from).await?;
            let size = file.metadata().await?.len();
            let file = Arc::new(file.into_std().await);
            let _turn = self.sending.acquire().await.map_err(io::Error::other)?;
            if self.find(id, size).await? {
                self.forget_parts(id).await;
                return Ok(Adopted::AlreadyThere);
            }
            if size <= self.part_bytes {
                self.put(&file, id, size).await
            } else {
                self.put_in_parts(&file, id, size).await
            }
        })
    }

    fn open<'a>(&'a self, id: &'a BlobHash) -> BoxFuture<'a, io::Result<Blob>> {
        Box::pin(async move {
            let size = self.length(id).await?.ok_or(io::ErrorKind::NotFound)?;
            let store = Arc::clone(&self.store) as Arc<dyn ObjectStore>;
            Ok(Blob {
                content: Content::Remote(RemoteObject::new(store, self.key(id))),
                size,
            })
        })
    }

    fn remove<'a>(&'a self, id: &'a BlobHash) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async move {
            match self.store.delete(&self.key(id)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(to_io(error)),
            }
        })
    }

    fn list(&self, first: u8) -> BoxFuture<'_, io::Result<HashMap<BlobHash, u64>>> {
        Box::pin(async move {
            let mut found = HashMap::new();
            let folder = self.prefix.clone().join(format!("{first:02x}"));
            let mut objects = self.store.list(Some(&folder));
            while let Some(object) = objects.try_next().await.map_err(to_io)? {
                let name = object.location.filename().unwrap_or_default();
                if let Ok(id) = name.parse::<BlobHash>()
                    && self.key(&id) == object.location
                {
                    found.insert(id, object.size);
                }
            }
            Ok(found)
        })
    }

    fn local_file<'a>(&'a self, id: &'a BlobHash) -> BoxFuture<'a, io::Result<LocalFile>> {
        Box::pin(self.fetch(id))
    }

    fn tidy(&self) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            let mut entries = match tokio::fs::read_dir(&self.fetched).await {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                entries => entries?,
            };
            while let Some(entry) = entries.next_entry().await? {
                if entry.file_name() != self.run.as_str() {
                    tokio::fs::remove_dir_all(entry.path()).await?;
                }
            }
            Ok(())
        })
    }

    fn interrupted(&self, idle: Duration) -> BoxFuture<'_, io::Result<Vec<BlobHash>>> {
        Box::pin(self.journals.idle_for(idle))
    }

    fn give_up<'a>(&'a self, id: &'a BlobHash) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async move {
            let Some(upload) = self.journals.upload(id).await? else {
                // None, or one that says nothing.
                return self.journals.remove(id).await;
            };
            match self.store.abort_multipart(&self.key(id), &upload).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {
                    self.journals.remove(id).await
                }
                Err(error) => Err(to_io(error)),
            }
        })
    }
}

/// A body may take as long as its reader; a service that says nothing for so long is gone.
fn client_options() -> ClientOptions {
    ClientOptions::new()
        .with_connect_timeout(Duration::from_secs(5))
        .with_read_timeout(Duration::from_secs(120))
        .with_timeout_disabled()
}

/// The environment (`AWS_...`) first, and over it what the configuration says.
fn builder(address: &S3Address, config: &StorageConfig, options: ClientOptions) -> AmazonS3Builder {
    let retry = RetryConfig {
        max_retries: 4,
        retry_timeout: Duration::from_secs(60),
        ..RetryConfig::default()
    };
    let conditional = match address.is_conditional {
        true => S3ConditionalPut::ETagMatch,
        false => S3ConditionalPut::Disabled,
    };
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(&address.bucket)
        .with_virtual_hosted_style_request(address.is_virtual_host)
        .with_conditional_put(conditional)
        .with_client_options(options)
        .with_retry(retry);
    if let Some(endpoint) = &address.endpoint {
        builder = builder
            .with_endpoint(endpoint)
            .with_allow_http(endpoint.starts_with("http://"));
    }
    if let Some(region) = &address.region {
        builder = builder.with_region(region);
    }
    if !config.access_key_id.is_empty() {
        builder = builder
            .with_access_key_id(&config.access_key_id)
            .with_secret_access_key(&config.secret_access_key);
    }
    builder
}

async fn read_part(from: &Arc<File>, at: u64, length: u64) -> io::Result<Vec<u8>> {
    let from = Arc::clone(from);
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = vec![0; length];
        from.read_exact_at(&mut bytes, at).map(|()| bytes)
    });
    read.await.map_err(io::Error::other)?
}
