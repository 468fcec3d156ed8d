//! Whether an authority of the policy is the signer.

use sealstone_verify::{CertificateIdentity, Facts, Signer};

use crate::compiled::Authority;
use crate::document::{EXTENSIONS, Identity};
use crate::failure::Failure;

/// Whether the signer is the authority. For an authority by key the verifier has already proved
/// that: it knows no other key.
pub(super) fn check(authority: &Authority, facts: &Facts) -> Result<(), Failure> {
    let Some(identities) = &authority.identities else {
        return Ok(());
    };
    let Signer::Certificate(certificate) = &facts.signer else {
        return Err(Failure::Verification(
            sealstone_verify::Error::CertificateMissing,
        ));
    };
    let mut furthest: Option<Failure> = None;
    for identity in identities {
        match check_identity(identity, certificate) {
            Ok(()) => return Ok(()),
            Err(failure) => furthest = Some(super::further(furthest, failure)),
        }
    }
    Err(furthest.unwrap_or(Failure::IssuerMismatch {
        found: certificate.issuer.clone(),
    }))
}

fn check_identity(identity: &Identity, certificate: &CertificateIdentity) -> Result<(), Failure> {
    // A subject means nothing without the issuer that vouches for it: a certificate that names one
    // is none of a certificate authority that vouches itself.
    let issuer_matches = match &identity.issuer {
        Some(issuer) => !certificate.issuer.is_empty() && issuer.matches(&certificate.issuer),
        None => certificate.issuer.is_empty(),
    };
    if !issuer_matches {
        return Err(Failure::IssuerMismatch {
            found: certificate.issuer.clone(),
        });
    }
    let subject = &certificate.subject_alternative_name;
    if !identity.subject.matches(subject) {
        return Err(Failure::SubjectMismatch {
            found: subject.clone(),
        });
    }
    for (index, matcher) in &identity.extensions {
        let Some((name, extension)) = EXTENSIONS.get(*index) else {
            continue;
        };
        match extension(&certificate.extensions) {
            Some(found) if matcher.matches(found) => {}
            found => {
                return Err(Failure::ExtensionMismatch {
                    name,
                    found: found.clone(),
                });
            }
        }
    }
    Ok(())
}
