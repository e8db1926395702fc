//! Notices over HTTP: who may write, what readers see, read marks, pushes.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use chrono::TimeDelta;
use playhouse::events::Audience;
use playhouse_api::events::Event;
use playhouse_test_support::{Person, TestApp, problem, text, wrong_fields};
use serde_json::{Value, json};

async fn publish(admin: &Person, title: &str, pinned: bool) -> String {
    let body = json!({"title": title, "body": format!("About *{title}*"), "pinned": pinned});
    let answer = admin.post("/notices", body).await;
    assert_eq!(answer.status(), 201);
    text(&answer.json::<Value>().await.unwrap()["id"])
}

fn titles(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|it| text(&it["title"])).collect()
}

#[actix_web::test]
async fn pinned_notices_stand_first_then_the_newest_page_by_page() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let mut ids = Vec::new();
    for (title, pinned) in [
        ("a", false),
        ("b", true),
        ("c", false),
        ("d", true),
        ("e", false),
    ] {
        ids.push(publish(&admin, title, pinned).await);
    }
    for limit in 1..=5 {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = ann
                .get_json(&format!("/notices?limit={limit}{cursor}"))
                .await;
            seen.extend(titles(&page));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, ["d", "b", "e", "c", "a"], "limit {limit}");
    }
    let newer = ann.get_json(&format!("/notices?after={}", ids[2])).await;
    assert_eq!(titles(&newer), ["d", "e"]);
    let first = &ann.get_json("/notices").await["items"][0];
    assert_eq!(first["body_html"], "<p>About <em>d</em></p>\n");
    assert_eq!(first["author"], "admin");
    problem(ann.get("/notices?after=x").await, 422, "invalid").await;
    problem(app.nobody().get("/notices").await, 401, "not_signed_in").await;
}

#[actix_web::test]
async fn a_read_mark_never_goes_backwards() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let first = publish(&admin, "first", false).await;
    let second = publish(&admin, "second", false).await;
    let reads = async |who: &Person| -> Vec<bool> {
        let page = who.get_json("/notices").await;
        let items = page["items"].as_array().unwrap();
        items
            .iter()
            .map(|it| it["read"].as_bool().unwrap())
            .collect()
    };
    assert_eq!(reads(&ann).await, [false, false]);
    let mark = async |id: &str| ann.put("/notices/read", json!({"up_to": id})).await;
    assert_eq!(mark(&first).await.status(), 204);
    assert_eq!(reads(&ann).await, [false, true]);
    assert_eq!(mark(&second).await.status(), 204);
    assert_eq!(mark(&first).await.status(), 204);
    assert_eq!(reads(&ann).await, [true, true]);
    assert_eq!(
        reads(&admin).await,
        [false, false],
        "marks are each reader's own"
    );
    problem(mark(&uuid::Uuid::nil().to_string()).await, 404, "not_found").await;
    problem(mark("second").await, 422, "invalid").await;
}

#[actix_web::test]
async fn what_was_said_before_one_joined_is_not_news() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    publish(&admin, "before", true).await;
    let ann = app.member("ann").await;
    let unread = async |who: &Person| who.get_json("/me").await["unread_notices"].clone();
    let read = async |who: &Person| -> Vec<(String, bool)> {
        let page = who.get_json("/notices").await;
        let items = page["items"].as_array().unwrap();
        items
            .iter()
            .map(|it| (text(&it["title"]), it["read"].as_bool().unwrap()))
            .collect()
    };
    assert_eq!(unread(&ann).await, 0);
    assert_eq!(read(&ann).await, [("before".to_owned(), true)]);
    assert_eq!(unread(&admin).await, 1, "the admin was here");
    let after = publish(&admin, "after", false).await;
    assert_eq!(unread(&ann).await, 1);
    let seen = [("before".to_owned(), true), ("after".to_owned(), false)];
    assert_eq!(read(&ann).await, seen);
    ann.put("/notices/read", json!({"up_to": after})).await;
    assert_eq!(unread(&ann).await, 0);
}

#[actix_web::test]
async fn only_admins_write_and_the_audit_log_knows() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let id = publish(&admin, "hello", false).await;
    let path = format!("/notices/{id}");
    let new = json!({"title": "t", "body": "b"});
    problem(ann.post("/notices", new.clone()).await, 403, "forbidden").await;
    problem(
        ann.patch(&path, json!({"title": "x"})).await,
        403,
        "forbidden",
    )
    .await;
    problem(ann.delete(&path).await, 403, "forbidden").await;
    problem(
        app.nobody().post("/notices", new).await,
        401,
        "not_signed_in",
    )
    .await;

    app.advance(TimeDelta::seconds(5));
    let pinned: Value = admin
        .patch(&path, json!({"pinned": true}))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(pinned["pinned"], true);
    assert_eq!(
        pinned["updated_at"], pinned["created_at"],
        "pinning is not an edit"
    );
    let edited: Value = admin
        .patch(&path, json!({"body": "**new**"}))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(edited["body_html"], "<p><strong>new</strong></p>\n");
    assert_eq!(edited["title"], "hello");
    assert_ne!(edited["updated_at"], edited["created_at"]);
    assert_eq!(admin.patch(&path, json!({})).await.status(), 200);
    assert_eq!(admin.delete(&path).await.status(), 204);
    problem(admin.delete(&path).await, 404, "not_found").await;
    problem(
        admin.patch(&path, json!({"title": "x"})).await,
        404,
        "not_found",
    )
    .await;

    let audit = admin.get_json("/admin/audit").await;
    let actions: Vec<_> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| text(&it["action"]))
        .collect();
    assert_eq!(
        &actions[..4],
        [
            "notice.delete",
            "notice.change",
            "notice.change",
            "notice.publish"
        ]
    );
    assert_eq!(audit["items"][0]["target_id"], id.as_str());
}

#[actix_web::test]
async fn what_is_too_long_too_deep_or_empty_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let refused = async |title: &str, body: &str| {
        let answer = admin
            .post("/notices", json!({"title": title, "body": body}))
            .await;
        wrong_fields(&problem(answer, 422, "invalid").await)
    };
    assert_eq!(refused(" ", "\n").await, ["title", "body"]);
    assert_eq!(refused(&"t".repeat(201), "b").await, ["title"]);
    assert_eq!(refused("a\nb", "b").await, ["title"]);
    assert_eq!(refused("t", &"b".repeat(64 * 1024 + 1)).await, ["body"]);
    assert_eq!(refused("t", "a\u{0}b").await, ["body"]);
    assert_eq!(refused("t", &">".repeat(1000)).await, ["body"]);
    let longest = json!({"title": "é".repeat(200), "body": "b".repeat(64 * 1024)});
    assert_eq!(admin.post("/notices", longest).await.status(), 201);
}

#[actix_web::test]
async fn a_notice_is_pushed_to_everybody() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut pushes = app.app().events.subscribe();
    let id = publish(&admin, "hello", true).await;
    let push = pushes.try_recv().unwrap();
    assert_eq!(push.to, Audience::Everyone);
    match &*push.event {
        Event::Notice(notice) => assert_eq!((notice.id.to_string(), notice.pinned), (id, true)),
        other => panic!("{other:?}"),
    }
}
