//! The module for OPA, as hosts of the OPA Wasm ABI load and call it.
//!
//! [`host`] is such a host on wasmtime. [`sequences`] calls in the order of `opa` itself and in that of
//! Kubewarden; [`memory`] does what hosts do to the memory, and worse.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "a test stops at the first surprise"
)]

mod example;
mod host;
mod memory;
mod samples;
mod sequences;
mod shapes;
