//! What a person at a terminal sees when it takes long.

use std::cell::Cell;
use std::io::{self, IsTerminal as _, Read, Write as _};
use std::time::{Duration, Instant};

/// How long nothing is shown.
const SILENCE: Duration = Duration::from_millis(1500);
/// How often what is shown changes.
const INTERVAL: Duration = Duration::from_millis(200);

/// One line on standard error, while the program waits for a registry.
#[derive(Debug)]
pub(super) struct Progress {
    registry: String,
    is_seen: bool,
    since: Instant,
    shown: Cell<Option<Instant>>,
    requests: Cell<u64>,
    bytes: Cell<u64>,
}

impl Progress {
    pub(super) fn new(registry: &str) -> Self {
        Self {
            registry: registry.to_owned(),
            is_seen: io::stderr().is_terminal(),
            since: Instant::now(),
            shown: Cell::new(None),
            requests: Cell::new(0),
            bytes: Cell::new(0),
        }
    }

    /// Counts a request.
    pub(super) fn request(&self) {
        self.requests.set(self.requests.get().saturating_add(1));
        self.show();
    }

    /// Counts the bytes that are read.
    pub(super) fn watch<R: Read>(&self, reader: R) -> Watched<'_, R> {
        Watched {
            reader,
            progress: self,
        }
    }

    fn show(&self) {
        let is_due = match self.shown.get() {
            Some(shown) => shown.elapsed() >= INTERVAL,
            None => self.since.elapsed() >= SILENCE,
        };
        if !self.is_seen || !is_due {
            return;
        }
        self.shown.set(Some(Instant::now()));
        // A terminal that went away changes nothing about what was asked.
        let _ = write!(
            io::stderr(),
            "\r\u{1b}[K{}: {} requests, {} kB",
            self.registry,
            self.requests.get(),
            self.bytes.get() / 1000
        );
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.get().is_some() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

/// A reader whose bytes are counted.
#[derive(Debug)]
pub(super) struct Watched<'p, R> {
    reader: R,
    progress: &'p Progress,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        let bytes = u64::try_from(read).unwrap_or_default();
        let progress = self.progress;
        progress
            .bytes
            .set(progress.bytes.get().saturating_add(bytes));
        progress.show();
        Ok(read)
    }
}
