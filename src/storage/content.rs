//! The bytes of a blob, wherever they are, to be read at any place by any number of readers.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore};

/// Bytes that can be read; cheap to copy.
#[derive(Clone, Debug)]
pub enum Content {
    /// An open file of this machine; only read with positions, so it can be shared.
    File(Arc<File>),
    /// An object of a service.
    Remote(RemoteObject),
}

/// Bytes that are read at a time to be hashed.
const PIECE: usize = 1 << 20;

impl Content {
    /// Reads everything, and answers its hash and its length. `size` is how long it says it is; of a file the rest is
    /// read, too. Takes the memory of a piece.
    ///
    /// # Errors
    /// What the place answers.
    pub async fn hash(&self, size: u64) -> io::Result<(blake3::Hash, u64)> {
        match self {
            Self::File(file) => {
                let file = Arc::clone(file);
                let hashed = tokio::task::spawn_blocking(move || hash_file(&file));
                hashed.await.map_err(io::Error::other)?
            }
            Self::Remote(object) => {
                let (mut hasher, mut length) = (blake3::Hasher::new(), 0);
                let mut pieces = object.read(0..size);
                while let Some(piece) = pieces.try_next().await? {
                    hasher.update(&piece);
                    length += piece.len() as u64;
                }
                Ok((hasher.finalize(), length))
            }
        }
    }
}

fn hash_file(file: &File) -> io::Result<(blake3::Hash, u64)> {
    let (mut hasher, mut length) = (blake3::Hasher::new(), 0);
    let mut piece = vec![0; PIECE];
    loop {
        match file.read_at(&mut piece, length) {
            Ok(0) => return Ok((hasher.finalize(), length)),
            Ok(read) => {
                hasher.update(piece.get(..read).unwrap_or_default());
                length += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl From<File> for Content {
    fn from(file: File) -> Self {
        Self::File(Arc::new(file))
    }
}

/// An object of a service that is read by ranges.
#[derive(Clone, Debug)]
pub struct RemoteObject {
    store: Arc<dyn ObjectStore>,
    path: Path,
}

impl RemoteObject {
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, path: Path) -> Self {
        Self { store, path }
    }

    /// The bytes of a range in pieces of any size, in order. It ends early only with an error.
    #[must_use]
    pub fn read(&self, range: Range<u64>) -> BoxStream<'static, io::Result<Bytes>> {
        if range.is_empty() {
            // The service refuses a range of nothing.
            return stream::empty().boxed();
        }
        let (store, path) = (Arc::clone(&self.store), self.path.clone());
        let opened = async move {
            let options = GetOptions::default().with_range(Some(range));
            let found = store.get_opts(&path, options).await.map_err(to_io)?;
            Ok::<_, io::Error>(found.into_stream().map_err(to_io))
        };
        stream::once(opened).try_flatten().boxed()
    }
}

/// The same trouble as an error of input and output.
pub(super) fn to_io(error: object_store::Error) -> io::Error {
    use io::ErrorKind as Kind;
    let kind = match &error {
        object_store::Error::NotFound { .. } => Kind::NotFound,
        object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. } => {
            Kind::AlreadyExists
        }
        object_store::Error::PermissionDenied { .. }
        | object_store::Error::Unauthenticated { .. } => Kind::PermissionDenied,
        _ => Kind::Other,
    };
    io::Error::new(kind, error)
}
