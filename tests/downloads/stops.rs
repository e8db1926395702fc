//! What is under way and must end.

use std::time::Duration;

use diesel::prelude::*;
use playhouse::db::Error as DbError;
use playhouse::events::Audience;
use playhouse_api::events::{Event, TransferState};
use playhouse_test_support::{TestApp, problem};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::seed::{account_id, publish_bytes};
use crate::wire::{address, range, ticket};

/// A client that asks for everything and reads only a little.
async fn slow_client(app: &TestApp, path: &str) -> tokio::net::TcpStream {
    let host = app.url.strip_prefix("http://").unwrap();
    let mut client = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", &path[1..]);
    client.write_all(request.as_bytes()).await.unwrap();
    client.read_exact(&mut [0; 1000]).await.unwrap();
    client
}

#[actix_web::test]
async fn locking_an_account_stops_its_downloads_at_once() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish_bytes(&app, 0, 64 << 20).await;
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let path = address(&ticket(&ann, &film).await);
    let playback = ann.get_json(&format!("/movies/{}/playback", film.id)).await;
    let watch = address(&playback["sources"][0]);
    let mut pushes = app.app().events.subscribe();
    let mut clients = [
        slow_client(&app, &path).await,
        slow_client(&app, &watch).await,
    ];
    let lock = |locked: bool| {
        let path = format!("/admin/accounts/{}", ann.id);
        let (admin, body) = (admin.clone(), json!({"is_locked": locked}));
        async move { assert_eq!(admin.patch(&path, body).await.status(), 200) }
    };
    lock(true).await;
    for client in &mut clients {
        let mut rest = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(5), client.read_to_end(&mut rest));
        // An end or a reset; what matters is that it ends, and early.
        let _ = end.await.expect("the connection is cut");
        assert!(rest.len() < 64 << 20);
    }
    for path in [&path, &watch] {
        problem(app.nobody().get(path).await, 403, "account_locked").await;
    }
    let of_ann = format!("/downloads?account={}", ann.id);
    for attempt in 0.. {
        let page = admin.get_json(&of_ann).await;
        if page["items"][0]["state"] == "aborted" {
            break;
        }
        assert!(attempt < 50, "{page}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    loop {
        let push = pushes.recv().await.unwrap();
        let Event::Transfer(event) = &*push.event else {
            continue;
        };
        assert_eq!(push.to, Audience::Account(account_id(&ann)));
        if event.state == TransferState::Aborted {
            break;
        }
        assert_eq!(event.state, TransferState::Running);
    }
    lock(false).await;
    assert_eq!(range(&app.nobody(), &path, "bytes=0-9").await.status(), 206);
}

#[actix_web::test]
async fn purging_a_film_stops_its_downloads_at_once() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish_bytes(&app, 0, 64 << 20).await;
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let path = address(&ticket(&ann, &film).await);
    let mut client = slow_client(&app, &path).await;
    let movie = format!("/movies/{}", film.id);
    assert_eq!(admin.delete(&movie).await.status(), 204);
    let purged = admin.post(&format!("{movie}/purge"), json!({})).await;
    assert_eq!(purged.status(), 204);
    let mut rest = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(5), client.read_to_end(&mut rest));
    // An end or a reset; what matters is that it ends, and early.
    let _ = end.await.expect("the connection is cut");
    assert!(rest.len() < 64 << 20);
    problem(ann.get(&path).await, 410, "expired").await;
}

#[actix_web::test]
async fn a_stopping_server_pauses_what_is_under_way() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish_bytes(&app, 0, 64 << 20).await;
    let ann = app.member("ann").await;
    let path = address(&ticket(&ann, &film).await);
    let client = slow_client(&app, &path).await;
    let (db, account) = (app.app().db.clone(), account_id(&ann));
    let running = app.app().clone();
    // What `Running::stop` does when the doors are closed.
    running.transfers.close().await;
    let states: Vec<(String, i64)> = db
        .read::<_, DbError, _>(move |conn| {
            use playhouse::db::schema::download_tickets as t;
            let own = t::table.filter(t::account_id.eq(&account));
            Ok(own.select((t::state, t::bytes_sent)).load(conn)?)
        })
        .await
        .unwrap();
    assert_eq!(states.len(), 1);
    assert_eq!(states[0].0, "paused");
    assert!(states[0].1 < 64 << 20);
    drop(client);
}
