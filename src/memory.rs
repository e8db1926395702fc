//! How much memory an idle house keeps: a setting of the allocator, and the pages of the program itself.
//!
//! The C library gives each thread that allocates an arena of its own, up to eight for each core, and what is freed in
//! one is of no use to the others. This process has many threads with little to do at a time, so two arenas serve it
//! as well and keep 8 MB less. The setting has to be made before the second thread starts.
//!
//! The kernel maps code in blocks around what is asked for, which is right while the program starts and touches much of
//! it. After that, little is used again, and [`forget_the_start`] lets go of the rest. The pages stay in the page cache,
//! where the kernel takes unmapped ones first when memory is short.

#![expect(unsafe_code, reason = "mallopt and madvise have no safe form")]

use std::ops::Range;

use rustix::mm::{Advice, madvise};

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

/// Unmaps the program's code and has it mapped page by page as it is used. Call it when the house is open.
pub(crate) fn forget_the_start() {
    let code = std::fs::read_to_string("/proc/self/maps")
        .ok()
        .zip(std::env::current_exe().ok())
        .and_then(|(maps, program)| code_of(&maps, program.to_str()?));
    let Some(code) = code else {
        return;
    };
    for advice in [Advice::Random, Advice::LinuxDontNeed] {
        // SAFETY: the range is a private mapping of a file that may be read and run and was never written (its
        // permissions are `r-xp`), so that whatever is unmapped comes back the same when it is touched.
        let done = unsafe { madvise(code.start as *mut _, code.len(), advice) };
        if let Err(error) = done {
            tracing::debug!(%error, "the pages of the program stay mapped");
        }
    }
}

/// Where the code of `program` is mapped, by the kernel's list.
fn code_of(maps: &str, program: &str) -> Option<Range<usize>> {
    let line = maps
        .lines()
        .find(|line| line.contains(" r-xp ") && line.ends_with(program))?;
    let (start, end) = line.split_whitespace().next()?.split_once('-')?;
    let address = |text| usize::from_str_radix(text, 16).ok();
    Some(address(start)?..address(end)?).filter(|range| !range.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPS: &str = "\
55bc15a00000-55bc1651b000 r--p 00000000 fe:00 10051620                   /opt/playhouse
55bc1651b000-55bc178b1000 r-xp 00bcc000 fe:00 10051620                   /opt/playhouse
55bc178b1000-55bc179b0000 r--p 01f00000 fe:00 10051620                   /opt/playhouse
7f0a5c000000-7f0a5c155000 r-xp 00028000 fe:00 1234                       /usr/lib/libc.so.6
";

    #[test]
    fn only_the_programs_own_code_is_taken() {
        assert_eq!(
            code_of(MAPS, "/opt/playhouse"),
            Some(0x55bc_1651_b000..0x55bc_178b_1000)
        );
        assert_eq!(code_of(MAPS, "/opt/another"), None);
        assert_eq!(
            code_of("nonsense r-xp /opt/playhouse", "/opt/playhouse"),
            None
        );
    }

    #[test]
    fn code_that_was_let_go_still_runs() {
        forget_the_start();
        assert_eq!(
            code_of(MAPS, "/usr/lib/libc.so.6").map(|it| it.len()),
            Some(0x15_5000)
        );
    }
}
