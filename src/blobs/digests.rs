//! SHA-256 and MD5 of each content, shown so that a download can be checked with any tool. Those of a small content are
//! computed when it comes; for a large one it happens in the background.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use md5::Md5;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use super::model::{Error, NewBlob};
use super::service::Blobs;
use super::store;
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::ids::BlobId;
use crate::jobs::{Failure, Jobs, NewJob, Outcome, Task};

/// Computes the digests of a content.
pub(super) const KIND: &str = "digests";

/// Stands before the id in the subject of the job, which would be taken for that of a film otherwise.
const SUBJECT: &str = "blob:";

const PIECE: usize = 1 << 20;

/// Bytes whose digests take less time (a millisecond) than a job for them.
const SMALL: i64 = 256 << 10;

/// Both digests of a content, as hex digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digests {
    pub sha256: String,
    pub md5: String,
}

/// Stops the reading when whoever waits for it goes away.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Asks for the digests of a new content.
pub(super) fn enqueue_in(conn: &mut Conn, now: Time, id: &BlobId) -> db::Result<()> {
    let job = NewJob::new(KIND, format!("{SUBJECT}{id}"), now);
    Jobs::enqueue_in(conn, now, job)
}

/// The digests of a file that is small enough to compute them at once.
pub(super) async fn of_small(file: &NewBlob) -> io::Result<Option<Digests>> {
    if file.size > SMALL {
        return Ok(None);
    }
    let path = file.path.clone();
    let read = tokio::task::spawn_blocking(move || {
        let bytes = std::fs::read(path)?;
        Ok(Digests {
            sha256: hex(&Sha256::digest(&bytes)),
            md5: hex(&Md5::digest(&bytes)),
        })
    });
    read.await.map_err(io::Error::other)?.map(Some)
}

fn subject(task: &Task) -> Result<BlobId, Failure> {
    let id = task.subject.strip_prefix(SUBJECT).unwrap_or_default();
    uuid::Uuid::try_parse(id)
        .map(BlobId::from)
        .map_err(Failure::lasting)
}

impl Blobs {
    /// The handler of [`KIND`].
    pub(super) async fn compute_digests(self, task: Task) -> Result<Outcome, Failure> {
        let id = subject(&task)?;
        let wanted = id.clone();
        let found = self
            .house
            .db
            .read::<_, Error, _>(move |conn| Ok(store::find(conn, &wanted)?))
            .await
            .map_err(Failure::passing)?;
        // It went, or another worker was faster.
        let Some(blob) = found.filter(|it| it.sha256.is_none()) else {
            return Ok(Outcome::Done);
        };
        let file = self
            .local_file(&blob.blake3)
            .await
            .map_err(|error| Failure::passing(error.into_io()))?;
        let is_stopped = Arc::new(AtomicBool::new(false));
        let _stop = StopOnDrop(Arc::clone(&is_stopped));
        let digests =
            on_a_polite_thread(move || digest(&mut File::open(file.path())?, &is_stopped))
                .await
                .map_err(Failure::passing)?;
        self.house
            .db
            .write::<_, Error, _>(move |conn| {
                Ok(store::set_digests(
                    conn,
                    &blob.id,
                    &digests.sha256,
                    &digests.md5,
                )?)
            })
            .await
            .map_err(Failure::passing)?;
        self.tell_digests(&id);
        Ok(Outcome::Done)
    }
}

/// Runs work on a thread of its own at the lowest priority: whoever watches a film comes first.
async fn on_a_polite_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (answer, answered) = oneshot::channel();
    std::thread::Builder::new()
        .name("digests".to_owned())
        .spawn(move || {
            let me = rustix::thread::gettid();
            if let Err(error) = rustix::process::setpriority_process(Some(me), 19) {
                tracing::debug!(%error, "could not lower the priority of a thread");
            }
            drop(answer.send(work()));
        })?;
    answered.await.map_err(io::Error::other)?
}

fn digest(from: &mut impl Read, is_stopped: &AtomicBool) -> io::Result<Digests> {
    let (mut sha256, mut md5) = (Sha256::new(), Md5::new());
    let mut piece = vec![0; PIECE];
    loop {
        if is_stopped.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        let read = from.read(&mut piece)?;
        if read == 0 {
            return Ok(Digests {
                sha256: hex(&sha256.finalize()),
                md5: hex(&md5.finalize()),
            });
        }
        let bytes = piece.get(..read).unwrap_or_default();
        sha256.update(bytes);
        md5.update(bytes);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let go_on = AtomicBool::new(false);
        let Digests { sha256, md5 } = digest(&mut &b"abc"[..], &go_on).unwrap();
        assert_eq!(
            sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(md5, "900150983cd24fb0d6963f7d28e17f72");
        assert!(digest(&mut &b"abc"[..], &AtomicBool::new(true)).is_err());
    }
}
