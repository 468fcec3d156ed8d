//! The identity in a Fulcio certificate.
//!
//! Follows <https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md>: extensions `.1` to `.6` hold
//! raw bytes and are deprecated, `.8` and later hold DER UTF8Strings.

use alloc::string::{String, ToString};

use super::{Certificate, GeneralName};
use crate::der::{Reader, tag};
use crate::error::Error;
use crate::facts::{CertificateExtensions, CertificateIdentity, SanKind};

/// Reads who the certificate speaks for. Its chain must have been verified. Without `demand_issuer` a
/// certificate that names no OIDC issuer has an empty one.
pub(crate) fn identity(
    certificate: &Certificate,
    demand_issuer: bool,
) -> Result<CertificateIdentity, Error> {
    let (kind, name) = subject_alternative_name(certificate)?;
    let value = Values(certificate);
    let issuer = match value.encoded(8)? {
        Some(issuer) => issuer,
        None => value.raw(1)?.unwrap_or_default(),
    };
    if issuer.is_empty() && demand_issuer {
        return Err(Error::CertificateIssuerMissing);
    }
    Ok(CertificateIdentity {
        issuer,
        subject_alternative_name: name,
        subject_alternative_name_kind: kind,
        extensions: CertificateExtensions {
            github_workflow_trigger: value.raw(2)?,
            github_workflow_sha: value.raw(3)?,
            github_workflow_name: value.raw(4)?,
            github_workflow_repository: value.raw(5)?,
            github_workflow_ref: value.raw(6)?,
            build_signer_uri: value.encoded(9)?,
            build_signer_digest: value.encoded(10)?,
            runner_environment: value.encoded(11)?,
            source_repository_uri: value.encoded(12)?,
            source_repository_digest: value.encoded(13)?,
            source_repository_ref: value.encoded(14)?,
            source_repository_identifier: value.encoded(15)?,
            source_repository_owner_uri: value.encoded(16)?,
            source_repository_owner_identifier: value.encoded(17)?,
            build_config_uri: value.encoded(18)?,
            build_config_digest: value.encoded(19)?,
            build_trigger: value.encoded(20)?,
            run_invocation_uri: value.encoded(21)?,
            source_repository_visibility_at_signing: value.encoded(22)?,
            deployment_environment: value.encoded(23)?,
            token_subject: value.encoded(24)?,
        },
        certificate_sha256: certificate.sha256(),
    })
}

/// Exactly one name, of a form that Fulcio issues.
fn subject_alternative_name(certificate: &Certificate) -> Result<(SanKind, String), Error> {
    // RFC 5280, 4.2.1.6: with an empty subject the extension is critical.
    let empty_subject = certificate.subject == [0x30, 0];
    if empty_subject && !certificate.extensions.subject_alternative_names_critical {
        return Err(Error::CertificateSubjectAlternativeName);
    }
    let (kind, name) = match certificate.extensions.subject_alternative_names.as_slice() {
        [GeneralName::Email(name)] => (SanKind::Email, name),
        [GeneralName::Uri(name)] => (SanKind::Uri, name),
        [GeneralName::OtherName(name)] => (SanKind::OtherName, name),
        _ => return Err(Error::CertificateSubjectAlternativeName),
    };
    if name.is_empty() {
        return Err(Error::CertificateSubjectAlternativeName);
    }
    Ok((kind, name.clone()))
}

struct Values<'a>(&'a Certificate);

impl<'a> Values<'a> {
    fn bytes(&self, arc: u8) -> Option<&'a [u8]> {
        self.0
            .extensions
            .fulcio
            .iter()
            .find(|(other, _)| *other == arc)
            .map(|(_, value)| value.as_slice())
    }

    /// A deprecated extension: the bytes are the text.
    fn raw(&self, arc: u8) -> Result<Option<String>, Error> {
        self.bytes(arc).map(utf8).transpose()
    }

    /// A UTF8String and nothing after it.
    fn encoded(&self, arc: u8) -> Result<Option<String>, Error> {
        let Some(bytes) = self.bytes(arc) else {
            return Ok(None);
        };
        let mut reader = Reader::new(bytes);
        let contents = reader
            .expect(tag::UTF8_STRING)
            .map_err(|_| Error::CertificateExtensionMalformed(arc))?
            .contents;
        reader
            .finish()
            .map_err(|_| Error::CertificateExtensionMalformed(arc))?;
        utf8(contents).map(Some)
    }
}

fn utf8(bytes: &[u8]) -> Result<String, Error> {
    core::str::from_utf8(bytes)
        .map(ToString::to_string)
        .map_err(|_| Error::CertificateMalformed)
}
