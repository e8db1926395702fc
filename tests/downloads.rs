//! Downloads and playback over HTTP: tickets, their wait, who may, what is recorded.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::time::Duration;

use chrono::TimeDelta;
use diesel::prelude::*;
use playhouse::db::schema::{blobs, entitlements, movies, orders};
use playhouse::db::{Conn, Error as DbError};
use playhouse::events::Audience;
use playhouse::ids::{AccountId, BlobId, MovieId, OrderId};
use playhouse_api::events::{Event, TransferState};
use playhouse_test_support::{Person, TestApp, problem, text, wrong_fields};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

const SIZE: usize = 2_500_000;
const NAME: &str = "../a\r\n\u{202e}影.mp4";

struct Film {
    id: String,
    content: Vec<u8>,
}

/// Puts a film into the house without the work of publishing: its rows, then its bytes.
async fn publish(app: &TestApp, price: i64) -> Film {
    publish_bytes(app, price, SIZE).await
}

async fn publish_bytes(app: &TestApp, price: i64, size: usize) -> Film {
    let id = MovieId::generate();
    let mut content: Vec<u8> = (0..size as u64)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    content[..36].copy_from_slice(id.as_str().as_bytes());
    let hash = blake3::hash(&content);
    let (movie, now, length) = (id.clone(), app.clock.now(), i64::try_from(size).unwrap());
    let place = now.and_utc().timestamp_micros();
    app.app()
        .db
        .write::<_, DbError, _>(move |conn| {
            let blob = BlobId::generate();
            diesel::insert_into(blobs::table)
                .values((
                    blobs::id.eq(&blob),
                    blobs::blake3.eq(hash.to_hex().as_str()),
                    blobs::size.eq(length),
                    blobs::sha256.eq("07".repeat(32)),
                    blobs::created_at.eq(now),
                ))
                .execute(conn)?;
            diesel::insert_into(movies::table)
                .values((
                    (
                        movies::id.eq(&movie),
                        movies::title.eq("A film"),
                        movies::sort_title.eq("a film"),
                        movies::description.eq(""),
                        movies::category.eq(""),
                        movies::tags.eq("[]"),
                        movies::price.eq(price),
                        movies::state.eq("published"),
                        movies::listed_at.eq(now),
                        movies::place.eq(place),
                        movies::duration_ms.eq(60_000_i64),
                        movies::width.eq(640),
                        movies::height.eq(360),
                    ),
                    (
                        movies::video_codec.eq("h264"),
                        movies::content_type.eq("video/mp4"),
                        movies::file_name.eq(NAME),
                        movies::blob_id.eq(&blob),
                        movies::fingerprint.eq(""),
                        movies::popularity.eq(0_i64),
                        movies::created_by.eq("admin"),
                        movies::created_at.eq(now),
                        movies::updated_at.eq(now),
                    ),
                ))
                .execute(conn)?;
            Ok(())
        })
        .await
        .unwrap();
    // After the rows: bytes that no row knows are cleared away when a house opens.
    let path = app.app().blobs.path(hash.to_hex().as_str()).unwrap();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, &content).unwrap();
    Film {
        id: id.to_string(),
        content,
    }
}

async fn change(app: &TestApp, work: impl Fn(&mut Conn) -> QueryResult<usize> + Send + 'static) {
    let done = app
        .app()
        .db
        .write::<_, DbError, _>(move |conn| Ok(work(conn)?));
    assert_eq!(done.await.unwrap(), 1);
}

fn movie_id(film: &Film) -> MovieId {
    Uuid::parse_str(&film.id).unwrap().into()
}

fn account_id(who: &Person) -> AccountId {
    Uuid::parse_str(&who.id).unwrap().into()
}

/// Makes the film the account's own, for this price.
async fn sell(app: &TestApp, film: &Film, who: &Person, price: i64) {
    let (movie, account, now) = (movie_id(film), account_id(who), app.clock.now());
    change(app, move |conn| {
        let order = OrderId::generate();
        diesel::insert_into(orders::table)
            .values((
                orders::id.eq(&order),
                orders::account_id.eq(&account),
                orders::movie_id.eq(&movie),
                orders::movie_title.eq("A film"),
                orders::regular_price.eq(price),
                orders::price.eq(price),
                orders::as_vip.eq(false),
                orders::created_at.eq(now),
            ))
            .execute(conn)?;
        diesel::insert_into(entitlements::table)
            .values((
                entitlements::account_id.eq(&account),
                entitlements::movie_id.eq(&movie),
                entitlements::order_id.eq(&order),
                entitlements::created_at.eq(now),
            ))
            .execute(conn)
    })
    .await;
}

