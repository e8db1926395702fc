//! What the admin console reads of the house itself: its settings, and what is asked of it.

use playhouse_test_support::{Person, TestApp, problem, text};
use serde_json::{Value, json};

fn setting(answer: &Value, key: &str) -> Value {
    let groups = answer["groups"].as_array().unwrap();
    let mut all = groups
        .iter()
        .flat_map(|it| it["settings"].as_array().unwrap());
    let found = all.find(|it| it["key"] == key);
    found.unwrap_or_else(|| panic!("no {key}")).clone()
}

/// An access token of somebody with one scope.
async fn robot(app: &TestApp, of: &Person, scope: &str) -> Person {
    let asked = json!({"name": "robot", "scopes": [scope]});
    let made: Value = of.post("/me/tokens", asked).await.json().await.unwrap();
    app.with_token(&text(&made["secret"]))
}

#[actix_web::test]
async fn admins_see_the_settings_in_force_without_secrets() {
    let app = TestApp::start_with(|config| {
        config.storage.access_key_id = "the-key".to_owned();
        config.storage.secret_access_key = "hush-hush".to_owned();
        config.site.name = "The Lantern".to_owned();
    })
    .await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let settings = admin.get_json("/admin/settings").await;
    assert_eq!(
        setting(&settings, "site.name"),
        json!({"key": "site.name", "value": "The Lantern", "source": "default", "masked": false})
    );
    let secret = setting(&settings, "storage.secret_access_key");
    assert_eq!(
        (&secret["value"], &secret["masked"]),
        (&json!("***"), &json!(true))
    );
    assert!(!settings.to_string().contains("hush-hush"), "{settings}");
    if let Some(url) = app.database_url() {
        let password = url.split(['@', ':']).nth(2).unwrap();
        assert!(password.len() > 5 && !settings.to_string().contains(password));
        assert_eq!(setting(&settings, "database.url")["masked"], true);
    }
    problem(ann.get("/admin/settings").await, 403, "forbidden").await;
    let nobody = app.nobody().get("/admin/settings").await;
    problem(nobody, 401, "not_signed_in").await;
    let reader = robot(&app, &admin, "read").await;
    problem(reader.get("/admin/settings").await, 403, "missing_scope").await;
    let ruler = robot(&app, &admin, "admin").await;
    assert_eq!(ruler.get("/admin/settings").await.status(), 200);
}

#[actix_web::test]
async fn admins_see_the_requests_of_the_last_minutes() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let sum = |stats: &Value, what: &str| -> i64 {
        let minutes = stats["requests"]["minutes"].as_array().unwrap();
        assert_eq!(minutes.len(), 15);
        minutes.iter().map(|it| it[what].as_i64().unwrap()).sum()
    };
    let before = admin.get_json("/admin/stats").await;
    for _ in 0..5 {
        assert_eq!(admin.get("/nothing/here").await.status(), 404);
    }
    let after = admin.get_json("/admin/stats").await;
    // The first look itself is the sixth. What a client did wrong is no failure of the house.
    assert_eq!(sum(&after, "requests") - sum(&before, "requests"), 6);
    assert_eq!(sum(&after, "errors"), 0);
    let times = after["requests"]["minutes"].as_array().unwrap();
    let times: Vec<_> = times.iter().map(|it| text(&it["at"])).collect();
    assert!(times.is_sorted(), "{times:?}");
    let states = ["waiting", "running", "done", "failed", "cancelled"];
    assert!(
        states.iter().all(|it| after["jobs"][*it] == 0),
        "{}",
        after["jobs"]
    );
}
