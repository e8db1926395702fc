//! What becomes of what does not arrive: it is tried again by the clock, given up, asked for again, and outlives the server.

use std::time::Duration;

use chrono::TimeDelta;
use playhouse::db;
use playhouse::jobs::{Jobs, NewJob};
use playhouse_test_support::{Person, TestApp, problem, text};
use serde_json::{Value, json};

use crate::receiver::{Answer, Receiver};
use crate::{Hook, add, body, house, jobs, publish_notice};

/// Moves the clock on by so much, and has the workers look.
pub(crate) fn later(app: &TestApp, by: TimeDelta) {
    app.advance(by);
    app.app().jobs.wake();
}

/// A house, its admin, and a webhook for notices whose receiver answers so.
pub(crate) async fn scene(answer: Answer) -> (TestApp, Person, Receiver, Hook) {
    let (app, receiver) = (house().await, Receiver::start().await);
    let admin = app.admin().await;
    receiver.answers(answer);
    let hook = add(&admin, &receiver.url(), &["notice.published"]).await;
    (app, admin, receiver, hook)
}

#[actix_web::test]
async fn what_fails_is_sent_again_later() {
    let (app, admin, receiver, hook) = scene(Answer::Status(500)).await;
    publish_notice(&admin, "Closed").await;
    let failed = hook.until_attempts(&admin, 1).await;
    assert_eq!(
        (&failed["state"], &failed["last_status"]),
        (&json!("queued"), &json!(500))
    );
    assert_eq!(failed["last_error"], "The receiver answered 500.");
    assert!(failed["finished_at"].is_null());
    app.jobs_done(&admin).await;
    later(&app, TimeDelta::seconds(5));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(receiver.got().len(), 1, "it is not its time yet");
    receiver.answers(Answer::Status(202));
    later(&app, TimeDelta::seconds(10));
    let arrived = hook.until_state(&admin, "delivered").await;
    assert_eq!(
        (&arrived["attempts"], &arrived["last_status"]),
        (&json!(2), &json!(202))
    );
    assert!(arrived["last_error"].is_null());
    let got = receiver.got();
    assert_eq!(got[0].headers["webhook-id"], got[1].headers["webhook-id"]);
    assert_eq!(got[0].body, got[1].body);
    assert_ne!(
        got[0].headers["webhook-timestamp"],
        got[1].headers["webhook-timestamp"]
    );
    assert!(got[1].is_signed_with(&hook.secret));
}

#[actix_web::test]
async fn what_never_arrives_is_given_up_and_can_be_sent_again() {
    let (app, admin, receiver, hook) = scene(Answer::Status(404)).await;
    publish_notice(&admin, "Closed").await;
    for attempt in 1..=6 {
        let at = hook.until_attempts(&admin, attempt).await;
        let retry = format!("{}/deliveries/{}/retry", hook.path(), text(&at["id"]));
        if attempt < 6 {
            problem(admin.post(&retry, json!({})).await, 409, "conflict").await;
        }
        app.jobs_done(&admin).await;
        later(&app, TimeDelta::hours(1));
    }
    let failed = hook.until_state(&admin, "failed").await;
    assert_eq!(failed["attempts"], 6);
    assert!(failed["finished_at"].is_string());
    later(&app, TimeDelta::days(1));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(receiver.got().len(), 6);

    receiver.answers(Answer::Status(200));
    let retry = format!("{}/deliveries/{}/retry", hook.path(), text(&failed["id"]));
    let again = body(admin.post(&retry, json!({})).await, 202).await;
    assert_eq!(
        (&again["state"], &again["finished_at"]),
        (&json!("queued"), &Value::Null)
    );
    let arrived = hook.until_state(&admin, "delivered").await;
    assert_eq!(
        (&arrived["id"], &arrived["attempts"]),
        (&failed["id"], &json!(7))
    );
    // What has arrived may be asked for, too.
    body(admin.post(&retry, json!({})).await, 202).await;
    receiver.until(8).await;
}

