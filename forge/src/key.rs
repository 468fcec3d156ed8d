//! Key pairs that follow from a seed and a label, and deterministic signatures.

use core::fmt;

use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::der;
use crate::encoding::{base64, pem, sha256};

/// The kind of a key and how it signs: the names of `PublicKeyDetails` in protobuf-specs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyDetails {
    /// ECDSA over P-256 with SHA-256: what Fulcio clients use.
    EcdsaP256Sha256,
    /// ECDSA over P-384 with SHA-384.
    EcdsaP384Sha384,
    /// ECDSA over P-384 with SHA-256: deprecated, but made by old sigstore-python.
    EcdsaP384Sha256,
    /// Ed25519 over the message itself (RFC 8032 section 5.1).
    Ed25519,
}

impl KeyDetails {
    /// The name in protobuf-specs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdsaP256Sha256 => "PKIX_ECDSA_P256_SHA_256",
            Self::EcdsaP384Sha384 => "PKIX_ECDSA_P384_SHA_384",
            Self::EcdsaP384Sha256 => "PKIX_ECDSA_P384_SHA_256",
            Self::Ed25519 => "PKIX_ED25519",
        }
    }

    /// The hash that this key's signatures are made over.
    pub const fn hash(self) -> HashAlgorithm {
        match self {
            Self::EcdsaP256Sha256 | Self::EcdsaP384Sha256 => HashAlgorithm::Sha256,
            Self::EcdsaP384Sha384 => HashAlgorithm::Sha384,
            Self::Ed25519 => HashAlgorithm::Sha512,
        }
    }

    /// AlgorithmIdentifier of a signature by such a key (RFC 5758 section 3.2, RFC 8410 section 3).
    pub(crate) fn signature_algorithm(self) -> Vec<u8> {
        let oid = match self {
            Self::EcdsaP256Sha256 | Self::EcdsaP384Sha256 => "1.2.840.10045.4.3.2",
            Self::EcdsaP384Sha384 => "1.2.840.10045.4.3.3",
            Self::Ed25519 => "1.3.101.112",
        };
        der::sequence([&der::oid(oid)])
    }
}

/// A hash by its name in protobuf-specs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HashAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl HashAlgorithm {
    /// The name in protobuf-specs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA2_256",
            Self::Sha384 => "SHA2_384",
            Self::Sha512 => "SHA2_512",
        }
    }

    /// The name in in-toto digest sets and Rekor v1 bodies.
    pub const fn short_name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// The digest of `bytes`.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// Everything secret or serial follows from this.
#[derive(Clone, Debug)]
pub(crate) struct Seed(Vec<u8>);

impl Seed {
    pub(crate) fn new(seed: &str) -> Self {
        Self(seed.as_bytes().to_vec())
    }

    /// A seed for one concern, so that equal labels of different concerns differ.
    pub(crate) fn child(&self, label: &str) -> Self {
        Self(self.bytes(label, 32))
    }

    /// `length` bytes for a label: SHA-512 over domain, seed, label and a counter.
    pub(crate) fn bytes(&self, label: &str, length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut counter = 0_u32;
        while bytes.len() < length {
            let block = Sha512::new()
                .chain_update(b"sealstone-forge/1\0")
                .chain_update((self.0.len() as u64).to_be_bytes())
                .chain_update(&self.0)
                .chain_update((label.len() as u64).to_be_bytes())
                .chain_update(label)
                .chain_update(counter.to_be_bytes())
                .finalize();
            bytes.extend(block);
            counter += 1;
        }
        bytes.truncate(length);
        bytes
    }

    pub(crate) fn key_pair(&self, label: &str, details: KeyDetails) -> KeyPair {
        KeyPair::derive(self, label, details)
    }
}

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
    Ed25519(ed25519_dalek::SigningKey),
}

impl KeyPair {
    fn derive(seed: &Seed, label: &str, details: KeyDetails) -> Self {
        let secret = match details {
            KeyDetails::EcdsaP256Sha256 => {
                Secret::P256(scalar(seed, label, 32, p256::ecdsa::SigningKey::from_slice))
            }
            KeyDetails::EcdsaP384Sha384 | KeyDetails::EcdsaP384Sha256 => {
                Secret::P384(scalar(seed, label, 48, p384::ecdsa::SigningKey::from_slice))
            }
            KeyDetails::Ed25519 => {
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
