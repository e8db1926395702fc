//! Roles, kicks, bans, mutes, slow mode, and what the audit log says of admins.

use chrono::TimeDelta;
use playhouse_test_support::{Person, TestApp, problem, text, wrong_fields};
use serde_json::{Value, json};

use crate::people::{assert_no_gap, befriend, body, create, join, kinds, log, said, say, start};

/// A room of an owner, a moderator and a member.
struct Club {
    app: TestApp,
    owner: Person,
    moderator: Person,
    member: Person,
    path: String,
    room: String,
}

async fn club() -> Club {
    let app = start().await;
    let owner = app.member("owner").await;
    let moderator = app.member("moderator").await;
    let member = app.member("member").await;
    let room = create(&owner, "club").await;
    join(&moderator, "club").await;
    join(&member, "club").await;
    let path = format!("/rooms/{room}");
    let club = Club {
        app,
        owner,
        moderator,
        member,
        path,
        room,
    };
    body(
        club.give(&club.owner, &club.moderator, "moderator").await,
        200,
    )
    .await;
    club
}

async fn forbidden(answer: reqwest::Response) {
    problem(answer, 403, "forbidden").await;
}

impl Club {
    async fn give(&self, by: &Person, to: &Person, role: &str) -> reqwest::Response {
        let path = format!("{}/members/{}", self.path, to.id);
        by.patch(&path, json!({"role": role})).await
    }

    async fn mute(&self, by: &Person, who: &Person, until: Value) -> reqwest::Response {
        let path = format!("{}/members/{}", self.path, who.id);
        by.patch(&path, json!({"muted_until": until})).await
    }

    async fn kick(&self, by: &Person, who: &Person) -> reqwest::Response {
        by.delete(&format!("{}/members/{}", self.path, who.id))
            .await
    }

    async fn ban(&self, by: &Person, who: &Person) -> reqwest::Response {
        by.put(&format!("{}/bans/{}", self.path, who.id), json!({}))
            .await
    }

    async fn role(&self, who: &Person) -> String {
        text(&who.get_json(&self.path).await["role"])
    }
}

#[actix_web::test]
async fn the_owner_gives_roles_and_hands_the_room_over() {
    let club = club().await;
    let Club {
        owner,
        moderator,
        member,
        ..
    } = &club;
    forbidden(club.give(moderator, member, "moderator").await).await;
    forbidden(club.give(member, member, "owner").await).await;
    problem(club.give(owner, owner, "member").await, 409, "conflict").await;
    problem(club.give(owner, member, "king").await, 422, "invalid").await;
    let stranger = club.app.member("stranger").await;
    problem(
        club.give(owner, &stranger, "member").await,
        404,
        "not_found",
    )
    .await;
    problem(
        club.give(&stranger, member, "member").await,
        404,
        "no_such_room",
    )
    .await;
    let before = log(owner, &club.room).await.len();
    body(club.give(owner, member, "member").await, 200).await;
    assert_eq!(
        log(owner, &club.room).await.len(),
        before,
        "what is so already is no event"
    );

    body(club.give(owner, member, "owner").await, 200).await;
    assert_eq!(club.role(member).await, "owner");
    assert_eq!(club.role(owner).await, "moderator");
    forbidden(club.give(owner, moderator, "member").await).await;
    let events = log(owner, &club.room).await;
    assert_eq!(
        kinds(&events),
        ["join", "join", "join", "role", "role", "role"]
    );
    assert_eq!(
        (&events[5]["role"], &events[5]["account"]["username"]),
        (&json!("owner"), &json!("member"))
    );
    assert_no_gap(&events);
}

