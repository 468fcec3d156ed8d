//! Arithmetic modulo an odd number, in Montgomery's form: `a` is kept as `a·R`, where `R` is the first
//! power of 2^32 above the modulus.
//!
//! Follows P. Montgomery, "Modular multiplication without trial division" (1985). One multiplication for
//! numbers of any length, so that all that is rare shares its code. Nothing runs in constant time.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "every sum of products below fits in 64 bits, as its comment says"
)]

#[cfg(test)]
mod tests;

use alloc::vec;
use alloc::vec::Vec;

/// Bits of a limb.
const BITS: usize = 32;

/// An odd modulus.
#[derive(Debug)]
pub(crate) struct Modulus {
    /// Little-endian.
    limbs: Vec<u32>,
    /// `-1/modulus` modulo 2^32.
    negated_inverse: u32,
    /// `R²`, by which a number gets into Montgomery's form.
    r_squared: Vec<u32>,
}

/// A number below a modulus, in Montgomery's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Residue(Vec<u32>);

impl Residue {
    /// Whether it is zero.
    pub(crate) fn is_zero(&self) -> bool {
        self.0.iter().all(|limb| *limb == 0)
    }
}

impl Modulus {
    /// Reads a big-endian number. `None` when it is even.
    pub(crate) fn new(bytes: &[u8]) -> Option<Self> {
        let limbs = limbs(bytes);
        let lowest = *limbs.first().filter(|limb| *limb & 1 == 1)?;
        // Each step doubles how many of the low bits are right; one is at the beginning.
        let inverse = (0..5).fold(1_u32, |inverse, _| {
            inverse.wrapping_mul(2_u32.wrapping_sub(lowest.wrapping_mul(inverse)))
        });
        let mut modulus = Self {
            r_squared: Vec::new(),
            negated_inverse: inverse.wrapping_neg(),
            limbs,
        };
        modulus.r_squared = modulus.r_squared();
        Some(modulus)
    }

    /// Reads a big-endian number. `None` unless it is below the modulus.
    pub(crate) fn residue(&self, bytes: &[u8]) -> Option<Residue> {
        let mut number = limbs(bytes);
        let more = number.split_off(number.len().min(self.limbs.len()));
        if more.iter().any(|limb| *limb != 0) {
            return None;
        }
        number.resize(self.limbs.len(), 0);
        let (_, borrow) = difference(&number, &self.limbs);
        borrow.then(|| Residue(self.product(&number, &self.r_squared)))
    }

    /// `a·b`.
    pub(crate) fn multiply(&self, a: &Residue, b: &Residue) -> Residue {
        Residue(self.product(&a.0, &b.0))
    }

    /// `a + b`.
    pub(crate) fn add(&self, a: &Residue, b: &Residue) -> Residue {
        let mut carry = 0;
        let mut sum: Vec<u32> = Vec::with_capacity(a.0.len() + 1);
        for (a, b) in a.0.iter().zip(&b.0) {
            carry += u64::from(*a) + u64::from(*b);
            sum.push(low(carry));
            carry = high(carry);
        }
        sum.push(low(carry));
        Residue(self.reduced(sum))
    }

    /// `a - b`.
    pub(crate) fn subtract(&self, a: &Residue, b: &Residue) -> Residue {
        self.add(a, &Residue(difference(&self.limbs, &b.0).0))
    }

    /// `base` to the power of a big-endian number that is not zero.
    pub(crate) fn power(&self, base: &Residue, exponent: &[u8]) -> Residue {
        let mut power = base.clone();
        for bit in bits(exponent).skip_while(|bit| !bit).skip(1) {
            power = self.multiply(&power, &power);
            if bit {
                power = self.multiply(&power, base);
            }
        }
        power
    }

    /// The big-endian bytes of a number, as many as the limbs of the modulus have.
    pub(crate) fn bytes(&self, number: &Residue) -> Vec<u8> {
        let number = self.product(&number.0, &[1]);
        number
            .iter()
            .rev()
            .flat_map(|limb| limb.to_be_bytes())
            .collect()
    }

