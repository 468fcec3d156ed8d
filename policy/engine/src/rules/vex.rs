//! VEX documents beside a vulnerability scan: attestations of signers of their own.
//!
//! They only ever lower what a scan says, so a document that is missing, malformed or of somebody else
//! lowers nothing, and refuses nothing.

use alloc::format;

use sealstone_provenance::{
    OpenVex, PackageUrl, PredicateFamily, ResourceImage, VexIndex, VexStatement, VexStatus,
    embedded_document,
};
use sealstone_verify::{ArtifactDigest, Facts, Statement};

use super::{age, further, identity, speaks_of};
use crate::compiled::{CompiledRule, Prepared};
use crate::document::VexRequirement;
use crate::evidence::Pieces;
use crate::failure::Failure;

/// Has every piece proved by those whose VEX documents the rule heeds.
pub(super) fn prove(prepared: &Prepared, rule: &CompiledRule, pieces: &mut Pieces<'_>) {
    let (_, signers) = rule.vex().unzip();
    for signer in signers.unwrap_or_default() {
        if let Some(authority) = prepared.authorities.get(*signer) {
            for piece in 0..pieces.len() {
                pieces.prove(piece, authority.verifier, &prepared.verifiers);
            }
        }
    }
}

/// What becomes of a piece as VEX document; `None` when it is none that somebody signed whom the rule
/// heeds.
pub(super) fn judge(
    prepared: &Prepared,
    rule: &CompiledRule,
    image: &ResourceImage<'_>,
    pieces: &Pieces<'_>,
    (piece, about): (usize, Option<&ArtifactDigest>),
) -> Option<Result<(), Failure>> {
    let heeded = statement(prepared, rule, pieces, (piece, about))?;
    Some(heeded.and_then(|statement| heed(statement, image, about, &mut |_| {})))
}

/// The statement of a piece that is a VEX document, if it counts; `None` as for [`judge`].
pub(super) fn statement<'p>(
    prepared: &Prepared,
    rule: &CompiledRule,
    pieces: &'p Pieces<'_>,
    (piece, about): (usize, Option<&ArtifactDigest>),
) -> Option<Result<&'p Statement, Failure>> {
    let (asked, signers) = rule.vex()?;
    let mut failed = None;
    for signer in signers {
        let Some(authority) = prepared.authorities.get(*signer) else {
            continue;
        };
        let Some(Ok(facts)) = pieces.proved(piece, authority.verifier) else {
            continue;
        };
        let Some(statement) = vex_of(facts) else {
            continue;
        };
        if about.is_some_and(|about| !speaks_of(facts, about))
            || identity::check(authority, facts).is_err()
        {
            continue;
        }
        match age::check(Some(asked.maximum_age), facts, pieces.now()) {
            Ok(()) => return Some(Ok(statement)),
            Err(failure) => failed = Some(further(failed, failure)),
        }
    }
    failed.map(Err)
}

fn vex_of(facts: &Facts) -> Option<&Statement> {
    let statement = facts.statement.as_ref()?;
    let family = PredicateFamily::of(&statement.predicate_type);
    (family == Some(PredicateFamily::OpenVex)).then_some(statement)
}

/// Reads a document, and hands over what it says about the image, once for each digest of it.
pub(super) fn heed(
    statement: &Statement,
    image: &ResourceImage<'_>,
    about: Option<&ArtifactDigest>,
    hand_over: &mut dyn FnMut(&VexIndex<'_>),
) -> Result<(), Failure> {
    let document =
        embedded_document(&statement.predicate).map_err(|error| Failure::Vex(error.into()))?;
    let vex = OpenVex::from_document(&statement.predicate_type, &document).map_err(Failure::Vex)?;
    let repository = format!("{}/{}", image.registry, image.repository);
    let platform = about.map(|about| format!("{about}"));
    for digest in [Some(image.digest), platform.as_deref()]
        .into_iter()
        .flatten()
    {
        let image = PackageUrl::of_image(&repository, digest);
        hand_over(&VexIndex::new(&vex, &image).map_err(Failure::Vex)?);
    }
    Ok(())
}

/// Whether a finding need not be acted on by this statement.
pub(super) fn lowers(asked: &VexRequirement, statement: &VexStatement<'_>) -> bool {
    let justified = |reason| asked.justifications.contains(&reason);
    statement.status.lowers()
        && (statement.status != VexStatus::NotAffected
            || asked.justifications.is_empty()
            || statement.justification.is_some_and(justified))
}
