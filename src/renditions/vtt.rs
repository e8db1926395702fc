//! `SubRip` and WebVTT from anywhere, written anew as WebVTT that is only text.
//!
//! Keeps true: what is given out has been parsed and written by this house: times that ascend, plain text with the tags
//! `b`, `i` and `u` at most, no settings, styles or regions, and bounded in every direction.

use std::fmt::Write as _;

/// Bytes of a body that is taken, and of one that is given out.
pub(super) const MOST_BYTES: usize = 2 << 20;

/// Cues of a track, and characters of a cue.
const MOST_CUES: usize = 20_000;
const MOST_TEXT: usize = 1_000;

/// No film lasts longer, in milliseconds.
const LAST: i64 = 1000 * 3600 * 1000;

struct Cue {
    start_ms: i64,
    end_ms: i64,
    text: String,
}

/// Reads a track and writes it anew.
///
/// # Errors
/// What is wrong with it, as a part of a sentence.
pub(super) fn convert(bytes: &[u8]) -> Result<String, &'static str> {
    let mut cues = cues_of(&decode(bytes)?)?;
    if cues.is_empty() {
        return Err("it has no cue");
    }
    cues.sort_by_key(|cue| (cue.start_ms, cue.end_ms));
    let mut body = "WEBVTT\n".to_owned();
    for cue in &cues {
        // Writing to a text does not fail.
        let _ = write!(
            body,
            "\n{} --> {}\n{}\n",
            moment(cue.start_ms),
            moment(cue.end_ms),
            cue.text
        );
        if body.len() > MOST_BYTES {
            return Err("it has too much text");
        }
    }
    Ok(body)
}

/// UTF-8, or UTF-16 that says so.
fn decode(bytes: &[u8]) -> Result<String, &'static str> {
    let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| read([pair[0], pair[1]]))
            .collect();
        String::from_utf16(&units).map_err(|_| "it is not Unicode")
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => std::str::from_utf8(rest)
            .map(str::to_owned)
            .map_err(|_| "it is not UTF-8"),
    }
}

/// Every line with an arrow begins a cue, which ends with an empty line. What else there is says nothing.
fn cues_of(text: &str) -> Result<Vec<Cue>, &'static str> {
    let mut cues = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((start_ms, end_ms)) = times(line) else {
            continue;
        };
        let mut words = String::new();
        for line in lines.by_ref().take_while(|line| !line.trim().is_empty()) {
            if words.chars().count() < MOST_TEXT {
                words += line.trim();
                words.push('\n');
            }
        }
        let text = plain(&words);
        if !text.is_empty() && start_ms < end_ms && end_ms <= LAST {
            cues.push(Cue {
                start_ms,
                end_ms,
                text,
            });
        }
        if cues.len() > MOST_CUES {
            return Err("it has too many cues");
        }
    }
    Ok(cues)
}

/// `00:01:02,345 --> 00:01:04,000`, with or without hours, with a comma or a point, and with whatever follows.
fn times(line: &str) -> Option<(i64, i64)> {
    let (start, rest) = line.split_once("-->")?;
    let end = rest.split_whitespace().next()?;
    Some((milliseconds(start.trim())?, milliseconds(end)?))
}

fn milliseconds(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let digits = |text: &str| -> Option<i64> {
        let is_number = (1..=6).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
        is_number.then(|| text.parse().ok())?
    };
    let mut seconds = 0;
    let mut fields = 0;
    for field in whole.split(':') {
        seconds = seconds * 60 + digits(field)?;
        fields += 1;
    }
    let thousandths = digits(format!("{part:0<3}").get(..3)?)?;
    (2..=3)
        .contains(&fields)
        .then_some(seconds * 1000 + thousandths)
}

