//! What admins do with webhooks, and that nobody else does; that a secret is told once.

use playhouse_test_support::{Person, problem, text, wrong_fields};
use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::{add, body, house, publish_notice};

#[actix_web::test]
async fn a_secret_is_told_once() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let admin = app.admin().await;
    let hook = add(&admin, &receiver.url(), &["notice.published"]).await;
    assert!(hook.secret.starts_with("whsec_") && hook.secret.len() == 6 + 44);
    hook.ping(&admin).await;
    hook.until_state(&admin, "delivered").await;
    let changed = admin.patch(&hook.path(), json!({"is_active": true})).await;
    let mut seen = vec![body(changed, 200).await.to_string()];
    for path in [
        "/admin/webhooks".to_owned(),
        hook.path(),
        format!("{}/deliveries", hook.path()),
        "/admin/audit".to_owned(),
        "/admin/jobs".to_owned(),
    ] {
        seen.push(admin.get_json(&path).await.to_string());
    }
    let key = hook.secret.strip_prefix("whsec_").unwrap();
    for text in &seen {
        assert!(!text.contains(key), "{text}");
    }
    // The log names the host, and not the whole address, which may have a key in it.
    let log = admin.get_json("/admin/audit?action=webhook.add").await;
    assert_eq!(log["items"][0]["detail"]["host"], "127.0.0.1");
    assert!(!log.to_string().contains("hidden"));

    let path = format!("{}/secret", hook.path());
    let renewed = admin.post(&path, json!({})).await;
    let renewed = text(&body(renewed, 200).await["secret"]);
    assert_ne!(renewed, hook.secret);
    hook.ping(&admin).await;
    let got = receiver.until(2).await;
    assert!(got[0].is_signed_with(&hook.secret));
    assert!(got[1].is_signed_with(&renewed) && !got[1].is_signed_with(&hook.secret));
}

async fn everything(who: &Person, id: &str) -> Vec<reqwest::Response> {
    let one = format!("/admin/webhooks/{id}");
    let new = json!({"url": "https://hooks.example", "events": ["movie.published"]});
    vec![
        who.get("/admin/webhooks").await,
        who.post("/admin/webhooks", new).await,
        who.get(&one).await,
        who.patch(&one, json!({"is_active": false})).await,
        who.delete(&one).await,
        who.post(&format!("{one}/ping"), json!({})).await,
        who.post(&format!("{one}/secret"), json!({})).await,
        who.get(&format!("{one}/deliveries")).await,
        who.post(&format!("{one}/deliveries/{id}/retry"), json!({}))
            .await,
    ]
}

#[actix_web::test]
async fn nobody_but_admins_sees_or_changes_them() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let admin = app.admin().await;
    let hook = add(&admin, &receiver.url(), &["notice.published"]).await;
    for answer in everything(&app.nobody(), &hook.id).await {
        problem(answer, 401, "not_signed_in").await;
    }
    for answer in everything(&app.member("ann").await, &hook.id).await {
        problem(answer, 403, "forbidden").await;
    }
    assert_eq!(admin.get_json(&hook.path()).await["is_active"], true);
    assert!(receiver.got().is_empty());
}

#[actix_web::test]
async fn what_does_not_fit_is_refused() {
    let app = house().await;
    let admin = app.admin().await;
    let url = "https://hooks.example/";
    for (new, fields) in [
        (json!({"url": url, "events": []}), vec!["events"]),
        (json!({"url": url, "events": ["ping"]}), vec!["events"]),
        (json!({"url": "hooks", "events": []}), vec!["url", "events"]),
        (
            json!({"url": "ftp://hooks.example", "events": ["movie.published"]}),
            vec!["url"],
        ),
        (
            json!({"url": "https://ann:word@hooks.example", "events": ["movie.published"]}),
            vec!["url"],
        ),
        (
            json!({"url": format!("{url}{}", "x".repeat(2000)), "events": ["movie.published"]}),
            vec!["url"],
        ),
    ] {
        let refused = admin.post("/admin/webhooks", new.clone()).await;
        let refused = problem(refused, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), fields, "{new}");
    }
    let unknown = json!({"url": url, "events": ["movie.watched"]});
    let refused = admin.post("/admin/webhooks", unknown).await;
    problem(refused, 422, "invalid").await;
    assert_eq!(admin.get_json("/admin/webhooks").await["items"], json!([]));

    let none = uuid::Uuid::now_v7().to_string();
    let answers = everything(&admin, &none).await;
    for (at, answer) in answers.into_iter().enumerate() {
        // The first two are not about one webhook.
        if at > 1 {
            problem(answer, 404, "not_found").await;
        }
    }
    let hook = add(&admin, url, &["movie.published"]).await;
    let retry = format!("{}/deliveries/{none}/retry", hook.path());
    problem(admin.post(&retry, json!({})).await, 404, "not_found").await;
}

#[actix_web::test]
async fn there_are_never_many() {
    let app = house().await;
    let admin = app.admin().await;
    let new = json!({"url": "https://hooks.example", "events": ["movie.published"]});
    for _ in 0..20 {
        body(admin.post("/admin/webhooks", new.clone()).await, 201).await;
    }
    let refused = admin.post("/admin/webhooks", new).await;
    problem(refused, 409, "conflict").await;
    let all = admin.get_json("/admin/webhooks").await;
    assert_eq!(all["items"].as_array().unwrap().len(), 20);
    assert!(all["items"][0]["last_delivery"].is_null());
}

#[actix_web::test]
async fn deliveries_come_in_pages() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let admin = app.admin().await;
    let hook = add(&admin, &receiver.url(), &["notice.published"]).await;
    let other = add(&admin, &receiver.url(), &["movie.published"]).await;
    let mut sent = Vec::new();
    for number in 0..5 {
        publish_notice(&admin, &number.to_string()).await;
        sent.push(number.to_string());
    }
    other.ping(&admin).await;
    receiver.until(6).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("{}/deliveries?limit=2{cursor}", hook.path());
        let page = admin.get_json(&path).await;
        let items: &Vec<Value> = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        let titles = items.iter().map(|it| text(&it["body"]["data"]["title"]));
        seen.extend(titles);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    sent.reverse();
    assert_eq!(seen, sent);
    hook.until_state(&admin, "delivered").await;
    let failed = format!("{}/deliveries?state=failed", hook.path());
    assert_eq!(admin.get_json(&failed).await["items"], json!([]));
}
