//! Reports, and what admins do with comments.

use playhouse::accounts::Role;
use playhouse_test_support::{problem, text, wrong_fields};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{House, every};

#[actix_web::test]
async fn a_report_counts_once_and_reaches_the_admins() {
    let house = House::set().await;
    let (ann, bob) = (house.app.member("ann").await, house.app.member("bob").await);
    let eve = house.app.member("eve").await;
    let (id, other) = (
        house.said(&eve, "rude words").await,
        house.said(&eve, "kind words").await,
    );
    let report = format!("/comments/{id}/report");
    for (who, body) in [
        (&ann, json!({"reason": " rude "})),
        (&ann, json!({"reason": "again"})),
        (&bob, json!({})),
    ] {
        assert_eq!(who.post(&report, body).await.status(), 204);
    }
    problem(eve.post(&report, json!({})).await, 422, "yourself").await;
    assert_eq!(house.moderated("reported").await, [(id.clone(), 2)]);
    assert_eq!(
        house.moderated("all").await,
        [(other.clone(), 0), (id.clone(), 2)]
    );
    assert!(house.moderated("hidden").await.is_empty());
    let page = house.admin.get_json("/admin/comments").await;
    let item = &page["items"][0];
    assert_eq!(
        (&item["movie"], &item["text"]),
        (
            &json!({"id": house.film, "title": "A film"}),
            &json!("rude words")
        )
    );
    let path = format!("/admin/comments/{id}/reports?");
    let reports = every(&house.admin, &path, async || ()).await;
    let said: Vec<(String, Value)> = reports
        .iter()
        .map(|it| (text(&it["account"]["username"]), it["reason"].clone()))
        .collect();
    assert_eq!(
        said,
        [
            ("ann".to_owned(), json!("rude")),
            ("bob".to_owned(), Value::Null)
        ]
    );
    // The reports of whoever is told off are none of the author's business.
    assert!(house.comments(&eve).await[1].get("reports").is_none());
    for (body, field) in [
        (json!({"reason": "x".repeat(501)}), "reason"),
        (json!({"reason": "a\nb"}), "reason"),
        (json!({"why": "x"}), "why"),
    ] {
        let refused = bob.post(&format!("/comments/{other}/report"), body).await;
        let refused = problem(refused, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), [field]);
    }
    let nowhere = format!("/comments/{}/report", Uuid::now_v7());
    problem(bob.post(&nowhere, json!({})).await, 404, "not_found").await;
}

#[actix_web::test]
async fn many_reports_at_once_are_all_counted() {
    let house = House::set().await;
    let ann = house.app.member("ann").await;
    let id = house.said(&ann, "words").await;
    let mut people = Vec::new();
    for _ in 0..8 {
        people.push(house.app.newcomer(Role::Member).await);
    }
    let path = format!("/comments/{id}/report");
    // Each twice.
    let reports = people
        .iter()
        .chain(&people)
        .map(|who| who.post(&path, json!({})));
    for answer in futures_util::future::join_all(reports).await {
        assert_eq!(answer.status(), 204);
    }
    assert_eq!(house.moderated("reported").await, [(id, 8)]);
}

