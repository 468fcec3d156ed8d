//! Reading the JSON form.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::{TrustedLog, TrustedRoot, distinct_authorities, distinct_logs};
use crate::certificate::{Certificate, CertificateAuthority, Purpose};
use crate::crypto::PublicKey;
use crate::error::{Document, Error};
use crate::json::{Fields, Value};
use crate::limits::{Limit, Limits};
use crate::time::Validity;

const DOCUMENT: Document = Document::TrustedRoot;

const MEDIA_TYPES: [&str; 3] = [
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
];

pub(super) fn trusted_root(json: &[u8], limits: &Limits) -> Result<TrustedRoot, Error> {
    let value = Fields::parse_document(DOCUMENT, json, limits)?;
    let mut fields = Fields::of(DOCUMENT, &value)?;
    if !MEDIA_TYPES.contains(&fields.text("mediaType")?) {
        return Err(Error::TrustedRootMediaTypeUnknown);
    }
    let list = |entries: &[Value]| {
        if entries.len() > limits.trusted_root_entries {
            Err(Error::LimitExceeded(Limit::TrustedRootEntries))
        } else {
            Ok(())
        }
    };
    let logs = |entries: &[Value]| {
        list(entries)?;
        distinct_logs(entries.iter().map(transparency_log))
    };
    let authorities = |entries: &[Value], purpose: Purpose| {
        list(entries)?;
        distinct_authorities(
            entries
                .iter()
                .map(|entry| authority(entry, purpose, limits)),
        )
    };
    let root = TrustedRoot {
        transparency_logs: logs(fields.array("tlogs")?)?,
        certificate_authorities: authorities(
            fields.array("certificateAuthorities")?,
            Purpose::CodeSigning,
        )?,
        certificate_transparency_logs: logs(fields.array("ctlogs")?)?,
        timestamp_authorities: authorities(
            fields.array("timestampAuthorities")?,
            Purpose::TimeStamping,
        )?,
    };
    fields.finish()?;
    let empty = root.transparency_logs.is_empty()
        && root.certificate_authorities.is_empty()
        && root.certificate_transparency_logs.is_empty()
        && root.timestamp_authorities.is_empty();
    if empty {
        return Err(Error::TrustedRootEmpty);
    }
    Ok(root)
}

/// `TransparencyLogInstance`.
fn transparency_log(entry: &Value) -> Result<TrustedLog, Error> {
    let mut fields = Fields::of(DOCUMENT, entry)?;
    let base_url = fields.optional_text("baseUrl")?.unwrap_or_default();
    if fields.text("hashAlgorithm")? != "SHA2_256" {
        return Err(fields.malformed("hashAlgorithm"));
    }
    let (key, validity) = public_key(fields.object("publicKey")?)?;
    let id = log_id(fields.object("logId")?)?;
    // v0.2 repeats the key's checkpoint id here; it follows from the key and the base URL.
    fields
        .optional_object("checkpointKeyId")?
        .map(log_id)
        .transpose()?;
    fields.optional_text("operator")?;
    fields.finish()?;
    Ok(TrustedLog {
        base_url: base_url.to_string(),
        id,
        key,
        validity,
    })
}

/// `LogId`.
fn log_id(mut fields: Fields<'_>) -> Result<Vec<u8>, Error> {
    let id = fields.bytes("keyId")?;
    fields.finish()?;
    Ok(id)
}

/// `PublicKey` with its validity, which is demanded.
fn public_key(mut fields: Fields<'_>) -> Result<(PublicKey, Validity), Error> {
    let raw = fields.bytes("rawBytes")?;
    let details = fields.text("keyDetails")?;
    let validity = Validity::from_fields(fields.object("validFor")?)?;
    let key = match details {
        "PKCS1_RSA_PKCS1V5" => PublicKey::from_pkcs1(&raw)?,
        _ => PublicKey::from_spki(&raw)?,
    };
    if !key.fits_details(details) {
        return Err(fields.malformed("keyDetails"));
    }
    fields.finish()?;
    Ok((key, validity))
}

/// `CertificateAuthority`.
fn authority(
    entry: &Value,
    purpose: Purpose,
    limits: &Limits,
) -> Result<CertificateAuthority, Error> {
    let mut fields = Fields::of(DOCUMENT, entry)?;
    let uri = fields.optional_text("uri")?.unwrap_or_default().to_string();
    // `subject` names the authority for people; the certificates decide.
    fields.optional("subject");
    fields.optional_text("operator")?;
    let validity = Validity::from_fields(fields.object("validFor")?)?;
    let mut chain = fields.object("certChain")?;
    let certificates = certificates(chain.array("certificates")?, limits)?;
    chain.finish()?;
    fields.finish()?;
    CertificateAuthority::prepare(uri, validity, certificates, purpose, limits)
}

fn certificates(entries: &[Value], limits: &Limits) -> Result<Vec<Certificate>, Error> {
    if entries.is_empty() {
        return Err(Error::TrustedRootChainEmpty);
    }
    if entries.len() > limits.chain_length {
        return Err(Error::LimitExceeded(Limit::ChainLength));
    }
    entries
        .iter()
        .map(|entry| {
            let mut fields = Fields::of(DOCUMENT, entry)?;
            let der = fields.bytes("rawBytes")?;
            fields.finish()?;
            Certificate::from_der(&der, limits)
        })
        .collect()
}
