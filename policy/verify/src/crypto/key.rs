//! Public keys, prepared once and used often.

use alloc::vec::Vec;

use sealstone_crypto::{KeyKind, Signature, VerifyingKey};

use super::{Budget, Hash, Message, SignatureScheme, sha256};
use crate::der::{DerError, Reader, tag};
use crate::encoding::pem;
use crate::error::Error;

/// A public key of one of the kinds in the Sigstore algorithm registry.
///
/// ECDSA P-256, P-384 and P-521, Ed25519, RSA of 2048 to 4096 bits with exponent 65537. Anything
/// weaker or unknown is refused when the key is read.
#[derive(Clone, Debug)]
pub struct PublicKey {
    key: VerifyingKey,
    spki: Vec<u8>,
}

impl PublicKey {
    /// Reads a PEM block `PUBLIC KEY` (SubjectPublicKeyInfo, RFC 5280, 4.1.2.7).
    ///
    /// # Errors
    /// [`Error::PublicKeyMalformed`], [`Error::PublicKeyUnsupported`].
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        Self::from_spki(&pem::decode_one(pem, &["PUBLIC KEY"]).ok_or(Error::PublicKeyMalformed)?)
    }

    /// Reads a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`Error::PublicKeyMalformed`], [`Error::PublicKeyUnsupported`].
    pub fn from_spki(spki: &[u8]) -> Result<Self, Error> {
        Ok(Self {
            key: parse_spki(spki)?,
            spki: spki.to_vec(),
        })
    }

    /// Reads an `RSAPublicKey` (RFC 8017, A.1.1), which some trust roots hold bare.
    pub(crate) fn from_pkcs1(key: &[u8]) -> Result<Self, Error> {
        let mut spki = Vec::new();
        let algorithm: &[u8] = &[
            0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05,
            0x00,
        ];
        let bits = encode_der(tag::BIT_STRING, &[&[0], key]);
        spki.extend(encode_der(tag::SEQUENCE, &[algorithm, &bits]));
        Self::from_spki(&spki)
    }

    /// The SubjectPublicKeyInfo in DER, as it was read.
    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// SHA-256 of the SubjectPublicKeyInfo in DER.
    pub fn spki_sha256(&self) -> [u8; 32] {
        sha256(&[&self.spki])
    }

    /// The raw 32 bytes, if this is an Ed25519 key.
    pub(crate) fn ed25519_bytes(&self) -> Option<[u8; 32]> {
        self.key.ed25519_bytes()
    }

    /// Whether this is an RSA key.
    pub(crate) fn is_rsa(&self) -> bool {
        self.key.kind() == KeyKind::Rsa
    }

    /// Whether the key is of the kind that a `PublicKeyDetails` of protobuf-specs names.
    pub(crate) fn fits_details(&self, details: &str) -> bool {
        match self.key.kind() {
            KeyKind::P256 => details == "PKIX_ECDSA_P256_SHA_256",
            KeyKind::P384 => matches!(
                details,
                "PKIX_ECDSA_P384_SHA_384" | "PKIX_ECDSA_P384_SHA_256"
            ),
            KeyKind::P521 => matches!(
                details,
                "PKIX_ECDSA_P521_SHA_512" | "PKIX_ECDSA_P521_SHA_256"
            ),
            KeyKind::Ed25519 => matches!(details, "PKIX_ED25519" | "PKIX_ED25519_PH"),
            KeyKind::Rsa => details == "PKCS1_RSA_PKCS1V5" || details.starts_with("PKIX_RSA_"),
        }
    }

    /// The schemes in which this key may have signed an artifact, the registry's first, then the
    /// deprecated pairs that published signatures have.
    pub(crate) fn artifact_schemes(&self) -> &'static [SignatureScheme] {
        use SignatureScheme::{Ecdsa, Ed25519, Ed25519ph, RsaPkcs1, RsaPss};
        match self.key.kind() {
            KeyKind::P256 => &[Ecdsa(Hash::Sha256)],
            KeyKind::P384 => &[Ecdsa(Hash::Sha384), Ecdsa(Hash::Sha256)],
            KeyKind::P521 => &[Ecdsa(Hash::Sha512), Ecdsa(Hash::Sha256)],
            KeyKind::Ed25519 => &[Ed25519, Ed25519ph],
            KeyKind::Rsa => &[RsaPkcs1(Hash::Sha256), RsaPkcs1(Hash::Sha512), RsaPss],
        }
    }

    /// The scheme in which a log with this key signs.
    pub(crate) fn log_scheme(&self) -> SignatureScheme {
        match self.key.kind() {
            KeyKind::P256 => SignatureScheme::Ecdsa(Hash::Sha256),
            KeyKind::P384 => SignatureScheme::Ecdsa(Hash::Sha384),
            KeyKind::P521 => SignatureScheme::Ecdsa(Hash::Sha512),
            KeyKind::Ed25519 => SignatureScheme::Ed25519,
            KeyKind::Rsa => SignatureScheme::RsaPkcs1(Hash::Sha256),
        }
    }

    /// Prepares the key for many signatures; see [`VerifyingKey::prepare`].
    pub(crate) fn prepare(&self) {
        self.key.prepare();
    }

    /// Verifies a signature over an artifact by whichever of [`Self::artifact_schemes`] fits.
    pub(crate) fn verify_artifact(
        &self,
        message: Message<'_>,
        signature: &[u8],
        budget: &mut Budget,
    ) -> Result<bool, Error> {
        for scheme in self.artifact_schemes() {
            if self.verify(*scheme, message, signature, budget)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Verifies a signature. `Ok(false)` when it does not verify, also for a scheme of another kind of key
    /// or a message whose digest is not at hand.
    ///
    /// # Errors
    /// Only [`Error::LimitExceeded`], when the budget is spent.
    pub(crate) fn verify(
        &self,
        scheme: SignatureScheme,
        message: Message<'_>,
        signature: &[u8],
        budget: &mut Budget,
    ) -> Result<bool, Error> {
        let digest = match scheme.hash() {
            Some(hash) => match message.digest(hash) {
                Some(digest) => digest,
                None => return Ok(false),
            },
            None => Vec::new(),
        };
        budget.spend(self.key.kind())?;
        let signature = match scheme {
            SignatureScheme::Ecdsa(_) => match ecdsa_signature(signature) {
                Ok(integers) => integers,
                Err(DerError) => return Ok(false),
            },
            _ => Signature::Bytes(signature),
        };
        Ok(self.key.verify(scheme, message, &digest, signature))
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for PublicKey {}

/// `ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279, 2.2.3).
fn ecdsa_signature(signature: &[u8]) -> Result<Signature<'_>, DerError> {
    let mut outer = Reader::new(signature);
    let mut fields = outer.sequence()?;
    outer.finish()?;
    let (r, s) = (fields.unsigned_integer()?, fields.unsigned_integer()?);
    fields.finish()?;
    Ok(Signature::Integers { r, s })
}

/// `SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }`.
fn parse_spki(spki: &[u8]) -> Result<VerifyingKey, Error> {
    let malformed = |_: DerError| Error::PublicKeyMalformed;
    let mut outer = Reader::new(spki);
    let mut fields = outer.sequence().map_err(malformed)?;
    outer.finish().map_err(malformed)?;
    let mut algorithm = fields.sequence().map_err(malformed)?;
    let bits = fields.bit_string().map_err(malformed)?;
    fields.finish().map_err(malformed)?;
    match algorithm.object_identifier().map_err(malformed)? {
        // id-ecPublicKey with a named curve
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01] => {
            let curve = algorithm.object_identifier().map_err(malformed)?;
            algorithm.finish().map_err(malformed)?;
            parse_ec(curve, bits)
        }
        // id-Ed25519
        [0x2b, 0x65, 0x70] => {
            algorithm.finish().map_err(malformed)?;
            let bytes = bits.try_into().map_err(|_| Error::PublicKeyMalformed)?;
            VerifyingKey::ed25519(bytes).ok_or(Error::PublicKeyMalformed)
        }
        // rsaEncryption
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01] => {
            let parameters = algorithm.expect(tag::NULL).map_err(malformed)?;
            algorithm.finish().map_err(malformed)?;
            if !parameters.contents.is_empty() {
                return Err(Error::PublicKeyMalformed);
            }
            parse_rsa(bits)
        }
        _ => Err(Error::PublicKeyUnsupported),
    }
}

