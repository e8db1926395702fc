//! What is to be made of a film: a pure function of what is known of the file.
//!
//! - What browsers play by ranges as it is can be watched at once, before anything is made of it.
//! - H.264 and AAC that every device plays are copied into the stream as they are ("remux"); all else is encoded.
//! - The ladder never goes above the source, nor above the cap. Its top is the source's own size or the cap.
//! - The first rendition to be made is the cheapest that is worth watching.
//!
//! The size of a rung is its shorter side, so that a film of a telephone that was held upright has the same ladder.

use super::model::{AudioStream, Light, NotAVideo, Source, VideoStream};

/// Lines, and thousands of bits a second that are enough for them.
const RUNGS: [(i32, i64); 7] = [
    (240, 400),
    (360, 800),
    (480, 1_400),
    (720, 2_800),
    (1080, 5_000),
    (1440, 9_000),
    (2160, 16_000),
];

/// The first rendition has at most so many lines, unless it is copied.
const FIRST: i32 = 480;

/// Pictures are neither smaller nor larger than that on any side.
const SIDES: std::ops::RangeInclusive<i32> = 16..=8192;

/// Pixels of a picture that are decoded at all.
const MOST_PIXELS: i64 = 36_000_000;

/// What a source may spend more than the ladder does and still be copied.
const COPIED_AT_MOST: i64 = 2;

/// Tracks of sound of a film: languages, commentaries. What a file has beyond them is left out.
pub const MOST_SOUNDS: usize = 8;

/// The name of the first of them.
pub const SOUND: &str = "audio";

/// What becomes of a film.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The one that the file prefers is the first, and is made first; at most [`MOST_SOUNDS`].
    pub audio: Vec<Audio>,
    /// The first is made first; the others follow in the order in which they are worth having.
    pub video: Vec<Video>,
}

/// What becomes of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The same bits in another container.
    Remux,
    Encode,
}

/// A track of sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    /// [`SOUND`], and for those after the first with a number behind it.
    pub name: String,
    /// Its number in the file.
    pub index: u32,
    pub how: How,
    /// As the file says it.
    pub language: Option<String>,
    pub title: Option<String>,
    pub is_commentary: bool,
}

/// A rung of the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// Such as `720p`.
    pub name: String,
    /// The number of the stream in the file.
    pub index: u32,
    pub how: How,
    pub width: i32,
    pub height: i32,
    /// Thousands of bits a second, at most.
    pub kbps: i64,
    /// Pictures in a thousand seconds, when there are to be fewer than in the source.
    pub frame_rate: Option<i32>,
    pub is_interlaced: bool,
    /// What the source has; what is made is for every screen.
    pub light: Light,
}

/// Whether browsers play the file by ranges as it is.
#[must_use]
pub fn plays_as_it_is(source: &Source) -> bool {
    let video = &source.video;
    let sound = source.sound().map(|it| it.codec.as_str());
    let is_plain = matches!(video.pix_fmt.as_str(), "yuv420p" | "yuvj420p" | "");
    match source.content_type {
        "video/mp4" => {
            matches!(video.codec.as_str(), "h264" | "av1")
                && is_plain
                && matches!(sound, None | Some("aac" | "mp3" | "opus" | "flac"))
        }
        "video/webm" => is_plain,
        _ => false,
    }
}

/// What is to be made of a film whose best rendition has at most `cap` lines. `may_copy` is false when its pictures
/// have turned out not to be fit for it.
///
/// # Errors
/// Why nothing can be made of it.
pub fn plan(source: &Source, cap: i32, may_copy: bool) -> Result<Plan, NotAVideo> {
    let video = &source.video;
    if !SIDES.contains(&video.width.min(video.height)) {
        return Err(NotAVideo("its pictures are too small or too large"));
    }
    let pixels = i64::from(video.width) * i64::from(video.height);
    if !SIDES.contains(&video.width.max(video.height)) || pixels > MOST_PIXELS {
        return Err(NotAVideo("its pictures are too large"));
    }
    Ok(Plan {
        audio: sounds(source),
        video: ladder(video, cap, may_copy),
    })
}

