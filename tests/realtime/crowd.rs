//! More who come in at once than the database's queue holds.

use futures_util::future::join_all;
use playhouse::accounts::Role;
use playhouse_test_support::TestApp;
use serde_json::json;

use crate::wire::{Socket, settles};

const PEOPLE: usize = 40;
/// For each of them.
const CONNECTIONS: usize = 12;
/// Less than a quarter of all.
const QUEUE: usize = 100;

#[actix_web::test]
async fn a_crowd_that_comes_back_at_once_gets_in_and_nobody_else_is_refused() {
    let app = TestApp::start_with(|config| {
        config.database.queue = QUEUE;
        config.realtime.max_per_account = 100;
    })
    .await;
    let admin = app.admin().await;
    let made = admin.post("/rooms", json!({"name": "The foyer"})).await;
    let room: serde_json::Value = made.json().await.unwrap();
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        let person = app.newcomer(Role::Member).await;
        let joined = person.post("/rooms/join", json!({"name": "The foyer"}));
        assert_eq!(joined.await.status(), 200);
        people.push(person);
    }
    let subscribe = json!({"op": "subscribe", "room": room["id"]});
    let come = async |number: usize| {
        let person = people.get(number % PEOPLE).unwrap();
        let mut socket = Socket::open(&app, person).await;
        let found = socket.done(subscribe.clone()).await;
        assert!(found["seq"].is_i64(), "{found}");
        socket
    };
    let others = async {
        for _ in 0..20 {
            assert_eq!(admin.get("/rooms").await.status(), 200);
        }
    };
    let crowd = join_all((0..PEOPLE * CONNECTIONS).map(come));
    let (mut sockets, ()) = futures_util::future::join(crowd, others).await;
    settles(
        &app,
        "playhouse_realtime_sockets",
        (PEOPLE * CONNECTIONS) as f64,
    )
    .await;
    for socket in &mut sockets {
        assert_eq!(socket.hello["rooms"][0]["id"], room["id"]);
    }
}
