//! `serve --demo`: what it makes, on which houses, and that it makes it once.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::cell::RefCell;
use std::path::Path;

use playhouse::demo::{Demo, Error};
use playhouse_test_support::{Person, TestApp, text};
use serde_json::{Value, json};

fn demo(app: &TestApp, ffmpeg: &str) -> Demo {
    let house = app.app();
    Demo {
        accounts: house.accounts.clone(),
        membership: house.membership.clone(),
        uploads: house.uploads.clone(),
        movies: house.movies.clone(),
        notices: house.notices.clone(),
        clock: house.clock.clone(),
        data_dir: app.data_dir().to_owned(),
        ffmpeg: ffmpeg.into(),
    }
}

async fn sign_in(app: &TestApp, username: &str, password: &str) -> Person {
    let body = json!({"username": username, "password": password});
    let answer = app.nobody().post("/sessions", body).await;
    assert_eq!(answer.status(), 201, "{username}");
    let session: Value = answer.json().await.unwrap();
    app.with_token(&text(&session["token"]))
}

#[actix_web::test]
async fn an_empty_house_gets_people_films_and_notices_once() {
    let app = TestApp::start().await;
    // A first start without ffmpeg makes all but the films.
    let broken = demo(&app, "/nowhere/ffmpeg");
    let sign_ins = broken.prepare().await.unwrap().unwrap();
    assert!(matches!(broken.fill(|_| ()).await, Err(Error::NoFfmpeg(_))));
    assert_eq!(
        app.app()
            .accounts
            .prepare_setup(app.data_dir())
            .await
            .unwrap(),
        None
    );

    let whole = demo(&app, "ffmpeg");
    assert_eq!(whole.prepare().await.unwrap().unwrap(), sign_ins);
    let ready = RefCell::new(Vec::new());
    whole
        .fill(|title| ready.borrow_mut().push(title.to_owned()))
        .await
        .unwrap();
    assert_eq!(ready.borrow().len(), 6);
    assert!(!app.data_dir().join("demo-films").exists());

    let people: Vec<Person> = futures_util::future::join_all(
        sign_ins
            .iter()
            .map(|it| sign_in(&app, &it.username, &it.password)),
    )
    .await;
    let [admin, vip, member] = people.as_slice() else {
        panic!("three accounts")
    };
    check_library(member, &ready.borrow()).await;
    let me = |who: &Person| {
        let who = who.clone();
        async move { who.get_json("/me").await }
    };
    assert_eq!(me(admin).await["role"], "admin");
    let vip = me(vip).await;
    assert_eq!(
        (&vip["is_vip"], &vip["balance"]),
        (&json!(true), &json!(5_000))
    );
    let plain = me(member).await;
    assert_eq!(
        (&plain["is_vip"], &plain["balance"]),
        (&json!(false), &json!(1_500))
    );

    // What an admin removes stays removed, and nothing is made twice.
    let films = member.get_json("/movies").await;
    let gone = text(&films["items"][0]["id"]);
    assert_eq!(admin.delete(&format!("/movies/{gone}")).await.status(), 204);
    whole.prepare().await.unwrap().unwrap();
    whole.fill(|title| panic!("{title} again")).await.unwrap();
    assert_eq!(
        member.get_json("/movies").await["items"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    assert_eq!(
        member.get_json("/notices").await["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(me(member).await["balance"], 1_500);
    // The demo leaves no session of its own behind.
    let sessions = admin.get_json("/sessions").await;
    assert_eq!(sessions["items"].as_array().unwrap().len(), 1, "{sessions}");
}

async fn check_library(member: &Person, ready: &[String]) {
    let films = member.get_json("/movies").await;
    let films = films["items"].as_array().unwrap();
    let mut titles: Vec<String> = films.iter().map(|film| text(&film["title"])).collect();
    titles.reverse();
    assert_eq!(titles, ready, "in the same order on every house");
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
        assert!(film["duration"].as_f64().unwrap() > 20.0, "{film}");
        assert!(!film["tags"].as_array().unwrap().is_empty() && film["category"].is_string());
    }
    assert_eq!(
        member.get_json("/notices").await["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let found = member.get_json("/movies?q=%E5%A4%A9%E6%B0%94").await;
    assert_eq!(
        found["items"].as_array().unwrap().len(),
        1,
        "found in Chinese"
    );
}

#[actix_web::test]
async fn a_house_that_is_in_use_is_left_as_it_is() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let demo = demo(&app, "ffmpeg");
    assert_eq!(demo.prepare().await.unwrap(), None);
    demo.fill(|title| panic!("{title}")).await.unwrap();
    let accounts = admin.get_json("/admin/accounts").await;
    assert_eq!(accounts["items"].as_array().unwrap().len(), 1);
    assert!(!Path::new(app.data_dir()).join("demo.json").exists());
}
