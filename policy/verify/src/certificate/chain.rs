//! Certificate authorities of a trust root, and paths from a leaf to their anchor.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Certificate, ExtendedKeyUsage};
use crate::crypto::{Budget, PublicKey};
use crate::error::Error;
use crate::limits::Limits;
use crate::time::{UnixTime, Validity};

/// What a chain is for: which extended key usage its certificates must allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Fulcio certificates: leaf and, where present, authorities carry `codeSigning`.
    CodeSigning,
    /// RFC 3161 authorities: the leaf carries `timeStamping` alone and critically.
    TimeStamping,
}

/// A certificate authority (or timestamp authority) whose own chain was verified when it was read.
#[derive(Clone, Debug)]
pub(crate) struct CertificateAuthority {
    /// Where it can be reached; a name in reports, never used to connect.
    pub(crate) uri: String,
    /// The time during which the trust root vouches for it.
    pub(crate) validity: Validity,
    /// The timestamping leaf, where a timestamp authority's chain starts with one.
    leaf: Option<Leaf>,
    issuers: Vec<Issuer>,
}

/// A leaf that the trust root holds.
#[derive(Clone, Debug)]
struct Leaf {
    certificate: Certificate,
    /// Its key, if it is of a supported kind.
    key: Option<PublicKey>,
}

/// An authority certificate that may issue leaves.
#[derive(Clone, Debug)]
struct Issuer {
    certificate: Certificate,
    key: PublicKey,
    /// The certificates from the next one up to the anchor, by index.
    parents: Vec<usize>,
}

impl CertificateAuthority {
    /// Prepares a chain, leaf-most certificate first, anchor last: each certificate must be signed by the
    /// next, and all but a timestamping leaf must be authorities.
    pub(crate) fn prepare(
        uri: String,
        validity: Validity,
        mut chain: Vec<Certificate>,
        purpose: Purpose,
        limits: &Limits,
    ) -> Result<Self, Error> {
        if chain.is_empty() {
            return Err(Error::TrustedRootChainEmpty);
        }
        let starts_with_leaf = purpose == Purpose::TimeStamping
            && chain
                .first()
                .is_some_and(|first| !first.extensions.is_authority());
        let leaf = starts_with_leaf
            .then(|| chain.remove(0))
            .map(|certificate| Leaf {
                key: certificate.public_key().ok(),
                certificate,
            });
        let mut issuers = Vec::new();
        let count = chain.len();
        for (index, certificate) in chain.into_iter().enumerate() {
            let below = index;
            check_authority(&certificate, below, purpose)?;
            issuers.push(Issuer {
                key: certificate.public_key()?,
                certificate,
                parents: (index.saturating_add(1)..count).collect(),
            });
        }
        let authority = Self {
            uri,
            validity,
            leaf,
            issuers,
        };
        authority.check_links(limits)?;
        Ok(authority)
    }

    fn check_links(&self, limits: &Limits) -> Result<(), Error> {
        let mut budget = Budget::new(limits);
        for (child, parent) in self.issuers.iter().zip(self.issuers.iter().skip(1)) {
            if child.certificate.issuer != parent.certificate.subject
                || !child.certificate.is_signed_by(&parent.key, &mut budget)?
            {
                return Err(Error::TrustedRootChainBroken);
            }
        }
        if let Some(leaf) = &self.leaf {
            let issued = match self.issuers.first() {
                Some(issuer) => {
                    leaf.certificate.issuer == issuer.certificate.subject
                        && leaf.certificate.is_signed_by(&issuer.key, &mut budget)?
                }
                // Nothing above the leaf that could vouch for it.
                None => false,
            };
            if !issued {
                return Err(Error::TrustedRootChainBroken);
            }
        }
        Ok(())
    }

    /// Whether `other` has the same certificates and the same validity.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let certificates = |authority: &Self| {
            let issuers = authority.issuers.iter().map(|issuer| &issuer.certificate);
            let leaf = authority.leaf.iter().map(|leaf| &leaf.certificate);
            let all = leaf.chain(issuers);
            all.map(|certificate| certificate.der().to_vec())
                .collect::<Vec<_>>()
        };
        self.validity == other.validity && certificates(self) == certificates(other)
    }

    /// Finds the authority certificate that signed `leaf`. The name only narrows the search down; the
    /// signature decides.
    pub(crate) fn find_issuer(
        &self,
        leaf: &Certificate,
        budget: &mut Budget,
    ) -> Result<Option<IssuedBy<'_>>, Error> {
        for issuer in &self.issuers {
            if issuer.certificate.subject == leaf.issuer
                && leaf.is_signed_by(&issuer.key, budget)?
            {
                return Ok(Some(IssuedBy {
                    authority: self,
                    issuer,
                }));
            }
        }
        Ok(None)
    }

    /// The leaf that the trust root itself holds, its key, and its issuer; the link was checked when the
    /// authority was prepared.
    pub(crate) fn own_leaf(&self) -> Option<(&Certificate, Option<&PublicKey>, IssuedBy<'_>)> {
        let leaf = self.leaf.as_ref()?;
        let issuer = self.issuers.first()?;
        Some((
            &leaf.certificate,
            leaf.key.as_ref(),
            IssuedBy {
                authority: self,
                issuer,
            },
        ))
    }

    /// Prepares the key that signs what evidence holds: that of the leaf, where the trust root has one, else
    /// that of the lowest authority. Links further up were checked once and are not checked again.
    pub(crate) fn prepare_key(&self) {
        let key = match &self.leaf {
            Some(leaf) => leaf.key.as_ref(),
            None => self.issuers.first().map(|issuer| &issuer.key),
        };
        if let Some(key) = key {
            key.prepare();
        }
    }

    /// The certificates of the chain with the name that `leaf` gives as its issuer. Whether one of them
    /// signed it is not checked.
    pub(crate) fn named_issuers_of<'a>(
        &'a self,
        leaf: &Certificate,
    ) -> impl Iterator<Item = IssuedBy<'a>> {
        self.issuers
            .iter()
            .filter(move |issuer| issuer.certificate.subject == leaf.issuer)
            .map(move |issuer| IssuedBy {
                authority: self,
                issuer,
            })
    }
}

