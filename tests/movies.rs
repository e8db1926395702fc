//! Publishing films, and what becomes of them: edits, the schedule, the trash, posters.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use chrono::TimeDelta;
use playhouse::ids::MovieId;
use playhouse_test_support::films::{self, made, mp4, mp4_number};
use playhouse_test_support::{Person, TestApp, problem, text, wrong_fields};
use serde_json::{Value, json};

/// Every file below a folder of the storage.
fn files(app: &TestApp, folder: &str) -> Vec<PathBuf> {
    fn below(folder: PathBuf, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    below(app.data_dir().join("storage").join(folder), &mut found);
    found
}

async fn titles(who: &Person, query: &str) -> Vec<String> {
    let page = who.get_json(&format!("/movies?{query}")).await;
    let items = page["items"].as_array().unwrap();
    items.iter().map(|film| text(&film["title"])).collect()
}

async fn film(app: &TestApp, shown: &Value) -> Option<playhouse::movies::Movie> {
    let id = MovieId::from(uuid::Uuid::parse_str(&text(&shown["id"])).unwrap());
    app.app().movies.find(&id).await.unwrap()
}

fn path_of(film: &Value) -> String {
    format!("/movies/{}", text(&film["id"]))
}

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

#[actix_web::test]
async fn an_edit_shows_everywhere() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let film = app.publish_film(&admin, "Old Name", 0).await;
    assert_eq!(titles(&admin, "q=old&price=free").await, ["Old Name"]);
    let path = path_of(&film);
    let changes = json!({"title": "New Name", "tags": ["sea"], "category": "Drama", "price": 90});
    let changed: Value = admin.patch(&path, changes).await.json().await.unwrap();
    assert_eq!(
        (&changed["title"], &changed["tags"]),
        (&json!("New Name"), &json!(["sea"]))
    );
    assert_eq!(
        changed["description"], film["description"],
        "what is left out stays"
    );
    for (query, count) in [
        ("q=old", 0),
        ("q=new", 1),
        ("tag=sea", 1),
        ("price=free", 0),
        ("price=paid&category=Drama", 1),
    ] {
        assert_eq!(titles(&admin, query).await.len(), count, "{query}");
    }
    let cleared: Value = admin
        .patch(&path, json!({"category": null, "tags": []}))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&cleared["category"], &cleared["tags"]),
        (&Value::Null, &json!([]))
    );
    assert_eq!(titles(&admin, "tag=sea").await.len(), 0);
    problem(
        admin.patch(&path, json!({"price": -1})).await,
        422,
        "invalid",
    )
    .await;
    problem(admin.patch(&path, json!({"size": 1})).await, 422, "invalid").await;
    let nowhere = format!("/movies/{}", uuid::Uuid::now_v7());
    problem(
        admin.patch(&nowhere, json!({"title": "A"})).await,
        404,
        "not_found",
    )
    .await;
    let audit = admin.get_json("/admin/audit?action=movie.change").await;
    assert_eq!(
        audit["items"][0]["detail"],
        json!({"category": null, "tags": []})
    );
}

#[actix_web::test]
async fn a_scheduled_film_appears_when_its_time_comes() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ann = app.member("ann").await;
    app.publish_film(&admin, "Now", 0).await;
    let at = (app.clock.now() + TimeDelta::hours(2)).and_utc();
    let said = json!({"title": "Later", "publish_at": at});
    let later: Value = admin
        .publish("later.mp4", &mp4(), said)
        .await
        .json()
        .await
        .unwrap();
    app.jobs_done(&admin).await;
    assert_eq!(titles(&ann, "").await, ["Now"]);
    for query in ["q=later", "sort=title", "sort=popular", "price=free"] {
        assert!(
            !titles(&ann, query).await.contains(&"Later".to_owned()),
            "{query}"
        );
    }
    assert_eq!(titles(&admin, "").await, ["Later", "Now"]);
    let poster = text(&admin.get_json("/movies?q=later").await["items"][0]["poster_url"]);
    problem(ann.get(&format!("/{poster}")).await, 404, "not_found").await;
    assert_eq!(admin.get(&format!("/{poster}")).await.status(), 200);
    app.advance(TimeDelta::hours(3));
    assert_eq!(titles(&ann, "").await, ["Later", "Now"]);
    assert_eq!(titles(&ann, "q=later").await, ["Later"]);
    assert_eq!(ann.get(&format!("/{poster}")).await.status(), 200);
    let again = (app.clock.now() + TimeDelta::hours(2)).and_utc();
    admin
        .patch(&path_of(&later), json!({"publish_at": again}))
        .await;
    assert_eq!(titles(&ann, "").await, ["Now"]);
    admin
        .patch(&path_of(&later), json!({"publish_at": null}))
        .await;
    assert_eq!(titles(&ann, "").await, ["Later", "Now"]);
}

