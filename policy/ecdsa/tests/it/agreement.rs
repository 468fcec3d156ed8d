//! Plain and prepared keys accept and reject exactly what the verifiers of `p256` and `p384` do.

use proptest::prelude::*;

/// What is done to a valid signature.
#[derive(Clone, Copy, Debug)]
enum Change {
    None,
    /// The other `s` with the same point: ECDSA accepts both.
    HighS,
    FlipR(usize),
    FlipS(usize),
    FlipDigest(usize),
    ZeroR,
    ZeroS,
    /// `r` plus the order, where that still has as many bytes.
    RBeyondOrder,
    SBeyondOrder,
    Swap,
    /// One byte more than the order has.
    LongR,
    ROrder,
    SOrder,
    /// All bits set.
    RAll,
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => Just(Change::None),
        2 => Just(Change::HighS),
        2 => any::<usize>().prop_map(Change::FlipR),
        2 => any::<usize>().prop_map(Change::FlipS),
        2 => any::<usize>().prop_map(Change::FlipDigest),
        1 => Just(Change::ZeroR),
        1 => Just(Change::ZeroS),
        1 => Just(Change::RBeyondOrder),
        1 => Just(Change::SBeyondOrder),
        1 => Just(Change::Swap),
        1 => Just(Change::LongR),
        1 => Just(Change::ROrder),
        1 => Just(Change::SOrder),
        1 => Just(Change::RAll),
    ]
}

