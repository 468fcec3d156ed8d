//! The JSON Schema of the policy document.

use std::path::Path;

use sealstone_engine::policy_schema;

use crate::support::{step, text, value};

/// `BLESS=1` writes the file anew.
#[test]
fn checked_in_schema_is_current() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts/schemas/policy.schema.json");
    let generated = policy_schema();
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &generated).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        checked_in, generated,
        "run this test with BLESS=1 and look at the difference"
    );
}

#[test]
fn names_what_the_reader_reads() {
    let schema = value(&policy_schema());
    assert_eq!(
        text(&schema, &["$schema"]),
        "https://json-schema.org/draft/2020-12/schema"
    );
    let properties = |path: &[&str]| -> Vec<String> {
        step(&schema, path)
            .unwrap_or_else(|| panic!("{path:?}"))
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    assert_eq!(
        properties(&["properties"]),
        [
            "admission",
            "apiVersion",
            "authorities",
            "builders",
            "evidence",
            "evidenceSources",
            "exceptions",
            "images",
            "insecureAllowUnmatchedImages",
            "kind",
            "limits",
            "metadata",
            "mode",
            "modes",
            "rules",
            "trustRoots",
            "verifiers"
        ]
    );
    let definitions: [(&str, &[&str]); 21] = [
        ("Images", &["mirrors", "subjects", "tags"]),
        ("Mirror", &["from", "to"]),
        ("Subjects", &["index", "platforms"]),
        (
            "Admission",
            &[
                "insecureExempt",
                "insecureExemptGroups",
                "insecureIgnoreOtherKinds",
                "insecureSkipUnchangedUpdates",
                "resources",
            ],
        ),
        (
            "Resource",
            &[
                "group",
                "images",
                "insecureAllowNoImages",
                "kind",
                "podSpecs",
                "version",
            ],
        ),
        ("Selection", &["excludeNamespaces", "labels", "namespaces"]),
        ("Metadata", &["name"]),
        ("CarriedEvidence", &["bundles", "digest"]),
        ("EvidenceSources", &["configMaps"]),
        ("ConfigMap", &["name", "namespace"]),
        (
            "TrustRoot",
            &["name", "pem", "requirements", "trustedRoot", "witnesses"],
        ),
        (
            "Pem",
            &[
                "certificateAuthorities",
                "certificateTransparencyLogs",
                "timestampAuthorities",
                "transparencyLogs",
            ],
        ),
        ("Witnesses", &["keys", "threshold"]),
        (
            "Builder",
            &[
                "delegated",
                "id",
                "maximumLevel",
                "name",
                "operator",
                "properties",
                "signedBy",
            ],
        ),
        (
            "AttestationRequirement",
            &["conditions", "maximumAge", "quantifier", "signedBy"],
        ),
        (
            "Thresholds",
            &[
                "insecureCurrentTime",
                "integratedTimestampThreshold",
                "observerTimestampThreshold",
                "profile",
                "signedCertificateTimestampThreshold",
                "signedTimestampThreshold",
                "transparencyLogThreshold",
            ],
        ),
        ("Keyless", &["identities", "trustRoot"]),
        ("Identity", &["extensions", "issuer", "subject"]),
        (
            "Key",
            &[
                "insecureIgnoreTransparencyLog",
                "publicKey",
                "trustRoot",
                "validFor",
            ],
        ),
        (
            "ProvenanceRequirement",
            &[
                "buildType",
                "builder",
                "builders",
                "deploymentEnvironment",
                "externalParameters",
                "legacyLevel",
                "maximumAge",
                "minimumLevels",
                "properties",
                "runnerEnvironment",
                "signedBy",
                "source",
                "sourceVerifiedBy",
                "triggers",
                "workflowInputs",
            ],
        ),
        (
            "SourceRequirement",
            &[
                "branch",
                "commit",
                "ownerId",
                "ref",
                "repositoryId",
                "tag",
                "uri",
                "versionTag",
            ],
        ),
    ];
    for (definition, names) in definitions {
        assert_eq!(
            properties(&["$defs", definition, "properties"]),
            names,
            "{definition}"
        );
    }
}

#[test]
fn null_is_no_value() {
    let schema = policy_schema();
    assert!(!schema.contains("null"), "{schema}");
}
