//! What the vectors are made from.

use anyhow::Result;
use serde_json::Value;

use super::{changes, contents, provenance, relations, requests, signatures};

/// A vector to be made.
#[derive(Debug)]
pub(super) struct Case {
    /// The name of the vector.
    pub(super) name: &'static str,
    /// The outcome that the decision must have.
    pub(super) outcome: &'static str,
    /// The code that the first image must have, or the request where no image is decided.
    pub(super) code: &'static str,
    /// The call.
    pub(super) call: Value,
}

impl Case {
    pub(super) fn allowed(name: &'static str, call: Value) -> Self {
        Self {
            name,
            outcome: "allowed",
            code: "ok",
            call,
        }
    }

    pub(super) fn rejected(name: &'static str, code: &'static str, call: Value) -> Self {
        Self {
            name,
            outcome: "rejected",
            code,
            call,
        }
    }
}

/// Every case.
pub(super) fn all() -> Result<Vec<Case>> {
    let mut cases = signatures::cases()?;
    cases.extend(provenance::cases()?);
    cases.extend(contents::cases()?);
    cases.extend(changes::cases()?);
    cases.extend(relations::cases()?);
    cases.extend(requests::cases()?);
    Ok(cases)
}
