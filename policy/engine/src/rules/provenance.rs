//! Rules that ask for provenance.

use alloc::string::{String, ToString};

use sealstone_provenance::{Provenance, ProvenanceVersion};
use sealstone_verify::{Facts, Signer, UnixTime};

use super::{certificate, parameters};
use crate::compiled::Builder;
use crate::document::{ProvenanceRequirement, SourceRequirement};
use crate::failure::Failure;
use crate::pattern::StringMatcher;

/// The level of a builder that the policy does not know (SLSA v1.2, verifying artifacts, step 1).
const UNKNOWN_BUILDER: usize = 1;
/// The highest level where the provenance names the kind of runner for the builder: it was written
/// by the workflow itself.
const SELF_WRITTEN: usize = 2;

/// A build whose provenance meets a rule.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) provenance: Provenance,
    /// The builder in the policy, if it knows one.
    pub(crate) builder: Option<String>,
    /// The SLSA Build level that the builder is believed to reach.
    pub(crate) build_level: usize,
    /// Whether external parameters passed that the rule does not name.
    pub(crate) insecure_ignored_parameters: bool,
}

/// The builders of the policy, and what signed.
pub(super) struct Builders<'a> {
    pub(super) known: &'a [Builder],
    /// Indices of the builders that the rule allows; any builder where there are none.
    pub(super) allowed: &'a [usize],
    /// Index of the authority that signed.
    pub(super) authority: usize,
}

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
    builders: &Builders<'_>,
    facts: &Facts,
    now: UnixTime,
) -> Result<Built, Failure> {
    let statement = facts
        .statement
        .as_ref()
        .ok_or(Failure::PredicateTypeMismatch { found: None })?;
    let provenance = Provenance::from_statement(statement).map_err(Failure::Provenance)?;
    let (builder, build_level) = check_builder(requirement, builders, &provenance, facts)?;
    if let Some(required) = requirement.minimum_levels.build
        && build_level < required
    {
        return Err(Failure::BuildLevel {
            found: build_level,
            required,
        });
    }
    check_source(&requirement.source, &provenance)?;
    check_match(
        requirement.build_type.as_ref(),
        "provenance.build-type-mismatch",
        "the build type",
        Some(&provenance.build_type),
    )?;
    let mut insecure_ignored_parameters = false;
    if let Some(parameters) = &requirement.external_parameters {
        insecure_ignored_parameters =
            parameters::check(parameters, &provenance.external_parameters, now)?;
    }
    Ok(Built {
        provenance,
        builder,
        build_level,
        insecure_ignored_parameters,
    })
}

/// Finds the builder by the pair of signer and builder id, and the level that follows from it.
/// The certificate must not contradict the provenance.
fn check_builder(
    requirement: &ProvenanceRequirement,
    builders: &Builders<'_>,
    provenance: &Provenance,
    facts: &Facts,
) -> Result<(Option<String>, usize), Failure> {
    let certificate = match &facts.signer {
        Signer::Certificate(certificate) => Some(certificate),
        _ => None,
    };
    // Who built by the certificate: the builder id must be the subject, or name its kind of runner.
    let mut own = Ok(None);
    if let Some(certificate) = certificate {
        certificate::check_claims(&provenance.claims, &certificate.extensions)?;
        own = certificate::check_builder(
            &provenance.builder_id,
            &certificate.subject_alternative_name,
            &certificate.extensions,
        );
    }
    if let Some(wanted) = &requirement.builder {
        let subject = if wanted.delegated { None } else { own.clone()? };
        if !is_called(&wanted.id, provenance, subject) {
            return Err(mismatch(provenance));
        }
    }
    let mut found: Option<(&Builder, usize)> = None;
    for (index, builder) in builders.known.iter().enumerate() {
        let allowed = builders.allowed.is_empty() || builders.allowed.contains(&index);
        if !allowed || !builder.signed_by.contains(&builders.authority) {
            continue;
        }
        let subject = match &own {
            _ if builder.delegated => None,
            Ok(subject) => *subject,
            Err(_) => continue,
        };
        if !is_called(&builder.id, provenance, subject) {
            continue;
        }
        let most = if subject.is_some() {
            SELF_WRITTEN
        } else {
            usize::MAX
        };
        let level = builder.maximum_level.min(most);
        if found.is_none_or(|(_, best)| level > best) {
            found = Some((builder, level));
        }
    }
    let delegated = requirement
        .builder
        .as_ref()
        .is_some_and(|wanted| wanted.delegated);
    match found {
        Some((builder, level)) => Ok((Some(builder.name.clone()), level)),
        None if !builders.allowed.is_empty() => Err(own.err().unwrap_or(mismatch(provenance))),
        None if delegated => Ok((None, UNKNOWN_BUILDER)),
        None => own.map(|_| (None, UNKNOWN_BUILDER)),
    }
}

fn is_called(id: &StringMatcher, provenance: &Provenance, subject: Option<&str>) -> bool {
    id.matches(&provenance.builder_id) || subject.is_some_and(|subject| id.matches(subject))
}

fn mismatch(provenance: &Provenance) -> Failure {
    Failure::BuilderMismatch {
        found: provenance.builder_id.clone(),
    }
}

fn check_source(wanted: &SourceRequirement, provenance: &Provenance) -> Result<(), Failure> {
    let Some(source) = &provenance.source else {
        return Err(Failure::SourceMismatch { found: None });
    };
    if source.uri != wanted.uri {
        return Err(Failure::SourceMismatch {
            found: Some(source.uri.to_string()),
        });
    }
    match (&wanted.r#ref, &source.git_ref) {
        (None, _) => {}
        (Some(wanted), Some(found)) if wanted.matches(found) => {}
        (Some(_), found) => {
            return Err(Failure::RefMismatch {
                found: found.clone(),
            });
        }
    }
    check_match(
        wanted.commit.as_ref(),
        "provenance.commit-mismatch",
        "the source commit",
        source.commit.as_deref(),
    )
}

/// Holds something that the provenance may name against what the rule asks for.
fn check_match(
    wanted: Option<&StringMatcher>,
    code: &'static str,
    what: &'static str,
    found: Option<&str>,
) -> Result<(), Failure> {
    match (wanted, found) {
        (None, _) => Ok(()),
        (Some(wanted), Some(found)) if wanted.matches(found) => Ok(()),
        (Some(_), found) => Err(Failure::ProvenanceMismatch {
            code,
            what,
            found: found.map(ToString::to_string),
        }),
    }
}
