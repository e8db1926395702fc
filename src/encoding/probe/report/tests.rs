use serde_json::{Value, json};

use super::*;

fn judged(report: Value) -> Result<Source, String> {
    let report: Report = serde_json::from_value(report).unwrap();
    report.judge().map_err(|error| error.to_string())
}

fn film(change: impl FnOnce(&mut Value)) -> Value {
    let mut report = json!({
        "streams": [
            {"codec_type": "video", "codec_name": "h264", "width": 1920, "height": 1080, "disposition": {"attached_pic": 0}},
            {"codec_type": "audio", "codec_name": "aac", "disposition": {"attached_pic": 0}}
        ],
        "format": {"format_name": "mov,mp4,m4a,3gp,3g2,mj2", "duration": "12.3456", "tags": {"major_brand": "isom"}}
    });
    change(&mut report);
    report
}

#[test]
fn a_film_is_described() {
    let facts = judged(film(|_| {})).unwrap();
    assert_eq!(facts.content_type, "video/mp4");
    assert_eq!(
        (facts.video.width, facts.video.height, facts.duration_ms),
        (1920, 1080, 12346)
    );
    assert_eq!(
        (
            facts.video.codec.as_str(),
            facts.sound().unwrap().codec.as_str()
        ),
        ("h264", "aac")
    );
}

#[test]
fn a_film_on_its_side_is_turned() {
    for (rotation, size) in [
        (-90, (1080, 1920)),
        (270, (1080, 1920)),
        (180, (1920, 1080)),
        (0, (1920, 1080)),
    ] {
        let turned =
            film(|it| it["streams"][0]["side_data_list"] = json!([{"rotation": rotation}]));
        let facts = judged(turned).unwrap();
        assert_eq!((facts.video.width, facts.video.height), size, "{rotation}");
        assert_eq!(facts.video.is_upright, rotation == 0);
    }
}

#[test]
fn what_is_no_film_is_refused_with_the_reason() {
    type Change = Box<dyn FnOnce(&mut Value)>;
    let refusals: [(Change, &str); 6] = [
        (
            Box::new(|it| it["streams"][0]["disposition"]["attached_pic"] = json!(1)),
            "cover",
        ),
        (
            Box::new(|it| it["streams"][0]["codec_type"] = json!("subtitle")),
            "no pictures",
        ),
        (Box::new(|it| it["streams"] = json!([])), "no pictures"),
        (
            Box::new(|it| it["format"]["duration"] = json!("0.0")),
            "no duration",
        ),
        (
            Box::new(|it| it["format"]["duration"] = json!("1e300")),
            "no duration",
        ),
        (
            Box::new(|it| it["streams"][0]["width"] = json!(0)),
            "no size",
        ),
    ];
    for (change, why) in refusals {
        let refusal = judged(film(change)).unwrap_err();
        assert!(refusal.contains(why), "{refusal} should say {why}");
    }
}

#[test]
fn the_container_decides_the_media_type() {
    for (names, video, audio, brand, expected) in [
        (
            "mov,mp4,m4a,3gp,3g2,mj2",
            "h264",
            "aac",
            "qt  ",
            "video/quicktime",
        ),
        ("matroska,webm", "vp9", "opus", "", "video/webm"),
        ("matroska,webm", "h264", "opus", "", "video/x-matroska"),
        ("matroska,webm", "vp9", "aac", "", "video/x-matroska"),
        ("avi", "mpeg4", "mp3", "", "video/x-msvideo"),
        ("mpegts", "h264", "aac", "", "video/mp2t"),
    ] {
        let facts = judged(film(|it| {
            it["format"]["format_name"] = json!(names);
            it["format"]["tags"]["major_brand"] = json!(brand);
            it["streams"][0]["codec_name"] = json!(video);
            it["streams"][1]["codec_name"] = json!(audio);
        }));
        assert_eq!(facts.unwrap().content_type, expected);
    }
}

#[test]
fn stretched_pictures_are_shown_wide_and_the_preferred_sound_comes_first() {
    let film = film(|it| {
        it["streams"][0]["sample_aspect_ratio"] = json!("64:45");
        it["streams"][0]["width"] = json!(720);
        it["streams"][0]["height"] = json!(576);
        it["streams"][0]["field_order"] = json!("tt");
        it["streams"][0]["avg_frame_rate"] = json!("30000/1001");
        it["streams"].as_array_mut().unwrap().push(json!({"index": 2, "codec_type": "audio",
            "codec_name": "ac3", "channels": 6, "sample_rate": "48000", "disposition": {"default": 1},
            "tags": {"language": "deu"}}));
        it["chapters"] = json!([
            {"start_time": "0.0", "end_time": "5.5", "tags": {"title": " One\nmore "}},
            {"start_time": "7", "end_time": "5"}
        ]);
    });
    let source = judged(film).unwrap();
    assert_eq!((source.video.width, source.video.height), (1024, 576));
    assert!(!source.video.is_square && source.video.is_interlaced);
    assert_eq!(source.video.frame_rate, 29_970);
    let sound = source.sound().unwrap();
    assert_eq!(
        (sound.codec.as_str(), sound.channels, sound.sample_rate),
        ("ac3", 6, 48_000)
    );
    assert_eq!(sound.language.as_deref(), Some("deu"));
    let one = Chapter {
        start_ms: 0,
        end_ms: 5500,
        title: "Onemore".to_owned(),
    };
    assert_eq!(source.chapters, [one]);
}
