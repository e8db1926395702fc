//! `kill -9` while events are told: what was acknowledged is told after the next start, and each event by one name.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use playhouse_test_support::postgres::TestDatabase;
use playhouse_test_support::server::{Server, program};
use playhouse_test_support::{Person, text};
use reqwest::Method;
use serde_json::{Value, json};

use crate::receiver::{Answer, Receiver};
use crate::{Hook, add};

fn start(data: &Path, database: Option<&str>) -> Server {
    let mut command = program(env!("CARGO_BIN_EXE_playhouse"));
    command.env("PLAYHOUSE__WEBHOOKS__ALLOW_PRIVATE_ADDRESSES", "true");
    Server::start(command, data, database)
}

/// Writers that publish notices until they are stopped or their server is gone.
struct Writers {
    stop: Arc<AtomicBool>,
    running: Vec<tokio::task::JoinHandle<()>>,
}

/// The ids of the notices whose publication was acknowledged.
type Acknowledged = Arc<Mutex<BTreeSet<String>>>;

impl Writers {
    fn start(admin: &Person, acknowledged: &Acknowledged) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let one = |number: usize| {
            let (stop, acknowledged) = (Arc::clone(&stop), Arc::clone(acknowledged));
            let new =
                json!({"title": format!("Notice {number}"), "body": "words", "pinned": false});
            let request = admin.request(Method::POST, "/notices").json(&new);
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let Ok(answer) = request.try_clone().unwrap().send().await else {
                        return;
                    };
                    assert_eq!(answer.status(), 201);
                    let Ok(notice) = answer.json::<Value>().await else {
                        return;
                    };
                    acknowledged.lock().unwrap().insert(text(&notice["id"]));
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            })
        };
        let running = (0..4).map(one).collect();
        Self { stop, running }
    }

    async fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        for writer in self.running {
            writer.await.unwrap();
        }
    }
}

/// Everything that the house has published, acknowledged or not.
async fn published(admin: &Person) -> BTreeSet<String> {
    let (mut ids, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let page = admin.get_json(&format!("/notices?limit=200{cursor}")).await;
        let items = page["items"].as_array().unwrap();
        ids.extend(items.iter().map(|it| text(&it["id"])));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

/// Waits until nothing is owed.
async fn nothing_is_owed(admin: &Person, hook: &Hook) {
    let mut owed = Value::Null;
    for _ in 0..600 {
        let path = format!("{}/deliveries?state=queued", hook.path());
        owed = admin.get_json(&path).await;
        if owed["items"] == json!([]) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{owed}");
}

#[actix_web::test]
async fn a_killed_server_owes_nothing_in_the_end() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let database = TestDatabase::create_if_asked();
    let url = database.as_ref().map(|it| it.url.as_str());
    let (receiver, acknowledged) = (Receiver::start().await, Acknowledged::default());
    let mut server = start(data, url);
    let mut admin = server.admin().await;
    let hook = add(&admin, &receiver.url(), &["notice.published"]).await;
    // Killed while attempts are under way, and then twice while they come and go.
    for (answer, busy) in [
        (Answer::Silence, 300),
        (Answer::Status(204), 400),
        (Answer::Status(204), 150),
    ] {
        receiver.answers(answer);
        let (before, writers) = (receiver.got().len(), Writers::start(&admin, &acknowledged));
        receiver.until(before + 1).await;
        tokio::time::sleep(Duration::from_millis(busy)).await;
        server.kill();
        writers.end().await;
        server = start(data, url);
        admin = server.admin().await;
    }
    nothing_is_owed(&admin, &hook).await;
    let failed = format!("{}/deliveries?state=failed", hook.path());
    assert_eq!(admin.get_json(&failed).await["items"], json!([]));

    let (published, acknowledged) = (
        published(&admin).await,
        acknowledged.lock().unwrap().clone(),
    );
    assert!(acknowledged.is_subset(&published) && acknowledged.len() > 20);
    // By what the receiver has got, whatever the house believes.
    let mut names: HashMap<String, String> = HashMap::new();
    let got = receiver.got();
    for request in &got {
        let notice = text(&request.json()["data"]["id"]);
        let name = request.headers["webhook-id"].clone();
        let known = names.entry(notice).or_insert_with(|| name.clone());
        assert_eq!(
            *known, name,
            "one event has one name, however often it comes"
        );
    }
    assert!(names.len() < got.len(), "something came twice");
    let told: BTreeSet<String> = names.into_keys().collect();
    assert_eq!(told, published);
}
