//! Why the forge could not make what was asked.

use crate::{EntryKind, Fault};

/// Why the forge could not make what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing in what was asked for could carry the fault, so the outcome would have been valid.
    #[error("fault `{0}` does not apply to this kind of evidence")]
    FaultNotApplicable(Fault),
    /// The log entry cannot be of this type: it is for messages and this is an envelope, or the
    /// other way round.
    #[error("a log entry `{} {}` cannot hold this content", .0.kind(), .0.version())]
    EntryKindNotApplicable(EntryKind),
    /// No fault has this name.
    #[error("no fault is called `{0}`")]
    FaultUnknown(String),
}
