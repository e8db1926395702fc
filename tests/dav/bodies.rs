//! Bodies that are too much.

use playhouse_test_support::{TestApp, problem};

use crate::wire::{LOCK, client, setting};

#[actix_web::test]
async fn bombs_and_large_bodies_are_refused() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    ann.put("/a", "a").await;
    let entities: String = (1..40)
        .map(|it| format!("<!ENTITY e{it} \"&e{0};&e{0};\">", it - 1))
        .collect();
    let laughs = format!("<!DOCTYPE x [<!ENTITY e0 \"ha\">{entities}]><x>&e39;</x>");
    let external = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>";
    let deep = "<a>".repeat(20_000);
    let many = setting("x", &"<i/>".repeat(10_000));
    let broken = LOCK.replace("</D:owner>", "");
    let hostile = [
        laughs.as_str(),
        external,
        &deep,
        &many,
        &broken,
        "x",
        "\u{0}",
    ];
    for method in ["PROPFIND", "PROPPATCH", "LOCK"] {
        let ask = |body: String| ann.ask(method, "/a").header("Depth", "0").body(body);
        for body in hostile {
            problem(
                ask(body.to_owned()).send().await.unwrap(),
                400,
                "bad_request",
            )
            .await;
        }
        let large = ask(" ".repeat((64 << 10) + 1)).send().await.unwrap();
        problem(large, 413, "payload_too_large").await;
    }
    // A body where none belongs.
    for method in ["MKCOL", "DELETE", "COPY", "MOVE", "UNLOCK"] {
        let request = ann.ask(method, "/b").header("Destination", "/dav/c");
        let status = request.body("<a/>").send().await.unwrap().status();
        assert_eq!(status, 415, "{method}");
        let request = ann.ask(method, "/b").header("Destination", "/dav/c");
        let large = request.body("x".repeat(100_000)).send().await.unwrap();
        problem(large, 413, "payload_too_large").await;
    }
    assert_eq!(ann.content("/a").await, "a");
}

#[actix_web::test]
async fn a_client_that_does_not_go_on_is_cut_off() {
    let app = TestApp::start_with(|config| config.uploads.stall_seconds = 1).await;
    let ann = client(&app, "ann").await;
    let begun = std::time::Instant::now();
    for method in ["PUT", "PROPFIND", "LOCK"] {
        let (feed, pieces) = tokio::sync::mpsc::channel::<Result<&str, std::io::Error>>(1);
        let body =
            futures_util::stream::unfold(
                pieces,
                |mut it| async move { Some((it.recv().await?, it)) },
            );
        let request = ann.ask(method, "/slow").header("Depth", "0");
        let request = request.body(reqwest::Body::wrap_stream(body));
        feed.send(Ok("<a>")).await.unwrap();
        problem(request.send().await.unwrap(), 408, "request_timeout").await;
    }
    assert!(begun.elapsed().as_secs() < 30);
    assert_eq!(ann.status("GET", "/slow").await, 404);
    assert_eq!(ann.usage().await, (0, 0));
}

#[actix_web::test]
async fn a_house_may_go_without() {
    let app = TestApp::start_with(|config| config.drive.webdav = false).await;
    let ann = client(&app, "ann").await;
    for method in ["OPTIONS", "PROPFIND", "PUT", "GET"] {
        problem(ann.send(method, "/a").await, 404, "not_found").await;
    }
}