#[actix_web::test]
async fn a_receiver_that_is_gone_is_switched_off() {
    let (app, admin, receiver, hook) = scene(Answer::Status(410)).await;
    publish_notice(&admin, "Closed").await;
    let failed = hook.until_state(&admin, "failed").await;
    assert_eq!(
        (&failed["attempts"], &failed["last_status"]),
        (&json!(1), &json!(410))
    );
    let shown = admin.get_json(&hook.path()).await;
    assert_eq!(shown["is_active"], false);
    publish_notice(&admin, "Open").await;
    later(&app, TimeDelta::hours(1));
    assert_eq!(hook.deliveries(&admin).await.len(), 1);
    assert_eq!(receiver.got().len(), 1);
    let retry = format!("{}/deliveries/{}/retry", hook.path(), text(&failed["id"]));
    problem(admin.post(&retry, json!({})).await, 409, "conflict").await;
    let log = admin
        .get_json("/admin/audit?action=webhook.switch_off")
        .await;
    assert_eq!(log["items"][0]["target_id"], json!(hook.id));
}

/// A receiver that is broken for days is not asked for ever.
#[actix_web::test]
async fn a_receiver_that_fails_for_days_is_switched_off() {
    let (app, admin, receiver, hook) = scene(Answer::Status(500)).await;
    publish_notice(&admin, "Closed").await;
    given_up(&app, &admin, &hook).await;
    let shown = admin.get_json(&hook.path()).await;
    assert_eq!(shown["is_active"], true, "some hours are not long");
    assert!(shown["failing_since"].is_string());
    // One that gets through in between makes it well again.
    receiver.answers(Answer::Status(204));
    hook.ping(&admin).await;
    hook.until_state(&admin, "delivered").await;
    let shown = admin.get_json(&hook.path()).await;
    assert!(shown["failing_since"].is_null());

    receiver.answers(Answer::Status(500));
    publish_notice(&admin, "Open").await;
    given_up(&app, &admin, &hook).await;
    app.advance(TimeDelta::days(3));
    let admin = app.sign_in("admin").await;
    publish_notice(&admin, "Closed again").await;
    given_up(&app, &admin, &hook).await;
    let shown = admin.get_json(&hook.path()).await;
    assert_eq!(shown["is_active"], false);
    let log = "/admin/audit?action=webhook.switch_off";
    let log = admin.get_json(log).await;
    assert_eq!(log["items"][0]["target_id"], json!(hook.id));
    assert_eq!(
        log["items"][0]["detail"]["failing_since"],
        shown["failing_since"]
    );
    let count = hook.deliveries(&admin).await.len();
    publish_notice(&admin, "Unheard").await;
    assert_eq!(hook.deliveries(&admin).await.len(), count);
    // Switched on again, it has all the time again.
    let on = json!({"is_active": true});
    let shown = body(admin.patch(&hook.path(), on).await, 200).await;
    assert!(shown["failing_since"].is_null());
    publish_notice(&admin, "Heard").await;
    given_up(&app, &admin, &hook).await;
    assert_eq!(admin.get_json(&hook.path()).await["is_active"], true);
}

/// Lets the latest delivery have all its attempts.
async fn given_up(app: &TestApp, admin: &Person, hook: &Hook) {
    for attempt in 1..=6 {
        hook.until_attempts(admin, attempt).await;
        // The attempt is written down a moment before its job is.
        app.jobs_done(admin).await;
        later(app, TimeDelta::hours(1));
    }
    hook.until_state(admin, "failed").await;
}

