//! Key pairs that follow from a seed and a label, and deterministic signatures.

use core::fmt;

use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::signature::{SignatureEncoding, Signer};
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use sha2::{Digest, Sha256, Sha512};

use crate::der;
use crate::encoding::{base64, pem, sha256};
use crate::key_details::KeyDetails;
use crate::seed::Seed;

/// A private key with its public half. For tests and demonstrations: whoever knows the seed knows it.
#[derive(Clone)]
pub struct KeyPair {
    details: KeyDetails,
    secret: Secret,
    /// DER SubjectPublicKeyInfo.
    public: Vec<u8>,
}

#[derive(Clone)]
enum Secret {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
    Rsa(rsa::pkcs1v15::SigningKey<Sha256>),
    Ed25519(ed25519_dalek::SigningKey),
}

impl KeyPair {
    pub(crate) fn derive(seed: &Seed, label: &str, details: KeyDetails) -> Self {
        let secret = match details {
            KeyDetails::EcdsaP256Sha256 => {
                Secret::P256(scalar(seed, label, 32, p256::ecdsa::SigningKey::from_slice))
            }
            KeyDetails::EcdsaP384Sha384 | KeyDetails::EcdsaP384Sha256 => {
                Secret::P384(scalar(seed, label, 48, p384::ecdsa::SigningKey::from_slice))
            }
            KeyDetails::EcdsaP521Sha512 => Secret::P521(scalar(seed, label, 66, |bytes| {
                // The field has 521 bits: of the first byte only the lowest one counts.
                let first = [bytes[0] & 1];
                p521::ecdsa::SigningKey::from_slice(&[&first, &bytes[1..]].concat())
            })),
            KeyDetails::RsaPkcs1v15_2048Sha256
            | KeyDetails::RsaPkcs1v15_3072Sha256
            | KeyDetails::RsaPkcs1v15_4096Sha256 => Secret::Rsa(rsa_key(details, label)),
            KeyDetails::Ed25519 | KeyDetails::Ed25519Ph => {
                let mut bytes = [0; 32];
                bytes.copy_from_slice(&seed.bytes(label, 32));
                Secret::Ed25519(ed25519_dalek::SigningKey::from_bytes(&bytes))
            }
        };
        let public = secret.public_key_info();
        Self {
            details,
            secret,
            public,
        }
    }

    /// The kind of the key.
    pub const fn details(&self) -> KeyDetails {
        self.details
    }

    /// DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
    pub fn public_key_der(&self) -> &[u8] {
        &self.public
    }

    /// PEM `PUBLIC KEY` with a final line end: what a policy's `publicKey` holds.
    pub fn public_key_pem(&self) -> String {
        pem("PUBLIC KEY", &self.public)
    }

    /// What cosign and sigstore-go write as `publicKey.hint`: base64 of SHA-256 of the DER key.
    pub fn hint(&self) -> String {
        base64(self.id())
    }

    /// SHA-256 of the DER key: the id of logs, and the hint of bundles.
    pub(crate) fn id(&self) -> [u8; 32] {
        sha256(&self.public)
    }

    /// Subject key identifier: RFC 7093 section 2, method 1, over the whole SubjectPublicKeyInfo.
    pub(crate) fn subject_key_identifier(&self) -> Vec<u8> {
        self.id()[..20].to_vec()
    }

    /// A signature over `message`: ECDSA as DER Ecdsa-Sig-Value with the nonce of RFC 6979.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let digest = self.details.hash().digest(message);
        match &self.secret {
            Secret::P256(key) => {
                let signature: p256::ecdsa::Signature = prehash(key, &digest);
                ecdsa_value(&signature.to_bytes())
            }
            Secret::P384(key) => {
                let signature: p384::ecdsa::Signature = prehash(key, &digest);
                ecdsa_value(&signature.to_bytes())
            }
            Secret::P521(key) => {
                let signature: p521::ecdsa::Signature = prehash(key, &digest);
                ecdsa_value(&signature.to_bytes())
            }
            Secret::Rsa(key) => key.sign(message).to_vec(),
            Secret::Ed25519(key) if self.details == KeyDetails::Ed25519Ph => {
                prehashed(key, message)
            }
            Secret::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        }
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair")
            .field("details", &self.details)
            .finish_non_exhaustive()
    }
}

