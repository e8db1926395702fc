//! Files: what is said about them, ranges, conditions, who may have them.

use playhouse::accounts::Role;
use playhouse_test_support::drives::NewFile;
use playhouse_test_support::{TestApp, problem};
use reqwest::Method;
use serde_json::json;

use crate::{bytes, content_of, fetch, header, with};

#[actix_web::test]
async fn a_file_comes_whole_with_all_that_is_said_about_it() {
    let app = TestApp::start().await;
    let ann = app.newcomer(Role::Member).await;
    let content = bytes(300_000);
    let id = app.put_file(&ann, &ann.id, "a b 影.bin", &content).await;
    let tag = format!("\"{}\"", &blake3::hash(&content).to_hex()[..32]);
    for method in [Method::GET, Method::HEAD] {
        let answer = with(
            &ann,
            method.clone(),
            &id,
            &[("accept-encoding", "br, gzip")],
        )
        .await;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "etag"), tag);
        assert_eq!(header(&answer, "content-length"), "300000");
        assert_eq!(header(&answer, "content-type"), "application/octet-stream");
        assert_eq!(header(&answer, "accept-ranges"), "bytes");
        assert_eq!(header(&answer, "cache-control"), "private, no-transform");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "content-encoding"), "");
        assert!(header(&answer, "repr-digest").starts_with("sha-256=:Bwc"));
        assert_eq!(
            header(&answer, "content-disposition"),
            "attachment; filename=\"a b _.bin\"; filename*=UTF-8''a%20b%20%E5%BD%B1.bin"
        );
        let expected = if method == Method::GET {
            &content[..]
        } else {
            &[]
        };
        assert!(answer.bytes().await.unwrap() == expected);
    }
    let again = with(&ann, Method::GET, &id, &[("if-none-match", &tag)]).await;
    assert_eq!(again.status(), 304);
    let other = with(&ann, Method::GET, &id, &[("if-match", "\"x\"")]).await;
    problem(other, 412, "precondition_failed").await;
    let post = ann.post(&content_of(&id), json!({})).await;
    assert_eq!(header(&post, "allow"), "GET, HEAD");
    problem(post, 405, "method_not_allowed").await;
}

#[actix_web::test]
async fn ranges_are_kept_to_and_bounded() {
    let app = TestApp::start().await;
    let ann = app.newcomer(Role::Member).await;
    let content = bytes(100_000);
    let id = app.put_file(&ann, &ann.id, "a.bin", &content).await;
    let hash = blake3::hash(&content).to_hex();
    let tag = format!("\"{}\"", &hash[..32]);
    let part = with(&ann, Method::GET, &id, &[("range", "bytes=10-19")]).await;
    assert_eq!(part.status(), 206);
    assert_eq!(header(&part, "content-range"), "bytes 10-19/100000");
    assert!(part.bytes().await.unwrap() == content[10..20]);
    let parts = with(&ann, Method::GET, &id, &[("range", "bytes=0-4,90000-")]).await;
    assert_eq!(parts.status(), 206);
    assert!(header(&parts, "content-type").starts_with("multipart/byteranges; boundary="));
    let body = parts.bytes().await.unwrap();
    assert!(body.windows(5).any(|it| it == &content[..5]));
    assert!(body.windows(10_000).any(|it| it == &content[90_000..]));
    let outside = with(&ann, Method::GET, &id, &[("range", "bytes=100000-")]).await;
    assert_eq!(header(&outside, "content-range"), "bytes */100000");
    problem(outside, 416, "range_not_satisfiable").await;
    let fits = [("range", "bytes=5-"), ("if-range", tag.as_str())];
    assert_eq!(with(&ann, Method::GET, &id, &fits).await.status(), 206);
    let stale = [("range", "bytes=5-"), ("if-range", "\"old\"")];
    assert_eq!(with(&ann, Method::GET, &id, &stale).await.status(), 200);
    let bomb = (0..2000).map(|i| format!("{}-{}", i * 40, i * 40 + 1));
    let bomb = format!("bytes={}", bomb.collect::<Vec<_>>().join(","));
    let bomb = with(&ann, Method::GET, &id, &[("range", &bomb)]).await;
    assert_ne!(
        bomb.status(),
        206,
        "a bomb of ranges is not answered part by part"
    );
}

