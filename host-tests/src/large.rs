//! Large documents in signed statements: what bills of materials and scans of big images look like.

use anyhow::{Error, Result};
use sealstone::runtime::{Evidence, ImageEvidence, TrustedRoot};
use sealstone_forge::{
    Identity, KeyDetails, Statement, StatementType, Subject, SubjectAlternativeName,
    VirtualSigstore,
};
use serde_json::{Value, json};

const IMAGE: &str = "localhost/image";
const DIGEST: &str = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

/// The forms of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each is to be measured")]
pub enum Form {
    /// SPDX 2.3.
    Spdx,
    /// CycloneDX 1.6.
    CycloneDx,
    /// CycloneDX 1.6 as JSON string, as cosign attests raw files.
    CycloneDxText,
    /// The report of Trivy in cosign's predicate.
    Scan,
}

/// By whom a statement is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Signer {
    /// By key, in no log.
    Key,
    /// With a certificate, in a log.
    Keyless,
}

/// A decision about one image with one large document.
#[derive(Debug)]
pub struct Large {
    /// The policy document, JSON.
    pub policy: Vec<u8>,
    /// The trust roots that the policy names without content.
    pub roots: Vec<TrustedRoot>,
    /// The request, JSON.
    pub request: Vec<u8>,
    /// The evidence for its image.
    pub images: Vec<ImageEvidence>,
}

impl Large {
    /// A document of at least so many bytes, of which every package or finding is asked.
    ///
    /// # Errors
    /// What the forge says.
    pub fn new(form: Form, signer: Signer, bytes: usize) -> Result<Self> {
        let sigstore = VirtualSigstore::new("large");
        let (predicate_type, predicate, requirement) = form.document(bytes);
        let statement = Statement {
            statement_type: StatementType::V1,
            subject: vec![Subject::new(IMAGE, DIGEST)],
            predicate_type: predicate_type.to_owned(),
            predicate,
        };
        let key = sigstore.key_pair("large", KeyDetails::EcdsaP256Sha256);
        let identity = Identity::email("https://issuer.example.com", "lister@example.com");
        let signed = match signer {
            Signer::Key => sigstore.keyed(&key).without_entries().attest(&statement)?,
            Signer::Keyless => sigstore.keyless(&identity).attest(&statement)?,
        };
        let (authority, roots) = match signer {
            Signer::Key => (
                json!({"name": "lister", "key": {"publicKey": key.public_key_pem(), "insecureIgnoreTransparencyLog": true}}),
                Vec::new(),
            ),
            Signer::Keyless => {
                let SubjectAlternativeName::Email(subject) = &identity.subject_alternative_name
                else {
                    return Err(Error::msg("a person is named by an address"));
                };
                let identities =
                    json!([{"issuer": {"exact": identity.issuer}, "subject": {"exact": subject}}]);
                let root = TrustedRoot {
                    name: "root".to_owned(),
                    content: sigstore.trusted_root(),
                };
                (
                    json!({"name": "lister", "keyless": {"trustRoot": "root", "identities": identities}}),
                    vec![root],
                )
            }
        };
        let mut rule = json!({"name": "large", "images": [IMAGE]});
        let (name, mut asked) = requirement;
        if let (Some(rule), Some(asked)) = (rule.as_object_mut(), asked.as_object_mut()) {
            asked.insert("signedBy".to_owned(), json!(["lister"]));
            rule.insert(name.to_owned(), Value::Object(asked.clone()));
        }
        let mut policy = json!({
            "apiVersion": "sealstone.dev/v1alpha1",
            "kind": "Policy",
            "metadata": {"name": "large"},
            "authorities": [authority],
            "rules": [rule],
        });
        if let (Some(policy), Some(root)) = (policy.as_object_mut(), roots.first()) {
            policy.insert("trustRoots".to_owned(), json!([{"name": root.name}]));
        }
        Ok(Self {
            policy: policy.to_string().into_bytes(),
            roots,
            request: json!({"images": [{"reference": IMAGE, "digest": DIGEST}]})
                .to_string()
                .into_bytes(),
            images: vec![ImageEvidence {
                reference: IMAGE.to_owned(),
                digest: DIGEST.to_owned(),
                evidence: vec![Evidence {
                    media_type: signed.media_type,
                    content: signed.content,
                    annotations: Vec::new(),
                }],
                unavailable: None,
            }],
        })
    }

    /// The size of the evidence.
    pub fn bytes(&self) -> usize {
        let pieces = self.images.iter().flat_map(|image| &image.evidence);
        pieces.map(|piece| piece.content.len()).sum()
    }
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::Spdx, Self::CycloneDx, Self::CycloneDxText, Self::Scan];

    /// What the form is called in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spdx => "SPDX 2.3",
            Self::CycloneDx => "CycloneDX 1.6",
            Self::CycloneDxText => "CycloneDX 1.6 as text",
            Self::Scan => "scan of Trivy",
        }
    }

    /// The predicate type, the predicate, and what a rule asks of it.
    fn document(self, bytes: usize) -> (&'static str, Value, (&'static str, Value)) {
        let sbom = json!({"packages": {"deny": [{"package": "pkg:npm/bad", "versions": "<2"}]}});
        match self {
            Self::Spdx => ("https://spdx.dev/Document", spdx(bytes), ("sbom", sbom)),
            Self::CycloneDx => (
                "https://cyclonedx.org/bom",
                cyclonedx(bytes),
                ("sbom", sbom),
            ),
            Self::CycloneDxText => (
                "https://cyclonedx.org/bom",
                Value::String(cyclonedx(bytes).to_string()),
                ("sbom", sbom),
            ),
            Self::Scan => (
                "https://cosign.sigstore.dev/attestation/vuln/v1",
                scan(bytes),
                (
                    "vulnerabilities",
                    json!({"maximumAge": "3650d", "maximum": {"critical": 0}}),
                ),
            ),
        }
    }
}

