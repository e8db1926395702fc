//! Films whose bytes are in a bucket: what is made of them is there, too, and plays from there.

use playhouse_test_support::s3::{KEY, S3Server, SECRET};
use reqwest::Method;
use serde_json::json;

use crate::stage::{Stream, finished, house_with, mp4, path_of, publish};

#[actix_web::test]
async fn renditions_live_and_end_in_the_bucket() {
    let service = S3Server::start();
    let app = house_with(|config| {
        config.storage.url = service.url("films");
        config.storage.access_key_id = KEY.to_owned();
        config.storage.secret_access_key = SECRET.to_owned();
    })
    .await;
    let admin = app.admin().await;
    let film = publish(&app, &admin, "a.mp4", &mp4("5", "640x360").await).await;
    let stream = Stream::fetch(&admin, &film).await;
    assert_eq!(stream.names, ["audio", "360p", "240p"]);
    for name in &stream.names {
        stream.decodes(name);
    }
    // The upload, three renditions, and a sheet of small pictures.
    assert_eq!(service.objects().len(), 5);
    assert!(!app.data_dir().join("storage/blobs").exists());
    let playback = admin
        .get_json(&format!("{}/playback", path_of(&film)))
        .await;
    let master = playback["sources"][0]["url"].as_str().unwrap();
    let media = format!("/{}", master.replace("master.m3u8", "360p/media.mp4"));
    let part = admin
        .request(Method::GET, &media)
        .header("range", "bytes=100-299");
    let part = part.send().await.unwrap();
    assert_eq!(part.status(), 206);
    let whole = std::fs::read(stream.path("360p/media.mp4")).unwrap();
    assert_eq!(part.bytes().await.unwrap(), whole[100..300]);
    assert_eq!(admin.delete(&path_of(&film)).await.status(), 204);
    let purge = format!("{}/purge", path_of(&film));
    assert_eq!(admin.post(&purge, json!({})).await.status(), 204);
    finished(&app, &admin).await;
    assert_eq!(service.objects(), Vec::<String>::new());
    app.stop().await;
}
