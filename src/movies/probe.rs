//! Asks ffprobe whether a file is a film, and what kind of one.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::ffmpeg::{self, Bounds, Tools, Trouble};
use super::model::Error;

const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(60),
    output: 4 << 20,
};

/// No film lasts longer, in seconds: what claims to is broken.
const LONGEST: f64 = 1000.0 * 3600.0;

/// What a film is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub content_type: &'static str,
    pub duration_ms: i64,
    /// As it is shown, with rotation applied.
    pub width: i32,
    pub height: i32,
    pub video_codec: String,
    pub audio_codec: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Report {
    #[serde(default)]
    streams: Vec<Stream>,
    format: Option<Format>,
}

#[derive(Debug, Deserialize)]
struct Format {
    #[serde(default)]
    format_name: String,
    duration: Option<String>,
    #[serde(default)]
    tags: FormatTags,
}

#[derive(Debug, Default, Deserialize)]
struct FormatTags {
    major_brand: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Stream {
    codec_type: Option<String>,
    codec_name: Option<String>,
    width: Option<i32>,
    height: Option<i32>,
    duration: Option<String>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Debug, Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: i32,
}

#[derive(Debug, Deserialize)]
struct SideData {
    rotation: Option<f64>,
}

/// Looks into a file.
///
/// # Errors
/// [`Error::NotAVideo`] with the reason; [`Error::NoTool`], [`Error::ToolTooSlow`] when it could not be found out.
pub(super) async fn examine(tools: &Tools, path: &Path) -> Result<Facts, Error> {
    let mut arguments: Vec<OsString> = [
        "-v",
        "error",
        "-of",
        "json",
        "-show_format",
        "-show_streams",
    ]
    .map(OsString::from)
    .to_vec();
    arguments.extend(ffmpeg::input(path));
    let said =
        tools
            .run(&tools.ffprobe, arguments, BOUNDS)
            .await
            .map_err(|trouble| match trouble {
                Trouble::Missing(_) => Error::NoTool("ffprobe"),
                Trouble::TooSlow(_) => Error::ToolTooSlow("ffprobe"),
                Trouble::TooMuch(_) => Error::NotAVideo("its description is too long"),
                Trouble::Io(cause) => Error::Storage(cause),
            })?;
    if !said.is_success {
        tracing::info!(complaint = said.complaint, "ffprobe refused a file");
        return Err(Error::NotAVideo(
            "it is no container of video, or it is damaged",
        ));
    }
    let report: Report = serde_json::from_slice(&said.output)
        .map_err(|_| Error::NotAVideo("its description cannot be read"))?;
    judge(&report)
}

fn judge(report: &Report) -> Result<Facts, Error> {
    let no = |why| Err(Error::NotAVideo(why));
    let is = |stream: &Stream, kind: &str| stream.codec_type.as_deref() == Some(kind);
    let videos = || report.streams.iter().filter(|stream| is(stream, "video"));
    let Some(video) = videos().find(|stream| stream.disposition.attached_pic == 0) else {
        return no(match videos().next() {
            Some(_) => "its only picture is a cover",
            None => "it has no pictures",
        });
    };
    let Some(format) = &report.format else {
        return no("it has no container");
    };
    let Some(video_codec) = video.codec_name.clone().filter(|it| it != "unknown") else {
        return no("its video has an unknown encoding");
    };
    let (Some(width @ 1..), Some(height @ 1..)) = (video.width, video.height) else {
        return no("its pictures have no size");
    };
    let seconds = |text: &Option<String>| text.as_ref()?.parse::<f64>().ok();
    let duration = seconds(&format.duration).or_else(|| seconds(&video.duration));
    let Some(duration) = duration.filter(|it| *it > 0.0 && *it < LONGEST) else {
        return no("it has no duration");
    };
    let audio = report.streams.iter().find(|stream| is(stream, "audio"));
    let audio_codec = audio.and_then(|stream| stream.codec_name.clone());
    let (width, height) = if is_on_its_side(video) {
        (height, width)
    } else {
        (width, height)
    };
    Ok(Facts {
        content_type: content_type(format, &video_codec, audio_codec.as_deref()),
        duration_ms: milliseconds(duration),
        width,
        height,
        video_codec,
        audio_codec,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the duration was checked to be below the longest one"
)]
fn milliseconds(seconds: f64) -> i64 {
    ((seconds * 1000.0).round() as i64).max(1)
}

fn is_on_its_side(video: &Stream) -> bool {
    let turned = video.side_data_list.iter().find_map(|data| data.rotation);
    turned.is_some_and(|degrees| (degrees.abs() % 180.0 - 90.0).abs() < 45.0)
}

/// The media type of the container. ffprobe does not tell WebM from Matroska, so the encodings decide.
fn content_type(format: &Format, video: &str, audio: Option<&str>) -> &'static str {
    let names: Vec<&str> = format.format_name.split(',').collect();
    let has = |name: &str| names.contains(&name);
    let is_quicktime = format.tags.major_brand.as_deref().map(str::trim) == Some("qt");
    let is_webm =
        matches!(video, "vp8" | "vp9" | "av1") && matches!(audio, None | Some("opus" | "vorbis"));
    match () {
        () if has("mp4") && is_quicktime => "video/quicktime",
        () if has("mp4") => "video/mp4",
        () if has("matroska") && is_webm => "video/webm",
        () if has("matroska") => "video/x-matroska",
        () if has("avi") => "video/x-msvideo",
        () if has("mpegts") => "video/mp2t",
        () if has("mpeg") => "video/mpeg",
        () if has("flv") => "video/x-flv",
        () if has("ogg") => "video/ogg",
        () if has("asf") => "video/x-ms-wmv",
        () if has("mxf") => "application/mxf",
        () => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn judged(report: Value) -> Result<Facts, String> {
        let report: Report = serde_json::from_value(report).unwrap();
        judge(&report).map_err(|error| error.to_string())
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
            (facts.width, facts.height, facts.duration_ms),
            (1920, 1080, 12346)
        );
        assert_eq!(
            (facts.video_codec.as_str(), facts.audio_codec.as_deref()),
            ("h264", Some("aac"))
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
            assert_eq!((facts.width, facts.height), size, "{rotation}");
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
}
