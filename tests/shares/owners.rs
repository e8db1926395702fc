//! What the owner does: share, look, take back; and what nobody else can.

use chrono::TimeDelta;
use playhouse::accounts::Role;
use playhouse_test_support::{problem, text, wrong_fields};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{CONTENT, House, create, header};

#[actix_web::test]
async fn a_link_can_be_seen_again_and_serves_the_file() {
    let house = House::open().await;
    let answer = create(&house.ann, &house.file, json!({})).await;
    assert_eq!(answer.status(), 201);
    let share: Value = answer.json().await.unwrap();
    assert!(text(&share["url"]).starts_with("/s/"));
    assert_eq!(share["entry"]["id"], house.file);
    assert_eq!(share["entry"]["path"], "/plan.txt");
    assert_eq!(share["has_password"], false);
    assert_eq!(share["uses"], 0);
    let listed = house.ann.get_json("/drive/shares").await;
    assert_eq!(listed["items"], json!([share]));
    let link = house.share(json!({})).await;
    let seen = link.json("").await;
    assert_eq!(seen["name"], "plan.txt");
    assert_eq!(seen["path"], "/");
    assert_eq!(seen["size"], CONTENT.len());
    assert_eq!(seen["content_url"], format!("{}/content", link.home));
    assert_eq!(seen["items"], json!([]));
    assert!(!seen.to_string().contains(&house.ann.id), "not whose it is");
    let answer = link.get("/content").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(
        header(&answer, "etag"),
        format!("\"{}\"", &blake3::hash(CONTENT).to_hex()[..32])
    );
    assert!(
        header(&answer, "content-disposition").starts_with("attachment; filename=\"plan.txt\"")
    );
    assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
    assert_eq!(answer.bytes().await.unwrap(), CONTENT);
}

#[actix_web::test]
async fn shares_are_their_owners_alone() {
    let house = House::open().await;
    let link = house.share(json!({})).await;
    let ben = house.app.newcomer(Role::Member).await;
    let admin = house.app.newcomer(Role::Admin).await;
    for other in [&ben, &admin] {
        problem(
            create(other, &house.file, json!({})).await,
            404,
            "not_found",
        )
        .await;
        problem(
            create(other, &house.ann.id, json!({})).await,
            404,
            "not_found",
        )
        .await;
        assert_eq!(other.get_json("/drive/shares").await["items"], json!([]));
        let removed = other.delete(&format!("/drive/shares/{}", link.id)).await;
        problem(removed, 404, "not_found").await;
    }
    let nobody = house.app.nobody();
    problem(
        create(&nobody, &house.file, json!({})).await,
        401,
        "not_signed_in",
    )
    .await;
    problem(nobody.get("/drive/shares").await, 401, "not_signed_in").await;
    let asked = json!({"name": "t", "scopes": ["read"]});
    let token: Value = house
        .ann
        .post("/me/tokens", asked)
        .await
        .json()
        .await
        .unwrap();
    let reader = house.app.with_token(&text(&token["secret"]));
    assert_eq!(reader.get("/drive/shares").await.status(), 200);
    problem(
        create(&reader, &house.file, json!({})).await,
        403,
        "missing_scope",
    )
    .await;
    let removed = reader.delete(&format!("/drive/shares/{}", link.id)).await;
    problem(removed, 403, "missing_scope").await;
    assert_eq!(link.get("").await.status(), 200);
}

#[actix_web::test]
async fn what_makes_no_sense_is_refused() {
    let house = House::open().await;
    let past = house.app.clock.now() - TimeDelta::seconds(1);
    for (asked, field) in [
        (json!({"max_uses": 0}), "max_uses"),
        (json!({"max_uses": -1}), "max_uses"),
        (json!({"max_uses": "1"}), "max_uses"),
        (json!({"expires_at": past.and_utc()}), "expires_at"),
        (json!({"expires_at": "9999-12-31T00:00:00Z"}), "expires_at"),
        (json!({"password": "abc"}), "password"),
        (json!({"password": "x".repeat(73)}), "password"),
        (json!({"path": "/"}), "path"),
    ] {
        let problem = problem(create(&house.ann, &house.file, asked).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&problem), [field]);
    }
    let whole = create(&house.ann, &house.ann.id, json!({})).await;
    problem(whole, 409, "conflict").await;
    house.app.set_trashed(&house.file, true).await;
    problem(
        create(&house.ann, &house.file, json!({})).await,
        404,
        "not_found",
    )
    .await;
    let listed = house.ann.get_json("/drive/shares").await;
    assert_eq!(listed["items"], json!([]), "nothing half made");
}

#[actix_web::test]
async fn the_list_has_pages() {
    let house = House::open().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(house.share(json!({})).await.id);
    }
    made.reverse();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = house
            .ann
            .get_json(&format!("/drive/shares?limit=2{cursor}"))
            .await;
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| text(&it["id"])),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, made);
    problem(
        house.ann.get("/drive/shares?cursor=x").await,
        422,
        "invalid",
    )
    .await;
}

#[actix_web::test]
async fn a_link_that_was_altered_or_is_of_another_kind_is_no_link() {
    let house = House::open().await;
    let link = house.share(json!({"password": "sesame"})).await;
    let pass = link.say("sesame").await;
    let pass = crate::cookie(&pass).0.split_once('=').unwrap().1.to_owned();
    let good = link.home.strip_prefix("/s/").unwrap();
    let mut altered = good.to_owned().into_bytes();
    altered[5] = if altered[5] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).unwrap();
    for token in [
        &altered,
        &pass,
        &link.id,
        &house.file,
        "x",
        "%ff",
        &"A".repeat(3000),
    ] {
        for tail in ["", "/content", "/folders/a", "/content/a"] {
            let answer = link.visitor.get(&format!("//s/{token}{tail}")).await;
            assert_eq!(answer.status(), 404, "{token}{tail}");
        }
        let address = format!("//s/{token}/password");
        let said = link
            .visitor
            .post(&address, json!({"password": "sesame"}))
            .await;
        assert_eq!(said.status(), 404, "{token}");
    }
    let wrong = link
        .visitor
        .request(Method::PUT, &format!("/{}", link.home))
        .send()
        .await;
    problem(wrong.unwrap(), 405, "method_not_allowed").await;
    problem(link.get("/password").await, 405, "method_not_allowed").await;
}
