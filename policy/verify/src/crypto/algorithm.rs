//! Hashes and signature schemes by their names in certificates, CMS and policies.

use sealstone_crypto::{Hash, SignatureScheme};

use crate::DigestAlgorithm;
use crate::der::{DerError, Reader, tag};

/// Reads an AlgorithmIdentifier of a certificate's or a CMS signature (RFC 5758, RFC 8410, RFC 4055).
/// `Ok(None)` for algorithms that are not supported, among them everything over SHA-1.
pub(crate) fn algorithm_scheme(
    reader: &mut Reader<'_>,
) -> Result<Option<SignatureScheme>, DerError> {
    let mut algorithm = reader.sequence()?;
    let oid = algorithm.object_identifier()?;
    let scheme = match oid {
        // ecdsa-with-SHA256, -SHA384, -SHA512
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02] => {
            Some(SignatureScheme::Ecdsa(Hash::Sha256))
        }
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03] => {
            Some(SignatureScheme::Ecdsa(Hash::Sha384))
        }
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04] => {
            Some(SignatureScheme::Ecdsa(Hash::Sha512))
        }
        // id-Ed25519
        [0x2b, 0x65, 0x70] => Some(SignatureScheme::Ed25519),
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
            Some(SignatureScheme::RsaPkcs1(match last {
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
    let hash = hash_function(hash.reader().sequence()?.object_identifier()?);
    let mut mask_algorithm = mask.reader().sequence()?;
    let is_mgf1 = mask_algorithm.object_identifier()?
        == [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08];
    let mask_hash = hash_function(mask_algorithm.sequence()?.object_identifier()?);
    let salt_length = salt.reader().small_integer()?;
    let supported = hash == Some(Hash::Sha256)
        && is_mgf1
        && mask_hash == hash
        && salt_length == 32
        && trailer.is_none();
    Ok(supported.then_some(SignatureScheme::RsaPss))
}

/// The hash of an AlgorithmIdentifier's OBJECT IDENTIFIER (RFC 8017, B.1).
pub(crate) fn hash_function(oid: &[u8]) -> Option<Hash> {
    match oid {
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01] => Some(Hash::Sha256),
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02] => Some(Hash::Sha384),
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03] => Some(Hash::Sha512),
        _ => None,
    }
}

impl From<DigestAlgorithm> for Hash {
    fn from(algorithm: DigestAlgorithm) -> Self {
        match algorithm {
            DigestAlgorithm::Sha256 => Self::Sha256,
            DigestAlgorithm::Sha384 => Self::Sha384,
            DigestAlgorithm::Sha512 => Self::Sha512,
        }
    }
}
