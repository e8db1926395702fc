//! What is told, to whom, and that nothing is told that did not happen.

use playhouse::db;
use playhouse_api::webhooks::{Happening, WebhookMessage};
use playhouse_test_support::{PASSWORD, TestApp, films, problem, text};
use reqwest::Method;
use serde_json::json;

use crate::receiver::Receiver;
use crate::{add, body, house, jobs, publish_notice};

#[actix_web::test]
async fn a_notice_is_told_and_signed() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let admin = app.admin().await;
    let hook = add(&admin, &receiver.url(), &["notice.published"]).await;
    let notice = publish_notice(&admin, "Closed").await;
    let got = receiver.until(1).await.remove(0);
    assert_eq!(got.line, "POST /hook?key=hidden HTTP/1.1");
    assert_eq!(got.headers["content-type"], "application/json");
    let agent = format!("Playhouse/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(got.headers["user-agent"], agent);
    assert!(got.is_signed_with(&hook.secret), "{got:?}");
    let other = add(&admin, &receiver.url(), &["movie.published"]).await;
    assert!(!got.is_signed_with(&other.secret));
    let told = got.json();
    assert_eq!(told["type"], "notice.published");
    let data = json!({"id": notice, "title": "Closed", "pinned": true});
    assert_eq!(told["data"], data);
    assert_eq!(text(&told["id"]), got.headers["webhook-id"]);
    let at: i64 = got.headers["webhook-timestamp"].parse().unwrap();
    let now = app.clock.now().and_utc().timestamp();
    assert!((now - 60..=now).contains(&at), "{at} is not {now}");

    let delivery = hook.until_state(&admin, "delivered").await;
    assert_eq!(
        (&delivery["attempts"], &delivery["last_status"]),
        (&json!(1), &json!(204))
    );
    assert_eq!((&delivery["id"], &delivery["body"]), (&told["id"], &told));
    assert!(delivery["finished_at"].is_string() && delivery["last_error"].is_null());
    let shown = admin.get_json(&hook.path()).await;
    assert_eq!(shown["last_delivery"], delivery);
    assert_eq!(receiver.got().len(), 1, "it is told once");
    assert_eq!(jobs(&admin).await.len(), 1);
}

#[actix_web::test]
async fn each_is_told_what_it_asked_for() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let admin = app.admin().await;
    let films = add(&admin, &receiver.url(), &["movie.published"]).await;
    let all = ["notice.published", "order.paid", "notice.published"];
    let notices = add(&admin, &receiver.url(), &all).await;
    let shown = admin.get_json(&notices.path()).await;
    assert_eq!(shown["events"], json!(["notice.published", "order.paid"]));
    publish_notice(&admin, "One").await;
    notices.until_state(&admin, "delivered").await;
    assert!(films.deliveries(&admin).await.is_empty());
    // One that is switched off is told nothing, but tests.
    let off = json!({"is_active": false});
    body(admin.patch(&notices.path(), off).await, 200).await;
    publish_notice(&admin, "Two").await;
    assert_eq!(notices.deliveries(&admin).await.len(), 1);
    notices.ping(&admin).await;
    let ping = notices.until(&admin, |it| it["event"] == "ping").await;
    assert_eq!(ping["body"]["data"], json!({}));
    let got = receiver.until(2).await;
    assert_eq!(got[1].json()["type"], "ping");
    let on = json!({"is_active": true, "events": ["movie.deleted", "notice.published"]});
    body(admin.patch(&notices.path(), on).await, 200).await;
    publish_notice(&admin, "Three").await;
    assert_eq!(receiver.until(3).await[2].json()["data"]["title"], "Three");
}

