//! Runs tests.

use core::sync::atomic::{AtomicUsize, Ordering};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use sealstone_forge::UnixTime;
use serde_json::{Value, json};

use super::compare::{self, Difference};
use super::cover::{self, Coverage};
use super::document::{Case, Evidence};
use super::error::{Named, Problem, TestError};
use super::forging::{Forge, Scene};
use super::image::TestImage;
use super::load::{self, Loaded, Tests};
use crate::denial;
use crate::digest::Digest;
use crate::limits::Limits;
use crate::runtime::{Failure, ImageEvidence, Module, Outcome, Policy};

/// The time of decisions unless the test says otherwise: 2026-06-01.
const NOW: UnixTime = sealstone_forge::NOW;

/// How tests are run.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "callers choose all of it")]
pub struct Settings {
    /// Only cases whose name contains this.
    pub filter: Option<String>,
    /// How many cases are decided at the same time; 0 for as many as there are processors.
    pub jobs: usize,
    /// Writes decisions to the files that tests name, in place of comparing them.
    pub bless: bool,
}

/// What came of tests. The same files give the same report, however many jobs there are.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// The cases, in the order of the files and of the cases in them.
    pub cases: Vec<CaseReport>,
    /// What the cases reach of each policy, in the order in which the files name them.
    pub coverage: Vec<Coverage>,
}

/// What came of a case.
#[derive(Debug)]
#[non_exhaustive]
pub struct CaseReport {
    /// The test file.
    pub file: PathBuf,
    /// The case.
    pub name: String,
    /// In what the decision is not what is expected. None: the case passed.
    pub differences: Vec<Difference>,
    /// The decision.
    pub decision: Value,
    /// The pieces of evidence that were brought.
    pub pieces: Vec<Piece>,
    /// Whether the decision was written to its file.
    pub blessed: bool,
}

/// A piece of evidence of a case.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Piece {
    /// SHA-256 of its content, hexadecimal, as decisions name it.
    pub sha256: String,
    /// Where in `evidence` of the case it is described, from 0.
    pub position: usize,
    /// What it is, in a few words.
    pub description: String,
}

impl CaseReport {
    /// Whether the decision is what is expected.
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

impl Report {
    /// How many cases did not pass.
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|case| !case.passed()).count()
    }
}

/// A policy under test.
struct Tested {
    path: PathBuf,
    /// As its author wrote it.
    document: Value,
    forge: Forge,
    /// With the forged trust roots in it, as the module reads it.
    forged: Vec<u8>,
}

impl Tested {
    fn new(path: PathBuf, module: &Module) -> Result<Self, TestError> {
        let document = load::policy(&path, module.limits())?;
        let Ok(document) = serde_json::from_slice::<Value>(document.json()) else {
            // The module says what is wrong.
            let failure = module.policy(document.json(), &[]).err();
            let failure = failure.unwrap_or(Failure::Policy(Vec::new()));
            return Err(TestError::Policy { path, failure });
        };
        let forge = Forge::new(document.clone());
        let forged = forge.world.policy.to_string().into_bytes();
        if let Err(failure) = module.policy(&forged, &[]) {
            return Err(TestError::Policy { path, failure });
        }
        Ok(Self {
            path,
            document,
            forge,
            forged,
        })
    }

    fn rule_names(&self) -> Vec<String> {
        let rules = self.document.get("rules").and_then(Value::as_array);
        let rules = rules.into_iter().flatten();
        let names = rules.filter_map(|rule| rule.get("name")?.as_str());
        names.map(str::to_owned).collect()
    }
}

/// A case that is to be run.
#[derive(Clone, Copy)]
struct Job<'a> {
    loaded: &'a Loaded,
    position: usize,
    case: &'a Case,
    /// Which policy.
    tested: usize,
}

