//! What is asked of an image, held against what was proved.

mod age;
mod attestation;
mod certificate;
mod condition;
mod exception;
mod identity;
mod parameters;
mod provenance;
#[cfg(feature = "rego")]
mod rego;
mod relation;
mod sbom;
mod signature;
mod source;
mod summary;
mod tally;
mod vex;
mod vulnerabilities;

pub(crate) use exception::{Excuse, excuse};
pub(crate) use provenance::Built;
pub(crate) use relation::Meeting;
pub(crate) use sbom::Listed;
pub(crate) use summary::Summarised;
pub(crate) use vulnerabilities::Scanned;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_provenance::{PredicateFamily, ResourceImage};
use sealstone_verify::{
    ArtifactDigest, Facts, Signer, UnixTime, VerifiedLogEntry, VerifiedTime, to_hex,
};

use self::tally::Tally;
use crate::compiled::{Authority, CompiledRule, Prepared, Requirement};
use crate::document::Mode;
use crate::evidence::Pieces;
use crate::failure::Failure;
use crate::limits::LISTED_EVIDENCE;
use crate::text::{Escaped, escaped};

/// The result of one rule for one image.
#[derive(Debug)]
pub(crate) struct RuleResult {
    pub(crate) rule: String,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// The pieces that were looked at, in order, until they were enough.
    pub(crate) evidence: Vec<PieceResult>,
    /// What met the rule; none when it is not met.
    pub(crate) met_by: Vec<Met>,
    pub(crate) verdict: Verdict,
    /// What follows when the rule is not met.
    pub(crate) mode: Mode,
    /// What is to be told beside the result.
    pub(crate) warnings: Vec<Warning>,
}

/// Something that whoever keeps the policy should know.
#[derive(Debug)]
pub(crate) struct Warning {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// What follows from one rule for one image.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The rule is met.
    Pass,
    /// The rule is not met.
    Fail,
    /// The rule is not met, and takes effect only then.
    NotInEffect(UnixTime),
    /// The rule is not met, and by an exception not asked of the image.
    Excused(Excuse),
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
    /// SHA-256 of the piece.
    pub(crate) evidence_sha256: Option<[u8; 32]>,
    pub(crate) authority: String,
    pub(crate) insecure_ignore_transparency_log: bool,
    pub(crate) proved: Proved,
    pub(crate) content: Content,
}

/// What was proved about the piece, apart from what it says.
#[derive(Clone, Debug)]
pub(crate) struct Proved {
    pub(crate) signer: Signer,
    pub(crate) verified_times: Vec<VerifiedTime>,
    pub(crate) log_entries: Vec<VerifiedLogEntry>,
}

impl From<&Facts> for Proved {
    fn from(facts: &Facts) -> Self {
        Self {
            signer: facts.signer.clone(),
            verified_times: facts.verified_times.clone(),
            log_entries: facts.log_entries.clone(),
        }
    }
}

/// What the rule read in the piece that met it.
#[derive(Debug)]
pub(crate) enum Content {
    /// Nothing beyond the signature.
    Signature,
    /// An attestation of this predicate type.
    Attestation(String),
    /// Provenance, from a builder that is believed to reach a level.
    Provenance(Box<Built>),
    /// A verification summary.
    Summary(Box<Summarised>),
    /// A bill of materials.
    Sbom(Listed),
    /// A vulnerability scan.
    Vulnerabilities(Box<Scanned>),
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
        matches!(self.verdict, Verdict::Pass)
    }

    /// Whether the rule speaks against the image.
    pub(crate) fn fails(&self) -> bool {
        matches!(self.verdict, Verdict::Fail)
    }
}

