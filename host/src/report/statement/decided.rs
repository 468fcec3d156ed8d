//! What a decision document proves about one image.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::StatementError;
use crate::digest::Digest;

/// What was decided about one image.
#[derive(Debug)]
pub(super) struct Decided {
    /// The image without tag and digest.
    pub(super) name: String,
    pub(super) digest: String,
    pub(super) time: String,
    pub(super) policy_sha256: Option<String>,
    pub(super) is_allowed: bool,
    /// SHA-256 of the attestations that were used: those that meet rules, or all evidence that was
    /// looked at where the image failed.
    pub(super) evidence: BTreeSet<String>,
    /// The exceptions that excuse the image, with the rules that they excuse it from.
    pub(super) exceptions: Vec<(String, Exception)>,
    /// The SLSA Build level, where a rule that is met is about one.
    pub(super) build_level: Option<u64>,
    /// The SLSA Source level, likewise.
    pub(super) source_level: Option<u64>,
}

impl Decided {
    /// Reads what a decision document says about the image of this reference, or about its only one.
    pub(super) fn read(document: &Value, image: Option<&str>) -> Result<Self, StatementError> {
        let is = |member: &str, wanted: &str| document.get(member).is_some_and(|it| it == wanted);
        if !is("kind", "Decision") || !is("apiVersion", "sealstone.dev/v1alpha1") {
            return Err(StatementError::KindUnknown);
        }
        let document = Document::deserialize(document)
            .map_err(|error| StatementError::Malformed(error.to_string()))?;
        if document.time.parse::<Timestamp>().is_err() {
            let message = format!("`{}` is no time", document.time);
            return Err(StatementError::Malformed(message));
        }
        let found = choose(document.images, image)?;
        let reference = found.reference.clone();
        if !is_consistent(&found) {
            return Err(StatementError::Contradictory { reference });
        }
        if found.outcome == "unavailable" {
            return Err(StatementError::Undecided { reference });
        }
        let Some(digest) = found.digest else {
            return Err(StatementError::DigestMissing { reference });
        };
        if digest.parse::<Digest>().is_err() {
            let message = format!("`{digest}` is no digest");
            return Err(StatementError::Malformed(message));
        }
        Ok(Self {
            name: name(&reference).to_owned(),
            digest,
            time: document.time,
            policy_sha256: document.policy.map(|policy| policy.sha256),
            is_allowed: found.allowed,
            evidence: evidence(&found.rules, found.allowed),
            build_level: level(&found.rules, Met::build_level),
            source_level: level(&found.rules, Met::source_level),
            exceptions: exceptions(found.rules),
        })
    }
}

fn choose(mut images: Vec<Image>, wanted: Option<&str>) -> Result<Image, StatementError> {
    let count = images.len();
    match wanted {
        Some(wanted) => {
            let mut images = images.into_iter();
            let found = images.find(|image| image.reference == wanted);
            found.ok_or_else(|| StatementError::ImageUnknown {
                reference: wanted.to_owned(),
            })
        }
        None if count > 1 => Err(StatementError::ImageAmbiguous { count }),
        None => images.pop().ok_or(StatementError::ImageMissing),
    }
}

/// Whether an image is allowed exactly if no rule forbids it, and whatever is met is met by something.
fn is_consistent(image: &Image) -> bool {
    let mut rules = image.rules.iter();
    let is_failed = |rule: &Rule| rule.result == RuleResult::Fail;
    let is_met = |rule: &Rule| (rule.result == RuleResult::Pass) != rule.met_by.is_empty();
    image.allowed == (image.outcome == "allowed")
        && rules.all(|rule| is_met(rule) && !(image.allowed && is_failed(rule)))
}

/// The reference without tag and digest.
fn name(reference: &str) -> &str {
    let name = reference
        .split_once('@')
        .map_or(reference, |(name, _)| name);
    match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    }
}

fn evidence(rules: &[Rule], is_allowed: bool) -> BTreeSet<String> {
    let mut evidence = BTreeSet::new();
    for rule in rules {
        if is_allowed {
            let attestations = rule.met_by.iter().filter(|met| met.is_attestation());
            evidence.extend(attestations.flat_map(Met::pieces));
        } else {
            evidence.extend(rule.evidence.iter().map(|piece| piece.sha256.clone()));
        }
    }
    evidence
}

/// The level that all rules agree on which are about one: of one rule the best piece counts, because
/// each piece meets all of it; of several rules the worst, because nothing says that their pieces are
/// about the same build.
fn level(rules: &[Rule], of: fn(&Met) -> Option<u64>) -> Option<u64> {
    let best = |rule: &Rule| rule.met_by.iter().filter_map(of).max();
    rules.iter().filter_map(best).min()
}

fn exceptions(rules: Vec<Rule>) -> Vec<(String, Exception)> {
    let rules = rules.into_iter();
    rules
        .filter_map(|rule| Some((rule.rule, rule.exception?)))
        .collect()
}

/// The members of a decision that matter here; `artifacts/schemas/decision.schema.json` has all.
#[derive(Debug, Deserialize)]
struct Document {
    time: String,
    policy: Option<Policy>,
    #[serde(default)]
    images: Vec<Image>,
}

#[derive(Debug, Deserialize)]
struct Policy {
    sha256: String,
}

#[derive(Debug, Deserialize)]
struct Image {
    reference: String,
    digest: Option<String>,
    allowed: bool,
    outcome: String,
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    rule: String,
    result: RuleResult,
    evidence: Vec<Piece>,
    #[serde(default)]
    met_by: Vec<Met>,
    exception: Option<Exception>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum RuleResult {
    Pass,
    Fail,
    Warn,
    Skip,
}

/// An exception that excuses the image from a rule.
#[derive(Debug, Deserialize)]
pub(super) struct Exception {
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) ends: String,
}

#[derive(Debug, Deserialize)]
struct Piece {
    sha256: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Met {
    evidence: String,
    predicate_type: Option<String>,
    provenance: Option<Provenance>,
    sbom: Option<Value>,
    verification_summary: Option<Summary>,
    vulnerabilities: Option<Vulnerabilities>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provenance {
    build_level: u64,
    source_verified: Option<SourceVerified>,
}

#[derive(Debug, Deserialize)]
struct SourceVerified {
    level: u64,
    evidence: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    build_level: Option<u64>,
    source_level: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Vulnerabilities {
    #[serde(default)]
    vex: Vec<String>,
}

impl Met {
    /// Everything but a signature over the image itself.
    fn is_attestation(&self) -> bool {
        self.predicate_type.is_some()
            || self.provenance.is_some()
            || self.verification_summary.is_some()
            || self.sbom.is_some()
            || self.vulnerabilities.is_some()
    }

    /// SHA-256 of the piece and of those that it counts with.
    fn pieces(&self) -> impl Iterator<Item = String> {
        let source = self.provenance.iter();
        let source = source.filter_map(|it| Some(it.source_verified.as_ref()?.evidence.clone()));
        let vex = self.vulnerabilities.iter().flat_map(|it| it.vex.clone());
        [self.evidence.clone()].into_iter().chain(source).chain(vex)
    }

    fn build_level(&self) -> Option<u64> {
        match (&self.provenance, &self.verification_summary) {
            (Some(provenance), _) => Some(provenance.build_level),
            (None, Some(summary)) => summary.build_level,
            (None, None) => None,
        }
    }

    fn source_level(&self) -> Option<u64> {
        match (&self.provenance, &self.verification_summary) {
            (Some(provenance), _) => Some(provenance.source_verified.as_ref()?.level),
            (None, Some(summary)) => summary.source_level,
            (None, None) => None,
        }
    }
}