/// Runs the cases of test files by a module; where a policy has rules in Rego, by one that evaluates it.
///
/// # Errors
///
/// Everything that is wrong with the files, in which case nothing is reported about any case.
pub fn run(tests: Tests, module: &Module, settings: &Settings) -> Result<Report, Vec<Problem>> {
    let (loaded, tested, of_file) = prepare(tests, module)?;
    let filter = settings.filter.as_deref().unwrap_or_default();
    let mut jobs = Vec::new();
    for (loaded, tested) in loaded.iter().zip(of_file) {
        for (position, case) in loaded.test.cases.iter().enumerate() {
            if case.name.contains(filter) {
                jobs.push(Job {
                    loaded,
                    position,
                    case,
                    tested,
                });
            }
        }
    }
    let mut cases = Vec::new();
    let mut problems = Vec::new();
    for result in decide_all(&jobs, &tested, module, settings) {
        match result {
            Ok(case) => cases.push(case),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let coverage = tested.iter().enumerate().map(|(index, tested)| {
        let decisions = jobs.iter().zip(&cases);
        let decisions = decisions.filter(|(job, _)| job.tested == index);
        cover::of(
            &tested.path,
            &tested.document,
            decisions.map(|(_, case)| &case.decision),
        )
    });
    let coverage = coverage.collect();
    Ok(Report { cases, coverage })
}

/// Reads the policies of the files: the files, the policies, and which of these each file is about.
#[expect(clippy::type_complexity, reason = "three lists that belong together")]
fn prepare(
    tests: Tests,
    module: &Module,
) -> Result<(Vec<Loaded>, Vec<Tested>, Vec<usize>), Vec<Problem>> {
    let Tests {
        loaded,
        mut problems,
    } = tests;
    let mut tested: Vec<Tested> = Vec::new();
    let mut of_file = Vec::new();
    let mut known: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for file in &loaded {
        let path = file.beside(&file.test.policy);
        let same = path.canonicalize().unwrap_or_else(|_| path.clone());
        if let Some(index) = known.get(&same) {
            of_file.push(*index);
            continue;
        }
        match Tested::new(path, module) {
            Ok(policy) => {
                known.insert(same, tested.len());
                of_file.push(tested.len());
                tested.push(policy);
            }
            Err(error) => problems.push(file.problem("/policy".to_owned(), error)),
        }
    }
    if problems.is_empty() {
        for (file, index) in loaded.iter().zip(&of_file) {
            if let Some(policy) = tested.get(*index) {
                problems.extend(check_names(file, policy));
            }
        }
    }
    if problems.is_empty() {
        Ok((loaded, tested, of_file))
    } else {
        Err(problems)
    }
}

/// Refuses expectations about rules and authorities that the policy does not have.
fn check_names(file: &Loaded, policy: &Tested) -> Vec<Problem> {
    let rules = policy.rule_names();
    let authorities = policy.forge.world.authority_names();
    let mut problems = Vec::new();
    let mut check = |path: String, what: Named, name: &String, known: &[String]| {
        if !known.contains(name) {
            let error = TestError::Unknown {
                what,
                name: name.clone(),
                known: known.to_owned(),
            };
            problems.push(file.problem(path, error));
        }
    };
    for (position, case) in file.test.cases.iter().enumerate() {
        let path = format!("/cases/{position}/expect");
        for name in case.expect.rules.iter().flat_map(BTreeMap::keys) {
            check(format!("{path}/rules/{name}"), Named::Rule, name, &rules);
        }
        for (name, met_by) in case.expect.met_by.iter().flatten() {
            let path = format!("{path}/metBy/{name}");
            check(path.clone(), Named::Rule, name, &rules);
            for authority in met_by {
                check(path.clone(), Named::Authority, authority, &authorities);
            }
        }
    }
    problems
}

/// Decides all cases and gives what came of them in their order.
fn decide_all(
    jobs: &[Job<'_>],
    tested: &[Tested],
    module: &Module,
    settings: &Settings,
) -> Vec<Result<CaseReport, Problem>> {
    let processors = || thread::available_parallelism().map_or(1, usize::from);
    let instances = usize::try_from(module.limits().instances).unwrap_or(usize::MAX);
    let workers = match settings.jobs {
        0 => processors(),
        jobs => jobs,
    };
    let workers = workers.min(instances).min(jobs.len()).max(1);
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, Result<CaseReport, Problem>>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut worker = Worker {
                    module,
                    settings,
                    policy: None,
                };
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(index) else {
                        break;
                    };
                    let Some(tested) = tested.get(job.tested) else {
                        break;
                    };
                    let result = worker.run(*job, tested);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.insert(index, result);
                }
            });
        }
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.into_values().collect()
}

/// What runs one case after another, with an instance of the module for the policy of the last one.
struct Worker<'a> {
    module: &'a Module,
    settings: &'a Settings,
    policy: Option<(usize, Policy)>,
}

