//! The numbers modulo the order of the base point.

use ecdsa::elliptic_curve::ff::PrimeField;
use ecdsa::elliptic_curve::ops::Reduce;
use ecdsa::elliptic_curve::scalar::{FromUintUnchecked, IsHigh};
use ecdsa::elliptic_curve::subtle::{
    Choice, ConditionallySelectable as _, ConstantTimeEq as _, ConstantTimeGreater as _,
    ConstantTimeLess as _, CtOption,
};
use ecdsa::elliptic_curve::{Curve, FieldBytes, field, scalar_impls};
use primefield::ByteOrder;
use primeorder::wnaf;

use super::{NistP521, ORDER, Uint};

primefield::monty_field_params! {
    name: ScalarParams,
    modulus: ORDER,
    uint: Uint,
    byte_order: ByteOrder::BigEndian,
    multiplicative_generator: 3,
    doc: "The order."
}

primefield::monty_field_element! {
    name: Scalar,
    params: ScalarParams,
    uint: Uint,
    doc: "A number modulo the order of P-521."
}

primefield::monty_field_arithmetic! {
    name: Scalar,
    params: ScalarParams,
    uint: Uint
}

scalar_impls!(NistP521, Scalar);

wnaf::impl_wnaf_size_for_scalar!(Scalar);

impl AsRef<Scalar> for Scalar {
    fn as_ref(&self) -> &Scalar {
        self
    }
}

impl FromUintUnchecked for Scalar {
    type Uint = Uint;

    fn from_uint_unchecked(uint: Uint) -> Self {
        Self::from_uint_unchecked(uint)
    }
}

impl IsHigh for Scalar {
    fn is_high(&self) -> Choice {
        const HALF: Uint = NistP521::ORDER.as_ref().shr_vartime(1);
        self.to_canonical().ct_gt(&HALF)
    }
}

/// Of a number below twice the order, which each of 521 bits is.
impl Reduce<Uint> for Scalar {
    fn reduce(number: &Uint) -> Self {
        let order = NistP521::ORDER.as_ref();
        let is_less = number.ct_lt(order);
        let less = number.wrapping_sub(order);
        Self::from_uint_unchecked(Uint::conditional_select(&less, number, is_less))
    }
}

impl Reduce<FieldBytes<NistP521>> for Scalar {
    fn reduce(bytes: &FieldBytes<NistP521>) -> Self {
        Self::reduce(&field::bytes_to_uint::<NistP521>(bytes))
    }
}
