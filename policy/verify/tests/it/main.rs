//! The verifier against a virtual Sigstore.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::type_complexity,
    reason = "a test stops at the first surprise, and its tables are read in place"
)]

mod documents;
mod facts;
mod forged;
mod json_map;
mod lessons;
mod limits;
mod mutation;
mod options;
mod subjects;
mod trusted_roots;
mod world;
