//! Verification summaries.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::Statement;
use sealstone_verify::json::{Map, Value};

use crate::limits::{INPUT_ATTESTATIONS, RESULTS, SOURCE_REFS, SUBJECTS};
use crate::{Limit, ResourceDescriptor, SourceUri, SummaryError, VerifiedLevels, field};

/// What a verifier says that it verified, whichever version it is written in.
///
/// Read as <https://slsa.dev/spec/v1.2/verification_summary> describes it; v0.1 and v0.2 spell the same
/// fields in snake case. Whether the verifier may be believed is for the caller to say, by the pair of
/// the verified signer and [`VerificationSummary::verifier_id`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerificationSummary {
    /// The version of the predicate.
    pub version: VerificationSummaryVersion,
    /// `verifier.id`. Never empty.
    pub verifier_id: String,
    /// When it was verified, as the verifier wrote it. A claim, not a verified time.
    pub time_verified: Option<String>,
    /// What was verified. Missing only in v0.1, which has no such field.
    pub resource_uri: Option<String>,
    /// The policy that was applied.
    pub policy: ResourceDescriptor,
    /// The attestations that were used, in their order.
    pub input_attestations: Vec<ResourceDescriptor>,
    /// Whether the result is `PASSED`.
    pub passed: bool,
    /// What was verified of the resource.
    pub verified_levels: VerifiedLevels,
    /// How many dependencies were verified to each result, by its name.
    pub dependency_levels: Map<String, u64>,
    /// The version of SLSA that the levels are of.
    pub slsa_version: Option<String>,
}

/// The version of a verification summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum VerificationSummaryVersion {
    /// `https://slsa.dev/verification_summary/v0.1`.
    V01,
    /// `https://slsa.dev/verification_summary/v0.2`.
    V02,
    /// `https://slsa.dev/verification_summary/v1`, the same for SLSA v1.0, v1.1 and v1.2.
    V1,
}

impl VerificationSummaryVersion {
    /// The version that a predicate type names.
    pub fn of(predicate_type: &str) -> Option<Self> {
        [Self::V01, Self::V02, Self::V1]
            .into_iter()
            .find(|version| version.predicate_type() == predicate_type)
    }

    /// The predicate type.
    pub const fn predicate_type(self) -> &'static str {
        match self {
            Self::V01 => "https://slsa.dev/verification_summary/v0.1",
            Self::V02 => "https://slsa.dev/verification_summary/v0.2",
            Self::V1 => "https://slsa.dev/verification_summary/v1",
        }
    }
}

struct Names {
    time_verified: &'static str,
    resource_uri: &'static str,
    input_attestations: &'static str,
    verification_result: &'static str,
    verified_levels: &'static str,
    dependency_levels: &'static str,
}

const SNAKE_CASE: Names = Names {
    time_verified: "time_verified",
    resource_uri: "resource_uri",
    input_attestations: "input_attestations",
    verification_result: "verification_result",
    verified_levels: "policy_level",
    dependency_levels: "dependency_levels",
};

const CAMEL_CASE: Names = Names {
    time_verified: "timeVerified",
    resource_uri: "resourceUri",
    input_attestations: "inputAttestations",
    verification_result: "verificationResult",
    verified_levels: "verifiedLevels",
    dependency_levels: "dependencyLevels",
};

const POLICY: &str = "policy";

impl VerificationSummary {
    /// Reads the verification summary in a statement.
    ///
    /// # Errors
    /// [`SummaryError::PredicateTypeUnsupported`] when the statement is no verification summary of a known
    /// version; the other variants when it is, and breaks a rule of its version.
    pub fn from_statement(statement: &Statement) -> Result<Self, SummaryError> {
        Self::from_predicate(&statement.predicate_type, &statement.predicate)
    }

    /// Reads a predicate of the given type.
    ///
    /// # Errors
    /// As [`VerificationSummary::from_statement`].
    pub fn from_predicate(predicate_type: &str, predicate: &Value) -> Result<Self, SummaryError> {
        let version = VerificationSummaryVersion::of(predicate_type)
            .ok_or(SummaryError::PredicateTypeUnsupported)?;
        let names = match version {
            VerificationSummaryVersion::V1 => CAMEL_CASE,
            _ => SNAKE_CASE,
        };
        let verifier_id = field::required_text(predicate, "verifier.id")?;
        let resource_uri = field::text(predicate, names.resource_uri)?;
        if resource_uri.is_none() && version != VerificationSummaryVersion::V01 {
            return Err(SummaryError::FieldMissing(names.resource_uri));
        }
        let policy = field::object(predicate, POLICY)?;
        if policy.is_null() {
            return Err(SummaryError::FieldMissing(POLICY));
        }
        let passed = match field::required_text(predicate, names.verification_result)?.as_str() {
            "PASSED" => true,
            "FAILED" => false,
            _ => return Err(SummaryError::ResultUnknown),
        };
        Ok(Self {
            version,
            verifier_id,
            time_verified: field::text(predicate, names.time_verified)?,
            resource_uri,
            policy: field::descriptor(policy, POLICY)?,
            input_attestations: field::limited_descriptors(
                predicate,
                names.input_attestations,
                INPUT_ATTESTATIONS,
                Limit::SummaryInputAttestations,
            )?,
            passed,
            verified_levels: verified_levels(predicate, version, names.verified_levels)?,
            dependency_levels: dependency_levels(predicate, names.dependency_levels)?,
            slsa_version: field::text(predicate, "slsaVersion")?,
        })
    }

