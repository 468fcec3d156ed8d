//! Rules that ask for provenance.

use alloc::string::ToString;

use sealstone_provenance::{Provenance, ProvenanceVersion};
use sealstone_verify::{Facts, Signer};

use super::certificate;
use crate::document::ProvenanceRequirement;
use crate::failure::Failure;

/// Whether the piece is provenance of a known version.
pub(super) fn check_kind(facts: &Facts) -> Result<(), Failure> {
    let found = facts
        .statement
        .as_ref()
        .map(|statement| statement.predicate_type.as_str());
    match found.and_then(ProvenanceVersion::of) {
        Some(_) => Ok(()),
        None => Err(Failure::PredicateTypeMismatch {
            found: found.map(ToString::to_string),
        }),
    }
}

/// Whether the provenance meets the requirement; the signer is known to be an authority of it.
pub(super) fn check(
    requirement: &ProvenanceRequirement,
    facts: &Facts,
) -> Result<Provenance, Failure> {
    let statement = facts
        .statement
        .as_ref()
        .ok_or(Failure::PredicateTypeMismatch { found: None })?;
    let provenance = Provenance::from_statement(statement).map_err(Failure::Provenance)?;
    let certificate = match &facts.signer {
        Signer::Certificate(certificate) => Some(certificate),
        _ => None,
    };
    let mut also_builder = None;
    if let Some(certificate) = certificate {
        let extensions = &certificate.extensions;
        certificate::check_claims(&provenance.claims, extensions)?;
        if !requirement.builder.delegated {
            let subject = &certificate.subject_alternative_name;
            also_builder = certificate::check_builder(&provenance.builder_id, subject, extensions)?;
        }
    }
    check_builder(requirement, &provenance, also_builder)?;
    check_source(requirement, &provenance)?;
    Ok(provenance)
}

fn check_builder(
    requirement: &ProvenanceRequirement,
    provenance: &Provenance,
    also_builder: Option<&str>,
) -> Result<(), Failure> {
    let id = &requirement.builder.id;
    if id.matches(&provenance.builder_id) || also_builder.is_some_and(|other| id.matches(other)) {
        return Ok(());
    }
    Err(Failure::BuilderMismatch {
        found: provenance.builder_id.clone(),
    })
}

fn check_source(
    requirement: &ProvenanceRequirement,
    provenance: &Provenance,
) -> Result<(), Failure> {
    let Some(source) = &provenance.source else {
        return Err(Failure::SourceMismatch { found: None });
    };
    if source.uri != requirement.source.uri {
        return Err(Failure::SourceMismatch {
            found: Some(source.uri.to_string()),
        });
    }
    let Some(wanted) = &requirement.source.r#ref else {
        return Ok(());
    };
    match &source.git_ref {
        Some(found) if wanted.matches(found) => Ok(()),
        found => Err(Failure::RefMismatch {
            found: found.clone(),
        }),
    }
}
