//! What the system tells of a process and of the machine. Linux only; elsewhere memory stays unknown.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result};

const WATCHED: Duration = Duration::from_secs(1);

/// The most memory that a process and its children held at once since [`forget_peak`], in MiB.
pub(crate) fn peak_mib(pid: u32) -> Option<f64> {
    let kib = with_children(pid).into_iter().filter_map(peak_kib).sum::<u64>();
    (kib > 0).then_some(kib as f64 / 1024.0)
}

/// Lets the peak of a process and its children begin anew.
pub(crate) fn forget_peak(pid: u32) {
    for pid in with_children(pid) {
        // Where it is not allowed the peak of the whole run is reported, which is no less.
        let _ = fs::write(format!("/proc/{pid}/clear_refs"), "5");
    }
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

fn peak_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    field(&status, "VmHWM:").and_then(kib)
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
        let status = "Name:\tx\nVmHWM:\t  2048 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(field(status, "VmHWM:").and_then(kib), Some(2048));
        assert_eq!(field(status, "VmSwap:"), None);
    }
}
