//! Where clients come in: one listener on a thread of its own, and a task for each session.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use actix::Arbiter;
use anyhow::Context as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::guests::Guests;
use super::reply::Reply;
use super::session::Session;
use super::tls;
use super::wire::Wire;
use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::drive::{Contents, Drive};
use crate::events::Events;
use crate::transfers::Uploads;

/// How long a stopping server waits for its guests to go.
const LEAVE_WITHIN: Duration = Duration::from_secs(4);
/// How long nobody is let in after the system had no connection to give.
const PAUSE: Duration = Duration::from_millis(200);

/// What the door leads to.
pub struct Parts {
    pub db: Db,
    pub clock: Clock,
    pub events: Events,
    pub accounts: Accounts,
    pub drive: Drive,
    pub contents: Contents,
    pub uploads: Uploads,
}

/// What all sessions have in common.
pub(super) struct House {
    pub db: Db,
    pub clock: Clock,
    pub accounts: Accounts,
    pub drive: Drive,
    pub contents: Contents,
    pub uploads: Uploads,
    pub tls: Option<TlsAcceptor>,
    pub needs_tls: bool,
    pub passive_ports: RangeInclusive<u16>,
    pub passive_address: Option<Ipv4Addr>,
    pub idle: Duration,
    /// How long a data connection may stand still.
    pub stall: Duration,
    pub max_of_one: usize,
    max: usize,
    name: String,
    guests: Arc<Guests>,
}

impl House {
    pub(super) fn greeting(&self) -> String {
        format!("{} is ready.", self.name)
    }

    fn new(parts: Parts, config: &Config) -> anyhow::Result<Self> {
        let ftp = &config.ftp;
        let certificate = ftp.certificate(&config.server);
        let guests = Arc::new(Guests::default());
        let heard = Arc::downgrade(&guests);
        parts.events.on_access_ended(move |ended| {
            if let Some(guests) = heard.upgrade() {
                guests.end_access(ended);
            }
        });
        Ok(Self {
            db: parts.db,
            clock: parts.clock,
            accounts: parts.accounts,
            drive: parts.drive,
            contents: parts.contents,
            uploads: parts.uploads,
            tls: certificate.map(tls::acceptor).transpose()?,
            needs_tls: ftp.needs_tls(&config.server),
            passive_ports: ftp.passive_ports.0.clone(),
            passive_address: ftp.passive_address,
            idle: Duration::from_secs(ftp.idle_seconds),
            stall: Duration::from_secs(config.uploads.stall_seconds),
            max_of_one: ftp.max_connections_per_account,
            max: ftp.max_connections,
            name: config.site.name.clone(),
            guests,
        })
    }
}

/// A door that is open.
pub struct Door {
    pub address: SocketAddr,
    guests: Arc<Guests>,
    arbiter: Arbiter,
    close: Option<oneshot::Sender<()>>,
    closed: oneshot::Receiver<()>,
}

impl Door {
    /// Opens the door, if it is configured.
    ///
    /// # Errors
    /// When the address is taken, or the certificate cannot be read.
    pub fn open(parts: Parts, config: &Config) -> anyhow::Result<Option<Self>> {
        if !config.ftp.enabled {
            return Ok(None);
        }
        let listen = config.ftp.listen;
        let house = Arc::new(House::new(parts, config)?);
        let listener = std::net::TcpListener::bind(listen)
            .with_context(|| format!("cannot listen on {listen} for FTP"))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        if house.tls.is_none() {
            tracing::warn!(%address, "FTP without a certificate: passwords can be read on their way");
        }
        tracing::info!(%address, tls.required = house.needs_tls, "listening for FTP");
        let (close, closing) = oneshot::channel();
        let (done, closed) = oneshot::channel();
        let arbiter = Arbiter::new();
        let guests = Arc::clone(&house.guests);
        arbiter.spawn(async move {
            attend(house, listener, closing).await;
            // Nobody listens when the server was not stopped but dropped.
            let _ = done.send(());
        });
        Ok(Some(Self {
            address,
            guests,
            arbiter,
            close: Some(close),
            closed,
        }))
    }

    /// Lets nobody in any more, ends the sessions, and returns when they have gone.
    pub async fn close(mut self) {
        drop(self.close.take());
        self.guests.end_all();
        drop(timeout(LEAVE_WITHIN, &mut self.closed).await);
        self.arbiter.stop();
    }
}

async fn attend(
    house: Arc<House>,
    listener: std::net::TcpListener,
    mut closing: oneshot::Receiver<()>,
) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "cannot listen for FTP");
            return;
        }
    };
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut closing => break,
            Some(_) = sessions.join_next() => {}
            accepted = listener.accept() => match accepted {
                // Even a refusal takes a while with somebody who does not hear it.
                Ok(_) if sessions.len() >= 2 * house.max => {}
                Ok((stream, peer)) => {
                    sessions.spawn_local(welcome(Arc::clone(&house), stream, peer));
                }
                Err(error) => {
                    tracing::warn!(%error, "could not take an FTP connection");
                    tokio::time::sleep(PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    house.guests.end_all();
    while sessions.join_next().await.is_some() {}
}

async fn welcome(house: Arc<House>, stream: TcpStream, peer: SocketAddr) {
    let Ok(local) = stream.local_addr() else {
        return;
    };
    let between = (peer.ip().to_canonical(), local.ip().to_canonical());
    // Answers are short and are waited for.
    let _ = stream.set_nodelay(true);
    let mut wire = Wire::new(Box::new(stream));
    let Some(seat) = house.guests.enter(between.0, house.max) else {
        // Whether they hear it is up to them.
        drop(wire.say(&Reply::new(421, "All places are taken.")).await);
        wire.close().await;
        return;
    };
    Session::new(house, wire, seat, between).run().await;
}
