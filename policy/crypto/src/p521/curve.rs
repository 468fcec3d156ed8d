//! The numbers of P-521 (NIST SP 800-186, 3.2.1.5), for the arithmetic that RustCrypto has for every curve of
//! prime order. In the shipped module this is smaller than crate `p521`, whose field has code of its own.

#[expect(deprecated, reason = "the macros of primefield ask by an old name")]
mod field;
#[expect(deprecated, reason = "the macros of primefield ask by an old name")]
mod scalar;

use ecdsa::EcdsaCurve;
use ecdsa::elliptic_curve::bigint::{Odd, cpubits};
use ecdsa::elliptic_curve::consts::U66;
use ecdsa::elliptic_curve::hazmat::FieldArithmetic;
use ecdsa::elliptic_curve::point::{PointCompaction, PointCompression};
use ecdsa::elliptic_curve::{Curve, CurveArithmetic, PrimeCurve, PrimeCurveArithmetic};
use primeorder::{AffinePoint, PrimeCurveParams, ProjectivePoint, mul_backend, point_arithmetic};

use self::field::FieldElement;
use self::scalar::Scalar;

cpubits! {
    32 => {
        use ecdsa::elliptic_curve::bigint::U544 as Uint;
        macro_rules! padded { ($hex:literal) => { concat!("0000", $hex) }; }
    }
    64 => {
        use ecdsa::elliptic_curve::bigint::U576 as Uint;
        macro_rules! padded { ($hex:literal) => { concat!("000000000000", $hex) }; }
    }
}

/// The prime of the field, 2^521 - 1.
const FIELD: &str = padded!(
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
);

/// The order of the base point.
const ORDER: &str = padded!(
    "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"
);

/// The curve `y² = x³ - 3x + b`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct NistP521;

impl Curve for NistP521 {
    type FieldBytesSize = U66;
    type Uint = Uint;

    const ORDER: Odd<Uint> = Odd::<Uint>::from_be_hex(ORDER);
}

impl PrimeCurve for NistP521 {}

impl PointCompression for NistP521 {
    const COMPRESS_POINTS: bool = false;
}

impl PointCompaction for NistP521 {
    const COMPACT_POINTS: bool = false;
}

impl CurveArithmetic for NistP521 {
    type AffinePoint = AffinePoint<Self>;
    type ProjectivePoint = ProjectivePoint<Self>;
    type Scalar = Scalar;
}

impl FieldArithmetic for NistP521 {
    type FieldElement = FieldElement;
}

impl PrimeCurveArithmetic for NistP521 {
    type CurveGroup = ProjectivePoint<Self>;
}

impl PrimeCurveParams for NistP521 {
    type PointArithmetic = point_arithmetic::EquationAIsMinusThree;
    type Backend = mul_backend::VariableOnly;

    const EQUATION_A: FieldElement = FieldElement::from_u64(3).neg();
    const EQUATION_B: FieldElement = FieldElement::from_hex_vartime(
        "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
    );
    const GENERATOR: (FieldElement, FieldElement) = (
        FieldElement::from_hex_vartime(
            "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
        ),
        FieldElement::from_hex_vartime(
            "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
        ),
    );
}

impl EcdsaCurve for NistP521 {
    const NORMALIZE_S: bool = false;
}
