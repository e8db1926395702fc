//! Segments of a rendition, and the playlists that tell of them (RFC 8216).
//!
//! A rendition is one file: an initialisation section, then the segments without gaps. So what a preview may have is a
//! beginning of the file, and a limit on its bytes is the whole gate.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::model::{Rendition, RenditionKind};
use super::sounds::{Sound, sounds};

/// Segments that a rendition may have: more than a day of four seconds each.
const MOST: usize = 50_000;

/// Where the parts of a file are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segments {
    /// Bytes of the initialisation section, at the beginning.
    pub init: u64,
    /// Bytes and microseconds of each, in order.
    pub parts: Vec<(u64, u64)>,
}

impl Segments {
    /// Reads the playlist that ffmpeg wrote.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(playlist: &str) -> Result<Self, &'static str> {
        let mut segments = Self::default();
        let (mut duration, mut at) = (None, 0);
        for line in playlist.lines() {
            if let Some(map) = line.strip_prefix("#EXT-X-MAP:") {
                let range = map
                    .split_once("BYTERANGE=\"")
                    .ok_or("no range of the head")?;
                let (len, start) = range_of(range.1.trim_end_matches('"'))?;
                if start != Some(0) {
                    return Err("the head is not at the beginning");
                }
                (segments.init, at) = (len, len);
            } else if let Some(text) = line.strip_prefix("#EXTINF:") {
                let seconds: f64 = text
                    .trim_end_matches(',')
                    .parse()
                    .map_err(|_| "no duration")?;
                duration = Some(microseconds(seconds));
            } else if let Some(text) = line.strip_prefix("#EXT-X-BYTERANGE:") {
                let (len, start) = range_of(text)?;
                if start.is_some_and(|start| start != at) {
                    return Err("a gap between segments");
                }
                at += len;
                segments
                    .parts
                    .push((len, duration.take().ok_or("no duration")?));
            }
        }
        match (segments.init, segments.parts.len()) {
            (0, _) => Err("no head"),
            (_, 0) => Err("no segments"),
            (_, MOST..) => Err("too many segments"),
            _ => Ok(segments),
        }
    }

    /// Microseconds of all together.
    #[must_use]
    pub fn duration_us(&self) -> u64 {
        self.parts.iter().map(|(_, us)| us).sum()
    }

    /// Microseconds of the longest.
    #[must_use]
    pub fn longest_us(&self) -> u64 {
        self.parts.iter().map(|(_, us)| *us).max().unwrap_or(0)
    }

    /// Bytes of the whole file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.init + self.parts.iter().map(|(len, _)| len).sum::<u64>()
    }

    /// When each begins, in microseconds from the first.
    #[must_use]
    pub fn starts(&self) -> Vec<u64> {
        let begin = |at: &mut u64, (_, us): &(u64, u64)| {
            let start = *at;
            *at += us;
            Some(start)
        };
        self.parts.iter().scan(0, begin).collect()
    }

    /// Bits a second: of the segment with most, and on average.
    #[must_use]
    pub fn bandwidth(&self) -> (u64, u64) {
        let rate = |bytes: u64, us: u64| bytes.saturating_mul(8_000_000) / us.max(1);
        // The rest of a film may be a moment long, and says nothing.
        let telling = self.parts.iter().filter(|(_, us)| *us >= 500_000);
        let peak = telling.map(|(len, us)| rate(*len, *us)).max();
        let average = rate(self.size() - self.init, self.duration_us());
        (peak.unwrap_or(average).max(average), average)
    }

    /// The beginning of the file that has everything before this moment: to the end of the segment that it lies in.
    #[must_use]
    pub fn cut(&self, seconds: u64) -> Self {
        let end = seconds.saturating_mul(1_000_000);
        let starts = self.starts();
        let kept = starts.iter().take_while(|start| **start < end).count();
        Self {
            init: self.init,
            parts: self.parts.iter().take(kept).copied().collect(),
        }
    }

    /// The playlist of the segments, in the file `media`.
    #[must_use]
    pub fn playlist(&self, media: &str) -> String {
        let target = self.longest_us().div_ceil(1_000_000).max(1);
        let mut text = format!(
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{target}\n#EXT-X-PLAYLIST-TYPE:VOD\n\
             #EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"{media}\",BYTERANGE=\"{}@0\"\n",
            self.init
        );
        let mut at = self.init;
        for (len, us) in &self.parts {
            // Writing to a text does not fail.
            let _ = write!(
                text,
                "#EXTINF:{}.{:06},\n#EXT-X-BYTERANGE:{len}@{at}\n{media}\n",
                us / 1_000_000,
                us % 1_000_000
            );
            at += len;
        }
        text + "#EXT-X-ENDLIST\n"
    }
}

