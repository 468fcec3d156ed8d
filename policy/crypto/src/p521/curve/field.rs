//! The field that coordinates are in.

use ecdsa::elliptic_curve::ff::PrimeField;
use ecdsa::elliptic_curve::ops::BatchInvert;
use ecdsa::elliptic_curve::subtle::{Choice, ConstantTimeEq as _, CtOption};
use primefield::ByteOrder;

use super::{FIELD, Uint};

primefield::monty_field_params! {
    name: FieldParams,
    modulus: FIELD,
    uint: Uint,
    byte_order: ByteOrder::BigEndian,
    multiplicative_generator: 3,
    doc: "The prime of the field."
}

primefield::monty_field_element! {
    name: FieldElement,
    params: FieldParams,
    uint: Uint,
    doc: "A coordinate of a point on P-521."
}

primefield::monty_field_arithmetic! {
    name: FieldElement,
    params: FieldParams,
    uint: Uint
}

impl BatchInvert for FieldElement {}
