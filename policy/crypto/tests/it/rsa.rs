use sealstone_crypto::VerifyingKey;

#[test]
fn moduli_have_2048_to_4096_bits_and_are_odd() {
    let modulus = |bits: usize, last: u8| {
        let mut modulus = vec![0xff; bits.div_ceil(8)];
        modulus[0] >>= modulus.len() * 8 - bits;
        *modulus.last_mut().unwrap() = last;
        modulus
    };
    for bits in [2048, 2049, 3072, 4095, 4096] {
        assert!(VerifyingKey::rsa(&modulus(bits, 1)).is_some(), "{bits}");
        assert!(VerifyingKey::rsa(&modulus(bits, 2)).is_none(), "{bits}");
    }
    for bits in [1024, 2047, 4097, 8192] {
        assert!(VerifyingKey::rsa(&modulus(bits, 1)).is_none(), "{bits}");
    }
}
