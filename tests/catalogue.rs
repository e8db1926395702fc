//! Finding films: search, filters, orders, pages, facets; on rows without bytes.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::collections::HashSet;

use chrono::TimeDelta;
use playhouse::movies;
use playhouse_test_support::{Person, TestApp, problem, text};
use serde_json::{Value, json};

async fn titles(who: &Person, query: &[(&str, &str)]) -> Vec<String> {
    let page = ask(who, query).await;
    let items = page["items"].as_array().unwrap();
    items.iter().map(|film| text(&film["title"])).collect()
}

async fn ask(who: &Person, query: &[(&str, &str)]) -> Value {
    let encode =
        |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
    let pairs: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(*value)))
        .collect();
    let answer = who.get(&format!("/movies?{}", pairs.join("&"))).await;
    assert_eq!(answer.status(), 200, "{query:?}");
    answer.json().await.unwrap()
}

/// A house with a few films of which everything is known.
async fn small_house() -> (TestApp, Person, Person) {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ann = app.member("ann").await;
    for (title, price, said) in [
        (
            "The Night Train",
            0,
            json!({"tags": ["noir", "railway"], "category": "Drama"}),
        ),
        (
            "大话西游",
            300,
            json!({"tags": ["喜剧"], "category": "Comedy", "description": "一部关于爱情的电影"}),
        ),
        (
            "Night on Earth",
            200,
            json!({"tags": ["noir"], "category": "Comedy"}),
        ),
        (
            "Été à la mer",
            0,
            json!({"tags": ["sea"], "category": "Drama", "description": "Un film d'été; it's 50% \"quoted\"."}),
        ),
        ("花样年华 In the Mood", 0, json!({"category": "Drama"})),
    ] {
        let film = app.publish_film(&admin, title, price).await;
        let path = format!("/movies/{}", text(&film["id"]));
        assert_eq!(admin.patch(&path, said).await.status(), 200);
    }
    (app, admin, ann)
}

#[actix_web::test]
async fn words_find_films_in_any_script() {
    let (_app, _admin, ann) = small_house().await;
    for (typed, expected) in [
        ("night", vec!["Night on Earth", "The Night Train"]),
        ("NIGHT tr", vec!["The Night Train"]),
        ("train night", vec!["The Night Train"]),
        ("ight", vec![]),
        ("railway", vec!["The Night Train"]),
        ("comedy", vec!["Night on Earth", "大话西游"]),
        ("été", vec!["Été à la mer"]),
        ("ÉTÉ mer", vec!["Été à la mer"]),
        ("50", vec!["Été à la mer"]),
        ("大", vec!["大话西游"]),
        ("西游", vec!["大话西游"]),
        ("大话西游", vec!["大话西游"]),
        ("话", vec!["大话西游"]),
        ("大游", vec![]),
        ("爱情 电影", vec!["大话西游"]),
        ("年华 mood", vec!["花样年华 In the Mood"]),
        ("花样年华in", vec!["花样年华 In the Mood"]),
        ("喜剧", vec!["大话西游"]),
        ("?!", vec![]),
    ] {
        assert_eq!(titles(&ann, &[("q", typed)]).await, expected, "{typed}");
    }
    assert_eq!(
        titles(&ann, &[("q", "  ")]).await.len(),
        5,
        "nothing is asked"
    );
}

#[actix_web::test]
async fn nothing_that_is_typed_is_a_mistake() {
    let (_app, _admin, ann) = small_house().await;
    for typed in [
        "\"",
        "'",
        "night\" OR \"",
        "night*",
        "NOT night",
        "AND",
        "(",
        "a:b",
        "words:night",
        "^night",
        "-night",
        "night & !train",
        "<->",
        "\\",
        "'; DROP TABLE movies; --",
        "%",
        "_",
        "\u{e000}u",
        "🎬",
        "NEAR(night train)",
        "\u{202e}night",
        "＊",
        "𝓃𝒾𝑔𝒽𝓉",
        "นกน้อย",
        "नमस्ते",
    ] {
        ask(&ann, &[("q", typed)]).await;
        ask(&ann, &[("q", typed), ("sort", "title"), ("price", "free")]).await;
        ask(&ann, &[("tag", typed), ("category", typed)]).await;
    }
    problem(ann.get("/movies?q=night%00train").await, 422, "invalid").await;
    let long = "night ".repeat(300);
    assert_eq!(titles(&ann, &[("q", &long)]).await.len(), 2);
}

