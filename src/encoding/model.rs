//! What is known of a file that was looked into.

/// A film that was uploaded, as ffprobe describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Media type of the container.
    pub content_type: &'static str,
    pub duration_ms: i64,
    pub video: VideoStream,
    /// The one that the file itself prefers is the first.
    pub audio: Vec<AudioStream>,
    pub subtitles: Vec<SubtitleStream>,
    pub chapters: Vec<Chapter>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct VideoStream {
    /// Its number in the file.
    pub index: u32,
    /// When its first picture is shown, in microseconds after the beginning of the file.
    pub start_us: i64,
    pub codec: String,
    pub profile: String,
    pub pix_fmt: String,
    /// Ten times the level of H.264; 0 when it is not known.
    pub level: i32,
    /// As it is shown: square pixels, turned upright.
    pub width: i32,
    pub height: i32,
    /// Whether the coded picture is what is shown, without turning or stretching.
    pub is_upright: bool,
    pub is_square: bool,
    pub is_interlaced: bool,
    pub light: Light,
    /// Pictures in a thousand seconds; 0 when it is not known.
    pub frame_rate: i32,
    /// Bits a second, if it is known.
    pub bit_rate: Option<i64>,
}

/// How much light the numbers of a picture stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Light {
    /// What every screen shows.
    #[default]
    Standard,
    /// High dynamic range by SMPTE ST 2084 ("PQ", HDR10).
    Pq,
    /// High dynamic range by ARIB STD-B67 ("HLG").
    Hlg,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioStream {
    pub index: u32,
    pub codec: String,
    pub profile: String,
    pub channels: i32,
    pub sample_rate: i32,
    pub bit_rate: Option<i64>,
    pub language: Option<String>,
    pub title: Option<String>,
    /// Somebody talks about the film.
    pub is_commentary: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubtitleStream {
    pub index: u32,
    pub codec: String,
    pub language: Option<String>,
    pub title: Option<String>,
}

/// A part of a film with a name of its own.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Chapter {
    pub start_ms: i64,
    pub end_ms: i64,
    pub title: String,
}

impl Source {
    /// The sound that is played.
    #[must_use]
    pub fn sound(&self) -> Option<&AudioStream> {
        self.audio.first()
    }
}

/// Why a file is no film; a part of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAVideo(pub &'static str);