/// Evaluates one rule. A piece counts only if it meets all that the rule asks of one piece; the
/// signers of such pieces must then be enough. `about` names the one artifact that pieces must be
/// about, where there are several. `unavailable` says why evidence could not be
/// brought; a rule that what was brought does not meet then fails for that reason.
pub(crate) fn evaluate(
    prepared: &Prepared,
    rule: &CompiledRule,
    image: &ResourceImage<'_>,
    pieces: &mut Pieces<'_>,
    about: Option<&ArtifactDigest>,
    unavailable: Option<&str>,
) -> RuleResult {
    #[cfg(feature = "rego")]
    if let Requirement::Rego(asked, signed_by) = &rule.requirement {
        let asked = (rule, &**asked, signed_by.as_slice());
        return rego::evaluate(prepared, asked, image, pieces, about, unavailable);
    }
    let mut evaluation = Evaluation::default();
    vex::prove(prepared, rule, pieces);
    for piece in 0..pieces.len() {
        evaluation.try_piece(prepared, rule, image, pieces, (piece, about));
        if rule.demands_all() {
            if evaluation.spoiled {
                break;
            }
        } else if evaluation.is_enough(rule) {
            break;
        }
    }
    evaluation.result(rule, unavailable)
}

/// What has come of a rule so far.
#[derive(Default)]
struct Evaluation {
    tally: Tally,
    listed: Vec<PieceResult>,
    met_by: Vec<Met>,
    furthest: Option<Failure>,
    /// A piece that the rule speaks of, signed by somebody whom it names, does not meet it.
    spoiled: bool,
}

impl Evaluation {
    /// Tries one piece with every authority that the rule names.
    fn try_piece(
        &mut self,
        prepared: &Prepared,
        rule: &CompiledRule,
        image: &ResourceImage<'_>,
        pieces: &mut Pieces<'_>,
        (piece, about): (usize, Option<&ArtifactDigest>),
    ) {
        if let Some(heeded) = vex::judge(prepared, rule, image, pieces, (piece, about)) {
            let (code, message) = match heeded {
                Ok(()) => (OK, "lowers what it says does not matter".to_string()),
                Err(failure) => (failure.code(), failure.message()),
            };
            self.list(pieces, piece, code, message);
            return;
        }
        let mut failed: Option<Failure> = None;
        let mut met = false;
        for index in &rule.authorities {
            let Some(authority) = prepared.authorities.get(*index) else {
                continue;
            };
            let asked = Asked {
                prepared,
                rule,
                image,
                about,
                authority: *index,
                now: pieces.now(),
            };
            let Some(tried) = asked.try_piece(piece, pieces) else {
                continue;
            };
            let related = tried.and_then(|(proved, content)| {
                relation::check(&asked, &content, (piece, authority.verifier), pieces)?;
                Ok((proved, content))
            });
            match related {
                Ok((proved, content)) => {
                    met = true;
                    if self.tally.add(&proved.signer, *index) || self.adds_operator(&content) {
                        self.met_by.push(Met {
                            authority: authority.name.clone(),
                            insecure_ignore_transparency_log: authority
                                .insecure_ignore_transparency_log,
                            evidence_sha256: pieces.describe(piece).map(|(sha256, _)| *sha256),
                            proved,
                            content,
                        });
                    }
                }
                Err(failure) => failed = Some(further(failed, failure)),
            }
        }
        match failed {
            _ if met => self.list(pieces, piece, OK, "meets the rule".to_string()),
            Some(failure) => {
                self.spoiled |= failure.is_signed();
                self.list(pieces, piece, failure.code(), failure.message());
                self.furthest = Some(further(self.furthest.take(), failure));
            }
            None => {}
        }
    }

    /// Whether the signers are enough, and the operators where two must have built the image.
    fn is_enough(&self, rule: &CompiledRule) -> bool {
        self.tally.satisfies(&rule.signers)
            && (!rule.demands_reproduction() || self.operators().len() > 1)
    }

    /// The operators of the builders, each once.
    fn operators(&self) -> Vec<&str> {
        let mut operators = Vec::new();
        for met in &self.met_by {
            if let Content::Provenance(built) = &met.content
                && let Some(operator) = built.operator.as_deref()
                && !operators.contains(&operator)
            {
                operators.push(operator);
            }
        }
        operators
    }

    fn adds_operator(&self, content: &Content) -> bool {
        match content {
            Content::Provenance(built) => built
                .operator
                .as_deref()
                .is_some_and(|new| !self.operators().contains(&new)),
            _ => false,
        }
    }

