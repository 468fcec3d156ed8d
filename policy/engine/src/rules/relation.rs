//! Relations between pieces of evidence: what meets one rule, held against what meets another.
//!
//! One piece that meets what the other rule asks of one piece is enough, so that a further piece never
//! spoils a relation, and a missing one never makes it.

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::{Facts, to_hex};

use super::tally::who;
use super::{Asked, Content, age, speaks_of, vex};
use crate::document::{After, Relation, SignerRelation};
use crate::evidence::Pieces;
use crate::failure::Failure;

/// A piece, and the verifier by which it meets a rule; both by index.
pub(crate) type Meeting = (usize, usize);

/// Why two pieces do not stand to each other as they should: the later, the further they came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    EvidenceMissing,
    SubjectMismatch,
    SignerMismatch,
    SignerShared,
    TimeUnproven,
    TooEarly,
    TooLate,
}

/// Holds a piece that meets everything else in its rule against what meets other rules.
pub(super) fn check(
    asked: &Asked<'_>,
    content: &Content,
    piece: Meeting,
    pieces: &mut Pieces<'_>,
) -> Result<(), Failure> {
    for (rule, relation) in &asked.rule.relations {
        let others = meeting(asked, *rule, pieces);
        let mut furthest = Some(Fault::EvidenceMissing);
        for other in others {
            match stands(relation, piece, other, pieces) {
                Ok(()) => {
                    furthest = None;
                    break;
                }
                Err(fault) => furthest = furthest.max(Some(fault)),
            }
        }
        if let Some(fault) = furthest {
            let (code, fact) = fault.told();
            return Err(Failure::Relation {
                code,
                fact,
                found: relation.rule.clone(),
            });
        }
    }
    check_inputs(asked, content, pieces)
}

/// The pieces that meet what a rule asks of one piece, apart from its relations.
fn meeting(asked: &Asked<'_>, rule: usize, pieces: &mut Pieces<'_>) -> Vec<Meeting> {
    if let Some(known) = pieces.meeting(rule, asked.about) {
        return known;
    }
    let mut found = Vec::new();
    if let Some(other) = asked.prepared.rules.get(rule) {
        vex::prove(asked.prepared, other, pieces);
        for piece in 0..pieces.len() {
            for authority in &other.authorities {
                let asked = Asked {
                    rule: other,
                    authority: *authority,
                    ..*asked
                };
                if let Some(Ok(_)) = asked.try_piece(piece, pieces)
                    && let Some(authority) = asked.prepared.authorities.get(*authority)
                {
                    found.push((piece, authority.verifier));
                }
            }
        }
    }
    pieces.keep_meeting(rule, asked.about, found.clone());
    found
}

/// Whether two pieces stand to each other as the relation says.
fn stands(
    relation: &Relation,
    this: Meeting,
    other: Meeting,
    pieces: &Pieces<'_>,
) -> Result<(), Fault> {
    let proved = |(piece, verifier)| pieces.proved(piece, verifier)?.ok();
    let (Some(this), Some(other)) = (proved(this), proved(other)) else {
        return Err(Fault::EvidenceMissing);
    };
    if relation.subject.is_some() {
        let mut artifacts = pieces.artifacts().iter();
        if !artifacts.any(|artifact| speaks_of(this, artifact) && speaks_of(other, artifact)) {
            return Err(Fault::SubjectMismatch);
        }
    }
    if let Some(wanted) = relation.signer {
        // Of a signer of no known kind it is not known whether somebody else is the same.
        let is_same = who(&this.signer).zip(who(&other.signer));
        let is_same = is_same.map(|(this, other)| this == other);
        match (wanted, is_same) {
            (SignerRelation::Same, Some(true)) | (SignerRelation::Different, Some(false)) => {}
            (SignerRelation::Same, _) => return Err(Fault::SignerMismatch),
            (SignerRelation::Different, _) => return Err(Fault::SignerShared),
        }
    }
    match &relation.after {
        Some(after) => check_after(after, this, other),
        None => Ok(()),
    }
}

fn check_after(after: &After, this: &Facts, other: &Facts) -> Result<(), Fault> {
    let (Ok(this), Ok(other)) = (age::earliest(this), age::earliest(other)) else {
        return Err(Fault::TimeUnproven);
    };
    match this.seconds().checked_sub(other.seconds()) {
        Some(distance) if distance >= after.minimum.unwrap_or(0) => match after.maximum {
            Some(maximum) if distance > maximum => Err(Fault::TooLate),
            _ => Ok(()),
        },
        _ => Err(Fault::TooEarly),
    }
}

/// Whether the input attestations of a verification summary are pieces that meet the rules, and
/// each of the rules is met by one.
fn check_inputs(
    asked: &Asked<'_>,
    content: &Content,
    pieces: &mut Pieces<'_>,
) -> Result<(), Failure> {
    let (Content::Summary(summarised), false) = (content, asked.rule.inputs.is_empty()) else {
        return Ok(());
    };
    let failure = |code, fact, found: Option<&String>| Failure::Relation {
        code,
        fact,
        found: found.cloned().unwrap_or_default(),
    };
    let inputs = &summarised.summary.input_attestations;
    let inputs: Vec<_> = inputs.iter().map(|one| one.digest.get("sha256")).collect();
    let mut brought: Vec<String> = Vec::new();
    for rule in &asked.rule.inputs {
        let mut listed = false;
        for (piece, _) in meeting(asked, *rule, pieces) {
            for sha256 in pieces.digests(piece) {
                let sha256 = to_hex(&sha256);
                listed |= inputs.contains(&Some(&sha256));
                brought.push(sha256);
            }
        }
        if !listed {
            let fact = "the verification summary names no input attestation that was brought and meets the rule";
            let rule = asked.prepared.rules.get(*rule).map(|rule| &rule.name);
            return Err(failure("relation.input-missing", fact, rule));
        }
    }
    match inputs
        .iter()
        .find(|input| !input.is_some_and(|input| brought.contains(input)))
    {
        None => Ok(()),
        Some(input) => {
            let fact = "the verification summary names an input attestation that was not brought or meets none of the rules";
            Err(failure("relation.input-unknown", fact, *input))
        }
    }
}

impl Fault {
    /// The stable code, and what is the matter.
    fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::EvidenceMissing => (
                "relation.evidence-missing",
                "nothing that was brought meets the rule to which this one is related",
            ),
            Self::SubjectMismatch => (
                "relation.subject-mismatch",
                "it is about another artifact than what meets the rule",
            ),
            Self::SignerMismatch => (
                "relation.signer-mismatch",
                "somebody else signed it than what meets the rule",
            ),
            Self::SignerShared => (
                "relation.signer-shared",
                "the same signed it who signed what meets the rule",
            ),
            Self::TimeUnproven => (
                "relation.time-unproven",
                "nothing proves when it was signed, or when that was which meets the rule",
            ),
            Self::TooEarly => (
                "relation.too-early",
                "it was signed too early after, or before, what meets the rule",
            ),
            Self::TooLate => (
                "relation.too-late",
                "it was signed too late after what meets the rule",
            ),
        }
    }
}
