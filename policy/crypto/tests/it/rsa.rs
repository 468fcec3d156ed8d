use sealstone_crypto::{Hash, Message, Signature, SignatureScheme, VerifyingKey};
use sha2::Digest as _;

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

/// Of such a modulus the encoding of PSS has a byte less than the modulus, or bits that must be zero.
#[test]
fn moduli_of_any_length_verify() {
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    let bytes = |digits: &str| -> Vec<u8> { digits.as_bytes().chunks(2).map(byte).collect() };
    let digest = sha2::Sha256::digest(b"sealstone");
    let lines = include_str!("rsa_lengths.txt").lines();
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines.len(), 8);
    for line in lines {
        let parts: Vec<&str> = line.split(" | ").collect();
        let [scheme, modulus, signature] = parts[..] else {
            panic!("{line}");
        };
        let scheme = match scheme {
            "pkcs1" => SignatureScheme::RsaPkcs1(Hash::Sha256),
            _ => SignatureScheme::RsaPss,
        };
        let other = match scheme {
            SignatureScheme::RsaPss => SignatureScheme::RsaPkcs1(Hash::Sha256),
            _ => SignatureScheme::RsaPss,
        };
        let key = VerifyingKey::rsa(&bytes(modulus)).unwrap();
        let signature = bytes(signature);
        let verifies = |scheme, digest: &[u8], signature: &[u8]| {
            let message = Message::Digest(Hash::Sha256, digest);
            key.verify(scheme, message, digest, Signature::Bytes(signature))
        };
        assert!(verifies(scheme, &digest, &signature), "{line}");
        assert!(!verifies(other, &digest, &signature), "{line}");
        assert!(!verifies(scheme, &[7; 32], &signature), "{line}");
        assert!(!verifies(scheme, &digest, &signature[1..]), "{line}");
        assert!(
            !verifies(scheme, &digest, &[&[0], &signature[..]].concat()),
            "{line}"
        );
        for place in 0..signature.len() {
            let mut changed = signature.clone();
            changed[place] ^= 1;
            assert!(!verifies(scheme, &digest, &changed), "{place}: {line}");
        }
    }
}