impl Worker<'_> {
    fn run(&mut self, job: Job<'_>, tested: &Tested) -> Result<CaseReport, Problem> {
        let loaded = job.loaded;
        let path = format!("/cases/{}", job.position);
        let problem = |error| loaded.problem(path.clone(), error);
        let now = [&job.case.now, &loaded.test.now]
            .into_iter()
            .flatten()
            .next();
        let now = now.and_then(|now| super::time::parse(now)).unwrap_or(NOW);
        let limits = self.module.limits().clone();
        let request = request(loaded, job.case, &limits).map_err(&problem)?;
        let policy = self.policy(job.tested, tested).map_err(|failure| {
            problem(TestError::Policy {
                path: tested.path.clone(),
                failure,
            })
        })?;
        let images = match policy.images(&request) {
            Ok(images) => images,
            // The decision says what is wrong with the request.
            Err(Failure::Request(_)) => Vec::new(),
            Err(failure) => return finish(job, undecided(&failure), Vec::new(), self.settings),
        };
        let images: Vec<TestImage<'_>> = images.iter().map(TestImage::new).collect();
        let stage = Stage {
            forge: &tested.forge,
            loaded,
            now,
            limits: &limits,
        };
        let (brought, pieces) = stage.bring(&job, &images)?;
        let decision = match policy.decide(&request, &brought, now.seconds()) {
            Ok(decision) => serde_json::from_slice(&decision.document).unwrap_or_default(),
            Err(failure) => undecided(&failure),
        };
        finish(job, decision, pieces, self.settings)
    }

    fn policy(&mut self, index: usize, tested: &Tested) -> Result<&mut Policy, Failure> {
        let kept = self.policy.take().filter(|(of, _)| *of == index);
        let policy = match kept {
            Some((_, policy)) => policy,
            None => self.module.policy(&tested.forged, &[])?,
        };
        let (_, policy) = self.policy.insert((index, policy));
        Ok(policy)
    }
}

/// The request of a case, as the module reads it.
fn request(loaded: &Loaded, case: &Case, limits: &Limits) -> Result<Vec<u8>, TestError> {
    let request = if let Some(file) = &case.request_file {
        load::read_value(&loaded.beside(file), limits)?
    } else if let Some(request) = &case.request {
        Value::Object(request.clone())
    } else {
        let images = case.images.iter();
        let images: Vec<Value> = images.map(|image| json!({"reference": image})).collect();
        let mut request = json!({ "images": images });
        let members = [
            ("namespace", case.namespace.clone().map(Value::String)),
            ("labels", case.labels.clone().map(Value::Object)),
        ];
        if let Some(request) = request.as_object_mut() {
            for (name, value) in members {
                if let Some(value) = value {
                    request.insert(name.to_owned(), value);
                }
            }
        }
        request
    };
    Ok(request.to_string().into_bytes())
}

/// What a module that gave no answer decided, so to speak.
fn undecided(failure: &Failure) -> Value {
    let outcome = match denial::outcome(failure) {
        Outcome::Unavailable => "unavailable",
        Outcome::Invalid => "invalid",
        _ => "rejected",
    };
    json!({
        "allowed": false,
        "images": [],
        "outcome": outcome,
        "problem": {"code": failure.code(), "message": failure.to_string()},
    })
}

/// Where the evidence of a case is made.
struct Stage<'a> {
    forge: &'a Forge,
    loaded: &'a Loaded,
    now: UnixTime,
    limits: &'a Limits,
}

impl Stage<'_> {
    /// The evidence for each image, and what each piece is.
    fn bring(
        &self,
        job: &Job<'_>,
        images: &[TestImage<'_>],
    ) -> Result<(Vec<ImageEvidence>, Vec<Piece>), Problem> {
        let mut brought: Vec<ImageEvidence> = images
            .iter()
            .map(|image| ImageEvidence {
                reference: image.reference.to_owned(),
                digest: image.digest.clone(),
                evidence: Vec::new(),
                unavailable: None,
            })
            .collect();
        let mut pieces = Vec::new();
        // A request without images needs no evidence.
        let described = if images.is_empty() {
            &[]
        } else {
            job.case.evidence.as_slice()
        };
        let folder = self.loaded.file.parent().unwrap_or(Path::new(""));
        for (position, evidence) in described.iter().enumerate() {
            let path = format!("/cases/{}/evidence/{position}", job.position);
            let problem = |error| self.loaded.problem(path.clone(), error);
            let index = find_image(evidence, images).map_err(&problem)?;
            let (Some(image), Some(of_image)) = (images.get(index), brought.get_mut(index)) else {
                continue;
            };
            if let Some(reason) = &evidence.unavailable {
                of_image.unavailable = Some(reason.clone());
                continue;
            }
            let scene = Scene {
                image,
                now: self.now,
                folder,
                limits: self.limits,
            };
            let made = self.forge.make(evidence, scene).map_err(&problem)?;
            for piece in &*made {
                pieces.push(Piece {
                    sha256: Digest::of(&piece.content).hex().to_string(),
                    position,
                    description: describe(evidence),
                });
                of_image.evidence.push(piece.clone());
            }
        }
        Ok((brought, pieces))
    }
}

