//! Tests of the host.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

mod attacks;
mod bundle;
mod enforcement_guide;
mod explain;
mod flags;
mod forge;
mod init;
mod kubewarden_guide;
mod layout_evidence;
mod layout_selection;
mod module;
mod policy_check;
mod policy_test;
mod policy_words;
mod prepared;
mod registry;
mod rego;
mod report;
mod reports_guide;
mod review;
mod runtime;
mod support;
mod verify;
mod verify_layouts;
