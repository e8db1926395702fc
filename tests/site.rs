//! The site as a server of pages: files, pages, conditional requests, and addresses that lead nowhere.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use playhouse_test_support::{TestApp, problem, text};
use reqwest::{Method, Response};
use serde_json::Value;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    let value = answer.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

async fn browse(app: &TestApp, method: Method, path: &str) -> Response {
    let request = app.nobody().request(method, &format!("/{path}"));
    request.header("accept", BROWSER).send().await.unwrap()
}

#[actix_web::test]
async fn every_page_of_the_client_is_its_first_page() {
    let app = TestApp::start().await;
    let home = browse(&app, Method::GET, "/").await;
    assert_eq!(home.status(), 200);
    assert_eq!(header(&home, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&home, "cache-control"), "no-cache");
    let home = home.text().await.unwrap();
    assert!(home.contains("<title>Playhouse</title>"), "{home}");
    for forbidden in ["<script>", "<style", " style=", " onclick="] {
        assert!(
            !home.contains(forbidden),
            "the security policy stops {forbidden}"
        );
    }
    for page in playhouse::site::PAGES {
        let answer = browse(&app, Method::GET, &page.replace("{id}", "some-film")).await;
        assert_eq!(answer.status(), 200, "{page}");
        assert_eq!(answer.text().await.unwrap(), home, "{page}");
    }
}

#[actix_web::test]
async fn files_have_tags_and_are_not_sent_twice() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/house.css",
        "/favicon.svg",
        "/favicon.ico",
        "/robots.txt",
    ] {
        let first = browse(&app, Method::GET, path).await;
        assert_eq!(first.status(), 200, "{path}");
        let tag = header(&first, "etag").to_owned();
        assert!(tag.starts_with('"'), "{path}: a strong tag, not {tag}");
        let head = browse(&app, Method::HEAD, path).await;
        assert_eq!(head.status(), 200);
        assert_eq!(header(&head, "etag"), tag);
        assert_eq!(
            header(&head, "content-length"),
            first.content_length().unwrap().to_string(),
            "{path}"
        );
        assert!(head.bytes().await.unwrap().is_empty());
        let again = app.nobody().request(Method::GET, &format!("/{path}"));
        let again = again.header("if-none-match", &tag).send().await.unwrap();
        assert_eq!(again.status(), 304, "{path}");
        assert_eq!(header(&again, "etag"), tag);
        assert!(again.bytes().await.unwrap().is_empty());
    }
}

#[actix_web::test]
async fn people_get_a_page_where_nothing_is_and_programs_a_problem() {
    let app = TestApp::start().await;
    for path in [
        "/nowhere",
        "/movies",
        "/movies/",
        "/assets/gone.js",
        "/../etc/passwd",
        "/%00",
    ] {
        let page = browse(&app, Method::GET, path).await;
        assert_eq!(page.status(), 404, "{path}");
        assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
        let page = page.text().await.unwrap();
        assert!(
            page.contains("/house.css") && page.contains("href=\"/\""),
            "{page}"
        );
        assert!(
            !page.contains("<style") && !page.contains("<script"),
            "{page}"
        );
        problem(
            app.nobody().get(&format!("/{path}")).await,
            404,
            "not_found",
        )
        .await;
    }
    let of_api = browse(&app, Method::GET, "/api/v1/nowhere").await;
    problem(of_api, 404, "not_found").await;
}

#[actix_web::test]
async fn a_method_that_does_not_fit_is_told_those_that_do() {
    let app = TestApp::start().await;
    for (path, allowed) in [
        ("/", "GET, HEAD"),
        ("/movies/1", "GET, HEAD"),
        ("/house.css", "GET, HEAD"),
        ("/problems/invalid", "GET, HEAD"),
        ("/api/v1/accounts", "POST"),
        ("/api/v1/downloads", "GET, HEAD"),
    ] {
        let refused = app
            .nobody()
            .request(Method::PUT, &format!("/{path}"))
            .send()
            .await
            .unwrap();
        assert_eq!(header(&refused, "allow"), allowed, "{path}");
        problem(refused, 405, "method_not_allowed").await;
    }
    let page = browse(&app, Method::POST, "/wallet").await;
    assert_eq!(page.status(), 405);
    assert_eq!(header(&page, "allow"), "GET, HEAD");
    assert!(page.text().await.unwrap().contains("does not fit"));
}

