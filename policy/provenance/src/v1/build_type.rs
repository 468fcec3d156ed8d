//! Where each build type of provenance v1 puts the source and the run.

use sealstone_verify::json::Value;

use crate::git_ref::{self, Refs};
use crate::github::{self, INTERNAL_PARAMETERS, claim, claim_run};
use crate::{
    ClaimedField, Error, Producer, PropertyClaim, Provenance, RefAbsence, Source, field, gitlab,
    legacy, tekton,
};

const FIRST_DEPENDENCY: &str = "buildDefinition.resolvedDependencies.0";
const DEPENDENCIES: &str = "buildDefinition.resolvedDependencies";
const EXTERNAL_PARAMETERS: &str = "buildDefinition.externalParameters";
const INVOCATION_ID: &str = "runDetails.metadata.invocationId";

/// Adds what the build type of `provenance` defines.
pub(super) fn describe(predicate: &Value, provenance: &mut Provenance) -> Result<(), Error> {
    match provenance.producer {
        Some(Producer::GithubWorkflow) => github_workflow(predicate, provenance),
        Some(Producer::SlsaContainerBased) => container_based(predicate, provenance),
        Some(Producer::SlsaDelegator) => delegator(predicate, provenance),
        Some(Producer::CloudBuild) => cloud_build(predicate, provenance),
        Some(Producer::BuildKit) => buildkit(predicate, provenance),
        Some(Producer::Gitlab) => gitlab(predicate, provenance),
        Some(Producer::TektonChains) => {
            let source = tekton::source_v1(&provenance.dependencies, DEPENDENCIES)?;
            if let Some(source) = &source {
                source.claim(DEPENDENCIES, &mut provenance.claims);
            }
            provenance.source = source;
            Ok(())
        }
        // What the parameters of another build type mean is not known here.
        _ => Ok(()),
    }
}

/// <https://actions.github.io/buildtypes/workflow/v1>: `externalParameters.workflow`; the first
/// dependency is the commit of the same ref.
fn github_workflow(predicate: &Value, provenance: &mut Provenance) -> Result<(), Error> {
    const REPOSITORY: &str = "buildDefinition.externalParameters.workflow.repository";
    const REF: &str = "buildDefinition.externalParameters.workflow.ref";
    const PATH: &str = "buildDefinition.externalParameters.workflow.path";
    const INTERNAL: [(ClaimedField, &str); 4] = [
        (
            ClaimedField::BuildTrigger,
            "buildDefinition.internalParameters.github.event_name",
        ),
        (
            ClaimedField::SourceRepositoryIdentifier,
            "buildDefinition.internalParameters.github.repository_id",
        ),
        (
            ClaimedField::SourceRepositoryOwnerIdentifier,
            "buildDefinition.internalParameters.github.repository_owner_id",
        ),
        (
            ClaimedField::RunnerEnvironment,
            "buildDefinition.internalParameters.github.runner_environment",
        ),
    ];

    let repository = field::required_text(predicate, REPOSITORY)?;
    let git_ref = field::required_text(predicate, REF)?;
    let source =
        Source::from_uri(&repository, REPOSITORY)?.with_ref(Some(git_ref.as_str()), REF)?;
    claim_run(
        provenance.invocation_id.as_deref(),
        INVOCATION_ID,
        &mut provenance.claims,
    );
    source.claim(REPOSITORY, &mut provenance.claims);
    let source = with_first_dependency(source, provenance)?;
    for (claimed, path) in INTERNAL {
        claim(predicate, claimed, path, &mut provenance.claims)?;
    }
    provenance.entry_point = claim(
        predicate,
        ClaimedField::BuildConfigPath,
        PATH,
        &mut provenance.claims,
    )?;
    provenance.source_parameters = &["/workflow/repository", "/workflow/ref"];
    provenance.refs = Refs::of(source.git_ref.as_deref());
    provenance.source = Some(source);
    provenance.workflow_inputs = provenance
        .external_parameters
        .get("inputs")
        .and_then(github::inputs);
    describe_run(provenance);
    Ok(())
}

