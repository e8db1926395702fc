//! What is broken or means harm ends as `failed`, with a reason, in good time, and leaves nothing behind.

use playhouse_test_support::{TestApp, problem, text};
use serde_json::{Value, json};

use crate::stage::{begin, finished, house, house_with, job, made_aside, mp4, path_of, source};

/// Publishes what cannot be watched, and returns the reason.
async fn reason(app: &TestApp, name: &str, bytes: &[u8]) -> String {
    let admin = app.sign_in("admin").await;
    let film = begin(&admin, name, bytes, json!({})).await;
    finished(app, &admin).await;
    let shown = admin.get_json(&path_of(&film)).await;
    assert_eq!(shown["state"], "failed", "{name}: {shown}");
    let failed = job(&admin, "film").await;
    assert_eq!(
        (&failed["state"], &failed["attempts"]),
        (&json!("failed"), &json!(1)),
        "{name}"
    );
    assert_eq!(failed["last_error"], shown["failure"], "{name}");
    let ann = app.newcomer(playhouse::accounts::Role::Member).await;
    assert_eq!(ann.get(&path_of(&film)).await.status(), 404, "{name}");
    let listed = ann.get_json("/movies").await;
    assert_eq!(listed["items"], json!([]), "{name}");
    let work = app.data_dir().join("storage/work");
    assert_eq!(
        std::fs::read_dir(work).map_or(0, Iterator::count),
        0,
        "{name}"
    );
    text(&shown["failure"])
}

/// Writes another duration into every header of an MP4 that says one.
fn said_to_last(mut film: Vec<u8>, times: u32) -> Vec<u8> {
    for (name, offset) in [(b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20), (b"elst", 12)] {
        let places: Vec<usize> = (0..film.len() - 4)
            .filter(|at| film[*at..*at + 4] == *name)
            .collect();
        for place in places {
            let at = place + offset;
            let old = u32::from_be_bytes(film[at..at + 4].try_into().unwrap());
            film[at..at + 4].copy_from_slice(&old.saturating_mul(times).to_be_bytes());
        }
    }
    film
}

#[actix_web::test]
async fn a_film_that_ends_in_the_middle_is_failed() {
    let app = house().await;
    app.admin().await;
    let whole = mp4("20", "426x240").await;
    let why = reason(&app, "cut.mp4", &whole[..whole.len() / 2]).await;
    assert!(why.contains("says that it lasts 20 seconds"), "{why}");
    app.stop().await;
}

#[actix_web::test]
async fn pictures_of_absurd_size_are_failed_without_being_decoded() {
    let app = house().await;
    app.admin().await;
    let dot = made_aside(
        "mkv",
        "-f rawvideo -pixel_format gray -video_size 1x1 -framerate 5 -t 1 -i /dev/zero -c:v ffv1",
    )
    .await;
    let why = reason(&app, "dot.mkv", &dot).await;
    assert!(why.contains("too small"), "{why}");
    let wide = "-f lavfi -i color=red:size=16384x128:duration=0.4:rate=5 -pix_fmt yuvj420p -c:v mjpeg -q:v 20";
    let why = reason(&app, "wide.mkv", &made_aside("mkv", wide).await).await;
    assert!(why.contains("too large"), "{why}");
    app.stop().await;
}

#[actix_web::test]
async fn a_second_that_claims_to_be_ten_hours_is_failed() {
    let app = house().await;
    app.admin().await;
    let short = mp4("1", "426x240").await;
    let why = reason(&app, "long.mp4", &said_to_last(short, 36_000)).await;
    assert!(why.contains("it says that it lasts 3"), "{why}");
    app.stop().await;
}

