//! What members and admins see of series.

use chrono::TimeDelta;
use playhouse_test_support::{Person, TestApp, problem, text, wrong_fields};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{beside, film, place, schedule, series, shown};

#[actix_web::test]
async fn a_series_shows_its_films_in_their_order() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let mut films = Vec::new();
    for title in ["one", "two", "three", "four"] {
        films.push(film(&app, &admin, title).await);
    }
    let id = series(&admin, "Night Trains").await;
    for (film, at) in films.iter().zip([(2, 1), (1, 10), (1, 2), (2, 3)]) {
        place(&admin, &id, film, at).await;
    }
    let wanted = [(1, 2, 2), (1, 10, 1), (2, 1, 0), (2, 3, 3)];
    let wanted: Vec<_> = wanted.map(|(s, e, at)| (s, e, films[at].clone())).into();
    assert_eq!(shown(&ann, &id).await, wanted);
    let found = ann.get_json(&format!("/series/{id}")).await;
    assert_eq!(found["title"], "Night Trains");
    // The same shape as elsewhere.
    let detail = ann.get_json(&format!("/movies/{}", films[0])).await;
    let shown = &found["seasons"][1]["films"][0]["movie"];
    for (field, value) in shown.as_object().unwrap() {
        assert_eq!(&detail[field], value, "{field}");
    }

    let place = ann.get_json(&format!("/movies/{}/series", films[1])).await;
    assert_eq!(
        (&place["series"], &place["season"], &place["episode"]),
        (
            &json!({"id": id, "title": "Night Trains"}),
            &json!(1),
            &json!(10)
        )
    );
    assert_eq!(
        beside(&ann, &films[1]).await,
        ("three".into(), "one".into()),
        "the next is in another season"
    );
    assert_eq!(
        beside(&ann, &films[2]).await,
        (String::new(), "two".into()),
        "nothing is before the first"
    );
    assert_eq!(beside(&ann, &films[3]).await, ("one".into(), String::new()));
    let alone = film(&app, &admin, "alone").await;
    assert_eq!(
        ann.get_json(&format!("/movies/{alone}/series")).await,
        json!({"series": null, "season": null, "episode": null, "previous": null, "next": null})
    );
}

#[actix_web::test]
async fn members_see_only_what_is_published() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let id = series(&admin, "Trains").await;
    let empty = series(&admin, "Nothing yet").await;
    let mut films = Vec::new();
    for (at, title) in ["one", "two", "three"].into_iter().enumerate() {
        let film = film(&app, &admin, title).await;
        let season = i32::try_from(at).unwrap() + 1;
        place(&admin, &id, &film, (season, 1)).await;
        films.push(film);
    }
    schedule(&app, &admin, &films[1]).await;
    assert_eq!(shown(&ann, &id).await.len(), 2);
    assert_eq!(shown(&admin, &id).await.len(), 3);
    assert_eq!(beside(&ann, &films[0]).await.1, "three");
    assert_eq!(beside(&admin, &films[0]).await.1, "two");
    assert_eq!(beside(&ann, &films[2]).await.0, "one");
    let hidden = ann.get(&format!("/movies/{}/series", films[1])).await;
    problem(hidden, 404, "not_found").await;
    let counts = |page: &Value| -> Vec<(String, i64, i64)> {
        let items = page["items"].as_array().unwrap();
        let count = |it: &Value, what: &str| it[what].as_i64().unwrap();
        items
            .iter()
            .map(|it| (text(&it["title"]), count(it, "films"), count(it, "seasons")))
            .collect()
    };
    assert_eq!(
        counts(&ann.get_json("/series").await),
        [("Trains".to_owned(), 2, 2)]
    );
    assert_eq!(
        counts(&admin.get_json("/series").await),
        [
            ("Nothing yet".to_owned(), 0, 0),
            ("Trains".to_owned(), 3, 3)
        ]
    );
    let nothing = ann.get(&format!("/series/{empty}")).await;
    problem(nothing, 404, "not_found").await;
    assert!(shown(&admin, &empty).await.is_empty());

    for film in [&films[0], &films[2]] {
        let gone = admin.delete(&format!("/movies/{film}")).await;
        assert_eq!(gone.status(), 204);
    }
    assert!(counts(&ann.get_json("/series").await).is_empty());
    problem(ann.get(&format!("/series/{id}")).await, 404, "not_found").await;
    app.advance(TimeDelta::hours(2));
    assert_eq!(
        counts(&ann.get_json("/series").await),
        [("Trains".to_owned(), 1, 1)],
        "its time has come"
    );
    let purged = admin
        .post(&format!("/movies/{}/purge", films[0]), json!({}))
        .await;
    assert_eq!(purged.status(), 204);
    assert_eq!(shown(&admin, &id).await.len(), 2);
}

#[actix_web::test]
async fn the_poster_is_that_of_the_first_film_that_is_seen() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let (one, two) = (
        film(&app, &admin, "one").await,
        film(&app, &admin, "two").await,
    );
    let id = series(&admin, "Trains").await;
    place(&admin, &id, &one, (1, 2)).await;
    place(&admin, &id, &two, (1, 1)).await;
    app.jobs_done(&admin).await;
    let poster = async |film: &str| {
        let film = admin.get_json(&format!("/movies/{film}")).await;
        film["poster_url"].clone()
    };
    let shown = async || ann.get_json("/series").await["items"][0]["poster_url"].clone();
    assert!(poster(&two).await.is_string());
    assert_eq!(shown().await, poster(&two).await);
    schedule(&app, &admin, &two).await;
    assert_eq!(shown().await, poster(&one).await);
}

/// The titles of all pages, with something done between the first two.
async fn titles(who: &Person, between: impl AsyncFn()) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = who.get_json(&format!("/series?limit=2{cursor}")).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        found.extend(items.iter().map(|it| text(&it["title"])));
        match &page["next_cursor"] {
            Value::String(next) => {
                if cursor.is_empty() {
                    between().await;
                }
                cursor = format!("&cursor={next}");
            }
            _ => return found,
        }
    }
}

#[actix_web::test]
async fn pages_neither_repeat_nor_hide_a_series() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    for title in ["b", "C", "b", "d", "ä", "z"] {
        series(&admin, title).await;
    }
    let during = async || {
        // One that would be on the page that was shown, one on the next.
        series(&admin, "a").await;
        series(&admin, "dd").await;
    };
    let found = titles(&admin, during).await;
    assert_eq!(found, ["b", "b", "C", "d", "dd", "z", "ä"]);
    assert!(titles(&ann, async || ()).await.is_empty());
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=x", "cursor"),
        // {"title":"\u0000","id":"00000000-0000-0000-0000-000000000000"}
        (
            "cursor=eyJ0aXRsZSI6Ilx1MDAwMCIsImlkIjoiMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwIn0",
            "cursor",
        ),
    ] {
        let refused = ann.get(&format!("/series?{query}")).await;
        let refused = problem(refused, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), [field], "{query}");
    }
}

#[actix_web::test]
async fn strangers_see_nothing_and_what_is_not_there_is_not_found() {
    let app = TestApp::start().await;
    let (nobody, ann) = (app.nobody(), app.member("ann").await);
    let id = Uuid::now_v7();
    for path in [
        "/series".to_owned(),
        format!("/series/{id}"),
        format!("/movies/{id}/series"),
    ] {
        problem(nobody.get(&path).await, 401, "not_signed_in").await;
        if path != "/series" {
            problem(ann.get(&path).await, 404, "not_found").await;
        }
    }
    problem(ann.get("/series/x").await, 404, "not_found").await;
}
