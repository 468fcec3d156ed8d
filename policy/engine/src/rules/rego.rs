//! Rules in Rego.

use alloc::string::ToString as _;
use alloc::vec;
use alloc::vec::Vec;

use sealstone_provenance::ResourceImage;
use sealstone_verify::json::Value;
use sealstone_verify::{ArtifactDigest, Facts, Signer, UnixTime, to_hex};

use super::{
    Content, EVIDENCE_UNAVAILABLE, Evaluation, Met, OK, Proved, RuleResult, Verdict, age, further,
    identity, not_brought_message, speaks_of,
};
use crate::compiled::{CompiledRule, Prepared};
use crate::decision::object;
use crate::document::{EXTENSIONS, RegoAttestation, RegoRequirement};
use crate::evidence::Pieces;
use crate::failure::Failure;
use crate::limits::Limit;
use crate::rego::Fault;

/// Evaluates a rule: one combination of attestations that the program does not refuse is enough, so
/// that taking one away never helps. `signed_by` has the authorities, by index, for each attestation
/// that the rule names.
pub(super) fn evaluate(
    prepared: &Prepared,
    (rule, asked, signed_by): (&CompiledRule, &RegoRequirement, &[Vec<usize>]),
    image: &ResourceImage<'_>,
    pieces: &mut Pieces<'_>,
    about: Option<&ArtifactDigest>,
    unavailable: Option<&str>,
) -> RuleResult {
    let mut evaluation = Evaluation::default();
    let mut candidates = Vec::new();
    for (named, authorities) in asked.attestations.iter().zip(signed_by) {
        let found = find(
            prepared,
            (named, authorities),
            pieces,
            about,
            &mut evaluation,
        );
        candidates.push(found);
    }
    let lists = candidates.iter();
    if lists.clone().any(Vec::is_empty) {
        // Says what is missing, as other rules do: nobody has signed what meets this one.
        return evaluation.result(rule, unavailable);
    }
    let head = [
        ("image", image_value(image)),
        ("now", pieces.now().seconds().into()),
    ];
    let mut fault = None;
    let mut chosen = vec![0_usize; candidates.len()];
    for count in 0_usize.. {
        if count == Limit::RegoCombinations.value() {
            fault = Some(Fault::LimitExceeded(Limit::RegoCombinations));
            break;
        }
        let combination = || {
            chosen
                .iter()
                .zip(lists.clone())
                .filter_map(|(index, of)| of.get(*index))
        };
        let told = asked.attestations.iter().zip(combination());
        let told = told.map(|(named, one)| (named.name.as_str(), one.told.clone()));
        let attestations = ("attestations", object(told));
        let input = object(head.iter().cloned().chain([attestations]));
        match asked.program.evaluate(&input, pieces.now(), pieces.work()) {
            Ok(()) => {
                for one in combination() {
                    evaluation.list(pieces, one.piece, OK, "meets the rule".to_string());
                    evaluation.met_by.push(one.met(prepared, pieces));
                }
                fault = None;
                break;
            }
            Err(found @ Fault::LimitExceeded(_)) => {
                fault = Some(found);
                break;
            }
            Err(found) => {
                for one in combination() {
                    list_once(&mut evaluation, pieces, one.piece, &found);
                }
                fault.get_or_insert(found);
            }
        }
        if !advance(&mut chosen, &candidates) {
            break;
        }
    }
    // What was not brought could not change that a limit is hit.
    let unavailable = unavailable.filter(|_| !matches!(fault, Some(Fault::LimitExceeded(_))));
    let (code, message) = match (&fault, unavailable) {
        (None, _) => (OK, "the rule is met".to_string()),
        (Some(_), Some(reason)) => (EVIDENCE_UNAVAILABLE, not_brought_message(reason)),
        (Some(fault), None) => (fault.code(), fault.message()),
    };
    RuleResult {
        rule: rule.name.clone(),
        code,
        message,
        evidence: evaluation.listed,
        met_by: evaluation.met_by,
        mode: rule.mode,
        warnings: Vec::new(),
        verdict: if fault.is_none() {
            Verdict::Pass
        } else {
            Verdict::Fail
        },
    }
}

/// Lists a piece with what the program says, unless another combination had it.
fn list_once(evaluation: &mut Evaluation, pieces: &Pieces<'_>, piece: usize, fault: &Fault) {
    let sha256 = pieces.describe(piece).map(|(sha256, _)| to_hex(sha256));
    let mut listed = evaluation.listed.iter();
    if !listed.any(|other| Some(&other.sha256) == sha256.as_ref()) {
        evaluation.list(pieces, piece, fault.code(), fault.message());
    }
}

