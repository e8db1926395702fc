//! From an upload to a film, and every refusal on the way.

use std::path::PathBuf;

use playhouse_test_support::films::{self, made, mp4, mp4_number};
use playhouse_test_support::{TestApp, problem, text, wrong_fields};
use serde_json::{Value, json};

use crate::{files, film, path_of, titles};

#[actix_web::test]
async fn a_film_is_published_and_found() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let said = json!({"title": " Night Train ", "description": "A journey.\nBy rail.",
        "tags": ["Noir", "noir "], "category": "Drama", "price": 250});
    let answer = admin.publish("train.mp4", &mp4(), said).await;
    assert_eq!(answer.status(), 201);
    let address = text(&json!(answer.headers()["location"].to_str().unwrap()));
    let film: Value = answer.json().await.unwrap();
    assert_eq!(address, format!("/api/v1{}", path_of(&film)));
    assert_eq!(film["title"], "Night Train");
    assert_eq!(film["tags"], json!(["noir"]));
    assert_eq!(
        (&film["category"], &film["price"], &film["state"]),
        (&json!("Drama"), &json!(250), &json!("published"))
    );
    assert_eq!((&film["width"], &film["height"]), (&json!(128), &json!(72)));
    assert!(
        (0.9..1.2).contains(&film["duration"].as_f64().unwrap()),
        "{film}"
    );
    assert_eq!(film["size"], mp4().len());
    assert_eq!(film["blake3"], blake3::hash(&mp4()).to_hex().as_str());
    let member = app.member("ann").await;
    let page = member.get_json("/movies").await;
    assert_eq!(page["items"][0]["id"], film["id"]);
    assert_eq!(page["next_cursor"], Value::Null);
    let audit = admin.get_json("/admin/audit?action=movie.publish").await;
    assert_eq!(audit["items"][0]["target_id"], film["id"]);
    assert_eq!(files(&app, "uploads"), Vec::<PathBuf>::new());
    assert_eq!(files(&app, "blobs").len(), 1);
}

#[actix_web::test]
async fn the_container_and_the_rotation_are_seen() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for (name, bytes, expected, codec) in [
        ("a.mp4", mp4(), "video/mp4", "h264"),
        ("b.mkv", films::mkv(), "video/x-matroska", "h264"),
        ("c.webm", films::webm(), "video/webm", "vp8"),
    ] {
        let answer = admin.publish(name, &bytes, json!({})).await;
        assert_eq!(answer.status(), 201, "{name}");
        let film = film(&app, &answer.json().await.unwrap()).await.unwrap();
        assert_eq!(film.content_type, expected);
        assert_eq!(
            (film.video_codec.as_str(), film.file_name.as_str()),
            (codec, name)
        );
        assert!(film.audio_codec.is_some());
    }
    let turned = films::turned();
    let film: Value = admin
        .publish("phone.mp4", &turned, json!({}))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!((&film["width"], &film["height"]), (&json!(72), &json!(128)));
}

#[actix_web::test]
async fn what_is_no_video_is_refused_and_nothing_is_kept() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let tone = "-f lavfi -i sine=duration=1";
    let picture = "-f lavfi -i color=red:size=64x64 -frames:v 1";
    let playlist = format!(
        "#EXTM3U\n#EXTINF:1,\n{}\n",
        app.data_dir().join("x.mp4").display()
    );
    let refusals = [
        (
            "notes.mp4",
            b"This is a text, whatever its name says.".to_vec(),
        ),
        ("empty.mp4", Vec::new()),
        ("list.mp4", playlist.into_bytes()),
        ("song.mp4", made("m4a", &format!("{tone} -c:a aac"))),
        ("song.mp3", made("mp3", tone)),
        ("cover.m4a", films::song_with_cover()),
        ("photo.mp4", made("png", picture)),
        ("photo.jpg", made("jpg", picture)),
    ];
    for (name, bytes) in refusals {
        let upload = admin.upload(name, &bytes).await;
        let body = json!({"upload_id": upload, "title": name, "price": 0});
        problem(
            admin.post("/movies", body.clone()).await,
            422,
            "not_a_video",
        )
        .await;
        problem(admin.post("/movies", body).await, 404, "not_found").await;
        assert_eq!(files(&app, "uploads"), Vec::<PathBuf>::new(), "{name}");
        assert_eq!(files(&app, "blobs"), Vec::<PathBuf>::new(), "{name}");
    }
    assert_eq!(titles(&admin, "").await, Vec::<String>::new());
}