/// As many items as take so many bytes.
fn items(bytes: usize, item: impl Fn(usize) -> Value) -> Vec<Value> {
    let size = item(1000).to_string().len().saturating_add(1);
    let count = bytes.div_ceil(size);
    (0..count).map(item).collect()
}

fn spdx(bytes: usize) -> Value {
    let packages = items(bytes.saturating_mul(4) / 5, |n| {
        json!({
            "SPDXID": format!("SPDXRef-Package-npm-package-{n:06}"),
            "name": format!("package-{n:06}"),
            "versionInfo": "1.2.3",
            "supplier": "Organization: Example, Inc.",
            "downloadLocation": "NOASSERTION",
            "filesAnalyzed": false,
            "sourceInfo": "acquired package info from the lock file: /app/package-lock.json",
            "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "MIT",
            "copyrightText": "NOASSERTION",
            "externalRefs": [
                {"referenceCategory": "SECURITY", "referenceType": "cpe23Type",
                 "referenceLocator": format!("cpe:2.3:a:package:package-{n:06}:1.2.3:*:*:*:*:*:*:*")},
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                 "referenceLocator": format!("pkg:npm/%40scope/package-{n:06}@1.2.3")},
            ],
        })
    });
    let relationships = items(bytes / 5, |n| {
        json!({
            "spdxElementId": "SPDXRef-DocumentRoot",
            "relatedSpdxElement": format!("SPDXRef-Package-npm-package-{n:06}"),
            "relationshipType": "CONTAINS",
        })
    });
    json!({
        "spdxVersion": "SPDX-2.3",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "image",
        "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Tool: syft-1.20.0"]},
        "packages": packages,
        "relationships": relationships,
    })
}

fn cyclonedx(bytes: usize) -> Value {
    let components = items(bytes.saturating_mul(4) / 5, |n| {
        json!({
            "bom-ref": format!("pkg:npm/%40scope/package-{n:06}@1.2.3?package-id={n:016x}"),
            "type": "library",
            "name": format!("@scope/package-{n:06}"),
            "version": "1.2.3",
            "cpe": format!("cpe:2.3:a:package:package-{n:06}:1.2.3:*:*:*:*:*:*:*"),
            "purl": format!("pkg:npm/%40scope/package-{n:06}@1.2.3"),
            "licenses": [{"license": {"id": "MIT"}}],
            "properties": [
                {"name": "syft:package:foundBy", "value": "javascript-lock-cataloger"},
                {"name": "syft:package:language", "value": "javascript"},
                {"name": "syft:location:0:path", "value": "/app/package-lock.json"},
            ],
        })
    });
    let dependencies = items(bytes / 5, |n| {
        json!({
            "ref": format!("pkg:npm/%40scope/package-{n:06}@1.2.3?package-id={n:016x}"),
            "dependsOn": ["pkg:npm/%40scope/package-000000@1.2.3?package-id=0000000000000000"],
        })
    });
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"tools": {"components": [{"type": "application", "name": "syft", "version": "1.20.0"}]}},
        "components": components,
        "dependencies": dependencies,
    })
}

fn scan(bytes: usize) -> Value {
    let vulnerabilities = items(bytes, |n| {
        json!({
            "VulnerabilityID": format!("CVE-2026-{n:06}"),
            "PkgID": format!("package-{n:06}@1.2.3"),
            "PkgName": format!("package-{n:06}"),
            "PkgIdentifier": {"PURL": format!("pkg:npm/package-{n:06}@1.2.3")},
            "InstalledVersion": "1.2.3",
            "FixedVersion": "1.2.4",
            "Status": "fixed",
            "SeveritySource": "ghsa",
            "PrimaryURL": format!("https://avd.aquasec.com/nvd/cve-2026-{n:06}"),
            "Title": "package: a fault that has a title",
            "Description": "A fault in a package that takes some words to describe, as advisories do, in a sentence or two. Versions before 1.2.4 are affected.",
            "Severity": "HIGH",
            "CVSS": {"ghsa": {"V3Vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "V3Score": 7.5}},
            "References": [format!("https://github.com/advisories/GHSA-{n:06}")],
            "PublishedDate": "2026-01-02T03:04:05Z",
        })
    });
    json!({
        "scanner": {
            "uri": "pkg:github/aquasecurity/trivy@0.60.0",
            "result": {
                "SchemaVersion": 2,
                "ArtifactName": "image",
                "Results": [{"Target": "package-lock.json", "Class": "lang-pkgs", "Vulnerabilities": vulnerabilities}],
            },
        },
        "metadata": {"scanFinishedOn": "2026-01-02T03:04:05Z"},
    })
}
