//! Hashes, public keys and signature schemes of the Sigstore algorithm registry.
//!
//! Bytes in, yes or no out: no type or trait of the crates behind it shows. What nearly every
//! signature needs, ECDSA on P-256 and P-384, is in `sealstone-ecdsa`, which is compiled for speed.
//!
//! Only signatures are verified here; there are no secrets, and nothing runs in constant time.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod hash;
mod key;
mod p521;
mod rsa;
mod scheme;

pub use hash::{Hash, sha256};
pub use key::{KeyKind, Signature, VerifyingKey};
pub use scheme::{Message, SignatureScheme};
