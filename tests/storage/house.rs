//! A whole house whose films are in a bucket.

use std::time::Duration;

use playhouse::config::Config;
use playhouse::storage;
use playhouse::verify::Verify;
use playhouse_test_support::films::mp4;
use playhouse_test_support::s3::{KEY, S3Server, SECRET};
use playhouse_test_support::{TestApp, text};
use serde_json::{Value, json};

fn in_bucket(config: &mut Config, service: &S3Server) {
    config.storage.url = service.url("films");
    config.storage.access_key_id = KEY.to_owned();
    config.storage.secret_access_key = SECRET.to_owned();
}

/// What `playhouse verify` finds.
async fn damage(app: &TestApp) -> u64 {
    let app = app.app();
    let config = &app.config;
    let place = storage::of_config(&config.storage, &config.storage_folder()).unwrap();
    let verify = Verify::new(app.db.clone(), place, Duration::ZERO);
    verify.run(|_| {}).await.unwrap().damage
}

#[actix_web::test]
async fn a_film_is_published_served_and_purged() {
    let service = S3Server::start();
    let app = TestApp::start_with(|config| in_bucket(config, &service)).await;
    let admin = app.admin().await;
    let published = admin.publish("a.mp4", &mp4(), json!({"title": "A"})).await;
    assert_eq!(published.status(), 201);
    let film: Value = published.json().await.unwrap();
    app.jobs_done(&admin).await;
    let name = blake3::hash(&mp4()).to_hex();
    let key = format!("films/{}/{}/{name}", &name[..2], &name[2..4]);
    assert_eq!(service.objects(), [key]);
    let listed = admin.get_json("/movies").await["items"][0].clone();
    assert_eq!(text(&listed["sha256"]).len(), 64, "{listed}");
    assert!(text(&listed["poster_url"]).ends_with(".jpg"), "{listed}");
    let fetched = app.data_dir().join("storage/fetched");
    let runs: Vec<_> = std::fs::read_dir(&fetched).unwrap().collect();
    let run = runs[0].as_ref().unwrap().path();
    assert_eq!(
        (runs.len(), std::fs::read_dir(&run).unwrap().count()),
        (1, 0)
    );
    std::fs::write(run.join("left by a crash"), b"x").unwrap();
    assert!(!app.data_dir().join("storage/blobs").exists());
    let path = format!("/movies/{}", text(&film["id"]));
    let ticket: Value = admin
        .post(&format!("{path}/downloads"), json!({}))
        .await
        .json()
        .await
        .unwrap();
    let address = format!("/{}", text(&ticket["url"]));
    let whole = app.nobody().get(&address).await;
    assert_eq!(whole.status(), 200);
    assert!(whole.bytes().await.unwrap() == mp4());
    let part = admin
        .request(reqwest::Method::GET, &address)
        .header("range", "bytes=1000-1999")
        .send()
        .await
        .unwrap();
    assert_eq!(part.status(), 206);
    assert!(part.bytes().await.unwrap() == mp4()[1000..2000]);
    let object = service.object(&service.objects()[0]);
    assert_eq!(damage(&app).await, 0);
    let mut flipped = mp4();
    flipped[1000] ^= 1;
    for (bytes, found) in [(flipped, 1), (vec![], 1), (mp4(), 0)] {
        std::fs::write(&object, bytes).unwrap();
        assert_eq!(damage(&app).await, found);
    }
    // It is the same house after a restart, and nothing is cleared away.
    let app = app.restart_with(|_| {}).await;
    let admin = app.sign_in("admin").await;
    let report = app.app().blobs.reconcile().await.unwrap();
    assert_eq!((report.removed, report.missing), (0, 0));
    assert!(!run.exists());
    admin.delete(&path).await;
    let purged = admin.post(&format!("{path}/purge"), json!({})).await;
    assert_eq!(purged.status(), 204);
    assert_eq!(service.objects(), Vec::<String>::new());
}

#[actix_web::test]
async fn a_service_that_is_away_costs_a_fault_and_no_upload() {
    let service = S3Server::start();
    let app = TestApp::start_with(|config| {
        in_bucket(config, &service);
        config.storage.secret_access_key = "expired".to_owned();
    })
    .await;
    let admin = app.admin().await;
    let upload = admin.upload("a.mp4", &mp4()).await;
    let body = json!({"upload_id": upload, "title": "A", "price": 0});
    let refused = admin.post("/movies", body.clone()).await;
    let fault = playhouse_test_support::problem(refused, 500, "internal").await;
    assert!(!fault.to_string().contains("s3"), "{fault}");
    let app = app.restart_with(|config| in_bucket(config, &service)).await;
    let admin = app.sign_in("admin").await;
    assert_eq!(admin.post("/movies", body).await.status(), 201);
}
