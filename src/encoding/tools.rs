//! Runs ffprobe and ffmpeg on files that nobody has vouched for.
//!
//! A tool gets one local file: no other protocol, and only the containers of films, so that a playlist cannot make it
//! open something else. It has a time limit and bounds on its output and its memory, and the lowest priority. It dies
//! with whoever waits for it; when the whole server is killed, the kernel kills it, which `setpriv` asks for before it
//! becomes the tool.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, prlimit, setpriority_process};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{OnceCell, Semaphore};

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
pub struct Tools {
    pub ffmpeg: PathBuf,
    pub ffprobe: PathBuf,
    /// For what is over soon; long work has workers of its own.
    slots: Arc<Semaphore>,
    /// `setpriv`, if it is there and knows how to bind a tool to this process.
    leash: Arc<OnceCell<Option<PathBuf>>>,
    /// Whether ffmpeg has the filters for it.
    maps_light: Arc<OnceCell<bool>>,
}

/// What long work may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub time: Duration,
    /// Bytes of address space.
    pub memory: u64,
    /// Bytes of one file.
    pub file: u64,
}

/// What a tool says while it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// It has got so far in the film.
    At { milliseconds: i64 },
    /// A line of its complaints.
    Line(&'a str),
}

/// How long a tool may take, and how much it may say.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub time: Duration,
    pub output: u64,
}

/// What a tool said.
#[derive(Debug)]
pub struct Said {
    pub is_success: bool,
    /// By a signal: ours, or that of the kernel when memory is short.
    pub was_killed: bool,
    /// It wrote more into a file than it may.
    pub wrote_too_much: bool,
    pub output: Vec<u8>,
    /// The end of what it complained of.
    pub complaint: String,
}

#[derive(Debug, thiserror::Error)]
pub enum Trouble {
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
    pub fn new(config: &MoviesConfig) -> Self {
        Self {
            ffmpeg: config.ffmpeg.clone(),
            ffprobe: config.ffprobe.clone(),
            slots: Arc::new(Semaphore::new(SLOTS)),
            leash: Arc::default(),
            maps_light: Arc::default(),
        }
    }

    /// Whether films can be encoded here.
    #[must_use]
    pub fn has_ffmpeg(&self) -> bool {
        found(&self.ffmpeg).is_some()
    }

    /// Runs a tool that is over soon to its end.
    ///
    /// # Errors
    /// [`Trouble`]; what the tool complained of is in the answer.
    pub async fn run(
        &self,
        tool: &Path,
        arguments: Vec<OsString>,
        bounds: Bounds,
    ) -> Result<Said, Trouble> {
        let slot = self.slots.acquire().await;
        let name = tool.display().to_string();
        let child = self.start(tool, arguments).await?;
        restrain(&child, MEMORY, None);
        let said = tokio::time::timeout(bounds.time, listen(child, bounds.output)).await;
        drop(slot);
        match said {
            Err(_) => Err(Trouble::TooSlow(name)),
            Ok(None) => Err(Trouble::TooMuch(name)),
            Ok(Some(said)) => Ok(said?),
        }
    }

