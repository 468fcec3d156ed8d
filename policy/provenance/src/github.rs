//! The context of a GitHub Actions run, as the builders on it copy it into their predicates.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::{Map, Value};
use sealstone_verify::text::split_once;

use crate::git_ref::{self, Refs};
use crate::{Claim, ClaimedField, Error, RefAbsence, Source, field};

/// The names of one copy of the context, written with dots from the predicate.
pub(crate) struct Context {
    claims: &'static [(ClaimedField, &'static str)],
    base_ref: &'static str,
    event_name: &'static str,
    event_payload: &'static str,
    git_ref: &'static str,
    ref_type: &'static str,
    repository: &'static str,
    run_attempt: &'static str,
    run_id: &'static str,
    workflow_ref: &'static str,
}

macro_rules! context {
    ($prefix:literal, $event_name:literal, $git_ref:literal, $sha:literal, $repository:literal,
     $repository_id:literal, $owner_id:literal, $workflow_ref:literal, $workflow_sha:literal,
     $run_id:literal, $run_attempt:literal, $base_ref:literal, $ref_type:literal, $payload:literal) => {
        Context {
            claims: &[
                (ClaimedField::BuildTrigger, concat!($prefix, $event_name)),
                (
                    ClaimedField::SourceRepositoryRef,
                    concat!($prefix, $git_ref),
                ),
                (
                    ClaimedField::SourceRepositoryIdentifier,
                    concat!($prefix, $repository_id),
                ),
                (
                    ClaimedField::SourceRepositoryOwnerIdentifier,
                    concat!($prefix, $owner_id),
                ),
                (ClaimedField::SourceRepositoryDigest, concat!($prefix, $sha)),
                (
                    ClaimedField::BuildConfigDigest,
                    concat!($prefix, $workflow_sha),
                ),
            ],
            base_ref: concat!($prefix, $base_ref),
            event_name: concat!($prefix, $event_name),
            event_payload: concat!($prefix, $payload),
            git_ref: concat!($prefix, $git_ref),
            ref_type: concat!($prefix, $ref_type),
            repository: concat!($prefix, $repository),
            run_attempt: concat!($prefix, $run_attempt),
            run_id: concat!($prefix, $run_id),
            workflow_ref: concat!($prefix, $workflow_ref),
        }
    };
    (upper $prefix:literal) => {
        context!(
            $prefix,
            "GITHUB_EVENT_NAME",
            "GITHUB_REF",
            "GITHUB_SHA",
            "GITHUB_REPOSITORY",
            "GITHUB_REPOSITORY_ID",
            "GITHUB_REPOSITORY_OWNER_ID",
            "GITHUB_WORKFLOW_REF",
            "GITHUB_WORKFLOW_SHA",
            "GITHUB_RUN_ID",
            "GITHUB_RUN_ATTEMPT",
            "GITHUB_BASE_REF",
            "GITHUB_REF_TYPE",
            "GITHUB_EVENT_PAYLOAD"
        )
    };
}

/// `internalParameters.GITHUB_*`: slsa-github-generator, provenance v1.
pub(crate) const INTERNAL_PARAMETERS: Context =
    context!(upper "buildDefinition.internalParameters.");

/// `invocation.environment.GITHUB_*`: npm and the delegators, provenance v0.2.
pub(crate) const ENVIRONMENT_UPPER_CASE: Context = context!(upper "invocation.environment.");

/// `invocation.environment.github_*`: slsa-github-generator, provenance v0.2.
pub(crate) const ENVIRONMENT_LOWER_CASE: Context = context!(
    "invocation.environment.",
    "github_event_name",
    "github_ref",
    "github_sha1",
    "github_repository",
    "github_repository_id",
    "github_repository_owner_id",
    "github_workflow_ref",
    "github_workflow_sha",
    "github_run_id",
    "github_run_attempt",
    "github_base_ref",
    "github_ref_type",
    "github_event_payload"
);

impl Context {
    /// Adds the claims of this copy. `source` is the source as the predicate names it elsewhere.
    ///
    /// # Errors
    /// [`Error::SourceContradictory`] when the run is one of another repository.
    pub(crate) fn claim(
        &self,
        predicate: &Value,
        source: &Source,
        claims: &mut Vec<Claim>,
    ) -> Result<(), Error> {
        for (claimed, path) in self.claims {
            claim(predicate, *claimed, path, claims)?;
        }
        if let Some(repository) = field::text(predicate, self.repository)? {
            let run = repository_source(&repository, self.repository)?;
            if run.uri != source.uri {
                return Err(Error::SourceContradictory(self.repository));
            }
            run.claim(self.repository, claims);
        }
        if let Some(workflow) = field::text(predicate, self.workflow_ref)? {
            claims.push(Claim {
                field: ClaimedField::BuildConfigUri,
                value: format!("https://github.com/{workflow}"),
                path: self.workflow_ref,
            });
        }
        let run = field::text_or_integer(predicate, self.run_id)?;
        let attempt = field::text_or_integer(predicate, self.run_attempt)?;
        if let (Some(run), Some(attempt)) = (run, attempt) {
            claims.push(run_claim(source, &run, &attempt, self.run_id));
        }
        Ok(())
    }

