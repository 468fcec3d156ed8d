//! Multiples of a point that is used again and again, so that multiplying it takes few additions.
//!
//! A scalar is written in signed digits to the base 2^[`WIDTH`]: `k = Σ d(i) · 2^(WIDTH·i)` with
//! `-2^(WIDTH-1) ≤ d(i) ≤ 2^(WIDTH-1)`. Digits are taken in columns of [`INTERLEAVE`]: the table
//! holds `1·P(j) … 2^(WIDTH-1)·P(j)` for each column `j`, where `P(j) = 2^(WIDTH·INTERLEAVE·j) · P`.
//! One pass over the rows, from the highest down, adds one entry of each column, with [`WIDTH`]
//! doublings between two rows. All point arithmetic is that of `primeorder`, whose formulas have no
//! exceptional cases.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "points and scalars wrap by definition; indices are bounded by the constants below"
)]

use alloc::vec::Vec;

use ecdsa::elliptic_curve::ff::PrimeField;
use ecdsa::elliptic_curve::ops::Double;
use ecdsa::elliptic_curve::{BatchNormalize, Group};
use primeorder::{AffinePoint, PrimeCurveParams, ProjectivePoint};

/// Bits of one digit.
const WIDTH: usize = 7;

/// Rows of digits, which share one column of the table.
const INTERLEAVE: usize = 2;

/// Entries of one column.
const ENTRIES: usize = 1 << (WIDTH - 1);

/// One more than the bits of one digit can say.
const BASE: i16 = 1 << WIDTH;

/// The multiples of one point.
pub(crate) struct FixedBase<C: PrimeCurveParams> {
    entries: Vec<AffinePoint<C>>,
}

impl<C: PrimeCurveParams> FixedBase<C> {
    /// Computes the multiples of `point`.
    pub(crate) fn new(point: &ProjectivePoint<C>) -> Self {
        let mut multiples = Vec::new();
        let mut base = *point;
        for _ in 0..digit_count::<C>().div_ceil(INTERLEAVE) {
            let mut multiple = base;
            for _ in 1..ENTRIES {
                multiples.push(multiple);
                multiple += base;
            }
            multiples.push(multiple);
            // The last one is 2^(WIDTH-1) · P(j).
            base = multiple;
            for _ in 0..WIDTH * (INTERLEAVE - 1) + 1 {
                base.double_in_place();
            }
        }
        Self {
            entries: ProjectivePoint::batch_normalize(multiples.as_slice()),
        }
    }
}

/// `a·A + b·B`, in variable time.
pub(crate) fn sum_of_products<C: PrimeCurveParams>(
    (a, a_multiples): (&C::Scalar, &FixedBase<C>),
    (b, b_multiples): (&C::Scalar, &FixedBase<C>),
) -> ProjectivePoint<C> {
    let terms = [
        (digits::<C>(a), &a_multiples.entries),
        (digits::<C>(b), &b_multiples.entries),
    ];
    let mut sum = ProjectivePoint::<C>::identity();
    for row in (0..INTERLEAVE).rev() {
        if row < INTERLEAVE - 1 {
            for _ in 0..WIDTH {
                sum.double_in_place();
            }
        }
        for (digits, entries) in &terms {
            let in_row = digits.iter().skip(row).step_by(INTERLEAVE);
            for (digit, column) in in_row.zip(entries.chunks_exact(ENTRIES)) {
                let index = usize::from(digit.unsigned_abs()).checked_sub(1);
                let Some(entry) = index.and_then(|index| column.get(index)) else {
                    continue;
                };
                if *digit > 0 {
                    sum += entry;
                } else {
                    sum -= entry;
                }
            }
        }
    }
    sum
}

/// Digits of a scalar: one bit more than it has, for the last carry.
fn digit_count<C: PrimeCurveParams>() -> usize {
    let bits = usize::try_from(<C::Scalar as PrimeField>::NUM_BITS).unwrap_or(usize::MAX);
    bits.saturating_add(1).div_ceil(WIDTH)
}

/// The signed digits of a scalar, lowest first.
fn digits<C: PrimeCurveParams>(scalar: &C::Scalar) -> Vec<i16> {
    let bytes = scalar.to_repr(); // big-endian
    let byte = |index: usize| bytes.iter().rev().nth(index).copied().unwrap_or(0);
    let mut carry = 0;
    (0..digit_count::<C>())
        .map(|index| {
            let (at, shift) = (index * WIDTH / 8, index * WIDTH % 8);
            let bits = i32::from(u16::from_le_bytes([byte(at), byte(at + 1)]));
            let low = (bits >> shift) & i32::from(BASE - 1);
            let digit = i16::try_from(low).unwrap_or_default() + carry;
            carry = i16::from(digit > BASE / 2);
            digit - carry * BASE
        })
        .collect()
}
