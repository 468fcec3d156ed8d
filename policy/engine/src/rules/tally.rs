//! Who has signed what meets a rule, and whether that is enough.

use alloc::vec::Vec;

use sealstone_verify::Signer;

use crate::compiled::Expression;

/// What makes two signers the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Issuer and subject: what an identity provider vouches for.
    Certificate(alloc::string::String, alloc::string::String),
    /// SHA-256 of the public key.
    PublicKey([u8; 32]),
}

/// The signers that were found, each once, and for which authorities each may speak.
#[derive(Debug, Default)]
pub(super) struct Tally {
    signers: Vec<(Who, Vec<usize>)>,
}

impl Tally {
    /// Counts a signer for an authority. Returns whether that is new.
    pub(super) fn add(&mut self, signer: &Signer, authority: usize) -> bool {
        let Some(who) = who(signer) else {
            return false;
        };
        let authorities = match self.signers.iter_mut().find(|(other, _)| *other == who) {
            Some((_, authorities)) => authorities,
            None => {
                self.signers.push((who, Vec::new()));
                match self.signers.last_mut() {
                    Some((_, authorities)) => authorities,
                    None => return false,
                }
            }
        };
        if authorities.contains(&authority) {
            return false;
        }
        authorities.push(authority);
        true
    }

    /// Whether the signers found are enough.
    pub(super) fn satisfies(&self, expression: &Expression) -> bool {
        !self.witnesses(expression).is_empty()
    }

    /// The signers, by index, any of which may stand for the whole expression in a threshold; none
    /// when it is not satisfied.
    fn witnesses(&self, expression: &Expression) -> Vec<usize> {
        match expression {
            Expression::Authority(authority) => {
                let found = self.signers.iter().enumerate();
                found
                    .filter(|(_, (_, authorities))| authorities.contains(authority))
                    .map(|(signer, _)| signer)
                    .collect()
            }
            Expression::AllOf(of) => {
                let found: Vec<_> = of.iter().map(|one| self.witnesses(one)).collect();
                if found.iter().any(Vec::is_empty) {
                    return Vec::new();
                }
                union(&found)
            }
            Expression::AnyOf(of) => {
                let found: Vec<_> = of.iter().map(|one| self.witnesses(one)).collect();
                union(&found)
            }
            Expression::AtLeast(count, of) => {
                let found: Vec<_> = of.iter().map(|one| self.witnesses(one)).collect();
                if self.distinct(&found) < *count {
                    return Vec::new();
                }
                union(&found)
            }
        }
    }

    /// For how many of the parts there is a signer of its own: a largest matching between parts and
    /// signers, found by augmenting paths.
    fn distinct(&self, parts: &[Vec<usize>]) -> usize {
        let mut part_of: Vec<Option<usize>> = Vec::new();
        part_of.resize(self.signers.len(), None);
        let mut matched: usize = 0;
        for part in 0..parts.len() {
            let mut seen = Vec::new();
            seen.resize(self.signers.len(), false);
            if augment(part, parts, &mut part_of, &mut seen) {
                matched = matched.saturating_add(1);
            }
        }
        matched
    }
}

/// Finds a signer for a part; a signer that another part holds is taken if that part finds another.
/// No deeper than there are signers, which are no more than authorities in one rule.
fn augment(
    part: usize,
    parts: &[Vec<usize>],
    part_of: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for signer in parts.get(part).into_iter().flatten() {
        match seen.get_mut(*signer) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        let holder = part_of.get(*signer).copied().flatten();
        if holder.is_none_or(|holder| augment(holder, parts, part_of, seen)) {
            if let Some(place) = part_of.get_mut(*signer) {
                *place = Some(part);
            }
            return true;
        }
    }
    false
}

fn union(found: &[Vec<usize>]) -> Vec<usize> {
    let mut all: Vec<usize> = Vec::new();
    for signer in found.iter().flatten() {
        if !all.contains(signer) {
            all.push(*signer);
        }
    }
    all
}

/// Who that is; `None` for signers of no known kind.
pub(super) fn who(signer: &Signer) -> Option<Who> {
    match signer {
        Signer::Certificate(certificate) => Some(Who::Certificate(
            certificate.issuer.clone(),
            certificate.subject_alternative_name.clone(),
        )),
        Signer::PublicKey { spki_sha256 } => Some(Who::PublicKey(*spki_sha256)),
        _ => None,
    }
}
