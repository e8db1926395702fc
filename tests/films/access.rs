//! Who may have which byte of a film, over every kind of address.

use chrono::TimeDelta;
use playhouse::accounts::Role;
use playhouse_test_support::{Person, TestApp, problem, text};
use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{Stream, begin, fetch_text, finished, house, house_with, mp4, path_of};

/// Every kind of address below a token.
const FILES: [&str; 9] = [
    "master.m3u8",
    "240p/index.m3u8",
    "audio/index.m3u8",
    "240p/media.mp4",
    "audio/media.mp4",
    "sprites.vtt",
    "sprites-0.jpg",
    "subs/en.vtt",
    "original",
];

/// A house with a film for 500 that has everything there is, and a preview of three seconds.
async fn stage(app: &TestApp) -> (Person, Value) {
    let admin = app.admin().await;
    let said = json!({"price": 500, "preview_seconds": 3});
    let film = begin(&admin, "paid.mp4", &mp4("14", "426x240").await, said).await;
    finished(app, &admin).await;
    let track = "1\n00:00:01,000 --> 00:00:02,000\nHello\n";
    let put = admin.request(Method::PUT, &format!("{}/subtitles/en", path_of(&film)));
    assert_eq!(put.body(track).send().await.unwrap().status(), 200);
    (admin, film)
}

async fn buy(admin: &Person, who: &Person, film: &Value) {
    let key =
        |request: reqwest::RequestBuilder, key: String| request.header("Idempotency-Key", key);
    let credit = admin
        .request(Method::POST, &format!("/admin/accounts/{}/credit", who.id))
        .json(&json!({"amount": 1000, "note": "Hello"}));
    let credited = key(credit, format!("credit-{}", who.name))
        .send()
        .await
        .unwrap();
    assert_eq!(credited.status(), 201);
    let order = who.request(Method::POST, &format!("{}/orders", path_of(film)));
    let ordered = key(order, format!("order-{}", who.name))
        .send()
        .await
        .unwrap();
    assert_eq!(ordered.status(), 201);
}

/// The beginning of the addresses that somebody is given, with a slash at the end.
async fn base(who: &Person, film: &Value) -> String {
    let playback = format!("{}/playback?preview=true", path_of(film));
    let playback = who.get_json(&playback).await;
    let url = text(&playback["sources"][0]["url"]);
    url.strip_suffix("master.m3u8").unwrap().to_owned()
}

async fn status(who: &Person, address: &str) -> u16 {
    who.get(&format!("/{address}")).await.status().as_u16()
}

async fn statuses(who: &Person, base: &str) -> [u16; 9] {
    let mut all = [0; 9];
    for (status, file) in all.iter_mut().zip(FILES) {
        *status = self::status(who, &format!("{base}{file}")).await;
    }
    all
}

