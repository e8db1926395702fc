//! Addresses that lead nowhere, and spellings that lead to the same place.

use playhouse_test_support::{TestApp, problem};
use serde_json::json;

use crate::wire::{client, raw};

#[actix_web::test]
async fn hostile_addresses_are_refused() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    ann.put("/a", "a").await;
    let hostile = [
        "/..%2f..%2fetc%2fpasswd",
        "/a%2Fb",
        "/a%00",
        "/%2e%2e/x",
        "/a%5C..%5Cb",
        "//a",
        "/x//a",
        "/a%0d%0aSet-Cookie:%20x=1",
        "/%e2%80%aea",
        "/%ff",
        "/%20a",
        "/a%20",
    ];
    for path in hostile {
        for method in ["GET", "PUT", "MKCOL", "DELETE", "PROPFIND", "LOCK", "COPY"] {
            let basic = "Authorization: Basic YW5uOm9wZW4gc2VzYW1l";
            let text = format!(
                "{method} /dav{path} HTTP/1.1\r\nHost: h\r\n{basic}\r\nDepth: 0\r\nDestination: /dav/z\r\n\
                 Content-Length: 0\r\nConnection: close\r\n\r\n"
            );
            let answer = raw(&app, &text).await;
            assert!(
                answer.starts_with("HTTP/1.1 400"),
                "{method} {path}: {answer}"
            );
            assert!(!answer.to_lowercase().contains("set-cookie"), "{answer}");
        }
        let copy = ann
            .ask("COPY", "/a")
            .header("Destination", format!("/dav{path}"));
        problem(copy.send().await.unwrap(), 400, "bad_request").await;
    }
    for to in ["", "a", "http://h/other", "ftp://h/dav/a", "/davx"] {
        let copy = ann.ask("COPY", "/a").header("Destination", to);
        problem(copy.send().await.unwrap(), 400, "bad_request").await;
    }
    let listed = app.sign_in("ann").await.get_json("/drive/entries").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn two_spellings_are_one_file() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    assert_eq!(ann.put("/e%CC%81", "composed").await.status(), 201);
    assert_eq!(ann.put("/%C3%A9", "again").await.status(), 204);
    assert_eq!(ann.content("/e%cc%81").await, "again");
    let token = ann.lock("/%C3%A9", "0", "Second-60").await;
    assert_eq!(ann.put("/e%CC%81", "x").await.status(), 423);
    let tagged = format!("<{}/dav/e%CC%81> (<{token}>)", app.url);
    let held = ann.ask("PUT", "/e%CC%81").header("If", tagged).body("held");
    assert_eq!(held.send().await.unwrap().status(), 204);
    // What Finder keeps beside a file is a file.
    assert_eq!(ann.put("/._a", "finder").await.status(), 201);
    assert_eq!(ann.status("MKCOL", "/folder/").await, 201);
    assert_eq!(ann.put("/folder/100%25%20%3F%23", "x").await.status(), 201);
    let found = ann.find("/folder", "1", "").await;
    assert!(
        found.contains("/dav/folder/100%25%20%3F%23</D:href>"),
        "{found}"
    );
    let listed = app.sign_in("ann").await;
    let listed = listed.get_json("/drive/entries?path=%2Ffolder").await;
    assert_eq!(listed["items"][0]["name"], json!("100% ?#"));
}