fn parse_ec(curve: &[u8], point: &[u8]) -> Result<VerifyingKey, Error> {
    let key = match curve {
        // secp256r1
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] => VerifyingKey::p256(point),
        // secp384r1
        [0x2b, 0x81, 0x04, 0x00, 0x22] => VerifyingKey::p384(point),
        // secp521r1
        [0x2b, 0x81, 0x04, 0x00, 0x23] => VerifyingKey::p521(point),
        _ => return Err(Error::PublicKeyUnsupported),
    };
    key.ok_or(Error::PublicKeyMalformed)
}

/// `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }` (RFC 8017, A.1.1).
fn parse_rsa(key: &[u8]) -> Result<VerifyingKey, Error> {
    let malformed = |_: DerError| Error::PublicKeyMalformed;
    let mut outer = Reader::new(key);
    let mut fields = outer.sequence().map_err(malformed)?;
    outer.finish().map_err(malformed)?;
    let modulus = fields.unsigned_integer().map_err(malformed)?;
    let exponent = fields.unsigned_integer().map_err(malformed)?;
    fields.finish().map_err(malformed)?;
    if exponent != [1, 0, 1] {
        return Err(Error::PublicKeyUnsupported);
    }
    VerifyingKey::rsa(modulus).ok_or(Error::PublicKeyUnsupported)
}

/// Writes one DER element.
pub(crate) fn encode_der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = alloc::vec![tag];
    let octets = length.to_be_bytes();
    let significant = octets.iter().skip_while(|octet| **octet == 0);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let count = significant.clone().count();
            out.push(0x80 | u8::try_from(count).unwrap_or(0x7f));
            out.extend(significant);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}
