//! Policy documents and evidence in, decisions out.
//!
//! [`CompiledPolicy::compile`] reads a policy document and prepares its trust roots and keys.
//! [`CompiledPolicy::images`] names the images of a request for which the host must bring evidence.
//! [`CompiledPolicy::decide`] verifies every byte of what was brought and decides at the time that
//! it is given. Nothing here does I/O. [`ffi`] offers the same operations over JSON text.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod admission;
mod attestation_manifest;
mod brought;
mod carried;
mod compiled;
mod decide;
mod decision;
mod document;
mod evidence;
mod failure;
pub mod ffi;
mod image_index;
mod image_reference;
mod limits;
mod lookup;
mod pattern;
mod problem;
mod reader;
#[cfg(feature = "rego")]
pub mod rego;
mod request;
mod rules;
#[cfg(feature = "schema")]
mod schema;
mod subjects;
mod text;
mod work;

pub use compiled::{CompiledPolicy, NamedTrustedRoot};
pub use decision::{Decision, Outcome, Webhook};
pub use document::ConfigMap;
pub use evidence::{Evidence, ImageEvidence};
pub use lookup::{ImageLookup, Wanted};
pub use problem::Problem;
pub use request::ImageRequest;
#[cfg(feature = "schema")]
pub use schema::policy_schema;
pub use sealstone_verify::{UnixTime, json, to_hex};

/// The `apiVersion` of the policy documents that are read and of the decisions that are written.
pub const API_VERSION: &str = "sealstone.dev/v1alpha1";

/// The latest time at which a decision is made, the end of the year 9999. A host without a clock
/// decides at it: whatever expires has expired then.
pub const LATEST_TIME: UnixTime = UnixTime::from_seconds(text::LAST_SECOND);

/// Version of the module.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