#[actix_web::test]
async fn a_playlist_that_names_local_files_or_addresses_is_no_film() {
    let app = house().await;
    let admin = app.admin().await;
    let secret = app.data_dir().join("playhouse.db");
    for (name, playlist) in [
        (
            "list.mp4",
            format!(
                "#EXTM3U\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n",
                secret.display()
            ),
        ),
        (
            "list.mkv",
            "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n".to_owned(),
        ),
        (
            "concat.mp4",
            format!("ffconcat version 1.0\nfile {}\n", secret.display()),
        ),
        (
            "dash.mp4",
            "<?xml version=\"1.0\"?><MPD><Period/></MPD>".to_owned(),
        ),
    ] {
        let answer = admin.publish(name, playlist.as_bytes(), json!({})).await;
        problem(answer, 422, "not_a_video").await;
    }
    let answer = admin.publish("empty.mp4", b"", json!({})).await;
    problem(answer, 422, "not_a_video").await;
    let song = made_aside("m4a", "-f lavfi -i sine=duration=1 -c:a aac").await;
    problem(
        admin.publish("song.m4a", &song, json!({})).await,
        422,
        "not_a_video",
    )
    .await;
    app.stop().await;
}

#[actix_web::test]
async fn a_rendition_that_grows_or_takes_too_long_is_given_up() {
    let app = house_with(|config| config.films.max_bytes = 1 << 20).await;
    app.admin().await;
    // Noise does not become small.
    let noise = "-f lavfi -i nullsrc=size=640x360:duration=12:rate=25,geq=random(1)*255:128:128 -c:v mpeg4 -q:v 2";
    let why = reason(&app, "noise.mkv", &made_aside("mkv", noise).await).await;
    assert!(why.contains("films.max_bytes"), "{why}");
    app.stop().await;
}

/// A film of a second, with these cues as a track of text.
async fn with_cues(count: usize, words: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (srt, film) = (folder.path().join("a.srt"), folder.path().join("a.mp4"));
    let cue =
        |number: usize| format!("{number}\n00:00:00,100 --> 00:00:00,900\n{number} {words}\n\n");
    std::fs::write(&srt, (1..=count).map(cue).collect::<String>()).unwrap();
    std::fs::write(&film, mp4("1", "426x240").await).unwrap();
    let (film, srt) = (film.display(), srt.display());
    made_aside("mkv", &format!("-i {film} -i {srt} -map 0 -map 1 -c copy")).await
}

#[actix_web::test]
async fn a_flood_of_subtitles_costs_the_film_nothing_but_them() {
    let app = house().await;
    let admin = app.admin().await;
    // More bytes than a track may have; and more cues, in fewer bytes.
    for (name, count, words, state) in [
        ("bytes.mkv", 12_000, "word ".repeat(60), "failed"),
        ("cues.mkv", 20_500, "a".to_owned(), "done"),
    ] {
        let bytes = with_cues(count, words.trim()).await;
        let film = begin(&admin, name, &bytes, json!({})).await;
        finished(&app, &admin).await;
        let extracting = job(&admin, "subtitles").await;
        assert_eq!(extracting["state"], state, "{name}: {extracting}");
        let said = format!("{} {}", extracting["last_error"], extracting["log_tail"]);
        assert!(
            said.contains("became larger") || said.contains("too many cues"),
            "{name}: {said}"
        );
        assert_eq!(extracting["attempts"], 1, "{name}");
        let shown = admin.get_json(&path_of(&film)).await;
        assert_eq!(shown["state"], "published", "{name}");
        let playback = admin
            .get_json(&format!("{}/playback", path_of(&film)))
            .await;
        assert_eq!(playback["subtitles"], json!([]), "{name}");
        assert_eq!(
            playback["sources"][0]["type"], "application/vnd.apple.mpegurl",
            "{name}"
        );
    }
    app.stop().await;
}

