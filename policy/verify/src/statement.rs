//! The part of an in-toto statement that binds it to an artifact.
//!
//! Follows <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md> and the v0.1
//! form that most published provenance still uses.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::json::Value;

/// An in-toto statement whose subject was matched with the artifact.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Statement {
    /// `_type`: `https://in-toto.io/Statement/v0.1` or `https://in-toto.io/Statement/v1`.
    pub statement_type: String,
    /// The artifacts that the statement speaks of.
    pub subject: Vec<StatementSubject>,
    /// URI of the predicate's type.
    pub predicate_type: String,
    /// The predicate; `Null` where a v1 statement leaves it out.
    pub predicate: Value,
}

/// One subject of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatementSubject {
    /// Name, empty where the statement gives none.
    pub name: String,
    /// Digests by algorithm name, as written.
    pub digest: BTreeMap<String, String>,
}
