//! What is asked of an image, held against what was proved.

mod certificate;
mod identity;
mod provenance;
mod signature;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_provenance::Provenance;
use sealstone_verify::Facts;

use crate::compiled::{Authority, CompiledRule, Prepared, Requirement};
use crate::evidence::Pieces;
use crate::failure::Failure;
use crate::limits::LISTED_EVIDENCE;
use crate::text::{Escaped, escaped, hex};

/// The result of one rule for one image.
#[derive(Debug)]
pub(crate) struct RuleResult {
    pub(crate) rule: String,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// The pieces that were looked at, in order, until one of them was enough.
    pub(crate) evidence: Vec<PieceResult>,
    /// What met the rule.
    pub(crate) met_by: Option<Met>,
}

/// What a rule made of one piece of evidence.
#[derive(Debug)]
pub(crate) struct PieceResult {
    pub(crate) sha256: String,
    pub(crate) media_type: String,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// What met a rule: one piece of evidence, and all of the rule by that one piece.
#[derive(Debug)]
pub(crate) struct Met {
    pub(crate) authority: String,
    pub(crate) insecure_ignore_transparency_log: bool,
    pub(crate) facts: Facts,
    pub(crate) provenance: Option<Provenance>,
}

/// The code of everything that is as it should be.
pub(crate) const OK: &str = "ok";

/// The code of evidence that the host could not bring and that was needed.
pub(crate) const EVIDENCE_UNAVAILABLE: &str = "evidence.unavailable";

/// Says why evidence could not be brought.
pub(crate) fn not_brought_message(reason: &str) -> String {
    format!(
        "evidence could not be brought: {}; try again when it can be",
        Escaped(reason)
    )
}

impl RuleResult {
    /// Whether the rule is met.
    pub(crate) fn passed(&self) -> bool {
        self.met_by.is_some()
    }
}

/// Evaluates one rule: any piece that meets all of it is enough. `unavailable` says why evidence
/// could not be brought; a rule that what was brought does not meet then fails for that reason.
pub(crate) fn evaluate(
    prepared: &Prepared,
    rule: &CompiledRule,
    pieces: &mut Pieces<'_>,
    unavailable: Option<&str>,
) -> RuleResult {
    let mut listed = Vec::new();
    let mut furthest: Option<Failure> = None;
    for piece in 0..pieces.len() {
        match try_piece(prepared, rule, pieces, piece) {
            Ok(met) => {
                list(&mut listed, pieces, piece, OK, "meets the rule".to_string());
                return RuleResult {
                    rule: rule.name.clone(),
                    code: OK,
                    message: "the rule is met".to_string(),
                    evidence: listed,
                    met_by: Some(met),
                };
            }
            Err(failure) => {
                list(
                    &mut listed,
                    pieces,
                    piece,
                    failure.code(),
                    failure.message(),
                );
                furthest = Some(further(furthest, failure));
            }
        }
    }
    let (code, message) = match (unavailable, furthest.filter(Failure::is_candidate)) {
        (Some(reason), _) => (EVIDENCE_UNAVAILABLE, not_brought_message(reason)),
        (None, Some(failure)) => (failure.code(), failure.message()),
        (None, None) => ("evidence.missing", missing(&rule.requirement).to_string()),
    };
    RuleResult {
        rule: rule.name.clone(),
        code,
        message,
        evidence: listed,
        met_by: None,
    }
}

/// Tries one piece with every authority that the rule names. The first that fits decides.
fn try_piece(
    prepared: &Prepared,
    rule: &CompiledRule,
    pieces: &mut Pieces<'_>,
    piece: usize,
) -> Result<Met, Failure> {
    let mut furthest: Option<Failure> = None;
    for authority in rule.signed_by() {
        let Some(authority) = prepared.authorities.get(*authority) else {
            continue;
        };
        let Some(facts) = pieces.facts(piece, authority.verifier, &prepared.verifiers) else {
            continue;
        };
        match facts.and_then(|facts| try_authority(&rule.requirement, authority, facts)) {
            Ok(met) => return Ok(met),
            Err(failure) => furthest = Some(further(furthest, failure)),
        }
    }
    // A rule names at least one authority, and every authority has a verifier.
    Err(furthest.unwrap_or(Failure::MediaTypeUnknown))
}

fn try_authority(
    requirement: &Requirement,
    authority: &Authority,
    facts: &Facts,
) -> Result<Met, Failure> {
    let provenance = match requirement {
        Requirement::Signature => {
            signature::check_kind(facts)?;
            identity::check(authority, facts)?;
            None
        }
        Requirement::Provenance(requirement) => {
            provenance::check_kind(facts)?;
            identity::check(authority, facts)?;
            Some(provenance::check(requirement, facts)?)
        }
    };
    Ok(Met {
        authority: authority.name.clone(),
        insecure_ignore_transparency_log: authority.insecure_ignore_transparency_log,
        facts: facts.clone(),
        provenance,
    })
}

/// The failure that came further; of two that came equally far the earlier one.
fn further(known: Option<Failure>, other: Failure) -> Failure {
    match known {
        Some(known) if known.rank() >= other.rank() => known,
        _ => other,
    }
}

fn list(
    listed: &mut Vec<PieceResult>,
    pieces: &Pieces<'_>,
    piece: usize,
    code: &'static str,
    message: String,
) {
    // The piece that meets the rule is always listed.
    if listed.len() >= LISTED_EVIDENCE && code != OK {
        return;
    }
    if let Some((sha256, media_type)) = pieces.describe(piece) {
        listed.push(PieceResult {
            sha256: hex(sha256),
            media_type: escaped(media_type),
            code,
            message,
        });
    }
}

fn missing(requirement: &Requirement) -> &'static str {
    match requirement {
        Requirement::Signature => "no signature was found; sign the image, then try again",
        Requirement::Provenance(_) => {
            "no provenance was found; attach signed SLSA provenance to the image, then try again"
        }
    }
}
