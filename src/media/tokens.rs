//! The tokens in addresses of bytes: a short payload and its HMAC-SHA256, in base64url.
//!
//! A token says what it is for, and nothing that its reader may not know. It cannot be guessed
//! or altered; it does not replace the question whether its account may still have the bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use hmac::{Hmac, Mac};
use rand::Rng as _;
use sha2::Sha256;
use uuid::Uuid;

use crate::clock::Time;
use crate::ids::{AccountId, MovieId, TicketId};

/// Separates these tokens from anything else that may ever be signed with the key.
const DOMAIN: &[u8] = b"playhouse media token v1";
const MAC_LEN: usize = 32;
const TICKET: u8 = 1;
const WATCH: u8 = 2;

/// What another slice has signed. A token of one purpose is none of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// The link of a share.
    Share = 3,
    /// Somebody has said the password of a share.
    ShareAccess = 4,
    /// Somebody goes on with a download of a share.
    ShareUse = 5,
}

/// The house's key for addresses.
#[derive(Clone)]
pub(super) struct SigningKey([u8; 32]);

/// What a playback token allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    pub account: AccountId,
    pub movie: MovieId,
    /// Whole seconds.
    pub expires_at: Time,
    /// Which of the account's screens it was given to: one login session or access token.
    pub screen: u64,
    /// Whether it is for the beginning of the film only.
    pub is_preview: bool,
    /// What must begin the part of the path after the token.
    pub prefix: String,
}

impl SigningKey {
    pub(super) fn generate() -> SigningKey {
        SigningKey(rand::rng().random())
    }

    pub(super) fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub(super) fn from_text(text: &str) -> Option<SigningKey> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(SigningKey(bytes.try_into().ok()?))
    }

    pub(super) fn ticket(&self, id: &TicketId) -> String {
        self.seal(TICKET, id.uuid().as_bytes())
    }

    pub(super) fn open_ticket(&self, token: &str) -> Option<TicketId> {
        let payload = self.open(TICKET, token)?;
        Uuid::from_slice(&payload).ok().map(TicketId::from)
    }

    pub(super) fn watch(&self, watch: &Watch) -> String {
        let mut payload = Vec::with_capacity(49 + watch.prefix.len());
        payload.extend_from_slice(watch.account.uuid().as_bytes());
        payload.extend_from_slice(watch.movie.uuid().as_bytes());
        payload.extend_from_slice(&watch.expires_at.and_utc().timestamp().to_be_bytes());
        payload.extend_from_slice(&watch.screen.to_be_bytes());
        payload.push(u8::from(watch.is_preview));
        payload.extend_from_slice(watch.prefix.as_bytes());
        self.seal(WATCH, &payload)
    }

    /// The token's content; whether it has expired, and fits the path, is for the caller to ask.
    pub(super) fn open_watch(&self, token: &str) -> Option<Watch> {
        let payload = self.open(WATCH, token)?;
        let (account, rest) = payload.split_first_chunk::<16>()?;
        let (movie, rest) = rest.split_first_chunk::<16>()?;
        let (expires, rest) = rest.split_first_chunk::<8>()?;
        let (screen, rest) = rest.split_first_chunk::<8>()?;
        let (is_preview, prefix) = rest.split_first()?;
        let expires_at = DateTime::from_timestamp(i64::from_be_bytes(*expires), 0)?;
        Some(Watch {
            account: Uuid::from_bytes(*account).into(),
            movie: Uuid::from_bytes(*movie).into(),
            expires_at: expires_at.naive_utc(),
            screen: u64::from_be_bytes(*screen),
            is_preview: *is_preview != 0,
            prefix: String::from_utf8(prefix.to_vec()).ok()?,
        })
    }

    pub(super) fn sign(&self, purpose: Purpose, payload: &[u8]) -> String {
        self.seal(purpose as u8, payload)
    }

    pub(super) fn read(&self, purpose: Purpose, token: &str) -> Option<Vec<u8>> {
        self.open(purpose as u8, token)
    }

    fn seal(&self, kind: u8, payload: &[u8]) -> String {
        let mut bytes = payload.to_vec();
        bytes.extend_from_slice(&self.mac(kind, payload).finalize().into_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(&self, kind: u8, token: &str) -> Option<Vec<u8>> {
        let mut bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let mac = bytes.split_off(bytes.len().checked_sub(MAC_LEN)?);
        // Compares in constant time.
        self.mac(kind, &bytes).verify_slice(&mac).ok()?;
        Some(bytes)
    }

    fn mac(&self, kind: u8, payload: &[u8]) -> Hmac<Sha256> {
        // HMAC pads a shorter key with zeros to the block of its hash: here in the type.
        let mut block = [0; 64];
        for (to, from) in block.iter_mut().zip(self.0) {
            *to = from;
        }
        let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new(&block.into());
        mac.update(DOMAIN);
        mac.update(&[kind]);
        mac.update(payload);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn watch() -> Watch {
        let expires_at = DateTime::from_timestamp(2_000_000_000, 0).unwrap();
        let movie = MovieId::generate();
        Watch {
            account: AccountId::generate(),
            prefix: format!("{movie}/"),
            movie,
            expires_at: expires_at.naive_utc(),
            screen: 7,
            is_preview: true,
        }
    }

    #[test]
    fn tokens_read_back_under_their_key_and_kind_only() {
        let (key, other) = (SigningKey::generate(), SigningKey::generate());
        let (ticket, watch) = (TicketId::generate(), watch());
        let (t, w) = (key.ticket(&ticket), key.watch(&watch));
        assert_eq!(key.open_ticket(&t), Some(ticket));
        assert_eq!(key.open_watch(&w), Some(watch));
        assert_eq!(other.open_ticket(&t), None);
        assert_eq!(other.open_watch(&w), None);
        assert_eq!(key.open_watch(&t), None);
        assert_eq!(key.open_ticket(&w), None);
        let again = SigningKey::from_text(&key.to_text()).unwrap();
        assert!(again.open_ticket(&t).is_some());
        assert!(SigningKey::from_text("short").is_none());
    }

    #[test]
    fn every_altered_bit_is_seen() {
        let key = SigningKey::generate();
        let sealed = URL_SAFE_NO_PAD.decode(key.watch(&watch())).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                key.open_watch(&URL_SAFE_NO_PAD.encode(altered)),
                None,
                "{bit}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_opens(text in ".{0,120}") {
            let key = SigningKey::generate();
            prop_assert!(key.open_ticket(&text).is_none() && key.open_watch(&text).is_none());
        }
    }
}
