//! The end of an account: who may, what is gone at once, and what survives a restart in between.

use playhouse::accounts::Role;
use playhouse_test_support::{PASSWORD, TestApp, problem, text};
use serde_json::{Value, json};

use super::house::{
    Scene, body, count, create, dav, forgotten, leave, leave_with, say, start, takes,
};

#[actix_web::test]
async fn it_takes_the_password_and_a_login_session() {
    let app = TestApp::start().await;
    let anna = app.member("anna").await;
    problem(
        leave_with(&anna, "open barley").await,
        401,
        "wrong_credentials",
    )
    .await;
    problem(leave_with(&anna, "").await, 401, "wrong_credentials").await;
    let token = json!({"name": "robot", "scopes": ["read", "write"]});
    let token = body(anna.post("/me/tokens", token).await, 201).await;
    let robot = app.with_token(&text(&token["secret"]));
    problem(leave(&robot).await, 403, "missing_scope").await;
    problem(robot.get("/me/export").await, 403, "missing_scope").await;
    assert_eq!(anna.get_json("/me").await["username"], "anna");
    // Guesses are slowed, as at the log-in.
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(leave_with(&anna, "open barley").await.status().as_u16());
    }
    assert!(answers.contains(&429), "{answers:?}");
    problem(leave(&anna).await, 429, "too_many_requests").await;
}

#[actix_web::test]
async fn the_last_admin_stays() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    problem(leave(&admin).await, 409, "conflict").await;
    assert_eq!(admin.get_json("/me").await["username"], "admin");
    let other = app.newcomer(Role::Admin).await;
    body(leave(&admin).await, 204).await;
    problem(leave(&other).await, 409, "conflict").await;
    assert_eq!(other.get_json("/admin/stats").await["accounts"], 1);
}

#[actix_web::test]
async fn every_way_in_is_shut_at_once() {
    let scene = Scene::set().await;
    let (app, anna, admin) = (&scene.app, &scene.anna, &scene.admin);
    let there = app.sign_in(&anna.name).await;
    let token = json!({"name": "second", "scopes": ["read", "write"]});
    let token = body(anna.post("/me/tokens", token).await, 201).await;
    let robot = app.with_token(&text(&token["secret"]));
    let share = anna.get_json("/drive/shares").await;
    let link = format!("{}{}", app.url, text(&share["items"][0]["url"]));
    assert_eq!(app.client.get(&link).send().await.unwrap().status(), 200);
    assert!(robot.get("/me").await.status().is_success());
    let diary = || dav(app, anna, "GET", "/annas-diary.txt").send();
    assert_eq!(diary().await.unwrap().status(), 200);

    body(leave(anna).await, 204).await;
    for who in [anna, &there, &robot] {
        problem(who.get("/me").await, 401, "not_signed_in").await;
    }
    assert_eq!(diary().await.unwrap().status(), 401);
    assert_eq!(app.client.get(&link).send().await.unwrap().status(), 404);
    let again = json!({"username": anna.name, "password": PASSWORD});
    problem(
        app.nobody().post("/sessions", again).await,
        401,
        "wrong_credentials",
    )
    .await;
    let key = json!({"username": format!("deleted:{}", anna.id), "password": ""});
    problem(
        app.nobody().post("/sessions", key).await,
        401,
        "wrong_credentials",
    )
    .await;
    problem(leave(anna).await, 401, "not_signed_in").await;
    // To admins it is as if there were no such account.
    let path = format!("/admin/accounts/{}", anna.id);
    problem(admin.get(&path).await, 404, "not_found").await;
    problem(
        admin.patch(&path, json!({"is_locked": false})).await,
        404,
        "not_found",
    )
    .await;
    let listed = admin.get_json("/admin/accounts?q=deleted").await;
    assert_eq!(listed["items"], json!([]));
}