/// A leaf's issuer with its path to the anchor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IssuedBy<'a> {
    authority: &'a CertificateAuthority,
    issuer: &'a Issuer,
}

impl IssuedBy<'_> {
    /// The issuer's public key.
    pub(crate) fn issuer_key(&self) -> &PublicKey {
        &self.issuer.key
    }

    /// Whether `leaf` names the issuer's key. It is a hint: the signature decides.
    pub(crate) fn is_identified_by(&self, leaf: &Certificate) -> bool {
        let identifier = &leaf.extensions.authority_key_identifier;
        identifier.is_some()
            && *identifier == self.issuer.certificate.extensions.subject_key_identifier
    }

    /// Checks that the authority and every certificate from the leaf to the anchor were valid at `time`.
    pub(crate) fn check_validity(&self, leaf: &Certificate, time: UnixTime) -> Result<(), Error> {
        if !self.authority.validity.contains(time) {
            return Err(Error::CertificateAuthorityOutsideValidity { time });
        }
        let parents = self
            .issuer
            .parents
            .iter()
            .filter_map(|index| self.authority.issuers.get(*index));
        let authorities = core::iter::once(self.issuer)
            .chain(parents)
            .map(|issuer| &issuer.certificate);
        for certificate in core::iter::once(leaf).chain(authorities) {
            check_time(certificate, time)?;
        }
        Ok(())
    }
}

/// Checks a leaf's own claims: not an authority, the usages of its purpose, nothing critical unread.
pub(crate) fn check_leaf(leaf: &Certificate, purpose: Purpose) -> Result<(), Error> {
    let extensions = &leaf.extensions;
    if extensions.unknown_critical {
        return Err(Error::CertificateUnknownCriticalExtension);
    }
    if extensions.is_authority() {
        return Err(Error::CertificateIsAuthority);
    }
    if !extensions
        .key_usage
        .is_none_or(|usage| usage.digital_signature)
    {
        return Err(Error::CertificateKeyUsage);
    }
    let usages = extensions
        .extended_key_usage
        .as_ref()
        .ok_or(Error::CertificateExtendedKeyUsage)?;
    let fits = match purpose {
        Purpose::CodeSigning => {
            extensions.key_usage.is_some() && usages.usages.contains(&ExtendedKeyUsage::CodeSigning)
        }
        // RFC 3161, 2.3: exactly this one purpose, and the extension critical.
        Purpose::TimeStamping => {
            usages.critical && usages.usages == [ExtendedKeyUsage::TimeStamping]
        }
    };
    if fits {
        Ok(())
    } else if purpose == Purpose::CodeSigning && extensions.key_usage.is_none() {
        Err(Error::CertificateKeyUsage)
    } else {
        Err(Error::CertificateExtendedKeyUsage)
    }
}

/// Checks that a certificate of a trust root may issue certificates with `below` authorities under it.
fn check_authority(certificate: &Certificate, below: usize, purpose: Purpose) -> Result<(), Error> {
    let extensions = &certificate.extensions;
    if extensions.unknown_critical {
        return Err(Error::CertificateUnknownCriticalExtension);
    }
    let constraints = extensions
        .basic_constraints
        .filter(|constraints| constraints.is_authority && constraints.critical)
        .ok_or(Error::CertificateNotAuthority)?;
    let too_long = constraints
        .path_length
        .is_some_and(|allowed| usize::try_from(allowed).is_ok_and(|allowed| below > allowed));
    if too_long {
        return Err(Error::CertificatePathTooLong);
    }
    if !extensions
        .key_usage
        .is_some_and(|usage| usage.key_cert_sign)
    {
        return Err(Error::CertificateKeyUsage);
    }
    let wanted = match purpose {
        Purpose::CodeSigning => ExtendedKeyUsage::CodeSigning,
        Purpose::TimeStamping => ExtendedKeyUsage::TimeStamping,
    };
    // An authority without the extension is not restricted (RFC 5280, 4.2.1.12).
    let allowed = extensions.extended_key_usage.as_ref().is_none_or(|usages| {
        usages
            .usages
            .iter()
            .any(|usage| *usage == wanted || *usage == ExtendedKeyUsage::Any)
    });
    if allowed {
        Ok(())
    } else {
        Err(Error::CertificateExtendedKeyUsage)
    }
}

pub(crate) fn check_time(certificate: &Certificate, time: UnixTime) -> Result<(), Error> {
    let Validity { start, end } = certificate.validity;
    if time < start {
        return Err(Error::CertificateNotYetValid {
            time,
            not_before: start,
        });
    }
    match end {
        Some(end) if time > end => Err(Error::CertificateExpired {
            time,
            not_after: end,
        }),
        _ => Ok(()),
    }
}