    /// Whether the summary is about this source repository, whatever its revision.
    pub fn is_of_source(&self, source: &SourceUri) -> bool {
        self.resource_uri
            .as_deref()
            .is_some_and(|uri| uri.parse().is_ok_and(|uri: SourceUri| uri == *source))
    }
}

fn verified_levels(
    predicate: &Value,
    version: VerificationSummaryVersion,
    path: &'static str,
) -> Result<VerifiedLevels, SummaryError> {
    if version != VerificationSummaryVersion::V1 {
        let level = field::required_text(predicate, path)?;
        return Ok(VerifiedLevels::of([level.as_str()].into_iter()));
    }
    let results = match field::value(predicate, path)? {
        None => return Err(SummaryError::FieldMissing(path)),
        Some(results) => field::texts(results, path, RESULTS, Limit::SummaryLevels)?,
    };
    Ok(VerifiedLevels::of(results.into_iter()))
}

fn dependency_levels(
    predicate: &Value,
    path: &'static str,
) -> Result<Map<String, u64>, SummaryError> {
    let mut levels = Map::new();
    let members = field::object(predicate, path)?;
    for (result, count) in members.as_object().into_iter().flatten() {
        if levels.len() == RESULTS {
            return Err(SummaryError::LimitExceeded(Limit::SummaryLevels));
        }
        let count = count.as_u64().ok_or(SummaryError::FieldMalformed(path))?;
        levels.insert(result.clone(), count);
    }
    Ok(levels)
}

/// A revision of a source repository, as a source's verification summary names it.
///
/// Follows <https://slsa.dev/spec/v1.2/source-requirements>, section "Source verification summary
/// attestation".
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceRevision {
    /// The commit, `digest.gitCommit`, in lower-case hexadecimal.
    pub commit: String,
    /// The refs that the revision was verified for, `annotations.sourceRefs`. The verifier's claim,
    /// covered by its signature.
    pub source_refs: Vec<String>,
}

impl SourceRevision {
    /// Reads the subjects of a statement, which is given as the whole document. Subjects without a
    /// commit are passed over.
    ///
    /// # Errors
    /// [`SummaryError::FieldMalformed`] and [`SummaryError::LimitExceeded`].
    pub fn all(statement: &Value) -> Result<Vec<Self>, SummaryError> {
        const SUBJECT: &str = "subject";
        let subjects = match field::value(statement, SUBJECT)? {
            None => return Ok(Vec::new()),
            Some(subjects) => subjects
                .as_array()
                .ok_or(SummaryError::FieldMalformed(SUBJECT))?,
        };
        if subjects.len() > SUBJECTS {
            return Err(SummaryError::LimitExceeded(Limit::SummarySubjects));
        }
        let mut revisions = Vec::new();
        for subject in subjects {
            revisions.extend(Self::of(subject)?);
        }
        Ok(revisions)
    }

    fn of(subject: &Value) -> Result<Option<Self>, SummaryError> {
        const COMMIT: &str = "subject.digest.gitCommit";
        const ANNOTATIONS: &str = "subject.annotations";
        if subject.as_object().is_none() {
            return Err(SummaryError::FieldMalformed("subject"));
        }
        let digest = field::object(subject, "digest").map_err(|error| error.at(COMMIT))?;
        let Some(commit) = field::text(digest, "gitCommit").map_err(|error| error.at(COMMIT))?
        else {
            return Ok(None);
        };
        if !crate::source_uri::is_commit(&commit) {
            return Err(SummaryError::FieldMalformed(COMMIT));
        }
        let annotations =
            field::object(subject, "annotations").map_err(|error| error.at(ANNOTATIONS))?;
        let mut source_refs = Vec::new();
        // The second spelling is that of the first implementation.
        for name in ["sourceRefs", "source_refs"] {
            match annotations.get(name) {
                None | Some(Value::Null) => {}
                Some(refs) => {
                    let refs =
                        field::texts(refs, ANNOTATIONS, SOURCE_REFS, Limit::SummarySourceRefs)?;
                    source_refs.extend(refs.into_iter().map(ToString::to_string));
                }
            }
        }
        Ok(Some(Self {
            commit,
            source_refs,
        }))
    }
}
