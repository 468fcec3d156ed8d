//! Trust roots of private instances, given as PEM.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{TrustedLog, TrustedRoot, distinct_authorities, distinct_logs};
use crate::certificate::{Certificate, CertificateAuthority, Purpose};
use crate::crypto::{PublicKey, sha256};
use crate::encoding::{hex, pem};
use crate::error::Error;
use crate::limits::{Limit, Limits};
use crate::time::{UnixTime, Validity};

/// The parts of a private instance, each in PEM. They count at all times; a trust root in JSON can say when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a record of texts that callers fill in"
)]
pub struct PemTrustedRoot {
    /// Chains of certificate authorities, intermediates first, anchor last.
    pub certificate_authorities: Vec<String>,
    /// Public keys of certificate-transparency logs.
    pub certificate_transparency_logs: Vec<String>,
    /// Rekor v1 and v2 logs: base URL and public key. The host of the URL is the origin of v2 checkpoints.
    pub transparency_logs: Vec<(String, String)>,
    /// Chains of timestamp authorities: signing certificate (or nothing), intermediates, anchor.
    pub timestamp_authorities: Vec<String>,
}

const ALWAYS: Validity = Validity {
    start: UnixTime::from_seconds(0),
    end: None,
};

pub(super) fn trusted_root(parts: &PemTrustedRoot, limits: &Limits) -> Result<TrustedRoot, Error> {
    let counts = [
        parts.certificate_authorities.len(),
        parts.certificate_transparency_logs.len(),
        parts.transparency_logs.len(),
        parts.timestamp_authorities.len(),
    ];
    if counts
        .iter()
        .any(|count| *count > limits.trusted_root_entries)
    {
        return Err(Error::LimitExceeded(Limit::TrustedRootEntries));
    }
    if counts == [0; 4] {
        return Err(Error::TrustedRootEmpty);
    }
    let authorities = |chains: &[String], purpose| {
        distinct_authorities(chains.iter().map(|chain| authority(chain, purpose, limits)))
    };
    Ok(TrustedRoot {
        transparency_logs: distinct_logs(parts.transparency_logs.iter().map(|(url, key)| {
            let key = PublicKey::from_pem(key)?;
            Ok(log(log_id(url, &key), url, key))
        }))?,
        certificate_authorities: authorities(&parts.certificate_authorities, Purpose::CodeSigning)?,
        certificate_transparency_logs: distinct_logs(
            parts.certificate_transparency_logs.iter().map(|key| {
                let key = PublicKey::from_pem(key)?;
                Ok(log(key.spki_sha256(), "", key))
            }),
        )?,
        timestamp_authorities: authorities(&parts.timestamp_authorities, Purpose::TimeStamping)?,
    })
}

/// Rekor v1 names itself by its key (RFC 6962, 3.2); Rekor v2 by the key id of its checkpoints, which for
/// Ed25519 keys includes the host (signed-note, "Signature types").
fn log_id(url: &str, key: &PublicKey) -> [u8; 32] {
    match key.ed25519_bytes() {
        Some(raw) => sha256(&[super::log::host_of(url).as_bytes(), b"\n\x01", &raw]),
        None => key.spki_sha256(),
    }
}

fn log(id: [u8; 32], url: &str, key: PublicKey) -> TrustedLog {
    TrustedLog {
        base_url: url.to_string(),
        id: id.to_vec(),
        key,
        validity: ALWAYS,
    }
}

fn authority(
    chain: &str,
    purpose: Purpose,
    limits: &Limits,
) -> Result<CertificateAuthority, Error> {
    let certificates =
        pem::decode_all(chain, &["CERTIFICATE"]).ok_or(Error::CertificateMalformed)?;
    if certificates.len() > limits.chain_length {
        return Err(Error::LimitExceeded(Limit::ChainLength));
    }
    // PEM has no URI. Authorities are counted by it, so each needs one of its own.
    let parts: Vec<&[u8]> = certificates.iter().map(Vec::as_slice).collect();
    let name = format!("sha256:{}", hex::encode(&sha256(&parts)));
    let certificates = certificates
        .iter()
        .map(|der| Certificate::from_der(der, limits))
        .collect::<Result<Vec<_>, _>>()?;
    CertificateAuthority::prepare(name, ALWAYS, certificates, purpose, limits)
}
