//! The load, and what is measured of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use playhouse_bench::measure::{cpu_of, micros, percentile, rss_of};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::Settings;
use crate::peers::{MARK, Peer};

/// Connections that are opened at a time.
const AT_ONCE: usize = 64;
/// Subscribers whose delays are noted.
const SAMPLED: usize = 20;
const WARM_UP: Duration = Duration::from_secs(2);
/// Without a delivery for so long something is lost.
const STUCK: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Count {
    delivered: Cell<u64>,
    /// When each frame was published.
    published: RefCell<Vec<Instant>>,
    delays: RefCell<Vec<u32>>,
    is_measuring: Cell<bool>,
    moved: Notify,
}

/// Publishes for a while; gives a line of JSON.
pub(crate) async fn fan_out(settings: &Settings) -> anyhow::Result<String> {
    let count = Rc::<Count>::default();
    let subscribers = connect(settings, settings.subscribers).await?;
    let every = (settings.subscribers / SAMPLED).max(1);
    for (number, stream) in subscribers.into_iter().enumerate() {
        let is_sampled = number % every == 0;
        let listening = listen(stream, settings.peer, Rc::clone(&count), is_sampled);
        tokio::task::spawn_local(listening);
    }
    let mut publisher = settings.peer.join(settings, true).await?;
    let frame = settings.peer.frame(settings);
    publish_for(settings, &count, &mut publisher, &frame, WARM_UP).await?;
    count.is_measuring.set(true);
    let (delivered, cpu, begun) = (count.delivered.get(), cpu_of(settings.pid)?, Instant::now());
    let span = Duration::from_secs(settings.seconds);
    publish_for(settings, &count, &mut publisher, &frame, span).await?;
    let delivered = count.delivered.get() - delivered;
    let (took, cpu) = (begun.elapsed().as_secs_f64(), cpu_of(settings.pid)? - cpu);
    let mut delays = count.delays.take();
    delays.sort_unstable();
    let millions = delivered as f64 / 1e6;
    Ok(format!(
        "{{\"peer\": \"{:?}\", \"subscribers\": {}, \"in_flight\": {}, \"deliveries_per_second\": {:.0}, \
         \"p50_ms\": {:.2}, \"p99_ms\": {:.2}, \"cpu_seconds_per_million\": {:.3}, \"rss_mib\": {:.1}}}",
        settings.peer,
        settings.subscribers,
        settings.in_flight,
        delivered as f64 / took,
        percentile(&delays, 0.50),
        percentile(&delays, 0.99),
        cpu / millions,
        rss_of(settings.pid)? as f64 / f64::from(1 << 20),
    ))
}

/// Opens connections that do nothing, and lets half of them come back at once.
pub(crate) async fn idle(settings: &Settings) -> anyhow::Result<String> {
    let before = rss_of(settings.pid)?;
    let begun = Instant::now();
    let mut streams = connect(settings, settings.subscribers).await?;
    let opened = begun.elapsed();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let each = (rss_of(settings.pid)?.saturating_sub(before)) as f64 / settings.subscribers as f64;
    let half = settings.subscribers / 2;
    streams.truncate(settings.subscribers - half);
    let begun = Instant::now();
    let mut coming = tokio::task::JoinSet::new();
    for _ in 0..half {
        let (peer, settings) = (settings.peer, copy_of(settings));
        coming.spawn_local(async move {
            let joined = peer.join(&settings, false).await;
            (joined, begun.elapsed())
        });
    }
    let mut delays = Vec::new();
    while let Some(come) = coming.join_next().await {
        let (joined, after) = come?;
        streams.push(joined?);
        delays.push(micros(after));
    }
    delays.sort_unstable();
    Ok(format!(
        "{{\"peer\": \"{:?}\", \"idle\": {}, \"rss_bytes_each\": {each:.0}, \"opened_in_s\": {:.2}, \
         \"half_back_p50_ms\": {:.0}, \"half_back_p99_ms\": {:.0}}}",
        settings.peer,
        settings.subscribers,
        opened.as_secs_f64(),
        percentile(&delays, 0.50),
        percentile(&delays, 0.99),
    ))
}

async fn connect(settings: &Settings, count: usize) -> anyhow::Result<Vec<TcpStream>> {
    let mut streams = Vec::with_capacity(count);
    while streams.len() < count {
        let batch = AT_ONCE.min(count - streams.len());
        let mut joining = tokio::task::JoinSet::new();
        for _ in 0..batch {
            let (peer, settings) = (settings.peer, copy_of(settings));
            joining.spawn_local(async move { peer.join(&settings, false).await });
        }
        while let Some(joined) = joining.join_next().await {
            streams.push(joined?.context("a subscriber")?);
        }
    }
    Ok(streams)
}

async fn listen(mut stream: TcpStream, peer: Peer, count: Rc<Count>, is_sampled: bool) {
    let mut buffer = vec![0; 16 * 1024];
    let (mut run, mut number) = (0, 0_usize);
    loop {
        let seen = match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(length) => buffer.get(..length).unwrap_or_default(),
        };
        let mut found = 0;
        for byte in seen {
            run = if *byte == MARK[0] { run + 1 } else { 0 };
            if run == MARK.len() {
                (found, run) = (found + 1, 0);
            }
        }
        if is_sampled && count.is_measuring.get() {
            let now = Instant::now();
            let published = count.published.borrow();
            let sent = published.iter().skip(number).take(found);
            let mut delays = count.delays.borrow_mut();
            delays.extend(sent.map(|at| micros(now.saturating_duration_since(*at))));
        }
        number += found;
        if found > 0 {
            count.delivered.set(count.delivered.get() + found as u64);
            count.moved.notify_one();
        }
        if let Some(answer) = peer.pulse(seen)
            && stream.write_all(&answer).await.is_err()
        {
            return;
        }
    }
}

async fn publish_for(
    settings: &Settings,
    count: &Count,
    publisher: &mut TcpStream,
    frame: &[u8],
    span: Duration,
) -> anyhow::Result<()> {
    let subscribers = settings.subscribers as u64;
    let begun = Instant::now();
    let mut sink = vec![0; 16 * 1024];
    while begun.elapsed() < span {
        let published = count.published.borrow().len() as u64;
        let done = count.delivered.get() / subscribers;
        let room = (done + settings.in_flight).saturating_sub(published);
        if room == 0 {
            let moved = tokio::time::timeout(STUCK, count.moved.notified());
            moved.await.context("nothing arrives any more")?;
            continue;
        }
        let now = Instant::now();
        let batch = frame.repeat(usize::try_from(room)?);
        for _ in 0..room {
            count.published.borrow_mut().push(now);
        }
        publisher.write_all(&batch).await?;
        // What comes to the publisher itself is not counted.
        while publisher.try_read(&mut sink).is_ok_and(|length| length > 0) {}
    }
    Ok(())
}

fn copy_of(settings: &Settings) -> Settings {
    Settings {
        address: settings.address.clone(),
        publisher: settings.publisher.clone(),
        listener: settings.listener.clone(),
        room: settings.room.clone(),
        ..*settings
    }
}
