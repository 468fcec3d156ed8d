//! Signed certificate timestamps embedded in a certificate (RFC 6962, sections 3.2 and 3.3).

use alloc::vec::Vec;

use crate::certificate::{Certificate, IssuedBy};
use crate::crypto::{Budget, Message, SignatureScheme, encode_der, sha256};
use crate::der::{Reader, tag};
use crate::error::Error;
use crate::limits::{Limit, Limits};
use crate::time::UnixTime;
use crate::trusted_root::TrustedLog;

/// One timestamp of the list.
///
/// ```text
/// struct { Version sct_version; LogID id; uint64 timestamp; CtExtensions extensions;
///     digitally-signed struct { … } } SignedCertificateTimestamp;
/// ```
pub(crate) struct SignedCertificateTimestamp<'a> {
    log_id: &'a [u8],
    /// Milliseconds since the Unix epoch.
    timestamp: &'a [u8; 8],
    extensions: &'a [u8],
    /// `SignatureAndHashAlgorithm` of TLS 1.2.
    algorithm: [u8; 2],
    signature: &'a [u8],
}

/// Verifies the certificate's timestamps; the ids of the logs whose promise counts, each once.
///
/// A timestamp of an unknown log is passed over; one of a known log must verify.
pub(crate) fn verify(
    certificate: &Certificate,
    issuer: &IssuedBy<'_>,
    logs: &[TrustedLog],
    limits: &Limits,
    budget: &mut Budget,
) -> Result<Vec<Vec<u8>>, Error> {
    let Some(extension) = &certificate.extensions.sct_list else {
        return Ok(Vec::new());
    };
    let timestamps = parse_list(&extension.list, limits)?;
    let precertificate = precertificate_tbs(certificate).ok_or(Error::SctMalformed)?;
    let issuer_key_hash = sha256(&[issuer.issuer_key().spki()]);
    let mut verified = Vec::new();
    for timestamp in &timestamps {
        let Some(log) = logs.iter().find(|log| log.id == timestamp.log_id) else {
            continue;
        };
        verify_one(timestamp, log, &issuer_key_hash, &precertificate, budget)?;
        if !verified.contains(&log.id) {
            verified.push(log.id.clone());
        }
    }
    if verified.is_empty() {
        return Err(Error::SctLogUnknown);
    }
    Ok(verified)
}

fn verify_one(
    timestamp: &SignedCertificateTimestamp<'_>,
    log: &TrustedLog,
    issuer_key_hash: &[u8; 32],
    precertificate: &[u8],
    budget: &mut Budget,
) -> Result<(), Error> {
    let time = UnixTime::from_seconds(u64::from_be_bytes(*timestamp.timestamp) / 1000);
    if !log.validity.contains(time) {
        return Err(Error::SctOutsideLogValidity { time });
    }
    let scheme = log.key.log_scheme();
    if tls_algorithm(scheme, log.key.is_rsa()) != Some(timestamp.algorithm) {
        return Err(Error::SctSignatureInvalid);
    }
    let length = u32::try_from(precertificate.len()).map_err(|_| Error::SctMalformed)?;
    let [0, length @ ..] = length.to_be_bytes() else {
        return Err(Error::SctMalformed);
    };
    let extensions_length =
        u16::try_from(timestamp.extensions.len()).map_err(|_| Error::SctMalformed)?;
    // version v1, signature_type certificate_timestamp, timestamp, entry_type precert_entry, entry,
    // extensions
    let signed: [&[u8]; 8] = [
        &[0, 0],
        timestamp.timestamp,
        &[0, 1],
        issuer_key_hash,
        &length,
        precertificate,
        &extensions_length.to_be_bytes(),
        timestamp.extensions,
    ];
    let valid = log
        .key
        .verify(scheme, Message::Parts(&signed), timestamp.signature, budget)?;
    if valid {
        Ok(())
    } else {
        Err(Error::SctSignatureInvalid)
    }
}

