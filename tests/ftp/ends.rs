//! Sessions end with what they were opened by.

use std::time::Duration;

use playhouse::accounts::Role;
use playhouse_test_support::ftp::Ftp;
use playhouse_test_support::{PASSWORD, Person, TestApp, text};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};

use super::{bytes, content, house, waiting};

async fn token(who: &Person, scopes: &[&str]) -> (String, String) {
    let answer = who
        .post("/me/tokens", json!({"name": "ftp", "scopes": scopes}))
        .await;
    assert_eq!(answer.status(), 201);
    let made: serde_json::Value = answer.json().await.unwrap();
    (text(&made["id"]), text(&made["secret"]))
}

async fn lock(app: &TestApp, who: &Person) {
    let admin = app.newcomer(Role::Admin).await;
    let path = format!("/admin/accounts/{}", who.id);
    let answer = admin.patch(&path, json!({"is_locked": true})).await;
    assert_eq!(answer.status(), 200);
}

async fn hear(ftp: &mut Ftp) -> Option<u16> {
    let heard = timeout(Duration::from_secs(5), ftp.hear()).await;
    heard.unwrap().map(|it| it.0)
}

#[actix_web::test]
async fn a_locked_account_ends_at_once_whatever_it_does() {
    let app = house().await;
    let ann = app.member("ann").await;
    let mut quiet = app.ftp(&ann).await;
    let mut sender = app.ftp(&ann).await;
    assert_eq!(sender.put("STOR big", &bytes(40 << 20)).await, 226);
    let mut up = sender.data().await;
    assert_eq!(sender.ask("STOR film").await, 150);
    up.write_all(&bytes(50_000)).await.unwrap();
    let mut receiver = app.ftp(&ann).await;
    let mut down = receiver.data().await;
    assert_eq!(receiver.ask("RETR big").await, 150);
    down.read_exact(&mut [0; 1000]).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    lock(&app, &ann).await;
    for ftp in [&mut quiet, &mut sender, &mut receiver] {
        assert_eq!(hear(ftp).await, Some(421));
        assert_eq!(hear(ftp).await, None);
    }
    let mut rest = Vec::new();
    let _ = down.read_to_end(&mut rest).await;
    assert!(rest.len() < 40 << 20, "the download went on");
    let mut again = Ftp::connect(&app).await;
    assert_eq!(again.sign_in("ann", PASSWORD).await, 530);
    waiting(&app).await;
}

#[actix_web::test]
async fn who_deletes_their_account_is_out_at_once() {
    let app = house().await;
    let ann = app.member("ann").await;
    let mut quiet = app.ftp(&ann).await;
    let mut sender = app.ftp(&ann).await;
    let mut up = sender.data().await;
    assert_eq!(sender.ask("STOR film").await, 150);
    up.write_all(&bytes(50_000)).await.unwrap();
    let leave = ann.request(reqwest::Method::DELETE, "/me");
    let left = leave.json(&json!({"password": PASSWORD})).send().await;
    assert_eq!(left.unwrap().status(), 204);
    for ftp in [&mut quiet, &mut sender] {
        assert_eq!(hear(ftp).await, Some(421));
        assert_eq!(hear(ftp).await, None);
    }
    let mut again = Ftp::connect(&app).await;
    assert_eq!(again.sign_in("ann", PASSWORD).await, 530);
    let admin = app.newcomer(Role::Admin).await;
    app.jobs_done(&admin).await;
    assert_eq!(waiting(&app).await, 0);
}

#[actix_web::test]
async fn a_token_opens_as_much_as_it_may_and_as_long() {
    let app = house().await;
    let ann = app.member("ann").await;
    let (_, reading) = token(&ann, &["read"]).await;
    let (id, writing) = token(&ann, &["read", "write"]).await;
    let mut writer = Ftp::connect(&app).await;
    assert_eq!(writer.sign_in("ann", &writing).await, 230);
    assert_eq!(writer.put("STOR a", b"1").await, 226);
    let mut reader = Ftp::connect(&app).await;
    assert_eq!(reader.sign_in("ann", &reading).await, 230);
    assert_eq!(reader.fetch("RETR a").await, (226, b"1".to_vec()));
    for command in ["MKD x", "DELE a", "RMD x", "RNFR a"] {
        assert_eq!(reader.ask(command).await, 550, "{command}");
    }
    for command in ["STOR a", "APPE a", "STOR new"] {
        assert_eq!(reader.put(command, b"2").await, 550, "{command}");
    }
    assert_eq!(content(&ann, "/a").await.unwrap(), b"1");
    let bob = app.member("bob").await;
    let mut other = Ftp::connect(&app).await;
    assert_eq!(
        other.sign_in(&bob.name, &reading).await,
        530,
        "not his token"
    );
    assert_eq!(ann.delete(&format!("/me/tokens/{id}")).await.status(), 204);
    assert_eq!(hear(&mut writer).await, Some(421));
    assert_eq!(
        reader.ask("NOOP").await,
        200,
        "the other token is as good as before"
    );
}

#[actix_web::test]
async fn a_new_password_ends_what_the_old_one_opened() {
    let app = house().await;
    let ann = app.member("ann").await;
    let mut ftp = app.ftp(&ann).await;
    let body = json!({"current_password": PASSWORD, "new_password": "another password"});
    assert_eq!(ann.put("/me/password", body).await.status(), 204);
    assert_eq!(hear(&mut ftp).await, Some(421));
    let mut again = Ftp::connect(&app).await;
    assert_eq!(again.sign_in("ann", PASSWORD).await, 530);
    assert_eq!(again.sign_in("ann", "another password").await, 230);
}

#[actix_web::test]
async fn guessing_is_slowed() {
    let app = house().await;
    app.member("ann").await;
    let mut wrong = 0;
    loop {
        let mut ftp = Ftp::connect(&app).await;
        for last in [false, false, true] {
            assert_eq!(ftp.sign_in("ann", "wrong password").await, 530);
            wrong += 1;
            assert_eq!(last, wrong % 3 == 0);
        }
        assert!(ftp.hear().await.is_none(), "three times are enough");
        if wrong >= 6 {
            break;
        }
    }
    let mut ftp = Ftp::connect(&app).await;
    assert_eq!(ftp.ask("USER ann").await, 331);
    let (code, said) = ftp.say(&format!("PASS {PASSWORD}")).await;
    assert!(code == 530 && said.contains("Too many attempts"), "{said}");
}
