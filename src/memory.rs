//! How much memory an idle house keeps: a setting of the allocator, and what is given back.
//!
//! The C library gives each thread that allocates an arena of its own, up to eight for each core, and what is freed in
//! one is of no use to the others. This process has many threads with little to do at a time, so two arenas serve it
//! as well and keep 8 MB less. The setting has to be made before the second thread starts.
//!
//! Starting up touches most of the program and frees much of what it took: about 18 MB that nobody needs afterwards, and
//! that the system would take back only when it runs short. So it is given back once, and again every few minutes.

#![expect(
    unsafe_code,
    reason = "mallopt, malloc_trim and madvise have no safe form"
)]

use std::time::Duration;

use tokio::time::MissedTickBehavior;

/// When starting up is over, and how often to look again.
const SETTLED_AFTER: Duration = Duration::from_secs(20);
const EVERY: Duration = Duration::from_secs(120);

/// Arenas of the allocator.
#[cfg(target_env = "gnu")]
const ARENAS: libc::c_int = 2;

/// Bounds the allocator's arenas. Call it first in `main`.
pub(crate) fn settle() {
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt reads two integers; no other thread runs yet, and a refusal leaves the default.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, ARENAS);
    }
}

/// Gives memory back by the clock, until it is dropped. Does not return.
pub(crate) async fn keep_small() {
    let begin = tokio::time::Instant::now() + SETTLED_AFTER;
    let mut ticks = tokio::time::interval_at(begin, EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = tokio::task::spawn_blocking(give_back).await {
            tracing::warn!(%error, "could not give memory back");
        }
    }
}

/// Freed memory, and the pages of the program itself: those that are used come back from the page cache one by one.
fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim locks the arenas that it works on.
    unsafe {
        libc::malloc_trim(0);
    }
    #[cfg(target_os = "linux")]
    for text in program_text() {
        // SAFETY: the pages are executable, not writable and mapped from the program's file, so nobody has changed them
        // and they read the same when they are mapped again.
        unsafe {
            libc::madvise(
                text.start as *mut libc::c_void,
                text.len(),
                libc::MADV_DONTNEED,
            );
        }
    }
}

/// Where the machine code of this program is in memory.
#[cfg(target_os = "linux")]
fn program_text() -> Vec<std::ops::Range<usize>> {
    let (Ok(maps), Ok(program)) = (
        std::fs::read_to_string("/proc/self/maps"),
        std::fs::read_link("/proc/self/exe"),
    ) else {
        return Vec::new();
    };
    let program = program.to_string_lossy();
    maps.lines()
        .filter(|line| line.ends_with(&*program))
        .filter_map(|line| line.split_once(" r-xp "))
        .filter_map(|(span, _)| span.split_once('-'))
        .filter_map(|(start, end)| {
            let address = |text| usize::from_str_radix(text, 16).ok();
            Some(address(start)?..address(end)?)
        })
        .collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_program_goes_on_without_the_pages_that_it_gave_back() {
        let here = give_back as *const () as usize;
        let text = program_text();
        assert!(text.iter().any(|span| span.contains(&here)), "{text:?}");
        let kept = vec![7_u8; 1 << 20];
        for _ in 0..3 {
            give_back();
        }
        assert!(kept.iter().all(|byte| *byte == 7));
    }
}