    /// Checks that the workflow that was triggered is of the source's repository and, when the source
    /// has a ref, of the same ref. Paths and refs may hold `@`, so the text is taken apart at what is
    /// known, not at a character.
    pub(crate) fn check_trigger(&self, predicate: &Value, source: &Source) -> Result<(), Error> {
        let path = self.workflow_ref;
        let workflow = field::required_text(predicate, path)?;
        let mut segments = workflow.splitn(3, '/');
        let repository = match (segments.next(), segments.next()) {
            (Some(owner), Some(name)) => repository_source(&format!("{owner}/{name}"), path)?,
            _ => return Err(Error::FieldMalformed(path)),
        };
        let rest = segments.next().unwrap_or_default();
        if repository.uri != source.uri {
            return Err(Error::SourceContradictory(path));
        }
        if split_once(rest, "@refs/").is_none() {
            return Err(Error::SourceRefMissing(path));
        }
        let same = source.git_ref.as_deref().is_none_or(|git_ref| {
            rest.strip_suffix(git_ref)
                .is_some_and(|before| before.ends_with('@'))
        });
        if same {
            Ok(())
        } else {
            Err(Error::SourceContradictory(path))
        }
    }

    /// The branch and tag of the run. What is of the wrong type says nothing.
    pub(crate) fn refs(&self, predicate: &Value, source: &Source) -> Refs {
        match text(predicate, self.ref_type) {
            Some("branch") => Refs::of(text(predicate, self.git_ref)),
            Some("tag") => Refs {
                branch: self.branch_of_tag(predicate),
                tag: git_ref::tag(text(predicate, self.git_ref)),
            },
            Some(_) => Refs::UNKNOWN,
            None => Refs::of(source.git_ref.as_deref()),
        }
    }

    /// The branch and tag of a delegated build: those of the source, which may be another than that of
    /// the run.
    pub(crate) fn delegated_refs(&self, predicate: &Value, source: &Source) -> Refs {
        let mut refs = Refs::of(source.git_ref.as_deref());
        match (&refs.branch, &refs.tag) {
            (Err(RefAbsence::OtherKind), Ok(_)) => {
                refs.branch = self.refs(predicate, source).branch;
                refs
            }
            (Err(_), Err(_)) => Refs::UNKNOWN,
            _ => refs,
        }
    }

    /// The branch from which a tag was pushed or released. Which event says so where is GitHub's choice.
    fn branch_of_tag(&self, predicate: &Value) -> Result<String, RefAbsence> {
        let base_ref = text(predicate, self.base_ref).ok_or(RefAbsence::Unknown)?;
        if !base_ref.is_empty() {
            return git_ref::branch(Some(base_ref));
        }
        let payload = self.payload(predicate).ok_or(RefAbsence::Unknown)?;
        match text(predicate, self.event_name) {
            Some("push") => match payload.get("base_ref") {
                None => Err(RefAbsence::Unknown),
                // `null` when the push was of a commit that is on no branch.
                Some(base_ref) => git_ref::branch(Some(base_ref.as_str().unwrap_or_default())),
            },
            Some("release") => match payload.at(&["release", "target_commitish"]) {
                Some(Value::String(branch)) if !branch.is_empty() => Ok(branch.to_string()),
                Some(Value::String(_)) => Err(RefAbsence::OtherKind),
                _ => Err(RefAbsence::Unknown),
            },
            Some(_) => Err(RefAbsence::OtherKind),
            None => Err(RefAbsence::Unknown),
        }
    }

    /// The inputs with which a run was dispatched; `None` when the predicate does not say.
    pub(crate) fn inputs(&self, predicate: &Value) -> Option<Map<String, Value>> {
        inputs(self.payload(predicate)?.get("inputs")?)
    }

    fn payload<'v>(&self, predicate: &'v Value) -> Option<&'v Value> {
        let payload = field::value(predicate, self.event_payload).ok()??;
        payload.as_object().is_some().then_some(payload)
    }
}

/// `null` and an object are inputs.
pub(crate) fn inputs(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Null => Some(Map::new()),
        other => other.as_object().cloned(),
    }
}

/// The repository `owner/name`, which the field `path` holds.
pub(crate) fn repository_source(repository: &str, path: &'static str) -> Result<Source, Error> {
    let segments = repository.split('/').count();
    if segments != 2 || repository.contains(['@', '#']) {
        return Err(Error::FieldMalformed(path));
    }
    Source::from_uri(&format!("https://github.com/{repository}"), path)
}

/// Adds the claim that the field `path` makes, if it is there.
pub(crate) fn claim(
    predicate: &Value,
    claimed: ClaimedField,
    path: &'static str,
    claims: &mut Vec<Claim>,
) -> Result<Option<String>, Error> {
    let value = field::text_or_integer(predicate, path)?;
    if let Some(value) = &value {
        claims.push(Claim {
            field: claimed,
            value: value.clone(),
            path,
        });
    }
    Ok(value)
}

/// The claim that the build is this attempt of this run.
pub(crate) fn run_claim(source: &Source, run: &str, attempt: &str, path: &'static str) -> Claim {
    Claim {
        field: ClaimedField::RunInvocationUri,
        value: format!(
            "{}/actions/runs/{run}/attempts/{attempt}",
            source.uri.as_str()
        ),
        path,
    }
}

/// The claim that the invocation id is the URI of the run.
pub(crate) fn claim_run(invocation_id: Option<&str>, path: &'static str, claims: &mut Vec<Claim>) {
    if let Some(id) = invocation_id {
        claims.push(Claim {
            field: ClaimedField::RunInvocationUri,
            value: id.into(),
            path,
        });
    }
}

fn text<'v>(predicate: &'v Value, path: &'static str) -> Option<&'v str> {
    field::value(predicate, path).ok().flatten()?.as_str()
}
