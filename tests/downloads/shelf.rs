//! Films that somebody has begun, and those that they want to see later.

use chrono::TimeDelta;
use diesel::prelude::*;
use playhouse::db::schema::movies;
use playhouse_test_support::{Person, TestApp, problem, text, wrong_fields};
use serde_json::{Value, json};
use uuid::Uuid;

use super::seed::{Film, change, movie_id, publish};

async fn films(who: &Person, path: &str) -> Vec<String> {
    let page = who.get_json(path).await;
    let items = page["items"].as_array().unwrap();
    items.iter().map(|it| text(&it["movie"]["id"])).collect()
}

async fn watch(who: &Person, film: &Film, seconds: f64) {
    let path = format!("/movies/{}/position", film.id);
    let kept = who.put(&path, json!({"seconds": seconds})).await;
    assert_eq!(kept.status(), 204);
}

async fn trash(app: &TestApp, film: &Film, is_trashed: bool) {
    let (movie, at) = (movie_id(film), is_trashed.then(|| app.clock.now()));
    change(app, move |conn| {
        diesel::update(movies::table.find(&movie))
            .set(movies::deleted_at.eq(at))
            .execute(conn)
    })
    .await;
}

fn ids(films: &[&Film]) -> Vec<String> {
    films.iter().map(|film| film.id.to_string()).collect()
}

#[actix_web::test]
async fn what_was_begun_is_shown_until_it_was_seen() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(publish(&app, 0).await);
    }
    let (one, two, three, four) = (&all[0], &all[1], &all[2], &all[3]);
    // A minute each: a look, the middle, and almost the end.
    for (film, seconds) in [(one, 4.9), (two, 30.0), (three, 56.9), (four, 57.5)] {
        app.advance(TimeDelta::seconds(1));
        watch(&ann, film, seconds).await;
    }
    assert_eq!(films(&ann, "/me/watching").await, ids(&[three, two]));
    let page = ann.get_json("/me/watching").await;
    assert_eq!(page["items"][1]["position"], 30.0);
    assert!(page["items"][1]["watched_at"].is_string());
    app.advance(TimeDelta::seconds(1));
    watch(&ann, two, 31.0).await;
    assert_eq!(films(&ann, "/me/watching").await, ids(&[two, three]));
    trash(&app, two, true).await;
    assert_eq!(films(&ann, "/me/watching").await, ids(&[three]));
    assert_eq!(
        films(&app.member("bob").await, "/me/watching").await,
        ids(&[])
    );
    problem(app.nobody().get("/me/watching").await, 401, "not_signed_in").await;
}

#[actix_web::test]
async fn a_watchlist_keeps_the_order_of_its_additions() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let (one, two) = (publish(&app, 0).await, publish(&app, 5).await);
    let path = |film: &Film| format!("/me/watchlist/{}", film.id);
    for film in [&one, &two, &one] {
        app.advance(TimeDelta::seconds(1));
        assert_eq!(ann.put(&path(film), json!({})).await.status(), 204);
    }
    assert_eq!(films(&ann, "/me/watchlist").await, ids(&[&two, &one]));
    assert_eq!(films(&bob, "/me/watchlist").await, ids(&[]));
    let page = format!("/movies/{}", one.id);
    assert_eq!(ann.get_json(&page).await["on_watchlist"], true);
    assert_eq!(bob.get_json(&page).await["on_watchlist"], false);

    trash(&app, &two, true).await;
    assert_eq!(films(&ann, "/me/watchlist").await, ids(&[&one]));
    problem(bob.put(&path(&two), json!({})).await, 404, "not_found").await;
    trash(&app, &two, false).await;
    assert_eq!(films(&ann, "/me/watchlist").await, ids(&[&two, &one]));

    for _ in 0..2 {
        assert_eq!(ann.delete(&path(&two)).await.status(), 204);
    }
    assert_eq!(films(&ann, "/me/watchlist").await, ids(&[&one]));
    let nowhere = format!("/me/watchlist/{}", Uuid::now_v7());
    problem(ann.put(&nowhere, json!({})).await, 404, "not_found").await;
    let nobody = app.nobody();
    problem(
        nobody.put(&path(&one), json!({})).await,
        401,
        "not_signed_in",
    )
    .await;
    problem(nobody.delete(&path(&one)).await, 401, "not_signed_in").await;
}

#[actix_web::test]
async fn shelves_come_page_by_page() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let mut wanted = Vec::new();
    for number in 0..5 {
        let film = publish(&app, 0).await;
        // Some at the same moment.
        app.advance(TimeDelta::seconds(number % 2));
        watch(&ann, &film, 20.0).await;
        let saved = ann
            .put(&format!("/me/watchlist/{}", film.id), json!({}))
            .await;
        assert_eq!(saved.status(), 204);
        wanted.push(film.id.to_string());
    }
    wanted.sort_unstable();
    for path in ["/me/watching", "/me/watchlist"] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = ann.get_json(&format!("{path}?limit=2{cursor}")).await;
            let items = page["items"].as_array().unwrap();
            found.extend(items.iter().map(|it| text(&it["movie"]["id"])));
            match &page["next_cursor"] {
                Value::String(next) => cursor = format!("&cursor={next}"),
                _ => break,
            }
        }
        found.sort_unstable();
        assert_eq!(found, wanted, "{path}");
        let refused = problem(ann.get(&format!("{path}?limit=0")).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), ["limit"]);
    }
}
