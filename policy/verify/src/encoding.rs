//! Text forms of bytes.

pub(crate) mod hex;
