//! Webhooks against the real server, with receivers on loopback: what is told and what is not, how it is signed, what
//! becomes of what does not arrive, and whom the house does not speak to.
//!
//! This file holds what the tests share: a house that may speak to loopback, and looks at its webhooks.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what went wrong by panicking"
)]

mod admin;
mod document;
mod figures;
mod killed;
mod pauses;
mod receiver;
mod safety;
mod scheduled;
mod sending;
mod telling;
mod tls;
mod upgrade;

use std::time::Duration;

use playhouse_test_support::{Person, TestApp, text};
use reqwest::Response;
use serde_json::{Value, json};

/// A house that may speak to this machine.
async fn house() -> TestApp {
    TestApp::start_with(|config| config.webhooks.allow_private_addresses = true).await
}

/// A webhook as an admin sees it, and its secret.
struct Hook {
    id: String,
    secret: String,
}

async fn add(admin: &Person, url: &str, events: &[&str]) -> Hook {
    let new = json!({"url": url, "events": events});
    let made = body(admin.post("/admin/webhooks", new).await, 201).await;
    Hook {
        id: text(&made["id"]),
        secret: text(&made["secret"]),
    }
}

impl Hook {
    fn path(&self) -> String {
        format!("/admin/webhooks/{}", self.id)
    }

    async fn deliveries(&self, admin: &Person) -> Vec<Value> {
        let page = admin.get_json(&format!("{}/deliveries", self.path())).await;
        page["items"].as_array().unwrap().clone()
    }

    async fn ping(&self, admin: &Person) -> String {
        let answer = admin
            .post(&format!("{}/ping", self.path()), json!({}))
            .await;
        text(&body(answer, 202).await["id"])
    }

    /// Waits until its latest delivery stands so.
    async fn until(&self, admin: &Person, holds: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..1500 {
            let latest = self.deliveries(admin).await.into_iter().next();
            if let Some(delivery) = latest.filter(&holds) {
                return delivery;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{:?}", self.deliveries(admin).await);
    }

    async fn until_state(&self, admin: &Person, state: &str) -> Value {
        self.until(admin, |it| it["state"] == state).await
    }

    async fn until_attempts(&self, admin: &Person, attempts: i32) -> Value {
        self.until(admin, |it| it["attempts"] == attempts).await
    }
}

async fn body(answer: Response, status: u16) -> Value {
    let found = answer.status();
    let body: Value = answer.json().await.unwrap_or_default();
    assert_eq!(found, status, "{body}");
    body
}

async fn publish_notice(admin: &Person, title: &str) -> String {
    let new = json!({"title": title, "body": "words", "pinned": true});
    text(&body(admin.post("/notices", new).await, 201).await["id"])
}

/// The jobs that send, as an admin sees them.
async fn jobs(admin: &Person) -> Vec<Value> {
    let page = admin.get_json("/admin/jobs?kind=webhook&limit=200").await;
    page["items"].as_array().unwrap().clone()
}