async fn ticket(who: &Person, film: &Film) -> Value {
    let path = format!("/movies/{}/downloads", film.id);
    let answer = who.post(&path, json!({})).await;
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}

/// The path of an address in an answer, as [`Person::request`] takes it.
fn address(answer: &Value) -> String {
    format!("/{}", text(&answer["url"]))
}

async fn range(who: &Person, path: &str, range: &str) -> Response {
    let request = who.request(Method::GET, path).header("range", range);
    request.send().await.unwrap()
}

async fn record(who: &Person) -> Value {
    who.get_json("/downloads").await["items"][0].clone()
}

async fn record_in_state(who: &Person, state: &str) -> Value {
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

#[actix_web::test]
async fn a_free_film_waits_and_then_comes_whole() {
    let app = TestApp::start().await;
    let film = publish(&app, 0).await;
    let ann = app.member("ann").await;
    let ticket = ticket(&ann, &film).await;
    assert_eq!(ticket["wait_seconds"], 30);
    assert_eq!(ticket["size"], SIZE);
    assert_eq!(ticket["file_name"], "a影.mp4");
    assert_eq!(record(&ann).await["state"], "waiting");
    let early = ann.get(&address(&ticket)).await;
    assert_eq!(early.headers()["retry-after"], "30");
    problem(early, 425, "too_early").await;
    app.advance(TimeDelta::seconds(29));
    let early = ann.get(&address(&ticket)).await;
    assert_eq!(early.headers()["retry-after"], "1");
    app.advance(TimeDelta::seconds(1));
    assert_eq!(record(&ann).await["state"], "ready");
    let answer = ann.get(&address(&ticket)).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("etag"));
    assert_eq!(answer.headers()["cache-control"], "private, no-transform");
    assert!(!answer.headers().contains_key("content-encoding"));
    assert!(text_of(&answer, "content-disposition").starts_with("attachment; filename=\"a_.mp4\""));
    assert!(text_of(&answer, "repr-digest").starts_with("sha-256=:Bwc"));
    assert!(answer.bytes().await.unwrap() == film.content);
    let record = record_in_state(&ann, "completed").await;
    assert_eq!(record["bytes_sent"], SIZE);
    assert_eq!(record["title"], "A film");
    assert_eq!(record["price_paid"], 0);
    // The actor leaves just after its last word is written.
    for _ in 0..100 {
        if app.app().transfers.count() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the actor has not left");
}

fn text_of(answer: &Response, name: &str) -> String {
    answer.headers()[name].to_str().unwrap().to_owned()
}

#[actix_web::test]
async fn vips_and_admins_do_not_wait() {
    let app = TestApp::start().await;
    let film = publish(&app, 0).await;
    let (admin, vip) = (app.admin().await, app.member("vip").await);
    let until = app.clock.now() + TimeDelta::days(1);
    let change = json!({"vip_until": until.and_utc()});
    let path = format!("/admin/accounts/{}", vip.id);
    assert_eq!(admin.patch(&path, change).await.status(), 200);
    for who in [&admin, &vip] {
        let ticket = ticket(who, &film).await;
        assert_eq!(ticket["wait_seconds"], 0);
        assert_eq!(who.get(&address(&ticket)).await.status(), 200);
    }
}

#[actix_web::test]
async fn a_paid_film_must_be_bought_and_is_then_ones_own() {
    let app = TestApp::start().await;
    let film = publish(&app, 500).await;
    let ann = app.member("ann").await;
    let path = format!("/movies/{}/downloads", film.id);
    problem(ann.post(&path, json!({})).await, 403, "not_owned").await;
    let playback = format!("/movies/{}/playback", film.id);
    problem(ann.get(&playback).await, 403, "not_owned").await;
    problem(
        app.nobody().post(&path, json!({})).await,
        401,
        "not_signed_in",
    )
    .await;
    sell(&app, &film, &ann, 250).await;
    let ticket = ticket(&ann, &film).await;
    assert_eq!(ticket["wait_seconds"], 0);
    assert_eq!(record(&ann).await["price_paid"], 250);
    assert_eq!(ann.get(&address(&ticket)).await.status(), 200);
    let bob = app.member("bob").await;
    problem(bob.post(&path, json!({})).await, 403, "not_owned").await;
}

#[actix_web::test]
async fn films_outside_the_catalogue_do_not_exist() {
    let app = TestApp::start().await;
    let (hidden, later) = (publish(&app, 0).await, publish(&app, 0).await);
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let (movie, at) = (movie_id(&later), app.clock.now() + TimeDelta::hours(1));
    change(&app, move |conn| {
        diesel::update(movies::table.find(&movie))
            .set(movies::listed_at.eq(at))
            .execute(conn)
    })
    .await;
    let movie = movie_id(&hidden);
    change(&app, move |conn| {
        diesel::update(movies::table.find(&movie))
            .set(movies::state.eq("processing"))
            .execute(conn)
    })
    .await;
    for film in [&hidden, &later] {
        let path = format!("/movies/{}/downloads", film.id);
        problem(ann.post(&path, json!({})).await, 404, "not_found").await;
        assert_eq!(admin.post(&path, json!({})).await.status(), 201);
    }
    app.advance(TimeDelta::hours(1));
    ticket(&ann, &later).await;
    for id in ["nonsense", &Uuid::now_v7().to_string()] {
        let path = format!("/movies/{id}/downloads");
        problem(ann.post(&path, json!({})).await, 404, "not_found").await;
    }
}

#[actix_web::test]
async fn ranges_add_up_to_a_whole_film_over_days() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish(&app, 0).await;
    let ann = app.member("ann").await;
    let ticket = ticket(&ann, &film).await;
    let path = address(&ticket);
    let first = range(&ann, &path, "bytes=0-999999").await;
    assert_eq!(first.status(), 206);
    let tag = text_of(&first, "etag");
    assert!(first.bytes().await.unwrap() == film.content[..1_000_000]);
    let paused = record_in_state(&ann, "paused").await;
    assert_eq!(paused["bytes_sent"], 1_000_000);
    // The same bytes again are not progress.
    range(&ann, &path, "bytes=0-99")
        .await
        .bytes()
        .await
        .unwrap();
    app.advance(TimeDelta::hours(23));
    let rest = ann
        .request(Method::GET, &path)
        .header("range", "bytes=1000000-")
        .header("if-range", tag);
    let rest = rest.send().await.unwrap();
    assert_eq!(rest.status(), 206);
    assert!(rest.bytes().await.unwrap() == film.content[1_000_000..]);
    assert_eq!(record_in_state(&ann, "completed").await["bytes_sent"], SIZE);
    app.advance(TimeDelta::hours(1));
    problem(ann.get(&path).await, 410, "expired").await;
    assert_eq!(record(&ann).await["state"], "completed");
}

