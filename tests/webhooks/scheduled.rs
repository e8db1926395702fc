//! A film with a later `publish_at` is told when its time has come, whatever became of it meanwhile.

use chrono::{DateTime, TimeDelta, Utc};
use playhouse_test_support::films::mp4_number;
use playhouse_test_support::{Person, TestApp, text};
use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::{Hook, add, body, house};

struct Scene {
    app: TestApp,
    admin: Person,
    hook: Hook,
    receiver: Receiver,
}

impl Scene {
    async fn begin() -> Self {
        let (app, receiver) = (house().await, Receiver::start().await);
        let admin = app.admin().await;
        let hook = add(
            &admin,
            &receiver.url(),
            &["movie.published", "movie.deleted"],
        )
        .await;
        Self {
            app,
            admin,
            hook,
            receiver,
        }
    }

    fn minutes_from_now(&self, minutes: i64) -> DateTime<Utc> {
        (self.app.clock.now() + TimeDelta::minutes(minutes)).and_utc()
    }

    /// A film that is scheduled for later; its path.
    async fn schedule(&self, title: &str, at: DateTime<Utc>) -> String {
        let said = json!({"title": title, "publish_at": at});
        let answer = self.admin.publish("film.mp4", &mp4_number(1), said).await;
        format!("/movies/{}", text(&body(answer, 201).await["id"]))
    }

    async fn change(&self, film: &str, changes: Value) {
        body(self.admin.patch(film, changes).await, 200).await;
    }

    async fn delete(&self, film: &str) {
        assert_eq!(self.admin.delete(film).await.status(), 204);
    }

    async fn restore(&self, film: &str) {
        let path = format!("{film}/restore");
        body(self.admin.post(&path, json!({})).await, 200).await;
    }

    async fn later(&self, minutes: i64) {
        self.app.advance(TimeDelta::minutes(minutes));
        self.app.jobs_done(&self.admin).await;
    }

    /// What was told until now, the oldest first.
    async fn told(&self) -> Vec<String> {
        self.app.jobs_done(&self.admin).await;
        let mut told = self.hook.deliveries(&self.admin).await;
        told.reverse();
        assert!(told.iter().all(|it| it["state"] == "delivered"), "{told:?}");
        assert_eq!(self.receiver.got().len(), told.len());
        told.iter().map(|it| text(&it["event"])).collect()
    }
}

const NOTHING: [&str; 0] = [];
const ONCE: [&str; 1] = ["movie.published"];

#[actix_web::test]
async fn a_scheduled_film_is_told_when_its_time_has_come() {
    let scene = Scene::begin().await;
    let at = scene.minutes_from_now(60);
    let film = scene.schedule("Later", at).await;
    assert_eq!(scene.told().await, NOTHING);
    // Neither another title nor the passing of half of the time is news.
    scene.change(&film, json!({"title": "Much Later"})).await;
    scene.later(59).await;
    assert_eq!(scene.told().await, NOTHING);
    scene.later(2).await;
    assert_eq!(scene.told().await, ONCE);
    let message = scene.receiver.got()[0].json();
    assert_eq!(message["data"]["title"], "Much Later");
    assert_eq!(film, format!("/movies/{}", text(&message["data"]["id"])));
    let when = |value: &Value| DateTime::parse_from_rfc3339(&text(value)).unwrap();
    assert!(when(&message["created_at"]) >= when(&message["data"]["publish_at"]));
    // Nor is what becomes of a film that can be seen.
    scene.change(&film, json!({"price": 300})).await;
    scene
        .change(&film, json!({"publish_at": scene.minutes_from_now(-10)}))
        .await;
    scene.later(600).await;
    assert_eq!(scene.told().await, ONCE);
}

#[actix_web::test]
async fn a_film_is_told_at_the_time_that_it_has_in_the_end() {
    let scene = Scene::begin().await;
    let film = scene.schedule("Moved", scene.minutes_from_now(60)).await;
    scene
        .change(&film, json!({"publish_at": scene.minutes_from_now(120)}))
        .await;
    scene.later(61).await;
    assert_eq!(scene.told().await, NOTHING, "it was put off");
    scene
        .change(&film, json!({"publish_at": scene.minutes_from_now(10)}))
        .await;
    scene.later(11).await;
    assert_eq!(scene.told().await, ONCE);
    scene.later(120).await;
    assert_eq!(scene.told().await, ONCE, "the times of before are over");
    // What is taken back for a while is told again when it is back.
    scene
        .change(&film, json!({"publish_at": scene.minutes_from_now(30)}))
        .await;
    assert_eq!(scene.told().await, ONCE);
    scene.later(31).await;
    assert_eq!(scene.told().await, ["movie.published"; 2]);
}

#[actix_web::test]
async fn a_film_that_need_not_wait_any_more_is_told_at_once() {
    let scene = Scene::begin().await;
    let film = scene.schedule("Now", scene.minutes_from_now(60)).await;
    scene.change(&film, json!({"publish_at": null})).await;
    assert_eq!(scene.told().await, ONCE);
    scene.later(61).await;
    assert_eq!(scene.told().await, ONCE);
}

#[actix_web::test]
async fn nobody_hears_of_a_film_that_was_never_there() {
    let scene = Scene::begin().await;
    let film = scene.schedule("Never", scene.minutes_from_now(60)).await;
    scene.delete(&film).await;
    scene.later(61).await;
    assert_eq!(scene.told().await, NOTHING);
    // It comes back when its time is over: now it is there.
    scene.restore(&film).await;
    assert_eq!(scene.told().await, ONCE);
    scene.delete(&film).await;
    let both = ["movie.published", "movie.deleted"];
    assert_eq!(scene.told().await, both);
}

#[actix_web::test]
async fn a_film_that_comes_back_in_time_is_told_in_time() {
    let scene = Scene::begin().await;
    let film = scene.schedule("Back", scene.minutes_from_now(60)).await;
    scene.delete(&film).await;
    scene.restore(&film).await;
    assert_eq!(scene.told().await, NOTHING);
    scene.later(61).await;
    assert_eq!(scene.told().await, ONCE);
    // Gone for good before its time: nothing.
    let at = scene.minutes_from_now(60);
    let said = json!({"title": "Purged", "publish_at": at});
    let answer = scene.admin.publish("film.mp4", &mp4_number(2), said).await;
    let film = format!("/movies/{}", text(&body(answer, 201).await["id"]));
    scene.delete(&film).await;
    let purge = format!("{film}/purge");
    let purged = scene.admin.post(&purge, json!({})).await;
    assert_eq!(purged.status(), 204);
    scene.later(61).await;
    assert_eq!(scene.told().await, ONCE);
}

/// The time comes while the server is down.
#[actix_web::test]
async fn a_restart_forgets_no_schedule() {
    let mut scene = Scene::begin().await;
    scene.schedule("Restart", scene.minutes_from_now(60)).await;
    scene.app.advance(TimeDelta::minutes(59));
    scene.app = scene.app.restart_with(|_| {}).await;
    scene.admin = scene.app.sign_in("admin").await;
    assert_eq!(scene.told().await, NOTHING);
    scene.later(2).await;
    assert_eq!(scene.told().await, ONCE);
}