#[actix_web::test]
async fn whoever_is_kicked_may_come_back_and_whoever_is_banned_may_not() {
    let club = club().await;
    let Club {
        owner,
        moderator,
        member,
        ..
    } = &club;
    forbidden(club.kick(member, moderator).await).await;
    forbidden(club.kick(moderator, owner).await).await;
    forbidden(club.ban(moderator, owner).await).await;
    problem(club.kick(moderator, moderator).await, 422, "yourself").await;
    problem(club.ban(owner, owner).await, 422, "yourself").await;
    body(club.kick(moderator, member).await, 204).await;
    problem(club.kick(moderator, member).await, 404, "not_found").await;
    problem(say(member, &club.room, "x").await, 404, "no_such_room").await;
    join(member, "club").await;

    body(club.ban(moderator, member).await, 204).await;
    body(club.ban(moderator, member).await, 204).await;
    for path in [
        "",
        "/events",
        "/events?q=hello",
        "/messages",
        "/members",
        "/bans",
    ] {
        let answer = member.get(&format!("{}{path}", club.path)).await;
        problem(answer, 404, "no_such_room").await;
    }
    let read = member
        .put(&format!("{}/read", club.path), json!({"seq": 1}))
        .await;
    problem(read, 404, "no_such_room").await;
    assert_eq!(member.get_json("/rooms").await["items"], json!([]));
    problem(
        member.post("/rooms/join", json!({"name": "club"})).await,
        403,
        "banned",
    )
    .await;
    befriend(owner, member).await;
    let invite = json!({"account_id": member.id});
    let answer = owner.post(&format!("{}/members", club.path), invite).await;
    problem(answer, 409, "conflict").await;

    let bans = owner.get_json(&format!("{}/bans", club.path)).await;
    assert_eq!(bans["items"][0]["account"]["username"], "member");
    let lift = format!("{}/bans/{}", club.path, member.id);
    body(owner.delete(&lift).await, 204).await;
    problem(owner.delete(&lift).await, 404, "not_found").await;
    join(member, "club").await;
    forbidden(member.get(&format!("{}/bans", club.path)).await).await;
    forbidden(member.delete(&lift).await).await;
    let nobody = format!("{}/bans/{}", club.path, uuid::Uuid::now_v7());
    problem(owner.put(&nobody, json!({})).await, 404, "no_such_account").await;

    let events = log(owner, &club.room).await;
    assert_no_gap(&events);
    let kicks: Vec<_> = events.iter().filter(|it| it["kind"] == "kick").collect();
    assert_eq!(kicks.len(), 2);
    assert_eq!(
        (&kicks[0]["banned"], &kicks[1]["banned"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(kicks[1]["by"]["username"], "moderator");
}

#[actix_web::test]
async fn somebody_who_never_came_can_be_banned() {
    let club = club().await;
    let stranger = club.app.member("stranger").await;
    let before = log(&club.owner, &club.room).await.len();
    body(club.ban(&club.owner, &stranger).await, 204).await;
    problem(
        stranger.post("/rooms/join", json!({"name": "club"})).await,
        403,
        "banned",
    )
    .await;
    assert_eq!(
        log(&club.owner, &club.room).await.len(),
        before,
        "nobody need know of them"
    );
}

#[actix_web::test]
async fn a_muted_member_reads_and_says_nothing() {
    let club = club().await;
    let Club {
        owner,
        moderator,
        member,
        ..
    } = &club;
    let mine = said(member, &club.room, "before").await;
    let mine = format!("{}/messages/{}", club.path, text(&mine["message_id"]));
    let until = (club.app.clock.now() + TimeDelta::minutes(10)).and_utc();
    let until = json!(until.to_rfc3339());
    forbidden(club.mute(member, moderator, until.clone()).await).await;
    forbidden(club.mute(moderator, owner, until.clone()).await).await;
    problem(
        club.mute(moderator, moderator, until.clone()).await,
        422,
        "yourself",
    )
    .await;
    for wrong in ["2001-01-01T00:00:00Z", "9999-01-01T00:00:00Z"] {
        let told = problem(
            club.mute(moderator, member, json!(wrong)).await,
            422,
            "invalid",
        )
        .await;
        assert_eq!(wrong_fields(&told), ["muted_until"]);
    }
    body(club.mute(moderator, member, until).await, 200).await;
    problem(say(member, &club.room, "x").await, 403, "muted").await;
    problem(
        member.patch(&mine, json!({"body": "x"})).await,
        403,
        "muted",
    )
    .await;
    problem(
        member.put(&format!("{mine}/reactions/👍"), json!({})).await,
        403,
        "muted",
    )
    .await;
    log(member, &club.room).await;
    body(member.delete(&mine).await, 204).await;
    club.app.advance(TimeDelta::minutes(11));
    said(member, &club.room, "after").await;

    let until = (club.app.clock.now() + TimeDelta::hours(1)).and_utc();
    body(
        club.mute(moderator, member, json!(until.to_rfc3339()))
            .await,
        200,
    )
    .await;
    body(club.mute(moderator, member, Value::Null).await, 200).await;
    said(member, &club.room, "at once").await;
    let events = log(owner, &club.room).await;
    assert_no_gap(&events);
    assert_eq!(events.iter().filter(|it| it["kind"] == "mute").count(), 3);
}

#[actix_web::test]
async fn a_slow_room_asks_members_for_a_pause() {
    let club = club().await;
    let Club {
        owner,
        moderator,
        member,
        ..
    } = &club;
    let change = async |who: &Person, body: Value| who.patch(&club.path, body).await;
    forbidden(change(member, json!({"slow_mode_seconds": 30})).await).await;
    for wrong in [-1, 86_401] {
        let told = problem(
            change(owner, json!({"slow_mode_seconds": wrong})).await,
            422,
            "invalid",
        )
        .await;
        assert_eq!(wrong_fields(&told), ["slow_mode_seconds"]);
    }
    let room = body(
        change(moderator, json!({"slow_mode_seconds": 30})).await,
        200,
    )
    .await;
    assert_eq!(room["slow_mode_seconds"], 30);
    said(member, &club.room, "one").await;
    let answer = say(member, &club.room, "two").await;
    let seconds: u64 = answer.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((29..=31).contains(&seconds), "{seconds}");
    problem(answer, 429, "slow_mode").await;
    for _ in 0..2 {
        said(moderator, &club.room, "moderators need not wait").await;
    }
    club.app.advance(TimeDelta::seconds(31));
    said(member, &club.room, "two").await;
    body(change(owner, json!({"slow_mode_seconds": 0})).await, 200).await;
    said(member, &club.room, "three").await;
}

#[actix_web::test]
async fn a_clock_that_is_set_back_keeps_the_order_and_holds_nobody_up() {
    let club = club().await;
    let Club { owner, member, .. } = &club;
    let slow = json!({"slow_mode_seconds": 30});
    body(owner.patch(&club.path, slow).await, 200).await;
    said(member, &club.room, "one").await;
    club.app.advance(TimeDelta::hours(-2));
    said(member, &club.room, "two, two hours before").await;
    problem(say(member, &club.room, "three").await, 429, "slow_mode").await;
    club.app.advance(TimeDelta::hours(5));
    said(member, &club.room, "three, later than ever").await;
    let until = club.app.clock.now() + TimeDelta::hours(1);
    let until = json!(until.and_utc().to_rfc3339());
    body(club.mute(owner, member, until).await, 200).await;
    club.app.advance(TimeDelta::hours(-3));
    problem(say(member, &club.room, "no").await, 403, "muted").await;
    club.app.advance(TimeDelta::minutes(241));
    said(member, &club.room, "four").await;
    let events = log(owner, &club.room).await;
    assert_no_gap(&events);
    let said = events.iter().filter(|it| it["kind"] == "message");
    let said: Vec<_> = said.map(|it| text(&it["body"])).collect();
    assert_eq!(
        said,
        [
            "one",
            "two, two hours before",
            "three, later than ever",
            "four"
        ]
    );
}

#[actix_web::test]
async fn a_room_is_renamed_by_those_who_may() {
    let club = club().await;
    create(&club.owner, "taken").await;
    let change = async |who: &Person, body: Value| who.patch(&club.path, body).await;
    forbidden(change(&club.member, json!({"name": "ours"})).await).await;
    problem(
        change(&club.owner, json!({"name": "TAKEN"})).await,
        409,
        "room_name_taken",
    )
    .await;
    problem(
        change(&club.owner, json!({"name": "..."})).await,
        422,
        "invalid",
    )
    .await;
    forbidden(change(&club.moderator, json!({"retention_days": 7})).await).await;
    problem(
        change(&club.owner, json!({"retention_days": 0})).await,
        422,
        "invalid",
    )
    .await;
    let room = body(change(&club.moderator, json!({"name": "CLUB"})).await, 200).await;
    assert_eq!(room["name"], "CLUB", "its own name in another case");
    let asked = json!({"name": "Salon", "retention_days": 7});
    let room = body(change(&club.owner, asked).await, 200).await;
    assert_eq!(
        (&room["name"], &room["retention_days"]),
        (&json!("Salon"), &json!(7))
    );
    create(&club.member, "club").await;
    let events = log(&club.member, &club.room).await;
    assert_no_gap(&events);
    assert_eq!(kinds(&events)[4..], ["rename", "rename", "settings"]);
    assert_eq!(
        (&events[5]["body"], &events[6]["retention_days"]),
        (&json!("Salon"), &json!(7))
    );
    let room = body(
        change(&club.owner, json!({"retention_days": null})).await,
        200,
    )
    .await;
    assert_eq!(room["retention_days"], Value::Null);
    let stranger = club.app.member("stranger").await;
    problem(
        change(&stranger, json!({"name": "x"})).await,
        404,
        "no_such_room",
    )
    .await;
}

#[actix_web::test]
async fn moderators_delete_what_others_said() {
    let club = club().await;
    let Club {
        owner,
        moderator,
        member,
        ..
    } = &club;
    let event = said(member, &club.room, "rude").await;
    let path = format!("{}/messages/{}", club.path, text(&event["message_id"]));
    body(moderator.delete(&path).await, 204).await;
    let events = log(owner, &club.room).await;
    let last = events.last().unwrap();
    assert_eq!(
        (
            &last["kind"],
            &last["account"]["username"],
            &last["by"]["username"]
        ),
        (&json!("delete"), &json!("member"), &json!("moderator"))
    );
    let event = said(owner, &club.room, "mine").await;
    let path = format!("{}/messages/{}", club.path, text(&event["message_id"]));
    forbidden(moderator.delete(&path).await).await;
}

#[actix_web::test]
async fn an_admin_moderates_any_group_room_and_it_is_noted() {
    let club = club().await;
    let admin = club.app.admin().await;
    problem(admin.get(&club.path).await, 404, "no_such_room").await;
    problem(say(&admin, &club.room, "x").await, 404, "no_such_room").await;
    let event = said(&club.owner, &club.room, "rude").await;
    let message = format!("{}/messages/{}", club.path, text(&event["message_id"]));
    body(admin.delete(&message).await, 204).await;
    body(club.ban(&admin, &club.member).await, 204).await;
    body(admin.patch(&club.path, json!({"name": "Tidy"})).await, 200).await;
    body(club.give(&admin, &club.moderator, "owner").await, 200).await;
    let page = admin.get_json("/admin/audit?limit=10").await;
    let actions: Vec<String> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| text(&it["action"]))
        .collect();
    assert_eq!(
        actions[..4],
        [
            "room.role",
            "room.rename",
            "room.ban",
            "room.delete_message"
        ]
    );
    assert!(
        !page.to_string().contains("rude"),
        "the log has no words of members"
    );

    // As a member with a role of its own an admin needs no right of the house, and nothing is noted.
    join(&admin, "tidy").await;
    body(club.give(&club.moderator, &admin, "moderator").await, 200).await;
    body(
        admin.patch(&club.path, json!({"name": "Tidier"})).await,
        200,
    )
    .await;
    let after = admin.get_json("/admin/audit?limit=10").await;
    assert_eq!(after["items"][0]["action"], "room.role");
}
