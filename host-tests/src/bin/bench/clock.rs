//! The time that this thread has spent computing, which others on the machine do not stretch.

use core::time::Duration;

/// CPU time of this thread so far.
#[cfg(unix)]
pub(crate) fn now() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::ThreadCPUTime)
        .try_into()
        .unwrap_or_default()
}

/// Time since the first call, where the CPU time of a thread is not to be had.
#[cfg(not(unix))]
pub(crate) fn now() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// CPU time of all threads of this process so far.
#[cfg(unix)]
pub(crate) fn of_process() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::ProcessCPUTime)
        .try_into()
        .unwrap_or_default()
}

/// Time since the first call, where the CPU time of a process is not to be had.
#[cfg(not(unix))]
pub(crate) fn of_process() -> Duration {
    now()
}