#[actix_web::test]
async fn every_address_asks_who_may() {
    let app = house().await;
    let (admin, film) = stage(&app).await;
    let buyer = app.newcomer(Role::Member).await;
    let member = app.newcomer(Role::Member).await;
    let vip = app.newcomer(Role::Member).await;
    let vip_buyer = app.newcomer(Role::Member).await;
    let until = (app.clock.now() + TimeDelta::days(1)).and_utc();
    let account = |who: &Person| format!("/admin/accounts/{}", who.id);
    for who in [&vip, &vip_buyer] {
        let made_vip = admin
            .patch(&account(who), json!({"vip_until": until}))
            .await;
        assert_eq!(made_vip.status(), 200);
    }
    for who in [&buyer, &vip_buyer] {
        buy(&admin, who, &film).await;
        let own = base(who, &film).await;
        assert_eq!(statuses(who, &own).await, [200; 9]);
    }
    let of_buyer = base(&buyer, &film).await;
    // The owner, with or without a sign-in beside the token; and an admin by an address of their own.
    assert_eq!(statuses(&buyer, &of_buyer).await, [200; 9]);
    assert_eq!(statuses(&app.nobody(), &of_buyer).await, [200; 9]);
    assert_eq!(statuses(&admin, &base(&admin, &film).await).await, [200; 9]);
    // Somebody else who found the address.
    for other in [&member, &vip, &admin] {
        assert_eq!(statuses(other, &of_buyer).await, [403; 9]);
    }
    // Whoever has not bought it gets the beginning alone; being VIP makes it cheaper, not free.
    for other in [&member, &vip] {
        let preview = base(other, &film).await;
        let expected = [200, 200, 200, 200, 200, 404, 404, 404, 404];
        assert_eq!(statuses(other, &preview).await, expected);
    }
    // Another token, another film, another prefix, no token.
    let free = begin(&admin, "free.mp4", &mp4("1", "426x240").await, json!({})).await;
    finished(&app, &admin).await;
    let of_free = base(&buyer, &free).await;
    let (paid_id, free_id) = (text(&film["id"]), text(&free["id"]));
    let altered = of_buyer.replacen("/media/", "/media/A", 1);
    let foreign = of_free.replace(&free_id, &paid_id);
    let nowhere = of_buyer.replace(&paid_id, "x");
    for wrong in [altered, foreign, nowhere, format!("/media/none/{paid_id}/")] {
        assert_eq!(statuses(&app.nobody(), &wrong).await, [404; 9], "{wrong}");
    }
    for wrong in [
        "1080p/index.m3u8",
        "240p/index.m3u8/x",
        "240p/other.mp4",
        "subs/de.vtt",
        "sprites-9.jpg",
        "",
    ] {
        assert_eq!(
            status(&buyer, &format!("{of_buyer}{wrong}")).await,
            404,
            "{wrong}"
        );
    }
    // The poster is in the shop window, for as long as the film is.
    let poster = text(&admin.get_json(&path_of(&film)).await["poster_url"]);
    let nobody = app.nobody();
    let everybody = [&nobody, &member, &vip, &buyer, &admin];
    for who in everybody {
        assert_eq!(status(who, &poster).await, 200);
    }
    let of_member = base(&member, &film).await;
    assert_eq!(admin.delete(&path_of(&film)).await.status(), 204);
    app.advance(TimeDelta::seconds(16));
    for (who, expected) in everybody.into_iter().zip([404, 404, 404, 404, 200]) {
        assert_eq!(status(who, &poster).await, expected);
    }
    // What was bought stays; a preview goes with the film.
    assert_eq!(statuses(&buyer, &of_buyer).await, [200; 9]);
    assert_eq!(statuses(&member, &of_member).await, [404; 9]);
    let restored = admin
        .post(&format!("{}/restore", path_of(&film)), json!({}))
        .await;
    assert_eq!(restored.status(), 200);
    // The playback address itself.
    let playback = format!("{}/playback", path_of(&film));
    problem(app.nobody().get(&playback).await, 401, "not_signed_in").await;
    let locked = admin
        .patch(&account(&buyer), json!({"is_locked": true}))
        .await;
    assert_eq!(locked.status(), 200);
    assert_eq!(statuses(&app.nobody(), &of_buyer).await, [403; 9]);
    // The sign-in of whoever is locked has ended, wherever they bring it.
    assert_eq!(statuses(&buyer, &of_buyer).await, [401; 9]);
    problem(buyer.get(&playback).await, 401, "not_signed_in").await;
    assert_eq!(status(&buyer, &poster).await, 401);
    assert_eq!(status(&app.nobody(), &poster).await, 200);
    app.advance(TimeDelta::minutes(241));
    assert_eq!(statuses(&app.nobody(), &of_buyer).await, [410; 9]);
    app.stop().await;
}

