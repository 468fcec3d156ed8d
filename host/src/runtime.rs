//! Runs policy modules: WebAssembly components that export `sealstone:policy/policy` and import
//! nothing.
//!
//! [`Runtime`] holds the engine, [`Module`] a compiled component, [`Policy`] an instance in which a
//! policy document was compiled. Each instance has its own store with limits on memory, tables and
//! fuel. Whatever goes wrong in an instance is a [`Failure`] with a code, and the instance is gone.

mod bindings;
mod cache;
mod engine;
mod failure;
mod module;
mod policy;
mod sandbox;
mod snapshot;

pub use bindings::exports::sealstone::policy::policy::{
    Decision, Evidence, Image, ImageEvidence, ModuleInfo, Outcome, Problem, TrustedRoot,
};
pub use cache::CacheLocation;
pub use engine::Runtime;
pub use failure::{Failure, LoadError};
pub use module::Module;
pub use policy::Policy;
pub use snapshot::PreparedPolicy;

/// The component that the program carries.
pub const COMPONENT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sealstone.wasm"));
