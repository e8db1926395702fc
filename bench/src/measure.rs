//! What is measured of a run: times, processor time, memory.

use std::time::Duration;

use anyhow::Context as _;

#[must_use]
pub fn micros(span: Duration) -> u32 {
    u32::try_from(span.as_micros()).unwrap_or(u32::MAX)
}

/// In milliseconds.
#[must_use]
pub fn percentile(sorted: &[u32], part: f64) -> f64 {
    let at = ((sorted.len() as f64 * part) as usize).min(sorted.len().saturating_sub(1));
    sorted
        .get(at)
        .map_or(f64::NAN, |it| f64::from(*it) / 1000.0)
}

/// Seconds of processor time that a process has used.
///
/// # Errors
/// When there is no such process.
pub fn cpu_of(pid: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(") ").context("stat")?;
    let ticks = fields.split(' ').skip(11).take(2);
    let sum: u64 = ticks.map(|it| it.parse().unwrap_or(0)).sum();
    Ok(sum as f64 / 100.0)
}

/// Bytes of memory that a process holds.
///
/// # Errors
/// When there is no such process.
pub fn rss_of(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kib = line.context("VmRSS")?.trim().trim_end_matches(" kB");
    Ok(kib.parse::<u64>()? * 1024)
}
