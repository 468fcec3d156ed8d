//! Sealstone as a module for hosts of the OPA Wasm ABI 1.3: `opa` with wasm, its SDKs, and the `opa`
//! and `gatekeeper` execution modes of Kubewarden.
//!
//! The module holds no Rego. Entrypoint 0, `sealstone/review`, answers in the shape in which the host
//! asks; entrypoint 1, `sealstone/decide`, gives the decision document. What they read and answer
//! stands in [`entrypoint`].
//!
//! The ABI and its memory (the module `abi`, only on wasm32) are the only unsafe code of the sandbox. The
//! packer gives the module its final form: two constant globals, and data that needs no more memory
//! than the smallest host brings.

#![no_std]
#![cfg_attr(not(target_arch = "wasm32"), forbid(unsafe_code))]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
pub mod abi;
mod call;
pub mod entrypoint;
pub mod store;
pub mod term;

// For the panic handler.
use sealstone_runtime as _;
