//! The same over TLS, where the server cannot write to the socket by itself.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use playhouse::events::Audience;
use playhouse_api::events::Event;
use playhouse_api::notices::Notice;
use playhouse_test_support::{TestApp, text};
use reqwest::header::AUTHORIZATION;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{Connector, connect_async_tls_with_config};

use crate::wire::{Socket, resident, within};

/// The house over TLS, and what anna needs to come in.
struct Fort {
    app: TestApp,
    url: String,
    client: reqwest::Client,
    token: String,
    trust: Arc<ClientConfig>,
    _folder: tempfile::TempDir,
}

impl Fort {
    async fn build() -> Self {
        let folder = certificate();
        let file = |name: &str| folder.path().join(name);
        let app = TestApp::start_with(|config| {
            config.server.tls_cert = Some(file("cert.pem"));
            config.server.tls_key = Some(file("key.pem"));
            config.realtime.max_per_account = 100;
        })
        .await;
        let name = json!({"username": "anna", "password": playhouse_test_support::PASSWORD});
        let accounts = &app.app().accounts;
        let new = serde_json::from_value(name.clone()).unwrap();
        accounts
            .create(new, playhouse::accounts::Role::Member)
            .await
            .unwrap();
        let pem = std::fs::read(file("cert.pem")).unwrap();
        let cert = reqwest::Certificate::from_pem(&pem).unwrap();
        let client = reqwest::Client::builder()
            .tls_certs_only([cert])
            .build()
            .unwrap();
        let url = app.url.replace("http://", "https://");
        let session = client.post(format!("{url}/api/v1/sessions")).json(&name);
        let session: serde_json::Value = session.send().await.unwrap().json().await.unwrap();
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(&pem).unwrap())
            .unwrap();
        let trust = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            app,
            url,
            client,
            token: text(&session["token"]),
            trust: Arc::new(trust),
            _folder: folder,
        }
    }

    async fn enter(&self) -> Socket {
        let live = self.app.url.replace("http://", "wss://");
        let live = format!("{live}/api/v1/realtime");
        let mut request = live.into_client_request().unwrap();
        let bearer = format!("Bearer {}", self.token).parse().unwrap();
        request.headers_mut().insert(AUTHORIZATION, bearer);
        let connector = Some(Connector::Rustls(Arc::clone(&self.trust)));
        let opened = within(Box::pin(connect_async_tls_with_config(
            request, None, false, connector,
        )))
        .await;
        Socket::over(opened.unwrap().0).await
    }

    /// How many were ended because they did not read.
    async fn ended(&self) -> usize {
        let page = self.client.get(format!("{}/metrics", self.url));
        let page = page.send().await.unwrap().text().await.unwrap();
        let name = "playhouse_realtime_endings_total{code=\"3008\"} ";
        let found = page.lines().find_map(|it| it.strip_prefix(name));
        found.map_or(0, |it| it.parse().unwrap())
    }
}

fn certificate() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem",
        ])
        .args(["-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .current_dir(folder.path())
        .output()
        .expect("openssl is missing: apt-get install openssl");
    assert!(made.status.success());
    folder
}

#[actix_web::test]
async fn a_live_connection_works_over_tls() {
    let fort = Fort::build().await;
    let mut socket = fort.enter().await;
    assert_eq!(socket.hello["account"]["username"], "anna");
    for _ in 0..50 {
        let joined = vec![r#"{"id": 1, "op": "explode"}"#; 20].join("\n");
        socket.say(&joined).await;
        for _ in 0..20 {
            assert_eq!(socket.next().await.unwrap()["re"], 1);
        }
    }
    assert_eq!(socket.close().await, 1000);
}

/// Over TLS the server's own buffer stands between the outbox and the kernel: `outbox_bytes`, 1 MiB of buffer, and what
/// the cipher holds. The kernel's memory is not the process's.
const MOST_WAITING: usize = (256 << 10) + (1 << 20) + (128 << 10);
const READERS: usize = 20;

#[actix_web::test]
async fn readers_that_sleep_over_tls_cost_a_bounded_amount_and_are_ended() {
    let fort = Fort::build().await;
    let mut sleepers = Vec::new();
    for _ in 0..READERS {
        sleepers.push(fort.enter().await);
    }
    let awake = fort.enter().await;
    let reading = tokio::spawn(read_all(awake));
    let notice: Notice = serde_json::from_value(json!({
        "id": uuid::Uuid::nil(), "title": "Loud", "body": "x".repeat(60_000), "body_html": "", "pinned": false,
        "read": false, "author": "admin", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"
    }))
    .unwrap();
    let (before, begun, mut most) = (resident(), Instant::now(), 0);
    while fort.ended().await < READERS {
        let event = Event::Notice(notice.clone());
        fort.app.app().events.push(Audience::Everyone, event);
        tokio::time::sleep(Duration::from_millis(5)).await;
        most = most.max(resident().saturating_sub(before));
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
    let each = most / READERS;
    println!("{each} bytes for each sleeper at most");
    assert!(each < MOST_WAITING, "{each} bytes for each sleeper");
    assert!(!reading.is_finished(), "who reads was ended as well");
}

async fn read_all(mut socket: Socket) {
    while socket.next().await.is_ok() {}
}
