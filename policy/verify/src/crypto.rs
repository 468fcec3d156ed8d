//! Hashes and signatures: what `sealstone-crypto` does, with the encodings that Sigstore has around it.
//!
//! Callers prepare a [`PublicKey`] once and ask it to verify; they name a [`SignatureScheme`] and
//! never touch curve arithmetic. Each verification spends from a [`Budget`].

mod algorithm;
mod budget;
mod key;

pub(crate) use algorithm::{algorithm_scheme, hash_function};
pub(crate) use budget::Budget;
pub use key::PublicKey;
pub(crate) use key::encode_der;

pub(crate) use sealstone_crypto::{Hash, Message, SignatureScheme, sha256};