#[actix_web::test]
async fn filters_and_orders_go_together() {
    let (_app, _admin, ann) = small_house().await;
    let free = ["花样年华 In the Mood", "Été à la mer", "The Night Train"];
    assert_eq!(titles(&ann, &[("price", "free")]).await, free);
    assert_eq!(
        titles(&ann, &[("price", "paid")]).await,
        ["Night on Earth", "大话西游"]
    );
    assert_eq!(titles(&ann, &[("price", "all")]).await.len(), 5);
    assert_eq!(
        titles(&ann, &[("category", "Comedy")]).await,
        ["Night on Earth", "大话西游"]
    );
    assert_eq!(titles(&ann, &[("category", "comedy")]).await.len(), 0);
    assert_eq!(
        titles(&ann, &[("tag", "NOIR")]).await,
        ["Night on Earth", "The Night Train"]
    );
    assert_eq!(
        titles(&ann, &[("tag", "noi")]).await.len(),
        0,
        "a tag is whole"
    );
    for (query, expected) in [
        (
            vec![("tag", "noir"), ("category", "Comedy")],
            vec!["Night on Earth"],
        ),
        (
            vec![("tag", "noir"), ("price", "free")],
            vec!["The Night Train"],
        ),
        (
            vec![("category", "Drama"), ("price", "free"), ("q", "mer")],
            vec!["Été à la mer"],
        ),
        (vec![("category", "Drama"), ("price", "paid")], vec![]),
        (
            vec![("sort", "title"), ("category", "Drama")],
            vec!["The Night Train", "Été à la mer", "花样年华 In the Mood"],
        ),
        (
            vec![("sort", "title"), ("q", "night")],
            vec!["Night on Earth", "The Night Train"],
        ),
        (
            vec![("sort", "title"), ("price", "paid")],
            vec!["Night on Earth", "大话西游"],
        ),
    ] {
        assert_eq!(titles(&ann, &query).await, expected, "{query:?}");
    }
    for wrong in [
        "sort=best",
        "price=cheap",
        "limit=0",
        "limit=201",
        "cursor=x",
        "colour=red",
        "limit=9999999999",
    ] {
        problem(ann.get(&format!("/movies?{wrong}")).await, 422, "invalid").await;
    }
    let cursor = text(&ask(&ann, &[("limit", "1")]).await["next_cursor"]);
    let other = format!("/movies?sort=title&cursor={cursor}");
    problem(ann.get(&other).await, 422, "invalid").await;
}

#[actix_web::test]
async fn popular_films_come_first() {
    let (app, _admin, ann) = small_house().await;
    let all = ask(&ann, &[]).await;
    let id = playhouse::ids::MovieId::from(
        uuid::Uuid::parse_str(&text(&all["items"][3]["id"])).unwrap(),
    );
    let bumped = app
        .app()
        .db
        .write_relaxed::<_, playhouse::db::Error, _>(move |conn| {
            movies::Movies::bump_popularity(conn, &id)
        });
    bumped.await.unwrap();
    let sorted = titles(&ann, &[("sort", "popular")]).await;
    assert_eq!(sorted.first(), Some(&text(&all["items"][3]["title"])));
    assert_eq!(sorted.len(), 5);
}

#[actix_web::test]
async fn facets_count_what_members_see() {
    let (app, admin, ann) = small_house().await;
    let facets = ann.get_json("/movies/facets").await;
    let drama = json!([{"name": "Drama", "count": 3}, {"name": "Comedy", "count": 2}]);
    assert_eq!(facets["categories"], drama);
    assert_eq!(facets["tags"][0], json!({"name": "noir", "count": 2}));
    assert_eq!(facets["tags"].as_array().unwrap().len(), 4);
    let film = &ask(&ann, &[("q", "earth")]).await["items"][0];
    admin
        .delete(&format!("/movies/{}", text(&film["id"])))
        .await;
    let facets = ann.get_json("/movies/facets").await;
    assert_eq!(
        facets["categories"][1],
        json!({"name": "Comedy", "count": 1})
    );
    drop(app);
}

#[actix_web::test]
async fn a_page_is_sent_with_a_tag_and_again_only_when_it_changed() {
    let (_app, admin, ann) = small_house().await;
    let first = ann.get("/movies").await;
    let tag = first.headers()["etag"].clone();
    let again = |who: &Person| {
        let request = who.request(reqwest::Method::GET, "/movies");
        request.header("if-none-match", tag.clone()).send()
    };
    assert_eq!(again(&ann).await.unwrap().status(), 304);
    let film = first.json::<Value>().await.unwrap()["items"][0].clone();
    let path = format!("/movies/{}", text(&film["id"]));
    admin.patch(&path, json!({"title": "Another"})).await;
    let changed = again(&ann).await.unwrap();
    assert_eq!(changed.status(), 200);
    assert_eq!(
        changed.json::<Value>().await.unwrap()["items"][0]["title"],
        "Another"
    );
}

