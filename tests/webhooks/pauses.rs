//! What a receiver asks for with `Retry-After` is what it gets, within bounds.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use playhouse_test_support::{Person, TestApp, text};
use serde_json::{Value, json};

use crate::receiver::{Answer, Receiver};
use crate::sending::{later, scene};
use crate::{Hook, body, jobs, publish_notice};

fn busy(status: u16, when: &str) -> Answer {
    Answer::Later(status, when.to_owned())
}

/// How long from now the job of the latest delivery waits, when its first attempt has failed.
async fn wait_of(app: &TestApp, admin: &Person, hook: &Hook) -> TimeDelta {
    publish_notice(admin, "Closed").await;
    hook.until_attempts(admin, 1).await;
    app.jobs_done(admin).await;
    let job = jobs(admin).await.remove(0);
    let run_at: DateTime<Utc> = text(&job["run_at"]).parse().unwrap();
    run_at - app.clock.now().and_utc()
}

/// Almost so many seconds: some time has passed since the answer.
fn about(seconds: i64, found: TimeDelta) -> bool {
    let seconds = TimeDelta::seconds(seconds);
    found <= seconds && found > seconds - TimeDelta::seconds(9)
}

#[actix_web::test]
async fn a_pause_that_is_asked_for_is_kept() {
    let (app, admin, receiver, hook) = scene(busy(503, "120")).await;
    let wait = wait_of(&app, &admin, &hook).await;
    assert!(about(120, wait), "{wait}");
    let waits = hook.deliveries(&admin).await.remove(0);
    assert_eq!(
        (&waits["state"], &waits["last_status"]),
        (&json!("queued"), &json!(503))
    );
    let said = "The receiver answered 503 and asks for a pause of 120 s.";
    assert_eq!(waits["last_error"], said);

    receiver.answers(Answer::Status(204));
    later(&app, TimeDelta::seconds(100));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(receiver.got().len(), 1, "it is not its time yet");
    later(&app, TimeDelta::seconds(20));
    let arrived = hook.until_state(&admin, "delivered").await;
    assert_eq!(arrived["attempts"], 2);
}

/// A date is one by the clock of the house, which is not that of this machine here.
#[actix_web::test]
async fn a_date_is_a_pause_too() {
    let (app, admin, receiver, hook) = scene(Answer::Status(204)).await;
    app.advance(TimeDelta::hours(5));
    let at = app.clock.now() + TimeDelta::seconds(600);
    let at = at.format("%a, %d %b %Y %H:%M:%S GMT");
    receiver.answers(busy(429, &at.to_string()));
    let wait = wait_of(&app, &admin, &hook).await;
    assert!(about(600, wait), "{wait}");
}

#[actix_web::test]
async fn the_own_pause_is_the_least_and_a_day_the_most() {
    for (answer, expected) in [
        (busy(503, "3"), 10),
        (busy(429, "0"), 10),
        (busy(429, "soon"), 10),
        (busy(503, "Sun, 06 Nov 1994 08:49:37 GMT"), 10),
        (busy(503, "2592000"), 86_400),
        (busy(429, &"9".repeat(40)), 86_400),
        // What says something else has nothing to ask for.
        (busy(500, "120"), 10),
        (busy(404, "120"), 10),
    ] {
        let shown = format!("{answer:?}");
        let (app, admin, _receiver, hook) = scene(answer).await;
        let wait = wait_of(&app, &admin, &hook).await;
        assert!(about(expected, wait), "{shown}: {wait}");
    }
}

/// What else is meant for the receiver waits, too, and is not counted as an attempt; what is meant for others does not.
#[actix_web::test]
async fn a_receiver_is_left_alone_as_a_whole() {
    let (app, admin, receiver, hook) = scene(busy(429, "3600")).await;
    let well = Receiver::start().await;
    crate::add(&admin, &well.url(), &["notice.published"]).await;
    wait_of(&app, &admin, &hook).await;
    receiver.answers(Answer::Status(204));
    for title in ["Open", "Closed again"] {
        publish_notice(&admin, title).await;
    }
    well.until(3).await;
    app.jobs_done(&admin).await;
    assert_eq!(receiver.got().len(), 1);
    let waits = |it: &Value| it["state"] == "queued" && it["attempts"] == 0;
    assert!(hook.deliveries(&admin).await.iter().take(2).all(waits));

    // A test is sent all the same. When it arrives, the pause is over for what is put off.
    hook.ping(&admin).await;
    hook.until_state(&admin, "delivered").await;
    later(&app, TimeDelta::minutes(5));
    receiver.until(4).await;
    app.jobs_done(&admin).await;
    later(&app, TimeDelta::minutes(55));
    receiver.until(5).await;
}

/// Somebody has seen to it: what was asked for before is no longer so.
#[actix_web::test]
async fn a_receiver_that_is_switched_on_again_is_asked_again() {
    let (app, admin, receiver, hook) = scene(busy(429, "3600")).await;
    wait_of(&app, &admin, &hook).await;
    receiver.answers(Answer::Status(204));
    let on = json!({"is_active": true});
    body(admin.patch(&hook.path(), on).await, 200).await;
    publish_notice(&admin, "Open").await;
    hook.until_state(&admin, "delivered").await;
    assert_eq!(receiver.got().len(), 2);
}
