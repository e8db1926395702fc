//! The log in pages both ways, the search, messages as they stand, and rooms that forget.

use chrono::TimeDelta;
use playhouse_test_support::{Person, problem, text, wrong_fields};
use serde_json::{Value, json};

use crate::people::{bodies, body, create, join, log, said, seqs, start};

fn items(page: &Value) -> Vec<Value> {
    page["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn the_log_is_read_both_ways_in_pages() {
    let app = start().await;
    let ann = app.member("ann").await;
    let room = create(&ann, "club").await;
    for number in 2..=23 {
        said(&ann, &room, &format!("m{number}")).await;
    }
    let events = format!("/rooms/{room}/events");
    let page = async |query: &str| ann.get_json(&format!("{events}?{query}")).await;
    let found = page("limit=5").await;
    assert_eq!(seqs(&items(&found)), [19, 20, 21, 22, 23]);
    assert_eq!(
        (&found["first_seq"], &found["last_seq"]),
        (&json!(1), &json!(23))
    );
    assert_eq!(
        seqs(&items(&page("before_seq=19&limit=5").await)),
        [14, 15, 16, 17, 18]
    );
    assert_eq!(
        seqs(&items(&page("after_seq=3&limit=4").await)),
        [4, 5, 6, 7]
    );
    assert_eq!(
        seqs(&items(&page("after_seq=3&before_seq=6&limit=4").await)),
        [4, 5]
    );
    assert_eq!(seqs(&items(&page("after_seq=23").await)), [0; 0]);
    assert_eq!(seqs(&items(&page("after_seq=999").await)), [0; 0]);
    assert_eq!(seqs(&items(&page("before_seq=0").await)), [0; 0]);
    for (first, limit) in [
        ("after_seq=0", 4),
        ("before_seq=24", 4),
        ("after_seq=0", 23),
        ("", 22),
    ] {
        let (mut all, mut query) = (Vec::new(), format!("{first}&limit={limit}"));
        loop {
            let found = page(query.trim_start_matches('&')).await;
            all.extend(seqs(&items(&found)));
            match found["next_cursor"].as_str() {
                Some(next) => query = format!("cursor={next}&limit={limit}"),
                None => break,
            }
        }
        all.sort_unstable();
        assert_eq!(all, (1..=23).collect::<Vec<_>>(), "{first} by {limit}");
    }
    for (query, field) in [
        ("after_seq=-1", "after_seq"),
        ("before_seq=-1", "before_seq"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=x", "cursor"),
        ("q=%20", "q"),
        ("q=...", "q"),
    ] {
        let answer = ann.get(&format!("{events}?{query}")).await;
        assert_eq!(
            wrong_fields(&problem(answer, 422, "invalid").await),
            [field]
        );
    }
    let long = "x".repeat(201);
    problem(ann.get(&format!("{events}?q={long}")).await, 422, "invalid").await;
}

async fn search(who: &Person, room: &str, q: &str) -> Vec<String> {
    let q: String = q.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let found = who.get_json(&format!("/rooms/{room}/events?q={q}")).await;
    bodies(&items(&found))
}

#[actix_web::test]
async fn words_of_any_script_are_found_in_their_room_only() {
    let app = start().await;
    let ann = app.member("ann").await;
    let (room, other) = (create(&ann, "one").await, create(&ann, "two").await);
    for words in [
        "The Night Train at eight",
        "大话西游今晚放映",
        "night again",
        "Привет, мир",
        "room",
    ] {
        said(&ann, &room, words).await;
    }
    said(&ann, &other, "night elsewhere").await;
    assert_eq!(
        search(&ann, &room, "night").await,
        ["The Night Train at eight", "night again"]
    );
    assert_eq!(
        search(&ann, &room, "NIG trai").await,
        ["The Night Train at eight"]
    );
    assert_eq!(search(&ann, &room, "西游").await, ["大话西游今晚放映"]);
    assert_eq!(search(&ann, &room, "游").await, ["大话西游今晚放映"]);
    assert_eq!(search(&ann, &room, "мир").await, ["Привет, мир"]);
    assert_eq!(search(&ann, &room, "roo").await, ["room"]);
    assert_eq!(search(&ann, &room, "r").await, ["room"]);
    for hostile in ["\" OR 1", "a' | 'b", "night AND NOT x", "train:*"] {
        search(&ann, &room, hostile).await;
    }
    assert_eq!(search(&ann, &room, "elsewhere").await, [""; 0]);
}

#[actix_web::test]
async fn the_search_knows_the_present_text_and_pages_both_ways() {
    let app = start().await;
    let ann = app.member("ann").await;
    let room = create(&ann, "club").await;
    let mut events = Vec::new();
    for number in 0..6 {
        events.push(said(&ann, &room, &format!("apple {number}")).await);
    }
    let path = |at: usize| format!("/rooms/{room}/messages/{}", text(&events[at]["message_id"]));
    body(
        ann.patch(&path(0), json!({"body": "apple of before"}))
            .await,
        200,
    )
    .await;
    body(ann.patch(&path(1), json!({"body": "pear"})).await, 200).await;
    let page = async |query: &str| {
        let found = ann
            .get_json(&format!("/rooms/{room}/events?q=apple&{query}"))
            .await;
        (bodies(&items(&found)), text(&found["next_cursor"]))
    };
    let all = [
        "apple 2",
        "apple 3",
        "apple 4",
        "apple 5",
        "apple of before",
    ];
    assert_eq!(page("").await.0, all);
    let (first, next) = page("limit=2").await;
    assert_eq!(first, all[3..]);
    let (second, next) = page(&format!("limit=2&cursor={next}")).await;
    assert_eq!(second, all[1..3]);
    assert_eq!(
        page(&format!("limit=2&cursor={next}")).await,
        (vec![all[0].to_owned()], String::new())
    );
    let (first, next) = page("limit=3&after_seq=0").await;
    assert_eq!(first, all[..3]);
    assert_eq!(page(&format!("limit=3&cursor={next}")).await.0, all[3..]);
    assert_eq!(page("before_seq=5").await.0, all[..1]);
    assert_eq!(page("after_seq=5&before_seq=7").await.0, all[2..3]);
    assert_eq!(ann.delete(&path(4)).await.status(), 204);
    let found = ann.get_json(&format!("/rooms/{room}/events?q=apple")).await;
    let hits = seqs(&items(&found));
    assert_eq!(hits.len(), all.len() - 1);
    for (after, before) in (0..12).flat_map(|after| (0..12).map(move |before| (after, before))) {
        let path = format!("/rooms/{room}/events?q=apple&after_seq={after}&before_seq={before}");
        let inside = hits.iter().filter(|seq| (after + 1..before).contains(*seq));
        let inside: Vec<_> = inside.copied().collect();
        assert_eq!(seqs(&items(&ann.get_json(&path).await)), inside, "{path}");
    }
}

#[actix_web::test]
async fn messages_are_listed_as_they_stand() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let room = create(&ann, "club").await;
    join(&bob, "club").await;
    for number in 0..5 {
        said(&ann, &room, &format!("m{number}")).await;
    }
    let page = bob
        .get_json(&format!("/rooms/{room}/messages?limit=2"))
        .await;
    assert_eq!(bodies(&items(&page)), ["m3", "m4"]);
    let next = text(&page["next_cursor"]);
    let page = bob
        .get_json(&format!("/rooms/{room}/messages?limit=2&cursor={next}"))
        .await;
    assert_eq!(bodies(&items(&page)), ["m1", "m2"]);
    let page = bob
        .get_json(&format!("/rooms/{room}/messages?after_seq=0&limit=2"))
        .await;
    assert_eq!(bodies(&items(&page)), ["m0", "m1"]);
    let first = &items(&page)[0];
    assert_eq!(
        (&first["account"]["username"], &first["seq"]),
        (&json!("ann"), &json!(3))
    );
    problem(
        bob.get(&format!("/rooms/{room}/messages?after_seq=-1"))
            .await,
        422,
        "invalid",
    )
    .await;
}

#[actix_web::test]
async fn a_room_forgets_what_is_old_and_its_log_keeps_no_gap() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let (room, keeps) = (create(&ann, "forgets").await, create(&ann, "keeps").await);
    join(&bob, "forgets").await;
    body(
        ann.patch(&format!("/rooms/{room}"), json!({"retention_days": 7}))
            .await,
        200,
    )
    .await;
    let old = said(&ann, &room, "old words").await;
    said(&ann, &keeps, "old words").await;
    app.advance(TimeDelta::days(6));
    said(&ann, &room, "younger words").await;
    assert_eq!(app.app().chat.sweep().await.unwrap(), 0);
    app.advance(TimeDelta::days(2));
    assert_eq!(app.app().chat.sweep().await.unwrap(), 4);
    let page = bob.get_json(&format!("/rooms/{room}/events")).await;
    assert_eq!(bodies(&items(&page)), ["younger words"]);
    assert_eq!(
        (&page["first_seq"], &page["last_seq"]),
        (&json!(5), &json!(5))
    );
    let path = format!("/rooms/{room}/messages/{}", text(&old["message_id"]));
    problem(bob.get(&path).await, 404, "not_found").await;
    assert_eq!(search(&bob, &room, "old").await, [""; 0]);
    assert_eq!(log(&ann, &keeps).await.len(), 2);
    // All of it goes, and the numbers go on.
    app.advance(TimeDelta::days(8));
    assert_eq!(app.app().chat.sweep().await.unwrap(), 1);
    let seen = bob.get_json(&format!("/rooms/{room}")).await;
    assert_eq!(
        (&seen["first_seq"], &seen["last_seq"]),
        (&json!(6), &json!(5))
    );
    assert_eq!(said(&bob, &room, "new").await["seq"], 6);
    assert_eq!(
        seqs(&items(
            &bob.get_json(&format!("/rooms/{room}/events")).await
        )),
        [6]
    );
}

#[actix_web::test]
async fn the_house_may_forget_for_all() {
    let app =
        playhouse_test_support::TestApp::start_with(|config| config.chat.retention_days = 20).await;
    let ann = app.member("ann").await;
    let (short, house) = (create(&ann, "short").await, create(&ann, "house").await);
    body(
        ann.patch(&format!("/rooms/{short}"), json!({"retention_days": 90}))
            .await,
        200,
    )
    .await;
    app.advance(TimeDelta::days(21));
    app.app().chat.sweep().await.unwrap();
    let first =
        async |room: &str| ann.get_json(&format!("/rooms/{room}")).await["first_seq"].clone();
    assert_eq!(
        (first(&short).await, first(&house).await),
        (json!(1), json!(2))
    );
}