/// A proven attestation that may be the one that the rule names.
struct Candidate {
    piece: usize,
    authority: usize,
    predicate_type: alloc::string::String,
    proved: Proved,
    /// What the program is told.
    told: Value,
}

impl Candidate {
    fn met(&self, prepared: &Prepared, pieces: &Pieces<'_>) -> Met {
        let authority = prepared.authorities.get(self.authority);
        Met {
            evidence_sha256: pieces.describe(self.piece).map(|(sha256, _)| *sha256),
            authority: authority.map(|of| of.name.clone()).unwrap_or_default(),
            insecure_ignore_transparency_log: authority
                .is_some_and(|of| of.insecure_ignore_transparency_log),
            proved: self.proved.clone(),
            content: Content::Attestation(self.predicate_type.clone()),
        }
    }
}

/// Finds the attestations that may be the one that the rule names.
fn find(
    prepared: &Prepared,
    (named, authorities): (&RegoAttestation, &[usize]),
    pieces: &mut Pieces<'_>,
    about: Option<&ArtifactDigest>,
    evaluation: &mut Evaluation,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    for piece in 0..pieces.len() {
        let mut failed: Option<Failure> = None;
        let mut candidate = None;
        for index in authorities {
            let Some(authority) = prepared.authorities.get(*index) else {
                continue;
            };
            let now = pieces.now();
            pieces.prove(piece, authority.verifier, &prepared.verifiers);
            let Some(facts) = pieces.proved(piece, authority.verifier) else {
                continue;
            };
            if let (Some(about), Ok(facts)) = (about, &facts)
                && !speaks_of(facts, about)
            {
                continue;
            }
            let checked = facts.and_then(|facts| {
                let statement = super::attestation::of_kind(&named.kind, facts)?;
                identity::check(authority, facts)?;
                age::check(named.maximum_age, facts, now)?;
                Ok(Candidate {
                    piece,
                    authority: *index,
                    predicate_type: statement.predicate_type.clone(),
                    proved: Proved::from(facts),
                    told: object([
                        ("authority", authority.name.as_str().into()),
                        ("predicate", statement.predicate.clone()),
                        ("predicateType", statement.predicate_type.as_str().into()),
                        ("signer", signer_value(&facts.signer)),
                        ("verifiedTime", time_value(facts)),
                    ]),
                })
            });
            match checked {
                Ok(one) => {
                    candidate = Some(one);
                    break;
                }
                Err(failure) => failed = Some(further(failed, failure)),
            }
        }
        match (candidate, failed) {
            (Some(candidate), _) => found.push(candidate),
            (None, Some(failure)) => {
                evaluation.list(pieces, piece, failure.code(), failure.message());
                evaluation.furthest = Some(further(evaluation.furthest.take(), failure));
            }
            (None, None) => {}
        }
    }
    found
}

/// Goes on to the next combination. Returns whether there is one.
fn advance(chosen: &mut [usize], candidates: &[Vec<Candidate>]) -> bool {
    for (index, list) in chosen.iter_mut().zip(candidates) {
        *index = index.saturating_add(1);
        if *index < list.len() {
            return true;
        }
        *index = 0;
    }
    false
}

fn image_value(image: &ResourceImage<'_>) -> Value {
    let tag = image.tag.map(|tag| ("tag", tag.into()));
    let members = [
        ("digest", image.digest.into()),
        ("registry", image.registry.into()),
        ("repository", image.repository.into()),
    ];
    object(members.into_iter().chain(tag))
}

/// The earliest proven time in seconds; `null` where none is proved.
fn time_value(facts: &Facts) -> Value {
    let earliest = age::earliest(facts).ok().map(UnixTime::seconds);
    earliest.map_or(Value::Null, Value::from)
}

fn signer_value(signer: &Signer) -> Value {
    match signer {
        Signer::Certificate(certificate) => {
            let extensions = EXTENSIONS.iter().filter_map(|(name, extension)| {
                let found = extension(&certificate.extensions).as_deref()?;
                Some((*name, found.into()))
            });
            object([
                ("extensions", object(extensions)),
                ("issuer", certificate.issuer.as_str().into()),
                (
                    "subject",
                    certificate.subject_alternative_name.as_str().into(),
                ),
            ])
        }
        Signer::PublicKey { spki_sha256 } => {
            object([("publicKeySha256", to_hex(spki_sha256).into())])
        }
        _ => Value::Null,
    }
}