#[actix_web::test]
async fn without_ffprobe_the_upload_is_kept_and_the_problem_says_what_to_install() {
    let app = TestApp::start_with(|config| config.movies.ffprobe = "/nowhere/ffprobe".into()).await;
    let admin = app.admin().await;
    let upload = admin.upload("a.mp4", &mp4()).await;
    let body = json!({"upload_id": upload, "title": "A", "price": 0});
    let refused = problem(
        admin.post("/movies", body.clone()).await,
        503,
        "unavailable",
    )
    .await;
    assert!(text(&refused["detail"]).contains("apt-get install ffmpeg"));
    let app = app
        .restart_with(|config| config.movies.ffprobe = "ffprobe".into())
        .await;
    let admin = app.sign_in("admin").await;
    assert_eq!(admin.post("/movies", body).await.status(), 201);
}

#[actix_web::test]
async fn the_same_bytes_are_refused_and_the_other_film_is_named() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let first = app.publish_film(&admin, "First", 0).await;
    let bytes = std::fs::read(&files(&app, "blobs")[0]).unwrap();
    let again = admin.publish("other.mp4", &bytes, json!({})).await;
    let link = format!("</api/v1{}>; rel=\"duplicate\"", path_of(&first));
    assert_eq!(again.headers()["link"], *link);
    let refused = problem(again, 409, "duplicate_movie").await;
    let detail = text(&refused["detail"]);
    assert!(
        detail.contains("First") && detail.contains(&text(&first["id"])),
        "{detail}"
    );
    assert_eq!(files(&app, "uploads"), Vec::<PathBuf>::new());
    assert_eq!(files(&app, "blobs").len(), 1);
    admin.delete(&path_of(&first)).await;
    let again = admin.publish("other.mp4", &bytes, json!({})).await;
    let refused = problem(again, 409, "duplicate_movie").await;
    assert!(text(&refused["detail"]).contains("trash"));
}

#[actix_web::test]
async fn of_two_admins_with_the_same_bytes_one_wins() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let other = app.member("other").await;
    let path = format!("/admin/accounts/{}", other.id);
    assert_eq!(
        admin.patch(&path, json!({"role": "admin"})).await.status(),
        200
    );
    for round in 0..4 {
        let bytes = mp4_number(round);
        let (one, two) = tokio::join!(admin.upload("1.mp4", &bytes), other.upload("2.mp4", &bytes));
        let body =
            |upload: String| json!({"upload_id": upload, "title": format!("{round}"), "price": 0});
        let (one, two) = tokio::join!(
            admin.post("/movies", body(one)),
            other.post("/movies", body(two))
        );
        let (won, lost) = if one.status() == 201 {
            (one, two)
        } else {
            (two, one)
        };
        assert_eq!(won.status(), 201);
        problem(lost, 409, "duplicate_movie").await;
    }
    assert_eq!(titles(&admin, "").await.len(), 4);
    assert_eq!(files(&app, "blobs").len(), 4);
    assert_eq!(files(&app, "uploads"), Vec::<PathBuf>::new());
}

#[actix_web::test]
async fn one_upload_makes_one_film() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let upload = admin.upload("a.mp4", &mp4()).await;
    let body = json!({"upload_id": upload, "title": "A", "price": 0});
    let (one, two) = tokio::join!(
        admin.post("/movies", body.clone()),
        admin.post("/movies", body.clone())
    );
    let statuses = [one.status().as_u16(), two.status().as_u16()];
    assert!(statuses.contains(&201), "{statuses:?}");
    assert!(
        statuses.iter().any(|it| [404, 409].contains(it)),
        "{statuses:?}"
    );
    assert_eq!(titles(&admin, "").await, ["A"]);
}

