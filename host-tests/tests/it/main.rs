//! Suites over the whole project.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::type_complexity,
    reason = "a test stops at the first surprise"
)]

mod codes;
mod conformance;
mod decision_vectors;
mod determinism;
mod example;
mod garbage;
mod kubewarden;
mod lessons;
mod opa;
mod prepared;
mod rego;
mod workspace;
