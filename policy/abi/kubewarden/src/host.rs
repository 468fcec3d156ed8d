//! What the host does for a guest.

use alloc::string::String;
use alloc::vec::Vec;

/// Why a call of the host came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "hosts in tests make them")]
pub enum HostError {
    /// What the host says is wrong. It is not for users: it may hold addresses and stack traces.
    Said(String),
    /// The answer is larger than one evaluation may read.
    TooLarge,
}

/// What the host does for a guest while it answers a call.
pub trait HostCalls {
    /// Calls a capability of the host; the binding is `kubewarden`.
    ///
    /// # Errors
    /// [`HostError`], see there.
    fn call(
        &mut self,
        namespace: &str,
        operation: &str,
        payload: &[u8],
    ) -> Result<Vec<u8>, HostError>;

    /// Seconds since the Unix epoch; `None` when the host has no clock.
    fn now(&mut self) -> Option<u64>;
}
