//! Requests of a Kubernetes admission webhook: which images they are about, and whether they are to
//! be decided at all.

mod field_path;
mod kinds;
mod places;
mod review;
#[cfg(test)]
mod tests;

pub(crate) use field_path::FieldPath;
pub(crate) use kinds::is_known;
pub(crate) use review::{Pass, Review, read, read_labels};