#[actix_web::test]
async fn conditional_and_wrong_requests_of_a_ticket() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish(&app, 0).await;
    let ann = app.member("ann").await;
    let path = address(&ticket(&ann, &film).await);
    let outside = range(&ann, &path, "bytes=9999999-").await;
    assert_eq!(outside.status(), 416);
    assert_eq!(
        text_of(&outside, "content-range"),
        format!("bytes */{SIZE}")
    );
    problem(outside, 416, "range_not_satisfiable").await;
    let with = |name: &'static str, value: &str| {
        ann.request(Method::GET, &path).header(name, value).send()
    };
    let other = with("if-match", "\"other\"").await.unwrap();
    problem(other, 412, "precondition_failed").await;
    let tag = format!("\"{}\"", blake3::hash(&film.content).to_hex());
    assert_eq!(with("if-none-match", &tag).await.unwrap().status(), 304);
    let head = ann.request(Method::HEAD, &path).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), text_of(&head, "content-length")),
        (200, SIZE.to_string())
    );
    let posted = ann.post(&path, json!({})).await;
    assert_eq!(text_of(&posted, "allow"), "GET, HEAD");
    problem(posted, 405, "method_not_allowed").await;
    let altered = path.replacen("tickets/", "tickets/A", 1);
    problem(ann.get(&altered).await, 404, "not_found").await;
    let several = range(&ann, &path, "bytes=0-1,10-11").await;
    assert!(text_of(&several, "content-type").starts_with("multipart/byteranges"));
}

