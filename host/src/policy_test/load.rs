//! Reads test files and what they name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use serde_path_to_error::Segment;

use super::document::{API_VERSION, Case, Evidence, KIND, PolicyTest};
use super::error::{Problem, TestError};
use crate::document::PolicyDocument;
use crate::file::{self, Kind, ReadError};
use crate::limits::{Limit, Limits};

/// A test file that was read.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) file: PathBuf,
    pub(super) test: PolicyTest,
}

impl Loaded {
    /// A path that the file names.
    pub(super) fn beside(&self, path: &Path) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(path)
    }

    /// Something wrong at a place in the file.
    pub(super) fn problem(&self, path: String, error: TestError) -> Problem {
        Problem {
            file: self.file.clone(),
            path,
            error: Box::new(error),
        }
    }
}

/// Test files that were read, and what is wrong with the others.
#[derive(Debug)]
pub struct Tests {
    pub(super) loaded: Vec<Loaded>,
    pub(super) problems: Vec<Problem>,
}

impl Tests {
    /// Reads test files. What is wrong with them is told when they are run.
    pub fn read(files: &[PathBuf], limits: &Limits) -> Self {
        let mut tests = Self {
            loaded: Vec::new(),
            problems: Vec::new(),
        };
        for file in files {
            match load(file, limits) {
                Ok(file) => tests.loaded.push(file),
                Err(found) => tests.problems.extend(found),
            }
        }
        tests
    }

    /// Whether one of the policies has rules in Rego. What is wrong with a policy is told when its tests
    /// are run.
    pub fn have_rego(&self, limits: &Limits) -> bool {
        self.loaded.iter().any(|file| {
            let policy = policy(&file.beside(&file.test.policy), limits);
            policy.is_ok_and(|policy| policy.has_rego())
        })
    }
}

/// Reads a policy under test.
pub(super) fn policy(path: &Path, limits: &Limits) -> Result<PolicyDocument, TestError> {
    let content = read(path, Limit::PolicyBytes, limits.policy_bytes)?;
    PolicyDocument::new(path, &content, limits).map_err(|reason| TestError::PolicyDocument {
        path: path.to_owned(),
        reason,
    })
}

/// Reads a test file.
///
/// # Errors
///
/// Everything that is wrong with it, as far as it can be seen without its policy.
fn load(file: &Path, limits: &Limits) -> Result<Loaded, Vec<Problem>> {
    let problem = |path: String, error| {
        vec![Problem {
            file: file.to_owned(),
            path,
            error: Box::new(error),
        }]
    };
    let value = read_value(file, limits).map_err(|error| problem(String::new(), error))?;
    let says = |name: &str| value.get(name).and_then(Value::as_str);
    if says("apiVersion") != Some(API_VERSION) || says("kind") != Some(KIND) {
        return Err(problem(String::new(), TestError::Version));
    }
    let test: PolicyTest = serde_path_to_error::deserialize(value).map_err(|error| {
        let path = pointer(error.path());
        problem(path, TestError::Malformed(error.into_inner()))
    })?;
    let loaded = Loaded {
        file: file.to_owned(),
        test,
    };
    let problems = check(&loaded);
    if problems.is_empty() {
        Ok(loaded)
    } else {
        Err(problems)
    }
}

/// Reads a document in YAML or JSON.
pub(super) fn read_value(path: &Path, limits: &Limits) -> Result<Value, TestError> {
    let is_json = path
        .extension()
        .is_some_and(|extension| extension == "json");
    let (limit, maximum) = if is_json {
        (Limit::EvidenceBytes, limits.evidence_bytes)
    } else {
        (Limit::PolicyBytes, limits.policy_bytes)
    };
    let content = read(path, limit, maximum)?;
    if is_json {
        return serde_json::from_slice(&content).map_err(|_| TestError::NotJson {
            path: path.to_owned(),
        });
    }
    let document =
        PolicyDocument::new(path, &content, limits).map_err(|reason| TestError::Document {
            path: path.to_owned(),
            reason,
        })?;
    serde_json::from_slice(document.json()).map_err(|_| TestError::NotJson {
        path: path.to_owned(),
    })
}

/// Reads a file.
pub(super) fn read(path: &Path, limit: Limit, maximum: usize) -> Result<Vec<u8>, TestError> {
    let unreadable = |error: ReadError| TestError::Unreadable {
        path: path.to_owned(),
        reason: error.into_io(),
    };
    file::read(path, Kind::Named, limit, maximum).map_err(unreadable)
}