/// slsa-github-generator's container-based builder: `externalParameters.source`, which the first
/// dependency repeats.
fn container_based(predicate: &Value, provenance: &mut Provenance) -> Result<(), Error> {
    const URI: &str = "buildDefinition.externalParameters.source.uri";
    const SHA1: &str = "buildDefinition.externalParameters.source.digest.sha1";

    let uri = field::required_text(predicate, URI)?;
    let commit = field::text(predicate, SHA1)?;
    let source = Source::from_uri(&uri, URI)?.with_commit(commit.as_deref(), SHA1)?;
    if source.git_ref.is_none() {
        return Err(Error::SourceRefMissing(URI));
    }
    source.claim(URI, &mut provenance.claims);
    let source = with_first_dependency(source, provenance)?;
    provenance.entry_point =
        field::text(predicate, "buildDefinition.externalParameters.configPath")?;
    provenance.source_parameters = &["/source"];
    provenance.refs = INTERNAL_PARAMETERS.refs(predicate, &source);
    generator_run(predicate, source, provenance)
}

/// slsa-github-generator's delegators ("bring your own builder"). The source is the first
/// dependency; a build that checks out another commit of its repository leaves the ref out there,
/// and then the ref of the run says nothing about the source.
fn delegator(predicate: &Value, provenance: &mut Provenance) -> Result<(), Error> {
    let first = provenance
        .dependencies
        .first()
        .ok_or(Error::FieldMissing(FIRST_DEPENDENCY))?;
    let source = Source::from_dependency(first, FIRST_DEPENDENCY)?
        .ok_or(Error::FieldMalformed(FIRST_DEPENDENCY))?;
    if source.git_ref.is_some() {
        source.claim(FIRST_DEPENDENCY, &mut provenance.claims);
    } else {
        source.claim_repository(FIRST_DEPENDENCY, &mut provenance.claims);
    }
    provenance.refs = INTERNAL_PARAMETERS.delegated_refs(predicate, &source);
    generator_run(predicate, source, provenance)
}

/// Google Cloud Build: `externalParameters.buildConfigSource`. A tag counts when the substitutions
/// name it too.
fn cloud_build(predicate: &Value, provenance: &mut Provenance) -> Result<(), Error> {
    const REPOSITORY: &str = "buildDefinition.externalParameters.buildConfigSource.repository";
    const REF: &str = "buildDefinition.externalParameters.buildConfigSource.ref";
    const PATH: &str = "buildDefinition.externalParameters.buildConfigSource.path";
    const TAG: &str = "buildDefinition.internalParameters.systemSubstitutions.TAG_NAME";

    let Some(repository) = field::text(predicate, REPOSITORY)? else {
        return Ok(());
    };
    let git_ref = field::text(predicate, REF)?;
    let source = Source::from_uri(&repository, REPOSITORY)?.with_ref(git_ref.as_deref(), REF)?;
    provenance.entry_point = field::text(predicate, PATH)?;
    provenance.source_parameters = &["/buildConfigSource/repository", "/buildConfigSource/ref"];
    provenance.refs = Refs {
        branch: git_ref::branch(source.git_ref.as_deref()),
        tag: match (
            git_ref::tag(source.git_ref.as_deref()),
            legacy::cloud_build_tag(predicate, TAG),
        ) {
            (Ok(tag), Ok(substitution)) if tag == substitution => Ok(tag),
            (Ok(_), _) => Err(RefAbsence::Unknown),
            (absence, _) => absence,
        },
    };
    provenance.take_source(source, REPOSITORY)
}

