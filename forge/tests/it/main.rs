//! What the forge makes, judged by others: the `openssl` program, a certificate parser that the
//! forge does not use, and public vectors.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail the test"
)]

mod certificates;
mod determinism;
mod faults;
mod log;
mod merkle;
mod openssl;
mod support;
