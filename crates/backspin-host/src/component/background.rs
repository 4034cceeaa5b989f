//! Threads for the components of low priority, which compute for long: when there is not enough processor time for all, the
//! system gives more of it to the others.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::thread;

use tokio::runtime::{Builder, Runtime};

/// How far the threads give way, as nice(1) counts: each gets a tenth of the time of one that does not.
#[cfg(target_os = "linux")]
const NICENESS: libc::c_int = 10;

/// The threads, until it is dropped.
pub(crate) struct Background {
    /// `None` only while it is being dropped.
    runtime: Option<Runtime>,
}

impl Background {
    /// One thread for each processor. Must be called on a runtime's thread or none; the work of both goes on side by side.
    ///
    /// # Errors
    /// When the operating system gives no threads.
    pub(crate) fn start() -> io::Result<Self> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let runtime = Builder::new_multi_thread()
            .worker_threads(processors)
            .enable_all()
            .thread_name("background")
            .on_thread_start(give_way)
            .build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// Awaits `future` where it is called, but the tasks that it spawns run on the threads.
    pub(crate) async fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        poll_fn(|context| {
            let _entered = self.runtime.as_ref().map(Runtime::enter);
            future.as_mut().poll(context)
        })
        .await
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // To wait for its tasks is not allowed on a thread that serves others.
            runtime.shutdown_background();
        }
    }
}

/// Lowers the priority of the calling thread. Other systems than Linux know priorities of processes only.
fn give_way() {
    #[cfg(target_os = "linux")]
    {
        #[allow(unsafe_code, reason = "the call takes no pointer, and any thread may make it for itself")]
        // SAFETY: setpriority(2) only sets a number of the kernel's. Should it be refused, the thread gives no way.
        unsafe {
            libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_spawned_runs_on_threads_that_give_way() {
        let background = Background::start().unwrap();
        let (here, there) =
            background.run(async { (niceness(), tokio::spawn(async { niceness() }).await.unwrap()) }).await;
        assert_eq!(here, tokio::spawn(async { niceness() }).await.unwrap());
        assert_eq!(there, here + 10);
    }

    /// Of the calling thread: the 19th field of its `stat`, counted from the end of the name.
    fn niceness() -> i64 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap();
        fields.split_whitespace().nth(16).unwrap().parse().unwrap()
    }
}
