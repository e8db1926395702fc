//! A bad wire between the program and the server: slow, torn, or one that spoils bytes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What the wire does; may be changed while it works.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) url: String,
    rules: Arc<Rules>,
}

#[derive(Debug)]
struct Rules {
    server: Mutex<String>,
    /// Each connection breaks after so many bytes in either direction.
    cut_after: AtomicU64,
    /// Milliseconds for each 64 KiB.
    pause: AtomicU64,
    /// Turns a bit of the first long answer.
    spoil: AtomicBool,
    cuts: AtomicU64,
}

impl Wire {
    /// A good one, to begin with.
    pub(crate) async fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let rules = Arc::new(Rules {
            server: Mutex::new(authority(server)),
            cut_after: AtomicU64::new(u64::MAX),
            pause: AtomicU64::new(0),
            spoil: AtomicBool::new(false),
            cuts: AtomicU64::new(0),
        });
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::clone(&rules);
        actix_web::rt::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                actix_web::rt::spawn(carry(client, Arc::clone(&shared)));
            }
        });
        Self { url, rules }
    }

    /// From now on it leads to another server.
    pub(crate) fn leads_to(&self, server: &str) {
        *self.rules.server.lock().unwrap() = authority(server);
    }

    pub(crate) fn cut_after(&self, bytes: u64) {
        self.rules.cut_after.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn pause(&self, millis: u64) {
        self.rules.pause.store(millis, Ordering::Relaxed);
    }

    pub(crate) fn spoil_once(&self) {
        self.rules.spoil.store(true, Ordering::Relaxed);
    }

    pub(crate) fn cuts(&self) -> u64 {
        self.rules.cuts.load(Ordering::Relaxed)
    }
}

fn authority(url: &str) -> String {
    url.trim_start_matches("http://").to_owned()
}

async fn carry(client: TcpStream, rules: Arc<Rules>) {
    let server = rules.server.lock().unwrap().clone();
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = one_way(from_client, to_server, &rules, false) => {}
        () = one_way(from_server, to_client, &rules, true) => {}
    }
}

async fn one_way(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, rules: &Rules, answers: bool) {
    let mut buffer = vec![0; 64 * 1024];
    let mut carried = 0;
    while let Ok(read) = from.read(&mut buffer).await {
        carried += read as u64;
        if carried > rules.cut_after.load(Ordering::Relaxed) {
            rules.cuts.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let long = answers && read > 32 * 1024;
        if long && rules.spoil.swap(false, Ordering::Relaxed) {
            buffer[read - 1] ^= 1;
        }
        if read == 0 || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
        let pause = rules.pause.load(Ordering::Relaxed) * read as u64 / (64 * 1024);
        if pause > 0 {
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }
}
