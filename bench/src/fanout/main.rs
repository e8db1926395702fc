//! One load generator for servers that pass a message on to many connections.
//!
//! Frames of 150 bytes that are not kept: of Playhouse, what says that somebody writes; of the others, a message of the
//! same size. One connection publishes; every other one gets each frame. At most `--in-flight` frames are on their way at
//! a time, over all connections together. What arrives is counted by a mark that each frame carries once, so that all
//! servers cost the generator the same. Prints one line of JSON.
//!
//! `--idle` opens connections and tells what memory each takes, and how long half of them take to come back at once.

mod load;
mod peers;

use std::process::ExitCode;

use peers::Peer;

/// What is asked for on the command line.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) peer: Peer,
    /// `host:port`.
    pub(crate) address: String,
    pub(crate) subscribers: usize,
    pub(crate) in_flight: u64,
    pub(crate) seconds: u64,
    /// The process that is measured.
    pub(crate) pid: u32,
    pub(crate) idle: bool,
    /// Of Playhouse: who publishes, who listens, and where.
    pub(crate) publisher: String,
    pub(crate) listener: String,
    pub(crate) room: String,
}

fn settings() -> anyhow::Result<Settings> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let find = |name: &str| {
        let at = words.iter().position(|it| it == name)?;
        words.get(at + 1).cloned()
    };
    let need = |name: &str| find(name).ok_or_else(|| anyhow::anyhow!("{name} is missing"));
    let number = |name: &str, default: u64| match find(name) {
        Some(word) => Ok::<u64, anyhow::Error>(word.parse()?),
        None => Ok(default),
    };
    Ok(Settings {
        peer: need("--peer")?.parse()?,
        address: need("--address")?,
        subscribers: usize::try_from(number("--subscribers", 1000)?)?,
        in_flight: number("--in-flight", 16)?,
        seconds: number("--seconds", 10)?,
        pid: u32::try_from(number("--pid", 0)?)?,
        idle: words.iter().any(|it| it == "--idle"),
        publisher: find("--publisher").unwrap_or_default(),
        listener: find("--listener").unwrap_or_default(),
        room: find("--room").unwrap_or_default(),
    })
}

fn main() -> ExitCode {
    let outcome = settings().and_then(|settings| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let local = tokio::task::LocalSet::new();
        runtime.block_on(local.run_until(async {
            match settings.idle {
                true => load::idle(&settings).await,
                false => load::fan_out(&settings).await,
            }
        }))
    });
    match outcome {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("fanout: {error:#}");
            ExitCode::FAILURE
        }
    }
}
