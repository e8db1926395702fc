//! Making, joining, leaving and finding rooms; how far somebody has read.

use playhouse_test_support::{problem, text, wrong_fields};
use serde_json::{Value, json};

use crate::people::{assert_no_gap, befriend, body, create, join, kinds, log, said, start};

#[actix_web::test]
async fn a_room_is_made_joined_talked_in_and_left() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let made = body(
        ann.post("/rooms", json!({"name": "  Film Club "})).await,
        201,
    )
    .await;
    let room = text(&made["id"]);
    assert_eq!(
        (&made["name"], &made["kind"], &made["role"]),
        (&json!("Film Club"), &json!("group"), &json!("owner"))
    );
    assert_eq!((&made["last_seq"], &made["unread"]), (&json!(1), &json!(0)));
    problem(
        bob.get(&format!("/rooms/{room}")).await,
        404,
        "no_such_room",
    )
    .await;
    let joined = join(&bob, "film  CLUB").await;
    assert_eq!(
        (&joined["id"], &joined["members_count"]),
        (&made["id"], &json!(2))
    );
    assert_eq!(
        join(&bob, "Film Club").await["last_seq"],
        2,
        "a second time changes nothing"
    );

    let event = said(&ann, &room, "Tonight: Metropolis").await;
    assert_eq!(
        (&event["seq"], &event["kind"]),
        (&json!(3), &json!("message"))
    );
    assert_eq!(event["account"]["username"], "ann");
    assert_eq!(event["room_id"], made["id"]);
    let bobs = &bob.get_json("/rooms").await["items"][0];
    assert_eq!((&bobs["unread"], &bobs["read_seq"]), (&json!(1), &json!(2)));
    let anns = &ann.get_json("/rooms").await["items"][0];
    assert_eq!((&anns["unread"], &anns["read_seq"]), (&json!(0), &json!(3)));

    body(bob.delete(&format!("/rooms/{room}/members/me")).await, 204).await;
    for path in ["", "/events", "/messages", "/members"] {
        let answer = bob.get(&format!("/rooms/{room}{path}")).await;
        problem(answer, 404, "no_such_room").await;
    }
    let events = log(&ann, &room).await;
    assert_no_gap(&events);
    assert_eq!(kinds(&events), ["join", "join", "message", "leave"]);
    assert_eq!(events[3]["account"]["username"], "bob");
}

#[actix_web::test]
async fn names_are_unique_however_they_are_written() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    create(&ann, "Café 1").await;
    for name in ["café 1", "CAFE\u{301} 1", "Café  １"] {
        problem(
            bob.post("/rooms", json!({"name": name})).await,
            409,
            "room_name_taken",
        )
        .await;
    }
    create(&bob, "Café 2").await;
    for name in ["", "  ", "a\u{7}b", "!!!", &"x".repeat(65)] {
        let wrong = problem(
            bob.post("/rooms", json!({"name": name})).await,
            422,
            "invalid",
        )
        .await;
        assert!(
            wrong_fields(&wrong).contains(&"name".to_owned()),
            "{name:?}"
        );
    }
    create(&bob, &"大".repeat(64)).await;
    create(&bob, "<script>alert(1)</script> \u{202e}").await;
    problem(
        bob.post("/rooms/join", json!({"name": "nowhere"})).await,
        404,
        "no_such_room",
    )
    .await;
}

#[actix_web::test]
async fn of_many_who_want_a_name_at_once_one_gets_it() {
    let app = start().await;
    let people = futures_util::future::join_all(
        (0..8).map(|_| app.newcomer(playhouse::accounts::Role::Member)),
    )
    .await;
    let asked = people
        .iter()
        .map(|it| it.post("/rooms", json!({"name": "The one"})));
    let statuses: Vec<u16> = futures_util::future::join_all(asked)
        .await
        .iter()
        .map(|it| it.status().as_u16())
        .collect();
    let made = statuses.iter().filter(|it| **it == 201).count();
    assert_eq!(made, 1, "{statuses:?}");
    assert!(
        statuses.iter().all(|it| [201, 409].contains(it)),
        "{statuses:?}"
    );
    // Then all of them join, twice at the same time each.
    let joins = people
        .iter()
        .flat_map(|it| [it, it])
        .map(|it| it.post("/rooms/join", json!({"name": "the one"})));
    for answer in futures_util::future::join_all(joins).await {
        assert_eq!(answer.status(), 200);
    }
    let room = join(&people[0], "the one").await;
    assert_eq!(
        (&room["members_count"], &room["last_seq"]),
        (&json!(8), &json!(8))
    );
    assert_no_gap(&log(&people[0], &text(&room["id"])).await);
}

