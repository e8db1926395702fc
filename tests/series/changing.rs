//! What admins do with series.

use playhouse::accounts::Role;
use playhouse_test_support::{TestApp, problem, text, wrong_fields};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{film, place, put, series, shown};

#[actix_web::test]
async fn a_series_is_made_changed_and_deleted_and_its_films_stay() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let new = json!({"title": "  Night Trains ", "description": "Two lines,\nof text"});
    let made = admin.post("/admin/series", new).await;
    assert_eq!(made.status(), 201);
    let address = made.headers()["location"].to_str().unwrap().to_owned();
    let made: Value = made.json().await.unwrap();
    let id = text(&made["id"]);
    assert_eq!(address, format!("/api/v1/series/{id}"));
    assert_eq!(
        made,
        json!({"id": id, "title": "Night Trains", "description": "Two lines,\nof text", "seasons": []})
    );
    let film = film(&app, &admin, "one").await;
    place(&admin, &id, &film, (1, 1)).await;
    let path = format!("/admin/series/{id}");
    let changed = admin.patch(&path, json!({"title": "Day Trains"})).await;
    let changed: Value = changed.json().await.unwrap();
    assert_eq!(
        (&changed["title"], &changed["description"]),
        (&json!("Day Trains"), &json!("Two lines,\nof text"))
    );
    assert_eq!(
        changed,
        ann.get_json(&format!("/series/{id}")).await,
        "it answers what is shown"
    );
    let unchanged = admin.patch(&path, json!({})).await;
    assert_eq!(unchanged.status(), 200);
    assert_eq!(admin.delete(&path).await.status(), 204);
    problem(admin.delete(&path).await, 404, "not_found").await;
    let patch = json!({"title": "x"});
    problem(admin.patch(&path, patch).await, 404, "not_found").await;
    assert_eq!(ann.get(&format!("/movies/{film}")).await.status(), 200);
    let place = ann.get_json(&format!("/movies/{film}/series")).await;
    assert_eq!(place["series"], Value::Null);

    let log = admin.get_json("/admin/audit?limit=200").await;
    let deeds: Vec<String> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["target_kind"] == "series")
        .map(|it| text(&it["action"]))
        .collect();
    assert_eq!(
        deeds,
        [
            "series.delete",
            "series.change",
            "series.place",
            "series.create"
        ]
    );
}

#[actix_web::test]
async fn a_place_is_one_films_and_a_film_is_in_one_series() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (one, two) = (
        film(&app, &admin, "one").await,
        film(&app, &admin, "two").await,
    );
    let (id, other) = (
        series(&admin, "Trains").await,
        series(&admin, "Ships").await,
    );
    place(&admin, &id, &one, (1, 1)).await;
    let taken = put(&admin, &id, &two, (1, 1)).await;
    let taken = problem(taken, 409, "episode_taken").await;
    let detail = text(&taken["detail"]);
    assert!(
        detail.contains("\"one\"") && detail.contains(&one),
        "{detail}"
    );
    let elsewhere = put(&admin, &other, &one, (1, 1)).await;
    let elsewhere = problem(elsewhere, 409, "conflict").await;
    assert!(text(&elsewhere["detail"]).contains("Trains"));
    place(&admin, &id, &two, (1, 2)).await;
    let taken = put(&admin, &id, &two, (1, 1)).await;
    problem(taken, 409, "episode_taken").await;
    // Moved, and again to where it is.
    place(&admin, &id, &one, (3, 9999)).await;
    place(&admin, &id, &one, (3, 9999)).await;
    place(&admin, &id, &two, (1, 1)).await;
    assert_eq!(
        shown(&admin, &id).await,
        [(1, 1, two.clone()), (3, 9999, one.clone())]
    );
    let path = format!("/admin/series/{other}/films/{one}");
    assert_eq!(admin.delete(&path).await.status(), 204);
    assert_eq!(shown(&admin, &id).await.len(), 2, "it is not in that one");
    let path = format!("/admin/series/{id}/films/{one}");
    for _ in 0..2 {
        assert_eq!(admin.delete(&path).await.status(), 204);
    }
    assert_eq!(shown(&admin, &id).await, [(1, 1, two)]);
    place(&admin, &other, &one, (1, 1)).await;
}