/// BuildKit: `externalParameters.configSource`, without URI for a local build context.
fn buildkit(predicate: &Value, provenance: &mut Provenance) -> Result<(), Error> {
    const URI: &str = "buildDefinition.externalParameters.configSource.uri";
    const SHA1: &str = "buildDefinition.externalParameters.configSource.digest.sha1";
    const PATH: &str = "buildDefinition.externalParameters.configSource.path";
    const HERMETIC: &str = "runDetails.metadata.buildkit_hermetic";
    const REPRODUCIBLE: &str = "runDetails.metadata.buildkit_reproducible";

    let flag = |path| {
        let claim = field::boolean(predicate, path)?.map(|holds| PropertyClaim { holds, path });
        Ok::<_, Error>(claim)
    };
    provenance.hermetic = flag(HERMETIC)?;
    provenance.reproducible = flag(REPRODUCIBLE)?;
    provenance.entry_point = field::text(predicate, PATH)?;
    let Some(uri) = field::text(predicate, URI)? else {
        return Ok(());
    };
    let commit = field::text(predicate, SHA1)?;
    let source = Source::from_uri(&uri, URI)?.with_commit(commit.as_deref(), SHA1)?;
    provenance.source_parameters = &["/configSource/uri", "/configSource/digest"];
    provenance.refs = Refs::of(source.git_ref.as_deref());
    provenance.take_source(source, URI)
}

/// GitLab: `externalParameters.source`; the dependency of the same repository has the commit.
fn gitlab(predicate: &Value, provenance: &mut Provenance) -> Result<(), Error> {
    const SOURCE: &str = "buildDefinition.externalParameters.source";
    const ENTRY_POINT: &str = "buildDefinition.externalParameters.entryPoint";

    let uri = field::required_text(predicate, SOURCE)?;
    let source = Source::from_uri(&uri, SOURCE)?;
    provenance.entry_point = field::text(predicate, ENTRY_POINT)?;
    provenance.source_parameters = &["/source"];
    gitlab::describe(predicate, &gitlab::PARAMETERS, source, SOURCE, provenance)
}

/// Adds the first dependency, which these builders set to the source.
fn with_first_dependency(source: Source, provenance: &mut Provenance) -> Result<Source, Error> {
    let first = provenance
        .dependencies
        .first()
        .ok_or(Error::FieldMissing(DEPENDENCIES))?;
    let dependency = Source::from_dependency(first, FIRST_DEPENDENCY)?
        .ok_or(Error::SourceContradictory(FIRST_DEPENDENCY))?;
    if dependency.git_ref.is_none() {
        return Err(Error::SourceRefMissing(FIRST_DEPENDENCY));
    }
    dependency.claim(FIRST_DEPENDENCY, &mut provenance.claims);
    source.reconciled(&dependency, FIRST_DEPENDENCY)
}

/// Adds the run that slsa-github-generator copies into the internal parameters.
fn generator_run(
    predicate: &Value,
    source: Source,
    provenance: &mut Provenance,
) -> Result<(), Error> {
    claim_run(
        provenance.invocation_id.as_deref(),
        INVOCATION_ID,
        &mut provenance.claims,
    );
    INTERNAL_PARAMETERS.claim(predicate, &source, &mut provenance.claims)?;
    INTERNAL_PARAMETERS.check_trigger(predicate, &source)?;
    provenance.workflow_inputs = INTERNAL_PARAMETERS.inputs(predicate);
    provenance.source = Some(source);
    describe_run(provenance);
    Ok(())
}

/// On GitHub a build without `inputs`, `vars` and `release`, that nobody dispatched with inputs, has no
/// parameters but its source.
fn describe_run(provenance: &mut Provenance) {
    provenance.describe_run();
    let given = ["inputs", "vars", "release"].into_iter().any(|name| {
        provenance
            .external_parameters
            .get(name)
            .is_some_and(|value| !field::is_unset(value))
    });
    let holds = if given {
        Some(false)
    } else {
        provenance.without_inputs()
    };
    provenance.parameterless = holds.map(|holds| PropertyClaim {
        holds,
        path: EXTERNAL_PARAMETERS,
    });
}
