//! Public keys, prepared once and used often.

use alloc::vec::Vec;

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::BoxedUint;
use sha2::Digest as _;

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
    kind: Kind,
    spki: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Kind {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
    Ed25519(ed25519_dalek::VerifyingKey),
    Rsa(rsa::PublicKey),
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
            kind: parse_spki(spki)?,
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
        match &self.kind {
            Kind::Ed25519(key) => Some(key.to_bytes()),
            _ => None,
        }
    }

    /// Whether this is an RSA key.
    pub(crate) fn is_rsa(&self) -> bool {
        matches!(self.kind, Kind::Rsa(_))
    }

    /// Whether the key is of the kind that a `PublicKeyDetails` of protobuf-specs names.
    pub(crate) fn fits_details(&self, details: &str) -> bool {
        match &self.kind {
            Kind::P256(_) => details == "PKIX_ECDSA_P256_SHA_256",
            Kind::P384(_) => matches!(
                details,
                "PKIX_ECDSA_P384_SHA_384" | "PKIX_ECDSA_P384_SHA_256"
            ),
            Kind::P521(_) => matches!(
                details,
                "PKIX_ECDSA_P521_SHA_512" | "PKIX_ECDSA_P521_SHA_256"
            ),
            Kind::Ed25519(_) => matches!(details, "PKIX_ED25519" | "PKIX_ED25519_PH"),
            Kind::Rsa(_) => details == "PKCS1_RSA_PKCS1V5" || details.starts_with("PKIX_RSA_"),
        }
    }

    /// The schemes in which this key may have signed an artifact, the registry's first, then the
    /// deprecated pairs that published signatures have.
    pub(crate) fn artifact_schemes(&self) -> &'static [SignatureScheme] {
        use SignatureScheme::{Ecdsa, Ed25519, Ed25519ph, RsaPkcs1, RsaPss};
        match self.kind {
            Kind::P256(_) => &[Ecdsa(Hash::Sha256)],
            Kind::P384(_) => &[Ecdsa(Hash::Sha384), Ecdsa(Hash::Sha256)],
            Kind::P521(_) => &[Ecdsa(Hash::Sha512), Ecdsa(Hash::Sha256)],
            Kind::Ed25519(_) => &[Ed25519, Ed25519ph],
            Kind::Rsa(_) => &[RsaPkcs1(Hash::Sha256), RsaPkcs1(Hash::Sha512), RsaPss],
        }
    }

    /// The scheme in which a log with this key signs.
    pub(crate) fn log_scheme(&self) -> SignatureScheme {
        match self.kind {
            Kind::P256(_) => SignatureScheme::Ecdsa(Hash::Sha256),
            Kind::P384(_) => SignatureScheme::Ecdsa(Hash::Sha384),
            Kind::P521(_) => SignatureScheme::Ecdsa(Hash::Sha512),
            Kind::Ed25519(_) => SignatureScheme::Ed25519,
            Kind::Rsa(_) => SignatureScheme::RsaPkcs1(Hash::Sha256),
        }
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
        budget.spend()?;
        Ok(self.verify_digest(scheme, message, &digest, signature))
    }

    fn verify_digest(
        &self,
        scheme: SignatureScheme,
        message: Message<'_>,
        digest: &[u8],
        signature: &[u8],
    ) -> bool {
        match (&self.kind, scheme) {
            (Kind::P256(key), SignatureScheme::Ecdsa(_)) => {
                p256::ecdsa::Signature::from_der(signature)
                    .and_then(|signature| key.verify_prehash(&widen::<32>(digest), &signature))
                    .is_ok()
            }
            (Kind::P384(key), SignatureScheme::Ecdsa(_)) => {
                p384::ecdsa::Signature::from_der(signature)
                    .and_then(|signature| key.verify_prehash(&widen::<48>(digest), &signature))
                    .is_ok()
            }
            (Kind::P521(key), SignatureScheme::Ecdsa(_)) => {
                p521::ecdsa::Signature::from_der(signature)
                    .and_then(|signature| key.verify_prehash(&widen::<66>(digest), &signature))
                    .is_ok()
            }
            (Kind::Ed25519(key), SignatureScheme::Ed25519) => {
                ed25519_dalek::Signature::from_slice(signature)
                    .ok()
                    .zip(message.bytes())
                    .is_some_and(|(signature, bytes)| key.verify_strict(&bytes, &signature).is_ok())
            }
            (Kind::Ed25519(key), SignatureScheme::Ed25519ph) => match message {
                Message::Parts(parts) => {
                    let mut hasher = sha2::Sha512::default();
                    for part in parts {
                        hasher.update(part);
                    }
                    ed25519_dalek::Signature::from_slice(signature).is_ok_and(|signature| {
                        key.verify_prehashed_strict(hasher, None, &signature)
                            .is_ok()
                    })
                }
                Message::Digest(..) => false,
            },
            (Kind::Rsa(key), SignatureScheme::RsaPkcs1(hash)) => {
                let padding = match hash {
                    Hash::Sha256 => rsa::Pkcs1v15Sign::new::<sha2::Sha256>(),
                    Hash::Sha384 => rsa::Pkcs1v15Sign::new::<sha2::Sha384>(),
                    Hash::Sha512 => rsa::Pkcs1v15Sign::new::<sha2::Sha512>(),
                };
                key.verify(padding, digest, signature).is_ok()
            }
            (Kind::Rsa(key), SignatureScheme::RsaPss) => key
                .verify(rsa::Pss::<sha2::Sha256>::new(), digest, signature)
                .is_ok(),
            _ => false,
        }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for PublicKey {}

/// Pads a digest that is shorter than the curve's order with zeros on the left, which leaves its value
/// unchanged (FIPS 186-5, 6.4.2). A longer one is cut by the curve implementation.
fn widen<const N: usize>(digest: &[u8]) -> Vec<u8> {
    let mut wide = alloc::vec![0; N.saturating_sub(digest.len())];
    wide.extend_from_slice(digest);
    wide
}

/// `SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }`.
fn parse_spki(spki: &[u8]) -> Result<Kind, Error> {
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
            ed25519_dalek::VerifyingKey::from_bytes(bytes)
                .ok()
                .filter(|key| !key.is_weak())
                .map(Kind::Ed25519)
                .ok_or(Error::PublicKeyMalformed)
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

fn parse_ec(curve: &[u8], point: &[u8]) -> Result<Kind, Error> {
    match curve {
        // secp256r1
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] => {
            p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
                .map(Kind::P256)
                .map_err(|_| Error::PublicKeyMalformed)
        }
        // secp384r1
        [0x2b, 0x81, 0x04, 0x00, 0x22] => p384::ecdsa::VerifyingKey::from_sec1_bytes(point)
            .map(Kind::P384)
            .map_err(|_| Error::PublicKeyMalformed),
        // secp521r1
        [0x2b, 0x81, 0x04, 0x00, 0x23] => p521::ecdsa::VerifyingKey::from_sec1_bytes(point)
            .map(Kind::P521)
            .map_err(|_| Error::PublicKeyMalformed),
        _ => Err(Error::PublicKeyUnsupported),
    }
}

/// `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }` (RFC 8017, A.1.1).
fn parse_rsa(key: &[u8]) -> Result<Kind, Error> {
    let malformed = |_: DerError| Error::PublicKeyMalformed;
    let mut outer = Reader::new(key);
    let mut fields = outer.sequence().map_err(malformed)?;
    outer.finish().map_err(malformed)?;
    let modulus = fields.unsigned_integer().map_err(malformed)?;
    let exponent = fields.unsigned_integer().map_err(malformed)?;
    fields.finish().map_err(malformed)?;
    let spare = modulus.first().map_or(0, |byte| byte.leading_zeros());
    let octets = u32::try_from(modulus.len()).map_err(|_| Error::PublicKeyUnsupported)?;
    let bits = octets.saturating_mul(8).saturating_sub(spare);
    if !(2048..=4096).contains(&bits) || exponent != [1, 0, 1] {
        return Err(Error::PublicKeyUnsupported);
    }
    let modulus = BoxedUint::from_be_slice(modulus, octets.saturating_mul(8))
        .map_err(|_| Error::PublicKeyMalformed)?;
    rsa::PublicKey::new(modulus, BoxedUint::from(65_537u64))
        .map(Kind::Rsa)
        .map_err(|_| Error::PublicKeyUnsupported)
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
