//! Choosing among the pictures of a film, and hanging one of one's own.

use playhouse_test_support::films::{made, mp4};
use playhouse_test_support::{Person, TestApp, problem, text, wrong_fields};
use reqwest::Method;
use serde_json::{Value, json};

use crate::files;

/// Six seconds that look different at each place, so that its pictures do.
fn long_film() -> Vec<u8> {
    made(
        "mp4",
        "-f lavfi -i testsrc=duration=6:size=128x72:rate=10 -c:v libx264 -preset ultrafast -pix_fmt yuv420p",
    )
}

fn picture(extension: &str, how: &str) -> Vec<u8> {
    made(extension, &format!("-f lavfi -i {how} -frames:v 1"))
}

async fn posters(admin: &Person, film: &Value) -> Vec<Value> {
    let its = format!("/admin/movies/{}/posters", text(&film["id"]));
    let all = admin.get_json(&its).await;
    all["posters"].as_array().unwrap().clone()
}

fn chosen(posters: &[Value]) -> &Value {
    let mut all = posters.iter().filter(|it| it["chosen"] == true);
    let one = all.next().unwrap();
    assert!(all.next().is_none(), "{posters:?}");
    one
}

async fn upload(who: &Person, film: &Value, picture: Vec<u8>) -> reqwest::Response {
    let its = format!("/admin/movies/{}/poster", text(&film["id"]));
    let request = who.request(Method::POST, &its).body(picture);
    request
        .header("content-type", "image/jpeg")
        .send()
        .await
        .unwrap()
}

async fn bytes(who: &Person, poster: &Value) -> (u16, Vec<u8>) {
    let answer = who.get(&format!("/{}", text(&poster["url"]))).await;
    let status = answer.status().as_u16();
    (status, answer.bytes().await.unwrap().to_vec())
}

async fn stage(app: &TestApp) -> (Person, Value) {
    let admin = app.admin().await;
    let answer = admin.publish("a.mp4", &long_film(), json!({})).await;
    let film: Value = answer.json().await.unwrap();
    app.jobs_done(&admin).await;
    (admin, film)
}

#[actix_web::test]
async fn an_admin_chooses_another_picture() {
    let app = TestApp::start().await;
    let (admin, film) = stage(&app).await;
    let all = posters(&admin, &film).await;
    let moments: Vec<f64> = all.iter().map(|it| it["at"].as_f64().unwrap()).collect();
    assert_eq!(moments, [0.6, 1.8, 3.0, 4.2]);
    assert_eq!(chosen(&all), &all[0]);
    let path = format!("/movies/{}", text(&film["id"]));
    let before = admin.get_json(&path).await["poster_url"].clone();
    assert_eq!(before, all[0]["url"]);
    // Others than the one that is shown are for admins.
    let ann = app.member("ann").await;
    for (poster, expected) in all.iter().zip([200, 404, 404, 404]) {
        assert_eq!(bytes(&ann, poster).await.0, expected);
        let (status, picture) = bytes(&admin, poster).await;
        assert!(status == 200 && picture.starts_with(&[0xff, 0xd8, 0xff]));
    }
    let its = format!("/admin{path}/poster");
    for _ in 0..2 {
        let answer = admin.put(&its, json!({"id": all[2]["id"]})).await;
        assert_eq!(answer.status(), 200);
        let now: Value = answer.json().await.unwrap();
        assert_eq!(
            chosen(now["posters"].as_array().unwrap())["id"],
            all[2]["id"]
        );
    }
    let after = admin.get_json(&path).await["poster_url"].clone();
    assert!(after == all[2]["url"] && after != before, "another address");
    let listed = ann.get_json("/movies").await["items"][0]["poster_url"].clone();
    assert_eq!(listed, after, "the catalogue knows it at once");
    assert_eq!(bytes(&ann, &all[2]).await.0, 200);
    assert_eq!(bytes(&ann, &all[0]).await.0, 404);
    let audit = admin.get_json("/admin/audit?action=movie.poster").await;
    let entries = audit["items"].as_array().unwrap().clone();
    assert_eq!(
        entries.len(),
        1,
        "the second choice changed nothing: {audit}"
    );
    assert_eq!(entries[0]["detail"]["at_ms"], 3000);
    app.stop().await;
}

