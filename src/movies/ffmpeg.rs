//! Runs ffprobe and ffmpeg on files that nobody has vouched for.
//!
//! A tool gets one local file: no other protocol, and only the containers of films, so that a playlist cannot make it
//! open something else. It has a time limit and bounds on its output and its memory, and the lowest priority. It dies
//! with whoever waits for it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, prlimit, setpriority_process};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

use crate::config::MoviesConfig;

/// Tools at a time.
const SLOTS: usize = 2;

/// Bytes of address space that a tool may have.
const MEMORY: u64 = 8 << 30;

/// Bytes of the complaint that are kept.
const COMPLAINT: u64 = 16 << 10;

/// The containers that are looked into, in ffmpeg's names.
const CONTAINERS: &str =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,ogg,asf,mxf,nut";

/// Where the tools are, and how many may run.
#[derive(Clone, Debug)]
pub(super) struct Tools {
    pub ffmpeg: PathBuf,
    pub ffprobe: PathBuf,
    slots: Arc<Semaphore>,
}

/// How long a tool may take, and how much it may say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub time: Duration,
    pub output: u64,
}

/// What a tool said.
#[derive(Debug)]
pub(super) struct Said {
    pub is_success: bool,
    pub output: Vec<u8>,
    /// The end of what it complained of.
    pub complaint: String,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("{0} is not installed")]
    Missing(String),
    #[error("{0} did not finish in time")]
    TooSlow(String),
    #[error("{0} said too much")]
    TooMuch(String),
    #[error("a tool could not be run")]
    Io(#[from] std::io::Error),
}

impl Tools {
    pub(super) fn new(config: &MoviesConfig) -> Self {
        Self {
            ffmpeg: config.ffmpeg.clone(),
            ffprobe: config.ffprobe.clone(),
            slots: Arc::new(Semaphore::new(SLOTS)),
        }
    }

    /// Runs a tool to its end.
    pub(super) async fn run(
        &self,
        tool: &Path,
        arguments: Vec<OsString>,
        bounds: Bounds,
    ) -> Result<Said, Trouble> {
        let name = tool.display().to_string();
        let slot = self.slots.acquire().await;
        let started = Command::new(tool)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let child = match started {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Trouble::Missing(name));
            }
            started => started?,
        };
        restrain(&child);
        let said = tokio::time::timeout(bounds.time, listen(child, bounds.output)).await;
        drop(slot);
        match said {
            Err(_) => Err(Trouble::TooSlow(name)),
            Ok(None) => Err(Trouble::TooMuch(name)),
            Ok(Some(said)) => Ok(said?),
        }
    }
}

/// The arguments that name the file to look into.
pub(super) fn input(path: &Path) -> Vec<OsString> {
    let mut file = OsString::from("file:");
    file.push(path);
    let mut arguments: Vec<OsString> = [
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        CONTAINERS,
        "-i",
    ]
    .map(OsString::from)
    .to_vec();
    arguments.push(file);
    arguments
}

/// A tool that could not be restrained still runs: it is bounded in time and output.
fn restrain(child: &Child) {
    let pid = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    let limit = Rlimit {
        current: Some(MEMORY),
        maximum: Some(MEMORY),
    };
    if let Err(error) = setpriority_process(pid, 19) {
        tracing::debug!(%error, "could not lower the priority of a tool");
    }
    if pid.is_some()
        && let Err(error) = prlimit(pid, Resource::As, limit)
    {
        tracing::debug!(%error, "could not bound the memory of a tool");
    }
}

/// Reads both streams to their end, so that the tool never waits for a reader. None when it says more than `most`.
async fn listen(mut child: Child, most: u64) -> Option<std::io::Result<Said>> {
    let (output, complaint) = (child.stdout.take(), child.stderr.take());
    let heard = tokio::try_join!(read_some(output, most + 1), read_tail(complaint));
    let (output, complaint) = match heard {
        Ok(heard) => heard,
        Err(error) => return Some(Err(error)),
    };
    if output.len() as u64 > most {
        return None;
    }
    let ended = child.wait().await;
    Some(ended.map(|status| Said {
        is_success: status.success(),
        output,
        complaint,
    }))
}

async fn read_some(stream: Option<impl AsyncRead + Unpin>, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(most).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

async fn read_tail(stream: Option<impl AsyncRead + Unpin>) -> std::io::Result<String> {
    let mut tail = Vec::new();
    if let Some(mut stream) = stream {
        let mut part = vec![0; 4096];
        loop {
            let read = stream.read(&mut part).await?;
            if read == 0 {
                break;
            }
            tail.extend_from_slice(part.get(..read).unwrap_or_default());
            let excess = (tail.len() as u64).saturating_sub(COMPLAINT);
            drop(tail.drain(..usize::try_from(excess).unwrap_or(0)));
        }
    }
    Ok(String::from_utf8_lossy(&tail).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tools() -> Tools {
        Tools::new(&MoviesConfig::default())
    }

    async fn shell(script: &str, bounds: Bounds) -> Result<Said, Trouble> {
        let arguments = ["-c", script].map(OsString::from).to_vec();
        tools().run(Path::new("/bin/sh"), arguments, bounds).await
    }

    const SHORT: Bounds = Bounds {
        time: Duration::from_secs(5),
        output: 100,
    };

    #[tokio::test]
    async fn what_a_tool_says_is_heard() {
        let said = shell("echo out; echo err >&2; exit 3", SHORT)
            .await
            .unwrap();
        assert!(!said.is_success);
        assert_eq!(
            (said.output.as_slice(), said.complaint.as_str()),
            (&b"out\n"[..], "err")
        );
    }

    #[tokio::test]
    async fn a_tool_that_hangs_or_floods_is_ended() {
        let quick = Bounds {
            time: Duration::from_millis(100),
            output: 100,
        };
        let slow = shell("exec sleep 60", quick).await.unwrap_err();
        assert!(matches!(slow, Trouble::TooSlow(_)), "{slow}");
        let flood = shell("exec yes", SHORT).await.unwrap_err();
        assert!(matches!(flood, Trouble::TooMuch(_)), "{flood}");
        let complaints = shell("yes x | head -c 1000000 >&2", SHORT).await.unwrap();
        assert!(complaints.complaint.len() as u64 <= COMPLAINT);
    }

    #[tokio::test]
    async fn a_missing_tool_is_named() {
        let gone = tools()
            .run(Path::new("/nowhere/ffprobe"), Vec::new(), SHORT)
            .await
            .unwrap_err();
        assert_eq!(gone.to_string(), "/nowhere/ffprobe is not installed");
    }
}
