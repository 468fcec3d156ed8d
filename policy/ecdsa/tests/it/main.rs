//! The suite of this crate.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a test fails by a panic; scalars and points wrap by definition"
)]

mod agreement;