#[actix_web::test]
async fn the_name_is_free_and_brings_nothing_with_it() {
    let scene = Scene::set().await;
    let (app, anna) = (&scene.app, &scene.anna);
    body(leave(anna).await, 204).await;
    let other = app.member(&anna.name).await;
    assert_ne!(other.id, anna.id);
    let friends = other.get_json("/friends").await;
    for list in ["friends", "incoming", "outgoing", "blocked"] {
        assert_eq!(friends[list], json!([]), "{list}");
    }
    assert_eq!(other.get_json("/rooms").await["items"], json!([]));
    let me = other.get_json("/me").await;
    assert_eq!(
        (&me["balance"], &me["drive"]["used"]),
        (&json!(0), &json!(0))
    );
    let film = other.get_json(&format!("/movies/{}", scene.film)).await;
    assert_eq!(film["owned"], false);
    forgotten(app).await;
    assert_eq!(other.get_json("/me").await["username"], json!(anna.name));
}

#[actix_web::test]
async fn files_and_their_bytes_are_released() {
    let scene = Scene::set().await;
    let (app, anna) = (&scene.app, &scene.anna);
    let contents = ["zebrafisch", "kept", "newer", "thrown away"];
    for content in contents {
        assert!(app.blob_path(content.as_bytes()).exists(), "{content}");
    }
    // Ben has the same bytes as one of the files.
    let same = dav(app, &scene.ben, "PUT", "/mine.txt").body("newer");
    assert_eq!(same.send().await.unwrap().status(), 201);
    body(leave(anna).await, 204).await;
    forgotten(app).await;
    for content in contents {
        let is_bens = content == "newer";
        assert_eq!(
            app.blob_path(content.as_bytes()).exists(),
            is_bens,
            "{content}"
        );
    }
    let staged = std::fs::read_dir(app.data_dir().join("storage/uploads")).unwrap();
    assert_eq!(staged.count(), 0);
    let answer = dav(app, &scene.ben, "GET", "/mine.txt")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.text().await.unwrap(), "newer");
    for table in ["drive_entries", "drive_versions", "drive_usage", "uploads"] {
        let left = format!(
            "SELECT COUNT(*) AS count FROM {table} WHERE account_id = '{}'",
            anna.id
        );
        assert_eq!(count(app, left).await, 0, "{table}");
    }
}

#[actix_web::test]
async fn the_books_are_closed_and_cannot_be_changed() {
    let scene = Scene::set().await;
    let (app, anna, ben) = (&scene.app, &scene.anna, &scene.ben);
    super::house::credit(&scene.admin, ben, 5, "for ben").await;
    body(leave(anna).await, 204).await;
    let balance = format!(
        "SELECT balance AS count FROM wallets WHERE account_id = '{}'",
        anna.id
    );
    assert_eq!(count(app, balance).await, 0);
    assert_eq!(
        scene.admin.get_json("/admin/stats").await["wallet_total"],
        5
    );
    let of = |who: &str| format!("WHERE account_id = '{who}'");
    for change in [
        format!("UPDATE ledger_entries SET amount = 7 {}", of(&anna.id)),
        format!("UPDATE ledger_entries SET note = 'x' {}", of(&anna.id)),
        format!(
            "UPDATE ledger_entries SET note = '', actor_id = NULL {}",
            of(&anna.id)
        ),
        format!("DELETE FROM ledger_entries {}", of(&anna.id)),
        format!("UPDATE ledger_entries SET note = '' {}", of(&ben.id)),
    ] {
        assert!(!takes(app, change.clone()).await, "{change}");
    }
    let credit = scene
        .admin
        .request(
            reqwest::Method::POST,
            &format!("/admin/accounts/{}/credit", anna.id),
        )
        .header("idempotency-key", "late")
        .json(&json!({"amount": 1, "note": ""}));
    problem(credit.send().await.unwrap(), 404, "not_found").await;
}

