//! Public keys.

use alloc::sync::Arc;

use sealstone_ecdsa::{P256Key, P384Key};
use sha2::{Digest as _, Sha512};

use crate::p521::P521Key;
use crate::rsa::RsaKey;
use crate::{Message, SignatureScheme};

/// What kind a public key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "callers must handle a new kind")]
pub enum KeyKind {
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
    /// ECDSA on P-521.
    P521,
    /// Ed25519 and Ed25519ph.
    Ed25519,
    /// RSA of 2048 to 4096 bits with the exponent 65537.
    Rsa,
}

/// A public key that is ready to verify. Cheap to clone.
#[derive(Clone, Debug)]
pub struct VerifyingKey(Arc<Key>);

#[derive(Debug)]
enum Key {
    P256(P256Key),
    P384(P384Key),
    P521(P521Key),
    Ed25519(ed25519_dalek::VerifyingKey),
    Rsa(RsaKey),
}

/// A signature in the form that its scheme gives it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "callers must handle a new form")]
pub enum Signature<'a> {
    /// The two integers of ECDSA, big-endian without leading zeros.
    Integers {
        /// `r` of FIPS 186-5.
        r: &'a [u8],
        /// `s` of FIPS 186-5.
        s: &'a [u8],
    },
    /// The bytes of any other signature.
    Bytes(&'a [u8]),
}

impl VerifyingKey {
    /// An uncompressed point on P-256 (SEC 1, 2.3.4). `None` when it is not on the curve, and for
    /// compressed points, which `crypto/x509` of Go refuses, and with it Fulcio and the verifiers in Go.
    pub fn p256(point: &[u8]) -> Option<Self> {
        P256Key::from_uncompressed(point).map(|key| Self::new(Key::P256(key)))
    }

    /// A point on P-384, as for [`Self::p256`].
    pub fn p384(point: &[u8]) -> Option<Self> {
        P384Key::from_uncompressed(point).map(|key| Self::new(Key::P384(key)))
    }

    /// A point on P-521, as for [`Self::p256`].
    pub fn p521(point: &[u8]) -> Option<Self> {
        P521Key::from_uncompressed(point).map(|key| Self::new(Key::P521(key)))
    }

    /// An Ed25519 key (RFC 8032, 5.1.5). `None` for what is no point and for points of small order.
    pub fn ed25519(bytes: &[u8; 32]) -> Option<Self> {
        ed25519_dalek::VerifyingKey::from_bytes(bytes)
            .ok()
            .filter(|key| !key.is_weak())
            .map(|key| Self::new(Key::Ed25519(key)))
    }

    /// An RSA modulus, big-endian without leading zeros. `None` for less than 2048 and more than 4096 bits.
    pub fn rsa(modulus: &[u8]) -> Option<Self> {
        RsaKey::from_modulus(modulus).map(|key| Self::new(Key::Rsa(key)))
    }

    fn new(key: Key) -> Self {
        Self(Arc::new(key))
    }

    /// What kind of key this is.
    pub fn kind(&self) -> KeyKind {
        match *self.0 {
            Key::P256(_) => KeyKind::P256,
            Key::P384(_) => KeyKind::P384,
            Key::P521(_) => KeyKind::P521,
            Key::Ed25519(_) => KeyKind::Ed25519,
            Key::Rsa(_) => KeyKind::Rsa,
        }
    }

    /// The raw 32 bytes, if this is an Ed25519 key.
    pub fn ed25519_bytes(&self) -> Option<[u8; 32]> {
        match &*self.0 {
            Key::Ed25519(key) => Some(key.to_bytes()),
            _ => None,
        }
    }

    /// Prepares the key for many signatures. What verifies stays the same.
    ///
    /// Keys on P-256 and P-384 get tables of multiples; others are left as they are.
    pub fn prepare(&self) {
        match &*self.0 {
            Key::P256(key) => key.prepare(),
            Key::P384(key) => key.prepare(),
            Key::P521(_) | Key::Ed25519(_) | Key::Rsa(_) => {}
        }
    }

    /// Whether `signature` over `message` verifies by `scheme`. `digest` is that of the message by the hash of
    /// the scheme; schemes without one do not look at it. A scheme of another kind of key never verifies, and
    /// neither does Ed25519 when only the digest of the message is at hand.
    pub fn verify(
        &self,
        scheme: SignatureScheme,
        message: Message<'_>,
        digest: &[u8],
        signature: Signature<'_>,
    ) -> bool {
        match (&*self.0, scheme, signature) {
            (Key::P256(key), SignatureScheme::Ecdsa(_), Signature::Integers { r, s }) => {
                key.verify(digest, r, s)
            }
            (Key::P384(key), SignatureScheme::Ecdsa(_), Signature::Integers { r, s }) => {
                key.verify(digest, r, s)
            }
            (Key::P521(key), SignatureScheme::Ecdsa(_), Signature::Integers { r, s }) => {
                key.verify(digest, r, s)
            }
            (Key::Ed25519(key), SignatureScheme::Ed25519, Signature::Bytes(signature)) => {
                verify_ed25519(key, message, signature)
            }
            (Key::Ed25519(key), SignatureScheme::Ed25519ph, Signature::Bytes(signature)) => {
                verify_ed25519ph(key, message, signature)
            }
            (Key::Rsa(key), SignatureScheme::RsaPkcs1(hash), Signature::Bytes(signature)) => {
                key.verify_pkcs1(hash, digest, signature)
            }
            (Key::Rsa(key), SignatureScheme::RsaPss, Signature::Bytes(signature)) => {
                key.verify_pss(digest, signature)
            }
            _ => false,
        }
    }
}

fn verify_ed25519(
    key: &ed25519_dalek::VerifyingKey,
    message: Message<'_>,
    signature: &[u8],
) -> bool {
    ed25519_dalek::Signature::from_slice(signature)
        .ok()
        .zip(message.bytes())
        .is_some_and(|(signature, bytes)| key.verify_strict(&bytes, &signature).is_ok())
}

fn verify_ed25519ph(
    key: &ed25519_dalek::VerifyingKey,
    message: Message<'_>,
    signature: &[u8],
) -> bool {
    let Message::Parts(parts) = message else {
        return false;
    };
    let mut hasher = Sha512::new();
    for part in parts {
        hasher.update(part);
    }
    ed25519_dalek::Signature::from_slice(signature).is_ok_and(|signature| {
        key.verify_prehashed_strict(hasher, None, &signature)
            .is_ok()
    })
}
