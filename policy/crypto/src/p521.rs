//! ECDSA on P-521, which is too rare to be worth more than its code.

mod curve;

use ecdsa::elliptic_curve::FieldBytes;
use ecdsa::elliptic_curve::point::AffineCoordinates;
use ecdsa::signature::hazmat::PrehashVerifier;
use ecdsa::{Signature, VerifyingKey};
use primeorder::AffinePoint;

use self::curve::NistP521;

/// Bytes of a coordinate, and of a number below the order.
const SIZE: usize = 66;

/// A public key on P-521.
#[derive(Debug)]
pub(crate) struct P521Key(VerifyingKey<NistP521>);

impl P521Key {
    /// Reads an uncompressed point on the curve (SEC 1, 2.3.4).
    pub(crate) fn from_uncompressed(point: &[u8]) -> Option<Self> {
        let (&4, coordinates) = point.split_first()? else {
            return None;
        };
        let (x, y) = coordinates.split_at_checked(SIZE)?;
        let (x, y) = (
            FieldBytes::<NistP521>::try_from(x).ok()?,
            FieldBytes::<NistP521>::try_from(y).ok()?,
        );
        let point: Option<AffinePoint<NistP521>> = AffinePoint::from_coordinates(&x, &y).into();
        VerifyingKey::from_affine(point?).ok().map(Self)
    }

    /// Whether the signature `(r, s)` over `digest` verifies (FIPS 186-5, 6.4.2).
    pub(crate) fn verify(&self, digest: &[u8], r: &[u8], s: &[u8]) -> bool {
        let (Some(digest), Some(r), Some(s)) = (padded(digest), padded(r), padded(s)) else {
            return false;
        };
        Signature::from_scalars(r, s)
            .and_then(|signature| self.0.verify_prehash(&digest, &signature))
            .is_ok()
    }
}

/// The same big-endian number with zeros on the left. No digest is longer than the order.
fn padded(number: &[u8]) -> Option<[u8; SIZE]> {
    let start = SIZE.checked_sub(number.len())?;
    let mut padded = [0; SIZE];
    padded.get_mut(start..)?.copy_from_slice(number);
    Some(padded)
}
