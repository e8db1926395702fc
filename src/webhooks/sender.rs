//! One attempt: a signed POST, to a public address, within a time, without redirects, and without reading the answer.
//!
//! A name is resolved here and nowhere else, and what it led to is what is connected to: there is no moment in which it
//! could lead elsewhere. No proxy stands between, or the address of the receiver would not be looked at.

use std::error::Error as StdError;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::TimeDelta;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response};
use rustls::CertificateError;

use super::model::Errand;
use super::{policy, retry_after};
use crate::clock::Time;
use crate::config::WebhooksConfig;

const AGENT: &str = concat!("Playhouse/", env!("CARGO_PKG_VERSION"));

/// Characters of what the network said that are kept.
const MAX_CAUSE: usize = 200;

/// Sends deliveries; cheap to copy.
#[derive(Clone)]
pub(super) struct Sender {
    /// Made for the first delivery: it reads the authorities that this machine trusts.
    client: Arc<OnceLock<Client>>,
    /// Trusted beside those.
    authorities: Arc<[Certificate]>,
    allows_private: bool,
    timeout: Duration,
}

/// Why an attempt failed, in words for admins. The answer's body is not among them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    #[error("The receiver answered {0}.")]
    Status(u16),
    #[error("The receiver answered {0} and asks for a pause of {secs} s.", secs = .1.num_seconds())]
    Later(u16, TimeDelta),
    #[error("The receiver answered 410: it wants nothing more.")]
    Gone,
    #[error("The receiver has no address of the public internet.")]
    NotPublic,
    #[error("The receiver did not answer within {0} seconds.")]
    TooSlow(u64),
    #[error("The certificate of the receiver is not trusted: {0}.")]
    NotTrusted(String),
    #[error("The receiver could not be reached: {0}")]
    NotReached(String),
}

impl Trouble {
    /// The status of the answer, if there was one.
    pub(super) fn status(&self) -> Option<i32> {
        match self {
            Self::Status(status) | Self::Later(status, _) => Some(i32::from(*status)),
            Self::Gone => Some(410),
            Self::NotPublic | Self::TooSlow(_) | Self::NotTrusted(_) | Self::NotReached(_) => None,
        }
    }

    /// For how long the receiver wants to be left alone, if it has said so.
    pub(super) fn pause(&self) -> Option<TimeDelta> {
        match self {
            Self::Later(_, pause) => Some(*pause),
            _ => None,
        }
    }

    /// Whether another attempt is pointless.
    pub(super) fn is_lasting(&self) -> bool {
        matches!(self, Self::Gone | Self::NotPublic)
    }
}

impl Sender {
    /// # Errors
    /// When the authorities cannot be read.
    pub(super) fn new(config: &WebhooksConfig) -> io::Result<Self> {
        let authorities = match &config.ca_file {
            Some(file) => authorities_in(file)?,
            None => Vec::new(),
        };
        Ok(Self {
            client: Arc::default(),
            authorities: authorities.into(),
            allows_private: config.allow_private_addresses,
            timeout: Duration::from_secs(config.timeout_seconds),
        })
    }

    /// Sends a delivery; answers the status when it arrived.
    pub(super) async fn send(&self, errand: &Errand, now: Time) -> Result<i32, Trouble> {
        // The setting may have changed since the address was taken, and a literal address is not resolved.
        let url =
            policy::receiver(&errand.url, self.allows_private).map_err(|_| Trouble::NotPublic)?;
        let (id, timestamp) = (errand.id.as_str(), now.and_utc().timestamp());
        let signature = errand.key.sign(id, timestamp, &errand.body);
        let request = self
            .client()
            .await?
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(errand.body.clone());
        let answer = request.send().await.map_err(|error| self.trouble(&error))?;
        match answer.status().as_u16() {
            status @ 200..=299 => Ok(i32::from(status)),
            410 => Err(Trouble::Gone),
            status @ (429 | 503) => Err(asked_pause(&answer, now)
                .map_or(Trouble::Status(status), |it| Trouble::Later(status, it))),
            status => Err(Trouble::Status(status)),
        }
    }

