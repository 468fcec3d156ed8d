//! From provenance to its source: a verification summary about the commit that was built.
//!
//! Follows <https://slsa.dev/spec/v1.2/verifying-source>.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_provenance::{Provenance, SourceRevision};
use sealstone_verify::Facts;
use sealstone_verify::json::{Map, Value};

use super::{further, identity, summary};
use crate::compiled::{CompiledRule, Prepared};
use crate::decision::object;
use crate::document::{Property, ProvenanceRequirement};
use crate::evidence::Pieces;
use crate::failure::Failure;

/// What SLSA calls the property that two people agreed to a change.
const TWO_PARTY_REVIEWED: &str = "SLSA_SOURCE_TWO_PARTY_REVIEWED";
/// The Source level that implies it.
const TWO_PARTY_LEVEL: usize = 4;

/// What is known about the commit that was built.
#[derive(Clone, Debug)]
pub(crate) struct SourceVerified {
    /// The verifier in the policy.
    pub(crate) verifier: String,
    /// The Source level, no higher than the policy believes the verifier.
    pub(crate) level: usize,
    /// Whether two people agreed to the commit.
    pub(crate) two_party_reviewed: bool,
    /// SHA-256 of the piece that says so.
    pub(crate) evidence_sha256: [u8; 32],
}

/// Finds a summary about the commit that meets the requirement. Any piece that meets all of it is
/// enough.
pub(super) fn check(
    prepared: &Prepared,
    rule: &CompiledRule,
    requirement: &ProvenanceRequirement,
    provenance: &Provenance,
    pieces: &mut Pieces<'_>,
) -> Result<Option<SourceVerified>, Failure> {
    let commit = provenance
        .source
        .as_ref()
        .and_then(|source| source.commit.as_deref());
    if requirement.source_level() > 0 && commit.is_none() {
        return Err(Failure::SourceUnverified);
    }
    if !requirement.needs_summary() {
        return Ok(None);
    }
    let commit = commit.ok_or(Failure::SourceUnverified)?;
    let mut furthest: Option<Failure> = None;
    for verifier in &rule.source_verifiers {
        let Some(verifier) = prepared.summary_verifiers.get(*verifier) else {
            continue;
        };
        for index in &verifier.signed_by {
            let Some(authority) = prepared.authorities.get(*index) else {
                continue;
            };
            for piece in 0..pieces.len() {
                let facts =
                    pieces.commit_facts(piece, authority.verifier, &prepared.verifiers, commit);
                let Some(Ok(facts)) = facts else {
                    continue;
                };
                let tried = identity::check(authority, facts)
                    .and_then(|()| summary::check_kind(facts))
                    .and_then(|()| {
                        let found = summary::read(core::iter::once(verifier), *index, facts)?;
                        check_summary(requirement, provenance, commit, facts, found)
                    });
                match tried {
                    Ok(found) => {
                        let sha256 = pieces.describe(piece).map(|(sha256, _)| *sha256);
                        return Ok(Some(SourceVerified {
                            evidence_sha256: sha256.unwrap_or_default(),
                            ..found
                        }));
                    }
                    Err(failure) => furthest = Some(further(furthest, failure)),
                }
            }
        }
    }
    Err(furthest
        .filter(Failure::is_signed)
        .unwrap_or(Failure::SourceUnverified))
}

fn check_summary(
    requirement: &ProvenanceRequirement,
    provenance: &Provenance,
    commit: &str,
    facts: &Facts,
    found: summary::Summarised,
) -> Result<SourceVerified, Failure> {
    let uri = found.summary.resource_uri.clone().unwrap_or_default();
    if !found.summary.is_of_source(&requirement.source.uri) {
        return Err(Failure::ResourceMismatch { found: uri });
    }
    check_refs(requirement, provenance, commit, facts)?;
    summary::check_level(
        "Source",
        found.levels.source,
        Some(requirement.source_level()),
    )?;
    let level = found.levels.source.unwrap_or(0);
    // The property counts only of a verifier that the policy believes in this track at all.
    let two_party_reviewed = level >= TWO_PARTY_LEVEL
        || (found.levels.source.is_some() && found.summary.verified_levels.has(TWO_PARTY_REVIEWED));
    if requirement.demands(Property::TwoPartyReviewed) && !two_party_reviewed {
        return Err(Failure::PropertyMissing {
            name: "TWO_PARTY_REVIEWED",
        });
    }
    Ok(SourceVerified {
        verifier: found.verifier,
        level,
        two_party_reviewed,
        evidence_sha256: [0; 32],
    })
}

/// Where the rule names a ref, a branch or a tag, the commit must have been verified for the ref that was built.
fn check_refs(
    requirement: &ProvenanceRequirement,
    provenance: &Provenance,
    commit: &str,
    facts: &Facts,
) -> Result<(), Failure> {
    let wanted = &requirement.source;
    let any_ref = wanted.r#ref.is_none()
        && wanted.branch.is_none()
        && wanted.tag.is_none()
        && wanted.version_tag.is_none();
    if any_ref {
        return Ok(());
    }
    let built = match (wanted.branch.is_some(), provenance.branch()) {
        (true, Ok(branch)) => Some(format!("refs/heads/{branch}")),
        _ => provenance
            .source
            .as_ref()
            .and_then(|source| source.git_ref.clone()),
    };
    let revisions = revisions(facts)?;
    let verified = revisions
        .iter()
        .filter(|revision| revision.commit == commit)
        .any(|revision| {
            built
                .as_ref()
                .is_some_and(|built| revision.source_refs.contains(built))
        });
    if verified {
        Ok(())
    } else {
        Err(Failure::SourceRefUnverified {
            built: built.unwrap_or_default(),
        })
    }
}

/// The subjects of the statement, in the form that their reader takes.
fn revisions(facts: &Facts) -> Result<Vec<SourceRevision>, Failure> {
    let mut subjects = Vec::new();
    for subject in facts
        .statement
        .iter()
        .flat_map(|statement| &statement.subject)
    {
        let mut digest = Map::new();
        for (name, hex) in &subject.digest {
            digest.insert(name.clone(), Value::from(hex.as_str()));
        }
        subjects.push(object([
            ("digest", Value::Object(digest)),
            ("annotations", subject.annotations.clone()),
        ]));
    }
    let statement = object([("subject", Value::Array(subjects))]);
    SourceRevision::all(&statement).map_err(Failure::Summary)
}
