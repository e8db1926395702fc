//! What transfers have in common: the data connection they wait for, and the ways they are stopped.

use std::net::IpAddr;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::data;
use super::reply::Reply;
use super::wire::Io;

/// A data connection that is about to be made.
pub(super) struct Channel {
    pub listener: TcpListener,
    pub peer: IpAddr,
    pub tls: Option<TlsAcceptor>,
}

impl Channel {
    pub(super) async fn open(self) -> Result<Box<dyn Io>, Reply> {
        let opened = data::accept(self.listener, self.peer, self.tls).await;
        opened.map_err(|_| Reply::new(425, "The data connection was not made."))
    }
}

/// Stops a transfer from outside; it answers all the same.
pub(super) struct Stop(watch::Sender<Going>);

/// How a transfer hears of it.
#[derive(Clone)]
pub(super) struct Stopped(watch::Receiver<Going>);

/// Whether a transfer may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Going {
    On,
    /// The client is gone: what it has sent still comes, and its end is no end of a file.
    Cut,
    Stopped,
}

pub(super) fn stoppable() -> (Stop, Stopped) {
    let (stop, stopped) = watch::channel(Going::On);
    (Stop(stop), Stopped(stopped))
}

impl Stop {
    pub(super) fn now(&self) {
        self.0.send_replace(Going::Stopped);
    }

    pub(super) fn cut(&self) {
        self.0.send_replace(Going::Cut);
    }
}

impl Stopped {
    /// Returns when the transfer is to stop, also when nobody is there any more to wait for it.
    pub(super) async fn wait(&mut self) {
        drop(self.0.wait_for(|it| *it == Going::Stopped).await);
    }

    /// Returns when what comes is not all of it.
    pub(super) async fn wait_for_cut(&mut self) {
        drop(self.0.wait_for(|it| *it >= Going::Cut).await);
    }
}
