//! What the tests of this binary share: films, series, and films in series.

use playhouse_test_support::{Person, TestApp, text};
use reqwest::Response;
use serde_json::{Value, json};

/// A film of its own for each title; its id.
pub(crate) async fn film(app: &TestApp, admin: &Person, title: &str) -> String {
    text(&app.publish_film(admin, title, 0).await["id"])
}

/// A series without films; its id.
pub(crate) async fn series(admin: &Person, title: &str) -> String {
    let made = admin.post("/admin/series", json!({"title": title})).await;
    assert_eq!(made.status(), 201);
    text(&made.json::<Value>().await.unwrap()["id"])
}

pub(crate) async fn put(admin: &Person, series: &str, film: &str, at: (i32, i32)) -> Response {
    let path = format!("/admin/series/{series}/films/{film}");
    let place = json!({"season": at.0, "episode": at.1});
    admin.put(&path, place).await
}

pub(crate) async fn place(admin: &Person, series: &str, film: &str, at: (i32, i32)) {
    let answer = put(admin, series, film, at).await;
    let status = answer.status();
    assert_eq!(status, 204, "{}", answer.text().await.unwrap());
}

/// Season, episode and film, as a series shows them.
pub(crate) async fn shown(who: &Person, series: &str) -> Vec<(i64, i64, String)> {
    let found = who.get_json(&format!("/series/{series}")).await;
    let mut all = Vec::new();
    for season in found["seasons"].as_array().unwrap() {
        let number = season["number"].as_i64().unwrap();
        for film in season["films"].as_array().unwrap() {
            let episode = film["episode"].as_i64().unwrap();
            all.push((number, episode, text(&film["movie"]["id"])));
        }
    }
    all
}

/// The titles of the films before and after one.
pub(crate) async fn beside(who: &Person, film: &str) -> (String, String) {
    let found = who.get_json(&format!("/movies/{film}/series")).await;
    (
        text(&found["previous"]["title"]),
        text(&found["next"]["title"]),
    )
}

/// Takes a film from the members until an hour from now.
pub(crate) async fn schedule(app: &TestApp, admin: &Person, film: &str) {
    let later = app.clock.now().and_utc() + chrono::TimeDelta::hours(1);
    let changed = admin
        .patch(&format!("/movies/{film}"), json!({"publish_at": later}))
        .await;
    assert_eq!(changed.status(), 200);
}
