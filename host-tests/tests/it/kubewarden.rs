//! The Kubewarden policy in a host like policy-server, its host calls answered from a table.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod budget;
mod evidence;
mod guide;
mod instances;
mod module;
mod operations;
mod sessions;
mod table;
mod vectors;
mod world;
