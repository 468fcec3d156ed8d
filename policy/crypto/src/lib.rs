//! Hashes, public keys and signature schemes of the Sigstore algorithm registry.
//!
//! Bytes in, yes or no out. No type or trait of the curve arithmetic behind it shows, so that all of
//! that code is compiled here, with the optimisation that this crate has in the shipped module, and
//! nowhere else.
//!
//! Only signatures are verified here; there are no secrets, and nothing runs in constant time.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod ecdsa;
mod fixed_base;
mod hash;
mod key;
mod rsa;
mod scheme;

pub use hash::{Hash, sha256};
pub use key::{KeyKind, Signature, VerifyingKey};
pub use scheme::{Message, SignatureScheme};
