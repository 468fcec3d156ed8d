//! Signature checks of this crate, against the libraries that it does without.

mod p521;
mod rsa;
