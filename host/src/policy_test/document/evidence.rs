//! Evidence in a few lines.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::SignerName;

/// One piece of evidence. Exactly one of `signature`, `attestation`, `provenance`,
/// `verificationSummary`, `sbom`, `vulnerabilities`, `vex`, `file` and `unavailable` is wanted.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("oneOf" = [
    {"required": ["signature", "signer"]},
    {"required": ["attestation", "signer"]},
    {"required": ["provenance", "signer"]},
    {"required": ["verificationSummary", "signer"]},
    {"required": ["sbom", "signer"]},
    {"required": ["vulnerabilities", "signer"]},
    {"required": ["vex", "signer"]},
    {"required": ["file"]},
    {"required": ["unavailable"]},
])))]
#[non_exhaustive]
pub struct Evidence {
    /// The image that it is brought for, as the case names it; wanted where there are several.
    pub image: Option<String>,
    /// A signature over the image.
    pub signature: Option<SignatureEvidence>,
    /// A statement with any predicate.
    pub attestation: Option<AttestationEvidence>,
    /// SLSA provenance of a build on GitHub Actions.
    pub provenance: Option<Provenance>,
    /// A verification summary (VSA).
    pub verification_summary: Option<SummaryEvidence>,
    /// A bill of materials (SBOM).
    pub sbom: Option<Sbom>,
    /// The result of a vulnerability scan.
    pub vulnerabilities: Option<VulnerabilityScan>,
    /// A VEX document (OpenVEX).
    pub vex: Option<Vex>,
    /// File with a Sigstore bundle, or with one a line, as it is. The path begins at this file.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub file: Option<PathBuf>,
    /// Why evidence for the image could not be brought.
    pub unavailable: Option<String>,
    /// Who signs.
    pub signer: Option<SignerName>,
    /// What the statement is about instead of the image.
    pub subject: Option<Subject>,
    /// What the predicate says instead, by JSON pointer (RFC 6901); `null` takes a member away.
    pub changes: Option<Map<String, Value>>,
    /// Which services vouch for the signature. Default: those that the trust root of the signer is
    /// asked for by the policy.
    pub profile: Option<Profile>,
    /// What is wrong with it; `sealstone forge faults` lists the names.
    pub fault: Option<String>,
    /// Time of the signature, RFC 3339, from 2025 to 2034. Default: an hour before the decision.
    pub time: Option<String>,
    /// How long before the decision it was signed, instead of `time`: `30d`, `12h`, `90m` or `45s`.
    #[cfg_attr(test, schemars(regex(pattern = "^[1-9][0-9]*[smhd]$")))]
    pub age: Option<String>,
}

/// Which services vouch for a signature, and in which form it comes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Profile {
    /// Rekor v1, whose promise proves the time.
    RekorV1,
    /// Rekor v2 and a timestamp authority.
    RekorV2,
    /// A timestamp authority and no log, as GitHub's own instance.
    GitHub,
    /// Nobody: no log and no timestamp.
    Unlogged,
    /// A layer with annotations, as cosign stored it before bundles, in Rekor v1.
    Legacy,
    /// A layer with annotations, in no log.
    LegacyUnlogged,
}

/// What a statement is about.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Subject {
    /// A name, which means nothing to verifiers.
    pub name: Option<String>,
    /// Digests by algorithm, as `gitCommit` or `sha256`.
    pub digest: BTreeMap<String, String>,
    /// Annotations, as `sourceRefs` of a source commit.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<Map<String, Value>>"))]
    pub annotations: Map<String, Value>,
}

/// A signature over the image.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SignatureEvidence {
    /// Annotations that are signed along with the image; only in the profiles `legacy` and
    /// `legacyUnlogged`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<BTreeMap<String, String>>"))]
    pub annotations: BTreeMap<String, String>,
}

/// A statement with any predicate. Exactly one of `predicate` and `predicateFile` is wanted.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("oneOf" = [
    {"required": ["predicate"]}, {"required": ["predicateFile"]},
])))]
#[non_exhaustive]
pub struct AttestationEvidence {
    /// Type of the predicate: a URI, or a name that `cosign attest --type` knows.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub predicate_type: String,
    /// The predicate.
    pub predicate: Option<Value>,
    /// File with the predicate, JSON or YAML. The path begins at this file.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub predicate_file: Option<PathBuf>,
}