/// A moment as WebVTT writes it.
pub(super) fn moment(ms: i64) -> String {
    let (seconds, ms) = (ms / 1000, ms % 1000);
    format!(
        "{:02}:{:02}:{:02}.{ms:03}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// The words of a cue, without anything that a player would take for more than words.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        rest = match first {
            '<' => match after.split_once('>') {
                Some((tag, after)) => {
                    out += kept_tag(tag);
                    after
                }
                None => {
                    out += "&lt;";
                    after
                }
            },
            // Overrides of SubStation.
            '{' if after.starts_with('\\') => after.split_once('}').map_or("", |it| it.1),
            '&' => {
                let is_known = ["amp;", "lt;", "gt;", "nbsp;", "lrm;", "rlm;"]
                    .iter()
                    .any(|name| after.starts_with(name));
                out += if is_known { "&" } else { "&amp;" };
                after
            }
            '>' => {
                out += "&gt;";
                after
            }
            it if it.is_control() && it != '\n' => after,
            // What stood between them is gone, and together they would begin an override.
            '\\' if out.ends_with('{') => after,
            it => {
                out.push(it);
                after
            }
        };
    }
    let lines: Vec<&str> = out
        .lines()
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect();
    lines.join("\n")
}

/// Bold, italic and underlined stay, without their classes; others go.
fn kept_tag(tag: &str) -> &'static str {
    match tag.trim().to_ascii_lowercase().as_str() {
        "b" => "<b>",
        "/b" => "</b>",
        "i" => "<i>",
        "/i" => "</i>",
        "u" => "<u>",
        "/u" => "</u>",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn subrip_becomes_webvtt() {
        let srt = "\u{feff}1\r\n00:00:01,500 --> 00:00:03,000\r\nHello <i>there</i>\r\n<font color=red>you</font>\r\n\r\n\
            2\r\n00:01:00,5 --> 01:00:00,000 X1:5\r\n{\\an8}Bye & thanks\r\n";
        assert_eq!(
            convert(srt.as_bytes()).unwrap(),
            "WEBVTT\n\n00:00:01.500 --> 00:00:03.000\nHello <i>there</i>\nyou\n\n\
             00:01:00.500 --> 01:00:00.000\nBye &amp; thanks\n"
        );
    }

    #[test]
    fn webvtt_loses_what_is_not_text() {
        let vtt = "WEBVTT\n\nSTYLE\n::cue { background: url(http://x/) }\n\nNOTE hi\n\nid\n\
            00:05.000 --> 00:06.000 position:10%\n<c.red><script>alert(1)</script></c> a --> b < c\n";
        let body = convert(vtt.as_bytes()).unwrap();
        assert_eq!(
            body,
            "WEBVTT\n\n00:00:05.000 --> 00:00:06.000\nalert(1) a --&gt; b &lt; c\n"
        );
    }

    #[test]
    fn what_goes_leaves_no_markup_behind() {
        for words in ["a{\0\\b", "a{{\\x}\\b", "a{<c>\\b"] {
            let body = convert(format!("00:01 --> 00:02\n{words}\n").as_bytes()).unwrap();
            assert!(body.ends_with("\na{b\n"), "{words:?}: {body}");
        }
    }

    #[test]
    fn what_is_no_track_is_refused() {
        let bomb = "00:01 --> 00:02\nx\n\n".repeat(MOST_CUES + 1);
        for wrong in [
            b"".as_slice(),
            b"just a text",
            b"00:00:05,000 --> 00:00:04,000\nback\n",
            b"\xff\xfe\x00\xd8",
            b"caf\xe9",
            bomb.as_bytes(),
        ] {
            assert!(convert(wrong).is_err());
        }
        let wide: Vec<u8> = "00:01 --> 00:02\nh\u{e9}\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let body = convert(&[&[0xff, 0xfe], wide.as_slice()].concat()).unwrap();
        assert!(body.ends_with("hé\n"), "{body}");
    }

    proptest! {
        #[test]
        fn nothing_but_text_comes_out(text in "(?s).{0,200}", tags in "[<>&/ibuc -]{0,40}") {
            let track = format!("00:01 --> 00:02\n{text}{tags}\n\n00:03 --> 00:04\nend");
            if let Ok(body) = convert(track.as_bytes()) {
                for line in body.lines().filter(|line| line.contains("-->")) {
                    prop_assert!(times(line).is_some(), "{}", line);
                }
                let bare = ["<b>", "</b>", "<i>", "</i>", "<u>", "</u>"].iter().fold(body.clone(), |it, tag| it.replace(tag, ""));
                prop_assert!(!bare.contains('<'), "{}", body);
                prop_assert_eq!(convert(body.as_bytes()), Ok(body.clone()));
            }
        }
    }
}