#[actix_web::test]
async fn two_who_want_one_place_do_not_both_get_it() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let id = series(&admin, "Trains").await;
    let mut films = Vec::new();
    for number in 0..6 {
        films.push(film(&app, &admin, &format!("film {number}")).await);
    }
    let wishes = films.iter().map(|film| put(&admin, &id, film, (1, 1)));
    let answers = futures_util::future::join_all(wishes).await;
    let mut given = 0;
    for answer in answers {
        match answer.status().as_u16() {
            204 => given += 1,
            _ => drop(problem(answer, 409, "episode_taken").await),
        }
    }
    assert_eq!(given, 1);
    assert_eq!(shown(&admin, &id).await.len(), 1);
}

#[actix_web::test]
async fn two_who_move_to_one_place_do_not_both_get_it() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let id = series(&admin, "Trains").await;
    let mut films = Vec::new();
    for number in 1..=6 {
        let film = film(&app, &admin, &format!("film {number}")).await;
        place(&admin, &id, &film, (1, number)).await;
        films.push(film);
    }
    // Each round has a free place, and six who want to have it at the same moment.
    for round in 0..5 {
        let wishes = films
            .iter()
            .map(|film| put(&admin, &id, film, (2, round + 1)));
        let mut moved = 0;
        for answer in futures_util::future::join_all(wishes).await {
            match answer.status().as_u16() {
                204 => moved += 1,
                _ => drop(problem(answer, 409, "episode_taken").await),
            }
        }
        assert_eq!(moved, 1, "round {round}");
        let all = shown(&admin, &id).await;
        assert_eq!(all.len(), 6, "nobody is lost: {all:?}");
    }
}

#[actix_web::test]
async fn what_does_not_fit_is_refused_by_name() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let film = film(&app, &admin, "one").await;
    let id = series(&admin, "Trains").await;
    for (body, field) in [
        (json!({"title": " "}), "title"),
        (json!({"title": "x".repeat(201)}), "title"),
        (json!({"title": "a\u{1b}[2J"}), "title"),
        (
            json!({"title": "x", "description": "a\u{7}"}),
            "description",
        ),
        (
            json!({"title": "x", "description": "x".repeat(10_001)}),
            "description",
        ),
    ] {
        let refused = admin.post("/admin/series", body.clone()).await;
        let refused = problem(refused, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), [field]);
        let refused = admin.patch(&format!("/admin/series/{id}"), body).await;
        let refused = problem(refused, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), [field]);
    }
    let refused = admin.post("/admin/series", json!({})).await;
    let refused = problem(refused, 422, "invalid").await;
    assert_eq!(wrong_fields(&refused), ["title"]);
    for (at, fields) in [
        ((0, 1), vec!["season"]),
        ((1, 10_000), vec!["episode"]),
        ((-1, i32::MAX), vec!["season", "episode"]),
    ] {
        let refused = problem(put(&admin, &id, &film, at).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), fields);
    }
    let nowhere = Uuid::now_v7().to_string();
    for (series, film) in [(&nowhere, &film), (&id, &nowhere)] {
        let answer = put(&admin, series, film, (1, 1)).await;
        problem(answer, 404, "not_found").await;
    }
    let path = format!("/admin/series/{nowhere}/films/{film}");
    problem(admin.delete(&path).await, 404, "not_found").await;
    let path = format!("/admin/series/{id}/films/x");
    problem(admin.delete(&path).await, 404, "not_found").await;
    assert!(shown(&admin, &id).await.is_empty());
}

#[actix_web::test]
async fn hostile_text_is_kept_as_it_is() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let hostile = "<script>alert(1)</script> \u{202e}'; DROP TABLE series; -- ${x} 春";
    let id = series(&admin, hostile).await;
    let found = admin.get_json(&format!("/series/{id}")).await;
    assert_eq!(found["title"], hostile);
    let page = admin.get_json("/series").await;
    assert_eq!(page["items"][0]["title"], hostile);
}

#[actix_web::test]
async fn only_admins_change_anything() {
    let app = TestApp::start().await;
    let admin = app.newcomer(Role::Admin).await;
    let id = series(&admin, "Trains").await;
    let film = Uuid::now_v7();
    let member = app.newcomer(Role::Member).await;
    for (who, status, code) in [
        (&app.nobody(), 401, "not_signed_in"),
        (&member, 403, "forbidden"),
    ] {
        let answers = [
            who.post("/admin/series", json!({"title": "x"})).await,
            who.patch(&format!("/admin/series/{id}"), json!({"title": "x"}))
                .await,
            who.delete(&format!("/admin/series/{id}")).await,
            put(who, &id, &film.to_string(), (1, 1)).await,
            who.delete(&format!("/admin/series/{id}/films/{film}"))
                .await,
        ];
        for answer in answers {
            problem(answer, status, code).await;
        }
    }
}