#[actix_web::test]
async fn an_address_works_without_sign_in_but_not_for_another_account() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish(&app, 0).await;
    let (ann, bob, admin) = (
        app.member("ann").await,
        app.member("bob").await,
        app.admin().await,
    );
    let path = address(&ticket(&ann, &film).await);
    let playback = ann.get_json(&format!("/movies/{}/playback", film.id)).await;
    let watch = address(&playback["sources"][0]);
    for path in [&path, &watch] {
        for stranger in [&bob, &admin] {
            problem(stranger.get(path).await, 403, "forbidden").await;
        }
        assert_eq!(app.nobody().get(path).await.status(), 200);
        // The same when the transfer is under way already.
        problem(bob.get(path).await, 403, "forbidden").await;
        let wrong = app.with_token("wrong").get(path).await;
        problem(wrong, 401, "not_signed_in").await;
    }
}

#[actix_web::test]
async fn records_are_paged_and_seen_by_their_owner_and_admins() {
    let app = TestApp::start().await;
    let film = publish(&app, 0).await;
    let (ann, bob, admin) = (
        app.member("ann").await,
        app.member("bob").await,
        app.admin().await,
    );
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(text(&ticket(&ann, &film).await["id"]));
    }
    made.reverse();
    let mut seen = Vec::new();
    let mut path = "/downloads?limit=2".to_owned();
    loop {
        let page = ann.get_json(&path).await;
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| text(&it["id"])),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/downloads?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, made);
    let of_ann = format!("/downloads?account={}", ann.id);
    assert_eq!(
        admin.get_json(&of_ann).await["items"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    assert_eq!(
        ann.get_json(&of_ann).await["items"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    problem(bob.get(&of_ann).await, 403, "forbidden").await;
    assert_eq!(bob.get_json("/downloads").await["items"], json!([]));
    problem(bob.get("/downloads?account=x").await, 422, "invalid").await;
    problem(bob.get("/downloads?limit=201").await, 422, "invalid").await;
}

/// A client that asks for everything and reads only a little.
async fn slow_client(app: &TestApp, path: &str) -> tokio::net::TcpStream {
    let host = app.url.strip_prefix("http://").unwrap();
    let mut client = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", &path[1..]);
    client.write_all(request.as_bytes()).await.unwrap();
    client.read_exact(&mut [0; 1000]).await.unwrap();
    client
}

#[actix_web::test]
async fn locking_an_account_stops_its_downloads_at_once() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish_bytes(&app, 0, 64 << 20).await;
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let path = address(&ticket(&ann, &film).await);
    let playback = ann.get_json(&format!("/movies/{}/playback", film.id)).await;
    let watch = address(&playback["sources"][0]);
    let mut pushes = app.app().events.subscribe();
    let mut clients = [
        slow_client(&app, &path).await,
        slow_client(&app, &watch).await,
    ];
    let lock = |locked: bool| {
        let path = format!("/admin/accounts/{}", ann.id);
        let (admin, body) = (admin.clone(), json!({"is_locked": locked}));
        async move { assert_eq!(admin.patch(&path, body).await.status(), 200) }
    };
    lock(true).await;
    for client in &mut clients {
        let mut rest = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(5), client.read_to_end(&mut rest));
        // An end or a reset; what matters is that it ends, and early.
        let _ = end.await.expect("the connection is cut");
        assert!(rest.len() < 64 << 20);
    }
    for path in [&path, &watch] {
        problem(app.nobody().get(path).await, 403, "account_locked").await;
    }
    let of_ann = format!("/downloads?account={}", ann.id);
    for attempt in 0.. {
        let page = admin.get_json(&of_ann).await;
        if page["items"][0]["state"] == "aborted" {
            break;
        }
        assert!(attempt < 50, "{page}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    loop {
        let push = pushes.recv().await.unwrap();
        let Event::Transfer(event) = &*push.event else {
            continue;
        };
        assert_eq!(push.to, Audience::Account(account_id(&ann)));
        if event.state == TransferState::Aborted {
            break;
        }
        assert_eq!(event.state, TransferState::Running);
    }
    lock(false).await;
    assert_eq!(range(&app.nobody(), &path, "bytes=0-9").await.status(), 206);
}

#[actix_web::test]
async fn a_film_in_the_trash_is_served_to_those_who_bought_it_alone() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish(&app, 0).await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    sell(&app, &film, &bob, 100).await;
    let playback = format!("/movies/{}/playback", film.id);
    let mut addresses = Vec::new();
    for who in [&ann, &bob] {
        let watch = who.get_json(&playback).await;
        let path = address(&ticket(who, &film).await);
        addresses.push((path, address(&watch["sources"][0])));
    }
    let (movie, now) = (movie_id(&film), app.clock.now());
    change(&app, move |conn| {
        diesel::update(movies::table.find(&movie))
            .set(movies::deleted_at.eq(now))
            .execute(conn)
    })
    .await;
    let (of_ann, of_bob) = (&addresses[0], &addresses[1]);
    problem(ann.get(&of_ann.0).await, 410, "expired").await;
    problem(ann.get(&of_ann.1).await, 404, "not_found").await;
    let tickets = format!("/movies/{}/downloads", film.id);
    problem(ann.post(&tickets, json!({})).await, 404, "not_found").await;
    assert_eq!(bob.get(&of_bob.0).await.status(), 200);
    assert_eq!(bob.get(&of_bob.1).await.status(), 200);
    assert_eq!(bob.post(&tickets, json!({})).await.status(), 201);
}

#[actix_web::test]
async fn purging_a_film_stops_its_downloads_at_once() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish_bytes(&app, 0, 64 << 20).await;
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let path = address(&ticket(&ann, &film).await);
    let mut client = slow_client(&app, &path).await;
    let movie = format!("/movies/{}", film.id);
    assert_eq!(admin.delete(&movie).await.status(), 204);
    let purged = admin.post(&format!("{movie}/purge"), json!({})).await;
    assert_eq!(purged.status(), 204);
    let mut rest = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(5), client.read_to_end(&mut rest));
    // An end or a reset; what matters is that it ends, and early.
    let _ = end.await.expect("the connection is cut");
    assert!(rest.len() < 64 << 20);
    problem(ann.get(&path).await, 410, "expired").await;
}

