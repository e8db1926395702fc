//! A load generator for messages that are kept: many senders, each of whom says the next thing when the one before is
//! acknowledged.
//!
//! Of Playhouse the acknowledgement is the answer to `send`, of an XMPP server with multi-user chat the message that
//! comes back to its sender. Every sender is in one room and gets what the others in it say. Prints one line of JSON.
//!
//! `--peer playhouse|xmpp --address HOST:PORT --pid PID --senders N --rooms N --seconds N`, and for Playhouse a file with
//! a line `TOKEN ROOM` for each sender: `--senders-file PATH`.

mod sender;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use playhouse_bench::generator::{self, Words};
use playhouse_bench::measure::{cpu_of, percentile, rss_of};
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::sender::{Sender, Who};

const WARM_UP: Duration = Duration::from_secs(2);

/// What is asked for on the command line.
struct Settings {
    address: String,
    pid: u32,
    seconds: u64,
    everybody: Vec<Who>,
}

impl Settings {
    fn read(words: &Words) -> anyhow::Result<Settings> {
        let senders: usize = words.number("--senders", None)?;
        let rooms: usize = words.number("--rooms", None)?;
        let everybody = match words.need("--peer")? {
            "playhouse" => of_file(words.need("--senders-file")?, senders)?,
            "xmpp" => (0..senders)
                .map(|number| Who::Occupant {
                    room: format!("room{}@rooms.localhost", number % rooms),
                    nick: format!("sender{number}"),
                })
                .collect(),
            other => anyhow::bail!("{other} is not one of playhouse, xmpp"),
        };
        Ok(Settings {
            address: words.need("--address")?.to_owned(),
            pid: words.number("--pid", None)?,
            seconds: words.number("--seconds", None)?,
            everybody,
        })
    }
}

fn of_file(path: &str, senders: usize) -> anyhow::Result<Vec<Who>> {
    let text = std::fs::read_to_string(path)?;
    let members: Option<Vec<Who>> = text
        .lines()
        .map(|line| {
            let (token, room) = line.split_once(' ')?;
            Some(Who::Member {
                token: token.to_owned(),
                room: room.to_owned(),
            })
        })
        .collect();
    let members = members.context("a line is not TOKEN ROOM")?;
    anyhow::ensure!(members.len() == senders, "{} senders", members.len());
    Ok(members)
}

/// Lets everybody send for a while.
async fn run(settings: Settings) -> anyhow::Result<String> {
    let mut senders = Vec::new();
    for (number, who) in settings.everybody.into_iter().enumerate() {
        let sender = Sender::join(&settings.address, who, number).await;
        senders.push(sender.with_context(|| format!("sender {number}"))?);
    }
    let begun = Instant::now() + WARM_UP;
    let until = begun + Duration::from_secs(settings.seconds);
    let mut sending = JoinSet::new();
    for sender in senders {
        sending.spawn_local(sender.send_until(begun, until));
    }
    tokio::time::sleep_until(begun).await;
    let cpu = |pid| cpu_of(pid);
    let (server, own) = (cpu(settings.pid)?, cpu(std::process::id())?);
    tokio::time::sleep_until(until).await;
    let server = cpu(settings.pid)? - server;
    let own = cpu(std::process::id())? - own;
    let mut delays = Vec::new();
    while let Some(sent) = sending.join_next().await {
        delays.extend(sent??);
    }
    delays.sort_unstable();
    let seconds = settings.seconds as f64;
    Ok(format!(
        "{{\"acknowledged\": {}, \"per_second\": {:.1}, \"p50_ms\": {:.2}, \"p99_ms\": {:.2}, \
         \"server_cpu_seconds_per_thousand\": {:.3}, \"server_cpu_share\": {:.2}, \"generator_cpu_share\": {:.2}, \
         \"server_rss_mb\": {:.1}}}",
        delays.len(),
        delays.len() as f64 / seconds,
        percentile(&delays, 0.50),
        percentile(&delays, 0.99),
        server / (delays.len() as f64 / 1e3),
        server / seconds,
        own / seconds,
        rss_of(settings.pid)? as f64 / f64::from(1 << 20),
    ))
}

fn main() -> ExitCode {
    generator::main("sends", |words| async move {
        run(Settings::read(&words)?).await
    })
}
