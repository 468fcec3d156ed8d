//! ECDSA over a curve of prime order (FIPS 186-5, 6.4).

use alloc::boxed::Box;
use core::fmt;

use ecdsa::elliptic_curve::FieldBytes;
use ecdsa::elliptic_curve::ops::{Invert, Reduce};
use ecdsa::elliptic_curve::point::AffineCoordinates;
use ecdsa::signature::hazmat::PrehashVerifier;
use ecdsa::{EcdsaCurve, Signature, VerifyingKey};
use once_cell::race::OnceBox;
use p256::NistP256;
use p384::NistP384;
use primeorder::{AffinePoint, PrimeCurveParams, ProjectivePoint};

use crate::fixed_base::{FixedBase, sum_of_products};

/// A curve whose keys can be prepared for many signatures.
trait PreparableCurve: EcdsaCurve + PrimeCurveParams {
    /// Multiples of the base point, which all prepared keys of a curve share.
    fn generator_multiples() -> &'static OnceBox<FixedBase<Self>>;
}

impl PreparableCurve for NistP256 {
    fn generator_multiples() -> &'static OnceBox<FixedBase<Self>> {
        static MULTIPLES: OnceBox<FixedBase<NistP256>> = OnceBox::new();
        &MULTIPLES
    }
}

impl PreparableCurve for NistP384 {
    fn generator_multiples() -> &'static OnceBox<FixedBase<Self>> {
        static MULTIPLES: OnceBox<FixedBase<NistP384>> = OnceBox::new();
        &MULTIPLES
    }
}

/// A public key on the curve `C`.
struct EcdsaKey<C: PreparableCurve> {
    key: VerifyingKey<C>,
    /// Multiples of the key, once it was prepared.
    multiples: OnceBox<FixedBase<C>>,
}

impl<C: PreparableCurve> EcdsaKey<C> {
    /// Reads an uncompressed point on the curve.
    fn from_uncompressed(point: &[u8]) -> Option<Self> {
        let (&4, coordinates) = point.split_first()? else {
            return None;
        };
        let (x, y) = coordinates.split_at_checked(coordinates.len() / 2)?;
        let (x, y) = (
            FieldBytes::<C>::try_from(x).ok()?,
            FieldBytes::<C>::try_from(y).ok()?,
        );
        let point: Option<AffinePoint<C>> = AffinePoint::from_coordinates(&x, &y).into();
        Some(Self {
            key: VerifyingKey::from_affine(point?).ok()?,
            multiples: OnceBox::new(),
        })
    }

    /// Computes multiples of the key and of the base point.
    fn prepare(&self) {
        generator_multiples::<C>();
        self.multiples
            .get_or_init(|| multiples_of(ProjectivePoint::from(*self.key.as_affine())));
    }

    /// Whether the signature `(r, s)` over `digest` verifies.
    fn verify(&self, digest: &[u8], r: &[u8], s: &[u8]) -> bool {
        let Some(signature) = signature(r, s) else {
            return false;
        };
        match self.multiples.get() {
            Some(multiples) => verify_prepared(multiples, digest, &signature),
            None => verify_plain(&self.key, digest, &signature),
        }
    }
}

impl<C: PreparableCurve> fmt::Debug for EcdsaKey<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcdsaKey")
            .field("prepared", &self.multiples.get().is_some())
            .finish_non_exhaustive()
    }
}

/// A public key on P-256.
#[derive(Debug)]
pub struct P256Key(EcdsaKey<NistP256>);

/// A public key on P-384.
#[derive(Debug)]
pub struct P384Key(EcdsaKey<NistP384>);

macro_rules! public_key {
    ($name:ident) => {
        impl $name {
            /// Reads an uncompressed point on the curve (SEC 1, 2.3.4). `None` for anything else.
            pub fn from_uncompressed(point: &[u8]) -> Option<Self> {
                EcdsaKey::from_uncompressed(point).map(Self)
            }

            /// Prepares the key for many signatures. What verifies stays the same.
            pub fn prepare(&self) {
                self.0.prepare();
            }

            /// Whether the signature `(r, s)`, two big-endian integers, over `digest` verifies
            /// (FIPS 186-5, 6.4.2). A digest longer than the order of the curve is cut, as the
            /// standard says.
            pub fn verify(&self, digest: &[u8], r: &[u8], s: &[u8]) -> bool {
                self.0.verify(digest, r, s)
            }
        }
    };
}

public_key!(P256Key);
public_key!(P384Key);

/// Verifies by the library, whose own arithmetic needs nothing but the key.
fn verify_plain<C: PreparableCurve>(
    key: &VerifyingKey<C>,
    digest: &[u8],
    signature: &Signature<C>,
) -> bool {
    key.verify_prehash(&field_bytes::<C>(digest), signature)
        .is_ok()
}

/// Verifies as the library does, but for how the point is computed.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "scalars are numbers modulo the order"
)]
fn verify_prepared<C: PreparableCurve>(
    multiples: &FixedBase<C>,
    digest: &[u8],
    signature: &Signature<C>,
) -> bool {
    let (r, s) = signature.split_scalars();
    let s_inverse = *s.invert_vartime();
    let by_generator = scalar::<C>(&field_bytes::<C>(digest)) * s_inverse;
    let by_key = *r * s_inverse;
    let point = sum_of_products((&by_generator, generator_multiples()), (&by_key, multiples));
    // The point at infinity has the coordinate zero here, which no signature names.
    scalar::<C>(&point.to_affine().x()) == *r
}

fn generator_multiples<C: PreparableCurve>() -> &'static FixedBase<C> {
    C::generator_multiples().get_or_init(|| multiples_of(ProjectivePoint::GENERATOR))
}

fn multiples_of<C: PreparableCurve>(point: ProjectivePoint<C>) -> Box<FixedBase<C>> {
    Box::new(FixedBase::new(&point))
}

/// The integer modulo the order of the curve.
fn scalar<C: PreparableCurve>(bytes: &FieldBytes<C>) -> C::Scalar {
    <C::Scalar as Reduce<FieldBytes<C>>>::reduce(bytes)
}

/// The signature of two integers, big-endian. `None` for zero and for what is not below the order of the curve.
fn signature<C: PreparableCurve>(r: &[u8], s: &[u8]) -> Option<Signature<C>> {
    let size = FieldBytes::<C>::default().len();
    if r.len() > size || s.len() > size {
        return None;
    }
    Signature::from_scalars(field_bytes::<C>(r), field_bytes::<C>(s)).ok()
}

/// The leftmost bytes of an integer, as many as the order of the curve has; a shorter one is padded on the
/// left, which leaves its value unchanged (FIPS 186-5, 6.4.2).
fn field_bytes<C: PreparableCurve>(bytes: &[u8]) -> FieldBytes<C> {
    let mut padded = FieldBytes::<C>::default();
    let taken = bytes.len().min(padded.len());
    let start = padded.len().saturating_sub(taken);
    for (to, from) in padded.iter_mut().skip(start).zip(bytes) {
        *to = *from;
    }
    padded
}
