//! How fast a drive gives, who sees the progress, and what ends a download.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use playhouse::accounts::Role;
use playhouse::events::Audience;
use playhouse_api::events::{Event, TransferKind, TransferState};
use playhouse_test_support::{PASSWORD, Person, TestApp, text};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{bytes, content_of, fetch};

/// Reads what comes; an error when the answer ends too early.
async fn timed(answer: Response) -> (Result<usize, reqwest::Error>, Duration) {
    let begun = Instant::now();
    let read = answer.bytes().await.map(|it| it.len());
    (read, begun.elapsed())
}

#[actix_web::test]
async fn each_role_has_a_rate_that_all_downloads_of_a_drive_share() {
    let app = TestApp::start_with(|config| {
        config.drive.download_bytes_per_second = 400_000;
        config.drive.admin_download_bytes_per_second = 4_000_000;
    })
    .await;
    let content = bytes(400_000);
    let (member, vip) = (
        app.newcomer(Role::Member).await,
        app.newcomer(Role::Member).await,
    );
    let admin = app.newcomer(Role::Admin).await;
    let until = app.clock.now() + TimeDelta::days(1);
    let path = format!("/admin/accounts/{}", vip.id);
    let asked = json!({"vip_until": until.and_utc()});
    assert_eq!(admin.patch(&path, asked).await.status(), 200);
    for (who, slow) in [(&member, true), (&vip, false), (&admin, false)] {
        let folder = app.put_folder(who, &who.id, "d").await;
        let file = app.put_file(who, &folder, "a", &content).await;
        for id in [&file, &folder] {
            let (read, took) = timed(fetch(who, id).await).await;
            assert!(read.unwrap() >= content.len());
            let is_slow = took > Duration::from_millis(700);
            assert_eq!(is_slow, slow, "{took:?}");
            assert!(took < Duration::from_secs(4), "{took:?}");
        }
        if slow {
            let two = [fetch(who, &file).await, fetch(who, &folder).await].map(timed);
            let begun = Instant::now();
            for (read, _) in futures_util::future::join_all(two).await {
                assert!(read.unwrap() >= content.len());
            }
            let took = begun.elapsed();
            assert!(took > Duration::from_millis(1500), "both share: {took:?}");
        }
    }
}

#[actix_web::test]
async fn admins_see_what_is_being_sent_and_stored() {
    let app = TestApp::start_with(|config| config.drive.download_bytes_per_second = 100_000).await;
    let (ann, admin) = (
        app.newcomer(Role::Member).await,
        app.newcomer(Role::Admin).await,
    );
    let stats = async || admin.get_json("/admin/stats").await;
    assert_eq!(stats().await["live"]["transfers"], 0);
    let content = bytes(400_000);
    let file = app.put_file(&ann, &ann.id, "a", &content).await;
    app.advance(TimeDelta::seconds(5));
    let download = fetch(&ann, &file).await;
    let seen = stats().await;
    assert_eq!(seen["live"]["transfers"], 1);
    assert_eq!(seen["live"]["streams"], 0);
    assert_eq!(seen["storage"]["used"], content.len());
    assert!(seen["storage"]["free"].as_i64().unwrap() > 0);
    assert_eq!(download.bytes().await.unwrap().len(), content.len());
    let begun = Instant::now();
    while stats().await["live"]["transfers"] != 0 {
        assert!(begun.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[actix_web::test]
async fn the_owner_sees_the_progress_of_files_and_archives() {
    let app = TestApp::start().await;
    let ann = app.newcomer(Role::Member).await;
    let folder = app.put_folder(&ann, &ann.id, "d").await;
    let file = app.put_file(&ann, &folder, "a", &bytes(50_000)).await;
    for id in [file, folder] {
        let mut pushes = app.app().events.subscribe();
        let size = fetch(&ann, &id).await.bytes().await.unwrap().len();
        let told = tokio::time::timeout(Duration::from_secs(20), async {
            loop {
                let push = pushes.recv().await.unwrap();
                let Event::Transfer(event) = &*push.event else {
                    continue;
                };
                assert_eq!(event.kind, TransferKind::Download);
                assert_eq!(event.id.to_string(), id);
                let owner = uuid::Uuid::parse_str(&ann.id).unwrap();
                assert_eq!(push.to, Audience::Account(owner.into()));
                if event.state == TransferState::Completed {
                    return event.clone();
                }
            }
        });
        let told = told.await.unwrap();
        assert_eq!(told.sent, i64::try_from(size).unwrap());
        assert_eq!(told.size, Some(told.sent));
    }
}

/// A drive that gives slowly, so that something can happen meanwhile.
async fn slow_house() -> (TestApp, Person, [String; 2]) {
    let app = TestApp::start_with(|config| config.drive.download_bytes_per_second = 300_000).await;
    let ann = app.newcomer(Role::Member).await;
    let folder = app.put_folder(&ann, &ann.id, "d").await;
    let file = app.put_file(&ann, &folder, "a", &bytes(6_000_000)).await;
    (app, ann, [file, folder])
}

async fn begun(who: &Person, id: &str) -> Response {
    let mut answer = fetch(who, id).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.chunk().await.unwrap().is_some());
    answer
}

async fn is_cut(answer: Response) {
    let (read, took) = timed(answer).await;
    assert!(read.is_err(), "it must not end as if it were whole");
    assert!(took < Duration::from_secs(5), "cut at once: {took:?}");
}

#[actix_web::test]
async fn a_lock_ends_everything_at_once() {
    let (app, ann, ids) = slow_house().await;
    let admin = app.newcomer(Role::Admin).await;
    let mut under_way = Vec::new();
    for id in &ids {
        under_way.push(begun(&ann, id).await);
    }
    let path = format!("/admin/accounts/{}", ann.id);
    let locked = admin.patch(&path, json!({"is_locked": true})).await;
    assert_eq!(locked.status(), 200);
    for answer in under_way {
        is_cut(answer).await;
    }
    for id in &ids {
        assert!(matches!(fetch(&ann, id).await.status().as_u16(), 401 | 403));
    }
}

#[actix_web::test]
async fn signing_out_ends_what_that_session_began() {
    let (app, ann, [file, _]) = slow_house().await;
    let other = app.sign_in(&ann.name).await;
    let (first, second) = (begun(&ann, &file).await, begun(&other, &file).await);
    let out = ann
        .request(Method::DELETE, "/sessions/current")
        .send()
        .await;
    assert_eq!(out.unwrap().status(), 204);
    is_cut(first).await;
    let mut second = second;
    for _ in 0..3 {
        assert!(second.chunk().await.unwrap().is_some(), "the other goes on");
    }
    assert_eq!(fetch(&ann, &file).await.status(), 401);
}

#[actix_web::test]
async fn a_token_that_is_revoked_or_swept_by_a_new_password_ends_what_it_began() {
    let (app, ann, [file, folder]) = slow_house().await;
    for by_password in [false, true] {
        let asked = json!({"name": "t", "scopes": ["read"]});
        let token: Value = ann.post("/me/tokens", asked).await.json().await.unwrap();
        let program = app.with_token(&text(&token["secret"]));
        let under_way = [begun(&program, &file).await, begun(&program, &folder).await];
        let ended = if by_password {
            let asked = json!({"current_password": PASSWORD, "new_password": "another password"});
            ann.put("/me/password", asked).await
        } else {
            let path = format!("/me/tokens/{}", text(&token["id"]));
            ann.delete(&path).await
        };
        assert_eq!(ended.status(), 204);
        for answer in under_way {
            is_cut(answer).await;
        }
        assert_eq!(program.get(&content_of(&file)).await.status(), 401);
    }
}
