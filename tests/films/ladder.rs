//! Every kind of film becomes a stream that plays: the ladder, its segments and its sound.

use playhouse_test_support::films::turned;
use playhouse_test_support::text;
use serde_json::{Value, json};

use crate::stage::{
    Stream, begin, finished, house, house_with, job, made_aside, mp4, path_of, publish, source,
};

/// Every rendition decodes, is as long as the film, and begins its segments where the others do.
fn is_sound(stream: &Stream, seconds: f64) {
    let videos = stream.videos();
    let grid = stream.segments(&videos[0]);
    let keys = stream.keys(&videos[0]);
    for name in &stream.names {
        stream.decodes(name);
        let duration = stream.duration(name);
        assert!(
            (duration - seconds).abs() <= 0.1,
            "{name}: {duration} of {seconds}"
        );
    }
    for name in &videos {
        let own = stream.segments(name);
        assert_eq!(own.len(), grid.len(), "{name}: {own:?} {grid:?}");
        for (one, other) in own.iter().zip(&grid) {
            assert!((one - other).abs() < 0.05, "{name}: {own:?} {grid:?}");
        }
        let mut at = 0.0;
        for (segment, length) in own.iter().enumerate() {
            let begins = (at * 1000.0_f64).round() as i64 + keys[0];
            let nearest = stream
                .keys(name)
                .iter()
                .map(|key| (key - begins).abs())
                .min();
            assert!(
                nearest.unwrap() <= 2,
                "{name}: segment {segment} at {begins}"
            );
            at += length;
        }
    }
}

