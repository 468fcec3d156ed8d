//! Rules that ask for provenance.

use alloc::string::{String, ToString};

use sealstone_provenance::{PropertyClaim, Provenance, ProvenanceVersion};
use sealstone_verify::{CertificateExtensions, Facts, Signer, UnixTime};

use super::source::SourceVerified;
use super::{certificate, parameters};
use crate::compiled::Builder;
use crate::document::{BuilderProperty, Property, ProvenanceRequirement, SourceRequirement};
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
    /// Who runs the builder, as the policy says.
    pub(crate) operator: Option<String>,
    /// What a verification summary says about the source commit, where the rule asks.
    pub(crate) source: Option<SourceVerified>,
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
    let required = requirement.build_level();
    if build_level < required {
        return Err(Failure::BuildLevel {
            found: build_level,
            required,
        });
    }
    let extensions = match &facts.signer {
        Signer::Certificate(certificate) => Some(&certificate.extensions),
        _ => None,
    };
    check_source(&requirement.source, &provenance, extensions)?;
    check_match(
        requirement.build_type.as_ref(),
        "provenance.build-type-mismatch",
        "the build type",
        Some(&provenance.build_type),
    )?;
    check_run(requirement, &provenance, extensions)?;
    check_properties(requirement, &provenance, builder, build_level)?;
    let mut insecure_ignored_parameters = false;
    if let Some(parameters) = &requirement.external_parameters {
        insecure_ignored_parameters = parameters::check(parameters, &provenance, now)?;
    }
    Ok(Built {
        operator: builder.and_then(|builder| builder.operator.clone()),
        builder: builder.map(|builder| builder.name.clone()),
        provenance,
        build_level,
        source: None,
        insecure_ignored_parameters,
    })
}

/// Finds the builder by the pair of signer and builder id, and the level that follows from it.
/// The certificate must not contradict the provenance.
fn check_builder<'b>(
    requirement: &ProvenanceRequirement,
    builders: &Builders<'b>,
    provenance: &Provenance,
    facts: &Facts,
) -> Result<(Option<&'b Builder>, usize), Failure> {
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
    let mut found: Option<(&'b Builder, usize)> = None;
    // Whether the signer may sign for builders that are not itself: another builder id then
    // contradicts nothing.
    let mut vouches = false;
    for (index, builder) in builders.known.iter().enumerate() {
        let allowed = builders.allowed.is_empty() || builders.allowed.contains(&index);
        if !allowed || !builder.signed_by.contains(&builders.authority) {
            continue;
        }
        vouches |= builder.delegated;
        let subject = match &own {
            _ if builder.delegated => None,
            Ok(subject) => *subject,
            Err(_) => continue,
        };
        if !is_called(&builder.id, provenance, subject) {
            continue;
        }
        let most = if certificate::names_runner(&provenance.builder_id) {
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
        Some((builder, level)) => Ok((Some(builder), level)),
        None if !builders.allowed.is_empty() => Err(match own {
            Err(failure) if !vouches => failure,
            _ => mismatch(provenance),
        }),
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

fn check_source(
    wanted: &SourceRequirement,
    provenance: &Provenance,
    extensions: Option<&CertificateExtensions>,
) -> Result<(), Failure> {
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
    let (branch, tag) = ("provenance.branch-mismatch", "provenance.tag-mismatch");
    check_match(
        wanted.branch.as_ref(),
        branch,
        "the branch",
        provenance.branch().ok(),
    )?;
    check_match(wanted.tag.as_ref(), tag, "the tag", provenance.tag().ok())?;
    if let Some(version) = &wanted.version_tag {
        match provenance.tag().ok() {
            Some(found) if version.matches(found) => {}
            found => {
                return Err(Failure::ProvenanceMismatch {
                    code: tag,
                    what: "the version tag",
                    found: found.map(ToString::to_string),
                });
            }
        }
    }
    check_match(
        wanted.commit.as_ref(),
        "provenance.commit-mismatch",
        "the source commit",
        source.commit.as_deref(),
    )?;
    let repository = extensions.and_then(|found| found.source_repository_identifier.as_deref());
    check_match(
        wanted.repository_id.as_ref(),
        "provenance.repository-id-mismatch",
        "the number of the repository",
        repository.or(provenance.repository_id.as_deref()),
    )?;
    let owner = extensions.and_then(|found| found.source_repository_owner_identifier.as_deref());
    check_match(
        wanted.owner_id.as_ref(),
        "provenance.owner-id-mismatch",
        "the number of the repository's owner",
        owner.or(provenance.repository_owner_id.as_deref()),
    )
}

/// How the build was started and where it ran. What a certificate says counts; where there is none,
/// what the provenance says, whose signer the policy trusts with it.
fn check_run(
    wanted: &ProvenanceRequirement,
    provenance: &Provenance,
    extensions: Option<&CertificateExtensions>,
) -> Result<(), Failure> {
    if !wanted.triggers.is_empty() {
        let certified = extensions.and_then(|found| {
            let trigger = found.build_trigger.as_deref();
            trigger.or(found.github_workflow_trigger.as_deref())
        });
        let found = certified.or(provenance.trigger.as_deref());
        if !wanted
            .triggers
            .iter()
            .any(|trigger| found == Some(trigger.as_str()))
        {
            return Err(Failure::ProvenanceMismatch {
                code: "provenance.trigger-mismatch",
                what: "what started the build",
                found: found.map(ToString::to_string),
            });
        }
    }
    let runner = extensions.and_then(|found| found.runner_environment.as_deref());
    check_match(
        wanted.runner_environment.as_ref(),
        "provenance.runner-mismatch",
        "the kind of runner",
        runner.or(provenance.runner_environment.as_deref()),
    )?;
    let environment = extensions.and_then(|found| found.deployment_environment.as_deref());
    check_match(
        wanted.deployment_environment.as_ref(),
        "provenance.environment-mismatch",
        "the deployment environment",
        environment,
    )?;
    for (name, matcher) in &wanted.workflow_inputs {
        let found = provenance.workflow_input(name);
        check_match(
            Some(matcher),
            "provenance.input-mismatch",
            "an input of the workflow",
            found,
        )?;
    }
    Ok(())
}

/// What must be known about the build itself. The provenance counts only where nobody but the
/// builder can have written it, which is what level 3 means.
fn check_properties(
    wanted: &ProvenanceRequirement,
    provenance: &Provenance,
    builder: Option<&Builder>,
    build_level: usize,
) -> Result<(), Failure> {
    let known = |property| builder.is_some_and(|builder| builder.properties.contains(&property));
    let claimed =
        |claim: Option<PropertyClaim>| build_level >= 3 && claim.is_some_and(|claim| claim.holds);
    if wanted.demands(Property::Hermetic)
        && !known(BuilderProperty::Hermetic)
        && !claimed(provenance.hermetic)
    {
        return Err(Failure::PropertyMissing { name: "HERMETIC" });
    }
    if wanted.demands(Property::Parameterless)
        && !known(BuilderProperty::Parameterless)
        && !claimed(provenance.parameterless)
    {
        return Err(Failure::PropertyMissing {
            name: "PARAMETERLESS",
        });
    }
    Ok(())
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
