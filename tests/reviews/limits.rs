//! How much somebody may write in an hour.

use chrono::TimeDelta;
use playhouse_test_support::problem;
use reqwest::Response;
use serde_json::json;

use crate::house::House;

/// Seconds until there is room again.
async fn refused(answer: Response) -> i64 {
    let seconds = answer.headers()["retry-after"].to_str().unwrap().to_owned();
    problem(answer, 429, "too_many_requests").await;
    seconds.parse().unwrap()
}

#[actix_web::test]
async fn comments_edits_and_reports_come_out_of_one_bucket() {
    let house = House::with_limit(4).await;
    let (ann, bob) = (house.app.member("ann").await, house.app.member("bob").await);
    let bobs = house.said(&bob, "bob's").await;
    let anns = house.said(&ann, "ann's").await;
    let edit = format!("/comments/{anns}");
    let report = format!("/comments/{bobs}/report");
    let again = ann.patch(&edit, json!({"text": "edited"})).await;
    assert_eq!(again.status(), 200);
    assert_eq!(ann.post(&report, json!({})).await.status(), 204);
    // What is not taken costs nothing.
    problem(house.say(&ann, " ").await, 422, "invalid").await;
    house.said(&ann, "the last one").await;
    let seconds = refused(house.say(&ann, "too much").await).await;
    assert!((880..=901).contains(&seconds), "{seconds}");
    refused(ann.patch(&edit, json!({"text": "x"})).await).await;
    refused(ann.post(&report, json!({})).await).await;
    // Others write on; ratings and deletions are not counted.
    house.said(&bob, "meanwhile").await;
    house.rate(&ann, 5).await;
    assert_eq!(ann.delete(&edit).await.status(), 204);
    house.app.advance(TimeDelta::seconds(seconds));
    house.said(&ann, "later").await;
    refused(house.say(&ann, "too much again").await).await;
    assert_eq!(
        house.texts(&bob).await,
        ["later", "meanwhile", "the last one", "bob's"]
    );
}
