//! The verifier against a virtual Sigstore.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod forged;
mod limits;
mod world;
