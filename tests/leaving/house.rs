//! What the tests of this binary share: a house in which somebody has left marks everywhere, and a look at its tables.

use chrono::TimeDelta;
use diesel::RunQueryDsl as _;
use diesel::sql_types::BigInt;
use playhouse::accounts::Role;
use playhouse_test_support::{PASSWORD, Person, TestApp, text};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

/// A word that anna has said, and nobody else.
pub(crate) const WORD: &str = "zebrafisch";

pub(crate) async fn start() -> TestApp {
    TestApp::start_with(|config| {
        config.chat.messages_per_minute = 1_000_000;
        config.chat.friend_requests_per_hour = 1_000_000;
        config.chat.rooms_per_hour = 1_000_000;
        config.accounts.registrations_per_hour = 1_000_000;
    })
    .await
}

/// The body of an answer that must have this status.
pub(crate) async fn body(answer: Response, status: u16) -> Value {
    let found = answer.status();
    let text = answer.text().await.unwrap();
    assert_eq!(found, status, "{text}");
    match text.is_empty() {
        true => Value::Null,
        false => serde_json::from_str(&text).unwrap(),
    }
}

pub(crate) async fn leave(who: &Person) -> Response {
    leave_with(who, PASSWORD).await
}

pub(crate) async fn leave_with(who: &Person, password: &str) -> Response {
    let request = who.request(Method::DELETE, "/me");
    let request = request.json(&json!({"password": password}));
    request.send().await.unwrap()
}

pub(crate) async fn befriend(one: &Person, other: &Person) {
    let ask = json!({"username": other.name});
    body(one.post("/friends/requests", ask).await, 201).await;
    let accept = format!("/friends/requests/{}/accept", one.id);
    body(other.post(&accept, json!({})).await, 200).await;
}

pub(crate) async fn create(owner: &Person, name: &str) -> String {
    let room = body(owner.post("/rooms", json!({"name": name})).await, 201).await;
    text(&room["id"])
}

pub(crate) async fn join(who: &Person, name: &str) {
    body(who.post("/rooms/join", json!({"name": name})).await, 200).await;
}

/// Says something and returns the id of the message.
pub(crate) async fn say(who: &Person, room: &str, words: &str, id: &str) -> String {
    let message = json!({"client_msg_id": id, "body": words});
    let said = who.post(&format!("/rooms/{room}/messages"), message).await;
    text(&body(said, 201).await["message_id"])
}

/// A request to the drive of somebody over WebDAV.
pub(crate) fn dav(app: &TestApp, who: &Person, method: &str, path: &str) -> RequestBuilder {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = app.client.request(method, format!("{}/dav{path}", app.url));
    request.basic_auth(&who.name, Some(PASSWORD))
}

pub(crate) async fn credit(admin: &Person, to: &Person, amount: i64, note: &str) {
    let path = format!("/admin/accounts/{}/credit", to.id);
    let request = admin
        .request(Method::POST, &path)
        .header("idempotency-key", uuid::Uuid::now_v7().to_string())
        .json(&json!({"amount": amount, "note": note}));
    body(request.send().await.unwrap(), 201).await;
}

