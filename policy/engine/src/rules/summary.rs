//! Rules that ask for a verification summary.
//!
//! Follows <https://slsa.dev/spec/v1.2/verification_summary>, "How to verify".

use alloc::string::{String, ToString};

use sealstone_provenance::{PredicateFamily, ResourceImage, VerificationSummary, VerifiedLevels};
use sealstone_verify::Facts;

use crate::compiled::SummaryVerifier;
use crate::document::{Levels, SummaryRequirement};
use crate::failure::Failure;

/// A verification summary that meets a rule.
#[derive(Debug)]
pub(crate) struct Summarised {
    pub(crate) summary: VerificationSummary,
    /// The verifier in the policy.
    pub(crate) verifier: String,
    /// The levels that were verified, no higher than the policy believes the verifier.
    pub(crate) levels: Levels,
}

/// Whether the piece is a verification summary.
pub(super) fn check_kind(facts: &Facts) -> Result<(), Failure> {
    super::check_family(facts, &[PredicateFamily::VerificationSummary])
}

/// Reads a summary that passed, of a verifier that the policy knows by the pair of signer and id.
pub(super) fn read<'v>(
    verifiers: impl Iterator<Item = &'v SummaryVerifier>,
    authority: usize,
    facts: &Facts,
) -> Result<Summarised, Failure> {
    let statement = facts
        .statement
        .as_ref()
        .ok_or(Failure::PredicateTypeMismatch { found: None })?;
    let summary = VerificationSummary::from_statement(statement).map_err(Failure::Summary)?;
    // Of several verifiers that fit, the one that is believed further.
    let mut found: Option<&SummaryVerifier> = None;
    for verifier in verifiers {
        let fits =
            verifier.signed_by.contains(&authority) && verifier.id.matches(&summary.verifier_id);
        if fits && found.is_none_or(|best| verifier.maximum_levels.exceed(best.maximum_levels)) {
            found = Some(verifier);
        }
    }
    let Some(verifier) = found else {
        return Err(Failure::VerifierMismatch {
            found: summary.verifier_id,
        });
    };
    if !summary.passed || summary.verified_levels.failed {
        return Err(Failure::SummaryFailed);
    }
    let believed = |track, most: Option<usize>| {
        let level = summary.verified_levels.level(track).map(usize::from)?;
        Some(level.min(most?))
    };
    let levels = Levels {
        build: believed("BUILD", verifier.maximum_levels.build),
        source: believed("SOURCE", verifier.maximum_levels.source),
    };
    Ok(Summarised {
        verifier: verifier.name.clone(),
        levels,
        summary,
    })
}

/// Whether a summary about the image meets the requirement.
pub(super) fn check<'v>(
    requirement: &SummaryRequirement,
    verifiers: impl Iterator<Item = &'v SummaryVerifier>,
    authority: usize,
    facts: &Facts,
    image: &ResourceImage<'_>,
) -> Result<Summarised, Failure> {
    let found = read(verifiers, authority, facts)?;
    let uri = found.summary.resource_uri.as_deref().unwrap_or_default();
    let mut templates = requirement.resource_uris.iter();
    if !templates.any(|template| template.matches(uri, image)) {
        return Err(Failure::ResourceMismatch {
            found: uri.to_string(),
        });
    }
    check_level(
        "Build",
        found.levels.build,
        requirement.minimum_levels.build,
    )?;
    check_level(
        "Source",
        found.levels.source,
        requirement.minimum_levels.source,
    )?;
    check_properties(&requirement.properties, &found.summary.verified_levels)?;
    Ok(found)
}

fn check_properties(wanted: &[String], found: &VerifiedLevels) -> Result<(), Failure> {
    match wanted.iter().find(|property| !found.has(property)) {
        Some(missing) => Err(Failure::SummaryProperty {
            name: missing.clone(),
        }),
        None => Ok(()),
    }
}

/// Whether a level was reached.
pub(super) fn check_level(
    track: &'static str,
    found: Option<usize>,
    required: Option<usize>,
) -> Result<(), Failure> {
    match required {
        Some(required) if found.unwrap_or(0) < required => Err(Failure::SummaryLevel {
            track,
            found: found.unwrap_or(0),
            required,
        }),
        _ => Ok(()),
    }
}