/// An admin may also ask for the job of a delivery that was given up.
#[actix_web::test]
async fn a_job_that_is_tried_again_sends_again() {
    let (app, admin, receiver, hook) = scene(Answer::Status(404)).await;
    publish_notice(&admin, "Closed").await;
    given_up(&app, &admin, &hook).await;
    let retry = async || {
        let job = jobs(&admin).await.remove(0);
        let path = format!("/admin/jobs/{}/retry", text(&job["id"]));
        body(admin.post(&path, json!({})).await, 200).await;
    };
    retry().await;
    let waits = hook.until_attempts(&admin, 7).await;
    app.jobs_done(&admin).await;
    assert_eq!(
        (&waits["state"], &waits["finished_at"]),
        (&json!("queued"), &Value::Null)
    );
    receiver.answers(Answer::Status(204));
    later(&app, TimeDelta::minutes(1));
    hook.until_state(&admin, "delivered").await;
    assert_eq!(receiver.got().len(), 8);
}

/// A worker that was away for so long that another one has sent the delivery does not take that back.
#[actix_web::test]
async fn what_has_arrived_stays_so() {
    use diesel::{ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};
    use playhouse::db::schema::webhook_deliveries as deliveries;
    let app = TestApp::start_with(|config| {
        config.webhooks.allow_private_addresses = true;
        config.webhooks.timeout_seconds = 1;
    })
    .await;
    let (admin, receiver) = (app.admin().await, Receiver::start().await);
    receiver.answers(Answer::Silence);
    let hook = add(&admin, &receiver.url(), &["notice.published"]).await;
    publish_notice(&admin, "Closed").await;
    receiver.until(1).await;
    let (id, now) = (
        text(&hook.deliveries(&admin).await[0]["id"]),
        app.clock.now(),
    );
    let arrive = move |conn: &mut db::Conn| {
        let values = (
            deliveries::state.eq("delivered"),
            deliveries::finished_at.eq(now),
        );
        diesel::update(deliveries::table.find(&id))
            .set(values)
            .execute(conn)?;
        Ok(())
    };
    let arrived = app.app().db.write::<_, db::Error, _>(arrive);
    arrived.await.unwrap();
    app.jobs_done(&admin).await;
    later(&app, TimeDelta::minutes(1));
    app.jobs_done(&admin).await;
    let delivery = &hook.deliveries(&admin).await[0];
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    assert!(delivery["last_error"].is_null(), "{delivery}");
    assert_eq!(receiver.got().len(), 1);
}

/// What a receiver says is not read, so it can say as much as it likes.
#[actix_web::test]
async fn an_answer_without_end_is_an_answer() {
    let (_app, admin, _receiver, hook) = scene(Answer::Endless).await;
    publish_notice(&admin, "Closed").await;
    let arrived = hook.until_state(&admin, "delivered").await;
    assert_eq!(arrived["attempts"], 1);
}

/// A head without end is none.
#[actix_web::test]
async fn a_head_without_end_is_a_failure() {
    let (_app, admin, _receiver, hook) = scene(Answer::EndlessHead).await;
    publish_notice(&admin, "Closed").await;
    let failed = hook.until_attempts(&admin, 1).await;
    assert!(failed["last_status"].is_null(), "{failed}");
    assert!(failed.to_string().len() < 1000, "{failed}");
}

/// What waits when a webhook is switched off is not sent.
#[actix_web::test]
async fn what_waits_for_a_webhook_that_is_off_fails() {
    let (app, admin, receiver, hook) = scene(Answer::Status(500)).await;
    publish_notice(&admin, "Closed").await;
    hook.until_attempts(&admin, 1).await;
    app.jobs_done(&admin).await;
    let off = json!({"is_active": false});
    body(admin.patch(&hook.path(), off).await, 200).await;
    later(&app, TimeDelta::minutes(1));
    let failed = hook.until_state(&admin, "failed").await;
    assert_eq!(failed["last_error"], "The webhook is switched off.");
    assert_eq!(receiver.got().len(), 1);
}

