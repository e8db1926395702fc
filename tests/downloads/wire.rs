//! What the tests say over HTTP.

use std::time::Duration;

use playhouse_test_support::{Person, text};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::seed::Film;

pub(crate) async fn ticket(who: &Person, film: &Film) -> Value {
    let path = format!("/movies/{}/downloads", film.id);
    let answer = who.post(&path, json!({})).await;
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}

/// The path of an address in an answer, as [`Person::request`] takes it.
pub(crate) fn address(answer: &Value) -> String {
    format!("/{}", text(&answer["url"]))
}

pub(crate) async fn range(who: &Person, path: &str, range: &str) -> Response {
    let request = who.request(Method::GET, path).header("range", range);
    request.send().await.unwrap()
}

pub(crate) async fn record(who: &Person) -> Value {
    who.get_json("/downloads").await["items"][0].clone()
}

pub(crate) async fn record_in_state(who: &Person, state: &str) -> Value {
    let mut last = Value::Null;
    for _ in 0..100 {
        last = record(who).await;
        if last["state"] == state {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the record did not become {state}: {last}");
}

pub(crate) fn text_of(answer: &Response, name: &str) -> String {
    answer.headers()[name].to_str().unwrap().to_owned()
}
