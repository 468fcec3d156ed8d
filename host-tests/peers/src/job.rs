//! What a peer is asked.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A bundle and what it must prove.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct Job {
    /// The bundle, as it is stored.
    pub bundle: Vec<u8>,
    /// The file with the trust root. Peers keep what they read, so it must not change.
    pub trusted_root: PathBuf,
    /// The digest of the artifact, `sha256:…` or `sha512:…`.
    pub artifact_digest: String,
    /// The artifact itself, for peers that cannot verify by digest.
    pub artifact: Option<Vec<u8>>,
    /// Who must have signed.
    pub signer: Signer,
}

/// Who must have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the two kinds of signer")]
pub enum Signer {
    /// The identity in a certificate.
    Certificate {
        /// The subject alternative name, in full.
        identity: String,
        /// The OIDC issuer.
        issuer: String,
    },
    /// A key, as PEM.
    Key(String),
}

impl Job {
    /// The job in a line of the protocol.
    pub(super) fn to_json(&self, operation: &str, iterations: Option<u32>) -> Value {
        let mut job = json!({
            "operation": operation,
            "bundle": STANDARD.encode(&self.bundle),
            "trustedRoot": self.trusted_root,
            "artifactDigest": self.artifact_digest,
        });
        let mut insert = |name: &str, value: Value| {
            if let Some(members) = job.as_object_mut() {
                members.insert(name.to_owned(), value);
            }
        };
        match &self.signer {
            Signer::Certificate { identity, issuer } => {
                insert("certificateIdentity", json!(identity));
                insert("certificateOidcIssuer", json!(issuer));
            }
            Signer::Key(pem) => insert("publicKey", json!(pem)),
        }
        if let Some(artifact) = &self.artifact {
            insert("artifact", json!(STANDARD.encode(artifact)));
        }
        if let Some(iterations) = iterations {
            insert("iterations", json!(iterations));
        }
        job
    }
}