/// Brings the removal to its end: what is due now, and the last look two minutes later.
pub(crate) async fn forgotten(app: &TestApp) {
    let admin = app.newcomer(Role::Admin).await;
    app.jobs_done(&admin).await;
    app.advance(TimeDelta::minutes(3));
    app.jobs_done(&admin).await;
    let jobs = admin.get_json("/admin/jobs?limit=200").await;
    for job in jobs["items"].as_array().unwrap() {
        assert_ne!(job["state"], "failed", "{job}");
        let is_open = job["kind"] == "forget_account" && job["state"] != "done";
        assert!(!is_open, "{job}");
    }
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// What a query counts, whose column is `count`.
pub(crate) async fn count(app: &TestApp, query: impl Into<String>) -> i64 {
    let query = query.into();
    let read = app
        .app()
        .db
        .read::<_, playhouse::db::Error, _>(move |conn| {
            let rows: Vec<Count> = diesel::sql_query(query).load(conn)?;
            Ok(rows.first().map_or(0, |it| it.count))
        });
    read.await.unwrap()
}

/// Whether the database takes a change.
pub(crate) async fn takes(app: &TestApp, change: String) -> bool {
    let made = app
        .app()
        .db
        .write::<_, playhouse::db::Error, _>(move |conn| {
            diesel::sql_query(&change).execute(conn)?;
            Ok(())
        });
    made.await.is_ok()
}

/// Anna, with something of hers in every corner of the house, and some of those who know her.
pub(crate) struct Scene {
    pub(crate) app: TestApp,
    pub(crate) admin: Person,
    pub(crate) anna: Person,
    pub(crate) ben: Person,
    /// A group that anna owns, with ben as its moderator.
    pub(crate) hall: String,
    /// The private room of the two.
    pub(crate) nook: String,
    /// A film that anna has bought.
    pub(crate) film: String,
}

/// What is anna's in words: none of it may be found when she has left.
pub(crate) const MARKS: [&str; 16] = [
    "Anna Zebra",
    "anna@zebra.example",
    "+49 30 1234",
    "Zebra Street 7",
    "en-ZEBRA",
    "annas device",
    "annas robot",
    "annas-diary",
    "annas-film",
    "annas gift",
    "annas-client-id",
    "annas lock",
    "annas-waste",
    "annas-comment",
    "annas-reason",
    WORD,
];

impl Scene {
    pub(crate) async fn set() -> Self {
        let app = start().await;
        let admin = app.admin().await;
        let (anna, ben) = (app.member("anna_zebra").await, app.member("ben").await);
        let film = app.publish_film(&admin, "A film", 300).await;
        let scene = Self {
            hall: create(&anna, "hall").await,
            nook: String::new(),
            film: text(&film["id"]),
            app,
            admin,
            anna,
            ben,
        };
        scene.account().await;
        scene.money().await;
        scene.files().await;
        scene.opinions().await;
        let nook = scene.people().await;
        Self { nook, ..scene }
    }

    async fn account(&self) {
        let anna = &self.anna;
        let profile = json!({"real_name": "Anna Zebra", "email": "anna@zebra.example", "phone": "+49 30 1234",
            "address": "Zebra Street 7", "locale": "en-ZEBRA"});
        body(anna.patch("/me", profile).await, 200).await;
        let again = json!({"username": anna.name, "password": PASSWORD, "device": "annas device"});
        body(self.app.nobody().post("/sessions", again).await, 201).await;
        let token = json!({"name": "annas robot", "scopes": ["read"]});
        body(anna.post("/me/tokens", token).await, 201).await;
        let notice = json!({"title": "Tonight", "body": "A film"});
        let notice = body(self.admin.post("/notices", notice).await, 201).await;
        let read = json!({"up_to": notice["id"]});
        assert_eq!(anna.put("/notices/read", read).await.status(), 204);
    }

    async fn money(&self) {
        credit(&self.admin, &self.anna, 1000, "annas gift").await;
        let order = self
            .anna
            .request(Method::POST, &format!("/movies/{}/orders", self.film))
            .header("idempotency-key", "annas-client-id");
        body(order.send().await.unwrap(), 201).await;
        let position = format!("/movies/{}/position", self.film);
        let put = self.anna.put(&position, json!({"seconds": 0.5})).await;
        assert!(put.status().is_success());
        let later = format!("/me/watchlist/{}", self.film);
        let put = self.anna.put(&later, json!({})).await;
        assert!(put.status().is_success());
        let ticket = format!("/movies/{}/downloads", self.film);
        body(self.anna.post(&ticket, json!({})).await, 201).await;
    }

    /// What anna thinks of the film and of ben's words, and what others do with hers.
    async fn opinions(&self) {
        let (anna, ben) = (&self.anna, &self.ben);
        let film = |below: &str| format!("/movies/{}/{below}", self.film);
        for (who, stars) in [(anna, 5), (ben, 2)] {
            let put = who.put(&film("rating"), json!({"stars": stars})).await;
            assert_eq!(put.status(), 204);
        }
        let said = async |who: &Person, words: &str| {
            let said = who.post(&film("comments"), json!({"text": words})).await;
            text(&body(said, 201).await["id"])
        };
        let hers = said(anna, "annas-comment").await;
        let his = said(ben, "a good film").await;
        let report = |id: &str| format!("/comments/{id}/report");
        let reason = json!({"reason": "annas-reason"});
        for (who, id, reason) in [(anna, &his, reason), (ben, &hers, json!({}))] {
            assert_eq!(who.post(&report(id), reason).await.status(), 204);
        }
        let hide = format!("/admin/comments/{hers}/hide");
        assert_eq!(self.admin.post(&hide, json!({})).await.status(), 204);
    }

    async fn files(&self) {
        let (app, anna) = (&self.app, &self.anna);
        for (path, words) in [
            ("/annas-diary.txt", WORD),
            ("/annas-diary-2.txt", "kept"),
            ("/annas-waste.txt", "thrown away"),
        ] {
            let put = dav(app, anna, "PUT", path).body(words.to_owned());
            assert_eq!(put.send().await.unwrap().status(), 201);
        }
        let replaced = dav(app, anna, "PUT", "/annas-diary-2.txt").body("newer");
        assert!(replaced.send().await.unwrap().status().is_success());
        let thrown = dav(app, anna, "DELETE", "/annas-waste.txt").send().await;
        assert_eq!(thrown.unwrap().status(), 204);
        let lock = "<D:lockinfo xmlns:D=\"DAV:\"><D:lockscope><D:exclusive/></D:lockscope>\
            <D:locktype><D:write/></D:locktype><D:owner>annas lock</D:owner></D:lockinfo>";
        let locked = dav(app, anna, "LOCK", "/annas-diary.txt")
            .body(lock)
            .send()
            .await;
        assert_eq!(locked.unwrap().status(), 200);
        let entry = anna.get_json("/drive/entry?path=/annas-diary.txt").await;
        let share = format!("/drive/entries/{}/shares", text(&entry["id"]));
        body(anna.post(&share, json!({})).await, 201).await;
        let upload = anna
            .request(Method::POST, "/uploads")
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Length", 1000)
            .header(
                "Upload-Metadata",
                // filename annas-film.mp4, purpose drive, path /annas-film.mp4
                "filename YW5uYXMtZmlsbS5tcDQ=,purpose ZHJpdmU=,path L2FubmFzLWZpbG0ubXA0",
            )
            .header("Content-Type", "application/offset+octet-stream")
            .body(vec![7; 400]);
        assert_eq!(upload.send().await.unwrap().status(), 201);
    }

    /// Friends, requests, blocks and words. Answers the private room.
    async fn people(&self) -> String {
        let (anna, ben) = (&self.anna, &self.ben);
        befriend(anna, ben).await;
        let carl = self.app.newcomer(Role::Member).await;
        let asked = anna
            .post("/friends/requests", json!({"username": carl.name}))
            .await;
        body(asked, 201).await;
        let eve = self.app.newcomer(Role::Member).await;
        let asks = eve
            .post("/friends/requests", json!({"username": anna.name}))
            .await;
        body(asks, 201).await;
        let dora = self.app.newcomer(Role::Member).await;
        for (who, whom) in [(anna, &dora), (&dora, anna)] {
            let block = who.put(&format!("/blocks/{}", whom.id), json!({})).await;
            assert!(block.status().is_success());
        }
        join(ben, "hall").await;
        join(&carl, "hall").await;
        let role = format!("/rooms/{}/members/{}", self.hall, ben.id);
        body(anna.patch(&role, json!({"role": "moderator"})).await, 200).await;
        let made = create(&dora, "doras").await;
        let ban = format!("/rooms/{made}/bans/{}", anna.id);
        assert!(dora.put(&ban, json!({})).await.status().is_success());
        let first = format!("{WORD} is here");
        let said = say(anna, &self.hall, &first, "annas-client-id").await;
        let edit = format!("/rooms/{}/messages/{said}", self.hall);
        let words = json!({"body": format!("{WORD}, @ben, was here")});
        body(anna.patch(&edit, words).await, 200).await;
        let gone = say(anna, &self.hall, "annas-waste", "annas-client-id-2").await;
        let gone = format!("/rooms/{}/messages/{gone}", self.hall);
        assert_eq!(anna.delete(&gone).await.status(), 204);
        let bens = say(ben, &self.hall, "hello @anna_zebra", "bens-1").await;
        let reaction = format!(
            "/rooms/{}/messages/{bens}/reactions/%F0%9F%91%8D",
            self.hall
        );
        assert!(anna.put(&reaction, json!({})).await.status().is_success());
        let nook = format!("/friends/{}/room", ben.id);
        let nook = body(anna.post(&nook, json!({})).await, 200).await;
        let nook = text(&nook["id"]);
        say(
            anna,
            &nook,
            &format!("{WORD} in private"),
            "annas-client-id-3",
        )
        .await;
        say(ben, &nook, "a private answer", "bens-2").await;
        nook
    }
}
