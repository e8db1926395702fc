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
use playhouse_bench::generator::{self, Words};

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

impl Settings {
    fn read(words: &Words) -> anyhow::Result<Settings> {
        let text = |name| words.find(name).unwrap_or_default().to_owned();
        Ok(Settings {
            peer: words.need("--peer")?.parse()?,
            address: words.need("--address")?.to_owned(),
            subscribers: words.number("--subscribers", Some(1000))?,
            in_flight: words.number("--in-flight", Some(16))?,
            seconds: words.number("--seconds", Some(10))?,
            pid: words.number("--pid", Some(0))?,
            idle: words.has("--idle"),
            publisher: text("--publisher"),
            listener: text("--listener"),
            room: text("--room"),
        })
    }
}

fn main() -> ExitCode {
    generator::main("fanout", |words| async move {
        let settings = Settings::read(&words)?;
        match settings.idle {
            true => load::idle(&settings).await,
            false => load::fan_out(&settings).await,
        }
    })
}
