//! Whether an authority of the policy is the signer.

use sealstone_verify::{Facts, Signer};

use crate::compiled::Authority;
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
    let mut issuer_matched = false;
    for identity in identities {
        if !identity.issuer.matches(&certificate.issuer) {
            continue;
        }
        issuer_matched = true;
        if identity
            .subject
            .matches(&certificate.subject_alternative_name)
        {
            return Ok(());
        }
    }
    if issuer_matched {
        Err(Failure::SubjectMismatch {
            found: certificate.subject_alternative_name.clone(),
        })
    } else {
        Err(Failure::IssuerMismatch {
            found: certificate.issuer.clone(),
        })
    }
}
