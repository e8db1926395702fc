//! `serve --demo`: what it makes, on which houses, and that it makes it once.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::cell::RefCell;

use playhouse::app::App;
use playhouse::demo;
use playhouse_test_support::{Person, TestApp, text};
use serde_json::{Value, json};

async fn sign_in(app: &TestApp, username: &str, password: &str) -> Person {
    let body = json!({"username": username, "password": password});
    let answer = app.nobody().post("/sessions", body).await;
    assert_eq!(answer.status(), 201, "{username}");
    let session: Value = answer.json().await.unwrap();
    app.with_token(&text(&session["token"]))
}

/// A start of the server with `--demo`: what it says is ready, or why it is not.
async fn start_demo(house: &App) -> anyhow::Result<Vec<String>> {
    let ready = RefCell::new(Vec::new());
    if let Some(sign_ins) = demo::open(house).await? {
        let tell = |title: &str| ready.borrow_mut().push(title.to_owned());
        demo::furnish(house.clone(), sign_ins, tell).await?;
    }
    Ok(ready.into_inner())
}

#[actix_web::test]
async fn an_empty_house_gets_people_films_and_notices_once() {
    let app = TestApp::start_with(|config| config.movies.ffmpeg = "/nowhere/ffmpeg".into()).await;
    let mut house = app.app().clone();
    // A first start without ffmpeg makes all but the films.
    let refusal = start_demo(&house).await.unwrap_err();
    assert!(format!("{refusal:#}").contains("ffmpeg"), "{refusal:#}");
    let sign_ins = demo::open(&house).await.unwrap().unwrap();
    let mut config = (*house.config).clone();
    config.movies.ffmpeg = "ffmpeg".into();
    house.config = config.into();
    let ready = start_demo(&house).await.unwrap();
    assert_eq!(ready.len(), 6);
    assert!(!app.data_dir().join("demo-films").exists());
    assert!(
        house
            .accounts
            .prepare_setup(app.data_dir())
            .await
            .unwrap()
            .is_none()
    );

    let admin = sign_in(&app, "admin", &sign_ins["admin"]).await;
    let vip = sign_in(&app, "vip", &sign_ins["vip"]).await;
    let member = sign_in(&app, "member", &sign_ins["member"]).await;
    check_library(&member, &ready).await;
    for person in [&admin, &vip, &member] {
        check_rooms(person).await;
    }
    assert_eq!(admin.get_json("/me").await["role"], "admin");
    let is_vip = |me: &Value| (me["is_vip"].clone(), me["balance"].clone());
    assert_eq!(
        is_vip(&vip.get_json("/me").await),
        (json!(true), json!(2_000))
    );
    assert_eq!(
        is_vip(&member.get_json("/me").await),
        (json!(false), json!(2_000))
    );

    // Nothing is made twice, and what an admin put in the trash stays there.
    let films = member.get_json("/movies").await;
    let gone = text(&films["items"][0]["id"]);
    let series = text(&admin.get_json("/series").await["items"][0]["id"]);
    assert_eq!(admin.delete(&format!("/movies/{gone}")).await.status(), 204);
    assert_eq!(start_demo(&house).await.unwrap(), Vec::<String>::new());
    assert_eq!(demo::open(&house).await.unwrap().unwrap(), sign_ins);
    let count = |list: Value| list["items"].as_array().unwrap().len();
    assert_eq!(count(member.get_json("/movies").await), 5);
    assert_eq!(count(member.get_json("/series").await), 1);
    let its = format!("/admin/series/{series}");
    assert_eq!(admin.delete(&its).await.status(), 204);
    assert_eq!(start_demo(&house).await.unwrap(), Vec::<String>::new());
    assert_eq!(count(admin.get_json("/series").await), 0);
    assert_eq!(count(member.get_json("/notices").await), 2);
    assert_eq!(member.get_json("/me").await["balance"], 2_000);
    // Nobody comes back into a room that they have left.
    check_rooms(&vip).await;
    let room = text(&vip.get_json("/rooms").await["items"][0]["id"]);
    let leave = format!("/rooms/{room}/members/me");
    assert_eq!(vip.delete(&leave).await.status(), 204);
    start_demo(&house).await.unwrap();
    assert_eq!(count(vip.get_json("/rooms").await), 1);
    // The demo leaves no session of its own behind.
    for person in [&admin, &vip, &member] {
        assert_eq!(count(person.get_json("/sessions").await), 1);
    }
}

async fn check_rooms(person: &Person) {
    let rooms = person.get_json("/rooms").await;
    let rooms = rooms["items"].as_array().unwrap();
    let mut names: Vec<String> = rooms.iter().map(|room| text(&room["name"])).collect();
    names.sort();
    assert_eq!(names, ["After the film", "Foyer"]);
    for room in rooms {
        assert_eq!(
            (&room["kind"], &room["members_count"]),
            (&json!("group"), &json!(3))
        );
        let path = format!("/rooms/{}/events?q=the", text(&room["id"]));
        assert!(
            !person.get_json(&path).await["items"]
                .as_array()
                .unwrap()
                .is_empty()
        );
        // Three joined and each said one thing.
        assert_eq!(room["last_seq"], 6);
    }
}

async fn check_library(member: &Person, ready: &[String]) {
    let films = member.get_json("/movies").await;
    let films = films["items"].as_array().unwrap();
    let mut titles: Vec<String> = films.iter().map(|film| text(&film["title"])).collect();
    titles.sort();
    let mut ready = ready.to_vec();
    ready.sort();
    assert_eq!(titles, ready);
    let paid = films
        .iter()
        .filter(|film| film["price"].as_i64().unwrap() > 0);
    assert_eq!(paid.count(), 2);
    for film in films {
        assert_eq!(film["state"], "published", "{film}");
        assert_eq!(
            (&film["width"], &film["height"]),
            (&json!(640), &json!(360)),
            "{film}"
        );
        assert!(film["duration"].as_f64().unwrap() > 19.0, "{film}");
        assert!(!film["tags"].as_array().unwrap().is_empty() && film["category"].is_string());
    }
    let series = member.get_json("/series").await["items"][0].clone();
    assert_eq!(
        (&series["films"], &series["seasons"]),
        (&json!(3), &json!(1))
    );
    let series = member
        .get_json(&format!("/series/{}", text(&series["id"])))
        .await;
    let episodes = series["seasons"][0]["films"].as_array().unwrap();
    let titles: Vec<String> = episodes
        .iter()
        .map(|it| text(&it["movie"]["title"]))
        .collect();
    assert_eq!(
        titles,
        [
            "Rule One Hundred and Ten",
            "Triangles All the Way Down",
            "Life, Mostly"
        ]
    );
    let notices = member.get_json("/notices").await;
    assert_eq!(notices["items"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn a_house_that_is_in_use_is_left_as_it_is() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    assert!(demo::open(app.app()).await.unwrap().is_none());
    let accounts = admin.get_json("/admin/accounts").await;
    assert_eq!(accounts["items"].as_array().unwrap().len(), 1);
    assert!(!app.data_dir().join("demo-accounts").exists());
}
