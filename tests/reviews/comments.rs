//! Comments as members write and see them.

use chrono::TimeDelta;
use playhouse_test_support::{problem, text, wrong_fields};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{House, every};

#[actix_web::test]
async fn a_comment_is_written_changed_and_deleted() {
    let house = House::set().await;
    let (ann, bob) = (house.app.member("ann").await, house.app.member("bob").await);
    let answer = house.say(&ann, " \n Two lines,\n\tone film. \n").await;
    assert_eq!(answer.status(), 201);
    let made: Value = answer.json().await.unwrap();
    let id = text(&made["id"]);
    assert_eq!(
        made,
        json!({"id": id, "movie_id": house.film, "author": {"id": ann.id, "username": "ann"},
            "text": "Two lines,\n\tone film.", "created_at": made["created_at"], "edited_at": null,
            "hidden": false})
    );
    assert_eq!(house.comments(&bob).await, std::slice::from_ref(&made));
    let path = format!("/comments/{id}");
    house.app.advance(TimeDelta::seconds(5));
    // The same text is no change.
    let same = ann.patch(&path, json!({"text": "Two lines,\n\tone film.\n"}));
    assert_eq!(same.await.json::<Value>().await.unwrap(), made);
    let changed = ann.patch(&path, json!({"text": "One line"})).await;
    assert_eq!(changed.status(), 200);
    let changed: Value = changed.json().await.unwrap();
    assert_eq!(changed["text"], "One line");
    assert_eq!(changed["created_at"], made["created_at"]);
    assert!(text(&changed["edited_at"]) > text(&made["created_at"]));
    assert_eq!(house.comments(&bob).await, [changed]);

    let other = bob.patch(&path, json!({"text": "bob's now"})).await;
    problem(other, 403, "forbidden").await;
    problem(bob.delete(&path).await, 403, "forbidden").await;
    assert_eq!(ann.delete(&path).await.status(), 204);
    problem(ann.delete(&path).await, 404, "not_found").await;
    let gone = ann.patch(&path, json!({"text": "again"})).await;
    problem(gone, 404, "not_found").await;
    assert!(house.comments(&bob).await.is_empty());
    assert!(house.deeds().await.is_empty(), "a member's own doing");
}

#[actix_web::test]
async fn pages_neither_repeat_nor_hide_a_comment() {
    let house = House::set().await;
    let ann = house.app.member("ann").await;
    let mut wanted = Vec::new();
    for number in 0..7 {
        wanted.insert(0, house.said(&ann, &format!("number {number}")).await);
    }
    let during = async || {
        house.said(&ann, "one more").await;
        let gone = ann.delete(&format!("/comments/{}", wanted[3])).await;
        assert_eq!(gone.status(), 204);
    };
    let found = every(&ann, &house.path("comments?"), during).await;
    let found: Vec<String> = found.iter().map(|it| text(&it["id"])).collect();
    wanted.remove(3);
    assert_eq!(found, wanted);
    for (query, field) in [("limit=0", "limit"), ("cursor=x", "cursor")] {
        let refused = ann.get(&house.path(&format!("comments?{query}"))).await;
        let refused = problem(refused, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), [field]);
    }
}

#[actix_web::test]
async fn text_is_text_and_has_its_bounds() {
    let house = House::set().await;
    let ann = house.app.member("ann").await;
    let longest = "影".repeat(2000);
    for words in [
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "'; DROP TABLE comments; -- \\ %s {{x}} ${x}",
        "\u{202e}turned \u{200d}👩\u{200d}👩\u{200d}👧",
        longest.as_str(),
    ] {
        house.said(&ann, words).await;
        assert_eq!(house.texts(&ann).await[0], words);
    }
    let id = house.said(&ann, "plain").await;
    for words in [
        String::new(),
        " \n\t ".to_owned(),
        "x".repeat(2001),
        "a\u{1b}[2Jb".to_owned(),
        "a\rb".to_owned(),
        "a\u{7f}b".to_owned(),
    ] {
        let refused = house.say(&ann, &words).await;
        let refused = problem(refused, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), ["text"], "{words:?}");
        let refused = ann
            .patch(&format!("/comments/{id}"), json!({"text": words}))
            .await;
        problem(refused, 422, "invalid").await;
    }
    let nul = house.say(&ann, "a\0b").await;
    problem(nul, 422, "invalid").await;
    assert_eq!(house.comments(&ann).await.len(), 5);
}

