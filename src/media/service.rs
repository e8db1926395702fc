//! From a token to a download under way, and from a stored file to what is offered.

use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::OnceCell;

use super::model::{Error, Stored};
use super::store;
use super::tokens::{Purpose, SigningKey, Watch};
use crate::blobs::Blobs;
use crate::clock::{Clock, Time};
use crate::db::Db;
use crate::events::Events;
use crate::ids::{AccountId, TicketId};
use crate::transfers::conditions::tag_of;
use crate::transfers::disposition::Offer;
use crate::transfers::live::{Live, LiveKey};
use crate::transfers::registry::{Generation, Transfers};
use crate::transfers::serve::Offering;

type Result<T> = std::result::Result<T, Error>;

const KEY_SETTING: &str = "media_signing_key";

/// How often a request asks again when transfers were stopped between question and answer.
const ATTEMPTS: u32 = 3;

/// The doors to bytes; cheap to copy.
#[derive(Clone)]
pub struct Media {
    db: Db,
    clock: Clock,
    blobs: Blobs,
    transfers: Transfers,
    key: Arc<OnceCell<SigningKey>>,
}

impl Media {
    /// Stops the transfers of an account when `events` tells that it was locked.
    pub fn new(db: Db, clock: Clock, events: &Events, blobs: Blobs, transfers: Transfers) -> Media {
        transfers.listen(events);
        Media {
            db,
            clock,
            blobs,
            transfers,
            key: Arc::default(),
        }
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    pub fn transfers(&self) -> &Transfers {
        &self.transfers
    }

    /// The token for a ticket's address.
    ///
    /// # Errors
    /// When the key cannot be had.
    pub async fn ticket_token(&self, id: &TicketId) -> Result<String> {
        Ok(self.key().await?.ticket(id))
    }

    /// The ticket that a token names.
    ///
    /// # Errors
    /// [`Error::NoSuchAddress`].
    pub async fn read_ticket(&self, token: &str) -> Result<TicketId> {
        let id = self.key().await?.open_ticket(token);
        id.ok_or(Error::NoSuchAddress)
    }

    /// The token for a playback address.
    ///
    /// # Errors
    /// When the key cannot be had.
    pub async fn watch_token(&self, watch: &Watch) -> Result<String> {
        Ok(self.key().await?.watch(watch))
    }

    /// What a playback token allows, now.
    ///
    /// # Errors
    /// [`Error::NoSuchAddress`], [`Error::Expired`].
    pub async fn read_watch(&self, token: &str) -> Result<Watch> {
        let watch = self.key().await?.open_watch(token);
        let watch = watch.ok_or(Error::NoSuchAddress)?;
        if self.now() >= watch.expires_at {
            return Err(Error::Expired);
        }
        Ok(watch)
    }

    /// A token for this purpose that says `payload`, which its reader may know.
    ///
    /// # Errors
    /// When the key cannot be had.
    pub async fn sign(&self, purpose: Purpose, payload: &[u8]) -> Result<String> {
        Ok(self.key().await?.sign(purpose, payload))
    }

    /// What a token of this house says, if it is one for this purpose.
    ///
    /// # Errors
    /// When the key cannot be had.
    pub async fn read_signed(&self, purpose: Purpose, token: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.key().await?.read(purpose, token))
    }

    /// Joins what is under way, or else what `start` starts. `start` asks who may; it is called
    /// again when something was stopped before its answer could count.
    ///
    /// # Errors
    /// [`Error::Foreign`], [`Error::Expired`], [`Error::Stopping`], and what `start` refuses.
    pub async fn join<E, F>(
        &self,
        key: &LiveKey,
        who: Option<&AccountId>,
        start: impl Fn(Generation) -> F,
    ) -> std::result::Result<Arc<Live>, E>
    where
        E: From<Error>,
        F: Future<Output = std::result::Result<Option<Arc<Live>>, E>>,
    {
        if let Some(live) = self.find(key, who)? {
            return Ok(live);
        }
        for _ in 0..ATTEMPTS {
            let started = start(self.transfers.generation()).await?;
            if let Some(live) = started.filter(|live| !live.flow.is_stopped()) {
                return Ok(live);
            }
        }
        Err(Error::Stopping.into())
    }

    /// What is under way already, unless it is being stopped.
    fn find(&self, key: &LiveKey, who: Option<&AccountId>) -> Result<Option<Arc<Live>>> {
        let Some(live) = self.transfers.find(key) else {
            return Ok(None);
        };
        may_use_address(&live.owner, who)?;
        if self.now() >= live.expires_at {
            return Err(Error::Expired);
        }
        Ok((!live.flow.is_stopped()).then_some(live))
    }

    /// Opens a stored file.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn open(&self, stored: Stored, offer: Offer) -> Result<Offering> {
        let opened = self.blobs.open(&stored.blake3, stored.size).await;
        let blob = opened.map_err(|cause| Error::Storage(stored.blake3.clone(), cause))?;
        Ok(Offering {
            content: blob.content,
            size: blob.size,
            modified: SystemTime::from(stored.stored_at.and_utc()),
            sha256: stored.sha256.as_deref().and_then(hash_bytes),
            tag: tag_of(&stored.blake3).to_owned(),
            content_type: stored.content_type,
            name: stored.file_name,
            offer,
        })
    }

    /// The signing key, made by the first node that needs it.
    async fn key(&self) -> Result<&SigningKey> {
        self.key
            .get_or_try_init(|| async {
                let fresh = SigningKey::generate().to_text();
                let text = self
                    .db
                    .write::<_, Error, _>(move |conn| {
                        Ok(store::setting_or(conn, KEY_SETTING, &fresh)?)
                    })
                    .await?;
                SigningKey::from_text(&text).ok_or(Error::SigningKey)
            })
            .await
    }
}

/// Whether somebody may use an address. One with a token needs no sign-in, so that players and
/// download managers can use it; but who is signed in must be its owner.
///
/// # Errors
/// [`Error::Foreign`].
pub fn may_use_address(owner: &AccountId, signed_in: Option<&AccountId>) -> Result<()> {
    match signed_in {
        Some(account) if account != owner => Err(Error::Foreign),
        _ => Ok(()),
    }
}

/// The bytes of a SHA-256 in hex.
fn hash_bytes(hex: &str) -> Option<[u8; 32]> {
    // The same 64 digits as a BLAKE3 hash, which knows how to read them.
    blake3::Hash::from_hex(hex)
        .ok()
        .map(|hash| *hash.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_owners() {
        let (owner, other) = (AccountId::generate(), AccountId::generate());
        assert!(may_use_address(&owner, None).is_ok());
        assert!(may_use_address(&owner, Some(&owner)).is_ok());
        assert!(matches!(
            may_use_address(&owner, Some(&other)),
            Err(Error::Foreign)
        ));
    }
}
