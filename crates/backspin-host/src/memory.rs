//! Memory of the process, as the allocator of glibc keeps it.

/// Heaps for each processor that glibc has by itself: threads that serve at the same time each need their own.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const HEAPS_PER_PROCESSOR: usize = 8;

/// As many heaps as processors for the threads that come, until [`end_loading`]: with one for each of them, 150 MiB would
/// remain between the pieces that compiling the components took.
pub(crate) fn begin_loading() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    bound_heaps(1);
}

/// Gives back to the system what is free, and lets each thread have its heap.
pub(crate) fn end_loading() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[allow(unsafe_code, reason = "the call takes no pointer, and any thread may make it at any time")]
        // SAFETY: malloc_trim(3) only looks at memory that nobody has.
        unsafe {
            libc::malloc_trim(0);
        }
        bound_heaps(HEAPS_PER_PROCESSOR);
    }
}

/// Whoever has set `MALLOC_ARENA_MAX` has said otherwise.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn bound_heaps(per_processor: usize) {
    if std::env::var_os("MALLOC_ARENA_MAX").is_some() {
        return;
    }
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    let heaps = libc::c_int::try_from(processors * per_processor).unwrap_or(libc::c_int::MAX);
    #[allow(unsafe_code, reason = "the call takes no pointer, and any thread may make it at any time")]
    // SAFETY: mallopt(3) only sets a number, which heaps that are there already do not depend on.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, heaps);
    }
}