#[actix_web::test]
async fn digests_and_a_poster_follow() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let film = app.publish_film(&admin, "Colours", 0).await;
    assert_eq!(
        (&film["poster_url"], &film["sha256"]),
        (&Value::Null, &Value::Null)
    );
    app.jobs_done(&admin).await;
    let film = admin.get_json("/movies").await["items"][0].clone();
    let bytes = std::fs::read(&files(&app, "blobs")[0]).unwrap();
    assert_eq!(film["sha256"], films::sha256(&bytes));
    assert_eq!(text(&film["md5"]).len(), 32);
    let poster = format!("/{}", text(&film["poster_url"]));
    let answer = app.nobody().get(&poster).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "image/jpeg");
    let kept = answer.headers()["cache-control"].to_str().unwrap();
    assert!(kept.contains("immutable"), "{kept}");
    let tag = answer.headers()["etag"].clone();
    assert!(
        answer
            .bytes()
            .await
            .unwrap()
            .starts_with(&[0xff, 0xd8, 0xff])
    );
    let again = app
        .nobody()
        .request(reqwest::Method::GET, &poster)
        .header("if-none-match", tag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    let head = app
        .nobody()
        .request(reqwest::Method::HEAD, &poster)
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), 200);
    for wrong in [
        "//media/posters/x.jpg",
        "//media/posters/..%2f..%2fplayhouse.db",
        "//media/posters/00000000000000000000000000000000.jpg",
    ] {
        problem(app.nobody().get(wrong).await, 404, "not_found").await;
    }
    let jobs = admin.get_json("/admin/jobs?state=done").await;
    let kinds: Vec<_> = jobs["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| text(&it["kind"]))
        .collect();
    assert_eq!(kinds, ["digests", "poster"]);
    assert_eq!(jobs["items"][0]["movie_id"], film["id"]);
}

#[actix_web::test]
async fn the_trash_keeps_a_film_until_it_is_purged() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ann = app.member("ann").await;
    let film = app.publish_film(&admin, "Old", 0).await;
    app.jobs_done(&admin).await;
    let path = path_of(&film);
    let purge = format!("{path}/purge");
    problem(admin.post(&purge, json!({})).await, 409, "conflict").await;
    assert_eq!(admin.delete(&path).await.status(), 204);
    assert_eq!(admin.delete(&path).await.status(), 204, "again is the same");
    assert_eq!(titles(&ann, "").await.len(), 0);
    assert_eq!(titles(&ann, "q=old").await.len(), 0);
    assert_eq!(titles(&admin, "").await.len(), 0);
    assert_eq!(titles(&admin, "deleted=true").await, ["Old"]);
    assert_eq!(titles(&admin, "deleted=true&q=old").await, ["Old"]);
    let poster = text(&admin.get_json("/movies?deleted=true").await["items"][0]["poster_url"]);
    problem(ann.get(&format!("/{poster}")).await, 404, "not_found").await;
    let restored = admin.post(&format!("{path}/restore"), json!({})).await;
    assert_eq!(
        restored.json::<Value>().await.unwrap()["deleted_at"],
        Value::Null
    );
    assert_eq!(titles(&ann, "q=old").await, ["Old"]);
    admin.delete(&path).await;
    assert_eq!(
        (files(&app, "blobs").len(), files(&app, "posters").len()),
        (1, 1)
    );
    assert_eq!(admin.post(&purge, json!({})).await.status(), 204);
    assert_eq!(
        (files(&app, "blobs").len(), files(&app, "posters").len()),
        (0, 0)
    );
    assert_eq!(titles(&admin, "deleted=true").await.len(), 0);
    problem(admin.post(&purge, json!({})).await, 404, "not_found").await;
    problem(admin.get(&format!("/{poster}")).await, 404, "not_found").await;
    let audit = admin.get_json("/admin/audit").await;
    let done: Vec<_> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| text(&it["action"]))
        .take(4)
        .collect();
    assert_eq!(
        done,
        [
            "movie.purge",
            "movie.delete",
            "movie.restore",
            "movie.delete"
        ]
    );
    app.publish_film(&admin, "Old", 0).await;
    app.jobs_done(&admin).await;
    assert_eq!(
        files(&app, "blobs").len(),
        1,
        "the bytes of the new film stay"
    );
}