#[actix_web::test]
async fn only_the_owner_has_a_file_and_only_while_it_is_there() {
    let app = TestApp::start().await;
    let (ann, ben) = (
        app.newcomer(Role::Member).await,
        app.newcomer(Role::Member).await,
    );
    let admin = app.newcomer(Role::Admin).await;
    let folder = app.put_folder(&ann, &ann.id, "Papers").await;
    let file = app.put_file(&ann, &folder, "a.pdf", b"mine").await;
    for id in [&folder, &file] {
        assert_eq!(fetch(&ann, id).await.status(), 200);
        for other in [&ben, &admin] {
            problem(fetch(other, id).await, 404, "not_found").await;
        }
        problem(fetch(&app.nobody(), id).await, 401, "not_signed_in").await;
    }
    problem(fetch(&ben, &ann.id).await, 404, "not_found").await;
    for scopes in ["read", "write"] {
        let asked = json!({"name": scopes, "scopes": [scopes]});
        let token: serde_json::Value = ann.post("/me/tokens", asked).await.json().await.unwrap();
        let program = app.with_token(token["secret"].as_str().unwrap());
        let answer = fetch(&program, &file).await;
        match scopes {
            "read" => assert_eq!(answer.status(), 200),
            _ => drop(problem(answer, 403, "missing_scope").await),
        }
    }
    app.set_trashed(&folder, true).await;
    for id in [&folder, &file] {
        problem(fetch(&ann, id).await, 404, "not_found").await;
    }
    app.set_trashed(&folder, false).await;
    assert_eq!(fetch(&ann, &file).await.status(), 200);
    for nothing in [
        "019a9f6e-0000-7000-8000-000000000000",
        "..",
        "%2e%2e",
        "a%00b",
    ] {
        problem(fetch(&ann, nothing).await, 404, "not_found").await;
    }
}

/// Names as no protocol would let them in, to see that the header stays one header.
#[actix_web::test]
async fn a_name_does_not_break_out_of_its_header() {
    let app = TestApp::start().await;
    let ann = app.newcomer(Role::Member).await;
    for name in [
        "a\r\nSet-Cookie: x=1",
        "a\"; filename=\"b.exe",
        "a\u{202e}gpj.exe",
        "../../up",
    ] {
        let id = app.put_file(&ann, &ann.id, name, b"x").await;
        let folder = app.put_folder(&ann, &ann.id, &format!("{name}.d")).await;
        for id in [id, folder] {
            let answer = fetch(&ann, &id).await;
            assert_eq!(answer.status(), 200, "{name:?}");
            assert!(!answer.headers().contains_key("set-cookie"));
            let said = header(&answer, "content-disposition");
            assert!(said.starts_with("attachment; filename=\""), "{said}");
            assert!(said.bytes().all(|b| (b' '..=b'~').contains(&b)), "{said}");
            let plain = said.split("filename=\"").nth(1).unwrap();
            let plain = plain.split('"').next().unwrap();
            assert!(
                !plain.contains(['/', '\\', ';']) || !said.contains("b.exe\"\""),
                "{said}"
            );
        }
    }
}

#[actix_web::test]
async fn a_damaged_storage_is_a_fault_of_ours_and_not_a_short_file() {
    let app = TestApp::start().await;
    let ann = app.newcomer(Role::Member).await;
    let folder = app.put_folder(&ann, &ann.id, "d").await;
    let file = NewFile {
        name: "a",
        content_type: "",
        bytes: b"whole content",
    };
    let id = app.put_typed(&ann, &folder, file).await;
    std::fs::write(app.blob_path(b"whole content"), b"short").unwrap();
    problem(fetch(&ann, &id).await, 500, "internal").await;
    // An archive has begun by then: it is cut, and no reader takes it for a whole one.
    let archive = fetch(&ann, &folder).await;
    assert_eq!(archive.status(), 200);
    assert!(archive.bytes().await.is_err());
}

#[actix_web::test]
async fn a_link_in_the_place_of_the_bytes_is_not_followed() {
    let app = TestApp::start().await;
    let ann = app.newcomer(Role::Member).await;
    let file = app.put_file(&ann, &ann.id, "a.txt", b"what was kept").await;
    let secret = app.data_dir().join("secret");
    std::fs::write(&secret, b"what is kept!").unwrap();
    let place = app.blob_path(b"what was kept");
    std::fs::remove_file(&place).unwrap();
    std::os::unix::fs::symlink(&secret, &place).unwrap();
    let answer = fetch(&ann, &file).await;
    assert_eq!(answer.status(), 500);
    assert!(!answer.text().await.unwrap().contains("kept"));
}
