//! Sealstone as a Kubewarden policy: a waPC guest.
//!
//! [`operation::answer`] carries out one call. What it needs of the host, it asks through
//! [`HostCalls`], so that everything but the few functions of the ABI runs in tests as well.
//!
//! The host gives evidence piece by piece, and only some of it. What is looked for, in which order, and
//! what counts as absent stands in `collect.rs`. All of it is untrusted, and verified by the engine.

#![no_std]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod abi;
mod collect;
mod config_map;
mod gap;
mod host;
mod limits;
pub mod operation;
mod pieces;
mod questions;
mod referrers;
mod signatures;
mod simple_signing;

// For the allocator and the panic handler.
use sealstone_runtime as _;

pub use host::{HostCalls, HostError};
pub use limits::{ANSWER_BYTES, HOST_CALLS, SIGNATURE_WORK};