    /// Runs ffmpeg on work that takes long, and tells `hear` how it goes. The arguments are without those for reporting.
    ///
    /// # Errors
    /// [`Trouble`]; what ffmpeg complained of is in the answer.
    pub async fn encode(
        &self,
        arguments: Vec<OsString>,
        limits: Limits,
        hear: impl FnMut(Heard<'_>) + Send,
    ) -> Result<Said, Trouble> {
        let name = self.ffmpeg.display().to_string();
        let mut all: Vec<OsString> = [
            "-v",
            "warning",
            "-nostdin",
            "-nostats",
            "-y",
            "-progress",
            "pipe:1",
            "-stats_period",
            "0.5",
        ]
        .map(OsString::from)
        .to_vec();
        all.extend(arguments);
        let child = self.start(&self.ffmpeg, all).await?;
        restrain(&child, limits.memory, Some(limits.file));
        match tokio::time::timeout(limits.time, attend(child, hear)).await {
            Err(_) => Err(Trouble::TooSlow(name)),
            Ok(said) => Ok(said?),
        }
    }

    /// Whether ffmpeg can map high dynamic range to the standard one: it must have been built with zimg.
    pub async fn maps_light(&self) -> bool {
        let asked = || async {
            let arguments = ["-v", "error", "-filters"].map(OsString::from).to_vec();
            let bounds = Bounds {
                time: Duration::from_secs(20),
                output: 1 << 20,
            };
            let said = self.run(&self.ffmpeg, arguments, bounds).await;
            let list = said.map(|it| it.output).unwrap_or_default();
            let list = String::from_utf8_lossy(&list).into_owned();
            [" zscale ", " tonemap "].iter().all(|it| list.contains(it))
        };
        *self.maps_light.get_or_init(asked).await
    }

    async fn start(&self, tool: &Path, arguments: Vec<OsString>) -> Result<Child, Trouble> {
        let missing = || Trouble::Missing(tool.display().to_string());
        let program = found(tool).ok_or_else(missing)?;
        let mut command = match self.leash.get_or_init(leash).await {
            Some(leash) => {
                let mut command = Command::new(leash);
                command.args(["--pdeathsig", "KILL", "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        let started = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        match started {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(missing()),
            started => Ok(started?),
        }
    }
}

/// Where a program is, if it is there: at its path, or in one of the folders of `PATH`.
fn found(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return program.is_file().then(|| program.to_owned());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// `setpriv`, if it works. Without it a tool outlives a server that is killed, until its own limits end it.
async fn leash() -> Option<PathBuf> {
    let path = found(Path::new("setpriv"))?;
    let mut trial = Command::new(&path);
    trial.args(["--pdeathsig", "KILL", "--", "true"]);
    let ended = trial
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await;
    let works = ended.is_ok_and(|status| status.success());
    if !works {
        tracing::warn!(
            "setpriv of util-linux is missing: a killed server leaves its ffmpeg behind"
        );
    }
    works.then_some(path)
}

/// The arguments that name the file to look into.
#[must_use]
pub fn input(path: &Path) -> Vec<OsString> {
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
fn restrain(child: &Child, memory: u64, file: Option<u64>) {
    let pid = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    if let Err(error) = setpriority_process(pid, 19) {
        tracing::debug!(%error, "could not lower the priority of a tool");
    }
    let limits = [
        (Resource::As, Some(memory)),
        (Resource::Fsize, file),
        (Resource::Core, Some(0)),
    ];
    for (resource, limit) in limits {
        let limit = limit.map(|it| Rlimit {
            current: Some(it),
            maximum: Some(it),
        });
        if let (Some(_), Some(limit)) = (pid, limit)
            && let Err(error) = prlimit(pid, resource, limit)
        {
            tracing::debug!(?resource, %error, "could not bound a tool");
        }
    }
}

/// Hears a tool out, line by line.
async fn attend(mut child: Child, mut hear: impl FnMut(Heard<'_>) + Send) -> std::io::Result<Said> {
    let output = child.stdout.take().map(BufReader::new);
    let complaint = child.stderr.take().map(BufReader::new);
    let (Some(mut output), Some(mut complaint)) = (output, complaint) else {
        return Err(std::io::Error::other("a tool without pipes"));
    };
    let (mut progress, mut words, mut tail) = (Vec::new(), Vec::new(), Vec::new());
    let (mut is_out, mut is_err) = (true, true);
    while is_out || is_err {
        tokio::select! {
            read = read_line(&mut output, &mut progress), if is_out => {
                is_out = read?;
                let line = String::from_utf8_lossy(&progress);
                if let Some(milliseconds) = place_of(line.trim()) {
                    hear(Heard::At { milliseconds });
                }
                progress.clear();
            }
            read = read_line(&mut complaint, &mut words), if is_err => {
                is_err = read?;
                hear(Heard::Line(&String::from_utf8_lossy(&words)));
                keep_tail(&mut tail, &words);
                words.clear();
            }
        }
    }
    let status = child.wait().await?;
    Ok(Said {
        is_success: status.success(),
        was_killed: status.code().is_none(),
        wrote_too_much: wrote_too_much(status),
        output: Vec::new(),
        complaint: String::from_utf8_lossy(&tail).trim().to_owned(),
    })
}

/// Whether the limit on the size of a file ended it.
fn wrote_too_much(status: ExitStatus) -> bool {
    status.signal() == Some(Signal::XFSZ.as_raw())
}

/// Adds a line, or as much of it as a line may have; false at the end. What was read is kept when it is dropped.
async fn read_line(
    stream: &mut (impl tokio::io::AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
) -> std::io::Result<bool> {
    const LONGEST: u64 = 4096;
    let read = stream.take(LONGEST).read_until(b'\n', line).await?;
    Ok(read > 0)
}

/// The place in the film that a line of `-progress` tells of, in milliseconds.
fn place_of(line: &str) -> Option<i64> {
    // Microseconds, whatever their name says.
    let text = line.strip_prefix("out_time_us=")?;
    text.parse::<i64>().ok().map(|it| it / 1000)
}

fn keep_tail(tail: &mut Vec<u8>, more: &[u8]) {
    tail.extend_from_slice(more);
    let excess = (tail.len() as u64).saturating_sub(COMPLAINT);
    drop(tail.drain(..usize::try_from(excess).unwrap_or(0)));
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
        was_killed: status.code().is_none(),
        wrote_too_much: wrote_too_much(status),
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
            keep_tail(&mut tail, part.get(..read).unwrap_or_default());
        }
    }
    Ok(String::from_utf8_lossy(&tail).trim().to_owned())
}

#[cfg(test)]
mod tests;
