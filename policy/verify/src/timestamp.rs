//! RFC 3161 timestamps.

mod cms;
mod token;
mod verify;

pub(crate) use verify::verify;
