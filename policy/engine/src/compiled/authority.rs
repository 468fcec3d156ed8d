//! Who may sign, and the verifiers that prove it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::{Limits, Requirements, Verifier};

use super::Prepared;
use crate::document::{self, AuthorityKind, Identity, TrustRoot};

/// Somebody who may sign.
#[derive(Debug)]
pub(crate) struct Authority {
    pub(crate) name: String,
    /// Index of the verifier that proves its signatures.
    pub(crate) verifier: usize,
    /// The identities of certificates; `None` for a key, which is its own identity.
    pub(crate) identities: Option<Vec<Identity>>,
    pub(crate) insecure_ignore_transparency_log: bool,
}

/// Verifiers of certificates by trust root, and whether the certificates name no issuer.
pub(super) type SharedVerifiers = Vec<(String, bool, usize)>;

impl Prepared {
    pub(super) fn add_authority(
        &mut self,
        authority: document::Authority,
        roots: &[TrustRoot],
        shared: &mut SharedVerifiers,
    ) -> Result<(), (&'static str, sealstone_verify::Error)> {
        let find = |name: &str| find_root(roots, name);
        let (verifier, identities, insecure) = match authority.kind {
            AuthorityKind::Keyless(kind) => {
                let index = self
                    .of_certificates(&kind.trust_root, false, roots, shared)
                    .map_err(|error| ("keyless", error))?;
                (index, Some(kind.identities), false)
            }
            AuthorityKind::Certificate(kind) => {
                let index = self
                    .of_certificates(&kind.trust_root, true, roots, shared)
                    .map_err(|error| ("certificate", error))?;
                let without_issuer = |subject| Identity {
                    issuer: None,
                    subject,
                    extensions: Vec::new(),
                };
                let identities = kind.subjects.into_iter().map(without_issuer).collect();
                (index, Some(identities), false)
            }
            AuthorityKind::Key(kind) => {
                let root = kind.trust_root.as_deref().map(find).transpose();
                let verifier = root
                    .and_then(|root| of_key(&kind, root))
                    .map_err(|error| ("key", error))?;
                (self.add_verifier(verifier), None, kind.trust_root.is_none())
            }
        };
        self.authorities.push(Authority {
            name: authority.name,
            verifier,
            identities,
            insecure_ignore_transparency_log: insecure,
        });
        Ok(())
    }

    /// The verifier of certificates under a trust root, of which one is enough for all authorities.
    fn of_certificates(
        &mut self,
        name: &str,
        without_issuer: bool,
        roots: &[TrustRoot],
        shared: &mut SharedVerifiers,
    ) -> Result<usize, sealstone_verify::Error> {
        let known = shared
            .iter()
            .find(|(root, other, _)| root == name && *other == without_issuer);
        if let Some((_, _, index)) = known {
            return Ok(*index);
        }
        let mut verifier = of_certificates(find_root(roots, name)?)?;
        if without_issuer {
            verifier = verifier.without_issuer();
        }
        let index = self.add_verifier(verifier);
        shared.push((name.to_string(), without_issuer, index));
        Ok(index)
    }

    fn add_verifier(&mut self, verifier: Verifier) -> usize {
        let index = self.verifiers.len();
        self.verifiers.push(verifier);
        index
    }
}

/// Names were checked: a name without a root has been reported and ended the compilation.
fn find_root<'r>(
    roots: &'r [TrustRoot],
    name: &str,
) -> Result<&'r TrustRoot, sealstone_verify::Error> {
    roots
        .iter()
        .find(|root| root.name == name)
        .ok_or(sealstone_verify::Error::RequirementsUnmeetable)
}

fn of_certificates(root: &TrustRoot) -> Result<Verifier, sealstone_verify::Error> {
    let requirements = root.requirements.of_certificates();
    let verifier = Verifier::keyless(root.trusted_root.clone(), requirements, Limits::default())?;
    Ok(with_witnesses(verifier, root))
}

fn of_key(
    key: &document::Key,
    root: Option<&TrustRoot>,
) -> Result<Verifier, sealstone_verify::Error> {
    let limits = Limits::default();
    let public_key = (*key.public_key).clone();
    let mut verifier = match root {
        Some(root) => {
            let requirements = root.requirements.of_keys();
            let trusted_root = Some(root.trusted_root.clone());
            let verifier = Verifier::keyed(public_key, trusted_root, requirements, limits)?;
            with_witnesses(verifier, root)
        }
        None => Verifier::keyed(public_key, None, nothing(), limits)?,
    };
    if let Some(valid_for) = key.valid_for {
        verifier = verifier.with_key_validity(valid_for.start, valid_for.end)?;
    }
    Ok(verifier)
}

fn with_witnesses(verifier: Verifier, root: &TrustRoot) -> Verifier {
    match &root.witnesses {
        Some(quorum) => verifier.with_witnesses(quorum.clone()),
        None => verifier,
    }
}

/// What is demanded of a key whose policy says `insecureIgnoreTransparencyLog`.
fn nothing() -> Requirements {
    Requirements {
        transparency_log_threshold: 0,
        signed_certificate_timestamp_threshold: 0,
        observer_timestamp_threshold: 0,
        ..Requirements::default()
    }
}
