//! What the suites and the programs of this package share.

#![forbid(unsafe_code)]

pub mod conformance;
