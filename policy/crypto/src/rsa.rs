//! RSA signatures (RFC 8017, 8).

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U4096};

use crate::{Hash, sha256};

/// Bytes of SHA-256 and of the salt that goes with it.
const SALT: usize = 32;

/// Limbs of every modulus: one size for all of them is less code than sizes at run time.
const LIMBS: usize = U4096::LIMBS;

/// A public key of 2048 to 4096 bits with the exponent 65537.
#[derive(Debug)]
pub(crate) struct RsaKey {
    modulus: Box<FixedMontyParams<LIMBS>>,
    bits: usize,
}

impl RsaKey {
    /// Reads an odd modulus, big-endian without leading zeros.
    pub(crate) fn from_modulus(modulus: &[u8]) -> Option<Self> {
        let spare = modulus.first().map_or(0, |byte| byte.leading_zeros());
        let bits = u32::try_from(modulus.len()).ok()?.saturating_mul(8);
        let bits = bits.saturating_sub(spare);
        if !(2048..=4096).contains(&bits) {
            return None;
        }
        let modulus: Option<_> = Odd::new(number(modulus)?).into();
        Some(Self {
            modulus: Box::new(FixedMontyParams::new_vartime(modulus?)),
            bits: usize::try_from(bits).ok()?,
        })
    }

    /// RSASSA-PKCS1-v1_5: the signature must be of the one encoding that the digest has (8.2.2).
    pub(crate) fn verify_pkcs1(&self, hash: Hash, digest: &[u8], signature: &[u8]) -> bool {
        let size = self.bits.div_ceil(8);
        self.recovered(signature, size)
            .zip(pkcs1_encoding(hash, digest, size))
            .is_some_and(|(recovered, encoded)| recovered == encoded)
    }

    /// RSASSA-PSS over SHA-256 with a salt of 32 bytes (8.1.2).
    pub(crate) fn verify_pss(&self, digest: &[u8], signature: &[u8]) -> bool {
        let bits = self.bits.saturating_sub(1);
        self.recovered(signature, bits.div_ceil(8))
            .is_some_and(|encoded| is_pss_encoding(&encoded, bits, digest))
    }

    /// `signature^65537` as a number of `size` bytes (RSAVP1 and I2OSP). `None` when the signature is not as
    /// long as the modulus or not below it, and when the number is too large.
    fn recovered(&self, signature: &[u8], size: usize) -> Option<Vec<u8>> {
        if signature.len() != self.bits.div_ceil(8) {
            return None;
        }
        let signature = number(signature)?;
        if signature
            .cmp_vartime(self.modulus.modulus().as_ref())
            .is_ge()
        {
            return None;
        }
        let base = FixedMontyForm::new(&signature, &self.modulus);
        // 65537 is 2^16 + 1.
        let power = (0..16).fold(base, |power, _| power.square());
        let mut bytes = power.mul(&base).retrieve().to_be_bytes().as_ref().to_vec();
        let number = bytes.split_off(bytes.len().checked_sub(size)?);
        bytes.iter().all(|byte| *byte == 0).then_some(number)
    }
}

/// Reads a big-endian number. `None` when it is longer than [`LIMBS`].
fn number(bytes: &[u8]) -> Option<U4096> {
    let mut padded = [0; U4096::BYTES];
    let start = padded.len().checked_sub(bytes.len())?;
    padded.get_mut(start..)?.copy_from_slice(bytes);
    Some(U4096::from_be_slice(&padded))
}

/// EMSA-PKCS1-v1_5 (9.2). `None` for what is no digest of this hash.
fn pkcs1_encoding(hash: Hash, digest: &[u8], size: usize) -> Option<Vec<u8>> {
    let (last_arc, length) = match hash {
        Hash::Sha256 => (1, 32),
        Hash::Sha384 => (2, 48),
        Hash::Sha512 => (3, 64),
    };
    // `DigestInfo` in DER: the hash 2.16.840.1.101.3.4.2.x with the parameter NULL, then the digest.
    let digest_info = [
        &[0x30, 17_u8.saturating_add(length), 0x30, 13][..],
        &[0x06, 9, 0x60, 0x86, 0x48, 1, 101, 3, 4, 2, last_arc],
        &[0x05, 0, 0x04, length],
        digest,
    ]
    .concat();
    let filling = size.checked_sub(digest_info.len())?.checked_sub(3)?;
    (digest.len() == usize::from(length))
        .then(|| [&[0, 1], &*vec![0xff; filling], &[0], &*digest_info].concat())
}

/// EMSA-PSS-VERIFY (9.1.2), for an encoding of `bits` bits.
fn is_pss_encoding(encoded: &[u8], bits: usize, digest: &[u8]) -> bool {
    let Some((&0xbc, encoded)) = encoded.split_last() else {
        return false;
    };
    let Some((masked, hash)) = encoded
        .len()
        .checked_sub(SALT)
        .and_then(|middle| encoded.split_at_checked(middle))
    else {
        return false;
    };
    // The first bits of the first byte are none of the encoding.
    let within = 0xff_u8 >> (bits.wrapping_neg() % 8);
    if masked.first().is_none_or(|first| *first > within) {
        return false;
    }
    let mask = (0_u32..).flat_map(|counter| sha256(&[hash, &counter.to_be_bytes()]));
    let mut block: Vec<u8> = masked.iter().zip(mask).map(|(a, b)| a ^ b).collect();
    if let Some(first) = block.first_mut() {
        *first &= within;
    }
    let salt = block.split_off(block.len().saturating_sub(SALT));
    let Some((1, filling)) = block.split_last() else {
        return false;
    };
    filling.iter().all(|byte| *byte == 0) && hash == sha256(&[&[0; 8], digest, &salt])
}
