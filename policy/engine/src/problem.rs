//! What is wrong with a policy document, a trust root or a request.

use alloc::string::String;

/// Something wrong with a policy document, a trust root or a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    clippy::exhaustive_structs,
    reason = "every ABI copies it field by field"
)]
pub struct Problem {
    /// Where in the document, as a JSON pointer (RFC 6901); empty for the whole document.
    pub path: String,
    /// Stable code, for example `policy.unknown-field`.
    pub code: &'static str,
    /// What is wrong and what to do about it, for people.
    pub message: String,
}
