//! What the metrics of the house say of its webhooks.

use chrono::TimeDelta;
use playhouse_test_support::TestApp;
use serde_json::json;

use crate::receiver::Answer;
use crate::sending::{later, scene};
use crate::{body, publish_notice};

/// The lines of `/metrics` that are about webhooks.
async fn lines(app: &TestApp) -> Vec<String> {
    let page = app.nobody().get("//metrics").await.text().await.unwrap();
    let about = page
        .lines()
        .filter(|it| it.starts_with("playhouse_webhooks_"));
    about.map(str::to_owned).collect()
}

async fn figure(app: &TestApp, name: &str) -> f64 {
    let name = format!("playhouse_webhooks_{name}");
    let lines = lines(app).await;
    let found = lines
        .iter()
        .find_map(|it| it.strip_prefix(&name)?.strip_prefix(' '));
    found.expect(&name).parse().unwrap()
}

const ARRIVED: &str = "attempts_total{outcome=\"delivered\"}";
const FAILED: &str = "attempts_total{outcome=\"failed\"}";

#[actix_web::test]
async fn what_is_sent_is_counted() {
    let (app, admin, receiver, hook) = scene(Answer::Status(204)).await;
    for name in [
        ARRIVED,
        FAILED,
        "given_up_total",
        "waiting",
        "attempt_seconds_count",
    ] {
        assert_eq!(figure(&app, name).await, 0.0, "{name}");
    }
    publish_notice(&admin, "Open").await;
    hook.until_state(&admin, "delivered").await;
    receiver.answers(Answer::Status(500));
    publish_notice(&admin, "Closed").await;
    hook.until_attempts(&admin, 1).await;
    app.jobs_done(&admin).await;
    assert_eq!(figure(&app, ARRIVED).await, 1.0);
    assert_eq!(figure(&app, FAILED).await, 1.0);
    assert_eq!(figure(&app, "attempt_seconds_count").await, 2.0);
    assert_eq!(figure(&app, "waiting").await, 1.0);
    assert_eq!(figure(&app, "given_up_total").await, 0.0);

    for attempt in 2..=6 {
        later(&app, TimeDelta::hours(1));
        hook.until_attempts(&admin, attempt).await;
        app.jobs_done(&admin).await;
    }
    hook.until_state(&admin, "failed").await;
    assert_eq!(figure(&app, FAILED).await, 6.0);
    assert_eq!(figure(&app, "waiting").await, 0.0);
    assert_eq!(figure(&app, "given_up_total").await, 1.0);

    // Nothing in them grows with the receivers or names one.
    let lines = lines(&app).await;
    assert!(lines.len() < 25, "{lines:#?}");
    assert!(
        !lines.iter().any(|it| it.contains("127.0.0.1")),
        "{lines:#?}"
    );
}

/// What is not sent at all is given up and no attempt; what is pointless is given up at once.
#[actix_web::test]
async fn what_is_given_up_early_is_counted_once() {
    let (app, admin, _receiver, hook) = scene(Answer::Status(410)).await;
    publish_notice(&admin, "Closed").await;
    hook.until_state(&admin, "failed").await;
    assert_eq!(figure(&app, FAILED).await, 1.0);
    assert_eq!(figure(&app, "given_up_total").await, 1.0);

    let (app, admin, _receiver, hook) = scene(Answer::Status(500)).await;
    publish_notice(&admin, "Closed").await;
    hook.until_attempts(&admin, 1).await;
    app.jobs_done(&admin).await;
    let off = json!({"is_active": false});
    body(admin.patch(&hook.path(), off).await, 200).await;
    later(&app, TimeDelta::minutes(1));
    hook.until_state(&admin, "failed").await;
    assert_eq!(figure(&app, FAILED).await, 1.0);
    assert_eq!(figure(&app, "given_up_total").await, 1.0);
}
