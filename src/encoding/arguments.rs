//! The arguments of ffmpeg for each thing that is made of a film.
//!
//! Streams become fragmented MP4 in one file, with a playlist of its segments beside it. Segments of all renditions of a
//! film begin at the same moments: where the first rendition has its, the others are made to have theirs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::model::{Light, VideoStream};
use super::plan::{Audio, How, Video};
use super::tools::input;

/// Seconds of a segment, as a rule.
pub const SEGMENT: u32 = 4;

/// The names of what is written.
pub const MEDIA: &str = "media.mp4";
pub const INDEX: &str = "index.m3u8";

/// How an encoder works.
#[derive(Clone, Debug)]
pub struct Encoder {
    pub threads: usize,
    /// In the words of x264.
    pub preset: String,
    /// Whether high dynamic range is mapped to what every screen shows; otherwise such pictures look pale.
    pub maps_light: bool,
}

/// Where segments begin.
#[derive(Clone, Copy, Debug)]
pub enum Grid<'a> {
    /// Where the encoder puts them, every [`SEGMENT`] seconds.
    Free,
    /// At these moments, in microseconds.
    At(&'a [i64]),
}

/// One rung of the ladder.
#[must_use]
pub fn video(
    source: &Path,
    rung: &Video,
    encoder: &Encoder,
    grid: Grid<'_>,
    folder: &Path,
) -> Vec<OsString> {
    let mut all = threads(encoder);
    all.extend(input(source));
    add(
        &mut all,
        &["-map", &format!("0:{}", rung.index), "-an", "-sn", "-dn"],
    );
    match rung.how {
        How::Remux => {
            add(&mut all, &["-c:v", "copy"]);
            hls(&mut all, SEGMENT, folder);
        }
        How::Encode => {
            encode(&mut all, rung, encoder, grid);
            // Whatever the grid: every key picture begins a segment.
            hls(&mut all, 1, folder);
        }
    }
    all
}

fn encode(all: &mut Vec<OsString>, rung: &Video, encoder: &Encoder, grid: Grid<'_>) {
    let mut filter = String::new();
    if rung.is_interlaced {
        filter += "yadif=deint=interlaced,";
    }
    if let Some(rate) = rung.frame_rate {
        filter += &format!("fps={}/1000,", rate);
    }
    filter += &format!("scale={}:{}:flags=bicubic,", rung.width, rung.height);
    filter += &to_standard_light(rung.light, encoder.maps_light);
    filter += "setsar=1,format=yuv420p";
    let keys = match grid {
        Grid::Free => format!("expr:gte(t,n_forced*{SEGMENT})"),
        Grid::At(moments) => moments
            .iter()
            .map(|us| just_before(*us))
            .collect::<Vec<_>>()
            .join(","),
    };
    let threads = encoder.threads.to_string();
    add(
        all,
        &[
            "-vf",
            &filter,
            // As many pictures as there are, at their own times: a source cannot ask for millions of copies of one.
            "-fps_mode",
            "vfr",
            "-c:v",
            "libx264",
            "-preset",
            &encoder.preset,
            "-profile:v",
            "high",
            "-crf",
            "22",
            "-maxrate",
            &format!("{}k", rung.kbps),
            "-bufsize",
            &format!("{}k", rung.kbps * 2),
            "-threads",
            &threads,
            // Key pictures where segments begin and nowhere else, or segments would begin elsewhere.
            "-g",
            "1000000",
            "-sc_threshold",
            "0",
            "-force_key_frames",
            &keys,
        ],
    );
}

/// The filters that map high dynamic range to the standard one, with a comma at the end; none when there is nothing to
/// map, or ffmpeg cannot do it. White of a page, 100 cd/m2, is the standard.
#[must_use]
pub fn to_standard_light(light: Light, maps_light: bool) -> String {
    let transfer = match light {
        Light::Pq => "smpte2084",
        Light::Hlg => "arib-std-b67",
        Light::Standard => return String::new(),
    };
    if !maps_light {
        return String::new();
    }
    // What else the file says of its colours is not relied on: where it says nothing the mapping would fail.
    format!(
        "zscale=tin={transfer}:pin=bt2020:min=2020_ncl:rin=tv:t=linear:npl=100,format=gbrpf32le,\
         zscale=p=bt709,tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,"
    )
}

