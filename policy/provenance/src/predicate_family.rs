//! Which predicate types mean the same.

/// A family of predicate types: one kind of content under all the names that it goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PredicateFamily {
    /// cosign's `custom`: a text with a time.
    CosignCustom,
    /// cosign's `vuln`: the result of a vulnerability scan.
    CosignVuln,
    /// A CycloneDX bill of materials.
    CycloneDx,
    /// An in-toto link.
    Link,
    /// OpenVEX.
    OpenVex,
    /// The result of an OSV scan.
    OsvResults,
    /// SLSA provenance.
    Provenance,
    /// in-toto's reference to further documents.
    Reference,
    /// in-toto's `release`.
    Release,
    /// in-toto's `scai`.
    Scai,
    /// in-toto's simple verification result.
    SimpleVerificationResult,
    /// An SPDX document.
    Spdx,
    /// in-toto's `test-result`.
    TestResult,
    /// A SLSA verification summary.
    VerificationSummary,
    /// in-toto's `vulns`: the result of a vulnerability scan.
    Vulns,
}

/// Every spelling without the version that may follow it; the first of a family is today's.
const SPELLINGS: &[(PredicateFamily, &[&str])] = &[
    (
        PredicateFamily::CosignCustom,
        &[
            "https://cosign.sigstore.dev/attestation",
            "cosign.sigstore.dev/attestation",
        ],
    ),
    (
        PredicateFamily::CosignVuln,
        &[
            "https://cosign.sigstore.dev/attestation/vuln",
            "cosign.sigstore.dev/attestation/vuln",
        ],
    ),
    (
        PredicateFamily::CycloneDx,
        &["https://cyclonedx.org/bom", "https://cyclonedx.org/schema"],
    ),
    (
        PredicateFamily::Link,
        &[
            "https://in-toto.io/attestation/link",
            "https://in-toto.io/Link",
        ],
    ),
    (PredicateFamily::OpenVex, &["https://openvex.dev/ns"]),
    (
        PredicateFamily::OsvResults,
        &["https://ossf.github.io/osv-schema/results"],
    ),
    (
        PredicateFamily::Provenance,
        &["https://slsa.dev/provenance"],
    ),
    (
        PredicateFamily::Reference,
        &["https://in-toto.io/attestation/reference"],
    ),
    (
        PredicateFamily::Release,
        &["https://in-toto.io/attestation/release"],
    ),
    (
        PredicateFamily::Scai,
        &[
            "https://in-toto.io/attestation/scai",
            "https://in-toto.io/attestation/scai/attribute-report",
        ],
    ),
    (
        PredicateFamily::SimpleVerificationResult,
        &["https://in-toto.io/attestation/svr"],
    ),
    (PredicateFamily::Spdx, &["https://spdx.dev/Document"]),
    (
        PredicateFamily::TestResult,
        &["https://in-toto.io/attestation/test-result"],
    ),
    (
        PredicateFamily::VerificationSummary,
        &["https://slsa.dev/verification_summary"],
    ),
    (
        PredicateFamily::Vulns,
        &["https://in-toto.io/attestation/vulns"],
    ),
];

impl PredicateFamily {
    /// The family of a predicate type, in any version or without one. Whether that version can be read
    /// is another matter.
    pub fn of(predicate_type: &str) -> Option<Self> {
        SPELLINGS
            .iter()
            .find(|(_, spellings)| {
                spellings
                    .iter()
                    .any(|spelling| is_version_of(spelling, predicate_type))
            })
            .map(|(family, _)| *family)
    }

    /// The spellings of the family, without version; the first is today's.
    pub fn spellings(self) -> &'static [&'static str] {
        SPELLINGS
            .iter()
            .find(|(family, _)| *family == self)
            .map_or(&[], |(_, spellings)| spellings)
    }
}

/// Whether `found` is the predicate type `expected`, or a version of it: a policy that names a type
/// without version means all versions.
pub fn is_version_of(expected: &str, found: &str) -> bool {
    let Some(rest) = found.strip_prefix(expected) else {
        return false;
    };
    if rest.is_empty() {
        return true;
    }
    let version = rest
        .strip_prefix("/v")
        .or_else(|| rest.strip_prefix("@v"))
        .unwrap_or_default();
    version.starts_with(|first: char| first.is_ascii_digit())
        && version
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}
