//! Hashes and signatures: the seam behind which a faster implementation can be put.
//!
//! Callers prepare a [`PublicKey`] once and ask it to verify; they name a [`SignatureScheme`] and
//! never touch curve arithmetic. Each verification spends from a [`Budget`].

mod budget;
mod hash;
mod key;
mod scheme;

pub(crate) use budget::Budget;
pub(crate) use hash::{Hash, sha256};
pub use key::PublicKey;
pub(crate) use key::encode_der;
pub(crate) use scheme::{Message, SignatureScheme};
