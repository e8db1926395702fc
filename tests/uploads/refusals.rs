//! What is refused, and with which words.

use chrono::TimeDelta;
use playhouse_test_support::{TestApp, problem, text, wrong_fields};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::wire::{
    STREAM, bytes, create, creation, film, header, metadata, offset_of, patch, staged, tus,
};

async fn refused(request: RequestBuilder, status: u16, code: &str) -> serde_json::Value {
    let answer = request.send().await.unwrap();
    assert_eq!(header(&answer, "tus-resumable"), "1.0.0", "{status} {code}");
    problem(answer, status, code).await
}

#[actix_web::test]
async fn other_versions_of_the_protocol() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, 5).await;
    for who in [&admin, &app.nobody()] {
        for (method, path) in [
            (Method::POST, "/uploads"),
            (Method::PATCH, path.as_str()),
            (Method::DELETE, &path),
        ] {
            for version in [None, Some("0.2.2"), Some("1.0.0, 1.0.0")] {
                let mut request = who.request(method.clone(), path);
                if let Some(version) = version {
                    request = request.header("Tus-Resumable", version);
                }
                let answer = request.send().await.unwrap();
                assert_eq!(header(&answer, "tus-version"), "1.0.0");
                assert_eq!(header(&answer, "tus-resumable"), "1.0.0");
                problem(answer, 412, "tus_version").await;
            }
        }
        let head = who.request(Method::HEAD, &path).send().await.unwrap();
        assert_eq!(head.status(), 412);
    }
    assert_eq!(offset_of(&admin, &path).await, 0);
}

#[actix_web::test]
async fn who_may_not() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let member = app.member("bob").await;
    refused(creation(&app.nobody(), 5), 401, "not_signed_in").await;
    refused(creation(&member, 5), 403, "forbidden").await;
    let made = |scopes: &[&str]| {
        let body = json!({"name": "t", "scopes": scopes});
        let admin = admin.clone();
        async move {
            let made: serde_json::Value =
                admin.post("/me/tokens", body).await.json().await.unwrap();
            text(&made["secret"])
        }
    };
    let reader = app.with_token(&made(&["read"]).await);
    refused(creation(&reader, 5), 403, "missing_scope").await;
    let writer = app.with_token(&made(&["write"]).await);
    refused(creation(&writer, 5), 403, "missing_scope").await;
    let publisher = app.with_token(&made(&["admin", "write"]).await);
    let path = create(&publisher, 5).await;
    for method in [Method::PATCH, Method::DELETE] {
        let request = tus(&member, method, &path)
            .header("Content-Type", STREAM)
            .header("Upload-Offset", 0);
        refused(request.body("hello"), 404, "not_found").await;
    }
    let head = tus(&member, Method::HEAD, &path).send().await.unwrap();
    assert_eq!(head.status(), 404);
    assert_eq!(offset_of(&admin, &path).await, 0, "its owner sees it");
}

#[actix_web::test]
async fn creations_that_make_nothing() {
    let app = TestApp::start_with(|config| config.uploads.max_bytes = 1000).await;
    let admin = app.admin().await;
    let with = |name: &str, value: &str| {
        let mut request = tus(&admin, Method::POST, "/uploads");
        for (key, said) in [("Upload-Length", "5"), ("Upload-Metadata", &film())] {
            request = request.header(key, if key == name { value } else { said });
        }
        if !name.starts_with("Upload-Length") && !name.starts_with("Upload-Metadata") {
            request = request.header(name, value);
        }
        request
    };
    for length in ["-1", "abc", "", "1.5", "+5", "99999999999999999999", "5, 5"] {
        refused(with("Upload-Length", length), 400, "bad_request").await;
    }
    let missing = tus(&admin, Method::POST, "/uploads").header("Upload-Metadata", film());
    refused(missing, 400, "bad_request").await;
    refused(with("Upload-Length", "1001"), 413, "payload_too_large").await;
    refused(with("Upload-Defer-Length", "1"), 400, "bad_request").await;
    refused(with("Upload-Concat", "whole"), 400, "bad_request").await;
    refused(with("Upload-Metadata", "filename %"), 400, "bad_request").await;
    for said in [
        String::new(),
        metadata(&[("filename", "a")]),
        metadata(&[("purpose", "music")]),
    ] {
        let told = refused(with("Upload-Metadata", &said), 422, "invalid").await;
        assert_eq!(wrong_fields(&told), ["purpose"]);
    }
    let long = metadata(&[("purpose", "movie"), ("x", &"x".repeat(9000))]);
    let told = refused(with("Upload-Metadata", &long), 422, "invalid").await;
    assert_eq!(wrong_fields(&told), ["Upload-Metadata"]);
    let json = with("Content-Type", "application/json").body("{}");
    refused(json, 415, "unsupported_media_type").await;
    let stream = || with("Content-Type", STREAM);
    refused(stream().body(bytes(6)), 413, "payload_too_large").await;
    let wrong = stream().header("Upload-Checksum", "md5 XUFAKrxLKna5cZ2REBfFkg==");
    refused(wrong.body("hellO"), 460, "checksum_mismatch").await;
    let files = std::fs::read_dir(app.data_dir().join("storage/uploads"));
    assert_eq!(
        files.map_or(0, Iterator::count),
        0,
        "nothing is left behind"
    );
}

