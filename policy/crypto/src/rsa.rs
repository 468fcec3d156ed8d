//! RSA signatures (RFC 8017, 8).

use rsa::{BoxedUint, Pkcs1v15Sign, Pss, PublicKey};

use crate::Hash;

/// A public key of 2048 to 4096 bits with the exponent 65537.
#[derive(Debug)]
pub(crate) struct RsaKey(PublicKey);

impl RsaKey {
    /// Reads a modulus, big-endian without leading zeros.
    pub(crate) fn from_modulus(modulus: &[u8]) -> Option<Self> {
        let spare = modulus.first().map_or(0, |byte| byte.leading_zeros());
        let bits = u32::try_from(modulus.len()).ok()?.saturating_mul(8);
        if !(2048..=4096).contains(&bits.saturating_sub(spare)) {
            return None;
        }
        let modulus = BoxedUint::from_be_slice(modulus, bits).ok()?;
        PublicKey::new(modulus, BoxedUint::from(65_537_u64))
            .ok()
            .map(Self)
    }

    /// RSASSA-PKCS1-v1_5.
    pub(crate) fn verify_pkcs1(&self, hash: Hash, digest: &[u8], signature: &[u8]) -> bool {
        let padding = match hash {
            Hash::Sha256 => Pkcs1v15Sign::new::<sha2::Sha256>(),
            Hash::Sha384 => Pkcs1v15Sign::new::<sha2::Sha384>(),
            Hash::Sha512 => Pkcs1v15Sign::new::<sha2::Sha512>(),
        };
        self.0.verify(padding, digest, signature).is_ok()
    }

    /// RSASSA-PSS over SHA-256 with a salt of 32 bytes.
    pub(crate) fn verify_pss(&self, digest: &[u8], signature: &[u8]) -> bool {
        let padding = Pss::<sha2::Sha256>::new();
        self.0.verify(padding, digest, signature).is_ok()
    }
}