#[actix_web::test]
async fn whoever_i_have_blocked_or_is_locked_is_not_read() {
    let house = House::set().await;
    let (ann, bob) = (house.app.member("ann").await, house.app.member("bob").await);
    let eve = house.app.member("eve").await;
    for who in [&ann, &bob, &eve] {
        house.said(who, &who.name).await;
    }
    assert_eq!(house.texts(&ann).await, ["eve", "bob", "ann"]);
    let block = ann.put(&format!("/blocks/{}", eve.id), json!({})).await;
    assert!(block.status().is_success());
    assert_eq!(house.texts(&ann).await, ["bob", "ann"]);
    assert_eq!(house.texts(&eve).await, ["eve", "bob", "ann"]);
    let account = format!("/admin/accounts/{}", bob.id);
    for (is_locked, wanted) in [(true, vec!["ann"]), (false, vec!["bob", "ann"])] {
        let lock = house.admin.patch(&account, json!({"is_locked": is_locked}));
        assert_eq!(lock.await.status(), 200);
        assert_eq!(house.texts(&ann).await, wanted);
    }
}

#[actix_web::test]
async fn only_members_write_and_only_about_films_that_they_see() {
    let house = House::set().await;
    let (ann, bob) = (house.app.member("ann").await, house.app.member("bob").await);
    let id = house.said(&ann, "first").await;
    let nobody = house.app.nobody();
    let words = || json!({"text": "x"});
    let one = format!("/comments/{id}");
    let report = format!("{one}/report");
    for answer in [
        nobody.get(&house.path("comments")).await,
        nobody.post(&house.path("comments"), words()).await,
        nobody.patch(&one, words()).await,
        nobody.delete(&one).await,
        nobody.post(&report, json!({})).await,
    ] {
        problem(answer, 401, "not_signed_in").await;
    }
    let nowhere = format!("/movies/{}/comments", Uuid::now_v7());
    problem(ann.get(&nowhere).await, 404, "not_found").await;
    problem(ann.post(&nowhere, words()).await, 404, "not_found").await;
    let gone = house.admin.delete(&format!("/movies/{}", house.film)).await;
    assert_eq!(gone.status(), 204);
    let comments = house.path("comments");
    problem(ann.get(&comments).await, 404, "not_found").await;
    problem(ann.post(&comments, words()).await, 404, "not_found").await;
    // Of somebody else's comment there is nothing to be known; one's own can still be changed and deleted.
    problem(bob.patch(&one, words()).await, 404, "not_found").await;
    problem(bob.delete(&one).await, 404, "not_found").await;
    problem(bob.post(&report, json!({})).await, 404, "not_found").await;
    assert_eq!(ann.patch(&one, words()).await.status(), 200);
    assert_eq!(house.texts(&house.admin).await, ["x"]);
    assert_eq!(ann.delete(&one).await.status(), 204);
}

#[actix_web::test]
async fn a_film_that_is_purged_takes_its_comments_and_ratings_along() {
    let house = House::set().await;
    let (ann, bob) = (house.app.member("ann").await, house.app.member("bob").await);
    let id = house.said(&ann, "first").await;
    house.rate(&ann, 3).await;
    let report = bob.post(&format!("/comments/{id}/report"), json!({})).await;
    assert_eq!(report.status(), 204);
    let film = format!("/movies/{}", house.film);
    assert_eq!(house.admin.delete(&film).await.status(), 204);
    let purge = house.admin.post(&format!("{film}/purge"), json!({})).await;
    assert_eq!(purge.status(), 204);
    assert!(house.moderated("all").await.is_empty());
    problem(
        ann.delete(&format!("/comments/{id}")).await,
        404,
        "not_found",
    )
    .await;
}
