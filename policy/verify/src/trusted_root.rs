//! Sigstore trust roots.
//!
//! Follows `TrustedRoot` of
//! <https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto>.

mod log;
mod parse;
mod pem;

pub(crate) use log::{TrustedLog, host_of};
pub use pem::PemTrustedRoot;

use alloc::vec::Vec;

use crate::certificate::CertificateAuthority;
use crate::error::Error;
use crate::limits::{Limit, Limits};

/// A trust root that was read and prepared: keys decoded, the chains of its authorities verified.
///
/// Prepare once, verify often.
#[derive(Clone, Debug)]
pub struct TrustedRoot {
    pub(crate) transparency_logs: Vec<TrustedLog>,
    pub(crate) certificate_authorities: Vec<CertificateAuthority>,
    pub(crate) certificate_transparency_logs: Vec<TrustedLog>,
    pub(crate) timestamp_authorities: Vec<CertificateAuthority>,
}

impl TrustedRoot {
    /// Reads a `TrustedRoot` in its JSON form, media type version 0.1 or 0.2.
    ///
    /// # Errors
    /// Refused are unknown and duplicate members, missing validity starts, empty chains, chains whose
    /// certificates do not sign each other, unsupported keys, the same log twice, and a root without any
    /// log or authority.
    pub fn from_json(json: &[u8], limits: &Limits) -> Result<Self, Error> {
        if json.len() > limits.trusted_root_bytes {
            return Err(Error::LimitExceeded(Limit::TrustedRootBytes));
        }
        parse::trusted_root(json, limits)
    }

    /// Prepares the trust root of a private instance from PEM.
    ///
    /// # Errors
    /// As for [`Self::from_json`].
    pub fn from_pem(parts: &PemTrustedRoot, limits: &Limits) -> Result<Self, Error> {
        pem::trusted_root(parts, limits)
    }
}

impl TrustedRoot {
    /// Prepares the keys that sign what evidence holds; see [`crate::Verifier::prepare`].
    pub(crate) fn prepare_keys(&self) {
        for log in self
            .transparency_logs
            .iter()
            .chain(&self.certificate_transparency_logs)
        {
            log.key.prepare();
        }
        for authority in self
            .certificate_authorities
            .iter()
            .chain(&self.timestamp_authorities)
        {
            authority.prepare_key();
        }
    }
}

/// Collects logs, refusing one whose id occurs again.
fn distinct_logs(
    logs: impl Iterator<Item = Result<TrustedLog, Error>>,
) -> Result<Vec<TrustedLog>, Error> {
    let mut distinct: Vec<TrustedLog> = Vec::new();
    for log in logs {
        let log = log?;
        if distinct.iter().any(|other| other.id == log.id) {
            return Err(Error::TrustedRootLogDuplicate);
        }
        distinct.push(log);
    }
    Ok(distinct)
}

/// Collects authorities, refusing one that occurs again with the same certificates and validity.
fn distinct_authorities(
    authorities: impl Iterator<Item = Result<CertificateAuthority, Error>>,
) -> Result<Vec<CertificateAuthority>, Error> {
    let mut distinct: Vec<CertificateAuthority> = Vec::new();
    for authority in authorities {
        let authority = authority?;
        if distinct.iter().any(|other| other.is_same(&authority)) {
            return Err(Error::TrustedRootAuthorityDuplicate);
        }
        distinct.push(authority);
    }
    Ok(distinct)
}
