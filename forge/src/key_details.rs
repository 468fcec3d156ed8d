//! Kinds of keys and hashes, by their names in protobuf-specs.

use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::der;

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
    /// ECDSA over P-521 with SHA-512.
    EcdsaP521Sha512,
    /// RSASSA-PKCS1-v1_5 with 2048 bits and SHA-256.
    RsaPkcs1v15_2048Sha256,
    /// RSASSA-PKCS1-v1_5 with 3072 bits and SHA-256.
    RsaPkcs1v15_3072Sha256,
    /// RSASSA-PKCS1-v1_5 with 4096 bits and SHA-256.
    RsaPkcs1v15_4096Sha256,
    /// Ed25519 over the message itself (RFC 8032 section 5.1).
    Ed25519,
    /// Ed25519ph over the SHA-512 digest of the message.
    Ed25519Ph,
}

impl KeyDetails {
    /// The name in protobuf-specs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdsaP256Sha256 => "PKIX_ECDSA_P256_SHA_256",
            Self::EcdsaP384Sha384 => "PKIX_ECDSA_P384_SHA_384",
            Self::EcdsaP384Sha256 => "PKIX_ECDSA_P384_SHA_256",
            Self::EcdsaP521Sha512 => "PKIX_ECDSA_P521_SHA_512",
            Self::RsaPkcs1v15_2048Sha256 => "PKIX_RSA_PKCS1V15_2048_SHA256",
            Self::RsaPkcs1v15_3072Sha256 => "PKIX_RSA_PKCS1V15_3072_SHA256",
            Self::RsaPkcs1v15_4096Sha256 => "PKIX_RSA_PKCS1V15_4096_SHA256",
            Self::Ed25519 => "PKIX_ED25519",
            Self::Ed25519Ph => "PKIX_ED25519_PH",
        }
    }

    /// The hash that this key's signatures are made over.
    pub const fn hash(self) -> HashAlgorithm {
        match self {
            Self::EcdsaP256Sha256
            | Self::EcdsaP384Sha256
            | Self::RsaPkcs1v15_2048Sha256
            | Self::RsaPkcs1v15_3072Sha256
            | Self::RsaPkcs1v15_4096Sha256 => HashAlgorithm::Sha256,
            Self::EcdsaP384Sha384 => HashAlgorithm::Sha384,
            Self::EcdsaP521Sha512 | Self::Ed25519 | Self::Ed25519Ph => HashAlgorithm::Sha512,
        }
    }

    /// AlgorithmIdentifier of a signature by such a key (RFC 5758 section 3.2, RFC 8410
    /// section 3, RFC 4055 section 5).
    pub(crate) fn signature_algorithm(self) -> Vec<u8> {
        let oid = match self {
            Self::EcdsaP256Sha256 | Self::EcdsaP384Sha256 => "1.2.840.10045.4.3.2",
            Self::EcdsaP384Sha384 => "1.2.840.10045.4.3.3",
            Self::EcdsaP521Sha512 => "1.2.840.10045.4.3.4",
            Self::Ed25519 | Self::Ed25519Ph => "1.3.101.112",
            Self::RsaPkcs1v15_2048Sha256
            | Self::RsaPkcs1v15_3072Sha256
            | Self::RsaPkcs1v15_4096Sha256 => {
                return der::sequence([&der::oid("1.2.840.113549.1.1.11"), &der::NULL]);
            }
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