#[actix_web::test]
async fn films_accounts_and_orders_are_told() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let admin = app.admin().await;
    let all = [
        "movie.published",
        "movie.deleted",
        "account.registered",
        "order.paid",
    ];
    let hook = add(&admin, &receiver.url(), &all).await;
    let ann = app.member("ann").await;
    let got = receiver.until(1).await;
    let data = json!({"id": ann.id, "username": "ann"});
    assert_eq!(got[0].json()["type"], "account.registered");
    assert_eq!(got[0].json()["data"], data);

    let film = app.publish_film(&admin, "The Kid", 250).await;
    let got = receiver.until(2).await;
    let data = json!({"id": film["id"], "title": "The Kid", "price": 250, "publish_at": null});
    assert_eq!(got[1].json()["type"], "movie.published");
    assert_eq!(got[1].json()["data"], data);

    let keyed = async |who: &playhouse_test_support::Person, path: String, key: &str, it| {
        let request = who.request(Method::POST, &path).json(&it);
        request.header("Idempotency-Key", key).send().await.unwrap()
    };
    let orders = format!("/movies/{}/orders", text(&film["id"]));
    // Refused, and so not told.
    let refused = keyed(&ann, orders.clone(), "key-0", json!({})).await;
    problem(refused, 402, "insufficient_balance").await;
    let credit = format!("/admin/accounts/{}/credit", ann.id);
    let gift = json!({"amount": 1000, "note": "a gift"});
    keyed(&admin, credit, "key-1", gift).await;
    let order = body(keyed(&ann, orders.clone(), "key-2", json!({})).await, 201).await;
    // The same answer again is no second order.
    keyed(&ann, orders, "key-2", json!({})).await;
    let got = receiver.until(3).await;
    let told = got[2].json();
    assert_eq!(told["type"], "order.paid");
    assert_eq!(told["data"]["id"], order["id"]);
    assert_eq!(told["data"]["account_id"], json!(ann.id));
    assert_eq!(told["data"]["movie_id"], film["id"]);
    assert_eq!(told["data"]["price"], 250);
    assert!(told["data"]["currency"].is_string());

    let path = format!("/movies/{}", text(&film["id"]));
    assert_eq!(admin.delete(&path).await.status(), 204);
    assert_eq!(admin.delete(&path).await.status(), 204);
    assert_eq!(receiver.until(4).await[3].json()["type"], "movie.deleted");
    // Back from the trash, it is there again.
    let restored = admin.post(&format!("{path}/restore"), json!({})).await;
    assert_eq!(restored.status(), 200);
    assert_eq!(receiver.until(5).await[4].json()["type"], "movie.published");
    hook.until_state(&admin, "delivered").await;
    assert_eq!(
        hook.deliveries(&admin).await.len(),
        5,
        "nothing else was told"
    );
    for got in receiver.got() {
        assert!(got.is_signed_with(&hook.secret));
        let read: WebhookMessage = serde_json::from_str(&got.body).unwrap();
        assert_eq!(read.happening.event().as_str(), got.json()["type"]);
    }
}

#[actix_web::test]
async fn a_film_is_told_when_it_can_be_played() {
    let app = TestApp::start_with(|config| {
        config.webhooks.allow_private_addresses = true;
        config.films.transcode = true;
    })
    .await;
    let (admin, receiver) = (app.admin().await, Receiver::start().await);
    let hook = add(&admin, &receiver.url(), &["movie.published"]).await;
    let said = json!({"title": "Later", "price": 0});
    // No browser plays this as it is.
    let answer = admin.publish("film.mkv", &films::mkv(), said).await;
    let film = body(answer, 201).await;
    app.jobs_done(&admin).await;
    let told = hook.until_state(&admin, "delivered").await;
    assert_eq!(told["body"]["data"]["id"], film["id"]);
    assert_eq!(hook.deliveries(&admin).await.len(), 1, "it is told once");
}

/// What is told in a change is there when the change is, and only then.
#[actix_web::test]
async fn a_change_that_is_undone_tells_nothing() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let admin = app.admin().await;
    let hook = add(&admin, &receiver.url(), &["notice.published"]).await;
    let facts = json!({"type": "notice.published",
        "data": {"id": uuid::Uuid::nil(), "title": "Never", "pinned": false}});
    let happening: Happening = serde_json::from_value(facts).unwrap();
    let (events, now) = (app.app().events.clone(), app.clock.now());
    let undone = app.app().db.write::<(), db::Error, _>(move |conn| {
        events.tell_in(conn, now, &happening)?;
        Err(db::Error::Unavailable("undone".to_owned()))
    });
    undone.await.unwrap_err();
    app.app().events.committed();
    assert!(hook.deliveries(&admin).await.is_empty());
    assert!(jobs(&admin).await.is_empty());
    publish_notice(&admin, "Now").await;
    let got = receiver.until(1).await;
    assert_eq!(got[0].json()["data"]["title"], "Now");
}

#[actix_web::test]
async fn a_house_without_webhooks_writes_nothing_down() {
    let app = house().await;
    let admin = app.admin().await;
    publish_notice(&admin, "Closed").await;
    app.member("ann").await;
    assert!(jobs(&admin).await.is_empty());
}

/// What tells of somebody goes with their account.
#[actix_web::test]
async fn who_leaves_is_in_no_delivery() {
    let (app, receiver) = (house().await, Receiver::start().await);
    let admin = app.admin().await;
    let events = ["account.registered", "notice.published"];
    let hook = add(&admin, &receiver.url(), &events).await;
    publish_notice(&admin, "Closed").await;
    let ann = app.member("ann").await;
    receiver.until(2).await;
    assert_eq!(hook.deliveries(&admin).await.len(), 2);
    let request = ann.request(Method::DELETE, "/me");
    let request = request.json(&json!({"password": PASSWORD}));
    assert_eq!(request.send().await.unwrap().status(), 204);
    let left = hook.deliveries(&admin).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["event"], "notice.published");
}
