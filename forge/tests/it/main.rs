//! What the forge makes, judged by others: the `openssl` program, a certificate parser that the
//! forge does not use, and public vectors.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests fail the test"
)]

extern crate alloc;

mod certificates;
mod determinism;
mod examples;
mod faults;
mod layout;
mod log;
mod merkle;
mod openssl;
mod rekor_v2;
mod support;
mod timestamps;
mod trusted_root;
