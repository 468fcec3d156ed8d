//! `sealstone forge`, and what `sealstone verify` says to what it made.

mod faults;
mod flags;
mod images;
mod world;