    fn list(&mut self, pieces: &Pieces<'_>, piece: usize, code: &'static str, message: String) {
        // The pieces that meet the rule are always listed.
        if self.listed.len() >= LISTED_EVIDENCE && code != OK {
            return;
        }
        if let Some((sha256, media_type)) = pieces.describe(piece) {
            self.listed.push(PieceResult {
                sha256: to_hex(sha256),
                media_type: escaped(media_type),
                code,
                message,
            });
        }
    }

    fn result(self, rule: &CompiledRule, unavailable: Option<&str>) -> RuleResult {
        let spoiled = rule.demands_all() && self.spoiled;
        let signed = !spoiled && self.tally.satisfies(&rule.signers);
        let met = signed && self.is_enough(rule);
        let candidate = self.furthest.filter(Failure::is_candidate);
        let (code, message) = match (met, unavailable, candidate) {
            (true, _, _) => (OK, "the rule is met".to_string()),
            (false, Some(reason), _) => (EVIDENCE_UNAVAILABLE, not_brought_message(reason)),
            (false, None, Some(failure)) if spoiled || self.met_by.is_empty() => {
                (failure.code(), failure.message())
            }
            (false, None, _) if signed => {
                let failure = Failure::NotReproduced;
                (failure.code(), failure.message())
            }
            (false, None, _) if !self.met_by.is_empty() => (
                "signers.not-enough",
                "not all signers that the rule asks for have signed; have the others sign, too"
                    .to_string(),
            ),
            (false, None, _) => ("evidence.missing", missing(&rule.requirement).to_string()),
        };
        RuleResult {
            rule: rule.name.clone(),
            code,
            message,
            evidence: self.listed,
            met_by: if met { self.met_by } else { Vec::new() },
            mode: rule.mode,
            warnings: Vec::new(),
            verdict: if met { Verdict::Pass } else { Verdict::Fail },
        }
    }
}

/// What a rule asks of one piece that a verifier has proved.
struct Asked<'a> {
    prepared: &'a Prepared,
    rule: &'a CompiledRule,
    image: &'a ResourceImage<'a>,
    /// The one artifact that pieces must be about, where there are several.
    about: Option<&'a ArtifactDigest>,
    /// Index of the authority that is tried.
    authority: usize,
    now: UnixTime,
}

