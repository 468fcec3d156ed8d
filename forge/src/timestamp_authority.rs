//! RFC 3161 timestamp authorities.

use serde_json::Value;
use sha1::Sha1;
use sha2::Digest;

use crate::certificate::{self, TIME_STAMPING, Template};
use crate::certificate_authority::{CertificateAuthority, Lifetime, serial};
use crate::cms::{self, Signer};
use crate::der::{self, integer, octet_string, oid, sequence};
use crate::fault::{Fault, Faults};
use crate::key::KeyPair;
use crate::key_details::{HashAlgorithm, KeyDetails};
use crate::seed::Seed;
use crate::time::{UnixTime, ValidFor};

/// The timestamp authorities of the virtual Sigstore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TimestampAuthority {
    /// `https://timestamp.<domain>/first`: the trusted root names its signing certificate (P-256,
    /// SHA-256).
    First,
    /// `https://timestamp.<domain>/second`: the trusted root names its CA only, so responses carry
    /// the signing certificate (P-384, SHA-384).
    Second,
}

/// One authority.
#[derive(Clone, Debug)]
pub(crate) struct Tsa {
    authority: CertificateAuthority,
    key: KeyPair,
    not_before: UnixTime,
    not_after: UnixTime,
    /// Whether the trusted root names the signing certificate.
    named: bool,
}

/// What is timestamped, and how the response is to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) message: &'a [u8],
    pub(crate) time: UnixTime,
    /// Carry the certificates even if the trusted root names them.
    pub(crate) embed_certificates: bool,
}

impl Tsa {
    pub(crate) fn new(
        seed: Seed,
        domain: &str,
        name: &str,
        key: KeyDetails,
        leaf_not_after: UnixTime,
        lifetime: Lifetime,
        valid_for: ValidFor,
    ) -> Self {
        let key = seed.key_pair("leaf", key);
        let authority = CertificateAuthority::new(
            seed,
            domain,
            "sigstore-tsa",
            format!("https://timestamp.{domain}/{name}"),
            TIME_STAMPING,
            lifetime,
            valid_for,
        );
        Self {
            authority,
            key,
            not_before: lifetime.not_before,
            not_after: leaf_not_after,
            named: name != "second",
        }
    }

    pub(crate) fn trusted_root_entry(&self) -> Value {
        let leaf = self.leaf(&Faults::default());
        let below: &[&[u8]] = if self.named { &[&leaf] } else { &[] };
        self.authority.trusted_root_entry(below)
    }

    /// A TimeStampResp (RFC 3161 section 2.4.2).
    pub(crate) fn respond(&self, request: &Request<'_>, faults: &Faults) -> Vec<u8> {
        let certificate = self.leaf(faults);
        let certificates = if request.embed_certificates || !self.named {
            vec![certificate.clone(), self.authority.intermediate().to_vec()]
        } else {
            Vec::new()
        };
        let content = self.tst_info(request, faults);
        let token = cms::sign(
            &Signer {
                key: &self.key,
                certificate: &certificate,
                issuer: &self.authority.issuer_name,
                serial: &self.serial(),
                time: request.time,
            },
            &content,
            &certificates,
            faults,
        );
        // granted(0), rejection(2)
        let mut status = 0;
        if faults.hits(Fault::TimestampRejected) {
            status = 2;
        }
        let mut response = sequence([&sequence([&integer(&[status])]), &token]);
        if faults.hits(Fault::TimestampMalformed) {
            response.pop();
        }
        response
    }

    /// TSTInfo (RFC 3161 section 2.4.2).
    fn tst_info(&self, request: &Request<'_>, faults: &Faults) -> Vec<u8> {
        let hash = self.key.details().hash();
        let mut message = request.message;
        if faults.hits(Fault::TimestampImprintOther) {
            message = b"another signature";
        }
        let imprint = if faults.hits(Fault::TimestampImprintSha1) {
            let algorithm = sequence([&oid("1.3.14.3.2.26"), &der::NULL]);
            sequence([&algorithm, &octet_string(&Sha1::digest(message))])
        } else {
            sequence([
                &cms::digest_algorithm(hash),
                &octet_string(&hash.digest(message)),
            ])
        };
        let serial = HashAlgorithm::Sha256.digest(message);
        sequence([
            &integer(&[1]),
            &oid("1.3.6.1.4.1.57264.2"),
            &imprint,
            &integer(&serial[..8]),
            &der::generalized_time(request.time),
            // Accuracy of one second.
            &sequence([&integer(&[1])]),
        ])
    }

    /// The signing certificate. Only one that the trusted root does not name can be wrong in itself.
    fn leaf(&self, faults: &Faults) -> Vec<u8> {
        let faulty = |fault| !self.named && faults.hits(fault);
        let mut purposes = vec![TIME_STAMPING];
        if faulty(Fault::TimestampExtendedKeyUsageTwo) {
            purposes.push(certificate::CODE_SIGNING);
        }
        if faulty(Fault::TimestampExtendedKeyUsageOther) {
            purposes = vec![certificate::CODE_SIGNING];
        }
        let critical = !faulty(Fault::TimestampExtendedKeyUsageNotCritical);
        let mut extensions = vec![
            certificate::key_usage(certificate::DIGITAL_SIGNATURE),
            certificate::extended_key_usage(critical, &purposes),
            certificate::subject_key_identifier(&self.key),
            certificate::authority_key_identifier(&self.authority.issuer_key),
        ];
        if faulty(Fault::TimestampSignerIsAuthority) {
            extensions.push(certificate::authority_constraints(None));
        }
        Template {
            serial: self.serial(),
            issuer: self.authority.issuer_name.clone(),
            not_before: self.not_before,
            not_after: self.not_after,
            subject: certificate::name(&self.authority.organization, "sigstore-tsa-signer"),
            public_key: self.key.public_key_der().to_vec(),
            extensions,
        }
        .sign(&self.authority.issuer_key)
    }

    fn serial(&self) -> Vec<u8> {
        serial(&self.authority.seed, "leaf")
    }
}