#[actix_web::test]
async fn playback_serves_ranges_until_its_address_expires() {
    let app = TestApp::start().await;
    let film = publish(&app, 0).await;
    let ann = app.member("ann").await;
    let playback = ann.get_json(&format!("/movies/{}/playback", film.id)).await;
    let source = &playback["sources"][0];
    assert_eq!(source["type"], "video/mp4");
    assert_eq!(
        (&source["width"], &source["height"]),
        (&json!(640), &json!(360))
    );
    assert_eq!(playback["position"], 0.0);
    let path = address(source);
    let nobody = app.nobody();
    let part = range(&nobody, &path, "bytes=-5").await;
    assert_eq!(part.status(), 206);
    assert_eq!(text_of(&part, "content-type"), "video/mp4");
    assert!(text_of(&part, "content-disposition").starts_with("inline"));
    assert_eq!(part.bytes().await.unwrap(), film.content[SIZE - 5..]);
    for wrong in [
        path.replace("original", "other"),
        path.replace(&film.id, &Uuid::now_v7().to_string()),
        path.replacen("/media/", "/media/A", 1),
        format!("{path}/x"),
    ] {
        problem(nobody.get(&wrong).await, 404, "not_found").await;
    }
    app.advance(TimeDelta::minutes(241));
    problem(nobody.get(&path).await, 410, "expired").await;
    assert_eq!(
        ann.get_json("/downloads").await["items"],
        json!([]),
        "watching has no record"
    );
}

#[actix_web::test]
async fn a_film_says_what_it_is_to_the_one_who_asks() {
    let app = TestApp::start().await;
    let film = publish(&app, 500).await;
    let (ann, bob, admin) = (
        app.member("ann").await,
        app.member("bob").await,
        app.admin().await,
    );
    let path = format!("/movies/{}", film.id);
    let seen = ann.get_json(&path).await;
    assert_eq!(
        (&seen["title"], &seen["price"]),
        (&json!("A film"), &json!(500))
    );
    assert_eq!(
        (&seen["your_price"], &seen["owned"]),
        (&json!(500), &json!(false))
    );
    let original = json!({"name": "original", "width": 640, "height": 360, "size": SIZE});
    assert_eq!(seen["renditions"], json!([original]));
    sell(&app, &film, &bob, 250).await;
    let position = format!("{path}/position");
    assert_eq!(
        bob.put(&position, json!({"seconds": 7.5})).await.status(),
        204
    );
    let until = (app.clock.now() + TimeDelta::days(1)).and_utc();
    let vip = format!("/admin/accounts/{}", bob.id);
    assert_eq!(
        admin
            .patch(&vip, json!({"vip_until": until}))
            .await
            .status(),
        200
    );
    let seen = bob.get_json(&path).await;
    assert_eq!(
        (&seen["your_price"], &seen["owned"]),
        (&json!(250), &json!(true))
    );
    assert_eq!(seen["position"], 7.5);
    problem(app.nobody().get(&path).await, 401, "not_signed_in").await;
    let nowhere = format!("/movies/{}", Uuid::now_v7());
    problem(ann.get(&nowhere).await, 404, "not_found").await;
    let (movie, now) = (movie_id(&film), app.clock.now());
    change(&app, move |conn| {
        diesel::update(movies::table.find(&movie))
            .set(movies::deleted_at.eq(now))
            .execute(conn)
    })
    .await;
    problem(ann.get(&path).await, 404, "not_found").await;
    assert_eq!(bob.get(&path).await.status(), 200);
    assert_eq!(admin.get(&path).await.status(), 200);
}