    async fn client(&self) -> Result<Client, Trouble> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let sender = self.clone();
        let built = tokio::task::spawn_blocking(move || sender.build());
        let client = match built.await {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => return Err(self.trouble(&error)),
            Err(error) => return Err(Trouble::NotReached(error.to_string())),
        };
        Ok(self.client.get_or_init(|| client).clone())
    }

    /// Whoever is behind a proxy of the environment, a redirect or a connection of before was not looked at: there are none.
    fn build(&self) -> reqwest::Result<Client> {
        Client::builder()
            .user_agent(AGENT)
            .timeout(self.timeout)
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .pool_max_idle_per_host(0)
            .dns_resolver(Resolver(self.allows_private))
            .tls_certs_merge(self.authorities.iter().cloned())
            .build()
    }

    fn trouble(&self, error: &reqwest::Error) -> Trouble {
        if causes(error).any(<dyn StdError>::is::<NotPublic>) {
            return Trouble::NotPublic;
        }
        if error.is_timeout() {
            return Trouble::TooSlow(self.timeout.as_secs());
        }
        if let Some(cause) = causes(error).find_map(distrust) {
            return Trouble::NotTrusted(cause);
        }
        // The first one names the address, which may have a key in it.
        let last = causes(error).skip(1).last().map(ToString::to_string);
        let cause = last.unwrap_or_else(|| "no answer".to_owned());
        let cause = cause.chars().filter(|it| !it.is_control());
        Trouble::NotReached(cause.take(MAX_CAUSE).collect())
    }
}

fn asked_pause(answer: &Response, now: Time) -> Option<TimeDelta> {
    let said = answer.headers().get(RETRY_AFTER)?.to_str().ok()?;
    retry_after::pause(said, now)
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let first: &(dyn StdError + 'static) = error;
    std::iter::successors(Some(first), |it| (**it).source())
}

/// What is wrong with a certificate, if that is what is wrong.
fn distrust(cause: &(dyn StdError + 'static)) -> Option<String> {
    let mut cause = cause;
    // An error of the network hides the one that it was made of.
    while let Some(inner) = cause.downcast_ref().and_then(io::Error::get_ref) {
        cause = inner;
    }
    let tls = cause.downcast_ref::<rustls::Error>()?;
    let rustls::Error::InvalidCertificate(fault) = tls else {
        return None;
    };
    Some(match fault {
        // The second is that of somebody who has the name of a known authority.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "nobody known vouches for it".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name".to_owned()
        }
        other => other.to_string().chars().take(MAX_CAUSE).collect(),
    })
}

fn authorities_in(file: &Path) -> io::Result<Vec<Certificate>> {
    let wrong = |error: String| {
        let what = format!("webhooks.ca_file: cannot read {}: {error}", file.display());
        io::Error::other(what)
    };
    let pem = std::fs::read(file).map_err(|it| wrong(it.to_string()))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|it| wrong(it.to_string()))?;
    match found.is_empty() {
        true => Err(wrong("there is no certificate in it".to_owned())),
        false => Ok(found),
    }
}

/// Leads names to public addresses only, unless it is true: then to all.
struct Resolver(bool);

/// A name led nowhere but into networks that are not public.
#[derive(Debug, thiserror::Error)]
#[error("not an address of the public internet")]
struct NotPublic;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allows_private = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let fit = found.filter(|it| allows_private || policy::is_public(it.ip()));
            let fit: Vec<SocketAddr> = fit.collect();
            if fit.is_empty() {
                return Err(NotPublic.into());
            }
            let fit: Addrs = Box::new(fit.into_iter());
            Ok(fit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn resolved(name: &str, allows_private: bool) -> Result<usize, String> {
        let found = Resolver(allows_private)
            .resolve(name.parse().unwrap())
            .await;
        found.map(Iterator::count).map_err(|it| it.to_string())
    }

    #[tokio::test]
    async fn a_name_that_leads_home_leads_nowhere() {
        let refused = Err(NotPublic.to_string());
        assert_eq!(resolved("localhost", false).await, refused);
        assert!(resolved("localhost", true).await.unwrap() > 0);
    }
}