#[actix_web::test]
async fn a_slow_receiver_is_left() {
    let app = TestApp::start_with(|config| {
        config.webhooks.allow_private_addresses = true;
        config.webhooks.timeout_seconds = 1;
    })
    .await;
    let (admin, slow, well) = (
        app.admin().await,
        Receiver::start().await,
        Receiver::start().await,
    );
    slow.answers(Answer::Silence);
    let hook = add(&admin, &slow.url(), &["notice.published"]).await;
    let other = add(&admin, &well.url(), &["notice.published"]).await;
    for number in 0..12 {
        publish_notice(&admin, &number.to_string()).await;
    }
    // The other one is told everything, however long the slow one takes.
    well.until(12).await;
    other.until_state(&admin, "delivered").await;
    let error = "The receiver did not answer within 1 seconds.";
    let is_left = |it: &Value| it["last_error"] == error && it["last_status"].is_null();
    for _ in 0..1500 {
        if hook.deliveries(&admin).await.iter().any(is_left) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", hook.deliveries(&admin).await);
}

#[actix_web::test]
async fn a_slow_receiver_keeps_no_other_work_waiting() {
    let app = TestApp::start_with(|config| {
        config.webhooks.allow_private_addresses = true;
        config.webhooks.timeout_seconds = 30;
    })
    .await;
    let (admin, slow) = (app.admin().await, Receiver::start().await);
    slow.answers(Answer::Silence);
    let hook = add(&admin, &slow.url(), &["notice.published"]).await;
    for _ in 0..8 {
        hook.ping(&admin).await;
    }
    slow.until(4).await;
    let now = app.clock.now();
    let queued = app.app().db.write::<_, db::Error, _>(move |conn| {
        Jobs::enqueue_in(
            conn,
            now,
            NewJob::new("remove_poster", "no-such-picture", now),
        )
    });
    queued.await.unwrap();
    app.app().jobs.wake();
    for _ in 0..1000 {
        let page = admin.get_json("/admin/jobs?kind=remove_poster").await;
        if page["items"][0]["state"] == "done" {
            let waits = |it: &Value| it["state"] == "queued";
            assert!(hook.deliveries(&admin).await.iter().all(waits));
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{}", admin.get_json("/admin/jobs").await);
}

#[actix_web::test]
async fn a_restart_loses_nothing() {
    let (app, admin, receiver, hook) = scene(Answer::Silence).await;
    publish_notice(&admin, "Closed").await;
    // The server is stopped in the middle of the attempt.
    let first = receiver.until(1).await.remove(0);
    receiver.answers(Answer::Status(204));
    let app = app.restart_with(|_| {}).await;
    let admin = app.sign_in("admin").await;
    let arrived = hook.until_state(&admin, "delivered").await;
    assert_eq!(text(&arrived["id"]), first.headers["webhook-id"]);
    let got = receiver.until(2).await;
    assert_eq!(got[0].body, got[1].body);
}

#[actix_web::test]
async fn a_webhook_that_is_removed_is_told_nothing_more() {
    let (app, admin, receiver, hook) = scene(Answer::Status(500)).await;
    publish_notice(&admin, "Closed").await;
    hook.until_attempts(&admin, 1).await;
    app.jobs_done(&admin).await;
    assert_eq!(admin.delete(&hook.path()).await.status(), 204);
    problem(admin.get(&hook.path()).await, 404, "not_found").await;
    later(&app, TimeDelta::hours(1));
    for _ in 0..1000 {
        if jobs(&admin).await.iter().all(|it| it["state"] == "done") {
            assert_eq!(receiver.got().len(), 1);
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", jobs(&admin).await);
}

#[actix_web::test]
async fn old_deliveries_are_cleared_away() {
    let (app, admin, _receiver, hook) = scene(Answer::Status(410)).await;
    publish_notice(&admin, "Closed").await;
    hook.until_state(&admin, "failed").await;
    app.advance(TimeDelta::days(29));
    assert_eq!(app.app().webhooks.sweep().await.unwrap(), 0);
    app.advance(TimeDelta::days(2));
    assert_eq!(app.app().webhooks.sweep().await.unwrap(), 1);
    let admin = app.sign_in("admin").await;
    assert!(hook.deliveries(&admin).await.is_empty());
    assert!(jobs(&admin).await.is_empty(), "nor is its job there");
}
