//! Atom feeds over HTTP: who may read them, what is in them, and what a reader need not fetch again.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use atom_syndication::Feed;
use chrono::TimeDelta;
use playhouse_test_support::{Person, TestApp, problem, text};
use reqwest::Method;
use serde_json::{Value, json};

async fn publish(admin: &Person, title: &str) -> String {
    let body = json!({"title": title, "body": format!("About *{title}*")});
    let answer = admin.post("/notices", body).await;
    assert_eq!(answer.status(), 201);
    text(&answer.json::<Value>().await.unwrap()["id"])
}

async fn feed(who: &Person, name: &str) -> Feed {
    let answer = who.get(&format!("//feeds/{name}.atom")).await;
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap().parse().unwrap()
}

#[actix_web::test]
async fn the_feed_is_for_members_and_their_readers() {
    let app = TestApp::start_with(|config| config.site.name = "Club & Co".to_owned()).await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let token = async |scopes: Value| {
        let made = ann
            .post("/me/tokens", json!({"name": "reader", "scopes": scopes}))
            .await;
        text(&made.json::<Value>().await.unwrap()["secret"])
    };
    let (reader, writer) = (token(json!(["read"])).await, token(json!(["write"])).await);
    let id = publish(&admin, "A < B").await;
    let nobody = app.nobody();
    problem(
        nobody.get("//feeds/notices.atom").await,
        401,
        "not_signed_in",
    )
    .await;
    let with = |token: &str| format!("//feeds/notices.atom?token={token}");
    problem(nobody.get(&with("wrong")).await, 401, "not_signed_in").await;
    problem(nobody.get(&with(&writer)).await, 403, "missing_scope").await;
    let session = ann.token.clone().unwrap();
    problem(nobody.get(&with(&session)).await, 401, "not_signed_in").await;
    for name in ["notices", "movies"] {
        for path in [
            format!("//feeds/{name}.atom"),
            format!("/feeds/{name}.atom"),
        ] {
            assert_eq!(ann.get(&path).await.status(), 200, "{path}");
            problem(nobody.get(&path).await, 401, "not_signed_in").await;
        }
    }

    let answer = nobody.get(&with(&reader)).await;
    assert_eq!(answer.status(), 200);
    let head = answer.headers().clone();
    assert_eq!(head["content-type"], "application/atom+xml; charset=utf-8");
    let body = answer.text().await.unwrap();
    assert!(!body.contains(&reader), "the token is not repeated");
    let feed: Feed = body.parse().unwrap();
    assert_eq!(feed.title.value, "Club & Co: notices");
    assert_eq!(
        feed.links[0].href,
        format!("{}/feeds/notices.atom", app.url)
    );
    assert_eq!(feed.entries[0].id, format!("urn:uuid:{id}"));
    assert_eq!(feed.entries[0].title.value, "A < B");
    assert_eq!(
        feed.entries[0].links[0].href,
        format!("{}/notices", app.url)
    );
    let content = feed.entries[0].content.clone().unwrap();
    assert_eq!(content.value.unwrap(), "<p>About <em>A &lt; B</em></p>\n");

    let again = async |name: &str, value: &str| {
        let request = ann
            .request(Method::GET, "//feeds/notices.atom")
            .header(name, value);
        request.send().await.unwrap().status().as_u16()
    };
    let (tag, time) = (
        head["etag"].to_str().unwrap(),
        head["last-modified"].to_str().unwrap(),
    );
    assert_eq!(again("if-none-match", tag).await, 304);
    assert_eq!(again("if-none-match", "\"other\"").await, 200);
    assert_eq!(again("if-modified-since", time).await, 304);
    assert_eq!(
        again("if-modified-since", "Mon, 01 Jan 2001 00:00:00 GMT").await,
        200
    );
    admin.delete(&format!("/notices/{id}")).await;
    assert_eq!(again("if-none-match", tag).await, 200, "an entry is gone");
}

#[actix_web::test]
async fn a_feed_leads_to_the_public_address() {
    let app = TestApp::start_with(|config| {
        config.server.public_url = "https://films.example.org/".to_owned();
    })
    .await;
    let ann = app.member("ann").await;
    let body = ann.get("//feeds/notices.atom").await.text().await.unwrap();
    let feed: Feed = body.parse().unwrap();
    assert_eq!(feed.id, "https://films.example.org/feeds/notices.atom");
    assert!(feed.entries.is_empty());
}

#[actix_web::test]
async fn the_films_of_the_catalogue_are_in_a_feed_without_their_bytes() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let first = app.publish_film(&admin, "Metropolis & Co", 900).await;
    let second = app.publish_film(&admin, "Sunrise", 0).await;
    let (first, second) = (text(&first["id"]), text(&second["id"]));
    let path = format!("/movies/{first}");
    let change = json!({"description": "A city <above> a city"});
    assert_eq!(admin.patch(&path, change).await.status(), 200);
    let films = feed(&ann, "movies").await;
    assert_eq!(
        films.links[0].href,
        format!("{}/feeds/movies.atom", app.url)
    );
    assert_eq!(films.authors[0].name, "Playhouse");
    let ids: Vec<_> = films.entries.iter().map(|it| it.id.clone()).collect();
    assert_eq!(
        ids,
        [format!("urn:uuid:{second}"), format!("urn:uuid:{first}")]
    );
    let entry = &films.entries[1];
    assert_eq!(entry.title.value, "Metropolis & Co");
    assert_eq!(entry.links.len(), 1);
    assert_eq!(entry.links[0].href, format!("{}/movies/{first}", app.url));
    let content = entry.content.clone().unwrap();
    assert_eq!(content.content_type.unwrap(), "text");
    assert_eq!(content.value.unwrap(), "A city <above> a city");

    let later = (app.clock.now() + TimeDelta::hours(1)).and_utc();
    assert_eq!(
        admin
            .patch(&path, json!({"publish_at": later}))
            .await
            .status(),
        200
    );
    assert_eq!(
        feed(&ann, "movies").await.entries.len(),
        1,
        "its time has not come"
    );
    assert_eq!(
        admin.delete(&format!("/movies/{second}")).await.status(),
        204
    );
    assert!(
        feed(&ann, "movies").await.entries.is_empty(),
        "it is in the trash"
    );
    app.advance(TimeDelta::hours(1));
    assert_eq!(feed(&ann, "movies").await.entries.len(), 1);
    problem(
        app.nobody().get("//feeds/movies.atom").await,
        401,
        "not_signed_in",
    )
    .await;
}
