//! Writes X.509 certificates (RFC 5280 section 4.1).

use crate::der::{self, boolean, explicit, octet_string, oid, printable_string, sequence};
use crate::key::KeyPair;
use crate::time::UnixTime;

/// Everything in a certificate but its signature.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    /// Positive, at most 20 bytes.
    pub(crate) serial: Vec<u8>,
    /// DER Name.
    pub(crate) issuer: Vec<u8>,
    pub(crate) not_before: UnixTime,
    pub(crate) not_after: UnixTime,
    /// DER Name.
    pub(crate) subject: Vec<u8>,
    /// DER SubjectPublicKeyInfo.
    pub(crate) public_key: Vec<u8>,
    /// DER Extension each.
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Template {
    /// DER TBSCertificate for a signature by `issuer`.
    pub(crate) fn to_be_signed(&self, issuer: &KeyPair) -> Vec<u8> {
        let validity = sequence([&der::time(self.not_before), &der::time(self.not_after)]);
        let extensions = der::element(0x30, &self.extensions.concat());
        sequence([
            &explicit(0, &der::integer(&[2])),
            &der::integer(&self.serial),
            &issuer.details().signature_algorithm(),
            &self.issuer,
            &validity,
            &self.subject,
            &self.public_key,
            &explicit(3, &extensions),
        ])
    }

    /// DER Certificate signed by `issuer`.
    pub(crate) fn sign(&self, issuer: &KeyPair) -> Vec<u8> {
        let to_be_signed = self.to_be_signed(issuer);
        let signature = issuer.sign(&to_be_signed);
        certificate(&to_be_signed, issuer, &signature)
    }
}

/// DER Certificate from its parts.
pub(crate) fn certificate(to_be_signed: &[u8], issuer: &KeyPair, signature: &[u8]) -> Vec<u8> {
    sequence([
        to_be_signed,
        &issuer.details().signature_algorithm(),
        &der::bit_string(signature),
    ])
}

/// DER Name of organization and common name.
pub(crate) fn name(organization: &str, common_name: &str) -> Vec<u8> {
    let attribute = |kind: &str, value: &str| {
        der::set_of_one(&sequence([&oid(kind), &printable_string(value)]))
    };
    sequence([
        &attribute("2.5.4.10", organization),
        &attribute("2.5.4.3", common_name),
    ])
}

/// DER Name without attributes: the subject of Fulcio leaves.
pub(crate) fn empty_name() -> Vec<u8> {
    sequence([])
}

/// DER Extension.
pub(crate) fn extension(kind: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    if critical {
        sequence([&oid(kind), &boolean(true), &octet_string(value)])
    } else {
        sequence([&oid(kind), &octet_string(value)])
    }
}

/// Key usage with one bit, critical (RFC 5280 section 4.2.1.3).
pub(crate) fn key_usage(bit: u8) -> Vec<u8> {
    extension("2.5.29.15", true, &der::named_bit(bit))
}

pub(crate) const DIGITAL_SIGNATURE: u8 = 0;
pub(crate) const KEY_ENCIPHERMENT: u8 = 2;

/// keyCertSign and cRLSign, critical.
pub(crate) fn authority_key_usage() -> Vec<u8> {
    extension("2.5.29.15", true, &der::element(0x03, &[1, 0b0000_0110]))
}

/// Extended key usage (RFC 5280 section 4.2.1.12).
pub(crate) fn extended_key_usage(critical: bool, purposes: &[&str]) -> Vec<u8> {
    let purposes: Vec<u8> = purposes.iter().flat_map(|purpose| oid(purpose)).collect();
    extension("2.5.29.37", critical, &der::element(0x30, &purposes))
}

pub(crate) const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
pub(crate) const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
pub(crate) const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";

/// Basic constraints of a CA, critical (RFC 5280 section 4.2.1.9).
pub(crate) fn authority_constraints(path_length: Option<u8>) -> Vec<u8> {
    let length = path_length.map_or_else(Vec::new, |length| der::integer(&[length]));
    extension("2.5.29.19", true, &sequence([&boolean(true), &length]))
}

pub(crate) fn subject_key_identifier(key: &KeyPair) -> Vec<u8> {
    let value = octet_string(&key.subject_key_identifier());
    extension("2.5.29.14", false, &value)
}

pub(crate) fn authority_key_identifier(issuer: &KeyPair) -> Vec<u8> {
    let identifier = der::implicit_primitive(0, &issuer.subject_key_identifier());
    extension("2.5.29.35", false, &sequence([&identifier]))
}
