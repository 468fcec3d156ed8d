//! What evidence may be about: the admitted digest, an index that lists it, or the platforms that
//! it lists.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_provenance::ResourceImage;
use sealstone_verify::{ArtifactDigest, Limits, UnixTime, to_hex};
use sha2::{Digest as _, Sha256};

use crate::brought::Brought;
use crate::compiled::{CompiledRule, Prepared};
use crate::evidence::{Evidence, Pieces};
use crate::image_index::{self, IndexError, Subject};
use crate::limits::{LISTED_EVIDENCE, Limit};
use crate::rules::{self, PieceResult, RuleResult};
use crate::text::escaped;
use crate::work::Work;

/// The evidence of one image, by what it is about.
pub(crate) struct Subjects<'e> {
    /// Evidence about the image, or about an index that lists it.
    whole: Pieces<'e>,
    /// Evidence about the platforms that the image lists, and those platforms.
    platforms: Option<(Pieces<'e>, Vec<ArtifactDigest>)>,
    /// Indexes that do not count, and why.
    refused: Vec<(&'e Evidence, IndexError)>,
}

impl<'e> Subjects<'e> {
    /// Sorts what the host brought.
    ///
    /// # Errors
    /// A limit on the number of pieces.
    pub(crate) fn new(
        policy: &Prepared,
        brought: &Brought<'e>,
        digest: &ArtifactDigest,
        now: UnixTime,
        work: &'e Work,
    ) -> Result<Self, Limit> {
        if brought.evidence().count() > policy.limits.evidence_pieces {
            return Err(Limit::EvidencePieces);
        }
        let is_index = |piece: &&Evidence| image_index::is_index(&piece.media_type);
        let mut artifacts = Vec::new();
        artifacts.push(digest.clone());
        let mut platforms = Vec::new();
        let mut refused = Vec::new();
        for piece in brought.evidence().filter(is_index) {
            match image_index::subject(&piece.content, digest, policy.images.subjects) {
                Ok(Subject::Index(index)) => {
                    if !artifacts.contains(&index) {
                        artifacts.push(index);
                    }
                }
                Ok(Subject::Platforms(listed)) => platforms = listed,
                Err(error) => refused.push((piece, error)),
            }
        }
        let mut limits = Limits::default();
        limits.evidence_bytes = policy.limits.evidence_bytes;
        let pieces = || brought.evidence().filter(|piece| !is_index(piece));
        let platforms = if platforms.is_empty() {
            None
        } else {
            Some((
                Pieces::new(pieces(), platforms.clone(), (now, work), &limits)?,
                platforms,
            ))
        };
        Ok(Self {
            whole: Pieces::new(pieces(), artifacts, (now, work), &limits)?,
            platforms,
            refused,
        })
    }

    /// Evaluates a rule. Where evidence about the image does not meet it, evidence about every one
    /// of its platforms may.
    pub(crate) fn evaluate(
        &mut self,
        policy: &Prepared,
        rule: &CompiledRule,
        image: &ResourceImage<'_>,
        unavailable: Option<&str>,
    ) -> RuleResult {
        let mut result = rules::evaluate(policy, rule, image, &mut self.whole, None, unavailable);
        if result.passed() {
            return result;
        }
        if let Some((pieces, platforms)) = &mut self.platforms {
            let mut evaluate = |platform| {
                rules::evaluate(policy, rule, image, pieces, Some(platform), unavailable)
            };
            if let Some(met) = all_met(platforms.iter().map(&mut evaluate)) {
                return met;
            }
        }
        // A statement that is about a platform is none about the index; it counts all the same.
        let parts = match &self.platforms {
            Some((pieces, _)) => pieces.refused(),
            None => self.whole.refused(),
        };
        let indexes = self.refused.iter();
        let indexes = indexes.map(|(piece, error)| refusal(piece, error.code(), error.to_string()));
        let parts = parts.iter();
        let parts = parts.map(|(piece, error)| refusal(piece, error.code(), error.to_string()));
        let room = LISTED_EVIDENCE.saturating_sub(result.evidence.len());
        result.evidence.extend(indexes.chain(parts).take(room));
        result
    }
}

/// What is said of a piece that does not count.
fn refusal(piece: &Evidence, code: &'static str, message: String) -> PieceResult {
    PieceResult {
        sha256: to_hex(&Sha256::digest(&piece.content)),
        media_type: escaped(&piece.media_type),
        code,
        message,
    }
}

/// The results as one, if every one of them is a pass.
fn all_met(mut results: impl Iterator<Item = RuleResult>) -> Option<RuleResult> {
    let mut all = results.next().filter(RuleResult::passed)?;
    for result in results {
        if !result.passed() {
            return None;
        }
        all.evidence.extend(result.evidence);
        all.met_by.extend(result.met_by);
    }
    all.message = String::from("the rule is met for every platform of the image");
    Some(all)
}
