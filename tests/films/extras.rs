//! What comes beside the pictures: sheets of small ones, subtitles, chapters; and work that is interrupted.

use playhouse_test_support::{Person, problem, text};
use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{
    begin, fetch, fetch_text, finished, house, house_with, job, made_aside, mp4, path_of, probe,
    publish, source,
};

async fn playback(who: &Person, film: &Value) -> Value {
    who.get_json(&format!("{}/playback", path_of(film))).await
}

#[actix_web::test]
async fn small_pictures_of_every_moment_are_on_sheets() {
    let app = house().await;
    let admin = app.admin().await;
    let film = publish(&app, &admin, "a.mp4", &mp4("13", "426x240").await).await;
    let address = text(&playback(&admin, &film).await["sprites"]);
    let vtt = fetch_text(&admin, &address).await;
    assert_eq!(vtt.matches(" --> ").count(), 13, "{vtt}");
    assert!(vtt.contains("00:00:12.000 --> 00:00:13"), "{vtt}");
    let sheet = fetch(&admin, &address.replace("sprites.vtt", "sprites-0.jpg")).await;
    let file = tempfile::Builder::new().suffix(".jpg").tempfile().unwrap();
    std::fs::write(file.path(), &sheet).unwrap();
    let size = probe(file.path(), "stream=width,height")["streams"][0].clone();
    assert_eq!(
        (&size["width"], &size["height"]),
        (&json!(1600), &json!(180))
    );
    let last = vtt
        .lines()
        .rev()
        .find(|line| line.contains("xywh"))
        .unwrap();
    assert_eq!(last, "sprites-0.jpg#xywh=320,90,160,90");
    app.stop().await;
}