/// SLSA provenance of a build on GitHub Actions. Signed with a certificate of GitHub's issuer, that
/// certificate says the same of the build, unless the signer says otherwise.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Provenance {
    /// Version of the predicate. Default `v1`.
    pub version: Option<ProvenanceVersion>,
    /// Repository that was built, as `https://github.com/OWNER/NAME`.
    pub source: Option<String>,
    /// Git ref that was built. Default `refs/tags/v1.2.3`.
    pub r#ref: Option<String>,
    /// Git commit that was built.
    pub commit: Option<String>,
    /// Builder id. Default: the subject of the certificate.
    pub builder: Option<String>,
    /// `buildType`. Default: that of the version.
    pub build_type: Option<String>,
    /// Event that started the build. Default `push`.
    pub event: Option<String>,
    /// Number of the repository.
    pub repository_id: Option<String>,
    /// Number of the repository's owner.
    pub owner_id: Option<String>,
}

/// A version of SLSA provenance.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_enums, reason = "these are all there are")]
pub enum ProvenanceVersion {
    /// `https://slsa.dev/provenance/v0.2`.
    #[serde(rename = "v0.2")]
    V02,
    /// `https://slsa.dev/provenance/v1`.
    #[default]
    #[serde(rename = "v1")]
    V1,
}

/// A verification summary, `https://slsa.dev/verification_summary/v1`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SummaryEvidence {
    /// `verifier.id`.
    pub verifier: String,
    /// `verifiedLevels`.
    pub levels: Vec<String>,
    /// `resourceUri`. Default: the image's name with its digest.
    pub resource_uri: Option<String>,
    /// Whether the check failed. Default false.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub failed: bool,
}

/// A bill of materials of these packages.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Sbom {
    /// Format. Default `cycloneDx`.
    pub format: Option<SbomFormat>,
    /// The packages. Default: one, `pkg:npm/example@1.0.0` under the licence MIT.
    pub packages: Option<Vec<SbomPackage>>,
    /// The tool that made the document. Default `example-tool` 1.0.0.
    pub tool: Option<Tool>,
}

/// A format of bills of materials.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum SbomFormat {
    /// CycloneDX 1.6.
    #[default]
    CycloneDx,
    /// SPDX 2.3.
    Spdx,
}

/// A package of a bill of materials.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SbomPackage {
    /// Package URL with version, as `pkg:npm/lib@2.0.0`.
    pub purl: String,
    /// Licence, an SPDX expression. Default `MIT`.
    pub license: Option<String>,
}

/// A tool that makes documents.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
}

/// A vulnerability scan: a report of Trivy in a predicate of cosign.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct VulnerabilityScan {
    /// URI of the scanner. Default `pkg:github/aquasecurity/trivy`.
    pub scanner: Option<String>,
    /// How old the scanner's database was when the result was signed. Default `1h`.
    #[cfg_attr(test, schemars(regex(pattern = "^[1-9][0-9]*[smhd]$")))]
    pub database_age: Option<String>,
    /// What was found. Default: nothing.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<Vec<Finding>>"))]
    pub findings: Vec<Finding>,
}

/// A vulnerability in a package.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Finding {
    /// Its name, as `CVE-2026-1234`.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// Package URL with version. Default `pkg:npm/example@1.0.0`.
    pub package: Option<String>,
    /// Version without the vulnerability. Default: there is none.
    pub fixed_in: Option<String>,
    /// When it became public, RFC 3339. Default: the report does not say.
    pub published: Option<String>,
    /// CVSS base score, as `9.8`. Default: the report does not say.
    pub score: Option<f64>,
}

/// How bad a vulnerability is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_enums, reason = "Trivy knows these five")]
pub enum Severity {
    /// Critical.
    Critical,
    /// High.
    High,
    /// Medium.
    Medium,
    /// Low.
    Low,
    /// Nobody says.
    Unknown,
}

/// A VEX document, `https://openvex.dev/ns/v0.2.0`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Vex {
    /// What it says.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub statements: Vec<VexStatement>,
}

/// What a VEX document says of a vulnerability.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct VexStatement {
    /// The vulnerability, as `CVE-2026-1234`.
    pub vulnerability: String,
    /// `status`, as `not_affected`.
    pub status: String,
    /// `justification`, as `vulnerable_code_not_present`.
    pub justification: Option<String>,
    /// The product. Default: the image by its digest.
    pub product: Option<String>,
}
