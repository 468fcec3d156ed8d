//! Signature schemes of the Sigstore algorithm registry.
//!
//! Follows <https://github.com/sigstore/architecture-docs/blob/main/algorithm-registry.md>.

use alloc::vec::Vec;

use crate::Hash;

/// A signature scheme. Which key it needs follows from the name; the curve is the key's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "callers must handle a new scheme")]
pub enum SignatureScheme {
    /// ECDSA over this hash (FIPS 186-5, 6.4).
    Ecdsa(Hash),
    /// Ed25519 over the message itself (RFC 8032, 5.1).
    Ed25519,
    /// Ed25519ph over SHA-512 of the message, no context (RFC 8032, 5.1).
    Ed25519ph,
    /// RSASSA-PKCS1-v1_5 over this hash (RFC 8017, 8.2).
    RsaPkcs1(Hash),
    /// RSASSA-PSS over SHA-256, MGF1 with SHA-256, salt of 32 bytes: the one combination of the
    /// registry (RFC 8017, 8.1).
    RsaPss,
}

impl SignatureScheme {
    /// The hash that is signed in place of the message, if there is one.
    pub const fn hash(self) -> Option<Hash> {
        match self {
            Self::Ecdsa(hash) | Self::RsaPkcs1(hash) => Some(hash),
            Self::RsaPss => Some(Hash::Sha256),
            Self::Ed25519ph => Some(Hash::Sha512),
            Self::Ed25519 => None,
        }
    }
}

/// What was signed: the bytes, or only their digest.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Message<'a> {
    /// The message is the concatenation of these parts.
    Parts(&'a [&'a [u8]]),
    /// The message is not at hand, its digest is.
    Digest(Hash, &'a [u8]),
}

impl Message<'_> {
    /// The digest of the message by `hash`, if it can be told.
    pub fn digest(&self, hash: Hash) -> Option<Vec<u8>> {
        match self {
            Self::Parts(parts) => Some(hash.digest(parts)),
            Self::Digest(given, digest) => (*given == hash).then(|| digest.to_vec()),
        }
    }

    /// The message in one piece, if it is at hand.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Parts(parts) => Some(parts.concat()),
            Self::Digest(..) => None,
        }
    }
}
