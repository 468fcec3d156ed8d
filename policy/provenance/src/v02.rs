//! `https://slsa.dev/provenance/v0.2`.

use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::build_type::NPM_V1;
use crate::github::{Context, ENVIRONMENT_LOWER_CASE, ENVIRONMENT_UPPER_CASE};
use crate::legacy::{self, Legacy};
use crate::{
    Claim, ClaimedField, Error, Producer, PropertyClaim, Provenance, ProvenanceVersion, Source,
    field, github, gitlab, tekton,
};

const CONFIG_SOURCE_URI: &str = "invocation.configSource.uri";
const CONFIG_SOURCE_SHA1: &str = "invocation.configSource.digest.sha1";
const CONFIG_SOURCE_SHA256: &str = "invocation.configSource.digest.sha256";
const ENTRY_POINT: &str = "invocation.configSource.entryPoint";
const INVOCATION_ID: &str = "metadata.buildInvocationId";
const FIRST_MATERIAL: &str = "materials.0";

/// BuildKit's extension; its name holds dots.
const HERMETIC: &str = "https://mobyproject.org/buildkit@v1#hermetic";

/// Reads a predicate of this version.
pub(crate) fn read(predicate: &Value) -> Result<Provenance, Error> {
    let mut provenance = legacy::read(
        predicate,
        &Legacy {
            version: ProvenanceVersion::V02,
            build_type: "buildType",
            entry_point: ENTRY_POINT,
            parameters: "invocation.parameters",
            build_config: Some("buildConfig"),
            complete_parameters: "metadata.completeness.parameters",
        },
    )?;
    match provenance.producer {
        Some(Producer::SlsaGenerator) => {
            github(predicate, &ENVIRONMENT_LOWER_CASE, &mut provenance)?;
        }
        Some(Producer::SlsaDelegator | Producer::Npm) => {
            github(predicate, &ENVIRONMENT_UPPER_CASE, &mut provenance)?;
        }
        Some(Producer::BuildKit) => buildkit(predicate, &mut provenance)?,
        Some(Producer::Gitlab) => {
            let source = config_source(predicate)?.ok_or(Error::FieldMissing(CONFIG_SOURCE_URI))?;
            // The runner calls the commit, a SHA-1, `sha256`.
            let commit = field::text(predicate, CONFIG_SOURCE_SHA256)?;
            let source = source.with_commit(commit.as_deref(), CONFIG_SOURCE_SHA256)?;
            gitlab::describe(
                predicate,
                &gitlab::ENVIRONMENT,
                source,
                CONFIG_SOURCE_URI,
                &mut provenance,
            )?;
        }
        Some(Producer::TektonChains) => {
            let source = tekton::source_v02(predicate, &provenance.dependencies)?;
            if let Some(source) = &source {
                source.claim("materials", &mut provenance.claims);
            }
            provenance.source = source;
        }
        // What the parameters of another build type mean is not known here.
        _ => {}
    }
    Ok(provenance)
}

/// The builders on GitHub name the source as what triggered the run and as the first material. What
/// they say twice must be the same.
fn github(predicate: &Value, context: &Context, provenance: &mut Provenance) -> Result<(), Error> {
    let trigger = config_source(predicate)?.ok_or(Error::FieldMissing(CONFIG_SOURCE_URI))?;
    if trigger.git_ref.is_none() {
        return Err(Error::SourceRefMissing(CONFIG_SOURCE_URI));
    }
    let first = provenance
        .dependencies
        .first()
        .ok_or(Error::FieldMissing("materials"))?;
    let material = Source::from_dependency(first, FIRST_MATERIAL)?
        .ok_or(Error::SourceContradictory("materials.0.uri"))?;
    let delegated = provenance.producer == Some(Producer::SlsaDelegator);
    if material.git_ref.is_none() && !delegated && provenance.build_type != NPM_V1 {
        return Err(Error::SourceRefMissing(FIRST_MATERIAL));
    }
    let claims = &mut provenance.claims;
    trigger.claim(CONFIG_SOURCE_URI, claims);
    let source = if delegated && material.git_ref.is_none() {
        // The delegate checked out another commit than the one that triggered it.
        trigger.same_repository(&material, FIRST_MATERIAL)?;
        material.claim_repository(FIRST_MATERIAL, claims);
        material
    } else {
        material.claim(FIRST_MATERIAL, claims);
        trigger.reconciled(&material, FIRST_MATERIAL)?
    };
    context.claim(predicate, &source, claims)?;
    claim_invocation(provenance.invocation_id.as_deref(), &source, claims);
    if provenance.producer == Some(Producer::Npm) {
        claims.extend(provenance.entry_point.iter().map(|path| Claim {
            field: ClaimedField::BuildConfigPath,
            value: path.clone(),
            path: ENTRY_POINT,
        }));
    }
    provenance.refs = if delegated {
        context.delegated_refs(predicate, &source)
    } else {
        context.refs(predicate, &source)
    };
    provenance.workflow_inputs = context.inputs(predicate);
    provenance.source = Some(source);
    provenance.describe_run();
    let without_inputs = provenance.without_inputs();
    provenance.parameterless = provenance.parameterless.map(|claim| PropertyClaim {
        holds: claim.holds && without_inputs == Some(true),
        ..claim
    });
    Ok(())
}

/// The name of a run is `<run>-<attempt>` or its URL.
fn claim_invocation(invocation_id: Option<&str>, source: &Source, claims: &mut Vec<Claim>) {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match invocation_id.and_then(|id| id.split_once('-')) {
        Some((run, attempt)) if is_number(run) && is_number(attempt) => {
            claims.push(github::run_claim(source, run, attempt, INVOCATION_ID));
        }
        _ => {
            let url = invocation_id.filter(|id| id.starts_with("https://"));
            github::claim_run(url, INVOCATION_ID, claims);
        }
    }
}

fn buildkit(predicate: &Value, provenance: &mut Provenance) -> Result<(), Error> {
    // A build that lists all its materials may still have used the network.
    provenance.hermetic = match field::value(predicate, "metadata")?.and_then(|it| it.get(HERMETIC))
    {
        None | Some(Value::Null) => None,
        Some(Value::Bool(holds)) => Some(PropertyClaim {
            holds: *holds,
            path: HERMETIC,
        }),
        Some(_) => return Err(Error::FieldMalformed(HERMETIC)),
    };
    if let Some(source) = config_source(predicate)? {
        provenance.take_source(source, CONFIG_SOURCE_URI)?;
    }
    Ok(())
}

fn config_source(predicate: &Value) -> Result<Option<Source>, Error> {
    let Some(uri) = field::text(predicate, CONFIG_SOURCE_URI)? else {
        return Ok(None);
    };
    let commit = field::text(predicate, CONFIG_SOURCE_SHA1)?;
    Source::from_uri(&uri, CONFIG_SOURCE_URI)?
        .with_commit(commit.as_deref(), CONFIG_SOURCE_SHA1)
        .map(Some)
}
