//! Films over HTTP: publishing, finding, changing, removing, and what happens in the background.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::path::PathBuf;

use chrono::TimeDelta;
use playhouse_test_support::films::{self, mp4, mp4_number};
use playhouse_test_support::{Person, TestApp, problem, text, wrong_fields};
use serde_json::{Value, json};

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

#[actix_web::test]
async fn a_film_is_published_and_found() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let said = json!({"title": " Night Train ", "description": "A journey.", "tags": ["Noir", "noir"], "category": "Drama", "price": 250});
    let answer = admin.publish("train.mp4", &mp4(), said).await;
    assert_eq!(answer.status(), 201);
    let address = answer.headers()["location"].to_str().unwrap().to_owned();
    let film: Value = answer.json().await.unwrap();
    assert_eq!(address, format!("/api/v1/movies/{}", text(&film["id"])));
    assert_eq!(film["title"], "Night Train");
    assert_eq!(film["tags"], json!(["noir"]));
    assert_eq!(
        (&film["category"], &film["price"]),
        (&json!("Drama"), &json!(250))
    );
    assert_eq!(film["state"], "published");
    assert_eq!((&film["width"], &film["height"]), (&json!(128), &json!(72)));
    assert!(
        (0.9..1.2).contains(&film["duration"].as_f64().unwrap()),
        "{film}"
    );
    assert_eq!(film["size"], mp4().len());
    assert_eq!(film["blake3"], blake3::hash(&mp4()).to_hex().as_str());
    let member = app.member("ann").await;
    let page = member.get_json("/movies").await;
    assert_eq!(page["items"][0]["id"], film["id"]);
    assert_eq!(page["next_cursor"], Value::Null);
    let audit = admin.get_json("/admin/audit?action=movie.publish").await;
    assert_eq!(audit["items"][0]["target_id"], film["id"]);
    assert_eq!(files(&app, "uploads"), Vec::<PathBuf>::new());
    assert_eq!(files(&app, "blobs").len(), 1);
}

#[actix_web::test]
async fn digests_and_a_poster_follow() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let film = app.publish_film(&admin, "Colours", 0).await;
    assert_eq!(film["poster_url"], Value::Null);
    app.jobs_done(&admin).await;
    let film = admin.get_json("/movies").await["items"][0].clone();
    assert_eq!(text(&film["sha256"]).len(), 64);
    assert_eq!(text(&film["md5"]).len(), 32);
    let poster = text(&film["poster_url"]);
    let answer = app.nobody().get(&format!("/{poster}")).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "image/jpeg");
    assert!(
        answer.headers()["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
    assert!(
        answer
            .bytes()
            .await
            .unwrap()
            .starts_with(&[0xff, 0xd8, 0xff])
    );
    let _ = (
        TimeDelta::zero(),
        mp4_number(1),
        problem,
        wrong_fields,
        films::mkv,
    );
}
