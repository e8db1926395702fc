//! A load generator for films: connections that fetch a file, or random parts of it, one answer after the other.
//!
//! It reads the head of each answer and lets the kernel throw the body away uncopied (`MSG_TRUNC`), as far as the wire is
//! concerned the way any client takes it. One that copied every byte would take several times the processor time of a
//! server that hands out pages of the page cache, on the same cores, and so be what is measured. Prints one line of JSON.
//!
//! `--address HOST:PORT --path PATH --connections N --seconds N`, and `--token TOKEN` for a house, and
//! `--part BYTES --size BYTES` for parts of a file of that size.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use playhouse_bench::generator::{self, Words};
use playhouse_bench::measure::cpu_of;
use rustix::net::RecvFlags;
use tokio::io::{AsyncWriteExt as _, Interest};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Room for the head of an answer, and bytes that are thrown away at once. Only what a head needs of it is ever touched.
const ROOM: usize = 4 << 20;

/// What is asked for on the command line.
#[derive(Clone)]
struct Settings {
    address: String,
    path: String,
    connections: u64,
    seconds: u64,
    token: Option<String>,
    parts: Option<Parts>,
}

/// Parts of a file that are asked for, aligned.
#[derive(Clone, Copy)]
struct Parts {
    part: u64,
    size: u64,
}

impl Settings {
    fn read(words: &Words) -> anyhow::Result<Settings> {
        let parts = match words.has("--part") {
            true => Some(Parts {
                part: words.number("--part", None)?,
                size: words.number("--size", None)?,
            }),
            false => None,
        };
        Ok(Settings {
            address: words.need("--address")?.to_owned(),
            path: words.need("--path")?.to_owned(),
            connections: words.number("--connections", None)?,
            seconds: words.number("--seconds", None)?,
            token: words.find("--token").map(str::to_owned),
            parts,
        })
    }
}

/// One connection and the bytes of bodies that it has taken.
struct Client {
    stream: TcpStream,
    settings: Settings,
    room: Vec<u8>,
    random: u64,
    taken: u64,
}

impl Client {
    async fn open(settings: Settings, number: u64) -> anyhow::Result<Client> {
        let stream = TcpStream::connect(&settings.address).await?;
        stream.set_nodelay(true)?;
        Ok(Client {
            stream,
            settings,
            room: vec![0; ROOM],
            random: 0x9E37_79B9_7F4A_7C15 ^ (number + 1),
            taken: 0,
        })
    }

    fn request(&mut self) -> (String, &'static str) {
        let Settings { path, address, .. } = &self.settings;
        let mut head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n");
        if let Some(token) = &self.settings.token {
            head += &format!("Authorization: Bearer {token}\r\n");
        }
        let mut wanted = "200";
        if let Some(Parts { part, size }) = self.settings.parts {
            // xorshift: any even spread will do.
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            let start = self.random % (size / part) * part;
            head += &format!("Range: bytes={start}-{}\r\n", start + part - 1);
            wanted = "206";
        }
        (head + "\r\n", wanted)
    }

    async fn receive(&mut self, at: usize, flags: RecvFlags, most: usize) -> anyhow::Result<usize> {
        let Client { stream, room, .. } = self;
        let room = room.get_mut(at..at + most).context("no room")?;
        let read = stream.async_io(Interest::READABLE, || {
            Ok(rustix::net::recv(&*stream, &mut *room, flags)?.1)
        });
        let count = read.await?;
        anyhow::ensure!(count > 0, "the server closed the connection");
        Ok(count)
    }

    /// Asks once, and takes the answer.
    async fn fetch(&mut self) -> anyhow::Result<()> {
        let (head, wanted) = self.request();
        self.stream.write_all(head.as_bytes()).await?;
        let mut filled = 0;
        let end = loop {
            filled += self.receive(filled, RecvFlags::empty(), 4096).await?;
            let seen = self.room.get(..filled).unwrap_or_default();
            if let Some(at) = seen.windows(4).position(|it| it == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = String::from_utf8_lossy(self.room.get(..end).unwrap_or_default());
        let status = head.split(' ').nth(1).unwrap_or_default();
        anyhow::ensure!(status == wanted, "answered {status}");
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then_some(value)
        });
        let length: u64 = length.context("no Content-Length")?.parse()?;
        if let Some(Parts { part, .. }) = self.settings.parts {
            anyhow::ensure!(length == part, "{length} bytes instead of {part}");
        }
        let begun = (filled - end) as u64;
        self.taken += begun;
        let mut left = length.checked_sub(begun).context("more than announced")?;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(ROOM).min(ROOM);
            let count = self.receive(0, RecvFlags::TRUNC, most).await? as u64;
            self.taken += count;
            left -= count;
        }
        Ok(())
    }

    /// The bytes taken, and the answers that came whole.
    async fn fetch_until(mut self, until: Instant) -> anyhow::Result<(u64, u64)> {
        let mut answers = 0;
        while let Ok(fetched) = tokio::time::timeout_at(until, self.fetch()).await {
            fetched?;
            answers += 1;
        }
        Ok((self.taken, answers))
    }
}

async fn run(settings: Settings) -> anyhow::Result<String> {
    let mut clients = Vec::new();
    for number in 0..settings.connections {
        clients.push(Client::open(settings.clone(), number).await?);
    }
    let own = cpu_of(std::process::id())?;
    let begun = Instant::now();
    let until = begun + Duration::from_secs(settings.seconds);
    let mut fetching = JoinSet::new();
    for client in clients {
        fetching.spawn_local(client.fetch_until(until));
    }
    let (mut taken, mut answers) = (0, 0);
    while let Some(fetched) = fetching.join_next().await {
        let fetched = fetched??;
        taken += fetched.0;
        answers += fetched.1;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let own = cpu_of(std::process::id())? - own;
    Ok(format!(
        "{{\"bytes\": {taken}, \"answers\": {answers}, \"bytes_per_second\": {:.0}, \"generator_cpu_share\": {:.2}}}",
        taken as f64 / seconds,
        own / seconds,
    ))
}

fn main() -> ExitCode {
    generator::main(
        "pull",
        |words| async move { run(Settings::read(&words)?).await },
    )
}