/// hash and signature of `SignatureAndHashAlgorithm` (RFC 5246, 7.4.1.4.1); RFC 6962 allows SHA-256 with
/// ECDSA P-256 or RSA.
fn tls_algorithm(scheme: SignatureScheme, rsa: bool) -> Option<[u8; 2]> {
    use crate::crypto::Hash;
    match scheme {
        SignatureScheme::Ecdsa(Hash::Sha256) => Some([4, 3]),
        SignatureScheme::Ecdsa(Hash::Sha384) => Some([5, 3]),
        SignatureScheme::Ecdsa(Hash::Sha512) => Some([6, 3]),
        SignatureScheme::RsaPkcs1(Hash::Sha256) if rsa => Some([4, 1]),
        _ => None,
    }
}

/// `opaque SerializedSCT<1..2^16-1>; SerializedSCT sct_list<1..2^16-1>;`
pub(crate) fn parse_list<'a>(
    list: &'a [u8],
    limits: &Limits,
) -> Result<Vec<SignedCertificateTimestamp<'a>>, Error> {
    let mut input = Input(list);
    let mut entries = Input(input.vector()?);
    input.finish()?;
    let mut timestamps = Vec::new();
    while !entries.0.is_empty() {
        if timestamps.len() >= limits.signed_certificate_timestamps {
            return Err(Error::LimitExceeded(Limit::SignedCertificateTimestamps));
        }
        let mut entry = Input(entries.vector()?);
        if entry.array::<1>()? != &[0] {
            return Err(Error::SctMalformed);
        }
        let log_id = entry.take(32)?;
        let timestamp = entry.array::<8>()?;
        let extensions = entry.vector()?;
        let algorithm = *entry.array::<2>()?;
        let signature = entry.vector()?;
        entry.finish()?;
        timestamps.push(SignedCertificateTimestamp {
            log_id,
            timestamp,
            extensions,
            algorithm,
            signature,
        });
    }
    if timestamps.is_empty() {
        return Err(Error::SctMalformed);
    }
    Ok(timestamps)
}

/// Bytes in the presentation language of TLS.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Error::SctMalformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], Error> {
        self.take(N)?.try_into().map_err(|_| Error::SctMalformed)
    }

    /// A vector with a length of two bytes.
    fn vector(&mut self) -> Result<&'a [u8], Error> {
        let length = u16::from_be_bytes(*self.array::<2>()?);
        self.take(usize::from(length))
    }

    fn finish(&self) -> Result<(), Error> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::SctMalformed)
        }
    }
}

/// The TBSCertificate without the extension that holds the timestamps (RFC 6962, 3.2). The other bytes
/// are taken over unchanged; only the three lengths around the gap are written anew.
fn precertificate_tbs(certificate: &Certificate) -> Option<Vec<u8>> {
    let der = certificate.der();
    let gap = certificate.extensions.sct_list.as_ref()?.range.clone();
    let field = certificate.extensions_field()?;
    let tbs = certificate.tbs_range();

    let field_element = Reader::new(der.get(field.clone())?).any().ok()?;
    let list = field_element.reader().expect(tag::SEQUENCE).ok()?;
    let list_end = field.end;
    let list_start = list_end.checked_sub(list.contents.len())?;
    let kept = [der.get(list_start..gap.start)?, der.get(gap.end..list_end)?];
    let extensions = encode_der(tag::SEQUENCE, &kept);
    let new_field = if kept.iter().all(|part| part.is_empty()) {
        Vec::new()
    } else {
        encode_der(tag::context_constructed(3), &[&extensions])
    };

    let tbs_element = Reader::new(der.get(tbs.clone())?).any().ok()?;
    let contents_start = tbs.end.checked_sub(tbs_element.contents.len())?;
    let before = der.get(contents_start..field.start)?;
    Some(encode_der(tag::SEQUENCE, &[before, &new_field]))
}