#[actix_web::test]
async fn what_is_said_of_a_film_is_checked() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let upload = admin.upload("a.mp4", &mp4()).await;
    let wrong = json!({"upload_id": upload, "title": "a\u{7}", "description": "x".repeat(20_001),
        "tags": ["x".repeat(41)], "category": "y".repeat(61), "price": -1, "publish_at": "+012345-01-01T00:00:00Z"});
    let refused = problem(admin.post("/movies", wrong).await, 422, "invalid").await;
    assert_eq!(
        wrong_fields(&refused),
        [
            "title",
            "description",
            "category",
            "tags",
            "price",
            "publish_at"
        ]
    );
    for (field, value) in [
        ("price", json!(9_223_372_036_854_775_807_i64)),
        ("price", json!(1.5)),
        ("price", json!("free")),
        ("title", json!("  ")),
        ("tags", json!("noir")),
        ("colour", json!("red")),
        ("publish_at", json!("tomorrow")),
        ("upload_id", json!("none")),
    ] {
        let mut body = json!({"upload_id": upload, "title": "A", "price": 0});
        body[field] = value;
        let refused = problem(admin.post("/movies", body).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), [field]);
    }
    let unknown = json!({"upload_id": uuid::Uuid::now_v7(), "title": "A", "price": 0});
    problem(admin.post("/movies", unknown).await, 404, "not_found").await;
    let right = json!({"upload_id": upload, "title": "A", "price": 1_000_000_000});
    assert_eq!(
        admin.post("/movies", right).await.status(),
        201,
        "nothing was used up"
    );
}

#[actix_web::test]
async fn a_film_is_looked_up_by_its_content() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let bytes = mp4();
    let fingerprint =
        playhouse_api::fingerprint::fingerprint(&mut std::io::Cursor::new(&bytes)).unwrap();
    let blake3 = blake3::hash(&bytes).to_hex().to_string();
    let look = |body: Value| admin.post("/movies/lookup", body);
    problem(
        look(json!({"fingerprint": fingerprint})).await,
        404,
        "not_found",
    )
    .await;
    admin.publish("a.mp4", &bytes, json!({"title": "A"})).await;
    for body in [
        json!({"fingerprint": fingerprint}),
        json!({"blake3": blake3}),
        json!({"blake3": blake3.to_uppercase()}),
    ] {
        let found: Value = look(body).await.json().await.unwrap();
        assert_eq!(found["title"], "A");
    }
    for body in [
        json!({}),
        json!({"fingerprint": fingerprint, "blake3": blake3}),
        json!({"fingerprint": "xyz"}),
        json!({"blake3": fingerprint}),
    ] {
        problem(look(body).await, 422, "invalid").await;
    }
}

#[actix_web::test]
async fn only_admins_publish_and_change() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let film = app.publish_film(&admin, "A", 0).await;
    let (ann, nobody) = (app.member("ann").await, app.nobody());
    let path = path_of(&film);
    for (who, status, code) in [(&ann, 403, "forbidden"), (&nobody, 401, "not_signed_in")] {
        let new = json!({"upload_id": uuid::Uuid::now_v7(), "title": "A", "price": 0});
        problem(who.post("/movies", new).await, status, code).await;
        problem(who.post("/movies/lookup", json!({})).await, status, code).await;
        problem(who.patch(&path, json!({})).await, status, code).await;
        problem(who.delete(&path).await, status, code).await;
        problem(
            who.post(&format!("{path}/restore"), json!({})).await,
            status,
            code,
        )
        .await;
        problem(
            who.post(&format!("{path}/purge"), json!({})).await,
            status,
            code,
        )
        .await;
    }
    problem(nobody.get("/movies").await, 401, "not_signed_in").await;
    problem(nobody.get("/movies/facets").await, 401, "not_signed_in").await;
    problem(ann.get("/movies?deleted=true").await, 403, "forbidden").await;
    problem(ann.get("/movies?state=failed").await, 403, "forbidden").await;
}