impl Asked<'_> {
    /// What a piece proves that meets the rule apart from its relations; `None` when it is about
    /// something else, or when the authority cannot have signed it.
    fn try_piece(
        &self,
        piece: usize,
        pieces: &mut Pieces<'_>,
    ) -> Option<Result<(Proved, Content), Failure>> {
        let authority = self.prepared.authorities.get(self.authority)?;
        pieces.prove(piece, authority.verifier, &self.prepared.verifiers);
        let facts = pieces.proved(piece, authority.verifier)?;
        if let (Some(about), Ok(facts)) = (self.about, &facts)
            && !speaks_of(facts, about)
        {
            return None;
        }
        let checked = facts.and_then(|facts| {
            let content = self.check(authority, facts, pieces)?;
            Ok((Proved::from(facts), content))
        });
        let tried =
            checked.and_then(|(proved, content)| Ok((proved, self.check_source(content, pieces)?)));
        Some(tried)
    }

    fn check(
        &self,
        authority: &Authority,
        facts: &Facts,
        pieces: &Pieces<'_>,
    ) -> Result<Content, Failure> {
        match &self.rule.requirement {
            Requirement::Signature(annotations) => {
                signature::check_kind(facts)?;
                self.check_signer(authority, facts)?;
                signature::check(annotations, facts)?;
                Ok(Content::Signature)
            }
            Requirement::Attestation(requirement) => {
                let predicate_type = attestation::check_kind(requirement, facts)?;
                self.check_signer(authority, facts)?;
                attestation::check(requirement, facts, self.now)?;
                Ok(Content::Attestation(predicate_type.to_string()))
            }
            Requirement::Provenance(requirement, builders) => {
                provenance::check_kind(facts)?;
                self.check_signer(authority, facts)?;
                let builders = provenance::Builders {
                    known: &self.prepared.builders,
                    allowed: builders,
                    authority: self.authority,
                };
                let built = provenance::check(requirement, &builders, facts, self.now)?;
                Ok(Content::Provenance(Box::new(built)))
            }
            Requirement::Summary(requirement, verifiers) => {
                summary::check_kind(facts)?;
                self.check_signer(authority, facts)?;
                let verifiers = verifiers
                    .iter()
                    .filter_map(|verifier| self.prepared.summary_verifiers.get(*verifier));
                let found =
                    summary::check(requirement, verifiers, self.authority, facts, self.image)?;
                Ok(Content::Summary(Box::new(found)))
            }
            Requirement::Sbom(requirement) => {
                sbom::check_kind(facts)?;
                self.check_signer(authority, facts)?;
                sbom::check(requirement, facts).map(Content::Sbom)
            }
            Requirement::Vulnerabilities(requirement, _) => {
                vulnerabilities::check_kind(facts)?;
                self.check_signer(authority, facts)?;
                let found = vulnerabilities::check(requirement, self, facts, pieces)?;
                Ok(Content::Vulnerabilities(Box::new(found)))
            }
            // Asked of all attestations at once.
            #[cfg(feature = "rego")]
            Requirement::Rego(..) => Err(Failure::PredicateTypeMismatch { found: None }),
        }
    }

    /// Looks for what the rule asks about the source of provenance.
    fn check_source(&self, content: Content, pieces: &mut Pieces<'_>) -> Result<Content, Failure> {
        match (content, &self.rule.requirement) {
            (Content::Provenance(mut built), Requirement::Provenance(requirement, _)) => {
                built.source = source::check(
                    self.prepared,
                    self.rule,
                    requirement,
                    &built.provenance,
                    pieces,
                )?;
                Ok(Content::Provenance(built))
            }
            (content, _) => Ok(content),
        }
    }

    fn check_signer(&self, authority: &Authority, facts: &Facts) -> Result<(), Failure> {
        identity::check(authority, facts)?;
        age::check(self.rule.maximum_age, facts, self.now)
    }
}

/// Whether the predicate type is of one of the families.
fn check_family(facts: &Facts, families: &[PredicateFamily]) -> Result<(), Failure> {
    let found = facts
        .statement
        .as_ref()
        .map(|statement| statement.predicate_type.as_str());
    match found.and_then(PredicateFamily::of) {
        Some(family) if families.contains(&family) => Ok(()),
        _ => Err(Failure::PredicateTypeMismatch {
            found: found.map(ToString::to_string),
        }),
    }
}

fn content(code: &'static str, fact: &'static str, found: &str) -> Failure {
    Failure::Content {
        code,
        fact,
        found: Some(found.to_string()),
    }
}

/// Whether the piece is about the artifact, where several were allowed.
fn speaks_of(facts: &Facts, artifact: &ArtifactDigest) -> bool {
    facts.artifact.as_ref() == Some(artifact)
        || facts
            .statement
            .as_ref()
            .is_some_and(|statement| statement.speaks_of(artifact))
}

/// The failure that came further; of two that came equally far the earlier one.
fn further(known: Option<Failure>, other: Failure) -> Failure {
    match known {
        Some(known) if known.rank() >= other.rank() => known,
        _ => other,
    }
}

fn missing(requirement: &Requirement) -> &'static str {
    match requirement {
        Requirement::Signature(_) => "no signature was found; sign the image, then try again",
        Requirement::Attestation(_) => {
            "no attestation of the type that the rule asks for was found; attach one to the image, then try again"
        }
        Requirement::Provenance(..) => {
            "no provenance was found; attach signed SLSA provenance to the image, then try again"
        }
        Requirement::Summary(..) => {
            "no verification summary was found; attach one to the image, then try again"
        }
        Requirement::Sbom(_) => {
            "no SBOM was found; attest an SPDX or CycloneDX document of the image, then try again"
        }
        Requirement::Vulnerabilities(..) => {
            "no vulnerability scan was found; scan the image and attest the result, then try again"
        }
        #[cfg(feature = "rego")]
        Requirement::Rego(..) => {
            "an attestation that the rule's Rego is told of was not found; attach one to the image, then try again"
        }
    }
}