/// Pages through a list, adding films meanwhile, and returns the ids in the order they came.
async fn walk(app: &TestApp, who: &Person, query: &[(&str, &str)], limit: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut asked = query.to_vec();
        asked.push(("limit", limit));
        if !cursor.is_empty() {
            asked.push(("cursor", &cursor));
        }
        let page = ask(who, &asked).await;
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|film| text(&film["id"])));
        let Some(next) = page["next_cursor"].as_str() else {
            return seen;
        };
        next.clone_into(&mut cursor);
        app.advance(TimeDelta::seconds(90));
        movies::fill(&app.app().db, app.clock.now(), 2, |_| {})
            .await
            .unwrap();
    }
}

type Holds = fn(&Value) -> bool;

/// Filters, and what holds at least for the films that they leave.
const FILTERS: [(&[(&str, &str)], Holds); 7] = [
    (&[], |_| true),
    (&[("price", "free")], |film| film["price"] == 0),
    (&[("category", "Drama")], |film| film["category"] == "Drama"),
    (&[("category", "Drama"), ("price", "paid")], |film| {
        film["category"] == "Drama" && film["price"] != 0
    }),
    (&[("tag", "noir")], |film| {
        film["tags"].as_array().unwrap().contains(&json!("noir"))
    }),
    (&[("q", "the")], |film| {
        text(&film["title"]).to_lowercase().contains("the ")
    }),
    (&[("price", "paid"), ("q", "a")], |film| film["price"] != 0),
];

async fn check_walks(sort: &str, limit: &str) {
    let app = TestApp::start().await;
    app.admin().await;
    let ann = app.member("ann").await;
    for (filter, holds) in FILTERS {
        movies::fill(&app.app().db, app.clock.now(), 30, |_| {})
            .await
            .unwrap();
        app.advance(TimeDelta::minutes(1));
        let whole = ask(&ann, &[("limit", "200")]).await;
        let films = whole["items"].as_array().unwrap();
        let mut query = filter.to_vec();
        query.push(("sort", sort));
        let seen = walk(&app, &ann, &query, limit).await;
        let distinct: HashSet<&String> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "{query:?} repeats a film");
        for film in films.iter().filter(|film| holds(film)) {
            assert!(
                distinct.contains(&text(&film["id"])),
                "{query:?} hides {film}"
            );
        }
    }
}

#[actix_web::test]
async fn pages_of_the_newest_give_every_film_once_while_films_are_added() {
    check_walks("newest", "1").await;
    check_walks("newest", "13").await;
}

#[actix_web::test]
async fn pages_by_title_give_every_film_once_while_films_are_added() {
    check_walks("title", "5").await;
    check_walks("title", "13").await;
}

#[actix_web::test]
async fn pages_by_popularity_give_every_film_once_while_films_are_added() {
    check_walks("popular", "5").await;
    check_walks("popular", "13").await;
}

#[actix_web::test]
async fn orders_hold_when_many_films_pass_a_filter() {
    let app = TestApp::start().await;
    app.admin().await;
    let ann = app.member("ann").await;
    movies::fill(&app.app().db, app.clock.now(), 12_000, |_| {})
        .await
        .unwrap();
    for filter in [
        vec![("price", "free")],
        vec![("price", "free"), ("tag", "noir")],
        vec![("category", "Drama")],
    ] {
        let mut query = filter.clone();
        query.extend([("sort", "popular"), ("limit", "200")]);
        let first = ask(&ann, &query).await;
        let cursor = text(&first["next_cursor"]);
        query.push(("cursor", &cursor));
        let second = ask(&ann, &query).await;
        let both = [
            first["items"].as_array().unwrap().clone(),
            second["items"].as_array().unwrap().clone(),
        ]
        .concat();
        assert_eq!(both.len(), 400);
        let distinct: HashSet<String> = both.iter().map(|film| text(&film["id"])).collect();
        assert_eq!(distinct.len(), 400);
        for film in &both {
            assert!(
                filter.iter().all(|(name, value)| match *name {
                    "price" => film["price"] == 0,
                    "tag" => film["tags"].as_array().unwrap().contains(&json!(value)),
                    _ => film["category"] == *value,
                }),
                "{filter:?} lets {film} pass"
            );
        }
    }
}
