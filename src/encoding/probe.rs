//! Asks ffprobe whether a file is a film, and what kind of one.

mod report;

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use self::report::Report;
use super::model::{NotAVideo, Source};
use super::tools::{self, Bounds, Tools, Trouble};

const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(60),
    output: 4 << 20,
};

/// Why nothing is known of a file.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error("it is not a video: {0}")]
    NotAVideo(#[from] NotAVideo),
    #[error("ffprobe is not installed")]
    NoTool,
    #[error("ffprobe did not finish in time")]
    TooSlow,
    #[error("the file could not be looked into")]
    Io(#[from] std::io::Error),
}

/// Looks into a file.
///
/// # Errors
/// [`ProbeError::NotAVideo`] with the reason; the others when it could not be found out.
pub async fn examine(tools: &Tools, path: &Path) -> Result<Source, ProbeError> {
    let mut arguments: Vec<OsString> = [
        "-v",
        "error",
        "-of",
        "json",
        "-show_format",
        "-show_streams",
        "-show_chapters",
    ]
    .map(OsString::from)
    .to_vec();
    arguments.extend(tools::input(path));
    let said = tools.run(&tools.ffprobe, arguments, BOUNDS).await;
    let said = said.map_err(|trouble| match trouble {
        Trouble::Missing(_) => ProbeError::NoTool,
        Trouble::TooSlow(_) => ProbeError::TooSlow,
        Trouble::TooMuch(_) => NotAVideo("its description is too long").into(),
        Trouble::Io(cause) => ProbeError::Io(cause),
    })?;
    if !said.is_success {
        tracing::info!(complaint = said.complaint, "ffprobe refused a file");
        return Err(NotAVideo("it is no container of video, or it is damaged").into());
    }
    let report: Report = serde_json::from_slice(&said.output)
        .map_err(|_| NotAVideo("its description cannot be read"))?;
    Ok(report.judge()?)
}
