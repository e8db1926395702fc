//! How much memory an idle house keeps: a setting of the allocator.
//!
//! The C library gives each thread that allocates an arena of its own, up to eight for each core, and what is freed in
//! one is of no use to the others. This process has many threads with little to do at a time, so two arenas serve it
//! as well and keep 8 MB less. The setting has to be made before the second thread starts.

#![expect(unsafe_code, reason = "mallopt has no safe form")]

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
