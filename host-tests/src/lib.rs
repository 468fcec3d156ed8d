//! What the suites and benchmarks of this package share.

pub mod peers;
