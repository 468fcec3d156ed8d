//! The signed data around a timestamp (RFC 5652, section 5).

use alloc::vec::Vec;

use crate::crypto::{Hash, SignatureScheme, algorithm_scheme, hash_function};
use crate::der::{DerError, Reader, tag};

/// id-signedData, 1.2.840.113549.1.7.2.
const SIGNED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// id-ct-TSTInfo, 1.2.840.113549.1.9.16.1.4.
const TST_INFO: [u8; 11] = [
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
];
/// contentType, 1.2.840.113549.1.9.3.
const CONTENT_TYPE: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
/// messageDigest, 1.2.840.113549.1.9.4.
const MESSAGE_DIGEST: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
/// id-aa-signingCertificate (RFC 2634), which identifies the certificate by SHA-1.
const SIGNING_CERTIFICATE: [u8; 11] = [
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0c,
];
/// id-aa-signingCertificateV2 (RFC 5035).
const SIGNING_CERTIFICATE_V2: [u8; 11] = [
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f,
];

/// Signed data with its one signer. Borrowed from the response; nothing is verified yet.
pub(super) struct SignedData<'a> {
    /// The TSTInfo in DER.
    pub(super) content: &'a [u8],
    /// The embedded certificates in DER, unauthenticated.
    pub(super) certificates: Vec<&'a [u8]>,
    pub(super) signer: SignerInfo<'a>,
}

/// How the signer's certificate is named.
pub(super) enum SignerIdentifier<'a> {
    /// The issuer's Name in DER and the contents of the serial number.
    IssuerAndSerial(&'a [u8], &'a [u8]),
    SubjectKeyIdentifier(&'a [u8]),
}

pub(super) struct SignerInfo<'a> {
    pub(super) identifier: SignerIdentifier<'a>,
    /// `None` for hashes that are not supported, SHA-1 among them.
    pub(super) digest: Option<Hash>,
    /// `None` for algorithms that are not supported.
    pub(super) scheme: Option<SignatureScheme>,
    /// Contents of the signed attributes; signed with the tag of a SET.
    pub(super) signed_attributes: &'a [u8],
    pub(super) attributes: SignedAttributes<'a>,
    pub(super) signature: &'a [u8],
}

/// The signed attributes that matter.
pub(super) struct SignedAttributes<'a> {
    pub(super) message_digest: &'a [u8],
    pub(super) signing_certificate: SigningCertificate<'a>,
}

/// Which certificate the signer says it signed with (RFC 3161, 2.4.1, and RFC 5816).
pub(super) enum SigningCertificate<'a> {
    Missing,
    /// Named by SHA-1, which proves nothing.
    BySha1,
    /// Named by a hash; `None` for one that is not supported.
    ByHash(Option<Hash>, &'a [u8]),
}

/// Reads `ContentInfo`, which must hold `SignedData` over a `TSTInfo` with exactly one signer.
pub(super) fn signed_data<'a>(content_info: &mut Reader<'a>) -> Result<SignedData<'a>, DerError> {
    let mut info = content_info.sequence()?;
    if info.object_identifier()? != SIGNED_DATA {
        return Err(DerError);
    }
    let mut explicit = info.expect(tag::context_constructed(0))?.reader();
    info.finish()?;
    let mut data = explicit.sequence()?;
    explicit.finish()?;
    // CMSVersion and the hint which digests occur
    data.small_integer()?;
    data.expect(tag::SET)?;
    let mut encapsulated = data.sequence()?;
    if encapsulated.object_identifier()? != TST_INFO {
        return Err(DerError);
    }
    let mut content = encapsulated.expect(tag::context_constructed(0))?.reader();
    encapsulated.finish()?;
    let octets = content.expect(tag::OCTET_STRING)?.contents;
    content.finish()?;
    let mut certificates = Vec::new();
    if let Some(set) = data.optional(tag::context_constructed(0))? {
        let mut list = set.reader();
        while !list.is_empty() {
            certificates.push(list.any()?.whole);
        }
    }
    data.optional(tag::context_constructed(1))?;
    let mut signers = data.expect(tag::SET)?.reader();
    data.finish()?;
    let signer = signer_info(signers.sequence()?)?;
    signers.finish()?;
    Ok(SignedData {
        content: octets,
        certificates,
        signer,
    })
}