#[actix_web::test]
async fn one_flood_of_subtitles_costs_no_other_track() {
    let folder = tempfile::tempdir().unwrap();
    let track = |name: &str, count: usize, words: &str| {
        let cue = |number: usize| {
            format!("{number}\n00:00:00,100 --> 00:00:00,900\n{number} {words}\n\n")
        };
        let path = folder.path().join(name);
        std::fs::write(&path, (1..=count).map(cue).collect::<String>()).unwrap();
        path.display().to_string()
    };
    let film = folder.path().join("a.mp4");
    std::fs::write(&film, mp4("1", "426x240").await).unwrap();
    let (good, flood) = (
        track("a.srt", 2, "fine"),
        track("b.srt", 12_000, &"word ".repeat(60)),
    );
    let many = track("c.srt", 20_500, "a");
    let arguments = format!(
        "-i {} -i {good} -i {flood} -i {many} -i {good} -map 0 -map 1 -map 2 -map 3 -map 4 -c copy \
         -metadata:s:s:0 language=eng -metadata:s:s:1 language=ger -metadata:s:s:2 language=fre -metadata:s:s:3 language=ita",
        film.display()
    );
    let bytes = made_aside("mkv", &arguments).await;
    let app = house().await;
    let admin = app.admin().await;
    let film = begin(&admin, "talk.mkv", &bytes, json!({})).await;
    finished(&app, &admin).await;
    let extracting = job(&admin, "subtitles").await;
    assert_eq!(extracting["state"], "done", "{extracting}");
    let said = text(&extracting["log_tail"]);
    for words in [
        "Track 3 is left out: it became larger",
        "Track 4 is left out: ",
    ] {
        assert!(said.contains(words), "{said}");
    }
    let playback = admin
        .get_json(&format!("{}/playback", path_of(&film)))
        .await;
    let tracks = playback["subtitles"].as_array().unwrap();
    let languages: Vec<String> = tracks.iter().map(|it| text(&it["language"])).collect();
    assert_eq!(languages, ["en", "it"]);
    app.stop().await;
}

#[actix_web::test]
async fn a_film_that_is_purged_under_its_job_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("ffmpeg");
    let body = "touch \"$0.began\"\nuntil [ -e \"$0.purged\" ]; do sleep 0.05; done\n\
        echo Invalid data found >&2\nexit 1\n";
    std::fs::write(&script, format!("#!/bin/sh\n{body}")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, mode).unwrap();
    let app = house_with(|config| config.movies.ffmpeg = script.clone()).await;
    let admin = app.admin().await;
    let arguments = format!("{} -c:v mpeg4 -c:a aac", source("2", "320x240"));
    let bytes = made_aside("mkv", &arguments).await;
    let film = begin(&admin, "a.mkv", &bytes, json!({})).await;
    let began = folder.path().join("ffmpeg.began");
    while job(&admin, "film").await["state"] != "running" || !began.exists() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(admin.delete(&path_of(&film)).await.status(), 204);
    let purge = format!("{}/purge", path_of(&film));
    assert_eq!(admin.post(&purge, json!({})).await.status(), 204);
    std::fs::write(folder.path().join("ffmpeg.purged"), "").unwrap();
    finished(&app, &admin).await;
    assert_eq!(job(&admin, "film").await["state"], "done");
    let failed = admin.get_json("/admin/jobs?state=failed").await;
    assert_eq!(failed["items"], json!([]));
    app.stop().await;
}

#[actix_web::test]
async fn a_failed_film_can_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("ffmpeg");
    std::fs::write(&script, "#!/bin/sh\necho Invalid data found >&2\nexit 1\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, mode).unwrap();
    let app = house_with(|config| config.movies.ffmpeg = script.clone()).await;
    let admin = app.admin().await;
    let bytes = made_aside(
        "mkv",
        &format!("{} -c:v mpeg4 -c:a aac", source("2", "320x240")),
    )
    .await;
    let why = reason(&app, "a.mkv", &bytes).await;
    assert!(why.contains("Invalid data found"), "{why}");
    let failed = job(&admin, "film").await;
    assert!(
        text(&failed["log_tail"]).contains("Invalid data"),
        "{failed}"
    );
    let slow = "#!/bin/sh\nexec sleep 600\n";
    std::fs::write(&script, slow).unwrap();
    let retry = format!("/admin/jobs/{}/retry", text(&failed["id"]));
    assert_eq!(admin.post(&retry, json!({})).await.status(), 200);
    let waiting = admin.get_json("/movies?state=processing").await["items"][0].clone();
    assert_eq!(waiting["failure"], Value::Null, "{waiting}");
    let app = app
        .restart_with(|config| config.movies.ffmpeg = "ffmpeg".into())
        .await;
    let admin = app.sign_in("admin").await;
    finished(&app, &admin).await;
    let film = admin.get_json("/movies").await["items"][0].clone();
    assert_eq!(
        (&film["state"], &film["failure"]),
        (&json!("published"), &Value::Null)
    );
    app.stop().await;
}
