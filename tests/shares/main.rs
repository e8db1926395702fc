//! Shares: links that give a file or folder to whoever has them, and all that closes them.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod bounds;
mod folders;
mod owners;
mod pages;
mod passwords;
mod uses;

use playhouse::accounts::Role;
use playhouse_test_support::{Person, TestApp, text};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// A house with somebody who shares a file in it.
struct House {
    app: TestApp,
    ann: Person,
    file: String,
}

const CONTENT: &[u8] = b"what is shared, and no more";

impl House {
    async fn open() -> House {
        let app = TestApp::start().await;
        let ann = app.newcomer(Role::Member).await;
        let file = app.put_file(&ann, &ann.id, "plan.txt", CONTENT).await;
        House { app, ann, file }
    }

    /// Shares the file and returns the link.
    async fn share(&self, asked: Value) -> Link {
        self.share_of(&self.file, asked).await
    }

    async fn share_of(&self, entry: &str, asked: Value) -> Link {
        let answer = create(&self.ann, entry, asked).await;
        assert_eq!(answer.status(), 201);
        let share: Value = answer.json().await.unwrap();
        Link {
            visitor: self.app.nobody(),
            id: text(&share["id"]),
            home: text(&share["url"]),
        }
    }

    async fn uses(&self) -> i64 {
        let shares = self.ann.get_json("/drive/shares").await;
        shares["items"][0]["uses"].as_i64().unwrap()
    }
}

async fn create(who: &Person, entry: &str, asked: Value) -> Response {
    who.post(&format!("/drive/entries/{entry}/shares"), asked)
        .await
}

/// A link in the hands of somebody who is not signed in.
struct Link {
    visitor: Person,
    id: String,
    /// `/s/...`
    home: String,
}

impl Link {
    async fn ask(&self, method: Method, tail: &str, headers: &[(&str, &str)]) -> Response {
        // The address as it is: a client would tidy up what a test wants to send.
        let mut request = self
            .visitor
            .request(method, &format!("/{}{tail}", self.home));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    async fn get(&self, tail: &str) -> Response {
        self.ask(Method::GET, tail, &[]).await
    }

    async fn page(&self, tail: &str) -> Response {
        let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
        self.ask(Method::GET, tail, &[("accept", browser)]).await
    }

    async fn json(&self, tail: &str) -> Value {
        let answer = self.get(tail).await;
        assert_eq!(answer.status(), 200, "{tail}");
        answer.json().await.unwrap()
    }

    /// Says the password as a form does.
    async fn say(&self, password: &str) -> Response {
        let address = format!("/{}/password", self.home);
        let request = self.visitor.request(Method::POST, &address);
        request
            .json(&json!({ "password": password }))
            .send()
            .await
            .unwrap()
    }
}

fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name);
    value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

/// The one cookie of an answer: its name and value as they are sent back, and its whole line.
fn cookie(answer: &Response) -> (String, String) {
    let line = header(answer, "set-cookie");
    assert!(!line.is_empty(), "no cookie was set");
    let pair = line.split(';').next().unwrap().to_owned();
    (pair, line)
}
