//! A house that had films before it had webhooks.

use std::path::Path;

use chrono::TimeDelta;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, SqliteConnection};
use playhouse_test_support::films::mp4_number;
use playhouse_test_support::{TestApp, text};
use serde_json::json;

use crate::receiver::Receiver;
use crate::{add, body, house};

const MIGRATION: &str = "2026-11-22-000021_webhooks";
const FORGET: &str = "DELETE FROM __diesel_schema_migrations WHERE version = '20261122000021';";

/// Takes the migration back that brought webhooks.
fn make_older(postgres: Option<&str>, data: &Path) {
    let folder = if postgres.is_some() {
        "postgres"
    } else {
        "sqlite"
    };
    let root = env!("CARGO_MANIFEST_DIR");
    let down = format!("{root}/migrations/{folder}/{MIGRATION}/down.sql");
    let down = std::fs::read_to_string(down).unwrap() + FORGET;
    match postgres {
        Some(url) => PgConnection::establish(url).unwrap().batch_execute(&down),
        None => SqliteConnection::establish(data.join("playhouse.db").to_str().unwrap())
            .unwrap()
            .batch_execute(&down),
    }
    .unwrap();
}

async fn upgraded(app: TestApp) -> TestApp {
    let url = app.database_url().map(str::to_owned);
    app.restart_with(|config| make_older(url.as_deref(), &config.data_dir))
        .await
}

#[actix_web::test]
async fn films_of_before_are_told_when_they_are_news() {
    let app = house().await;
    let admin = app.admin().await;
    let later = (app.clock.now() + TimeDelta::hours(1)).and_utc();
    let mut films = Vec::new();
    for (number, title, at) in [
        (1, "There", None),
        (2, "Scheduled", Some(later)),
        (3, "Trashed", None),
    ] {
        let said = json!({"title": title, "publish_at": at});
        let answer = admin.publish("film.mp4", &mp4_number(number), said).await;
        films.push(format!("/movies/{}", text(&body(answer, 201).await["id"])));
    }
    assert_eq!(admin.delete(&films[2]).await.status(), 204);
    app.jobs_done(&admin).await;

    let (app, receiver) = (upgraded(app).await, Receiver::start().await);
    let admin = app.sign_in("admin").await;
    let hook = add(
        &admin,
        &receiver.url(),
        &["movie.published", "movie.deleted"],
    )
    .await;
    app.advance(TimeDelta::minutes(61));
    app.jobs_done(&admin).await;
    // A film that is there is no news, but everybody knows it.
    let moved = json!({"publish_at": (app.clock.now() - TimeDelta::days(1)).and_utc()});
    body(admin.patch(&films[0], moved).await, 200).await;
    assert_eq!(admin.delete(&films[0]).await.status(), 204);
    let restore = format!("{}/restore", films[2]);
    body(admin.post(&restore, json!({})).await, 200).await;
    app.jobs_done(&admin).await;
    let mut told = hook.deliveries(&admin).await;
    told.reverse();
    let told: Vec<[String; 2]> = told
        .iter()
        .map(|it| [text(&it["event"]), text(&it["body"]["data"]["title"])])
        .collect();
    let expected = [
        ["movie.published", "Scheduled"],
        ["movie.deleted", "There"],
        ["movie.published", "Trashed"],
    ];
    assert_eq!(told, expected);
}
