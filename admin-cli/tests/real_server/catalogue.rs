//! `movie list|show|edit|delete|restore|purge`.

use playhouse_test_support::{TestApp, text};
use serde_json::json;

use crate::films::film;
use crate::program::Program;

/// An admin with one film, its id.
async fn house_with_a_film(app: &TestApp) -> (Program, String) {
    let program = Program::of(&app.admin().await, app);
    let file = film(program.config(), "the-kid.mp4", 1);
    let published = [
        "movie",
        "publish",
        file.to_str().unwrap(),
        "--title",
        "霸王别姬",
        "--price",
        "4.99",
        "--tag",
        "old",
    ];
    let report = program.json(&published).await;
    (program, text(&report["items"][0]["movie"]["id"]))
}

#[actix_web::test]
async fn the_catalogue_is_listed_and_filtered() {
    let app = TestApp::start().await;
    let (program, id) = house_with_a_film(&app).await;
    let table = program.ok(&["movie", "list"]).await;
    assert!(
        table.contains("霸王别姬") && table.contains("4.99 EUR") && table.contains(&id),
        "{table}"
    );
    let free = program.json(&["movie", "list", "--price", "free"]).await;
    assert_eq!(free["items"], json!([]));
    let tagged = program
        .json(&["movie", "list", "--tag", "old", "--sort", "title"])
        .await;
    assert_eq!(text(&tagged["items"][0]["id"]), id);
}

#[actix_web::test]
async fn a_film_is_shown_by_its_id_and_its_title() {
    let app = TestApp::start().await;
    let (program, id) = house_with_a_film(&app).await;
    for which in [id.as_str(), "霸王别姬"] {
        assert_eq!(
            text(&program.json(&["movie", "show", which]).await["id"]),
            id
        );
    }
    program.fails(&["movie", "show", "Nothing"], 4).await;
    program
        .fails(
            &["movie", "show", "01900000-0000-7000-8000-000000000001"],
            4,
        )
        .await;
}

#[actix_web::test]
async fn a_film_is_changed_field_by_field() {
    let app = TestApp::start().await;
    let (program, id) = house_with_a_film(&app).await;
    let edit = [
        "movie",
        "edit",
        &id,
        "--title",
        "The Kid",
        "--price",
        "2.5",
        "--tag",
        "classic",
        "--tag",
        "silent",
        "--category",
        "Drama",
    ];
    let changed = program.json(&edit).await;
    assert_eq!(changed["price"], 250);
    assert_eq!(changed["category"], "Drama");
    assert_eq!(changed["tags"], json!(["classic", "silent"]));
    let cleared = program
        .json(&[
            "movie",
            "edit",
            "The Kid",
            "--no-tags",
            "--no-category",
            "--price-minor",
            "0",
        ])
        .await;
    assert_eq!(
        (&cleared["tags"], &cleared["category"], &cleared["price"]),
        (&json!([]), &json!(null), &json!(0))
    );
    assert_eq!(cleared["title"], "The Kid");

    let later = program
        .json(&["movie", "edit", &id, "--publish-at", "2099-01-01 20:00"])
        .await;
    assert!(text(&later["publish_at"]).starts_with("2099-01-01T20:00:00"));
    let now = program.json(&["movie", "edit", &id, "--publish-now"]).await;
    assert_eq!(now["publish_at"], json!(null));

    program.fails(&["movie", "edit", &id], 2).await;
    program
        .fails(&["movie", "edit", &id, "--price", "1.999"], 2)
        .await;
    program
        .fails(&["movie", "edit", &id, "--price", "-1"], 2)
        .await;
    program
        .fails(&["movie", "edit", &id, "--title", ""], 1)
        .await;
}

#[actix_web::test]
async fn a_deleted_film_comes_back_until_it_is_purged() {
    let app = TestApp::start().await;
    let (program, id) = house_with_a_film(&app).await;
    program.ok(&["movie", "delete", "霸王别姬"]).await;
    assert_eq!(program.json(&["movie", "list"]).await["items"], json!([]));
    assert_eq!(
        text(&program.json(&["movie", "list", "--deleted"]).await["items"][0]["id"]),
        id
    );
    program.ok(&["movie", "restore", "霸王别姬"]).await;
    assert_eq!(
        text(&program.json(&["movie", "list"]).await["items"][0]["id"]),
        id
    );

    program.ok(&["movie", "delete", &id]).await;
    program.fails(&["movie", "purge", &id], 2).await;
    program.ok(&["movie", "purge", &id, "--yes"]).await;
    assert_eq!(
        program.json(&["movie", "list", "--deleted"]).await["items"],
        json!([])
    );
    program.fails(&["movie", "restore", &id], 4).await;
}