impl Secret {
    fn public_key_info(&self) -> Vec<u8> {
        let elliptic = |curve: &str, point: &[u8]| {
            let algorithm = der::sequence([&der::oid("1.2.840.10045.2.1"), &der::oid(curve)]);
            der::sequence([&algorithm, &der::bit_string(point)])
        };
        match self {
            Self::P256(key) => elliptic(
                "1.2.840.10045.3.1.7",
                key.verifying_key().to_sec1_point(false).as_bytes(),
            ),
            Self::P384(key) => elliptic(
                "1.3.132.0.34",
                key.verifying_key().to_sec1_point(false).as_bytes(),
            ),
            Self::P521(key) => elliptic(
                "1.3.132.0.35",
                key.verifying_key().to_sec1_point(false).as_bytes(),
            ),
            Self::Rsa(key) => {
                let key: &rsa::PrivateKey = key.as_ref();
                let public = der::sequence([
                    &der::integer(&key.n().to_be_bytes()),
                    &der::integer(&key.e().to_be_bytes()),
                ]);
                let algorithm = der::sequence([&der::oid("1.2.840.113549.1.1.1"), &der::NULL]);
                der::sequence([&algorithm, &der::bit_string(&public)])
            }
            Self::Ed25519(key) => der::sequence([
                &der::sequence([&der::oid("1.3.101.112")]),
                &der::bit_string(key.verifying_key().as_bytes()),
            ]),
        }
    }
}

/// The first derived byte string that is a scalar of the curve (all but about 2^-32 are).
fn scalar<K, E>(
    seed: &Seed,
    label: &str,
    length: usize,
    parse: impl Fn(&[u8]) -> Result<K, E>,
) -> K {
    let mut attempt = 0_u32;
    loop {
        if let Ok(key) = parse(&seed.bytes(&format!("{label}#{attempt}"), length)) {
            return key;
        }
        attempt += 1;
    }
}

/// One of the keys in `keys/`: the second of its size for the key that must differ from all others.
#[expect(clippy::expect_used, reason = "the keys are part of the program")]
fn rsa_key(details: KeyDetails, label: &str) -> rsa::pkcs1v15::SigningKey<Sha256> {
    let [first, second] = match details {
        KeyDetails::RsaPkcs1v15_4096Sha256 => [
            include_str!("../keys/rsa-4096-1.pem"),
            include_str!("../keys/rsa-4096-2.pem"),
        ],
        KeyDetails::RsaPkcs1v15_3072Sha256 => [
            include_str!("../keys/rsa-3072-1.pem"),
            include_str!("../keys/rsa-3072-2.pem"),
        ],
        _ => [
            include_str!("../keys/rsa-2048-1.pem"),
            include_str!("../keys/rsa-2048-2.pem"),
        ],
    };
    let text = if label.starts_with(OTHER) {
        second
    } else {
        first
    };
    let key = rsa::PrivateKey::from_pkcs8_pem(text).expect("a PKCS #8 key");
    rsa::pkcs1v15::SigningKey::new(key)
}

/// How the labels begin whose key must differ from the one that signs.
pub(crate) const OTHER: &str = "another";

/// Ed25519ph (RFC 8032 section 5.1) without context.
#[expect(
    clippy::expect_used,
    reason = "signing fails only for contexts that are too long"
)]
fn prehashed(key: &ed25519_dalek::SigningKey, message: &[u8]) -> Vec<u8> {
    let digest = Sha512::new().chain_update(message);
    key.sign_prehashed(digest, None)
        .expect("no context")
        .to_bytes()
        .to_vec()
}

#[expect(
    clippy::expect_used,
    reason = "signing fails only for digests shorter than half of the field, which none of ours is"
)]
fn prehash<S>(key: &impl PrehashSigner<S>, digest: &[u8]) -> S {
    key.sign_prehash(digest).expect("a digest of usable length")
}

/// RFC 3279 section 2.2.3: `SEQUENCE { r INTEGER, s INTEGER }` from fixed-width `r || s`.
fn ecdsa_value(fixed: &[u8]) -> Vec<u8> {
    let (r, s) = fixed.split_at(fixed.len() / 2);
    der::sequence([&der::integer(r), &der::integer(s)])
}
