//! Playback, positions and the page of a film.

use chrono::TimeDelta;
use diesel::prelude::*;
use playhouse::db::schema::movies;
use playhouse_test_support::{TestApp, problem, wrong_fields};
use serde_json::json;
use uuid::Uuid;

use crate::seed::{SIZE, change, movie_id, publish, sell};
use crate::wire::{address, range, text_of};

#[actix_web::test]
async fn playback_serves_ranges_until_its_address_expires() {
    let app = TestApp::start().await;
    let film = publish(&app, 0).await;
    let ann = app.member("ann").await;
    let playback = ann.get_json(&format!("/movies/{}/playback", film.id)).await;
    let source = &playback["sources"][0];
    assert_eq!(source["type"], "video/mp4");
    assert_eq!(
        (&source["width"], &source["height"]),
        (&json!(640), &json!(360))
    );
    assert_eq!(playback["position"], 0.0);
    let path = address(source);
    let nobody = app.nobody();
    let part = range(&nobody, &path, "bytes=-5").await;
    assert_eq!(part.status(), 206);
    assert_eq!(text_of(&part, "content-type"), "video/mp4");
    assert!(text_of(&part, "content-disposition").starts_with("inline"));
    assert_eq!(part.bytes().await.unwrap(), film.content[SIZE - 5..]);
    let admin = app.admin().await;
    let live = async || admin.get_json("/admin/stats").await["live"].clone();
    let seen = live().await;
    assert_eq!(
        (&seen["streams"], &seen["transfers"]),
        (&json!(1), &json!(0))
    );
    app.advance(TimeDelta::seconds(31));
    assert_eq!(live().await["streams"], 0, "nothing was asked for any more");
    for wrong in [
        path.replace("original", "other"),
        path.replace(&film.id, &Uuid::now_v7().to_string()),
        path.replacen("/media/", "/media/A", 1),
        format!("{path}/x"),
    ] {
        problem(nobody.get(&wrong).await, 404, "not_found").await;
    }
    app.advance(TimeDelta::minutes(241));
    problem(nobody.get(&path).await, 410, "expired").await;
    assert_eq!(
        ann.get_json("/downloads").await["items"],
        json!([]),
        "watching has no record"
    );
}

#[actix_web::test]
async fn a_film_says_what_it_is_to_the_one_who_asks() {
    let app = TestApp::start().await;
    let film = publish(&app, 501).await;
    let (ann, bob, admin) = (
        app.member("ann").await,
        app.member("bob").await,
        app.admin().await,
    );
    let path = format!("/movies/{}", film.id);
    let seen = ann.get_json(&path).await;
    assert_eq!(
        (&seen["title"], &seen["price"]),
        (&json!("A film"), &json!(501))
    );
    assert_eq!(
        (&seen["your_price"], &seen["owned"]),
        (&json!(501), &json!(false))
    );
    assert_eq!(seen["vip_price"], 251, "half, rounded up");
    let original = json!({"name": "original", "width": 640, "height": 360, "size": SIZE});
    assert_eq!(seen["renditions"], json!([original]));
    sell(&app, &film, &bob, 250).await;
    let position = format!("{path}/position");
    assert_eq!(
        bob.put(&position, json!({"seconds": 7.5})).await.status(),
        204
    );
    let until = (app.clock.now() + TimeDelta::days(1)).and_utc();
    let vip = format!("/admin/accounts/{}", bob.id);
    assert_eq!(
        admin
            .patch(&vip, json!({"vip_until": until}))
            .await
            .status(),
        200
    );
    let seen = bob.get_json(&path).await;
    assert_eq!(
        (&seen["your_price"], &seen["owned"]),
        (&json!(251), &json!(true))
    );
    assert_eq!(seen["vip_price"], seen["your_price"]);
    assert_eq!(seen["position"], 7.5);
    problem(app.nobody().get(&path).await, 401, "not_signed_in").await;
    let nowhere = format!("/movies/{}", Uuid::now_v7());
    problem(ann.get(&nowhere).await, 404, "not_found").await;
    let (movie, now) = (movie_id(&film), app.clock.now());
    change(&app, move |conn| {
        diesel::update(movies::table.find(&movie))
            .set(movies::deleted_at.eq(now))
            .execute(conn)
    })
    .await;
    problem(ann.get(&path).await, 404, "not_found").await;
    assert_eq!(bob.get(&path).await.status(), 200);
    assert_eq!(admin.get(&path).await.status(), 200);
}

#[actix_web::test]
async fn positions_are_kept_and_checked() {
    let app = TestApp::start().await;
    let (film, paid) = (publish(&app, 0).await, publish(&app, 5).await);
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let path = format!("/movies/{}/position", film.id);
    let playback = format!("/movies/{}/playback", film.id);
    for seconds in [1.0_f64, 12.345, 0.0, 61.0] {
        assert_eq!(
            ann.put(&path, json!({"seconds": seconds})).await.status(),
            204
        );
        let kept = ann.get_json(&playback).await["position"].as_f64().unwrap();
        assert!((kept - seconds.min(60.0)).abs() < 1e-9, "{kept}");
    }
    assert_eq!(bob.get_json(&playback).await["position"], 0.0);
    for wrong in [
        json!({"seconds": -1}),
        json!({"seconds": 1e300}),
        json!({"seconds": 66}),
    ] {
        let refused = problem(ann.put(&path, wrong).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), ["seconds"]);
    }
    problem(
        ann.put(&path, json!({"seconds": "1"})).await,
        422,
        "invalid",
    )
    .await;
    let paid = format!("/movies/{}/position", paid.id);
    problem(
        ann.put(&paid, json!({"seconds": 1})).await,
        403,
        "not_owned",
    )
    .await;
}
