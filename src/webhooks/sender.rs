//! One attempt: a signed POST, to a public address, within a time, without redirects, and without reading the answer.
//!
//! A name is resolved here and nowhere else, and what it led to is what is connected to: there is no moment in which it
//! could lead elsewhere. No proxy stands between, or the address of the receiver would not be looked at.

use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;

use super::model::Errand;
use super::policy;
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
    allows_private: bool,
    timeout: Duration,
}

/// Why an attempt failed, in words for admins. The answer's body is not among them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    #[error("The receiver answered {0}.")]
    Status(u16),
    #[error("The receiver answered 410: it wants nothing more.")]
    Gone,
    #[error("The receiver has no address of the public internet.")]
    NotPublic,
    #[error("The receiver did not answer within {0} seconds.")]
    TooSlow(u64),
    #[error("The receiver could not be reached: {0}")]
    NotReached(String),
}

impl Trouble {
    /// The status of the answer, if there was one.
    pub(super) fn status(&self) -> Option<i32> {
        match self {
            Self::Status(status) => Some(i32::from(*status)),
            Self::Gone => Some(410),
            Self::NotPublic | Self::TooSlow(_) | Self::NotReached(_) => None,
        }
    }

    /// Whether another attempt is pointless.
    pub(super) fn is_lasting(&self) -> bool {
        matches!(self, Self::Gone | Self::NotPublic)
    }
}

impl Sender {
    pub(super) fn new(config: &WebhooksConfig) -> Self {
        Self {
            client: Arc::default(),
            allows_private: config.allow_private_addresses,
            timeout: Duration::from_secs(config.timeout_seconds),
        }
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
            status => Err(Trouble::Status(status)),
        }
    }

    async fn client(&self) -> Result<Client, Trouble> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let (resolver, timeout) = (Resolver(self.allows_private), self.timeout);
        let built = tokio::task::spawn_blocking(move || {
            Client::builder()
                .user_agent(AGENT)
                .timeout(timeout)
                .redirect(Policy::none())
                .no_proxy()
                .referer(false)
                .pool_max_idle_per_host(0)
                .dns_resolver(resolver)
                .build()
        });
        let client = match built.await {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => return Err(self.trouble(&error)),
            Err(error) => return Err(Trouble::NotReached(error.to_string())),
        };
        Ok(self.client.get_or_init(|| client).clone())
    }

    fn trouble(&self, error: &reqwest::Error) -> Trouble {
        let first: &(dyn StdError + 'static) = error;
        let mut causes = std::iter::successors(Some(first), |it| (**it).source());
        if causes.any(<dyn StdError>::is::<NotPublic>) {
            return Trouble::NotPublic;
        }
        if error.is_timeout() {
            return Trouble::TooSlow(self.timeout.as_secs());
        }
        let causes = std::iter::successors(Some(first), |it| (**it).source());
        // The first one names the address, which may have a key in it.
        let last = causes.skip(1).last().map(ToString::to_string);
        let cause = last.unwrap_or_else(|| "no answer".to_owned());
        let cause = cause.chars().filter(|it| !it.is_control());
        Trouble::NotReached(cause.take(MAX_CAUSE).collect())
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
