//! Files on their way in: whole or not at all.

use playhouse_test_support::{TestApp, problem};
use serde_json::json;

use crate::wire::{client, header, raw};

const ANN: &str = "Authorization: Basic YW5uOm9wZW4gc2VzYW1l";

#[actix_web::test]
async fn a_file_is_there_when_it_is_answered() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    let first = ann.ask("PUT", "/a.txt").header("X-OC-Mtime", "981173106");
    let first = first.body("first").send().await.unwrap();
    assert_eq!(first.status(), 201);
    assert_eq!(header(&first, "x-oc-mtime"), "accepted");
    assert_eq!(
        header(&first, "last-modified"),
        "Sat, 03 Feb 2001 04:05:06 GMT"
    );
    let tag = header(&first, "etag").to_owned();
    let answer = ann.send("GET", "/a.txt").await;
    assert_eq!(header(&answer, "etag"), tag);
    assert_eq!(
        header(&answer, "last-modified"),
        "Sat, 03 Feb 2001 04:05:06 GMT"
    );
    assert_eq!(answer.text().await.unwrap(), "first");
    let second = ann.put("/a.txt", "second").await;
    assert_eq!(second.status(), 204);
    assert_ne!(header(&second, "etag"), tag);
    assert_eq!(ann.content("/a.txt").await, "second");
    assert_eq!(ann.put("/empty", "").await.status(), 201);
    assert_eq!(ann.content("/empty").await, "");
    // What was replaced is kept as a version, and counts.
    assert_eq!(ann.usage().await, (11, 0));
}

#[actix_web::test]
async fn a_body_that_is_cut_leaves_nothing() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    ann.put("/old", "as it was").await;
    for path in ["new", "old"] {
        let cut = format!(
            "PUT /dav/{path} HTTP/1.1\r\nHost: h\r\n{ANN}\r\nContent-Length: 100\r\n\r\nonly this"
        );
        raw(&app, &cut).await;
        let cut = format!(
            "PUT /dav/{path} HTTP/1.1\r\nHost: h\r\n{ANN}\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n"
        );
        raw(&app, &cut).await;
        // Finder says how much comes in a header of its own.
        for (said, sent) in [(20, "only this"), (4, "more than that"), (4, "more")] {
            let request = ann.ask("PUT", &format!("/{path}"));
            let body = futures_util::stream::iter([Ok::<_, std::io::Error>(sent)]);
            let answer = request
                .header("X-Expected-Entity-Length", said)
                .body(reqwest::Body::wrap_stream(body))
                .send()
                .await;
            let status = answer.map(|it| it.status().as_u16());
            let expected: &[u16] = if said == sent.len() {
                &[201, 204]
            } else {
                &[400]
            };
            assert!(status.is_ok_and(|it| expected.contains(&it)), "{sent}");
            if said == sent.len() {
                assert_eq!(ann.content(&format!("/{path}")).await, sent);
            } else {
                let there = ann.send("GET", &format!("/{path}")).await;
                let is_old = path == "old" && there.text().await.unwrap() == "as it was";
                assert!(is_old || path == "new", "{path}");
            }
        }
    }
    // A client that is gone does not wait for what is cleared away behind it.
    for _ in 0..200 {
        if ann.usage().await.1 == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(ann.usage().await.1, 0, "nothing stays reserved");
}

#[actix_web::test]
async fn over_quota_is_said_before_and_after_and_leaves_nothing() {
    let app = TestApp::start_with(|config| config.drive.quota_bytes = 10).await;
    let ann = client(&app, "ann").await;
    assert_eq!(ann.put("/a", "12345678").await.status(), 201);
    problem(ann.put("/b", "12345678").await, 507, "over_quota").await;
    let body = futures_util::stream::iter([Ok::<_, std::io::Error>("12345678")]);
    let unsaid = ann.ask("PUT", "/b").body(reqwest::Body::wrap_stream(body));
    problem(unsaid.send().await.unwrap(), 507, "over_quota").await;
    assert_eq!(ann.status("GET", "/b").await, 404);
    assert_eq!(ann.transfer("COPY", "/a", "/c", "T").await, 507);
    assert_eq!(ann.status("GET", "/c").await, 404);
    assert_eq!(ann.usage().await, (8, 0));
    let quota = "<propfind xmlns=\"DAV:\"><prop><quota-available-bytes/><quota-used-bytes/></prop></propfind>";
    let found = ann.find("/", "0", quota).await;
    assert!(found.contains("<D:quota-available-bytes>2</"), "{found}");
    assert!(found.contains("<D:quota-used-bytes>8</"), "{found}");
}

#[actix_web::test]
async fn preconditions_hold_until_the_file_is_in_its_place() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    let tag = header(&ann.put("/a", "one").await, "etag").to_owned();
    let put = |name: &'static str, value: &str, content: &'static str| {
        let request = ann.ask("PUT", "/a").header(name, value);
        async move { request.body(content).send().await.unwrap().status() }
    };
    assert_eq!(put("If-Match", "\"other\"", "x").await, 412);
    assert_eq!(put("If-None-Match", "*", "x").await, 412);
    assert_eq!(put("If-Match", "not a tag", "x").await, 400);
    assert_eq!(put("If", "(<urn:x>) [", "x").await, 400);
    assert_eq!(put("If", "([\"other\"])", "x").await, 412);
    assert_eq!(put("If", &format!("([{tag}])"), "two").await, 204);
    let weak = format!("W/{tag}");
    assert_eq!(put("If-Match", &weak, "x").await, 412);
    let new = ann.ask("PUT", "/new").header("If-Match", "*").body("x");
    assert_eq!(new.send().await.unwrap().status(), 412);
    // Another change while the body is on its way: it began with the right tag, and ends too late.
    let tag = header(&ann.send("GET", "/a").await, "etag").to_owned();
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<&str, std::io::Error>>(1);
    let slow =
        futures_util::stream::unfold(
            receiver,
            |mut it| async move { Some((it.recv().await?, it)) },
        );
    let request = ann.ask("PUT", "/a").header("If-Match", &tag);
    let late = tokio::spawn(request.body(reqwest::Body::wrap_stream(slow)).send());
    sender.send(Ok("late")).await.unwrap();
    assert_eq!(put("If-Match", &tag, "three").await, 204);
    drop(sender);
    assert_eq!(late.await.unwrap().unwrap().status(), 412);
    assert_eq!(ann.content("/a").await, "three");
}

#[actix_web::test]
async fn what_is_no_whole_file_is_refused() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    assert_eq!(ann.status("MKCOL", "/folder").await, 201);
    problem(ann.put("/folder", "x").await, 405, "method_not_allowed").await;
    problem(ann.put("/", "x").await, 405, "method_not_allowed").await;
    assert_eq!(ann.put("/missing/a", "x").await.status(), 409);
    let part = ann.ask("PUT", "/a").header("Content-Range", "bytes 0-0/5");
    problem(part.body("x").send().await.unwrap(), 400, "bad_request").await;
    let packed = ann.ask("PUT", "/a").header("Content-Encoding", "gzip");
    problem(
        packed.body("x").send().await.unwrap(),
        415,
        "unsupported_media_type",
    )
    .await;
    problem(ann.send("PATCH", "/a").await, 405, "method_not_allowed").await;
    assert_eq!(ann.status("GET", "/a").await, 404);
    let listed = app.sign_in("ann").await.get_json("/drive/entries").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["name"], json!("folder"));
}
