//! ECDSA verification on P-256 and P-384, the curves that nearly every signature of Sigstore is on.
//!
//! Bytes in, yes or no out. No type or trait of the curve arithmetic behind it shows, so that all of
//! that code is compiled here and nowhere else: in the shipped module this crate is optimised for
//! speed, and everything above it for size.
//!
//! A key that is used often can be prepared ([`P256Key::prepare`]): multiples of it and of the base
//! point are kept, and a verification then needs few additions and hardly a doubling. The point
//! arithmetic is that of RustCrypto either way. There are no secrets here, and nothing runs in constant time.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod fixed_base;
mod key;

pub use key::{P256Key, P384Key};
