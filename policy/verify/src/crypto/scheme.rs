//! Signature schemes of the Sigstore algorithm registry.
//!
//! Follows <https://github.com/sigstore/architecture-docs/blob/main/algorithm-registry.md>.

use alloc::vec::Vec;

use super::Hash;
use crate::der::{DerError, Reader, tag};

/// A signature scheme. Which key it needs follows from the name; the curve is the key's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureScheme {
    /// ECDSA over this hash, signature in DER.
    Ecdsa(Hash),
    /// Ed25519 over the message itself.
    Ed25519,
    /// Ed25519ph over SHA-512 of the message, no context.
    Ed25519ph,
    /// RSASSA-PKCS1-v1_5 over this hash.
    RsaPkcs1(Hash),
    /// RSASSA-PSS over SHA-256, MGF1 with SHA-256, salt of 32 bytes: the one combination of the registry.
    RsaPss,
}

impl SignatureScheme {
    /// The hash that is signed in place of the message, if there is one.
    pub(crate) fn hash(self) -> Option<Hash> {
        match self {
            Self::Ecdsa(hash) | Self::RsaPkcs1(hash) => Some(hash),
            Self::RsaPss => Some(Hash::Sha256),
            Self::Ed25519ph => Some(Hash::Sha512),
            Self::Ed25519 => None,
        }
    }

    /// Reads an AlgorithmIdentifier of a certificate's or a CMS signature (RFC 5758, RFC 8410, RFC 4055).
    /// `Ok(None)` for algorithms that are not supported, among them everything over SHA-1.
    pub(crate) fn from_algorithm_identifier(
        reader: &mut Reader<'_>,
    ) -> Result<Option<Self>, DerError> {
        let mut algorithm = reader.sequence()?;
        let oid = algorithm.object_identifier()?;
        let scheme = match oid {
            // ecdsa-with-SHA256, -SHA384, -SHA512
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02] => Some(Self::Ecdsa(Hash::Sha256)),
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03] => Some(Self::Ecdsa(Hash::Sha384)),
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04] => Some(Self::Ecdsa(Hash::Sha512)),
            // id-Ed25519
            [0x2b, 0x65, 0x70] => Some(Self::Ed25519),
            // sha256-, sha384-, sha512WithRSAEncryption: parameters are NULL
            [
                0x2a,
                0x86,
                0x48,
                0x86,
                0xf7,
                0x0d,
                0x01,
                0x01,
                last @ 0x0b..=0x0d,
            ] => {
                if !algorithm.expect(tag::NULL)?.contents.is_empty() {
                    return Err(DerError);
                }
                Some(Self::RsaPkcs1(match last {
                    0x0b => Hash::Sha256,
                    0x0c => Hash::Sha384,
                    _ => Hash::Sha512,
                }))
            }
            // id-RSASSA-PSS
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a] => {
                return pss_parameters(algorithm);
            }
            _ => return Ok(None),
        };
        // ECDSA and Ed25519 have no parameters.
        algorithm.finish()?;
        Ok(scheme)
    }
}

/// `RSASSA-PSS-params` (RFC 4055, 3.1), of which only the combinations of the registry are supported.
fn pss_parameters(mut algorithm: Reader<'_>) -> Result<Option<SignatureScheme>, DerError> {
    let mut parameters = algorithm.sequence()?;
    algorithm.finish()?;
    let mut field = |number: u8| parameters.optional(tag::context_constructed(number));
    let (hash, mask, salt) = (field(0)?, field(1)?, field(2)?);
    let trailer = field(3)?;
    parameters.finish()?;
    // The defaults are SHA-1.
    let (Some(hash), Some(mask), Some(salt)) = (hash, mask, salt) else {
        return Ok(None);
    };
    let hash = Hash::from_object_identifier(hash.reader().sequence()?.object_identifier()?);
    let mut mask_algorithm = mask.reader().sequence()?;
    let is_mgf1 = mask_algorithm.object_identifier()?
        == [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08];
    let mask_hash = Hash::from_object_identifier(mask_algorithm.sequence()?.object_identifier()?);
    let salt_length = salt.reader().small_integer()?;
    let supported = hash == Some(Hash::Sha256)
        && is_mgf1
        && mask_hash == hash
        && salt_length == 32
        && trailer.is_none();
    Ok(supported.then_some(SignatureScheme::RsaPss))
}

/// What was signed: the bytes, or only their digest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Message<'a> {
    /// The message is the concatenation of these parts.
    Parts(&'a [&'a [u8]]),
    /// The message is not at hand, its digest is.
    Digest(Hash, &'a [u8]),
}

impl Message<'_> {
    /// The digest of the message by `hash`, if it can be told.
    pub(crate) fn digest(&self, hash: Hash) -> Option<Vec<u8>> {
        match self {
            Self::Parts(parts) => Some(hash.digest(parts)),
            Self::Digest(given, digest) => (*given == hash).then(|| digest.to_vec()),
        }
    }

    /// The message in one piece, if it is at hand.
    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Parts(parts) => Some(parts.concat()),
            Self::Digest(..) => None,
        }
    }
}
