//! The parts, one by one, for vectors and fuzzing. Only with the feature `internals`; not a stable API.

use alloc::vec::Vec;

use crate::certificate::{Certificate, CertificateAuthority, Purpose};
use crate::crypto::{Budget, Hash, Message, SignatureScheme};
use crate::encoding::pem;
use crate::error::Error;
use crate::json::Fields;
use crate::limits::Limits;
use crate::time::{UnixTime, Validity};
use crate::{DigestAlgorithm, PublicKey};

/// A signature scheme by name.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Scheme {
    /// ECDSA, signature in DER.
    Ecdsa(DigestAlgorithm),
    /// Ed25519.
    Ed25519,
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS over SHA-256.
    RsaPss,
}

/// Whether `signature` by `key` over `message` verifies.
pub fn verify_signature(key: &PublicKey, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
    let scheme = match scheme {
        Scheme::Ecdsa(hash) => SignatureScheme::Ecdsa(Hash::from(hash)),
        Scheme::Ed25519 => SignatureScheme::Ed25519,
        Scheme::RsaPkcs1(hash) => SignatureScheme::RsaPkcs1(Hash::from(hash)),
        Scheme::RsaPss => SignatureScheme::RsaPss,
    };
    let mut budget = Budget::new(&Limits::default());
    key.verify(scheme, Message::Parts(&[message]), signature, &mut budget)
        .unwrap_or(false)
}

/// Prepares a key for many signatures. What verifies must stay the same.
pub fn prepare_key(key: &PublicKey) {
    key.prepare();
}

/// Verifies an inclusion proof of RFC 6962.
///
/// # Errors
/// The codes `inclusion-proof.…`.
pub fn verify_inclusion(
    leaf_hash: &[u8; 32],
    index: u64,
    size: u64,
    proof: &[Vec<u8>],
    root: &[u8],
) -> Result<(), Error> {
    crate::tlog::merkle::verify_inclusion(leaf_hash, index, size, proof, root)
}

/// Verifies an RFC 3161 response over `message` with one authority, whose chain is given in PEM (leaf first,
/// if at all) and which is trusted at all times.
///
/// # Errors
/// The codes `timestamp.…`, `certificate.…` and `trusted-root.…`.
pub fn verify_timestamp(
    response: &[u8],
    message: &[u8],
    chain_pem: &str,
) -> Result<UnixTime, Error> {
    let limits = Limits::default();
    let chain = pem::decode_all(chain_pem, &["CERTIFICATE"])
        .ok_or(Error::CertificateMalformed)?
        .iter()
        .map(|der| Certificate::from_der(der, &limits))
        .collect::<Result<Vec<_>, _>>()?;
    let always = Validity {
        start: UnixTime::from_seconds(0),
        end: None,
    };
    let authority = CertificateAuthority::prepare(
        Default::default(),
        always,
        chain,
        Purpose::TimeStamping,
        &limits,
    )?;
    let mut budget = Budget::new(&limits);
    crate::timestamp::verify(response, message, &[authority], &limits, &mut budget)?
        .map(|time| time.time)
        .ok_or(Error::TimestampAuthorityUnknown)
}

/// Reads a certificate in DER.
///
/// # Errors
/// [`Error::CertificateMalformed`], [`Error::LimitExceeded`].
pub fn parse_certificate(der: &[u8]) -> Result<(), Error> {
    let certificate = Certificate::from_der(der, &Limits::default())?;
    crate::certificate::identity(&certificate, true).map(drop)
}

/// Reads a `SignedCertificateTimestampList`.
///
/// # Errors
/// [`Error::SctMalformed`], [`Error::LimitExceeded`].
pub fn parse_sct_list(list: &[u8]) -> Result<(), Error> {
    crate::sct::parse_list(list, &Limits::default()).map(drop)
}

/// Reads a checkpoint.
///
/// # Errors
/// [`Error::CheckpointMalformed`], [`Error::LimitExceeded`].
pub fn parse_checkpoint(note: &str) -> Result<(), Error> {
    crate::tlog::checkpoint::parse(note, &Limits::default()).map(drop)
}

/// Reads the body of a log entry, as the kind and version that it names, for an envelope or a message.
///
/// # Errors
/// The codes `log-entry.…` and `log-entry-body.…`.
pub fn parse_log_entry_body(body: &[u8]) -> Result<(), Error> {
    use crate::error::Document;
    Fields::parse_document(Document::LogEntryBody, body, &Limits::default())?;
    crate::tlog::body::check_all_kinds(body, &Limits::default())
}
