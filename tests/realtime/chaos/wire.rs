//! A wire to the server that can go dead without being cut: both ends keep an open connection over which nothing comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;

/// Longer than anybody waits for a word.
const HELD: Duration = Duration::from_secs(30);

pub(super) struct Wire {
    pub(super) url: String,
    /// Dead from now on: the connections whose number has this rest when it is halved.
    deaths: broadcast::Sender<u64>,
    pub(super) dead: Arc<AtomicU64>,
}

impl Wire {
    pub(super) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (deaths, _) = broadcast::channel(16);
        let wire = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            deaths: deaths.clone(),
            dead: Arc::default(),
        };
        let dead = Arc::clone(&wire.dead);
        tokio::spawn(async move {
            let mut number = 0;
            while let Ok((client, _)) = listener.accept().await {
                number += 1;
                let told = deaths.subscribe();
                tokio::spawn(carry(client, port, number, told, Arc::clone(&dead)));
            }
        });
        wire
    }

    /// Half of the connections go dead.
    pub(super) fn half_dies(&self, which: u64) {
        // Nobody listens when nobody is connected.
        let _ = self.deaths.send(which % 2);
    }
}

async fn carry(
    mut client: TcpStream,
    port: u16,
    number: u64,
    mut deaths: broadcast::Receiver<u64>,
    dead: Arc<AtomicU64>,
) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else {
        return;
    };
    let dies = async {
        while let Ok(which) = deaths.recv().await {
            if which == number % 2 {
                return;
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => return,
        () = dies => {}
    }
    dead.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(HELD).await;
    drop((client, server));
}
