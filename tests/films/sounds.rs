//! Films with several sounds: each is a rendition of its own, to be chosen while the film plays.

use playhouse::accounts::Role;
use playhouse_test_support::{Person, text};
use serde_json::{Value, json};

use crate::stage::{
    Stream, begin, fetch, finished, house, house_with, job, made_aside, path_of, probe, publish,
};

/// Pictures, and sounds with what is said of each; the tone of number n has 200 * (n + 1) hertz.
async fn film_with(seconds: u32, sounds: &[&str]) -> Vec<u8> {
    let mut all = format!("-f lavfi -i testsrc2=duration={seconds}:size=426x240:rate=25");
    for number in 0..sounds.len() {
        let hertz = 200 * (number + 1);
        all += &format!(" -f lavfi -i sine=frequency={hertz}:duration={seconds}");
    }
    all += " -map 0:v";
    for (number, said) in sounds.iter().enumerate() {
        all += &format!(" -map {}:a", number + 1);
        for word in said.split_whitespace() {
            match word.split_once(':') {
                Some(("as", role)) => all += &format!(" -disposition:a:{number} {role}"),
                Some(("by", codec)) => all += &format!(" -c:a:{number} {codec}"),
                _ => all += &format!(" -metadata:s:a:{number} {word}"),
            }
        }
    }
    all += " -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p";
    made_aside("mkv", &all).await
}

/// How many hertz a sound has, by how often it crosses the middle.
fn hertz(path: &std::path::Path) -> i64 {
    let said = std::process::Command::new("ffmpeg")
        .args(["-v", "info", "-nostdin", "-i"])
        .arg(path)
        .args(["-ss", "1", "-t", "1", "-af", "aresample=48000,aformat=channel_layouts=mono,astats=measure_perchannel=Zero_crossings_rate:measure_overall=none", "-f", "null", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    let (_, after) = said.rsplit_once("Zero crossings rate: ").unwrap();
    let rate: f64 = after.split_whitespace().next().unwrap().parse().unwrap();
    (rate * 48_000.0 / 2.0).round() as i64
}

async fn sounds_of(who: &Person, film: &Value) -> Value {
    let playback = format!("{}/playback?preview=true", path_of(film));
    who.get_json(&playback).await["sounds"].clone()
}

#[actix_web::test]
async fn languages_and_commentaries_can_be_chosen() {
    let app = house().await;
    let admin = app.admin().await;
    let bytes = film_with(
        5,
        &[
            "language=ger as:0 by:ac3",
            "language=eng as:default by:libmp3lame",
            "language=eng title=The-\"cut\" as:comment by:aac",
            "as:0 by:libopus",
        ],
    )
    .await;
    let film = publish(&app, &admin, "talk.mkv", &bytes).await;
    let track = |name: &str, label: &str, language: Value, is_default: bool| json!({"name": name, "label": label, "language": language, "is_default": is_default});
    let expected = json!([
        track("audio", "English", json!("en"), true),
        track("audio2", "Deutsch", json!("de"), false),
        track("audio3", "The-'cut'", json!("en"), false),
        track("audio4", "Sound", Value::Null, false),
    ]);
    assert_eq!(sounds_of(&admin, &film).await, expected);
    let stream = Stream::fetch(&admin, &film).await;
    assert_eq!(
        stream.names,
        ["audio", "audio2", "audio3", "audio4", "240p"]
    );
    for (name, tone) in [
        ("audio", 400),
        ("audio2", 200),
        ("audio3", 600),
        ("audio4", 800),
    ] {
        stream.decodes(name);
        assert!((stream.duration(name) - 5.0).abs() <= 0.1, "{name}");
        assert_eq!(stream.stream(name)["codec_name"], "aac", "{name}");
        let heard = hertz(&stream.path(&format!("{name}/media.mp4")));
        assert!((heard - tone).abs() < 60, "{name}: {heard}");
    }
    let master = std::fs::read_to_string(stream.path("master.m3u8")).unwrap();
    for line in [
        "LANGUAGE=\"en\",NAME=\"English\",DEFAULT=YES,AUTOSELECT=YES",
        "LANGUAGE=\"de\",NAME=\"Deutsch\",DEFAULT=NO,AUTOSELECT=YES",
        "NAME=\"The-'cut'\",DEFAULT=NO,AUTOSELECT=NO",
    ] {
        assert!(master.contains(line), "{master}");
    }
    let quality = admin
        .get_json(&format!("/admin{}/renditions", path_of(&film)))
        .await;
    assert_eq!(
        quality["planned"],
        json!(["240p", "audio2", "audio3", "audio4"])
    );
    let second = &quality["renditions"][2];
    assert_eq!(
        (
            &second["name"],
            &second["language"],
            &second["label"],
            &second["width"]
        ),
        (
            &json!("audio2"),
            &json!("de"),
            &json!("Deutsch"),
            &Value::Null
        )
    );
    app.stop().await;
}

#[actix_web::test]
async fn a_flood_of_sounds_is_cut_short() {
    let app = house().await;
    let admin = app.admin().await;
    let bytes = film_with(1, &["by:aac"; 12]).await;
    let film = publish(&app, &admin, "choir.mkv", &bytes).await;
    let sounds = sounds_of(&admin, &film).await;
    assert_eq!(sounds.as_array().unwrap().len(), 8, "{sounds}");
    app.stop().await;
}

#[actix_web::test]
async fn every_sound_outlives_the_upload_and_ends_with_the_preview() {
    let app = house_with(|config| config.movies.keep_original = false).await;
    let admin = app.admin().await;
    let bytes = film_with(14, &["language=fre by:ac3", "language=ita by:ac3"]).await;
    let said = json!({"price": 500, "preview_seconds": 3});
    let film = begin(&admin, "paid.mkv", &bytes, said).await;
    finished(&app, &admin).await;
    assert_eq!(job(&admin, "drop_original").await["state"], "done");
    assert!(!app.blob_path(&bytes).exists(), "the upload is gone");
    let playback = admin
        .get_json(&format!("{}/playback", path_of(&film)))
        .await;
    let whole = fetch(&admin, &text(&playback["sources"][1]["url"])).await;
    let file = tempfile::Builder::new().suffix(".mp4").tempfile().unwrap();
    std::fs::write(file.path(), &whole).unwrap();
    let streams = probe(
        file.path(),
        "stream=codec_type:stream_tags=language,handler_name:stream_disposition=default",
    );
    let of: Vec<String> = streams["streams"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["codec_type"] == "audio")
        .map(|it| {
            format!(
                "{} {} {}",
                text(&it["tags"]["language"]),
                text(&it["tags"]["handler_name"]),
                it["disposition"]["default"]
            )
        })
        .collect();
    assert_eq!(of, ["fre Français 1", "ita Italiano 0"]);
    let (all, member) = (
        Stream::fetch(&admin, &film).await,
        app.newcomer(Role::Member).await,
    );
    let part = Stream::fetch(&member, &film).await;
    assert_eq!(part.names, ["audio", "audio2", "240p"]);
    for name in ["audio", "audio2"] {
        part.decodes(name);
        let bytes =
            |stream: &Stream| std::fs::read(stream.path(&format!("{name}/media.mp4"))).unwrap();
        let (all, part) = (bytes(&all), bytes(&part));
        assert!(
            part.len() < all.len() / 2 && all.starts_with(&part),
            "{name}"
        );
    }
    app.stop().await;
}