#[actix_web::test]
async fn subtitles_and_chapters_of_the_file_come_along() {
    let folder = tempfile::tempdir().unwrap();
    let (srt, meta) = (folder.path().join("a.srt"), folder.path().join("a.txt"));
    std::fs::write(&srt, "1\n00:00:01,000 --> 00:00:02,500\nHello <b>you</b>\n").unwrap();
    std::fs::write(
        &meta,
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=4000\ntitle=Two\n",
    )
    .unwrap();
    let bytes = made_aside(
        "mkv",
        &format!(
            "-f lavfi -i testsrc2=duration=4:size=426x240:rate=25 -i {0} -i {0} -i {1} -map 0 -map 1 -map 2 \
             -map_metadata 3 -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p -c:s srt \
             -metadata:s:s:0 language=eng -metadata:s:s:1 language=ger",
            srt.display(),
            meta.display()
        ),
    ).await;
    let app = house().await;
    let admin = app.admin().await;
    let film = publish(&app, &admin, "talk.mkv", &bytes).await;
    let shown = playback(&admin, &film).await;
    let chapters = json!([{"start": 0.0, "end": 2.0, "title": "One"}, {"start": 2.0, "end": 4.0, "title": "Two"}]);
    assert_eq!(shown["chapters"], chapters);
    let tracks: Vec<(String, String)> = shown["subtitles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (text(&it["language"]), text(&it["label"])))
        .collect();
    let expected = [("de", "Deutsch"), ("en", "English")];
    assert_eq!(
        tracks,
        expected.map(|(tag, name)| (tag.to_owned(), name.to_owned()))
    );
    let body = fetch_text(&admin, &text(&shown["subtitles"][1]["url"])).await;
    assert_eq!(
        body,
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello <b>you</b>\n"
    );
    app.stop().await;
}

#[actix_web::test]
async fn admins_upload_subtitles_and_take_them_away() {
    let app = house().await;
    let admin = app.admin().await;
    let film = begin(&admin, "a.mp4", &mp4("1", "320x240").await, json!({})).await;
    let address = |language: &str| format!("{}/subtitles/{language}", path_of(&film));
    let put = |who: &Person, path: String, body: Vec<u8>| {
        let request = who
            .request(Method::PUT, &path)
            .header("content-type", "text/vtt");
        request.body(body).send()
    };
    let vtt = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<script>alert(1)</script>Hi\n".to_vec();
    let answer = put(
        &admin,
        format!("{}?label=For%20all", address("zh-Hans")),
        vtt.clone(),
    )
    .await
    .unwrap();
    assert_eq!(answer.status(), 200);
    let track: Value = answer.json().await.unwrap();
    assert_eq!(
        (&track["language"], &track["label"]),
        (&json!("zh-Hans"), &json!("For all"))
    );
    let shown = playback(&admin, &film).await["subtitles"][0].clone();
    let body = fetch_text(&admin, &text(&shown["url"])).await;
    assert_eq!(
        body,
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nalert(1)Hi\n"
    );
    for (language, body) in [
        ("e", vtt.clone()),
        ("en_US", vtt.clone()),
        ("en", b"nothing".to_vec()),
        ("en", b"00:01 --> 00:02\n\xff\xfe\n".to_vec()),
    ] {
        problem(
            put(&admin, address(language), body).await.unwrap(),
            422,
            "invalid",
        )
        .await;
    }
    let bomb = vec![b'x'; (2 << 20) + 1];
    problem(
        put(&admin, address("en"), bomb).await.unwrap(),
        413,
        "payload_too_large",
    )
    .await;
    let ann = app.member("ann").await;
    problem(
        put(&ann, address("en"), vtt.clone()).await.unwrap(),
        403,
        "forbidden",
    )
    .await;
    let nowhere = format!("/movies/{}/subtitles/en", uuid::Uuid::now_v7());
    problem(put(&admin, nowhere, vtt).await.unwrap(), 404, "not_found").await;
    assert_eq!(admin.delete(&address("zh-Hans")).await.status(), 204);
    problem(admin.delete(&address("zh-Hans")).await, 404, "not_found").await;
    finished(&app, &admin).await;
    app.stop().await;
}

#[actix_web::test]
async fn work_that_a_restart_interrupts_goes_on_and_leaves_nothing() {
    let app = house().await;
    let admin = app.admin().await;
    let film = begin(&admin, "a.mp4", &mp4("12", "854x480").await, json!({})).await;
    // As a kill leaves it: a folder of a job that no worker has.
    let left = app
        .data_dir()
        .join(format!("storage/work/{}.0badcafe", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(&left).unwrap();
    std::fs::write(left.join("media.mp4"), b"half").unwrap();
    let app = app.restart_with(|_| {}).await;
    let admin = app.sign_in("admin").await;
    finished(&app, &admin).await;
    let shown = admin.get_json(&path_of(&film)).await;
    assert_eq!(shown["renditions"].as_array().unwrap().len(), 5, "{shown}");
    let work = app.data_dir().join("storage/work");
    for _ in 0..200 {
        if std::fs::read_dir(&work).unwrap().count() == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(std::fs::read_dir(&work).unwrap().count(), 0);
    app.stop().await;
}

#[actix_web::test]
async fn a_cancelled_film_stops_its_encoder() {
    let app = house().await;
    let admin = app.admin().await;
    let slow = "-f lavfi -i testsrc2=duration=60:size=854x480:rate=25 -c:v mpeg4 -q:v 3";
    let film = begin(
        &admin,
        "slow.mkv",
        &made_aside("mkv", slow).await,
        json!({}),
    )
    .await;
    let id = loop {
        let running = job(&admin, "film").await;
        if running["state"] == "running" && encoders(&app) > 0 {
            break text(&running["id"]);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let cancel = format!("/admin/jobs/{id}/cancel");
    assert_eq!(admin.post(&cancel, json!({})).await.status(), 200);
    for _ in 0..300 {
        if encoders(&app) == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(encoders(&app), 0);
    let shown = admin.get_json(&path_of(&film)).await;
    assert_eq!(shown["state"], "failed");
    assert_eq!(shown["failure"], "admin cancelled it.");
    problem(admin.post(&cancel, json!({})).await, 409, "conflict").await;
    app.stop().await;
}

#[actix_web::test]
async fn the_upload_goes_when_the_ladder_is_whole_if_the_house_wants_that() {
    let app = house_with(|config| config.movies.keep_original = false).await;
    let admin = app.admin().await;
    let how = "-c:v mpeg4 -q:v 4 -c:a libmp3lame";
    let bytes = made_aside("mkv", &format!("{} {how}", source("4", "640x360"))).await;
    let film = publish(&app, &admin, "night.mkv", &bytes).await;
    let shown = playback(&admin, &film).await;
    assert_eq!(shown["sources"][1]["type"], "video/mp4", "{shown}");
    let whole = fetch(&admin, &text(&shown["sources"][1]["url"])).await;
    assert_eq!(film["size"], whole.len());
    let file = tempfile::Builder::new().suffix(".mp4").tempfile().unwrap();
    std::fs::write(file.path(), &whole).unwrap();
    let streams = probe(file.path(), "stream=codec_name,height")["streams"].clone();
    let codecs: Vec<_> = streams
        .as_array()
        .unwrap()
        .iter()
        .map(|it| text(&it["codec_name"]))
        .collect();
    assert_eq!(codecs, ["h264", "aac"]);
    assert_eq!(streams[0]["height"], 360);
    assert!(
        !app.blob_path(&bytes).exists(),
        "nobody has those bytes any more"
    );
    app.stop().await;
}

/// Processes that work in this house's folder.
fn encoders(app: &playhouse_test_support::TestApp) -> usize {
    let folder = app.data_dir().join("storage/work");
    let folder = folder.to_str().unwrap();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|it| std::fs::read(it.path().join("cmdline")).ok())
        .filter(|line| String::from_utf8_lossy(line).contains(folder))
        .count()
}
