//! `movies` and `movie`.

use playhouse_test_support::{TestApp, text};
use serde_json::json;

use crate::program::Program;

#[actix_web::test]
async fn films_are_found_by_words_and_filters_and_page_by_page() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for (title, price) in [("霸王别姬", 499), ("The Kid", 0), ("The General", 0)] {
        app.publish_film(&admin, title, price).await;
    }
    let program = Program::of(&app.member("bob").await);
    let table = program.ok(&["movies"]).await;
    assert!(table.contains("霸王别姬") && table.contains("4.99 EUR") && table.contains("free"));
    let titles = |page: &serde_json::Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| text(&item["title"])).collect()
    };
    assert_eq!(
        titles(&program.json(&["movies", "别姬"]).await),
        ["霸王别姬"]
    );
    let free = program
        .json(&["movies", "--price", "free", "--sort", "title"])
        .await;
    assert_eq!(titles(&free), ["The General", "The Kid"]);

    let first = program.json(&["movies", "--limit", "2"]).await;
    let cursor = text(&first["next_cursor"]);
    let rest = program.json(&["movies", "--cursor", &cursor]).await;
    assert_eq!((titles(&first).len(), titles(&rest).len()), (2, 1));
    assert_eq!(titles(&program.json(&["movies", "--all"]).await).len(), 3);
    program.fails(&["movies", "--price", "cheap"], 2).await;
    program.fails(&["movies", "--cursor", "nonsense"], 1).await;
}

#[actix_web::test]
async fn a_film_is_shown_with_what_it_costs_this_member() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let film = app.publish_film(&admin, "The Kid", 500).await;
    let program = Program::of(&app.member("bob").await);
    for which in ["The Kid", &text(&film["id"])] {
        let shown = program.json(&["movie", which]).await;
        assert_eq!(shown["your_price"], json!(500));
        assert_eq!(shown["owned"], json!(false));
    }
    assert!(program.ok(&["movie", "The Kid"]).await.contains("5.00 EUR"));
    program.fails(&["movie", "Nothing"], 4).await;
    program
        .fails(&["movie", "01900000-0000-7000-8000-000000000001"], 4)
        .await;
}