/// A moment just before a picture, so that no rounding makes the picture miss it.
fn just_before(us: i64) -> String {
    let us = (us - 2_000).max(0);
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

/// The sound, once for all rungs.
#[must_use]
pub fn audio(source: &Path, audio: &Audio, encoder: &Encoder, folder: &Path) -> Vec<OsString> {
    let mut all = threads(encoder);
    all.extend(input(source));
    add(
        &mut all,
        &["-map", &format!("0:{}", audio.index), "-vn", "-sn", "-dn"],
    );
    match audio.how {
        How::Remux => add(&mut all, &["-c:a", "copy"]),
        How::Encode => add(
            &mut all,
            &[
                // Gaps are filled and a late start is made good, so that sound and pictures stay together.
                "-af",
                "aresample=48000:async=1000:first_pts=0",
                "-ac",
                "2",
                "-c:a",
                "aac",
                "-b:a",
                "160k",
            ],
        ),
    }
    hls(&mut all, SEGMENT, folder);
    all
}

/// How loud the sound is; ffmpeg says it at the end.
#[must_use]
pub fn loudness(source: &Path, audio: &Audio, encoder: &Encoder) -> Vec<OsString> {
    let mut all = threads(encoder);
    all.extend(input(source));
    add(
        &mut all,
        &["-map", &format!("0:{}", audio.index), "-vn", "-sn", "-dn"],
    );
    add(
        &mut all,
        &["-af", "ebur128=framelog=verbose", "-f", "null", "-"],
    );
    // The summary is an information to ffmpeg.
    add(&mut all, &["-v", "info"]);
    all
}

/// Small pictures of a film, in sheets of `columns` by `rows`, one each `every_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheets {
    pub every_ms: i64,
    pub width: i32,
    pub height: i32,
    pub columns: i32,
    pub rows: i32,
}

#[must_use]
pub fn sprites(
    source: &Path,
    video: &VideoStream,
    sheets: &Sheets,
    encoder: &Encoder,
    folder: &Path,
) -> Vec<OsString> {
    let mut all = threads(encoder);
    // Only key pictures are decoded when they come often enough.
    if sheets.every_ms >= 4_000 {
        add(&mut all, &["-skip_frame", "nokey"]);
    }
    all.extend(input(source));
    let filter = format!(
        "fps=1000/{}:start_time=0:round=near,scale={}:{}:flags=bilinear,{}setsar=1,tile={}x{}",
        sheets.every_ms,
        sheets.width,
        sheets.height,
        to_standard_light(video.light, encoder.maps_light),
        sheets.columns,
        sheets.rows
    );
    add(
        &mut all,
        &[
            "-map",
            &format!("0:{}", video.index),
            "-an",
            "-sn",
            "-dn",
            "-vf",
            &filter,
        ],
    );
    add(
        &mut all,
        &[
            "-c:v",
            "mjpeg",
            "-q:v",
            "6",
            "-pix_fmt",
            "yuvj420p",
            "-fps_mode",
            "vfr",
        ],
    );
    add(
        &mut all,
        &["-map_metadata", "-1", "-f", "image2", "-start_number", "0"],
    );
    all.push(file(folder, "sprites-%d.jpg"));
    all
}

/// Tracks of text, each by its number in the file, as WebVTT.
#[must_use]
pub fn subtitles(source: &Path, tracks: &[(u32, PathBuf)], encoder: &Encoder) -> Vec<OsString> {
    let mut all = threads(encoder);
    all.extend(input(source));
    for (index, path) in tracks {
        add(
            &mut all,
            &["-map", &format!("0:{index}"), "-map_metadata", "-1"],
        );
        add(&mut all, &["-c:s", "webvtt", "-f", "webvtt"]);
        all.push(file_at(path));
    }
    all
}

/// A file of ours with sound, and what is said of it in the film that it becomes a track of.
#[derive(Clone, Copy, Debug)]
pub struct Track<'a> {
    pub path: &'a Path,
    /// As in ISO 639-2.
    pub language: &'a str,
    /// What players call it; MP4 has no other place for that.
    pub title: &'a str,
}

