//! Names for predicate types.

use sealstone_forge::{SLSA_PROVENANCE_V1, SLSA_PROVENANCE_V02};

/// The names that `cosign attest --type` knows, each with its URI.
pub(crate) const ALIASES: [(&str, &str); 10] = [
    ("custom", "https://cosign.sigstore.dev/attestation/v1"),
    ("cyclonedx", "https://cyclonedx.org/bom"),
    ("link", "https://in-toto.io/Link/v1"),
    ("openvex", "https://openvex.dev/ns"),
    ("slsaprovenance", SLSA_PROVENANCE_V02),
    ("slsaprovenance02", SLSA_PROVENANCE_V02),
    ("slsaprovenance1", SLSA_PROVENANCE_V1),
    ("spdx", "https://spdx.dev/Document"),
    ("spdxjson", "https://spdx.dev/Document"),
    ("vuln", "https://cosign.sigstore.dev/attestation/vuln/v1"),
];

/// The URI of a predicate type: itself, or that of a name.
pub(crate) fn uri(text: &str) -> Option<&str> {
    match ALIASES.iter().find(|(alias, _)| *alias == text) {
        Some((_, uri)) => Some(uri),
        None if text.contains(':') => Some(text),
        None => None,
    }
}