#[actix_web::test]
async fn bytes_that_are_not_taken() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, 10).await;
    let sent = patch(&admin, &path, 0, "hello").send().await.unwrap();
    assert_eq!(sent.status(), 204);
    let bare = || tus(&admin, Method::PATCH, &path);
    for kind in [
        "application/octet-stream",
        "application/offset+octet-streams",
    ] {
        let request = bare()
            .header("Upload-Offset", 5)
            .header("Content-Type", kind);
        refused(request.body("there"), 415, "unsupported_media_type").await;
    }
    refused(
        bare().header("Upload-Offset", 5),
        415,
        "unsupported_media_type",
    )
    .await;
    let typed = || bare().header("Content-Type", STREAM).body("there");
    refused(typed(), 400, "bad_request").await;
    for offset in ["-1", "x", "", "5;", "99999999999999999999"] {
        refused(typed().header("Upload-Offset", offset), 400, "bad_request").await;
    }
    for offset in [0, 4, 6, 10, 1 << 40] {
        let answer = patch(&admin, &path, offset, "there").send().await.unwrap();
        assert_eq!(header(&answer, "upload-offset"), "5");
        problem(answer, 409, "offset_mismatch").await;
    }
    refused(patch(&admin, &path, 5, bytes(6)), 413, "payload_too_large").await;
    let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(bytes(700_000)));
    let endless = reqwest::Body::wrap_stream(futures_util::StreamExt::take(endless, 8));
    refused(patch(&admin, &path, 5, endless), 413, "payload_too_large").await;
    for checksum in [
        "md5",
        "crc32 AAAA",
        "md5 AAAA",
        "md5 XUFAKrxLKna5cZ2REBfFkg",
    ] {
        let request = patch(&admin, &path, 5, "there").header("Upload-Checksum", checksum);
        refused(request, 400, "bad_request").await;
    }
    assert_eq!(offset_of(&admin, &path).await, 5);
    assert_eq!(staged(&app, &path).unwrap(), b"hello");
    let none = "/uploads/0197a8c0-0000-7000-8000-000000000000";
    refused(patch(&admin, none, 0, "x"), 404, "not_found").await;
    refused(patch(&admin, "/uploads/x", 0, "x"), 404, "not_found").await;
    refused(tus(&admin, Method::PUT, &path), 405, "method_not_allowed").await;
    refused(admin.request(Method::GET, &path), 405, "method_not_allowed").await;
}

#[actix_web::test]
async fn a_large_body_that_is_refused_still_gets_its_answer() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, 64 << 20).await;
    let request = patch(&admin, &path, 1, bytes(32 << 20));
    refused(request, 409, "offset_mismatch").await;
}

#[actix_web::test]
async fn a_complete_upload_takes_no_more() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, 5).await;
    let sent = patch(&admin, &path, 0, "hello").send().await.unwrap();
    assert_eq!(sent.status(), 204);
    refused(patch(&admin, &path, 5, "x"), 413, "payload_too_large").await;
    refused(patch(&admin, &path, 0, "hello"), 409, "offset_mismatch").await;
    let nothing = patch(&admin, &path, 5, "").send().await.unwrap();
    assert_eq!(nothing.status(), 204);
    assert_eq!(staged(&app, &path).unwrap(), b"hello");
}

#[actix_web::test]
async fn an_upload_expires_after_its_last_byte() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = create(&admin, 10).await;
    app.advance(TimeDelta::hours(47));
    let sent = patch(&admin, &path, 0, "hello").send().await.unwrap();
    assert_eq!(sent.status(), 204);
    app.advance(TimeDelta::hours(47));
    assert_eq!(offset_of(&admin, &path).await, 5);
    app.app().uploads.sweep().await.unwrap();
    assert_eq!(offset_of(&admin, &path).await, 5);
    app.advance(TimeDelta::hours(2));
    let head = tus(&admin, Method::HEAD, &path).send().await.unwrap();
    assert_eq!(head.status(), 410);
    refused(patch(&admin, &path, 5, "there"), 410, "expired").await;
    assert!(staged(&app, &path).is_some());
    app.app().uploads.sweep().await.unwrap();
    assert_eq!(staged(&app, &path), None);
    refused(patch(&admin, &path, 5, "there"), 404, "not_found").await;
}

#[actix_web::test]
async fn too_many_open_uploads() {
    let app = TestApp::start_with(|config| config.uploads.max_open = 2).await;
    let admin = app.admin().await;
    let first = create(&admin, 5).await;
    create(&admin, 5).await;
    refused(creation(&admin, 5), 409, "conflict").await;
    tus(&admin, Method::DELETE, &first).send().await.unwrap();
    create(&admin, 5).await;
}

#[actix_web::test]
async fn names_that_are_no_paths() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let owner = super::account_id(&admin);
    let long = format!("{}.mkv", "n".repeat(300));
    for (said, shown) in [
        ("../../../etc/passwd", "passwd"),
        ("a\0b\r\nX-Evil: 1.mp4", "abX-Evil: 1.mp4"),
        ("gnp.\u{202e}4pm.exe", "gnp.4pm.exe"),
        (&long, &format!("{}.mkv", "n".repeat(251))),
    ] {
        let said = metadata(&[("filename", said), ("purpose", "movie")]);
        let request = tus(&admin, Method::POST, "/uploads")
            .header("Upload-Length", 0)
            .header("Upload-Metadata", &said);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 201);
        let path = super::wire::place(&answer);
        let id = super::upload_id(&path);
        let done = app
            .app()
            .uploads
            .completed(id.clone(), &owner)
            .await
            .unwrap();
        assert_eq!(done.file_name, shown);
        assert!(done.path.ends_with(format!("uploads/{id}")));
        let stands = tus(&admin, Method::HEAD, &path).send().await.unwrap();
        assert_eq!(header(&stands, "upload-metadata"), said);
    }
}
