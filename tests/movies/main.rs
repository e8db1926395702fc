//! Films over HTTP: publishing, editing, the schedule, the trash, and what happens in the background.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod background;
mod changing;
mod posters;
mod publishing;

use std::path::PathBuf;

use playhouse::ids::MovieId;
use playhouse_test_support::{Person, TestApp, text};
use serde_json::Value;

/// Every file below a folder of the storage.
fn files(app: &TestApp, folder: &str) -> Vec<PathBuf> {
    fn below(folder: PathBuf, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    below(app.data_dir().join("storage").join(folder), &mut found);
    found
}

async fn titles(who: &Person, query: &str) -> Vec<String> {
    let page = who.get_json(&format!("/movies?{query}")).await;
    let items = page["items"].as_array().unwrap();
    items.iter().map(|film| text(&film["title"])).collect()
}

async fn film(app: &TestApp, shown: &Value) -> Option<playhouse::movies::Movie> {
    let id = MovieId::from(uuid::Uuid::parse_str(&text(&shown["id"])).unwrap());
    app.app().movies.find(&id).await.unwrap()
}

fn path_of(film: &Value) -> String {
    format!("/movies/{}", text(&film["id"]))
}
