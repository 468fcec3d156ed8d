//! Text forms of bytes.

pub(crate) mod base64;
pub(crate) mod hex;
pub(crate) mod pem;