fn flip(bytes: &mut [u8], bit: usize) {
    if let Some(bit) = bit.checked_rem(bytes.len() * 8) {
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}

/// `number + other`, cut to as many bytes as `number` has.
fn plus(number: &[u8], other: &[u8]) -> Vec<u8> {
    let mut sum = number.to_vec();
    let mut carry = false;
    for (to, from) in sum.iter_mut().rev().zip(other.iter().rev()) {
        let (partial, first) = to.overflowing_add(*from);
        let (total, second) = partial.overflowing_add(u8::from(carry));
        *to = total;
        carry = first || second;
    }
    sum
}

macro_rules! suite {
    ($curve:ident, $Curve:ident, $Key:ident, $cases:expr) => {
        mod $curve {
            use $curve::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
            use $curve::ecdsa::{Signature, SigningKey, VerifyingKey};
            use $curve::elliptic_curve::Curve;
            use $curve::elliptic_curve::ff::PrimeField;
            use $curve::elliptic_curve::ops::Reduce;
            use $curve::elliptic_curve::point::DecompressPoint;
            use $curve::elliptic_curve::subtle::Choice;
            use $curve::{$Curve, AffinePoint, FieldBytes, ProjectivePoint, Scalar};
            use proptest::prelude::*;
            use sealstone_ecdsa::$Key;

            use super::{Change, changes, flip, plus};

            const SIZE: usize = size_of::<FieldBytes>();

            fn order() -> Vec<u8> {
                $Curve::ORDER.to_be_bytes().as_ref().to_vec()
            }

            fn bytes(scalar: &Scalar) -> Vec<u8> {
                scalar.to_repr().to_vec()
            }

            fn scalar(seed: &[u8; 48]) -> Scalar {
                let mut field = FieldBytes::default();
                field.copy_from_slice(&seed[..SIZE]);
                Scalar::reduce(&field)
            }

            fn affine(point: ProjectivePoint) -> Option<VerifyingKey> {
                VerifyingKey::from_affine(point.to_affine()).ok()
            }

            /// What the library says, and the same from a plain and a prepared key.
            fn verify(key: &VerifyingKey, digest: &[u8], r: &[u8], s: &[u8]) -> bool {
                let by_library = || {
                    let pad = |number: &[u8]| {
                        let mut field = FieldBytes::default();
                        let start = SIZE.checked_sub(number.len())?;
                        field[start..].copy_from_slice(number);
                        Some(field)
                    };
                    let signature = Signature::from_scalars(pad(r)?, pad(s)?).ok()?;
                    let mut digest = digest.to_vec();
                    while digest.len() < SIZE {
                        digest.insert(0, 0);
                    }
                    key.verify_prehash(&digest, &signature).ok()
                };
                let expected = by_library().is_some();
                let point = key.to_sec1_point(false);
                let ours = $Key::from_uncompressed(point.as_bytes()).expect("a point on the curve");
                assert_eq!(ours.verify(digest, r, s), expected, "plain");
                ours.prepare();
                assert_eq!(ours.verify(digest, r, s), expected, "prepared");
                expected
            }

            proptest! {
                #![proptest_config(ProptestConfig::with_cases($cases))]

                #[test]
                fn signatures_and_their_neighbours(
                    secret in any::<[u8; 48]>(),
                    digest in proptest::collection::vec(any::<u8>(), SIZE / 2..=64),
                    change in changes(),
                ) {
                    let secret = scalar(&secret);
                    prop_assume!(secret != Scalar::ZERO);
                    let signer = SigningKey::from_bytes(&secret.to_repr()).expect("below the order");
                    let mut signed = digest.clone();
                    while signed.len() < SIZE {
                        signed.insert(0, 0);
                    }
                    let signature: Signature = signer.sign_prehash(&signed).expect("signs");
                    let (mut r, mut s) = (bytes(&signature.r()), bytes(&signature.s()));
                    let mut digest = digest;
                    match change {
                        Change::None => {}
                        Change::HighS => s = bytes(&-*signature.s()),
                        Change::FlipR(bit) => flip(&mut r, bit),
                        Change::FlipS(bit) => flip(&mut s, bit),
                        // Beyond the size of the order a digest is cut.
                        Change::FlipDigest(bit) => {
                            let length = digest.len().min(SIZE);
                            flip(&mut digest[..length], bit);
                        }
                        Change::ZeroR => r = vec![0],
                        Change::ZeroS => s = vec![0],
                        Change::RBeyondOrder => r = plus(&order(), &r),
                        Change::SBeyondOrder => s = plus(&order(), &s),
                        Change::Swap => core::mem::swap(&mut r, &mut s),
                        Change::LongR => r.insert(0, 1),
                        Change::ROrder => r = order(),
                        Change::SOrder => s = order(),
                        Change::RAll => r = vec![0xff; SIZE],
                    }
                    let accepted = verify(signer.verifying_key(), &digest, &r, &s);
                    prop_assert_eq!(accepted, matches!(change, Change::None | Change::HighS));
                }

                #[test]
                fn numbers_without_leading_zeros(
                    secret in any::<[u8; 48]>(),
                    r in proptest::collection::vec(any::<u8>(), 0..=SIZE + 1),
                    s in proptest::collection::vec(any::<u8>(), 0..=SIZE + 1),
                    digest in proptest::collection::vec(any::<u8>(), 0..80),
                ) {
                    let Some(key) = affine(ProjectivePoint::GENERATOR * scalar(&secret)) else {
                        return Ok(());
                    };
                    prop_assert!(!verify(&key, &digest, &r, &s));
                }

                /// With a secret at hand, `u1·G + u2·Q` can be any multiple of `G`: infinity, where no
                /// addition has a finite sum, and twice a point, where the plain addition fails.
                #[test]
                fn sums_that_are_exceptional(
                    secret in any::<[u8; 48]>(), r in any::<[u8; 48]>(), s in any::<[u8; 48]>(),
                ) {
                    let (secret, r, s) = (scalar(&secret), scalar(&r), scalar(&s));
                    let Some(key) = affine(ProjectivePoint::GENERATOR * secret) else {
                        return Ok(());
                    };
                    for digest in [-(r * secret), r * secret, Scalar::ZERO, Scalar::ONE, -Scalar::ONE] {
                        verify(&key, &bytes(&digest), &bytes(&r), &bytes(&s));
                    }
                    let infinity = verify(&key, &bytes(&-(r * secret)), &bytes(&r), &bytes(&s));
                    prop_assert!(!infinity);
                }
            }

            #[test]
            fn keys_near_the_base_point() {
                for secret in [1_u64, 2, 3, 15, 16, 17, 31, 32, 33, 1 << 20, u64::MAX] {
                    for secret in [Scalar::from(secret), -Scalar::from(secret)] {
                        let signer = SigningKey::from_bytes(&secret.to_repr()).unwrap();
                        for digest in [[0; SIZE], [0xff; SIZE], [1; SIZE]] {
                            let signature: Signature = signer.sign_prehash(&digest).unwrap();
                            let (r, s) = (bytes(&signature.r()), bytes(&signature.s()));
                            assert!(verify(signer.verifying_key(), &digest, &r, &s));
                            assert!(!verify(signer.verifying_key(), &[2; SIZE], &r, &s));
                        }
                    }
                }
            }

            /// The coordinate of the point may lie between the order and the prime of the field; `r` is
            /// then that coordinate less the order.
            #[test]
            fn coordinates_beyond_the_order() {
                let mut found = 0;
                for above in 1..60_u8 {
                    let mut x = FieldBytes::default();
                    x.copy_from_slice(&plus(&order(), &[above]));
                    let point = AffinePoint::decompress(&x, Choice::from(above & 1));
                    let Some(point) = Option::<AffinePoint>::from(point) else {
                        continue;
                    };
                    found += 1;
                    // Any u1 and u2 make a key for which they are the right ones.
                    let (u1, u2) = (Scalar::from(7 + u64::from(above)), Scalar::from(11_u64));
                    let u2_inverse = u2.invert().unwrap();
                    let key = (ProjectivePoint::from(point) - ProjectivePoint::GENERATOR * u1)
                        * u2_inverse;
                    let key = affine(key).unwrap();
                    let r = Scalar::from(u64::from(above));
                    let s = r * u2_inverse;
                    let digest = bytes(&(u1 * s));
                    assert!(verify(&key, &digest, &bytes(&r), &bytes(&s)));
                    assert!(!verify(&key, &digest, &x, &bytes(&s)));
                    assert!(!verify(&key, &digest, &bytes(&(r + Scalar::ONE)), &bytes(&s)));
                }
                assert!(found > 10);
            }

            #[test]
            fn only_points_on_the_curve_are_keys() {
                let point = VerifyingKey::from_affine(AffinePoint::GENERATOR).unwrap();
                let uncompressed = point.to_sec1_point(false);
                let compressed = point.to_sec1_point(true);
                assert!($Key::from_uncompressed(uncompressed.as_bytes()).is_some());
                assert!($Key::from_uncompressed(compressed.as_bytes()).is_none());
                let mut off = uncompressed.as_bytes().to_vec();
                *off.last_mut().unwrap() ^= 1;
                assert!($Key::from_uncompressed(&off).is_none());
                for bad in [&[][..], &[0], &[4], &off[..off.len() - 1]] {
                    assert!($Key::from_uncompressed(bad).is_none());
                }
            }
        }
    };
}

suite!(p256, NistP256, P256Key, 192);
suite!(p384, NistP384, P384Key, 64);
