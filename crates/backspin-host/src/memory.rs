//! Memory of the process.

/// As many heaps as processors. The allocator of glibc gives eight times as many threads a heap of their own, and in each
/// remains what is left between the pieces that compiling the components took: 150 MiB after a first start.
pub(crate) fn share_heaps() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        let heaps = libc::c_int::try_from(processors).unwrap_or(libc::c_int::MAX);
        #[allow(unsafe_code, reason = "the call takes no pointer, and any thread may make it at any time")]
        // SAFETY: mallopt(3) only sets a number, which heaps that are there already do not depend on.
        unsafe {
            libc::mallopt(libc::M_ARENA_MAX, heaps);
        }
    }
}

/// Gives back to the system what is free. The allocator of glibc keeps what compiling the components took.
pub(crate) fn give_back_unused() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[allow(unsafe_code, reason = "the call takes no pointer, and any thread may make it at any time")]
    // SAFETY: malloc_trim(3) only looks at memory that nobody has.
    unsafe {
        libc::malloc_trim(0);
    }
}