#[actix_web::test]
async fn positions_are_kept_and_checked() {
    let app = TestApp::start().await;
    let (film, paid) = (publish(&app, 0).await, publish(&app, 5).await);
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let path = format!("/movies/{}/position", film.id);
    let playback = format!("/movies/{}/playback", film.id);
    for seconds in [1.0_f64, 12.345, 0.0, 61.0] {
        assert_eq!(
            ann.put(&path, json!({"seconds": seconds})).await.status(),
            204
        );
        let kept = ann.get_json(&playback).await["position"].as_f64().unwrap();
        assert!((kept - seconds.min(60.0)).abs() < 1e-9, "{kept}");
    }
    assert_eq!(bob.get_json(&playback).await["position"], 0.0);
    for wrong in [
        json!({"seconds": -1}),
        json!({"seconds": 1e300}),
        json!({"seconds": 66}),
    ] {
        let refused = problem(ann.put(&path, wrong).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), ["seconds"]);
    }
    problem(
        ann.put(&path, json!({"seconds": "1"})).await,
        422,
        "invalid",
    )
    .await;
    let paid = format!("/movies/{}/position", paid.id);
    problem(
        ann.put(&paid, json!({"seconds": 1})).await,
        403,
        "not_owned",
    )
    .await;
}

#[actix_web::test]
async fn a_stopping_server_pauses_what_is_under_way() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish_bytes(&app, 0, 64 << 20).await;
    let ann = app.member("ann").await;
    let path = address(&ticket(&ann, &film).await);
    let client = slow_client(&app, &path).await;
    let (db, account) = (app.app().db.clone(), account_id(&ann));
    let running = app.app().clone();
    // What `Running::stop` does when the doors are closed.
    running.transfers.close().await;
    let states: Vec<(String, i64)> = db
        .read::<_, DbError, _>(move |conn| {
            use playhouse::db::schema::download_tickets as t;
            let own = t::table.filter(t::account_id.eq(&account));
            Ok(own.select((t::state, t::bytes_sent)).load(conn)?)
        })
        .await
        .unwrap();
    assert_eq!(states.len(), 1);
    assert_eq!(states[0].0, "paused");
    assert!(states[0].1 < 64 << 20);
    drop(client);
}

#[actix_web::test]
async fn many_requests_share_one_transfer() {
    let app = TestApp::start_with(|config| {
        config.downloads.wait_seconds = 0;
        config.server.workers = 2;
    })
    .await;
    let film = publish(&app, 0).await;
    let ann = app.member("ann").await;
    let path = address(&ticket(&ann, &film).await);
    let step = 100_000;
    let parts = (0..SIZE).step_by(step).map(|start| {
        let (ann, path, end) = (ann.clone(), path.clone(), (start + step).min(SIZE));
        async move {
            let part = range(&ann, &path, &format!("bytes={start}-{}", end - 1)).await;
            (start, end, part.bytes().await.unwrap())
        }
    });
    for (start, end, part) in futures_util::future::join_all(parts).await {
        assert!(part == film.content[start..end]);
    }
    assert_eq!(app.app().transfers.count(), 1);
    assert_eq!(record_in_state(&ann, "completed").await["bytes_sent"], SIZE);
}

#[actix_web::test]
async fn damaged_storage_is_an_opaque_fault() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish(&app, 0).await;
    let ann = app.member("ann").await;
    let path = address(&ticket(&ann, &film).await);
    let blob = app
        .app()
        .blobs
        .path(blake3::hash(&film.content).to_hex().as_str())
        .unwrap();
    std::fs::write(&blob, b"short").unwrap();
    problem(ann.get(&path).await, 500, "internal").await;
    std::fs::remove_file(&blob).unwrap();
    let fault = problem(ann.get(&path).await, 500, "internal").await;
    assert!(!text(&fault["detail"]).contains("blobs"), "{fault}");
}
