//! The suite of this crate.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "scalars and points wrap by definition"
)]

mod agreement;