fn sounds(source: &Source) -> Vec<Audio> {
    let streams = source.audio.iter().take(MOST_SOUNDS).enumerate();
    let named = |(number, stream): (usize, &AudioStream)| match number {
        0 => audio(SOUND.to_owned(), stream),
        _ => audio(format!("{SOUND}{}", number + 1), stream),
    };
    streams.map(named).collect()
}

fn audio(name: String, stream: &AudioStream) -> Audio {
    let fits = stream.codec == "aac"
        && stream.profile == "LC"
        && (1..=2).contains(&stream.channels)
        && matches!(stream.sample_rate, 44_100 | 48_000)
        && stream.bit_rate.is_none_or(|rate| rate <= 330_000);
    Audio {
        name,
        index: stream.index,
        how: if fits { How::Remux } else { How::Encode },
        language: stream.language.clone(),
        title: stream.title.clone(),
        is_commentary: stream.is_commentary,
    }
}

fn ladder(video: &VideoStream, cap: i32, may_copy: bool) -> Vec<Video> {
    let own = video.width.min(video.height);
    let top = own.min(cap);
    let is_copied = may_copy && own == top && can_be_copied(video, top);
    let mut lines: Vec<i32> = RUNGS
        .iter()
        .map(|(lines, _)| *lines)
        // A rung close below the top is not worth its room.
        .filter(|lines| lines * 6 <= top * 5)
        .chain([top])
        .collect();
    let first = match is_copied {
        true => top,
        false => lines
            .iter()
            .copied()
            .filter(|it| *it <= FIRST)
            .max()
            .unwrap_or(top),
    };
    // Better ones next, the nearest first; then those for slow lines.
    lines.sort_by_key(|lines| (*lines != first, *lines < first, (*lines - first).abs()));
    lines
        .into_iter()
        .map(|lines| rung(video, lines, is_copied && lines == top))
        .collect()
}

/// Whether every device plays the pictures as they are.
fn can_be_copied(video: &VideoStream, lines: i32) -> bool {
    let is_common = matches!(
        video.profile.as_str(),
        "Baseline" | "Constrained Baseline" | "Main" | "High"
    );
    video.codec == "h264"
        && video.pix_fmt == "yuv420p"
        && is_common
        && (10..=52).contains(&video.level)
        && video.is_upright
        && video.is_square
        && !video.is_interlaced
        && video.light == Light::Standard
        && (1..=61_000).contains(&video.frame_rate)
        && video.width % 2 == 0
        && video.height % 2 == 0
        && video
            .bit_rate
            .is_none_or(|rate| rate <= kbps(lines) * 1000 * COPIED_AT_MOST)
}

/// Enough for so many lines.
fn kbps(lines: i32) -> i64 {
    let mut enough = RUNGS.iter().filter(|(rung, _)| *rung >= lines);
    enough.next().map_or(24_000, |(_, kbps)| *kbps)
}

fn rung(video: &VideoStream, lines: i32, is_copied: bool) -> Video {
    let (width, height) = match video.width >= video.height {
        true => (scaled(video.width, lines, video.height), even(lines)),
        false => (even(lines), scaled(video.height, lines, video.width)),
    };
    let (how, width, height) = match is_copied {
        true => (How::Remux, video.width, video.height),
        false => (How::Encode, width, height),
    };
    Video {
        name: format!("{lines}p"),
        index: video.index,
        how,
        width,
        height,
        kbps: kbps(lines),
        frame_rate: (video.frame_rate > 61_000 && how == How::Encode).then_some(60_000),
        is_interlaced: video.is_interlaced,
        light: video.light,
    }
}

/// The longer side, to the nearest even number.
fn scaled(long: i32, lines: i32, short: i32) -> i32 {
    let exact = i64::from(long) * i64::from(lines);
    let half = (exact + i64::from(short)) / (2 * i64::from(short.max(1)));
    i32::try_from(half * 2).unwrap_or(long).max(2)
}

fn even(lines: i32) -> i32 {
    (lines & !1).max(2)
}

#[cfg(test)]
pub(crate) use tests::sample;

#[cfg(test)]
mod tests;