#[actix_web::test]
async fn a_common_mp4_is_there_at_once_and_is_copied() {
    let app = house().await;
    let admin = app.admin().await;
    let film = begin(&admin, "common.mp4", &mp4("9", "640x360").await, json!({})).await;
    assert_eq!(film["state"], "published", "browsers play it as it is");
    finished(&app, &admin).await;
    let stream = Stream::fetch(&admin, &film).await;
    assert_eq!(stream.names, ["audio", "360p", "240p"]);
    is_sound(&stream, 9.0);
    assert_eq!(stream.segments("360p").len(), 3);
    let quality = admin
        .get_json(&format!("/admin{}/renditions", path_of(&film)))
        .await;
    let copied: Vec<(String, bool)> = quality["renditions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (text(&it["name"]), it["is_remux"] == true))
        .collect();
    let expected = [("360p", true), ("240p", false), ("audio", true)];
    assert_eq!(copied, expected.map(|(name, is)| (name.to_owned(), is)));
    assert_eq!(quality["planned"], json!(["360p", "240p"]));
    let shown = admin.get_json(&path_of(&film)).await;
    let names: Vec<&Value> = shown["renditions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["original", "360p", "240p", "audio"]);
    assert!(quality["loudness"].as_f64().unwrap() < 0.0, "{quality}");
    assert_eq!(job(&admin, "film").await["progress"], 100);
    let master = std::fs::read_to_string(stream.path("master.m3u8")).unwrap();
    assert!(
        master.contains("RESOLUTION=640x360,FRAME-RATE=25.000,CODECS=\"avc1.42"),
        "{master}"
    );
    app.stop().await;
}

#[actix_web::test]
async fn what_no_browser_plays_is_published_when_its_first_rendition_is_there() {
    let app = house().await;
    let admin = app.admin().await;
    let ann = app.member("ann").await;
    let bytes = made_aside(
        "mkv",
        &format!(
            "{} -c:v libx265 -preset ultrafast -x265-params log-level=none -c:a libmp3lame",
            source("6", "640x360")
        ),
    )
    .await;
    let film = begin(&admin, "hevc.mkv", &bytes, json!({})).await;
    assert_eq!(film["state"], "processing");
    assert_eq!(ann.get(&path_of(&film)).await.status(), 404);
    finished(&app, &admin).await;
    assert_eq!(ann.get_json(&path_of(&film)).await["state"], "published");
    assert_eq!(ann.get_json("/movies").await["items"][0]["id"], film["id"]);
    let stream = Stream::fetch(&ann, &film).await;
    assert_eq!(stream.names, ["audio", "360p", "240p"]);
    is_sound(&stream, 6.0);
    assert_eq!(stream.stream("360p")["codec_name"], "h264");
    assert_eq!(stream.stream("360p")["pix_fmt"], "yuv420p");
    app.stop().await;
}

/// The ways in which films come, what is special about each, and the names of what comes of it.
#[actix_web::test]
async fn films_of_every_kind_play() {
    let app = house_with(|config| config.films.workers = 2).await;
    let admin = app.admin().await;
    let six = source("6", "426x240");
    let films = [
        ("vp9.webm", made_aside("webm", &format!("{six} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus")).await, 6.0, "audio 240p"),
        ("mpeg2.ts", made_aside("ts", &format!("{six} -c:v mpeg2video -q:v 4 -flags +ilme+ildct -c:a mp2")).await, 6.0, "audio 240p"),
        ("old.avi", made_aside("avi", &format!("{six} -c:v mpeg4 -q:v 4 -c:a libmp3lame")).await, 6.0, "audio 240p"),
        ("phone.mp4", turned(), 1.0, "audio 72p"),
        ("silent.mp4", made_aside("mp4", "-f lavfi -i testsrc2=duration=6:size=426x240:rate=25 -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p").await, 6.0, "240p"),
        ("surround.mkv", made_aside("mkv", &format!("{six} -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p -af pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0 -c:a ac3")).await, 6.0, "audio 240p"),
        ("variable.mp4", made_aside("mp4", &format!("{six} -vf select='not(mod(n,5))+lt(n,40)+gte(n,145)' -vsync vfr -c:v libx264 -preset ultrafast -g 1000 -pix_fmt yuv420p -c:a aac")).await, 6.0, "audio 240p"),
        ("tall.mp4", mp4("6", "360x640").await, 6.0, "audio 360p 240p"),
    ];
    for (name, bytes, seconds, names) in films {
        let film = publish(&app, &admin, name, &bytes).await;
        assert_eq!(film["state"], "published", "{name}: {film}");
        let stream = Stream::fetch(&admin, &film).await;
        assert_eq!(stream.names.join(" "), names, "{name}");
        is_sound(&stream, seconds);
        if names.contains("audio") {
            let sound = stream.stream("audio");
            assert_eq!(sound["codec_name"], "aac", "{name}");
            assert!(sound["channels"].as_i64().unwrap() <= 2, "{name}");
        }
        if name == "phone.mp4" {
            let pictures = stream.stream("72p");
            assert_eq!(
                (&pictures["width"], &pictures["height"]),
                (&json!(72), &json!(128))
            );
        }
        if name == "tall.mp4" {
            // A quality has the name of the shorter side, also where the longer one is the height.
            let master = std::fs::read_to_string(stream.path("master.m3u8")).unwrap();
            assert!(master.contains("RESOLUTION=360x640"), "{master}");
            let its = format!("/admin{}/renditions", path_of(&film));
            let smaller = admin.get_json(&its).await["renditions"][1].clone();
            assert_eq!(
                (&smaller["name"], &smaller["width"], &smaller["height"]),
                (&json!("240p"), &json!(240), &json!(426))
            );
        }
    }
    app.stop().await;
}

/// Grey at half the scale: about 100 cd/m2 in PQ, a page in daylight, which a plain conversion would leave dark.
async fn bright(transfer: &str) -> Vec<u8> {
    let colours = format!("colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc");
    let pictures =
        "-f lavfi -i color=0x808080:size=426x240:rate=25:duration=2 -pix_fmt yuv420p10le";
    let how = format!("-c:v libx265 -preset ultrafast -x265-params log-level=none:{colours}");
    made_aside("mkv", &format!("{pictures} {how}")).await
}

/// The mean of the first picture's luma, out of 255.
fn brightness(path: &std::path::Path) -> f64 {
    let said = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args([
            "-vf",
            "signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-",
        ])
        .args(["-frames:v", "1", "-f", "null", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let (_, mean) = said.trim().rsplit_once('=').unwrap();
    mean.parse().unwrap()
}

#[actix_web::test]
async fn high_dynamic_range_becomes_what_every_screen_shows() {
    let app = house().await;
    let admin = app.admin().await;
    // Of the film and of its poster, whose numbers have another scale. Unmapped, the poster would have 128.
    for (transfer, expected, of_poster) in [
        ("smpte2084", 140.0..160.0, 140.0..160.0),
        ("arib-std-b67", 115.0..135.0, 115.0..127.0),
    ] {
        let film = publish(&app, &admin, "hdr.mkv", &bright(transfer).await).await;
        let stream = Stream::fetch(&admin, &film).await;
        is_sound(&stream, 2.0);
        let pictures = stream.stream("240p");
        for (what, is) in [
            ("pix_fmt", "yuv420p"),
            ("color_transfer", "bt709"),
            ("color_primaries", "bt709"),
            ("color_space", "bt709"),
        ] {
            assert_eq!(pictures[what], is, "{transfer}: {pictures}");
        }
        let mean = brightness(&stream.path("240p/media.mp4"));
        assert!(expected.contains(&mean), "{transfer}: {mean}");
        let poster = admin.get(&format!("/{}", text(&film["poster_url"]))).await;
        assert_eq!(poster.status(), 200, "{transfer}");
        let file = tempfile::Builder::new().suffix(".jpg").tempfile().unwrap();
        std::fs::write(file.path(), poster.bytes().await.unwrap()).unwrap();
        let mean = brightness(file.path());
        assert!(of_poster.contains(&mean), "{transfer}: poster {mean}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn the_ladder_follows_a_copied_stream_with_its_own_key_pictures() {
    let app = house().await;
    let admin = app.admin().await;
    // Key pictures at moments of its own, the longest pause being seven seconds.
    let keys = "-force_key_frames 0,1.48,8.4,9.2,13.04 -g 1000 -sc_threshold 0";
    let how = format!(
        "-c:v libx264 -preset ultrafast -b:v 350k -maxrate 500k -bufsize 250k {keys} -pix_fmt yuv420p -c:a aac"
    );
    let bytes = made_aside("mp4", &format!("{} {how}", source("15", "640x360"))).await;
    let film = publish(&app, &admin, "own.mp4", &bytes).await;
    let stream = Stream::fetch(&admin, &film).await;
    assert_eq!(stream.videos(), ["360p", "240p"]);
    assert_eq!(stream.segments("360p").len(), 4, "it was copied");
    is_sound(&stream, 15.0);
    // One that cannot be switched for half a minute is encoded instead.
    let how = "-c:v libx264 -preset ultrafast -b:v 350k -maxrate 500k -bufsize 250k -g 1000 -sc_threshold 0 -pix_fmt yuv420p -c:a aac";
    let bytes = made_aside("mp4", &format!("{} {how}", source("15", "426x240"))).await;
    let film = publish(&app, &admin, "one-key.mp4", &bytes).await;
    let stream = Stream::fetch(&admin, &film).await;
    assert_eq!(stream.segments("240p").len(), 4);
    is_sound(&stream, 15.0);
    app.stop().await;
}

#[actix_web::test]
async fn without_ffmpeg_the_film_is_served_as_it_was_uploaded() {
    let app = house_with(|config| config.movies.ffmpeg = "/nowhere/ffmpeg".into()).await;
    let admin = app.admin().await;
    let film = begin(&admin, "a.mp4", &mp4("1", "320x240").await, json!({})).await;
    assert_eq!(film["state"], "published");
    finished(&app, &admin).await;
    let why = text(&job(&admin, "film").await["last_error"]);
    assert!(why.contains("apt-get install ffmpeg"), "{why}");
    let playback = admin
        .get_json(&format!("{}/playback", path_of(&film)))
        .await;
    assert_eq!(playback["sources"][0]["type"], "video/mp4", "{playback}");
    app.stop().await;
}

#[actix_web::test]
async fn renditions_are_counted_made_again_dropped_and_purged() {
    let app = house().await;
    let admin = app.admin().await;
    let film = publish(&app, &admin, "a.mp4", &mp4("5", "426x240").await).await;
    let its = format!("/admin{}/renditions", path_of(&film));
    let quality = admin.get_json(&its).await;
    assert!(
        quality["total_size"].as_i64().unwrap() > 10_000,
        "{quality}"
    );
    let delete = || admin.delete(&its);
    assert_eq!(delete().await.status(), 204);
    let playback = admin
        .get_json(&format!("{}/playback", path_of(&film)))
        .await;
    assert_eq!(playback["sources"][0]["type"], "video/mp4");
    assert_eq!(admin.post(&its, json!({})).await.status(), 202);
    finished(&app, &admin).await;
    assert_eq!(
        admin.get_json(&its).await["total_size"],
        quality["total_size"]
    );
    admin.delete(&path_of(&film)).await;
    let purge = format!("{}/purge", path_of(&film));
    assert_eq!(admin.post(&purge, json!({})).await.status(), 204);
    finished(&app, &admin).await;
    let blobs = app.data_dir().join("storage/blobs");
    let left = walk(&blobs);
    assert_eq!(
        left,
        Vec::<std::path::PathBuf>::new(),
        "no bytes without a row"
    );
    let ann = app.member("ann").await;
    assert_eq!(ann.get(&its).await.status(), 403);
    assert_eq!(admin.get(&its).await.status(), 404);
    app.stop().await;
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.path().is_dir() {
            true => walk(&entry.path()),
            false => vec![entry.path()],
        })
        .collect()
}
