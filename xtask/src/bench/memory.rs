//! What the system tells of a process and of the machine. Linux only; elsewhere memory stays unknown.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::Duration;

use anyhow::{Context, Result};

const WATCHED: Duration = Duration::from_secs(1);
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// Does `work`; returns also the most memory that a process and its children held at once meanwhile, in MiB: their own and
/// their share of mapped files, so that a page of a file which is mapped several times counts once (Pss, see proc(5)).
pub(crate) fn peak_while<T>(pid: u32, work: impl FnOnce() -> T) -> (T, Option<f64>) {
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut peak = held_kib(pid);
            while !is_done.load(Ordering::Relaxed) {
                sleep(BETWEEN_LOOKS);
                peak = peak.max(held_kib(pid));
            }
            peak
        });
        let done = work();
        is_done.store(true, Ordering::Relaxed);
        let peak = watching.join().ok().flatten();
        (done, peak.map(|kib| kib as f64 / 1024.0))
    })
}

/// `None` where the system does not tell.
fn held_kib(pid: u32) -> Option<u64> {
    with_children(pid).into_iter().filter_map(share_kib).reduce(|a, b| a + b)
}

/// Whether this process may install packages.
pub(crate) fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    field(&status, "Uid:").is_some_and(|ids| ids.split_whitespace().nth(1) == Some("0"))
}

/// How much of the processors' time others take at the moment, in percent.
///
/// # Errors
/// When the system tells nothing of it.
pub(crate) fn busy_percent() -> Result<f64> {
    let (busy_before, all_before) = processor_time()?;
    sleep(WATCHED);
    let (busy, all) = processor_time()?;
    Ok(100.0 * (busy - busy_before) / (all - all_before).max(1.0))
}

/// Busy and whole time since the machine started, in ticks.
fn processor_time() -> Result<(f64, f64)> {
    let text =
        fs::read_to_string("/proc/stat").context("/proc/stat is needed to tell how busy the machine is")?;
    let line = text.lines().next().unwrap_or_default();
    let ticks =
        line.split_whitespace().skip(1).filter_map(|number| number.parse::<f64>().ok()).collect::<Vec<_>>();
    let all = ticks.iter().take(8).sum::<f64>();
    // The fourth and fifth are idle and waiting for disks.
    let idle = ticks.iter().skip(3).take(2).sum::<f64>();
    Ok((all - idle, all))
}

/// Memory of the machine in GiB and number of processors.
///
/// # Errors
/// When the system does not tell.
pub(crate) fn machine() -> Result<(f64, usize)> {
    let text = fs::read_to_string("/proc/meminfo")?;
    let kib = field(&text, "MemTotal:").and_then(kib).context("/proc/meminfo has no MemTotal")?;
    Ok((kib as f64 / f64::from(1 << 20), std::thread::available_parallelism()?.get()))
}

fn with_children(pid: u32) -> Vec<u32> {
    let listed = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children = listed.split_whitespace().filter_map(|child| child.parse().ok());
    std::iter::once(pid).chain(children.flat_map(with_children)).collect()
}

fn share_kib(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    field(&rollup, "Pss:").and_then(kib)
}

fn field<'text>(text: &'text str, name: &str) -> Option<&'text str> {
    text.lines().find_map(|line| line.strip_prefix(name))
}

fn kib(value: &str) -> Option<u64> {
    value.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_in_kib() {
        let status = "Rss:\t1 kB\nPss:    2048 kB\nPss_Dirty: 1 kB\n";
        assert_eq!(field(status, "Pss:").and_then(kib), Some(2048));
        assert_eq!(field(status, "Swap:"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_was_held_in_between_counts() {
        let mib = 64;
        let (kept, peak) = peak_while(std::process::id(), || {
            let held = vec![1_u8; mib << 20];
            sleep(BETWEEN_LOOKS * 2);
            held.iter().map(|byte| usize::from(*byte)).sum::<usize>()
        });
        assert_eq!(kept, mib << 20);
        assert!(peak.is_some_and(|peak| peak >= mib as f64), "{peak:?}");
    }
}
