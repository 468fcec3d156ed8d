//! The native side of Sealstone: runs the policy module, brings it evidence, shows its decisions.
//!
//! No verifier is linked into this crate. The module is the only one, so what is tested is what runs.

#![forbid(unsafe_code)]

pub mod cli;
mod code_table;
pub mod denial;
pub mod digest;
pub mod document;
pub mod evidence;
mod file;
pub mod init;
pub mod layout;
pub mod limits;
mod oci;
mod opa_bundle;
pub mod policy;
pub mod policy_test;
pub mod registry;
pub mod report;
pub mod runtime;
pub mod transfer;
pub mod trust_root;