/// Pictures and sounds of files of ours in one that can be played by ranges.
#[must_use]
pub fn join(pictures: &Path, sounds: &[Track<'_>], to: &Path) -> Vec<OsString> {
    let mut all = input(pictures);
    for sound in sounds {
        all.extend(input(sound.path));
    }
    add(&mut all, &["-map", "0:v:0", "-map_metadata", "-1"]);
    for (number, sound) in sounds.iter().enumerate() {
        let of_it = format!("-metadata:s:a:{number}");
        add(&mut all, &["-map", &format!("{}:a:0", number + 1)]);
        add(&mut all, &[&of_it, &format!("language={}", sound.language)]);
        add(
            &mut all,
            &[&of_it, &format!("handler_name={}", sound.title)],
        );
        let role = if number == 0 { "default" } else { "0" };
        add(&mut all, &[&format!("-disposition:a:{number}"), role]);
    }
    add(
        &mut all,
        &["-c", "copy", "-movflags", "+faststart", "-f", "mp4"],
    );
    all.push(file_at(to));
    all
}

/// The decoder's threads.
fn threads(encoder: &Encoder) -> Vec<OsString> {
    let threads = encoder.threads.to_string();
    let mut all = Vec::new();
    add(
        &mut all,
        &["-threads", &threads, "-filter_threads", &threads],
    );
    all
}

/// A segment ends at the first key picture after `seconds`.
fn hls(all: &mut Vec<OsString>, seconds: u32, folder: &Path) {
    let seconds = seconds.to_string();
    add(
        all,
        &[
            "-map_metadata",
            "-1",
            "-map_chapters",
            "-1",
            // The first picture is at the moment 0, also where others are decoded before it: an edit list says so.
            "-avoid_negative_ts",
            "disabled",
            "-f",
            "hls",
            "-hls_time",
            &seconds,
            "-hls_list_size",
            "0",
            "-hls_playlist_type",
            "vod",
            "-hls_segment_type",
            "fmp4",
            "-hls_flags",
            "single_file+independent_segments",
            "-hls_segment_filename",
        ],
    );
    all.push(folder.join(MEDIA).into());
    all.push(folder.join(INDEX).into());
}

fn file(folder: &Path, name: &str) -> OsString {
    file_at(&folder.join(name))
}

fn file_at(path: &Path) -> OsString {
    let mut all = OsString::from("file:");
    all.push(path);
    all
}

fn add(all: &mut Vec<OsString>, more: &[&str]) {
    all.extend(more.iter().map(OsString::from));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_asked_for_a_little_early() {
        let asked = [0, 4_000_000, 12_345_678].map(just_before);
        assert_eq!(asked, ["0.000000", "3.998000", "12.343678"]);
    }

    #[test]
    fn only_a_local_file_is_opened() {
        let mut rung = Video {
            name: "480p".to_owned(),
            index: 0,
            how: How::Encode,
            width: 854,
            height: 480,
            kbps: 1400,
            frame_rate: None,
            is_interlaced: true,
            light: Light::Pq,
        };
        let mut encoder = Encoder {
            threads: 1,
            preset: "veryfast".to_owned(),
            maps_light: false,
        };
        let folder = Path::new("/films/a");
        let all = video(Path::new("http://x/y"), &rung, &encoder, Grid::Free, folder);
        let at = |word: &str| all.iter().position(|it| it == word).unwrap();
        assert_eq!(all[at("-protocol_whitelist") + 1], "file");
        assert_eq!(all[at("-i") + 1], "file:http://x/y");
        assert!(at("-protocol_whitelist") < at("-i"));
        let filter = all[at("-vf") + 1].to_str().unwrap();
        assert!(filter.starts_with("yadif") && !filter.contains("tonemap"));
        encoder.maps_light = true;
        let all = video(Path::new("/a"), &rung, &encoder, Grid::Free, folder);
        let filter = all[at("-vf") + 1].to_str().unwrap();
        assert!(filter.contains("tin=smpte2084:") && filter.contains(",tonemap="));
        rung.light = Light::Standard;
        let all = video(Path::new("/a"), &rung, &encoder, Grid::Free, folder);
        assert!(!all[at("-vf") + 1].to_str().unwrap().contains("tonemap"));
    }
}
