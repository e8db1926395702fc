//! What the tests of this binary share: a house with a film, and what people say of it.

use playhouse_test_support::{Person, TestApp, text};
use reqwest::Response;
use serde_json::{Value, json};

pub(crate) struct House {
    pub(crate) app: TestApp,
    pub(crate) admin: Person,
    pub(crate) film: String,
}

impl House {
    pub(crate) async fn set() -> Self {
        Self::with_limit(1_000_000).await
    }

    pub(crate) async fn with_limit(comments_per_hour: u32) -> Self {
        let app = TestApp::start_with(|config| {
            config.reviews.comments_per_hour = comments_per_hour;
            config.accounts.registrations_per_hour = 1_000_000;
        })
        .await;
        let admin = app.admin().await;
        let film = text(&app.publish_film(&admin, "A film", 300).await["id"]);
        Self { app, admin, film }
    }

    pub(crate) fn path(&self, below: &str) -> String {
        format!("/movies/{}/{below}", self.film)
    }

    pub(crate) async fn say(&self, who: &Person, words: &str) -> Response {
        who.post(&self.path("comments"), json!({"text": words}))
            .await
    }

    /// Says something, and returns the id of the comment.
    pub(crate) async fn said(&self, who: &Person, words: &str) -> String {
        let answer = self.say(who, words).await;
        assert_eq!(answer.status(), 201);
        text(&answer.json::<Value>().await.unwrap()["id"])
    }

    pub(crate) async fn comments(&self, who: &Person) -> Vec<Value> {
        let page = who.get_json(&self.path("comments?limit=200")).await;
        page["items"].as_array().unwrap().clone()
    }

    pub(crate) async fn texts(&self, who: &Person) -> Vec<String> {
        let all = self.comments(who).await;
        all.iter().map(|it| text(&it["text"])).collect()
    }

    pub(crate) async fn rate(&self, who: &Person, stars: i32) {
        let answer = who.put(&self.path("rating"), json!({"stars": stars})).await;
        assert_eq!(answer.status(), 204);
    }

    /// Ids and numbers of reports, as admins see them.
    pub(crate) async fn moderated(&self, state: &str) -> Vec<(String, i64)> {
        let path = format!("/admin/comments?state={state}");
        let page = self.admin.get_json(&path).await;
        let items = page["items"].as_array().unwrap();
        items
            .iter()
            .map(|it| (text(&it["id"]), it["reports"].as_i64().unwrap()))
            .collect()
    }

    /// What admins did to comments, the latest first.
    pub(crate) async fn deeds(&self) -> Vec<String> {
        let log = self.admin.get_json("/admin/audit?limit=200").await;
        let items = log["items"].as_array().unwrap();
        let own = items.iter().filter(|it| it["target_kind"] == "comment");
        own.map(|it| text(&it["action"])).collect()
    }
}

/// Every page of a list, with something done after the first.
pub(crate) async fn every(who: &Person, path: &str, between: impl AsyncFn()) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = who.get_json(&format!("{path}limit=2{cursor}")).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        found.extend(items.iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else {
            return found;
        };
        if cursor.is_empty() {
            between().await;
        }
        cursor = format!("&cursor={next}");
    }
}
