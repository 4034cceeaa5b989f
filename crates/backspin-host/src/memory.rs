//! Memory of the process.

/// Gives back to the system what is free. The allocator of glibc keeps what compiling the components took:
/// hundreds of MiB after a first start.
pub(crate) fn give_back_unused() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[allow(unsafe_code, reason = "the call takes no pointer, and any thread may make it at any time")]
    // SAFETY: malloc_trim(3) only looks at memory that nobody has.
    unsafe {
        libc::malloc_trim(0);
    }
}
