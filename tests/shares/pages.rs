//! What a browser gets: pages without script in which nothing of a member's is markup.

use playhouse_test_support::drives::NewFile;
use reqwest::Method;
use serde_json::json;

use crate::{House, header};

const HOSTILE: &str = "<img src=x onerror=alert(1)>\"'&{{body}}.html";

#[actix_web::test]
async fn a_page_shows_a_file_and_a_folder() {
    let house = House::open().await;
    let folder = house
        .app
        .put_folder(&house.ann, &house.ann.id, "Trip")
        .await;
    let sub = house.app.put_folder(&house.ann, &folder, "Day 2").await;
    house
        .app
        .put_file(&house.ann, &sub, "a.jpg", &[0; 2_500_000])
        .await;
    let file = house
        .share(json!({"max_uses": 9, "expires_at": "2099-05-04T03:02:01Z"}))
        .await;
    let page = file.page("").await;
    assert_eq!(page.status(), 200);
    assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&page, "cache-control"), "no-store");
    assert_eq!(header(&page, "referrer-policy"), "no-referrer");
    assert_eq!(header(&page, "x-robots-tag"), "noindex");
    let policy = header(&page, "content-security-policy");
    assert!(
        policy.contains("default-src 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let text = page.text().await.unwrap();
    for part in [
        "plan.txt",
        "27 bytes",
        "Downloads left</dt><dd>9",
        "4 May 2099, 03:02 UTC",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(text.contains(&format!("href=\"{}/content\"", file.home)));
    assert!(!text.contains("<script"));
    let link = house.share_of(&folder, json!({})).await;
    let text = link.page("").await.text().await.unwrap();
    assert!(
        text.contains(&format!("href=\"{}/folders/Day%202\"", link.home)),
        "{text}"
    );
    let text = link.page("/folders/Day%202").await.text().await.unwrap();
    assert!(
        text.contains(&format!("href=\"{}/content/Day%202/a.jpg\"", link.home)),
        "{text}"
    );
    assert!(
        text.contains("2.5 MB") && text.contains(&format!("href=\"{}\"", link.home)),
        "{text}"
    );
    let head = link.ask(Method::HEAD, "", &[("accept", "text/html")]).await;
    assert_eq!(head.status(), 200);
    assert!(head.bytes().await.unwrap().is_empty());
}

#[actix_web::test]
async fn hostile_names_and_types_stay_what_they_are() {
    let house = House::open().await;
    let folder = house
        .app
        .put_folder(&house.ann, &house.ann.id, HOSTILE)
        .await;
    for (name, content_type) in [(HOSTILE, "text/html"), ("a.svg", "image/svg+xml")] {
        let file = NewFile {
            name,
            content_type,
            bytes: b"<svg onload=alert(1)>",
        };
        house.app.put_typed(&house.ann, &folder, file).await;
    }
    let link = house.share_of(&folder, json!({})).await;
    let seen = link.json("").await;
    for item in seen["items"].as_array().unwrap() {
        let address = item["content_url"].as_str().unwrap();
        let tail = address.strip_prefix(&link.home).unwrap();
        for query in ["", "?inline=1"] {
            let answer = link.get(&format!("{tail}{query}")).await;
            assert_eq!(answer.status(), 200);
            assert_eq!(header(&answer, "content-type"), "application/octet-stream");
            assert!(header(&answer, "content-disposition").starts_with("attachment;"));
            assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
            let (_, line) = crate::cookie(&answer);
            assert!(line.contains("; HttpOnly"), "{line}");
            assert!(line.contains(&format!("Path={address}")), "{line}");
        }
    }
    for tail in ["", "/folders/"] {
        let text = link.page(tail).await.text().await.unwrap();
        assert!(
            !text.contains("<img src=x") && !text.contains("{{"),
            "{text}"
        );
        assert!(
            text.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"),
            "{text}"
        );
    }
}

#[actix_web::test]
async fn refusals_are_pages_for_people() {
    let house = House::open().await;
    let closed = house.share(json!({"password": "sesame"})).await;
    let page = closed.page("/content").await;
    assert_eq!(page.status(), 401);
    assert_eq!(
        header(&page, "www-authenticate"),
        "",
        "no browser asks by itself"
    );
    let text = page.text().await.unwrap();
    assert!(
        text.contains(&format!("action=\"{}/password\"", closed.home)),
        "{text}"
    );
    let spent = house.share(json!({"max_uses": 1})).await;
    assert_eq!(spent.get("/content").await.status(), 200);
    for (link, tail, status, words) in [
        (&spent, "", 410, "This share is over"),
        (&spent, "/content", 410, "This share is over"),
        (
            &house.share(json!({})).await,
            "/content/none",
            404,
            "Nothing is shared here",
        ),
    ] {
        let page = link.page(tail).await;
        assert_eq!(page.status(), status);
        assert_eq!(header(&page, "cache-control"), "no-store");
        let text = page.text().await.unwrap();
        assert!(text.contains(words), "{text}");
    }
}