/// `LENGTH` or `LENGTH@START`.
fn range_of(text: &str) -> Result<(u64, Option<u64>), &'static str> {
    let (len, start) = match text.trim().split_once('@') {
        Some((len, start)) => (len, Some(start.parse().map_err(|_| "no range")?)),
        None => (text.trim(), None),
    };
    Ok((len.parse().map_err(|_| "no range")?, start))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and no negative duration is taken"
)]
fn microseconds(seconds: f64) -> u64 {
    (seconds.max(0.0) * 1e6).round() as u64
}

/// The playlist of all renditions of a film, which come with the best first. Each sound has a rendition of its own.
#[must_use]
pub fn master(renditions: &[Rendition]) -> String {
    let mut text = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n".to_owned();
    let sounds = sounds(renditions);
    for sound in &sounds {
        text += &alternative(sound);
    }
    // What a line must carry: the pictures with the sound that has most bits.
    let busiest = sounds.iter().map(|it| it.rendition);
    let busiest = busiest.max_by_key(|it| it.peak_bandwidth);
    for rendition in renditions
        .iter()
        .filter(|it| it.kind == RenditionKind::Video)
    {
        text += &variant(rendition, busiest);
    }
    text
}

fn alternative(sound: &Sound<'_>) -> String {
    let yes = |is: bool| if is { "YES" } else { "NO" };
    let mut line = "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\"".to_owned();
    // Writing to a text does not fail.
    if let Some(language) = &sound.rendition.language {
        let _ = write!(line, ",LANGUAGE=\"{language}\"");
    }
    let _ = writeln!(
        line,
        ",NAME=\"{}\",DEFAULT={},AUTOSELECT={},CHANNELS=\"2\",URI=\"{}/index.m3u8\"",
        sound.label,
        yes(sound.is_default),
        yes(sound.is_default || sound.may_be_chosen),
        sound.rendition.name
    );
    line
}

fn variant(rendition: &Rendition, sound: Option<&Rendition>) -> String {
    let more = |pick: fn(&Rendition) -> i64| pick(rendition) + sound.map_or(0, pick);
    let mut line = format!(
        "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},RESOLUTION={}x{}",
        more(|it| it.peak_bandwidth),
        more(|it| it.bandwidth),
        rendition.width,
        rendition.height
    );
    let rate = rendition.frame_rate;
    if rate > 0 {
        let _ = write!(line, ",FRAME-RATE={}.{:03}", rate / 1000, rate % 1000);
    }
    match sound {
        Some(sound) => {
            let _ = write!(
                line,
                ",CODECS=\"{},{}\",AUDIO=\"sound\"",
                rendition.codecs, sound.codecs
            );
        }
        None => {
            let _ = write!(line, ",CODECS=\"{}\"", rendition.codecs);
        }
    }
    format!("{line}\n{}/index.m3u8\n", rendition.name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn three() -> Segments {
        Segments {
            init: 800,
            parts: vec![(1000, 4_000_000), (3000, 4_000_000), (200, 1_500_000)],
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let text = three().playlist("media.mp4");
        assert!(text.contains("#EXT-X-TARGETDURATION:4\n"), "{text}");
        assert!(
            text.contains("#EXTINF:1.500000,\n#EXT-X-BYTERANGE:200@4800\nmedia.mp4\n"),
            "{text}"
        );
        assert_eq!(Segments::read(&text), Ok(three()));
    }

    #[test]
    fn a_playlist_that_is_not_whole_is_refused() {
        let text = three().playlist("media.mp4");
        for (from, to) in [
            ("BYTERANGE=\"800@0\"", "X"),
            ("800@0", "800@5"),
            ("1000@800", "1000@900"),
            ("#EXTINF:4.000000,", "#EXTINF:four,"),
            ("#EXT-X-BYTERANGE:1000@800", "#EXT-X-BYTERANGE:-1@800"),
        ] {
            assert!(
                Segments::read(&text.replacen(from, to, 1)).is_err(),
                "{from} -> {to}"
            );
        }
        assert!(Segments::read("#EXTM3U\n").is_err());
    }

    #[test]
    fn a_preview_is_a_beginning_of_the_file() {
        for (seconds, parts) in [(0, 0), (1, 1), (4, 1), (5, 2), (8, 2), (9, 3), (99, 3)] {
            assert_eq!(
                three().cut(seconds).parts,
                three().parts[..parts],
                "{seconds}"
            );
        }
        assert_eq!(three().cut(5).size(), 4800);
    }

    #[test]
    fn the_rate_is_that_of_the_busiest_segment() {
        assert_eq!(three().bandwidth(), (6000, 3536));
        assert_eq!(three().starts(), [0, 4_000_000, 8_000_000]);
    }

    proptest! {
        #[test]
        fn cutting_never_gives_more(parts in prop::collection::vec((1_u64..9_000_000, 1_u64..20_000_000), 1..60),
            seconds in 0_u64..300) {
            let whole = Segments { init: 700, parts };
            let cut = whole.cut(seconds);
            prop_assert!(cut.size() <= whole.size());
            prop_assert!(cut.duration_us() < seconds * 1_000_000 + whole.longest_us());
            prop_assert_eq!(Segments::read(&whole.playlist("m")), Ok(whole));
        }
    }
}