/// What is wrong with a test that has the right form.
fn check(loaded: &Loaded) -> Vec<Problem> {
    let test = &loaded.test;
    let mut problems = Vec::new();
    let mut report = |path: String, result: Result<(), TestError>| {
        if let Err(error) = result {
            problems.push(loaded.problem(path, error));
        }
    };
    report("/now".to_owned(), check_time(test.now.as_ref()));
    if test.cases.is_empty() {
        report("/cases".to_owned(), Err(TestError::NoCase));
    }
    let mut names = BTreeSet::new();
    for (position, case) in test.cases.iter().enumerate() {
        let path = format!("/cases/{position}");
        if !names.insert(&case.name) {
            let error = TestError::NameDuplicate(case.name.clone());
            report(format!("{path}/name"), Err(error));
        }
        report(format!("{path}/now"), check_time(case.now.as_ref()));
        report(path.clone(), check_request(case));
        for (position, evidence) in case.evidence.iter().enumerate() {
            report(
                format!("{path}/evidence/{position}"),
                check_evidence(evidence),
            );
        }
    }
    problems
}

fn check_time(time: Option<&String>) -> Result<(), TestError> {
    match time {
        Some(time) if super::time::parse(time).is_none() => Err(TestError::Time(time.clone())),
        _ => Ok(()),
    }
}

fn check_request(case: &Case) -> Result<(), TestError> {
    const MEMBERS: [&str; 3] = ["images", "request", "requestFile"];
    let by_images = !case.images.is_empty();
    exactly_one(
        &MEMBERS,
        [
            by_images,
            case.request.is_some(),
            case.request_file.is_some(),
        ],
    )?;
    if !by_images && case.namespace.is_some() {
        return Err(TestError::Misplaced {
            member: "namespace",
        });
    }
    if !by_images && case.labels.is_some() {
        return Err(TestError::Misplaced { member: "labels" });
    }
    Ok(())
}

fn check_evidence(evidence: &Evidence) -> Result<(), TestError> {
    const MEMBERS: [&str; 9] = [
        "signature",
        "attestation",
        "provenance",
        "verificationSummary",
        "sbom",
        "vulnerabilities",
        "vex",
        "file",
        "unavailable",
    ];
    let is_signed = [
        evidence.signature.is_some(),
        evidence.attestation.is_some(),
        evidence.provenance.is_some(),
        evidence.verification_summary.is_some(),
        evidence.sbom.is_some(),
        evidence.vulnerabilities.is_some(),
        evidence.vex.is_some(),
    ];
    let others = [evidence.file.is_some(), evidence.unavailable.is_some()];
    exactly_one(&MEMBERS, is_signed.into_iter().chain(others))?;
    if others.contains(&true) {
        let of_signing = [
            ("signer", evidence.signer.is_some()),
            ("subject", evidence.subject.is_some()),
            ("changes", evidence.changes.is_some()),
            ("profile", evidence.profile.is_some()),
            ("fault", evidence.fault.is_some()),
            ("time", evidence.time.is_some()),
            ("age", evidence.age.is_some()),
        ];
        return match of_signing.iter().find(|(_, given)| *given) {
            Some((member, _)) => Err(TestError::Misplaced { member }),
            None => Ok(()),
        };
    }
    if evidence.signature.is_some() && evidence.changes.is_some() {
        return Err(TestError::Misplaced { member: "changes" });
    }
    if evidence.time.is_some() && evidence.age.is_some() {
        return Err(TestError::ExactlyOne {
            members: &["time", "age"],
        });
    }
    check_time(evidence.time.as_ref())?;
    if let Some(attestation) = &evidence.attestation {
        exactly_one(
            &["predicate", "predicateFile"],
            [
                attestation.predicate.is_some(),
                attestation.predicate_file.is_some(),
            ],
        )?;
    }
    if evidence.signer.is_none() {
        return Err(TestError::SignerMissing);
    }
    Ok(())
}

fn exactly_one(
    members: &'static [&'static str],
    given: impl IntoIterator<Item = bool>,
) -> Result<(), TestError> {
    if given.into_iter().filter(|given| *given).count() == 1 {
        Ok(())
    } else {
        Err(TestError::ExactlyOne { members })
    }
}

/// A path as a JSON pointer.
fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}