#[actix_web::test]
async fn a_read_mark_never_goes_backwards() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let room = create(&ann, "club").await;
    join(&bob, "club").await;
    for number in 0..5 {
        said(&ann, &room, &format!("hello @bob {number}")).await;
    }
    let read = async |seq: i64| {
        bob.put(&format!("/rooms/{room}/read"), json!({"seq": seq}))
            .await
    };
    let mark = body(read(4).await, 200).await;
    assert_eq!(
        mark,
        json!({"room_id": room, "read_seq": 4, "unread": 3, "mentions": 3})
    );
    assert_eq!(
        body(read(2).await, 200).await,
        mark,
        "backwards is forgotten"
    );
    assert_eq!(body(read(7).await, 200).await["unread"], 0);
    for seq in [8, -1, i64::MAX] {
        let wrong = problem(read(seq).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&wrong), ["seq"]);
    }
    let seen = bob.get_json(&format!("/rooms/{room}")).await;
    assert_eq!(
        (&seen["read_seq"], &seen["mentions"]),
        (&json!(7), &json!(0))
    );
}

#[actix_web::test]
async fn lists_of_rooms_and_members_come_in_pages() {
    let app = start().await;
    let ann = app.member("ann").await;
    for number in 0..5 {
        create(&ann, &format!("room {number}")).await;
    }
    for _ in 0..4 {
        let somebody = app.newcomer(playhouse::accounts::Role::Member).await;
        join(&somebody, "room 0").await;
    }
    let pages = async |path: &str| -> Vec<Value> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = ann.get_json(&format!("{path}?limit=2{cursor}")).await;
            all.extend(page["items"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    };
    let rooms = pages("/rooms").await;
    let names: Vec<String> = rooms.iter().map(|it| text(&it["name"])).collect();
    assert_eq!(names, ["room 0", "room 1", "room 2", "room 3", "room 4"]);
    let members = pages(&format!("/rooms/{}/members", text(&rooms[0]["id"]))).await;
    assert_eq!(members.len(), 5);
    let owner = members.iter().find(|it| it["role"] == "owner").unwrap();
    assert_eq!(owner["account"]["username"], "ann");
}

#[actix_web::test]
async fn a_friend_can_be_invited_and_nobody_else() {
    let app = start().await;
    let (ann, bob, cat) = (
        app.member("ann").await,
        app.member("bob").await,
        app.member("cat").await,
    );
    befriend(&ann, &bob).await;
    let room = create(&ann, "club").await;
    let path = format!("/rooms/{room}/members");
    let invite = async |who: &str| ann.post(&path, json!({"account_id": who})).await;
    problem(invite(&cat.id).await, 403, "not_friends").await;
    problem(invite(&ann.id).await, 422, "yourself").await;
    let nobody = uuid::Uuid::now_v7().to_string();
    problem(invite(&nobody).await, 404, "no_such_account").await;
    let answer = cat.post(&path, json!({"account_id": bob.id})).await;
    problem(answer, 404, "no_such_room").await;
    let member = body(invite(&bob.id).await, 201).await;
    assert_eq!(
        (&member["role"], &member["account"]["username"]),
        (&json!("member"), &json!("bob"))
    );
    body(invite(&bob.id).await, 200).await;
    let events = log(&bob, &room).await;
    assert_eq!(kinds(&events), ["join", "join"]);
    assert_eq!(
        (
            &events[1]["account"]["username"],
            &events[1]["by"]["username"]
        ),
        (&json!("bob"), &json!("ann"))
    );
}

#[actix_web::test]
async fn a_room_passes_on_when_its_owner_leaves_and_goes_with_the_last() {
    let app = start().await;
    let (ann, bob, cat) = (
        app.member("ann").await,
        app.member("bob").await,
        app.member("cat").await,
    );
    let room = create(&ann, "club").await;
    join(&bob, "club").await;
    join(&cat, "club").await;
    let role = json!({"role": "moderator"});
    body(
        ann.patch(&format!("/rooms/{room}/members/{}", cat.id), role)
            .await,
        200,
    )
    .await;
    let leave = format!("/rooms/{room}/members/me");
    body(ann.delete(&leave).await, 204).await;
    assert_eq!(
        cat.get_json(&format!("/rooms/{room}")).await["role"],
        "owner",
        "the moderator comes first"
    );
    body(cat.delete(&leave).await, 204).await;
    assert_eq!(
        bob.get_json(&format!("/rooms/{room}")).await["role"],
        "owner"
    );
    assert_no_gap(&log(&bob, &room).await);
    body(bob.delete(&leave).await, 204).await;
    problem(
        bob.post("/rooms/join", json!({"name": "club"})).await,
        404,
        "no_such_room",
    )
    .await;
    let again = create(&ann, "club").await;
    assert_ne!(again, room, "the name is free again");
}
