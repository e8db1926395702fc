//! The report of ffprobe, and what of it is believed.

use serde::Deserialize;

use crate::encoding::model::{
    AudioStream, Chapter, Light, NotAVideo, Source, SubtitleStream, VideoStream,
};

/// No film lasts longer, in seconds: what claims to is broken.
const LONGEST: f64 = 1000.0 * 3600.0;

/// Chapters that are kept, and characters of a title.
const MOST_CHAPTERS: usize = 500;
const MOST_TITLE: usize = 200;

#[derive(Debug, Deserialize)]
pub(super) struct Report {
    #[serde(default)]
    streams: Vec<Stream>,
    format: Option<Format>,
    #[serde(default)]
    chapters: Vec<Marked>,
}

#[derive(Debug, Deserialize)]
struct Format {
    #[serde(default)]
    format_name: String,
    start_time: Option<String>,
    duration: Option<String>,
    bit_rate: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Default, Deserialize)]
struct Tags {
    major_brand: Option<String>,
    language: Option<String>,
    title: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Stream {
    #[serde(default)]
    index: u32,
    codec_type: Option<String>,
    codec_name: Option<String>,
    #[serde(default)]
    profile: String,
    #[serde(default)]
    pix_fmt: String,
    #[serde(default)]
    level: i32,
    width: Option<i32>,
    height: Option<i32>,
    sample_aspect_ratio: Option<String>,
    field_order: Option<String>,
    color_transfer: Option<String>,
    avg_frame_rate: Option<String>,
    start_time: Option<String>,
    duration: Option<String>,
    bit_rate: Option<String>,
    #[serde(default)]
    channels: i32,
    sample_rate: Option<String>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: i32,
    #[serde(default)]
    default: i32,
    #[serde(default)]
    comment: i32,
}

#[derive(Debug, Deserialize)]
struct SideData {
    rotation: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Marked {
    start_time: Option<String>,
    end_time: Option<String>,
    #[serde(default)]
    tags: Tags,
}

impl Report {
    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Stream> {
        self.streams
            .iter()
            .filter(move |stream| stream.codec_type.as_deref() == Some(kind))
    }

    /// The film, if it is one.
    pub(super) fn judge(&self) -> Result<Source, NotAVideo> {
        let mut videos = self.of_kind("video");
        let Some(video) = videos.find(|stream| stream.disposition.attached_pic == 0) else {
            return Err(NotAVideo(match self.of_kind("video").next() {
                Some(_) => "its only picture is a cover",
                None => "it has no pictures",
            }));
        };
        let Some(format) = &self.format else {
            return Err(NotAVideo("it has no container"));
        };
        let duration = number(&format.duration).or_else(|| number(&video.duration));
        let picture = video.picture(format)?;
        let Some(duration) = duration.filter(|it| *it > 0.0 && *it < LONGEST) else {
            return Err(NotAVideo("it has no duration"));
        };
        let mut audio: Vec<&Stream> = self.of_kind("audio").filter(|it| it.has_codec()).collect();
        audio.sort_by_key(|stream| stream.disposition.default == 0);
        let audio: Vec<AudioStream> = audio.into_iter().map(Stream::sound).collect();
        let sound = audio.first().map(|stream| stream.codec.as_str());
        Ok(Source {
            content_type: content_type(format, &picture.codec, sound),
            duration_ms: milliseconds(duration).max(1),
            video: picture,
            audio,
            subtitles: self.of_kind("subtitle").map(Stream::subtitle).collect(),
            chapters: self.chapters(),
        })
    }

    fn chapters(&self) -> Vec<Chapter> {
        let chapter = |marked: &Marked| {
            let start = number(&marked.start_time).filter(|it| (0.0..LONGEST).contains(it))?;
            let end = number(&marked.end_time).filter(|it| (start..LONGEST).contains(it))?;
            Some(Chapter {
                start_ms: milliseconds(start),
                end_ms: milliseconds(end),
                title: title(marked.tags.title.as_deref().unwrap_or_default()),
            })
        };
        let chapters = self.chapters.iter().filter_map(chapter);
        chapters.take(MOST_CHAPTERS).collect()
    }
}

impl Stream {
    fn has_codec(&self) -> bool {
        self.codec_name.as_ref().is_some_and(|it| it != "unknown")
    }

