//! Pages, orders and searches.

use playhouse_test_support::{TestApp, problem, wrong_fields};
use serde_json::json;

use super::wire::{all, folder, folder_id, names, page, put, trash, with_query};

#[actix_web::test]
async fn folders_come_first_and_then_names_whatever_their_case() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    for name in ["b.txt", "A.txt", "É.txt", "z.txt", "c.txt"] {
        put(&ann, &format!("/{name}"), b"x").await;
    }
    folder(&ann, "/Zoo").await;
    folder(&ann, "/apes").await;
    let wanted = ["apes", "Zoo", "A.txt", "b.txt", "c.txt", "z.txt", "É.txt"];
    assert_eq!(names(&ann, "/").await, wanted);
    for limit in ["1", "2", "3"] {
        let paged = all(&ann, &[("limit", limit)]).await;
        assert_eq!(paged, wanted, "by {limit}");
    }
}

#[actix_web::test]
async fn the_newest_and_the_largest_come_first() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    for (name, size) in [("a", 3), ("b", 9), ("c", 1), ("d", 9)] {
        app.advance(chrono::TimeDelta::seconds(1));
        put(&ann, &format!("/x/{name}"), &vec![7; size]).await;
    }
    for limit in ["1", "3", "200"] {
        let query = |sort| [("path", "/x"), ("sort", sort), ("limit", limit)];
        let newest = all(&ann, &query("modified")).await;
        assert_eq!(newest, ["d", "c", "b", "a"]);
        assert_eq!(all(&ann, &query("size")).await, ["d", "b", "a", "c"]);
    }
}

#[actix_web::test]
async fn a_page_is_not_upset_by_what_comes_and_goes() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        ids.push(put(&ann, &format!("/{name}"), b"x").await);
    }
    let first = page(&ann, &[("limit", "2")]).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    trash(&ann, &ids[1]).await;
    put(&ann, "/aa", b"x").await;
    assert_eq!(all(&ann, &[("cursor", cursor)]).await, ["c", "d"]);
}

#[actix_web::test]
async fn a_search_looks_through_the_whole_drive_and_not_through_the_trash() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let ben = app.member("ben").await;
    put(&ann, "/a/Report.pdf", b"1").await;
    put(&ann, "/a/b/my report (2).txt", b"2").await;
    put(&ann, "/100%_sure.txt", b"3").await;
    put(&ben, "/report.txt", b"4").await;
    let gone = folder_id(&ann, "/gone").await;
    put(&ann, "/gone/deep/report.txt", b"5").await;
    let found = all(&ann, &[("q", "REPORT")]).await;
    assert_eq!(found, ["my report (2).txt", "Report.pdf", "report.txt"]);
    trash(&ann, &gone).await;
    for limit in ["1", "2", "50"] {
        let found = all(&ann, &[("q", "report"), ("limit", limit)]).await;
        assert_eq!(found, ["my report (2).txt", "Report.pdf"]);
    }
    assert_eq!(all(&ann, &[("q", "%_")]).await, ["100%_sure.txt"]);
    assert!(all(&ann, &[("q", "r%t")]).await.is_empty());
    let hits = page(&ann, &[("q", "(2)")]).await;
    assert_eq!(hits["items"][0]["path"], "/a/b/my report (2).txt");
}

#[actix_web::test]
async fn a_search_that_meets_much_trash_goes_on_on_the_next_page() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let gone = folder_id(&ann, "/gone").await;
    for number in 0..30 {
        folder(&ann, &format!("/gone/note {number:02}")).await;
    }
    folder(&ann, "/note 99").await;
    trash(&ann, &gone).await;
    assert_eq!(
        all(&ann, &[("q", "note"), ("limit", "1")]).await,
        ["note 99"]
    );
}

#[actix_web::test]
async fn a_query_that_makes_no_sense_is_refused() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    put(&ann, "/a.txt", b"x").await;
    folder(&ann, "/f").await;
    put(&ann, "/f/1", b"x").await;
    put(&ann, "/f/2", b"x").await;
    let by_name = page(&ann, &[("path", "/f"), ("limit", "1")]).await;
    let cursor = by_name["next_cursor"].as_str().unwrap().to_owned();
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[("path", "/f"), ("sort", "size"), ("cursor", &cursor)],
            "cursor",
        ),
        (&[("path", "/f"), ("cursor", "AAAA")], "cursor"),
        (&[("path", "/f"), ("limit", "0")], "limit"),
        (&[("path", "/f"), ("q", "x")], "q"),
        (&[("path", "f")], "path"),
        (&[("path", "/f/../f")], "path"),
        (&[("path", "/a.txt")], "path"),
    ];
    for (query, field) in cases {
        let answer = ann.get(&with_query("/drive/entries", query)).await;
        let said = problem(answer, 422, "invalid").await;
        assert_eq!(wrong_fields(&said), [*field], "{query:?}");
    }
    let missing = ann
        .get(&with_query("/drive/entries", &[("path", "/none")]))
        .await;
    problem(missing, 404, "not_found").await;
    let none = json!({"items": [], "next_cursor": null});
    let nowhere = format!("/drive/entries?q={}", "x".repeat(300));
    assert_eq!(ann.get_json(&nowhere).await, none);
}