fn signer_info(mut fields: Reader<'_>) -> Result<SignerInfo<'_>, DerError> {
    fields.small_integer()?;
    let identifier = match fields.peek() {
        Some(tag::SEQUENCE) => {
            let mut name = fields.sequence()?;
            let issuer = name.expect(tag::SEQUENCE)?.whole;
            let serial = name.expect(tag::INTEGER)?.contents;
            name.finish()?;
            SignerIdentifier::IssuerAndSerial(issuer, serial)
        }
        _ => SignerIdentifier::SubjectKeyIdentifier(fields.expect(tag::context(0))?.contents),
    };
    let digest = hash_function(fields.sequence()?.object_identifier()?);
    let signed_attributes = fields.expect(tag::context_constructed(0))?;
    let scheme = signature_scheme(&mut fields, digest)?;
    let signature = fields.expect(tag::OCTET_STRING)?.contents;
    fields.optional(tag::context_constructed(1))?;
    fields.finish()?;
    Ok(SignerInfo {
        identifier,
        digest,
        scheme,
        attributes: attributes(signed_attributes.reader())?,
        signed_attributes: signed_attributes.contents,
        signature,
    })
}

/// The signature algorithm; `rsaEncryption` and `id-ecPublicKey` take their hash from the digest algorithm.
fn signature_scheme(
    fields: &mut Reader<'_>,
    digest: Option<Hash>,
) -> Result<Option<SignatureScheme>, DerError> {
    let oid = fields.clone().sequence()?.object_identifier()?;
    match oid {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01] => {
            fields.sequence()?;
            Ok(digest.map(SignatureScheme::RsaPkcs1))
        }
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01] => {
            fields.sequence()?;
            Ok(digest.map(SignatureScheme::Ecdsa))
        }
        _ => algorithm_scheme(fields),
    }
}

/// `SignedAttributes ::= SET SIZE (1..MAX) OF SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET }`.
/// Each attribute that matters must occur exactly once with exactly one value.
fn attributes(mut list: Reader<'_>) -> Result<SignedAttributes<'_>, DerError> {
    let mut content_type = None;
    let mut message_digest = None;
    let mut signing_certificate = None;
    let mut by_sha1 = false;
    while !list.is_empty() {
        let mut attribute = list.sequence()?;
        let kind = attribute.object_identifier()?;
        let mut values = attribute.expect(tag::SET)?.reader();
        attribute.finish()?;
        if kind == CONTENT_TYPE {
            once(&mut content_type, values.object_identifier()?)?;
        } else if kind == MESSAGE_DIGEST {
            once(
                &mut message_digest,
                values.expect(tag::OCTET_STRING)?.contents,
            )?;
        } else if kind == SIGNING_CERTIFICATE_V2 {
            once(
                &mut signing_certificate,
                signing_certificate_v2(values.sequence()?)?,
            )?;
        } else {
            by_sha1 |= kind == SIGNING_CERTIFICATE;
            continue;
        }
        values.finish()?;
    }
    if content_type != Some(&TST_INFO[..]) {
        return Err(DerError);
    }
    Ok(SignedAttributes {
        message_digest: message_digest.ok_or(DerError)?,
        signing_certificate: match signing_certificate {
            Some((hash, value)) => SigningCertificate::ByHash(hash, value),
            None if by_sha1 => SigningCertificate::BySha1,
            None => SigningCertificate::Missing,
        },
    })
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), DerError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(DerError),
    }
}

/// `SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2, … }`, the first of which is the
/// signer's; `ESSCertIDv2 ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier DEFAULT sha256, certHash OCTET
/// STRING, issuerSerial OPTIONAL }`.
fn signing_certificate_v2(mut fields: Reader<'_>) -> Result<(Option<Hash>, &[u8]), DerError> {
    let mut first = fields.sequence()?.sequence()?;
    let hash = match first.peek() {
        Some(tag::SEQUENCE) => hash_function(first.sequence()?.object_identifier()?),
        _ => Some(Hash::Sha256),
    };
    Ok((hash, first.expect(tag::OCTET_STRING)?.contents))
}
