//! How it starts, says where it listens, and stops.

use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use playhouse_test_support::server::Server;
use tempfile::TempDir;

use crate::program::{playhouse, run};

#[actix_web::test]
async fn it_says_where_it_listens_and_stops_when_asked() {
    for signal in ["TERM", "INT"] {
        let data = TempDir::new().unwrap();
        let mut server = Server::start(playhouse(&[]), data.path(), None);
        assert!(
            server.url.starts_with("http://127.0.0.1:"),
            "{}",
            server.url
        );
        let ready = reqwest::get(format!("{}/readyz", server.url))
            .await
            .unwrap();
        assert_eq!(ready.status(), 200);
        assert!(data.path().join("setup-token").exists());
        // Somebody who holds a connection open does not hold the server.
        let mut idle = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
        idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
            .unwrap();
        server.signal(signal);
        assert_eq!(server.wait(Duration::from_secs(10)).await, 0);
        assert!(
            reqwest::get(format!("{}/healthz", server.url))
                .await
                .is_err()
        );
    }
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = TempDir::new().unwrap();
    let (ok, said) = run(playhouse(&["serve", "--listen", &address, "--data"]).arg(data.path()));
    assert!(!ok && said.contains(&address), "{said}");
}

/// Passwords' hashes, films that are sold and members' files are nobody else's on the machine.
#[actix_web::test]
async fn what_it_keeps_is_for_its_own_user_only() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("house");
    let server = Server::start(playhouse(&[]), &data, None);
    server.admin().await;
    let mut unseen = vec![data.clone()];
    let mut seen = 0;
    while let Some(path) = unseen.pop() {
        let found = std::fs::symlink_metadata(&path).unwrap();
        assert_eq!(found.permissions().mode() & 0o077, 0, "{}", path.display());
        seen += 1;
        if found.is_dir() {
            let inside = std::fs::read_dir(&path).unwrap().flatten();
            unseen.extend(inside.map(|it| it.path()));
        }
    }
    assert!(data.join("playhouse.db").exists() && seen > 3);
}
