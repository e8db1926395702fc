//! Whom the house does not speak to, and what a receiver cannot make it do.

use playhouse_test_support::{Person, TestApp, problem, wrong_fields};
use serde_json::json;

use crate::receiver::{Answer, Receiver};
use crate::{Hook, add, house, publish_notice};

const REFUSED: &str = "The receiver has no address of the public internet.";

async fn ping_is_refused(admin: &Person, hook: &Hook) {
    hook.ping(admin).await;
    let failed = hook.until_state(admin, "failed").await;
    assert_eq!(failed["last_error"], REFUSED);
    assert!(failed["last_status"].is_null());
}

#[actix_web::test]
async fn private_addresses_are_refused_when_they_are_written() {
    let app = TestApp::start().await;
    let (admin, receiver) = (app.admin().await, Receiver::start().await);
    let port = receiver.port;
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "224.0.0.1",
        "[ff02::1]",
    ] {
        let new = json!({"url": format!("http://{host}:{port}/"), "events": ["movie.published"]});
        let refused = problem(admin.post("/admin/webhooks", new).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), ["url"], "{host}");
    }
    let hook = add(&admin, "https://hooks.example/", &["movie.published"]).await;
    let there = json!({"url": receiver.url()});
    let refused = admin.patch(&hook.path(), there).await;
    problem(refused, 422, "invalid").await;
    assert!(receiver.got().is_empty());
}

/// A name is good until it is looked up; what it leads to is looked at then.
#[actix_web::test]
async fn a_name_that_leads_home_is_refused_when_it_is_connected_to() {
    let app = TestApp::start().await;
    let (admin, receiver) = (app.admin().await, Receiver::start().await);
    for host in ["localhost", "LOCALHOST"] {
        let url = format!("http://{host}:{}/", receiver.port);
        let hook = add(&admin, &url, &["movie.published"]).await;
        ping_is_refused(&admin, &hook).await;
    }
    assert!(receiver.got().is_empty());
}

/// The same name is spoken to when the operator allows it, so the test above can fail.
#[actix_web::test]
async fn a_name_that_leads_home_is_spoken_to_where_that_is_allowed() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let admin = app.admin().await;
    let url = format!("http://localhost:{}/", receiver.port);
    let hook = add(&admin, &url, &["movie.published"]).await;
    hook.ping(&admin).await;
    hook.until_state(&admin, "delivered").await;
    assert_eq!(receiver.got().len(), 1);
}

/// What was allowed once is not for ever.
#[actix_web::test]
async fn an_address_is_looked_at_again_when_the_setting_is_gone() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let hook = add(&app.admin().await, &receiver.url(), &["movie.published"]).await;
    let forbid = |config: &mut playhouse::config::Config| {
        config.webhooks.allow_private_addresses = false;
    };
    let app = app.restart_with(forbid).await;
    ping_is_refused(&app.sign_in("admin").await, &hook).await;
    assert!(receiver.got().is_empty());
}

#[actix_web::test]
async fn a_redirect_is_not_followed() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let (admin, elsewhere) = (app.admin().await, Receiver::start().await);
    receiver.answers(Answer::Redirect(elsewhere.url()));
    let hook = add(&admin, &receiver.url(), &["notice.published"]).await;
    publish_notice(&admin, "Closed").await;
    let failed = hook.until_attempts(&admin, 1).await;
    assert_eq!(failed["last_status"], 302);
    assert!(elsewhere.got().is_empty());
}

/// Nobody is there; what an admin reads has neither the address nor what a receiver said.
#[actix_web::test]
async fn errors_say_little() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let admin = app.admin().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let url = format!("http://127.0.0.1:{port}/?key=hidden");
    let hook = add(&admin, &url, &["notice.published"]).await;
    receiver.answers(Answer::Status(500));
    let other = add(&admin, &receiver.url(), &["notice.published"]).await;
    publish_notice(&admin, "Closed").await;
    let failed = hook.until_attempts(&admin, 1).await.to_string();
    assert!(failed.contains("could not be reached"), "{failed}");
    assert!(!failed.contains("hidden"), "{failed}");
    let failed = other.until_attempts(&admin, 1).await.to_string();
    assert!(!failed.contains("secret"), "{failed}");
}
