//! Verifying a response with the timestamp authorities of a trust root.
//!
//! Follows the Sigstore client specification, section 4.2.1, RFC 3161, section 2.3, and the checks of
//! sigstore/timestamp-authority's `pkg/verification`.

use alloc::vec::Vec;

use super::cms::{SignedData, SignerIdentifier, SigningCertificate};
use super::token::{self, Response};
use crate::certificate::{Certificate, CertificateAuthority, IssuedBy, Purpose, check_leaf};
use crate::crypto::{Budget, Message, PublicKey};
use crate::error::Error;
use crate::facts::{TimeSource, VerifiedTime};
use crate::limits::{Limit, Limits};
use crate::time::UnixTime;

/// Verifies `response` over `message`; the time that it proves, or `None` when it is by an authority that
/// the trust root does not hold.
pub(crate) fn verify(
    response: &[u8],
    message: &[u8],
    authorities: &[CertificateAuthority],
    limits: &Limits,
    budget: &mut Budget,
) -> Result<Option<VerifiedTime>, Error> {
    let Response::Granted(token) =
        token::response(response).map_err(|_| Error::TimestampMalformed)?
    else {
        return Err(Error::TimestampRejected);
    };
    let embedded = embedded_signers(&token, limits)?;
    let mut failure = None;
    for authority in authorities {
        let Some(signer) = signer_of(&token, authority, &embedded, budget)? else {
            continue;
        };
        let verified = verify_with(&token, message, &signer, budget);
        match verified.map(|time| by(authority, time)) {
            Ok(time) => return Ok(Some(time)),
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or(Ok(None), Err)
}

fn by(authority: &CertificateAuthority, time: UnixTime) -> VerifiedTime {
    VerifiedTime {
        time,
        source: TimeSource::TimestampAuthority(authority.uri.clone()),
    }
}

/// The embedded certificates that the signer names. They are hints: each must lead to an authority.
fn embedded_signers(token: &SignedData<'_>, limits: &Limits) -> Result<Vec<Certificate>, Error> {
    if token.certificates.len() > limits.chain_length {
        return Err(Error::LimitExceeded(Limit::ChainLength));
    }
    let mut signers = Vec::new();
    for der in &token.certificates {
        let certificate = Certificate::from_der(der, limits)?;
        if is_named(token, &certificate) {
            signers.push(certificate);
        }
    }
    Ok(signers)
}

fn is_named(token: &SignedData<'_>, certificate: &Certificate) -> bool {
    match token.signer.identifier {
        SignerIdentifier::IssuerAndSerial(issuer, serial) => {
            certificate.issuer == issuer && certificate.serial == serial
        }
        SignerIdentifier::SubjectKeyIdentifier(identifier) => {
            certificate.extensions.subject_key_identifier.as_deref() == Some(identifier)
        }
    }
}

/// Who signed a token.
struct Signer<'a> {
    certificate: &'a Certificate,
    /// The key of the certificate, where it was read already.
    key: Option<&'a PublicKey>,
    issuer: IssuedBy<'a>,
}

/// The signer under this authority. An authority whose leaf the trust root holds signs with
/// that leaf only; otherwise an embedded certificate that the authority issued may have signed.
fn signer_of<'a>(
    token: &SignedData<'_>,
    authority: &'a CertificateAuthority,
    embedded: &'a [Certificate],
    budget: &mut Budget,
) -> Result<Option<Signer<'a>>, Error> {
    if let Some((certificate, key, issuer)) = authority.own_leaf() {
        return Ok(is_named(token, certificate).then_some(Signer {
            certificate,
            key,
            issuer,
        }));
    }
    for certificate in embedded {
        if let Some(issuer) = authority.find_issuer(certificate, budget)? {
            return Ok(Some(Signer {
                certificate,
                key: None,
                issuer,
            }));
        }
    }
    Ok(None)
}

fn verify_with(
    token: &SignedData<'_>,
    message: &[u8],
    signer: &Signer<'_>,
    budget: &mut Budget,
) -> Result<UnixTime, Error> {
    check_leaf(signer.certificate, Purpose::TimeStamping)?;
    match signer.key {
        Some(key) => check_signature(token, key, budget)?,
        None => check_signature(token, &signer.certificate.public_key()?, budget)?,
    }
    check_signing_certificate(token, signer.certificate)?;
    let info = token::tst_info(token.content).map_err(|_| Error::TimestampMalformed)?;
    let hash = info.imprint_hash.ok_or(Error::TimestampHashUnsupported)?;
    if hash.digest(&[message]) != info.imprint {
        return Err(Error::TimestampImprintMismatch);
    }
    signer
        .issuer
        .check_validity(signer.certificate, info.time)?;
    Ok(info.time)
}

/// The signature is over the signed attributes as a SET; they hold the digest of the content.
fn check_signature(
    token: &SignedData<'_>,
    key: &PublicKey,
    budget: &mut Budget,
) -> Result<(), Error> {
    let info = &token.signer;
    let digest = info.digest.ok_or(Error::TimestampHashUnsupported)?;
    if digest.digest(&[token.content]) != info.attributes.message_digest {
        return Err(Error::TimestampSignatureInvalid);
    }
    let scheme = info.scheme.ok_or(Error::TimestampHashUnsupported)?;
    let signed = crate::crypto::encode_der(crate::der::tag::SET, &[info.signed_attributes]);
    let valid = key.verify(scheme, Message::Parts(&[&signed]), info.signature, budget)?;
    if valid {
        Ok(())
    } else {
        Err(Error::TimestampSignatureInvalid)
    }
}

/// RFC 3161, 2.4.1: the signer names its certificate, so that another one with the same key cannot stand in.
fn check_signing_certificate(token: &SignedData<'_>, signer: &Certificate) -> Result<(), Error> {
    match token.signer.attributes.signing_certificate {
        SigningCertificate::ByHash(Some(hash), value) if hash.digest(&[signer.der()]) == value => {
            Ok(())
        }
        // SHA-1 is not computed here; the signer was found by issuer and serial number.
        SigningCertificate::BySha1 => Ok(()),
        SigningCertificate::ByHash(..) | SigningCertificate::Missing => {
            Err(Error::TimestampSigningCertificateMismatch)
        }
    }
}
