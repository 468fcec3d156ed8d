//! What the suites and the programs of this package share.

#![forbid(unsafe_code)]

pub mod conformance;

pub use sealstone_peers::{DecisionVector, decision_vectors, decision_vectors_folder};