#[actix_web::test]
async fn a_problem_leads_to_its_explanation() {
    let app = TestApp::start().await;
    let refused = problem(app.nobody().get("/nowhere").await, 404, "not_found").await;
    let address = text(&refused["type"]);
    let page = browse(&app, Method::GET, &address).await;
    assert_eq!(page.status(), 200);
    assert!(
        page.text()
            .await
            .unwrap()
            .contains("There is no such thing")
    );
    let answer = app.nobody().get(&format!("/{address}")).await;
    assert_eq!(answer.status(), 200);
    let explained: Value = answer.json().await.unwrap();
    assert_eq!(explained["code"], "not_found");
    assert_eq!(explained["status"], 404);
    assert_eq!(explained["type"], refused["type"]);
    problem(
        app.nobody().get("//problems/on_fire").await,
        404,
        "not_found",
    )
    .await;
    for code in playhouse_api::problem::ErrorCode::ALL {
        let page = browse(&app, Method::GET, &code.type_uri()).await;
        assert_eq!(page.status(), 200, "{code}");
    }
}

/// What the first page names is there, compressed, and kept for ever. Holds for the placeholder page too.
#[actix_web::test]
async fn what_the_first_page_names_is_served() {
    let app = TestApp::start().await;
    let home = browse(&app, Method::GET, "/").await.text().await.unwrap();
    let named: Vec<&str> = home
        .split(['"', '\''])
        .filter(|word| word.starts_with('/') && word.contains('.'))
        .collect();
    assert!(!named.is_empty(), "{home}");
    for path in named {
        let plain = browse(&app, Method::GET, path).await;
        assert_eq!(plain.status(), 200, "{path}");
        assert_eq!(header(&plain, "x-content-type-options"), "nosniff");
        let lasts = header(&plain, "cache-control").contains("immutable");
        assert_eq!(lasts, path.starts_with("/assets/"), "{path}");
        let plain_tag = header(&plain, "etag").to_owned();
        let plain = plain.bytes().await.unwrap();
        for coding in ["br", "gzip"] {
            let request = app.nobody().request(Method::GET, &format!("/{path}"));
            let packed = request
                .header("accept-encoding", coding)
                .send()
                .await
                .unwrap();
            if header(&packed, "content-encoding").is_empty() {
                assert_eq!(header(&packed, "etag"), plain_tag);
                continue;
            }
            assert_eq!(header(&packed, "content-encoding"), coding);
            assert_eq!(header(&packed, "vary"), "Accept-Encoding");
            assert_ne!(
                header(&packed, "etag"),
                plain_tag,
                "{path}: other bytes, other tag"
            );
            assert_eq!(
                unpack(coding, &packed.bytes().await.unwrap()),
                plain,
                "{path}"
            );
        }
    }
}

fn unpack(coding: &str, bytes: &[u8]) -> Vec<u8> {
    use std::io::Read as _;
    let mut plain = Vec::new();
    match coding {
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut plain),
        _ => flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain),
    }
    .unwrap();
    plain
}

/// The client's own list of pages and the server's are one.
#[test]
fn the_client_and_the_server_know_the_same_pages() {
    let routes = include_str!("../web/src/app/routes.ts");
    let list = routes.split("ROUTES = {").nth(1).unwrap();
    let list = list.split("} as const").next().unwrap();
    let of_client: Vec<String> = list
        .split('\'')
        .filter(|word| word.starts_with('/'))
        .map(|pattern| match pattern.split_once(':') {
            Some((before, name)) => format!("{before}{{{name}}}"),
            None => pattern.to_owned(),
        })
        .collect();
    assert_eq!(of_client, playhouse::site::PAGES);
}
