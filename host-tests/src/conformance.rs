//! The client that sigstore-conformance calls, over the shipped module.
//!
//! No verifier is linked into it: it writes a policy with one authority and one rule, hands policy,
//! trust root and bundle to the module, and says what the module decided.

mod artifact;
mod command;
mod error;
mod file;
mod policy;
mod trust_root;
mod verification;

pub use command::{Command, Signer};
pub use error::Error;
pub use trust_root::RootFiles;
pub use verification::Verification;

use std::time::SystemTime;

/// The clock of this machine, in seconds since the Unix epoch.
///
/// # Errors
///
/// [`Error::Clock`] when it stands before the epoch.
pub fn now() -> Result<u64, Error> {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map(|since| since.as_secs())
        .map_err(|_| Error::Clock)
}
