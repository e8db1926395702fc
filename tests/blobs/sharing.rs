//! A film and something else with the same bytes.

use playhouse::blobs::{self, NewBlob};
use playhouse_test_support::films::mp4;
use playhouse_test_support::{TestApp, problem, text};
use serde_json::{Value, json};

use crate::{Refusal, hash, hold_as};

async fn hold(app: &TestApp, holder: &'static str, content: &[u8]) -> playhouse::ids::BlobId {
    let path = app.data_dir().join("staged");
    std::fs::write(&path, content).unwrap();
    let file = NewBlob {
        path,
        blake3: hash(content),
        size: i64::try_from(content.len()).unwrap(),
    };
    let kept = app
        .app()
        .blobs
        .keep(file, move |conn, id| hold_as(conn, holder, id));
    kept.await.unwrap()
}

#[actix_web::test]
async fn purging_a_film_leaves_the_bytes_to_their_other_holder() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for is_film_first in [true, false] {
        let (id, film): (_, Value) = if is_film_first {
            let film = admin.publish("a.mp4", &mp4(), json!({})).await;
            (
                hold(&app, "first", &mp4()).await,
                film.json().await.unwrap(),
            )
        } else {
            let id = hold(&app, "second", &mp4()).await;
            let film = admin.publish("a.mp4", &mp4(), json!({})).await;
            (id, film.json().await.unwrap())
        };
        app.jobs_done(&admin).await;
        let listed = &admin.get_json("/movies").await["items"][0];
        assert_eq!(text(&listed["sha256"]).len(), 64, "{listed}");
        let again = admin.publish("b.mp4", &mp4(), json!({})).await;
        problem(again, 409, "duplicate_movie").await;
        let path = app.blob_path(&mp4());
        let film = format!("/movies/{}", text(&film["id"]));
        admin.delete(&film).await;
        let purged = admin.post(&format!("{film}/purge"), json!({})).await;
        assert_eq!(purged.status(), 204);
        app.jobs_done(&admin).await;
        assert!(std::fs::read(&path).unwrap() == mp4());
        let now = app.clock.now();
        let released = app
            .app()
            .db
            .write(move |conn| Ok::<_, Refusal>(blobs::release_in(conn, now, &id, 1)?));
        released.await.unwrap();
        app.jobs_done(&admin).await;
        assert!(!path.exists());
    }
}