#[actix_web::test]
async fn the_trash_is_emptied_by_time() {
    let app = TestApp::start_with(|config| config.trash.days = 7).await;
    let admin = app.admin().await;
    let (gone, kept) = (
        app.publish_film(&admin, "Gone", 0).await,
        app.publish_film(&admin, "Kept", 0).await,
    );
    admin.delete(&path_of(&gone)).await;
    admin.delete(&path_of(&kept)).await;
    app.advance(TimeDelta::days(4));
    app.jobs_done(&admin).await;
    assert_eq!(titles(&admin, "deleted=true").await.len(), 2);
    admin
        .post(&format!("{}/restore", path_of(&kept)), json!({}))
        .await;
    admin.delete(&path_of(&kept)).await;
    app.advance(TimeDelta::days(4));
    app.jobs_done(&admin).await;
    assert_eq!(
        titles(&admin, "deleted=true").await,
        ["Kept"],
        "its time began anew"
    );
    assert_eq!(files(&app, "blobs").len(), 1);
    let audit = admin.get_json("/admin/audit?action=movie.purge").await;
    assert_eq!(audit["items"][0]["actor"], Value::Null);
}

#[actix_web::test]
async fn a_poster_is_made_after_a_restart_and_a_failure_can_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let script = |body: &str| {
        let path = folder.path().join("ffmpeg");
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    let hangs = script("touch \"$0.began\"; exec sleep 60");
    let app = TestApp::start_with(|config| config.movies.ffmpeg = hangs.clone()).await;
    let admin = app.admin().await;
    app.publish_film(&admin, "A", 0).await;
    while !folder.path().join("ffmpeg.began").exists() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    script("echo the disk is on fire >&2; exit 1");
    let app = app.restart_with(|_| {}).await;
    let admin = app.sign_in("admin").await;
    let poster = || async {
        let jobs = admin.get_json("/admin/jobs").await;
        let jobs = jobs["items"].as_array().unwrap().clone();
        jobs.into_iter().find(|it| it["kind"] == "poster").unwrap()
    };
    app.jobs_done(&admin).await;
    let failed = poster().await;
    assert_eq!(
        (&failed["state"], &failed["attempts"]),
        (&json!("waiting"), &json!(1))
    );
    assert!(
        text(&failed["last_error"]).contains("the disk is on fire"),
        "{failed}"
    );
    for _ in 0..6 {
        app.advance(TimeDelta::hours(2));
        app.jobs_done(&admin).await;
    }
    let failed = poster().await;
    assert_eq!(
        (&failed["state"], &failed["attempts"]),
        (&json!("failed"), &json!(6))
    );
    let app = app
        .restart_with(|config| config.movies.ffmpeg = "ffmpeg".into())
        .await;
    let admin = app.sign_in("admin").await;
    let retry = format!("/admin/jobs/{}/retry", text(&failed["id"]));
    assert_eq!(admin.post(&retry, json!({})).await.status(), 200);
    app.jobs_done(&admin).await;
    let film = admin.get_json("/movies").await["items"][0].clone();
    assert!(text(&film["poster_url"]).ends_with(".jpg"), "{film}");
    problem(admin.post(&retry, json!({})).await, 409, "conflict").await;
    let nowhere = format!("/admin/jobs/{}/retry", uuid::Uuid::now_v7());
    problem(admin.post(&nowhere, json!({})).await, 404, "not_found").await;
    let ann = app.member("ann").await;
    problem(ann.post(&retry, json!({})).await, 403, "forbidden").await;
    problem(ann.get("/admin/jobs").await, 403, "forbidden").await;
}
