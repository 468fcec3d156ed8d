//! Certificate transparency logs and their signed certificate timestamps (RFC 6962 section 3.2).

use serde_json::Value;

use crate::der;
use crate::encoding::sha256;
use crate::fault::{Fault, Faults};
use crate::key::KeyPair;
use crate::seed::Seed;
use crate::time::{UnixTime, ValidFor};
use crate::trusted_root;

/// The logs of the virtual Sigstore that may promise to log a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CertificateTransparencyLog {
    /// `https://ctfe.<domain>/first`
    First,
    /// `https://ctfe.<domain>/second`
    Second,
}

/// One log.
#[derive(Clone, Debug)]
pub(crate) struct CtLog {
    pub(crate) key: KeyPair,
    pub(crate) base_url: String,
    pub(crate) valid_for: ValidFor,
}

impl CtLog {
    pub(crate) fn new(seed: &Seed, base_url: String, valid_for: ValidFor) -> Self {
        let key = seed.key_pair(&base_url, crate::KeyDetails::EcdsaP256Sha256);
        Self {
            key,
            base_url,
            valid_for,
        }
    }

    pub(crate) fn trusted_root_entry(&self) -> Value {
        trusted_root::log_entry(&self.base_url, &self.key, &self.key.id(), self.valid_for)
    }

    /// A SerializedSCT for a precertificate.
    pub(crate) fn timestamp(&self, request: &Precertificate<'_>, faults: &Faults) -> Vec<u8> {
        let mut milliseconds = request.time.seconds() * 1000 + 123;
        if faults.hits(Fault::SctOutsideLogWindow) {
            milliseconds = self.valid_for.start.minus(86_400).seconds() * 1000;
        }
        let mut issuer_key_hash = sha256(request.issuer.public_key_der());
        if faults.hits(Fault::SctOtherIssuer) {
            issuer_key_hash = sha256(b"another issuer");
        }
        let mut to_be_signed = request.to_be_signed.to_vec();
        if faults.hits(Fault::SctOtherCertificate) {
            to_be_signed = der::sequence([&to_be_signed]);
        }
        // digitally-signed struct: version v1(0), signature_type certificate_timestamp(0),
        // timestamp, entry_type precert_entry(1), PreCert, extensions.
        let mut signed = vec![0, 0];
        signed.extend(milliseconds.to_be_bytes());
        signed.extend(1_u16.to_be_bytes());
        signed.extend(issuer_key_hash);
        signed.extend(&(to_be_signed.len() as u32).to_be_bytes()[1..]);
        signed.extend(to_be_signed);
        signed.extend(prefixed(request.extensions));
        if faults.hits(Fault::SctSignatureInvalid) {
            signed.push(0);
        }
        // SignedCertificateTimestamp, with a signature by sha256(4), ecdsa(3).
        let mut timestamp = vec![0];
        timestamp.extend(self.key.id());
        timestamp.extend(milliseconds.to_be_bytes());
        timestamp.extend(prefixed(request.extensions));
        timestamp.extend([4, 3]);
        timestamp.extend(prefixed(&self.key.sign(&signed)));
        timestamp
    }
}

/// What a CA submits to a log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Precertificate<'a> {
    pub(crate) issuer: &'a KeyPair,
    /// DER TBSCertificate without SCT list and poison.
    pub(crate) to_be_signed: &'a [u8],
    pub(crate) time: UnixTime,
    /// CtExtensions of the SCT.
    pub(crate) extensions: &'a [u8],
}

/// DER value of the extension 1.3.6.1.4.1.11129.2.4.2: an OCTET STRING around the TLS list.
pub(crate) fn timestamp_list(timestamps: &[Vec<u8>], faults: &Faults) -> Vec<u8> {
    let list: Vec<u8> = timestamps
        .iter()
        .flat_map(|timestamp| prefixed(timestamp))
        .collect();
    let mut encoded = prefixed(&list);
    if faults.hits(Fault::SctListMalformed) {
        encoded[1] = encoded[1].wrapping_add(1);
    }
    der::octet_string(&encoded)
}

/// A TLS vector with a two-byte length.
fn prefixed(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes(), bytes].concat()
}
