use std::ops::Neg as _;

use p521::ecdsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use p521::ecdsa::{Signature as TheirSignature, SigningKey};
use proptest::prelude::*;
use sealstone_crypto::{Hash, Message, Signature, SignatureScheme, VerifyingKey};

const SCHEME: SignatureScheme = SignatureScheme::Ecdsa(Hash::Sha512);

/// A key, a signature by it, and the point of the key.
fn signed(secret: &[u8], digest: &[u8]) -> Option<(SigningKey, TheirSignature, Vec<u8>)> {
    let key = SigningKey::from_slice(secret).ok()?;
    let signature = key.sign_prehash(digest).ok()?;
    let point = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
    Some((key, signature, point))
}

fn verifies(point: &[u8], digest: &[u8], r: &[u8], s: &[u8]) -> bool {
    let message = Message::Digest(Hash::Sha512, digest);
    VerifyingKey::p521(point)
        .is_some_and(|key| key.verify(SCHEME, message, digest, Signature::Integers { r, s }))
}

fn scalar() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 65).prop_map(|low| [&[0][..], &low].concat()),
        (1_u8..=255).prop_map(|low| [&[0; 65][..], &[low]].concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn signatures_verify_and_their_neighbours_do_not(
        secret in scalar(), digest in prop::collection::vec(any::<u8>(), 64), bit in 0_usize..528
    ) {
        let Some((key, signature, point)) = signed(&secret, &digest) else {
            return Ok(());
        };
        let (r, s) = signature.split_bytes();
        prop_assert!(verifies(&point, &digest, &r, &s));
        // The negated `s` is valid as well.
        let negated = TheirSignature::from_scalars(r, signature.s().neg()).unwrap();
        prop_assert!(verifies(&point, &digest, &r, &negated.split_bytes().1));
        let mut other = s;
        other[bit / 8] ^= 1 << (bit % 8);
        let theirs = TheirSignature::from_scalars(r, other)
            .is_ok_and(|other| key.verifying_key().verify_prehash(&digest, &other).is_ok());
        prop_assert_eq!(verifies(&point, &digest, &r, &other), theirs);
        prop_assert!(!verifies(&point, &digest, &s, &r));
    }
}

#[test]
fn points_off_the_curve_are_refused() {
    let (_, _, point) = signed(&[[0; 65].as_slice(), &[7]].concat(), &[1; 64]).unwrap();
    assert!(VerifyingKey::p521(&point).is_some());
    for index in 0..point.len() {
        let mut other = point.clone();
        other[index] ^= 1;
        assert!(VerifyingKey::p521(&other).is_none(), "byte {index}");
    }
    assert!(VerifyingKey::p521(&point[..132]).is_none());
    assert!(VerifyingKey::p521(&[&point[..], &[0]].concat()).is_none());
    assert!(VerifyingKey::p521(&[&[4][..], &[0; 132]].concat()).is_none());
}

#[test]
fn zero_is_no_signature() {
    let (_, signature, point) = signed(&[[0; 65].as_slice(), &[7]].concat(), &[1; 64]).unwrap();
    let (r, s) = signature.split_bytes();
    assert!(verifies(&point, &[1; 64], &r, &s));
    for (r, s) in [(&r[..], &[][..]), (&[], &s), (&[], &[]), (&r, &[0; 66])] {
        assert!(!verifies(&point, &[1; 64], r, s));
    }
}
