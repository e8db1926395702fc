//! The same over TLS, where the server cannot write to the socket by itself.

use std::process::Command;
use std::sync::Arc;

use playhouse_test_support::TestApp;
use reqwest::header::AUTHORIZATION;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{Connector, connect_async_tls_with_config};

use crate::wire::{Socket, within};

#[actix_web::test]
async fn a_live_connection_works_over_tls() {
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
    let file = |name: &str| folder.path().join(name);
    let app = TestApp::start_with(|config| {
        config.server.tls_cert = Some(file("cert.pem"));
        config.server.tls_key = Some(file("key.pem"));
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
    let token = session["token"].as_str().unwrap();

    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(&pem).unwrap())
        .unwrap();
    let trust = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let live = format!("{}/api/v1/realtime", app.url.replace("http://", "wss://"));
    let mut request = live.into_client_request().unwrap();
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert(AUTHORIZATION, bearer);
    let connector = Some(Connector::Rustls(Arc::new(trust)));
    let opened = within(Box::pin(connect_async_tls_with_config(
        request, None, false, connector,
    )))
    .await;
    let mut socket = Socket::over(opened.unwrap().0).await;
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
