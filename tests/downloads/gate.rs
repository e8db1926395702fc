//! Who may have the bytes of a film.

use chrono::TimeDelta;
use diesel::prelude::*;
use playhouse::db::schema::movies;
use playhouse_test_support::{TestApp, problem};
use serde_json::json;
use uuid::Uuid;

use crate::seed::{change, movie_id, publish, sell};
use crate::wire::{address, record, ticket};

#[actix_web::test]
async fn a_paid_film_must_be_bought_and_is_then_ones_own() {
    let app = TestApp::start().await;
    let film = publish(&app, 500).await;
    let ann = app.member("ann").await;
    let path = format!("/movies/{}/downloads", film.id);
    problem(ann.post(&path, json!({})).await, 403, "not_owned").await;
    let playback = format!("/movies/{}/playback", film.id);
    problem(ann.get(&playback).await, 403, "not_owned").await;
    problem(
        app.nobody().post(&path, json!({})).await,
        401,
        "not_signed_in",
    )
    .await;
    sell(&app, &film, &ann, 250).await;
    let ticket = ticket(&ann, &film).await;
    assert_eq!(ticket["wait_seconds"], 0);
    assert_eq!(record(&ann).await["price_paid"], 250);
    assert_eq!(ann.get(&address(&ticket)).await.status(), 200);
    let bob = app.member("bob").await;
    problem(bob.post(&path, json!({})).await, 403, "not_owned").await;
}

#[actix_web::test]
async fn films_outside_the_catalogue_do_not_exist() {
    let app = TestApp::start().await;
    let (hidden, later) = (publish(&app, 0).await, publish(&app, 0).await);
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let (movie, at) = (movie_id(&later), app.clock.now() + TimeDelta::hours(1));
    change(&app, move |conn| {
        diesel::update(movies::table.find(&movie))
            .set(movies::listed_at.eq(at))
            .execute(conn)
    })
    .await;
    let movie = movie_id(&hidden);
    change(&app, move |conn| {
        diesel::update(movies::table.find(&movie))
            .set(movies::state.eq("processing"))
            .execute(conn)
    })
    .await;
    for film in [&hidden, &later] {
        let path = format!("/movies/{}/downloads", film.id);
        problem(ann.post(&path, json!({})).await, 404, "not_found").await;
        assert_eq!(admin.post(&path, json!({})).await.status(), 201);
    }
    app.advance(TimeDelta::hours(1));
    ticket(&ann, &later).await;
    for id in ["nonsense", &Uuid::now_v7().to_string()] {
        let path = format!("/movies/{id}/downloads");
        problem(ann.post(&path, json!({})).await, 404, "not_found").await;
    }
}

#[actix_web::test]
async fn an_address_works_without_sign_in_but_not_for_another_account() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish(&app, 0).await;
    let (ann, bob, admin) = (
        app.member("ann").await,
        app.member("bob").await,
        app.admin().await,
    );
    let path = address(&ticket(&ann, &film).await);
    let playback = ann.get_json(&format!("/movies/{}/playback", film.id)).await;
    let watch = address(&playback["sources"][0]);
    for path in [&path, &watch] {
        for stranger in [&bob, &admin] {
            problem(stranger.get(path).await, 403, "forbidden").await;
        }
        assert_eq!(app.nobody().get(path).await.status(), 200);
        // The same when the transfer is under way already.
        problem(bob.get(path).await, 403, "forbidden").await;
        let wrong = app.with_token("wrong").get(path).await;
        problem(wrong, 401, "not_signed_in").await;
    }
}

#[actix_web::test]
async fn a_film_in_the_trash_is_served_to_those_who_bought_it_alone() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish(&app, 0).await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    sell(&app, &film, &bob, 100).await;
    let playback = format!("/movies/{}/playback", film.id);
    let mut addresses = Vec::new();
    for who in [&ann, &bob] {
        let watch = who.get_json(&playback).await;
        let path = address(&ticket(who, &film).await);
        addresses.push((path, address(&watch["sources"][0])));
    }
    let (movie, now) = (movie_id(&film), app.clock.now());
    change(&app, move |conn| {
        diesel::update(movies::table.find(&movie))
            .set(movies::deleted_at.eq(now))
            .execute(conn)
    })
    .await;
    let (of_ann, of_bob) = (&addresses[0], &addresses[1]);
    problem(ann.get(&of_ann.0).await, 410, "expired").await;
    problem(ann.get(&of_ann.1).await, 404, "not_found").await;
    let tickets = format!("/movies/{}/downloads", film.id);
    problem(ann.post(&tickets, json!({})).await, 404, "not_found").await;
    assert_eq!(bob.get(&of_bob.0).await.status(), 200);
    assert_eq!(bob.get(&of_bob.1).await.status(), 200);
    assert_eq!(bob.post(&tickets, json!({})).await.status(), 201);
}