    fn picture(&self, format: &Format) -> Result<VideoStream, NotAVideo> {
        let Some(codec) = self.codec_name.clone().filter(|it| it != "unknown") else {
            return Err(NotAVideo("its video has an unknown encoding"));
        };
        let (Some(width @ 1..), Some(height @ 1..)) = (self.width, self.height) else {
            return Err(NotAVideo("its pictures have no size"));
        };
        let stretch = ratio(self.sample_aspect_ratio.as_deref(), ':').filter(|it| *it > 0.0);
        let stretch = stretch.unwrap_or(1.0).clamp(0.1, 10.0);
        let rotation = self.side_data_list.iter().find_map(|data| data.rotation);
        let degrees = rotation.unwrap_or(0.0).abs() % 360.0;
        let is_on_its_side = (degrees % 180.0 - 90.0).abs() < 45.0;
        let wide = whole_number(f64::from(width) * stretch).max(1);
        let (width, height) = match is_on_its_side {
            true => (height, wide),
            false => (wide, height),
        };
        let rate = ratio(self.avg_frame_rate.as_deref(), '/').unwrap_or(0.0);
        let bit_rate = number(&self.bit_rate).or_else(|| number(&format.bit_rate));
        let started = number(&self.start_time).zip(number(&format.start_time));
        let late = started.map_or(0.0, |(its, whole)| (its - whole).clamp(0.0, LONGEST));
        Ok(VideoStream {
            index: self.index,
            start_us: milliseconds(late * 1000.0),
            codec,
            profile: self.profile.clone(),
            pix_fmt: self.pix_fmt.clone(),
            level: self.level.max(0),
            width,
            height,
            is_upright: !(45.0..315.0).contains(&degrees),
            is_square: (stretch - 1.0).abs() < 0.001,
            is_interlaced: matches!(self.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt")),
            light: match self.color_transfer.as_deref() {
                Some("smpte2084") => Light::Pq,
                Some("arib-std-b67") => Light::Hlg,
                _ => Light::Standard,
            },
            frame_rate: whole_number(rate.clamp(0.0, 1000.0) * 1000.0),
            bit_rate: bit_rate.map(whole_bits),
        })
    }

    fn sound(&self) -> AudioStream {
        let rate = self.sample_rate.as_ref().and_then(|it| it.parse().ok());
        AudioStream {
            index: self.index,
            codec: self.codec_name.clone().unwrap_or_default(),
            profile: self.profile.clone(),
            channels: self.channels,
            sample_rate: rate.unwrap_or(0),
            bit_rate: number(&self.bit_rate).map(whole_bits),
            language: self.tags.language.clone(),
            title: self.tags.title.as_deref().map(title),
            is_commentary: self.disposition.comment != 0,
        }
    }

    fn subtitle(&self) -> SubtitleStream {
        SubtitleStream {
            index: self.index,
            codec: self.codec_name.clone().unwrap_or_default(),
            language: self.tags.language.clone(),
            title: self.tags.title.as_deref().map(title),
        }
    }
}

fn number(text: &Option<String>) -> Option<f64> {
    let number: f64 = text.as_ref()?.parse().ok()?;
    number.is_finite().then_some(number)
}

/// `4:3` or `30000/1001`.
fn ratio(text: Option<&str>, between: char) -> Option<f64> {
    let (above, below) = text?.split_once(between)?;
    let (above, below): (f64, f64) = (above.parse().ok()?, below.parse().ok()?);
    Some(above / below).filter(|it| it.is_finite())
}

/// A title on one line, of a bounded length.
fn title(text: &str) -> String {
    let plain = text.chars().filter(|it| !it.is_control());
    plain.take(MOST_TITLE).collect::<String>().trim().to_owned()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "callers have bounded what they ask for; the cast saturates besides"
)]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, and no such rate is believed later"
)]
fn whole_bits(rate: f64) -> i64 {
    rate.max(0.0) as i64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, and no such size is taken later"
)]
fn whole_number(value: f64) -> i32 {
    value.round() as i32
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
mod tests;