    /// `R²`: from the highest power of two below the modulus to `2·R` by doublings, then up to the power that
    /// `R` is of 2 by squarings, `(2^k·R)²/R = 2^2k·R`.
    fn r_squared(&self) -> Vec<u32> {
        let power = self.limbs.len() * BITS;
        let highest = self.limbs.iter().rposition(|limb| *limb != 0).unwrap_or(0);
        let mut number = Residue(vec![0; self.limbs.len()]);
        let mut start = highest * BITS;
        if let (Some(to), Some(limb)) = (number.0.get_mut(highest), self.limbs.get(highest)) {
            let top = limb.checked_ilog2().unwrap_or(0);
            *to = 1 << top;
            start += usize::try_from(top).unwrap_or(0);
        }
        for _ in start..=power {
            number = self.add(&number, &number);
        }
        for bit in (0..power.ilog2()).rev() {
            number = self.multiply(&number, &number);
            if power >> bit & 1 == 1 {
                number = self.add(&number, &number);
            }
        }
        number.0
    }

    /// `a·b/R`. Of the two factors, both below `R`, one is below the modulus.
    fn product(&self, a: &[u32], b: &[u32]) -> Vec<u32> {
        let size = self.limbs.len();
        let mut sum = vec![0_u32; 2 * size + 1];
        for index in 0..size {
            // Adds `a·b` of one limb of `a`, and the multiple of the modulus that makes the lowest limb zero.
            let factor = u64::from(a.get(index).copied().unwrap_or(0));
            let row = sum.get_mut(index..).unwrap_or_default();
            let mut limbs = row.iter_mut();
            let mut multiple = None;
            let (mut carry, mut other_carry) = (0, 0);
            let padded = b.iter().copied().chain(core::iter::repeat(0));
            for ((modulus, b), limb) in self.limbs.iter().zip(padded).zip(limbs.by_ref()) {
                // At most (2^32-1)² + 2·(2^32-1) = 2^64-1.
                let product = factor * u64::from(b) + u64::from(*limb) + carry;
                carry = high(product);
                let multiple = *multiple
                    .get_or_insert_with(|| low(product).wrapping_mul(self.negated_inverse));
                let total = u64::from(multiple) * u64::from(*modulus)
                    + u64::from(low(product))
                    + other_carry;
                other_carry = high(total);
                *limb = low(total);
            }
            carry += other_carry;
            for limb in limbs {
                carry += u64::from(*limb);
                *limb = low(carry);
                carry = high(carry);
                if carry == 0 {
                    break;
                }
            }
        }
        self.reduced(sum.split_off(size))
    }

    /// Subtracts the modulus where that leaves no negative number. The number has one limb more than the
    /// modulus and is below its double.
    fn reduced(&self, mut number: Vec<u32>) -> Vec<u32> {
        let (mut reduced, borrow) = difference(&number, &self.limbs);
        if borrow {
            number.truncate(self.limbs.len());
            return number;
        }
        reduced.truncate(self.limbs.len());
        reduced
    }
}

/// `a - b` modulo the power of 2^32 that `a` has limbs, and whether `b` is the larger one.
fn difference(a: &[u32], b: &[u32]) -> (Vec<u32>, bool) {
    let mut borrow = false;
    let padded = b.iter().copied().chain(core::iter::repeat(0));
    let difference = a
        .iter()
        .zip(padded)
        .map(|(a, b)| {
            let (limb, first) = a.overflowing_sub(b);
            let (limb, second) = limb.overflowing_sub(u32::from(borrow));
            borrow = first | second;
            limb
        })
        .collect();
    (difference, borrow)
}

/// The bits of a big-endian number, highest first.
pub(crate) fn bits(bytes: &[u8]) -> impl Iterator<Item = bool> {
    bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
}

/// The limbs of a big-endian number, lowest first.
fn limbs(bytes: &[u8]) -> Vec<u32> {
    bytes
        .rchunks(BITS / 8)
        .map(|chunk| {
            chunk
                .iter()
                .fold(0, |limb, byte| limb << 8 | u32::from(*byte))
        })
        .collect()
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the low half is what is asked for"
)]
const fn low(number: u64) -> u32 {
    number as u32
}

const fn high(number: u64) -> u64 {
    number >> BITS
}
