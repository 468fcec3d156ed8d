//! Keys in the form of cosign.

use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use anyhow::{Context, Result};

use crate::cosign::Cosign;

/// Kinds of key that cosign signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// What cosign makes.
    EcdsaP256,
    /// Another one of the same kind.
    OtherEcdsaP256,
    /// Imported.
    Ed25519,
    /// Imported.
    Rsa,
}

/// The private key of RFC 8410, section 10.3.
const ED25519: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

/// A test key of the forge.
const RSA: &str = include_str!("../../../../forge/keys/rsa-3072-1.pem");

impl Key {
    /// The kinds that sign; each is verified with another one as well.
    pub(crate) const SIGNING: [Self; 3] = [Self::EcdsaP256, Self::Ed25519, Self::Rsa];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::EcdsaP256 => "ecdsa-p256",
            Self::OtherEcdsaP256 => "other-ecdsa-p256",
            Self::Ed25519 => "ed25519",
            Self::Rsa => "rsa-3072",
        }
    }

    /// A key that did not sign: of the same kind where there is one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::EcdsaP256 => Self::OtherEcdsaP256,
            _ => Self::EcdsaP256,
        }
    }

    /// The file with the private key.
    pub(crate) fn private(self) -> Result<PathBuf> {
        Ok(self.prefix()?.with_extension("key"))
    }

    /// The public key, PEM.
    pub(crate) fn public(self) -> Result<String> {
        let path = self.prefix()?.with_extension("pub");
        std::fs::read_to_string(&path).with_context(|| path.display().to_string())
    }

    /// Makes or imports the key once a run; the path without extension.
    fn prefix(self) -> Result<PathBuf> {
        static MADE: LazyLock<Mutex<Vec<Key>>> = LazyLock::new(Mutex::default);
        let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join(self.name());
        let mut made = MADE.lock().expect("no other test failed in here");
        if made.contains(&self) {
            return Ok(prefix);
        }
        for extension in ["key", "pub"] {
            // cosign asks before it overwrites.
            std::fs::remove_file(prefix.with_extension(extension)).ok();
        }
        let text = prefix.to_str().context("the path is text")?;
        match self {
            Self::EcdsaP256 | Self::OtherEcdsaP256 => {
                Cosign::V3.succeed(&["generate-key-pair", "--output-key-prefix", text], &[])?;
            }
            Self::Ed25519 | Self::Rsa => {
                let pem = prefix.with_extension("pem");
                std::fs::write(&pem, if self == Self::Rsa { RSA } else { ED25519 })?;
                let pem = pem.to_str().context("the path is text")?;
                let import = ["import-key-pair", "--key", pem, "--output-key-prefix", text];
                Cosign::V3.succeed(&import, &[])?;
            }
        }
        made.push(self);
        Ok(prefix)
    }
}
