//! A starting policy from what an image carries.
//!
//! This program links no verifier, so the module is asked: about each piece of evidence alone, with a
//! policy that believes anybody whom the trust root vouches for. What it proves of the piece is used;
//! what a piece says of itself is at most a question to the module.

mod findings;
mod probe;
mod write;

pub use findings::{Built, Found, Piece, Signer, Unused};
pub use probe::{Prober, candidates};
pub use write::{Names, policy, policy_test};
