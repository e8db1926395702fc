//! What ffprobe tells of a file, what is to be made of it, and the running of ffmpeg: no database, no HTTP.
//!
//! Keeps true: a tool looks at one local file and nothing else, it is bounded in time, memory and output, has the lowest
//! priority, and dies with whoever waits for it, even when that is killed. The plan is a pure function of what is known
//! of the file, so its rules can be read as tables.

pub mod arguments;
mod model;
pub mod plan;
mod probe;
mod tools;

pub use model::{AudioStream, Chapter, Light, NotAVideo, Source, SubtitleStream, VideoStream};
pub use probe::{ProbeError, examine};
pub use tools::{Bounds, Heard, Limits, Said, Tools, Trouble, input};
