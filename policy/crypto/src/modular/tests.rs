//! The library for numbers that RustCrypto has is asked the same.

use alloc::vec::Vec;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use proptest::prelude::*;

use super::Modulus;

/// A big-endian number of many bytes, often with limbs that are all zeros or all ones.
fn number(bytes: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(0), Just(0xff), any::<u8>()];
    let chunk = prop_oneof![
        Just(alloc::vec![0; 4]),
        Just(alloc::vec![0xff; 4]),
        prop::collection::vec(byte, 4)
    ];
    prop::collection::vec(chunk, bytes.div_ceil(4)).prop_map(move |chunks| {
        let mut number = chunks.concat();
        number.truncate(bytes);
        number
    })
}

fn odd(bytes: usize) -> impl Strategy<Value = Vec<u8>> {
    number(bytes).prop_map(|mut number| {
        *number.first_mut().unwrap() |= 1;
        *number.last_mut().unwrap() |= 1;
        number
    })
}

fn boxed(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn products_are_those_of_the_library(
        (modulus, a, b) in (1_usize..=132).prop_flat_map(|size| (odd(size), number(size), number(size)))
    ) {
        let ours = Modulus::new(&modulus).unwrap();
        let theirs = boxed(&modulus);
        let parameters = BoxedMontyParams::new_vartime(Odd::new(theirs.clone()).unwrap());
        let below = |number: &[u8]| boxed(number) < theirs;
        prop_assert_eq!(ours.residue(&a).is_some(), below(&a));
        prop_assert_eq!(ours.residue(&b).is_some(), below(&b));
        let (Some(first), Some(second)) = (ours.residue(&a), ours.residue(&b)) else {
            return Ok(());
        };
        prop_assert_eq!(boxed(&ours.bytes(&first)), boxed(&a));
        let form = |number: &[u8]| BoxedMontyForm::new(boxed(number), &parameters);
        let product = form(&a).mul(&form(&b)).retrieve();
        prop_assert_eq!(boxed(&ours.bytes(&ours.multiply(&first, &second))), product);
    }
}

#[test]
fn even_moduli_and_none_are_refused() {
    for modulus in [
        &[][..],
        &[0],
        &[2],
        &[1, 0],
        &[0xff; 4].map(|byte: u8| byte & 0xfe),
    ] {
        assert!(Modulus::new(modulus).is_none(), "{modulus:?}");
    }
}

#[test]
fn numbers_not_below_the_modulus_are_refused() {
    let modulus = Modulus::new(&[1, 0, 0, 0, 1]).unwrap();
    for number in [
        &[1, 0, 0, 0, 1][..],
        &[0, 2, 0, 0, 0, 0],
        &[0xff; 16],
        &[1, 0, 0, 0, 0, 0, 0, 0, 0],
    ] {
        assert!(modulus.residue(number).is_none(), "{number:?}");
    }
    for number in [
        &[][..],
        &[0],
        &[1, 0, 0, 0, 0],
        &[0, 0, 0, 0, 0, 0, 0, 0, 0, 5],
    ] {
        assert!(modulus.residue(number).is_some(), "{number:?}");
    }
}