#[actix_web::test]
async fn a_hidden_text_is_for_admins_only() {
    let house = House::set().await;
    let (ann, bob) = (house.app.member("ann").await, house.app.member("bob").await);
    let id = house.said(&ann, "rude words").await;
    let report = format!("/comments/{id}/report");
    assert_eq!(bob.post(&report, json!({})).await.status(), 204);
    let (hide, show) = (
        format!("/admin/comments/{id}/hide"),
        format!("/admin/comments/{id}/show"),
    );
    for _ in 0..2 {
        assert_eq!(house.admin.post(&hide, json!({})).await.status(), 204);
    }
    for who in [&ann, &bob] {
        let found = &house.comments(who).await[0];
        assert_eq!(
            (&found["text"], &found["hidden"], text(&found["id"])),
            (&Value::Null, &json!(true), id.clone())
        );
    }
    assert_eq!(house.texts(&house.admin).await, ["rude words"]);
    assert!(house.moderated("reported").await.is_empty());
    assert_eq!(house.moderated("hidden").await, [(id.clone(), 1)]);
    // What is hidden can be neither changed nor reported once more.
    let path = format!("/comments/{id}");
    let change = ann.patch(&path, json!({"text": "kind words"})).await;
    problem(change, 409, "conflict").await;
    let eve = house.app.member("eve").await;
    assert_eq!(eve.post(&report, json!({})).await.status(), 204);
    assert_eq!(house.moderated("hidden").await, [(id.clone(), 1)]);

    for _ in 0..2 {
        assert_eq!(house.admin.post(&show, json!({})).await.status(), 204);
    }
    assert_eq!(house.texts(&bob).await, ["rude words"]);
    assert!(house.moderated("reported").await.is_empty(), "closed");
    assert_eq!(bob.post(&report, json!({})).await.status(), 204);
    assert_eq!(house.moderated("reported").await, [(id.clone(), 1)]);
    // A report that nothing comes of is closed, too.
    assert_eq!(house.admin.post(&show, json!({})).await.status(), 204);
    assert!(house.moderated("reported").await.is_empty());

    assert_eq!(house.admin.delete(&path).await.status(), 204);
    assert!(house.comments(&bob).await.is_empty());
    assert_eq!(
        house.deeds().await,
        [
            "comment.delete",
            "comment.show",
            "comment.show",
            "comment.hide"
        ]
    );
    for path in [&hide, &show] {
        let gone = house.admin.post(path, json!({})).await;
        problem(gone, 404, "not_found").await;
    }
    let reports = format!("/admin/comments/{id}/reports");
    problem(house.admin.get(&reports).await, 404, "not_found").await;
}

#[actix_web::test]
async fn moderation_comes_page_by_page() {
    let house = House::set().await;
    let (ann, bob) = (house.app.member("ann").await, house.app.member("bob").await);
    let mut wanted = Vec::new();
    for number in 0..5 {
        let id = house.said(&ann, &format!("number {number}")).await;
        let report = format!("/comments/{id}/report");
        assert_eq!(bob.post(&report, json!({})).await.status(), 204);
        wanted.insert(0, id);
    }
    for state in ["reported", "all"] {
        let path = format!("/admin/comments?state={state}&");
        let newer = async || {
            house.said(&ann, "newer").await;
        };
        let found = every(&house.admin, &path, newer).await;
        let mut found: Vec<String> = found.iter().map(|it| text(&it["id"])).collect();
        // The one that was written while "reported" was read.
        found.retain(|id| wanted.contains(id));
        assert_eq!(found, wanted, "{state}");
    }
    for (query, field) in [
        ("state=strange", "state"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
    ] {
        let refused = house.admin.get(&format!("/admin/comments?{query}")).await;
        let refused = problem(refused, 422, "invalid").await;
        if field != "state" {
            assert_eq!(wrong_fields(&refused), [field]);
        }
    }
}

#[actix_web::test]
async fn members_do_not_moderate() {
    let house = House::set().await;
    let ann = house.app.member("ann").await;
    let id = house.said(&ann, "words").await;
    for (who, status, code) in [
        (&house.app.nobody(), 401, "not_signed_in"),
        (&ann, 403, "forbidden"),
    ] {
        for answer in [
            who.get("/admin/comments").await,
            who.get(&format!("/admin/comments/{id}/reports")).await,
            who.post(&format!("/admin/comments/{id}/hide"), json!({}))
                .await,
            who.post(&format!("/admin/comments/{id}/show"), json!({}))
                .await,
        ] {
            problem(answer, status, code).await;
        }
    }
    assert_eq!(house.texts(&ann).await, ["words"]);
}