/// Which of the images evidence is for.
fn find_image(evidence: &Evidence, images: &[TestImage<'_>]) -> Result<usize, TestError> {
    match (&evidence.image, images) {
        (Some(name), _) => {
            let position = images.iter().position(|image| image.reference == name);
            position.ok_or_else(|| TestError::Unknown {
                what: Named::Image,
                name: name.clone(),
                known: images
                    .iter()
                    .map(|image| image.reference.to_owned())
                    .collect(),
            })
        }
        (None, [_]) => Ok(0),
        (None, _) => Err(TestError::ImageAmbiguous),
    }
}

/// What a piece of evidence is, in a few words.
fn describe(evidence: &Evidence) -> String {
    use super::document::SignerName;
    let kinds = [
        ("signature", evidence.signature.is_some()),
        ("attestation", evidence.attestation.is_some()),
        ("provenance", evidence.provenance.is_some()),
        (
            "verification summary",
            evidence.verification_summary.is_some(),
        ),
        ("SBOM", evidence.sbom.is_some()),
        ("vulnerability scan", evidence.vulnerabilities.is_some()),
        ("VEX", evidence.vex.is_some()),
    ];
    let kind = kinds
        .into_iter()
        .find_map(|(kind, given)| given.then_some(kind));
    let mut description = kind.unwrap_or("file").to_owned();
    if let Some(file) = &evidence.file {
        description.push_str(&format!(" {}", file.display()));
    }
    let by = match &evidence.signer {
        Some(SignerName::Authority(name)) => Some(name),
        Some(SignerName::Explicit(signer)) => [&signer.subject, &signer.key, &signer.authority]
            .into_iter()
            .flatten()
            .next(),
        None => None,
    };
    if let Some(by) = by {
        description.push_str(&format!(" by {by}"));
    }
    if let Some(fault) = &evidence.fault {
        description.push_str(&format!(", {fault}"));
    }
    description
}

/// Compares the decision, or writes it down.
fn finish(
    job: Job<'_>,
    decision: Value,
    pieces: Vec<Piece>,
    settings: &Settings,
) -> Result<CaseReport, Problem> {
    let expected = &job.case.expect;
    let mut differences = compare::differences(expected, &decision);
    let mut blessed = false;
    if let Some(file) = &expected.decision {
        let path = job.loaded.beside(file);
        let at = format!("/cases/{}/expect/decision", job.position);
        if settings.bless {
            let kept = compare::kept(&decision);
            let mut text = serde_json::to_string_pretty(&kept).unwrap_or_default();
            text.push('\n');
            blessed = std::fs::read(&path).ok().as_deref() != Some(text.as_bytes());
            if blessed {
                std::fs::write(&path, text).map_err(|reason| {
                    job.loaded
                        .problem(at, TestError::Unwritable { path, reason })
                })?;
            }
        } else {
            // A decision that was never kept is as different as can be.
            let kept = if path.exists() {
                let read = std::fs::read(&path)
                    .map_err(|reason| TestError::Unreadable {
                        path: path.clone(),
                        reason,
                    })
                    .and_then(|text| {
                        serde_json::from_slice(&text).map_err(|_| TestError::NotJson { path })
                    });
                read.map_err(|error| job.loaded.problem(at, error))?
            } else {
                Value::Null
            };
            differences.extend(compare::from_kept(&kept, &decision));
        }
    }
    Ok(CaseReport {
        file: job.loaded.file.clone(),
        name: job.case.name.clone(),
        differences,
        decision,
        pieces,
        blessed,
    })
}