#[actix_web::test]
async fn a_preview_ends_early_and_its_bytes_do_too() {
    let app = house().await;
    let (admin, film) = stage(&app).await;
    let (buyer, member) = (
        app.newcomer(Role::Member).await,
        app.newcomer(Role::Member).await,
    );
    buy(&admin, &buyer, &film).await;
    // Only for whoever says that the beginning will do.
    let playback = format!("{}/playback", path_of(&film));
    for path in [playback.clone(), format!("{playback}?preview=false")] {
        problem(member.get(&path).await, 403, "not_owned").await;
    }
    let playback = format!("{playback}?preview=true");
    assert_eq!(
        buyer.get_json(&playback).await["preview_seconds"],
        Value::Null
    );
    let answer = member.get_json(&playback).await;
    assert_eq!(answer["preview_seconds"], 3);
    assert_eq!(answer["sources"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&answer["subtitles"], &answer["sprites"]),
        (&json!([]), &Value::Null)
    );
    let (whole, part) = (
        Stream::fetch(&buyer, &film).await,
        Stream::fetch(&member, &film).await,
    );
    assert_eq!(whole.names, part.names);
    for name in &whole.names {
        part.decodes(name);
        assert!(
            (3.0..=8.0).contains(&part.duration(name)),
            "{name}: {}",
            part.duration(name)
        );
        assert!((whole.duration(name) - 14.0).abs() < 0.1);
        let bytes =
            |stream: &Stream| std::fs::read(stream.path(&format!("{name}/media.mp4"))).unwrap();
        let (whole, part) = (bytes(&whole), bytes(&part));
        assert!(
            part.len() < whole.len() && whole.starts_with(&part),
            "{name}"
        );
        // No range reaches beyond it.
        let address = format!("/{}{name}/media.mp4", base(&member, &film).await);
        let range = |range: String| {
            member
                .request(Method::GET, &address)
                .header("range", range)
                .send()
        };
        let last = range(format!("bytes={}-", part.len() - 1)).await.unwrap();
        assert_eq!(
            (last.status(), last.bytes().await.unwrap().len()),
            (reqwest::StatusCode::PARTIAL_CONTENT, 1)
        );
        for beyond in [part.len(), whole.len() - 1] {
            let refused = range(format!("bytes={beyond}-{}", whole.len()))
                .await
                .unwrap();
            assert_eq!(refused.status(), 416, "{name} {beyond}");
        }
        let suffix = range("bytes=-1000000000".to_owned()).await.unwrap();
        assert_eq!(suffix.bytes().await.unwrap(), part, "{name}");
    }
    // Without a preview there is nothing at all, also for who has an address already.
    let of_member = base(&member, &film).await;
    let changed = admin
        .patch(&path_of(&film), json!({"preview_seconds": 0}))
        .await;
    assert_eq!(changed.status(), 200);
    problem(member.get(&playback).await, 403, "not_owned").await;
    app.advance(TimeDelta::seconds(20));
    for file in ["master.m3u8", "240p/index.m3u8", "240p/media.mp4"] {
        let refused = member.get(&format!("/{of_member}{file}")).await;
        problem(refused, 403, "not_owned").await;
    }
    for wrong in [
        json!({"preview_seconds": -1}),
        json!({"preview_seconds": 3601}),
    ] {
        problem(admin.patch(&path_of(&film), wrong).await, 422, "invalid").await;
    }
    app.stop().await;
}

#[actix_web::test]
async fn what_is_being_watched_ends_when_it_may_not_be_any_more() {
    let app = house().await;
    let admin = app.admin().await;
    let film = begin(&admin, "free.mp4", &mp4("2", "426x240").await, json!({})).await;
    finished(&app, &admin).await;
    let ann = app.newcomer(Role::Member).await;
    let media = format!("{}240p/media.mp4", base(&ann, &film).await);
    assert_eq!(status(&ann, &media).await, 200);
    // Now it costs something. Within the half minute the seat is still believed, then it is asked again.
    let paid = admin.patch(&path_of(&film), json!({"price": 500})).await;
    assert_eq!(paid.status(), 200);
    app.advance(TimeDelta::seconds(16));
    problem(ann.get(&format!("/{media}")).await, 403, "not_owned").await;
    // And whoever only listens is looked over.
    let free = admin.patch(&path_of(&film), json!({"price": 0})).await;
    assert_eq!(free.status(), 200);
    assert_eq!(status(&ann, &media).await, 200);
    let gone = admin.delete(&path_of(&film)).await;
    assert_eq!(gone.status(), 204);
    app.app().playback.look_over().await;
    problem(ann.get(&format!("/{media}")).await, 404, "not_found").await;
    app.stop().await;
}

#[actix_web::test]
async fn an_account_watches_so_many_films_at_a_time() {
    let app = house_with(|config| config.films.streams = 2).await;
    let admin = app.admin().await;
    let film = begin(&admin, "free.mp4", &mp4("2", "426x240").await, json!({})).await;
    finished(&app, &admin).await;
    let ann = app.member("ann").await;
    let screens = [
        ann.clone(),
        app.sign_in("ann").await,
        app.sign_in("ann").await,
    ];
    let mut media = Vec::new();
    for screen in &screens {
        media.push(format!("{}240p/media.mp4", base(screen, &film).await));
    }
    // Many requests of one screen are one stream, also with a renewed address.
    media[0] = format!("{}240p/media.mp4", base(&screens[0], &film).await);
    for _ in 0..3 {
        assert_eq!(status(&screens[0], &media[0]).await, 200);
        assert_eq!(status(&screens[1], &media[1]).await, 200);
    }
    let refused = screens[2].get(&format!("/{}", media[2])).await;
    assert_eq!(refused.headers()["retry-after"], "30");
    problem(refused, 429, "too_many_streams").await;
    // Playlists and pictures are no stream.
    let list = media[2].replace("240p/media.mp4", "master.m3u8");
    assert!(fetch_text(&screens[2], &list).await.starts_with("#EXTM3U"));
    app.advance(TimeDelta::seconds(31));
    assert_eq!(status(&screens[2], &media[2]).await, 200);
    app.stop().await;
}
