//! Reading one certificate.

use alloc::vec::Vec;
use core::ops::Range;

use super::Extensions;
use crate::crypto::{Budget, Message, PublicKey, SignatureScheme, algorithm_scheme, sha256};
use crate::der::{DerError, Reader, tag};
use crate::error::Error;
use crate::limits::{Limit, Limits};
use crate::time::Validity;

/// A certificate that was read. Nothing about it is trusted yet.
///
/// ```text
/// Certificate ::= SEQUENCE { tbsCertificate TBSCertificate, signatureAlgorithm AlgorithmIdentifier,
///     signatureValue BIT STRING }
/// TBSCertificate ::= SEQUENCE { version [0] EXPLICIT INTEGER, serialNumber INTEGER,
///     signature AlgorithmIdentifier, issuer Name, validity Validity, subject Name,
///     subjectPublicKeyInfo SubjectPublicKeyInfo, …, extensions [3] EXPLICIT Extensions }
/// ```
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    tbs: Range<usize>,
    /// Contents of the serial number, as encoded.
    pub(crate) serial: Vec<u8>,
    /// The issuer's Name in DER.
    pub(crate) issuer: Vec<u8>,
    /// The subject's Name in DER.
    pub(crate) subject: Vec<u8>,
    /// From notBefore to notAfter, both inclusive.
    pub(crate) validity: Validity,
    /// The SubjectPublicKeyInfo in DER.
    pub(crate) spki: Vec<u8>,
    pub(crate) extensions: Extensions,
    /// Where the `[3]` extensions field stands.
    extensions_field: Option<Range<usize>>,
    scheme: Option<SignatureScheme>,
    signature: Vec<u8>,
}

impl Certificate {
    /// Reads a certificate in DER.
    pub(crate) fn from_der(der: &[u8], limits: &Limits) -> Result<Self, Error> {
        if der.len() > limits.certificate_bytes {
            return Err(Error::LimitExceeded(Limit::CertificateBytes));
        }
        read(der).map_err(|_| Error::CertificateMalformed)
    }

    /// The certificate in DER.
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the certificate in DER.
    pub(crate) fn sha256(&self) -> [u8; 32] {
        sha256(&[&self.der])
    }

    /// The TBSCertificate in DER.
    pub(crate) fn tbs(&self) -> &[u8] {
        self.der.get(self.tbs.clone()).unwrap_or_default()
    }

    /// Where the extensions field `[3]` stands in [`Self::der`], header included.
    pub(crate) fn extensions_field(&self) -> Option<Range<usize>> {
        self.extensions_field.clone()
    }

    /// Where the TBSCertificate stands in [`Self::der`], header included.
    pub(crate) fn tbs_range(&self) -> Range<usize> {
        self.tbs.clone()
    }

    /// The public key.
    pub(crate) fn public_key(&self) -> Result<PublicKey, Error> {
        PublicKey::from_spki(&self.spki)
    }

    /// Whether `key` signed this certificate.
    pub(crate) fn is_signed_by(&self, key: &PublicKey, budget: &mut Budget) -> Result<bool, Error> {
        match self.scheme {
            Some(scheme) => key.verify(
                scheme,
                Message::Parts(&[self.tbs()]),
                &self.signature,
                budget,
            ),
            None => Ok(false),
        }
    }
}

fn read(der: &[u8]) -> Result<Certificate, DerError> {
    let mut input = Reader::new(der);
    let mut certificate = input.sequence()?;
    input.finish()?;
    let tbs_element = certificate.expect(tag::SEQUENCE)?;
    let outer_scheme_bytes = certificate.clone().expect(tag::SEQUENCE)?.whole;
    let scheme = algorithm_scheme(&mut certificate)?;
    let signature = certificate.bit_string()?;
    certificate.finish()?;

    let mut tbs = tbs_element.reader();
    let mut version = tbs.expect(tag::context_constructed(0))?.reader();
    // v3 is 2; only v3 has extensions.
    if version.small_integer()? != 2 {
        return Err(DerError);
    }
    version.finish()?;
    let serial = tbs.expect(tag::INTEGER)?.contents;
    // RFC 5280, 4.1.1.2: the two algorithm fields are the same.
    if tbs.expect(tag::SEQUENCE)?.whole != outer_scheme_bytes {
        return Err(DerError);
    }
    let issuer = tbs.expect(tag::SEQUENCE)?.whole;
    let mut validity = tbs.sequence()?;
    let (not_before, not_after) = (validity.time()?, validity.time()?);
    validity.finish()?;
    let subject = tbs.expect(tag::SEQUENCE)?.whole;
    let spki = tbs.expect(tag::SEQUENCE)?.whole;
    // issuerUniqueID and subjectUniqueID
    tbs.optional(tag::context(1))?;
    tbs.optional(tag::context(2))?;
    let extensions_field = tbs.optional(tag::context_constructed(3))?;
    tbs.finish()?;
    let extensions = match &extensions_field {
        Some(field) => Extensions::read(field)?,
        None => Extensions::default(),
    };
    Ok(Certificate {
        der: der.to_vec(),
        tbs: tbs_element.range(),
        serial: serial.to_vec(),
        issuer: issuer.to_vec(),
        subject: subject.to_vec(),
        validity: Validity {
            start: not_before,
            end: Some(not_after),
        },
        spki: spki.to_vec(),
        extensions,
        extensions_field: extensions_field.map(|field| field.range()),
        scheme,
        signature: signature.to_vec(),
    })
}