#[actix_web::test]
async fn an_admin_hangs_a_picture_of_their_own() {
    let app = TestApp::start().await;
    let (admin, film) = stage(&app).await;
    let path = format!("/movies/{}", text(&film["id"]));
    let mut before = text(&admin.get_json(&path).await["poster_url"]);
    for (extension, how) in [
        ("png", "testsrc2=size=1000x1500"),
        ("jpg", "testsrc=size=300x200"),
        ("webp", "mandelbrot=size=320x240"),
    ] {
        let answer = upload(&admin, &film, picture(extension, how)).await;
        assert_eq!(answer.status(), 201, "{extension}");
        let all: Value = answer.json().await.unwrap();
        let all = all["posters"].as_array().unwrap();
        assert_eq!(all.len(), 5, "the one before went: {all:?}");
        let mine = chosen(all);
        assert_eq!((mine, &mine["at"]), (&all[4], &Value::Null));
        let (status, shown) = bytes(&app.nobody(), mine).await;
        assert!(
            status == 200 && shown.starts_with(&[0xff, 0xd8, 0xff]),
            "{extension}"
        );
        let now = text(&admin.get_json(&path).await["poster_url"]);
        assert_ne!(now, before, "another address");
        assert_eq!(files(&app, "posters").len(), 5);
        let gone = json!({"url": before});
        assert_eq!(bytes(&app.nobody(), &gone).await.0, 404);
        before = now;
    }
    let audit = admin.get_json("/admin/audit?action=movie.poster").await;
    assert_eq!(audit["items"].as_array().unwrap().len(), 3);
    // They go with the film.
    admin.delete(&path).await;
    assert_eq!(
        admin
            .post(&format!("{path}/purge"), json!({}))
            .await
            .status(),
        204
    );
    assert_eq!(files(&app, "posters").len(), 0);
    app.stop().await;
}

/// A PNG whose head says that it is as large as that.
fn said_to_be(mut png: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let mut crc = !0_u32;
    for byte in &png[12..29] {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    png[29..33].copy_from_slice(&(!crc).to_be_bytes());
    png
}

#[actix_web::test]
async fn what_is_no_picture_is_refused_and_leaves_nothing() {
    let app = TestApp::start().await;
    let (admin, film) = stage(&app).await;
    let before = posters(&admin, &film).await;
    let png = picture("png", "testsrc=size=64x64");
    let whole = png.len();
    assert_eq!(
        upload(&admin, &film, said_to_be(png.clone(), 64, 64))
            .await
            .status(),
        201
    );
    let with_mine = posters(&admin, &film).await;
    assert_eq!(with_mine.len(), before.len() + 1);
    for (name, bytes) in [
        ("nothing", Vec::new()),
        ("a film", mp4()),
        ("a playlist", b"#EXTM3U\n/etc/passwd\n".to_vec()),
        (
            "an image of other kind",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
        ),
        ("a head alone", png[..40].to_vec()),
        (
            "a JPEG of noise",
            [&[0xff, 0xd8, 0xff][..], &[7; 5000]].concat(),
        ),
        (
            "a WebP of noise",
            [b"RIFF\x00\x10\x00\x00WEBPVP8 ".as_slice(), &[7; 500]].concat(),
        ),
        ("a bomb", said_to_be(png.clone(), 60_000, 60_000)),
    ] {
        let refused = problem(upload(&admin, &film, bytes).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), ["body"], "{name}: {refused}");
    }
    let large = [png, vec![0; (10 << 20) + 1 - whole]].concat();
    problem(upload(&admin, &film, large).await, 413, "payload_too_large").await;
    assert_eq!(posters(&admin, &film).await, with_mine);
    assert_eq!(
        files(&app, "posters").len(),
        with_mine.len(),
        "no draft is left"
    );
    // Other films, other people.
    let other = app.publish_film(&admin, "Other", 0).await;
    app.jobs_done(&admin).await;
    let foreign = posters(&admin, &other).await[0]["id"].clone();
    let its = format!("/admin/movies/{}/poster", text(&film["id"]));
    for id in [foreign, json!("0"), json!("../../x")] {
        problem(admin.put(&its, json!({"id": id})).await, 404, "not_found").await;
    }
    let nowhere = json!({"id": uuid::Uuid::now_v7()});
    let png = picture("png", "testsrc=size=64x64");
    problem(
        upload(&admin, &nowhere, png.clone()).await,
        404,
        "not_found",
    )
    .await;
    let list = format!("/admin/movies/{}/posters", text(&nowhere["id"]));
    problem(admin.get(&list).await, 404, "not_found").await;
    let ann = app.member("ann").await;
    problem(upload(&ann, &film, png).await, 403, "forbidden").await;
    problem(ann.get(&format!("{its}s")).await, 403, "forbidden").await;
    problem(ann.put(&its, json!({"id": "0"})).await, 403, "forbidden").await;
    app.stop().await;
}

#[actix_web::test]
async fn without_ffmpeg_a_picture_is_not_taken() {
    let app = TestApp::start().await;
    let (_, film) = stage(&app).await;
    let app = app
        .restart_with(|config| config.movies.ffmpeg = "/nowhere/ffmpeg".into())
        .await;
    let admin = app.sign_in("admin").await;
    let png = picture("png", "testsrc=size=64x64");
    problem(upload(&admin, &film, png).await, 503, "unavailable").await;
    assert_eq!(files(&app, "posters").len(), 4);
    app.stop().await;
}
