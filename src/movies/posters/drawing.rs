//! What ffmpeg is asked for when it makes posters.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::encoding::{self, Bounds};

/// In its true shape, at most 640 wide.
const SMALL: &str =
    "scale=w='max(2,trunc(min(640,iw*sar)/2)*2)':h='max(2,trunc(ow/dar/2)*2)',setsar=1";

/// The most telling of some frames is taken; they are scaled first, because small ones are cheap to compare.
const FRAMES: u32 = 40;

pub(super) const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(120),
    output: 64 << 10,
};

/// Pixels of a picture that is uploaded.
const MOST_PIXELS: &str = "50000000";

/// Pictures from moments of a film, each into a file of its own. `light` are the filters that map what the film has to
/// what every screen shows.
pub(super) fn frames(source: &Path, moments: &[(i64, PathBuf)], light: &str) -> Vec<OsString> {
    let mut all = words(&["-v", "error", "-nostdin"]);
    for (from_ms, _) in moments {
        let from = format!("{}.{:03}", from_ms / 1000, from_ms % 1000);
        all.extend(words(&["-threads", "2", "-ss", &from]));
        all.extend(encoding::input(source));
    }
    // Before the choice, which is made among pictures as people see them.
    let filter = format!("{SMALL},{light}thumbnail={FRAMES}");
    for (number, (_, draft)) in moments.iter().enumerate() {
        // Pictures that move: a cover is none.
        all.extend(words(&["-map", &format!("{number}:V:0"), "-vf", &filter]));
        all.extend(picture(draft));
    }
    all
}

/// A picture of ours from one that somebody sent.
pub(super) fn redrawn(kind: Kind, source: &Path, draft: &Path) -> Vec<OsString> {
    let mut all = words(&["-v", "error", "-nostdin", "-threads", "2"]);
    all.extend(words(&["-max_pixels", MOST_PIXELS]));
    all.extend(words(&["-protocol_whitelist", "file", "-f", kind.reader()]));
    all.extend(words(&["-i"]));
    all.push(file(source));
    all.extend(words(&["-vf", SMALL]));
    all.extend(picture(draft));
    all
}

fn picture(draft: &Path) -> Vec<OsString> {
    let mut all = words(&["-frames:v", "1", "-pix_fmt", "yuvj420p", "-q:v", "4"]);
    all.extend(words(&["-map_metadata", "-1", "-c:v", "mjpeg"]));
    all.extend(words(&["-f", "image2", "-update", "1", "-y"]));
    all.push(file(draft));
    all
}

/// What may be uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Jpeg,
    Png,
    Webp,
}

impl Kind {
    /// By the first bytes.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::Webp),
            _ => None,
        }
    }

    /// In ffmpeg's words.
    fn reader(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg_pipe",
            Self::Png => "png_pipe",
            Self::Webp => "webp_pipe",
        }
    }
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

fn file(path: &Path) -> OsString {
    let mut file = OsString::from("file:");
    file.push(path);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_by_their_first_bytes() {
        assert_eq!(Kind::of(b"\xff\xd8\xff\xe0..."), Some(Kind::Jpeg));
        assert_eq!(Kind::of(b"\x89PNG\r\n\x1a\n..."), Some(Kind::Png));
        assert_eq!(Kind::of(b"RIFF\x01\x02\x03\x04WEBPVP8 "), Some(Kind::Webp));
        for other in [
            &b""[..],
            b"GIF89a",
            b"<svg/>",
            b"RIFF....AVI ",
            b"#EXTM3U\n",
        ] {
            assert_eq!(Kind::of(other), None);
        }
    }

    #[test]
    fn only_the_picture_itself_is_opened() {
        let all = redrawn(Kind::Png, Path::new("http://x"), Path::new("/a.jpg"));
        let at = |word: &str| all.iter().position(|it| it == word).unwrap();
        assert_eq!(all[at("-i") + 1], "file:http://x");
        assert_eq!(all[at("-protocol_whitelist") + 1], "file");
        assert!(at("-max_pixels") < at("-i") && at("-f") < at("-i"));
    }
}
