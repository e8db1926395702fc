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
    reason = "mallopt, malloc_trim, madvise and dl_iterate_phdr have no safe form"
)]

#[cfg(target_os = "linux")]
use std::ops::Range;
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
    for span in program() {
        // SAFETY: the pages are mapped from the program's file and have never been writable, so nobody has changed them and
        // they read the same when they are mapped again.
        unsafe {
            libc::madvise(
                span.start as *mut libc::c_void,
                span.len(),
                libc::MADV_DONTNEED,
            );
        }
    }
}

/// Where the code and the constants of this program are in memory: what is mapped from its file and cannot be written.
#[cfg(target_os = "linux")]
fn program() -> Vec<Range<usize>> {
    unsafe extern "C" fn note(
        object: *mut libc::dl_phdr_info,
        _: libc::size_t,
        spans: *mut libc::c_void,
    ) -> libc::c_int {
        // SAFETY: both pointers are valid during this call: the loader's, and the one that is handed on from below.
        let (object, spans) = unsafe { (&*object, &mut *spans.cast::<Vec<Range<usize>>>()) };
        let (first, count) = (object.dlpi_phdr, usize::from(object.dlpi_phnum));
        // SAFETY: the loader keeps so many headers there as long as the object is loaded.
        let segments = unsafe { std::slice::from_raw_parts(first, count) };
        for it in segments {
            if it.p_type == libc::PT_LOAD && it.p_flags & libc::PF_W == 0 {
                let start = object.dlpi_addr as usize + it.p_vaddr as usize;
                spans.push(start..start + it.p_memsz as usize);
            }
        }
        // The first object is the program itself; anything but zero ends the walk.
        1
    }
    let mut spans: Vec<Range<usize>> = Vec::new();
    // SAFETY: `note` takes what the loader hands it, and a pointer to `spans`, which outlives the walk.
    unsafe { libc::dl_iterate_phdr(Some(note), (&raw mut spans).cast()) };
    // SAFETY: sysconf reads a number.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(1 << 16);
    // Whole pages only: what is beside them in the first or the last one may be somebody else's.
    let whole = |span: Range<usize>| span.start.next_multiple_of(page)..span.end / page * page;
    spans
        .into_iter()
        .map(whole)
        .filter(|span| !span.is_empty())
        .collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    static WORDS: [u8; 1 << 14] = [3; 1 << 14];

    #[test]
    fn the_program_goes_on_without_the_pages_that_it_gave_back() {
        let here = give_back as *const () as usize;
        let constant = WORDS.as_ptr() as usize;
        let program = program();
        for place in [here, constant] {
            assert!(
                program.iter().any(|span| span.contains(&place)),
                "{program:?}"
            );
        }
        let kept = vec![7_u8; 1 << 20];
        for _ in 0..3 {
            give_back();
        }
        assert!(kept.iter().all(|byte| *byte == 7));
        assert!(std::hint::black_box(&WORDS).iter().all(|byte| *byte == 3));
    }
}