#[actix_web::test]
async fn a_restart_in_between_loses_nothing_of_the_removal() {
    let scene = Scene::set().await;
    let (anna, ben, hall) = (scene.anna, scene.ben, scene.hall);
    for n in 0..450 {
        say(&anna, &hall, &format!("words {n}"), &format!("id-{n}")).await;
    }
    body(leave(&anna).await, 204).await;
    let app = scene.app.restart_with(|_| {}).await;
    forgotten(&app).await;
    let left = "SELECT COUNT(*) AS count FROM messages WHERE body LIKE 'words%' OR client_msg_id LIKE 'id-%'";
    assert_eq!(count(&app, left).await, 0);
    let gone = "SELECT COUNT(*) AS count FROM messages WHERE deleted_at IS NOT NULL";
    assert_eq!(count(&app, gone).await, 453);
    let ben = app.with_token(ben.token.as_ref().unwrap());
    assert_eq!(ben.get_json("/friends").await["friends"], json!([]));
}

/// Two who press the same button, and requests of every kind that are under way meanwhile.
#[actix_web::test]
async fn what_is_under_way_leaves_nothing_behind() {
    let app = start().await;
    let (anna, ben) = (app.member("anna").await, app.member("ben").await);
    let room = create(&ben, "hall").await;
    super::house::join(&anna, "hall").await;
    let (there, elsewhere) = (app.sign_in("anna").await, app.sign_in("anna").await);
    let words = async {
        for n in 0..40 {
            let message = json!({"client_msg_id": n.to_string(), "body": "annas words"});
            drop(
                there
                    .post(&format!("/rooms/{room}/messages"), message)
                    .await,
            );
        }
    };
    let files = async {
        for n in 0..15 {
            let put = dav(&app, &anna, "PUT", &format!("/annas-{n}.txt")).body(vec![n; 100]);
            drop(put.send().await);
        }
    };
    let doings = async {
        for n in 0..15 {
            drop(
                elsewhere
                    .patch("/me", json!({"real_name": "annas name"}))
                    .await,
            );
            let new = json!({"name": format!("annas room {n}")});
            drop(elsewhere.post("/rooms", new).await);
            let token = json!({"name": "annas token", "scopes": ["read"]});
            drop(elsewhere.post("/me/tokens", token).await);
            let sign_in = json!({"username": "anna", "password": PASSWORD, "device": "annas"});
            drop(app.nobody().post("/sessions", sign_in).await);
        }
    };
    let leaving = async {
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        tokio::join!(leave(&anna), leave(&elsewhere))
    };
    let ((), (), (), (one, two)) = tokio::join!(words, files, doings, leaving);
    let mut statuses = [one.status().as_u16(), two.status().as_u16()];
    statuses.sort_unstable();
    assert!(matches!(statuses, [204, 204 | 401]), "{statuses:?}");
    forgotten(&app).await;
    for (table, column) in [
        ("login_sessions", "device"),
        ("access_tokens", "name"),
        ("accounts", "real_name"),
        ("messages", "body"),
        ("room_events", "body"),
        ("rooms", "name"),
        ("drive_entries", "name"),
    ] {
        let left = format!("SELECT COUNT(*) AS count FROM {table} WHERE {column} LIKE 'annas%'");
        assert_eq!(count(&app, left).await, 0, "{table}");
    }
    let held = "SELECT CAST(COALESCE(SUM(used + reserved), 0) AS BIGINT) AS count FROM drive_usage";
    assert_eq!(count(&app, held).await, 0);
    assert_eq!(count(&app, "SELECT COUNT(*) AS count FROM blobs").await, 0);
    // Ben's room is whole.
    let log = ben
        .get_json(&format!("/rooms/{room}/events?after_seq=0&limit=200"))
        .await;
    let seqs: Vec<i64> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["seq"].as_i64().unwrap())
        .collect();
    assert_eq!(seqs, (1..).take(seqs.len()).collect::<Vec<i64>>());
    let last: Value = log["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["kind"], &last["account"]["username"]),
        (&json!("leave"), &json!("deleted account"))
    );
}
