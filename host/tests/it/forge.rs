//! `sealstone forge`, and what `sealstone verify` says to what it made.

mod faults;
mod flags;
#[cfg(unix)]
mod guide;
mod images;
mod world;
