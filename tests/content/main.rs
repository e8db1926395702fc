//! What drives give out: files with ranges, folders as archives, who may have them, how fast, and what ends it.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod archives;
mod files;
mod limits;
mod previews;
mod zip;

use playhouse_test_support::Person;
use reqwest::{Method, Response};

/// The address of an entry's bytes.
fn content_of(entry: &str) -> String {
    format!("/drive/entries/{entry}/content")
}

async fn fetch(who: &Person, entry: &str) -> Response {
    who.get(&content_of(entry)).await
}

async fn with(who: &Person, method: Method, entry: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = who.request(method, &content_of(entry));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name);
    value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

/// Bytes that do not repeat soon.
fn bytes(size: usize) -> Vec<u8> {
    let byte = |i: u64| u8::try_from((i.wrapping_mul(2_654_435_761) >> 13) & 0xff).unwrap();
    (0..size as u64).map(byte).collect()
}
