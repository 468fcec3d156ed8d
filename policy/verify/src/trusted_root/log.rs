//! A log of a trust root: certificate transparency or Rekor.

use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::PublicKey;
use crate::time::Validity;

/// A log and its key.
#[derive(Clone, Debug)]
pub(crate) struct TrustedLog {
    /// Where it can be reached; for Rekor v2 the host is the origin of its checkpoints.
    pub(crate) base_url: String,
    /// By what entries and timestamps name the log.
    pub(crate) id: Vec<u8>,
    pub(crate) key: PublicKey,
    /// When its signatures count.
    pub(crate) validity: Validity,
}

/// The host of an URL without scheme, port and path.
pub(crate) fn host_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme
        .split_once('/')
        .map_or(after_scheme, |(host, _)| host)
}
