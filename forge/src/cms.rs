//! Writes CMS SignedData around timestamps (RFC 5652 section 5, RFC 5816).

use crate::der::{self, explicit, integer, octet_string, oid, sequence};
use crate::fault::{Fault, Faults};
use crate::key::KeyPair;
use crate::key_details::HashAlgorithm;
use crate::time::UnixTime;

/// Who signs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signer<'a> {
    pub(crate) key: &'a KeyPair,
    /// DER Certificate.
    pub(crate) certificate: &'a [u8],
    /// DER Name of its issuer.
    pub(crate) issuer: &'a [u8],
    pub(crate) serial: &'a [u8],
    pub(crate) time: UnixTime,
}

/// A ContentInfo with SignedData over a TSTInfo.
pub(crate) fn sign(
    signer: &Signer<'_>,
    content: &[u8],
    certificates: &[Vec<u8>],
    faults: &Faults,
) -> Vec<u8> {
    let encapsulated = sequence([&oid(TST_INFO), &explicit(0, &octet_string(content))]);
    let certificates = if certificates.is_empty() {
        Vec::new()
    } else {
        explicit(0, &der::set_content(certificates.to_vec()))
    };
    let info = signer_info(signer, content, faults);
    let mut infos = vec![info.clone()];
    if faults.hits(Fault::TimestampSignerTwo) {
        infos.push(info);
    }
    let signed_data = sequence([
        &integer(&[3]),
        &der::set_of_one(&digest_algorithm(signer.key.details().hash())),
        &encapsulated,
        &certificates,
        &der::element(0x31, &der::set_content(infos)),
    ]);
    sequence([&oid("1.2.840.113549.1.7.2"), &explicit(0, &signed_data)])
}

/// id-ct-TSTInfo.
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

fn signer_info(signer: &Signer<'_>, content: &[u8], faults: &Faults) -> Vec<u8> {
    let details = signer.key.details();
    let attributes = if faults.hits(Fault::TimestampSignedAttributesMissing) {
        None
    } else {
        Some(signed_attributes(signer, content, faults))
    };
    // With attributes, the signature is over them as a SET; in the SignerInfo they are tagged [0].
    let mut message = match &attributes {
        Some(attributes) => der::element(0x31, attributes),
        None => content.to_vec(),
    };
    if faults.hits(Fault::TimestampSignatureInvalid) {
        message.push(0);
    }
    sequence([
        &integer(&[1]),
        &sequence([signer.issuer, &integer(signer.serial)]),
        &digest_algorithm(details.hash()),
        &attributes.map_or_else(Vec::new, |attributes| explicit(0, &attributes)),
        &details.signature_algorithm(),
        &octet_string(&signer.key.sign(&message)),
    ])
}

/// The content of the SET of signed attributes.
fn signed_attributes(signer: &Signer<'_>, content: &[u8], faults: &Faults) -> Vec<u8> {
    let attribute = |kind: &str, value: &[u8]| sequence([&oid(kind), &der::set_of_one(value)]);
    let mut content_type = TST_INFO;
    if faults.hits(Fault::TimestampContentTypeOther) {
        content_type = "1.2.840.113549.1.7.1";
    }
    let mut digest = signer.key.details().hash().digest(content);
    if faults.hits(Fault::TimestampMessageDigestOther) {
        digest[0] ^= 1;
    }
    der::set_content(vec![
        attribute("1.2.840.113549.1.9.3", &oid(content_type)),
        attribute("1.2.840.113549.1.9.4", &octet_string(&digest)),
        attribute("1.2.840.113549.1.9.5", &der::time(signer.time)),
        attribute(
            "1.2.840.113549.1.9.16.2.47",
            &signing_certificate(signer, faults),
        ),
    ])
}

/// SigningCertificateV2 (RFC 5035 section 3) with SHA-256, which is the default and left out.
fn signing_certificate(signer: &Signer<'_>, faults: &Faults) -> Vec<u8> {
    let mut hash = HashAlgorithm::Sha256.digest(signer.certificate);
    if faults.hits(Fault::TimestampCertificateIdOther) {
        hash[0] ^= 1;
    }
    // GeneralNames of one directoryName [4], which is explicit since Name is a CHOICE.
    let issuer = sequence([&explicit(4, signer.issuer)]);
    let issuer_serial = sequence([&issuer, &integer(signer.serial)]);
    let id = sequence([&octet_string(&hash), &issuer_serial]);
    sequence([&sequence([&id])])
}

/// AlgorithmIdentifier of a hash (RFC 5754 section 2: without parameters).
pub(crate) fn digest_algorithm(hash: HashAlgorithm) -> Vec<u8> {
    let last = match hash {
        HashAlgorithm::Sha256 => 1,
        HashAlgorithm::Sha384 => 2,
        HashAlgorithm::Sha512 => 3,
    };
    sequence([&oid(&format!("2.16.840.1.101.3.4.2.{last}"))])
}
