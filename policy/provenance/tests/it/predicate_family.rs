//! Which predicate types mean the same.

use sealstone_provenance::{PredicateFamily as Family, is_version_of};

#[test]
fn families() {
    for (predicate_type, family) in [
        ("https://slsa.dev/provenance/v0.1", Family::Provenance),
        ("https://slsa.dev/provenance/v0.2", Family::Provenance),
        ("https://slsa.dev/provenance/v1", Family::Provenance),
        (
            "https://slsa.dev/verification_summary/v1",
            Family::VerificationSummary,
        ),
        ("https://spdx.dev/Document", Family::Spdx),
        ("https://spdx.dev/Document/v2.3", Family::Spdx),
        ("https://spdx.dev/Document/v3", Family::Spdx),
        ("https://cyclonedx.org/bom", Family::CycloneDx),
        ("https://cyclonedx.org/bom/v1.4", Family::CycloneDx),
        ("https://cyclonedx.org/schema", Family::CycloneDx),
        (
            "https://cosign.sigstore.dev/attestation/vuln/v1",
            Family::CosignVuln,
        ),
        (
            "cosign.sigstore.dev/attestation/vuln/v1",
            Family::CosignVuln,
        ),
        (
            "https://cosign.sigstore.dev/attestation/v1",
            Family::CosignCustom,
        ),
        ("cosign.sigstore.dev/attestation/v1", Family::CosignCustom),
        ("https://in-toto.io/attestation/vulns", Family::Vulns),
        ("https://in-toto.io/attestation/vulns/v0.1", Family::Vulns),
        ("https://in-toto.io/attestation/vulns/v0.2", Family::Vulns),
        ("https://openvex.dev/ns", Family::OpenVex),
        ("https://openvex.dev/ns/v0.2.0", Family::OpenVex),
        ("https://in-toto.io/Link/v1", Family::Link),
        ("https://in-toto.io/attestation/link/v0.3", Family::Link),
        (
            "https://in-toto.io/attestation/test-result/v0.1",
            Family::TestResult,
        ),
        (
            "https://in-toto.io/attestation/svr/v0.2",
            Family::SimpleVerificationResult,
        ),
        (
            "https://in-toto.io/attestation/reference/v0.1",
            Family::Reference,
        ),
        (
            "https://in-toto.io/attestation/release/v0.1",
            Family::Release,
        ),
        (
            "https://in-toto.io/attestation/scai/attribute-report/v0.2",
            Family::Scai,
        ),
        ("https://in-toto.io/attestation/scai/v0.3", Family::Scai),
        (
            "https://ossf.github.io/osv-schema/results@v1.6.7",
            Family::OsvResults,
        ),
    ] {
        assert_eq!(Family::of(predicate_type), Some(family), "{predicate_type}");
        let spelled = family
            .spellings()
            .iter()
            .filter(|spelling| is_version_of(spelling, predicate_type));
        assert_eq!(spelled.count(), 1, "{predicate_type}");
    }
    for predicate_type in [
        "",
        "https://slsa.dev/provenances/v1",
        "https://slsa.dev/provenance/",
        "https://slsa.dev/provenance/v",
        "https://slsa.dev/provenance/vx",
        "https://slsa.dev/provenance/v1/more",
        "https://slsa.dev/provenance/v1?x",
        "http://slsa.dev/provenance/v1",
        "https://conforma.dev/verification_summary/v1",
        "https://slsa.dev/source/v1",
        "https://spdx.dev/Documents",
        "https://cosign.sigstore.dev/attestation/other/v1",
    ] {
        assert_eq!(Family::of(predicate_type), None, "{predicate_type}");
    }
}

#[test]
fn a_type_without_version_means_all_versions() {
    for (expected, found, same) in [
        (
            "https://spdx.dev/Document",
            "https://spdx.dev/Document/v2.3",
            true,
        ),
        (
            "https://spdx.dev/Document",
            "https://spdx.dev/Document@v3",
            true,
        ),
        (
            "https://spdx.dev/Document",
            "https://spdx.dev/Document",
            true,
        ),
        (
            "https://spdx.dev/Document/v2.3",
            "https://spdx.dev/Document",
            false,
        ),
        (
            "https://spdx.dev/Document/v2",
            "https://spdx.dev/Document/v2.3",
            false,
        ),
        (
            "https://spdx.dev/Document",
            "https://spdx.dev/Document/2.3",
            false,
        ),
        ("https://example/type", "https://example/type/v1", true),
        (
            "https://example/type",
            "https://example/type/vulnerable",
            false,
        ),
    ] {
        assert_eq!(is_version_of(expected, found), same, "{expected} {found}");
    }
}
