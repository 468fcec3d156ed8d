//! The policy that says what the command line says.

use sealstone::limits::Limits;
use serde_json::{Value, json};

use super::{Error, Signer, file};

/// The name of the image in the policy and in the request.
pub(super) const IMAGE: &str = "localhost/artifact";

/// The name of the trust root in the policy. What must be proved under it is the default: one log
/// entry, one certificate timestamp for a certificate, one source of time.
pub(super) const TRUST_ROOT: &str = "trust-root";

const AUTHORITY: &str = "signer";

/// The policy document for a bundle.
pub(super) fn document(signer: &Signer, bundle: &[u8]) -> Result<Vec<u8>, Error> {
    let (kind, requirement) = requirement(bundle);
    let document = json!({
        "apiVersion": "sealstone.dev/v1alpha1",
        "kind": "Policy",
        "metadata": {"name": "conformance"},
        "trustRoots": [{"name": TRUST_ROOT}],
        "authorities": [authority(signer)?],
        "rules": [{"name": "bundle", "images": [IMAGE], kind: requirement}],
    });
    Ok(document.to_string().into_bytes())
}

fn authority(signer: &Signer) -> Result<Value, Error> {
    Ok(match signer {
        Signer::Certificate { issuer, subject } => json!({
            "name": AUTHORITY,
            "keyless": {
                "trustRoot": TRUST_ROOT,
                "identities": [{"issuer": {"exact": issuer}, "subject": {"exact": subject}}],
            },
        }),
        Signer::Key(path) => {
            let pem = file::read(path, "key", Limits::default().policy_bytes)?;
            let pem = String::from_utf8(pem).map_err(|_| Error::KeyNotText(path.clone()))?;
            json!({"name": AUTHORITY, "key": {"publicKey": pem, "trustRoot": TRUST_ROOT}})
        }
    })
}

/// A signature, or an attestation of any type where the bundle holds an envelope. Nothing else in
/// the bundle is looked at; one that is not JSON is refused under either rule.
fn requirement(bundle: &[u8]) -> (&'static str, Value) {
    let bundle: Value = serde_json::from_slice(bundle).unwrap_or_default();
    match bundle.get("dsseEnvelope") {
        Some(_) => (
            "attestation",
            json!({"signedBy": [AUTHORITY], "predicateType": {"glob": "**"}, "quantifier": "any"}),
        ),
        None => ("signature", json!({"signedBy": [AUTHORITY]})),
    }
}
