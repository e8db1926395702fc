//! Receivers behind TLS: who vouches for them is asked, and the operator can name somebody of their own.

use std::path::{Path, PathBuf};
use std::process::Command;

use playhouse::http::tls;
use playhouse_test_support::TestApp;
use serde_json::Value;
use tempfile::TempDir;

use crate::receiver::Receiver;
use crate::{Hook, add, publish_notice};

/// An authority of its own, and a certificate that it has given for `localhost`.
struct Authority {
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let new_key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        let steps = [
            format!("req -x509 {new_key} -keyout ca.key -out ca.pem -days 2 -subj /CN=authority"),
            format!("req {new_key} -keyout key.pem -out asked.pem -subj /CN=receiver"),
            "x509 -req -in asked.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile names"
                .to_owned(),
        ];
        let names = "subjectAltName=DNS:localhost\nbasicConstraints=critical,CA:FALSE\n";
        std::fs::write(folder.path().join("names"), names).unwrap();
        for step in &steps {
            openssl(folder.path(), step);
        }
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn receiver(&self) -> Receiver {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let tls = tls::settings(&self.file("cert.pem"), &self.file("key.pem"));
        Receiver::start_tls(tls.unwrap()).await
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    command.args(arguments.split(' ')).current_dir(folder);
    let made = command.output();
    let made = made.expect("openssl is missing: apt-get install openssl");
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "openssl {arguments}: {said}");
}

async fn house(authority: Option<PathBuf>) -> TestApp {
    TestApp::start_with(|config| {
        config.webhooks.allow_private_addresses = true;
        config.webhooks.ca_file = authority;
    })
    .await
}

/// What becomes of a delivery to this host at its first attempt.
async fn first_attempt(app: &TestApp, receiver: &Receiver, host: &str) -> (Hook, Value) {
    let admin = app.admin().await;
    let url = format!("https://{host}:{}/hook", receiver.port);
    let hook = add(&admin, &url, &["notice.published"]).await;
    publish_notice(&admin, "Closed").await;
    let delivery = hook.until_attempts(&admin, 1).await;
    (hook, delivery)
}

#[actix_web::test]
async fn a_receiver_of_an_authority_that_is_trusted_is_told() {
    let authority = Authority::new();
    let receiver = authority.receiver().await;
    let app = house(Some(authority.file("ca.pem"))).await;
    let (hook, delivery) = first_attempt(&app, &receiver, "localhost").await;
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    assert!(receiver.got()[0].is_signed_with(&hook.secret));
}

#[actix_web::test]
async fn a_receiver_that_nobody_vouches_for_is_told_nothing() {
    let receiver = Authority::new().receiver().await;
    // Another authority is no better than none.
    let other = Authority::new();
    for authority in [None, Some(other.file("ca.pem"))] {
        let app = house(authority).await;
        let (_, delivery) = first_attempt(&app, &receiver, "localhost").await;
        let error = "The certificate of the receiver is not trusted: nobody known vouches for it.";
        assert_eq!(delivery["last_error"], error);
        // It may be mended in time.
        assert_eq!(delivery["state"], "queued");
    }
    assert!(receiver.got().is_empty());
}

#[actix_web::test]
async fn a_certificate_is_good_for_its_own_name_only() {
    let authority = Authority::new();
    let receiver = authority.receiver().await;
    let app = house(Some(authority.file("ca.pem"))).await;
    let (_, delivery) = first_attempt(&app, &receiver, "127.0.0.1").await;
    let error = "The certificate of the receiver is not trusted: it is for another name.";
    assert_eq!(delivery["last_error"], error);
    assert!(receiver.got().is_empty());
}

/// The operator hears of it at the start, and not from the first delivery.
#[actix_web::test]
async fn authorities_that_cannot_be_read_are_an_error_at_the_start() {
    let folder = TempDir::new().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing").unwrap();
    for file in [folder.path().join("missing.pem"), empty] {
        let mut config = playhouse::config::Config {
            data_dir: folder.path().join("data"),
            ..playhouse::config::Config::default()
        };
        config.webhooks.ca_file = Some(file.clone());
        let error = playhouse::app::App::build(config, playhouse::clock::Clock::default());
        let error = format!("{:#}", error.err().unwrap());
        assert!(error.contains("webhooks.ca_file"), "{error}");
        assert!(error.contains(file.to_str().unwrap()), "{error}");
    }
}
