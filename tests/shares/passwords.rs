//! Passwords of shares: said once, carried for an hour, throttled when guessed.

use chrono::TimeDelta;
use playhouse_test_support::problem;
use reqwest::Method;
use serde_json::json;

use crate::{CONTENT, House, cookie, header};

#[actix_web::test]
async fn nothing_is_told_before_the_password() {
    let house = House::open().await;
    let folder = house
        .app
        .put_folder(&house.ann, &house.ann.id, "open")
        .await;
    let link = house.share_of(&folder, json!({"password": "sesame"})).await;
    for tail in ["", "/content", "/content/none", "/folders/none"] {
        problem(link.get(tail).await, 401, "password_required").await;
        let head = link.ask(Method::HEAD, tail, &[]).await;
        assert_eq!(head.status(), 401);
    }
    let page = link.page("").await;
    assert_eq!(page.status(), 401);
    assert!(
        !page.text().await.unwrap().contains("open"),
        "not even the name"
    );
    problem(link.say("wrong").await, 401, "wrong_credentials").await;
    let said = link.say("sesame").await;
    assert_eq!(said.status(), 204);
    let (pass, line) = cookie(&said);
    assert!(line.contains(&format!("Path={}", link.home)), "{line}");
    assert!(
        line.contains("HttpOnly") && line.contains("SameSite=Lax"),
        "{line}"
    );
    let carried = [("cookie", pass.as_str())];
    for tail in ["", "/content"] {
        assert_eq!(link.ask(Method::GET, tail, &carried).await.status(), 200);
    }
    let none = link.ask(Method::GET, "/content/none", &carried).await;
    problem(none, 404, "not_found").await;
    // For an hour.
    house.app.advance(TimeDelta::minutes(59));
    assert_eq!(link.ask(Method::GET, "", &carried).await.status(), 200);
    house.app.advance(TimeDelta::minutes(2));
    problem(
        link.ask(Method::GET, "", &carried).await,
        401,
        "password_required",
    )
    .await;
}

#[actix_web::test]
async fn a_pass_is_for_one_share_and_cannot_be_made_up() {
    let house = House::open().await;
    let (one, other) = (
        house.share(json!({"password": "sesame"})).await,
        house.share(json!({"password": "sesame"})).await,
    );
    let (pass, _) = cookie(&one.say("sesame").await);
    assert_eq!(
        one.ask(Method::GET, "", &[("cookie", &pass)])
            .await
            .status(),
        200
    );
    let link = one.home.strip_prefix("/s/").unwrap();
    let mut altered = pass.clone().into_bytes();
    let last = altered.len() - 9;
    altered[last] = if altered[last] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).unwrap();
    let link_as_pass = format!("playhouse_share_pass={link}");
    for (share, pass) in [(&other, &pass), (&one, &altered), (&one, &link_as_pass)] {
        let answer = share
            .ask(Method::GET, "/content", &[("cookie", pass)])
            .await;
        problem(answer, 401, "password_required").await;
    }
    // A slip of a download is no pass either.
    let open = house.share(json!({})).await;
    let (slip, _) = cookie(&open.get("/content").await);
    let value = slip.split_once('=').unwrap().1;
    let slip_as_pass = format!("playhouse_share_pass={value}");
    let carried = [("cookie", slip_as_pass.as_str())];
    let answer = one.ask(Method::GET, "", &carried).await;
    problem(answer, 401, "password_required").await;
}

#[actix_web::test]
async fn guessing_is_slowed_for_that_share() {
    let house = House::open().await;
    let (link, other) = (
        house.share(json!({"password": "sesame"})).await,
        house.share(json!({"password": "sesame"})).await,
    );
    for guess in 0..5 {
        problem(
            link.say(&format!("guess {guess}")).await,
            401,
            "wrong_credentials",
        )
        .await;
    }
    let slowed = link.say("sesame").await;
    assert!(header(&slowed, "retry-after").parse::<u64>().unwrap() >= 1);
    problem(slowed, 429, "too_many_requests").await;
    let page = link
        .visitor
        .request(Method::POST, &format!("/{}/password", link.home));
    let page = page
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded");
    let page = page.body("password=sesame");
    let page = page.send().await.unwrap();
    assert_eq!(page.status(), 429);
    assert!(!header(&page, "retry-after").is_empty());
    assert_eq!(
        other.say("sesame").await.status(),
        204,
        "another share is not slowed"
    );
    house.app.advance(TimeDelta::seconds(2));
    assert_eq!(link.say("sesame").await.status(), 204);
    for guess in 0..3 {
        problem(
            link.say(&format!("guess {guess}")).await,
            401,
            "wrong_credentials",
        )
        .await;
    }
}

#[actix_web::test]
async fn a_browser_says_it_by_a_form() {
    let house = House::open().await;
    let link = house.share(json!({"password": "a + b&c%"})).await;
    let form = |password: &'static str| {
        let address = format!("/{}/password", link.home);
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        client
            .build()
            .unwrap()
            .post(format!("{}{}", house.app.url, &address[1..]))
            .header("accept", "text/html")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("password={password}"))
            .send()
    };
    let wrong = form("a+b").await.unwrap();
    assert_eq!(wrong.status(), 401);
    assert!(
        wrong
            .text()
            .await
            .unwrap()
            .contains("That is not the password.")
    );
    let right = form("a+%2B+b%26c%25").await.unwrap();
    assert_eq!(right.status(), 303);
    assert_eq!(header(&right, "location"), link.home);
    let (pass, _) = cookie(&right);
    let answer = link
        .ask(Method::GET, "/content", &[("cookie", &pass)])
        .await;
    assert_eq!(answer.bytes().await.unwrap(), CONTENT);
}

#[actix_web::test]
async fn bodies_that_are_no_password() {
    let house = House::open().await;
    let link = house.share(json!({"password": "sesame"})).await;
    let send = |kind: &'static str, body: String| {
        let request = link
            .visitor
            .request(Method::POST, &format!("/{}/password", link.home));
        request.header("content-type", kind).body(body).send()
    };
    let json = "application/json";
    problem(send(json, "{".into()).await.unwrap(), 422, "invalid").await;
    problem(send(json, "{}".into()).await.unwrap(), 422, "invalid").await;
    problem(send(json, "[".repeat(2000)).await.unwrap(), 422, "invalid").await;
    problem(
        send(json, "x".repeat(3000)).await.unwrap(),
        413,
        "payload_too_large",
    )
    .await;
    let form = "application/x-www-form-urlencoded";
    problem(send(form, "word=x".into()).await.unwrap(), 422, "invalid").await;
    problem(
        send("text/plain", "sesame".into()).await.unwrap(),
        415,
        "unsupported_media_type",
    )
    .await;
    let nul = send(json, "{\"password\":\"sesame\\u0000\"}".into())
        .await
        .unwrap();
    problem(nul, 401, "wrong_credentials").await;
    let long = format!("{{\"password\":\"{}\"}}", "x".repeat(1000));
    problem(send(json, long).await.unwrap(), 401, "wrong_credentials").await;
    // A share without a password needs none, and takes any.
    let open = house.share(json!({})).await;
    assert_eq!(open.say("anything").await.status(), 204);
}
