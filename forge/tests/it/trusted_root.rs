use sealstone_forge::{ServiceKind, TrustedRootVersion};
use serde_json::Value;

use crate::support::{SIGSTORE, trusted_root};

const LISTS: [(&str, usize); 4] = [
    ("tlogs", 5),
    ("certificateAuthorities", 3),
    ("ctlogs", 2),
    ("timestampAuthorities", 4),
];

#[test]
fn every_service_is_listed() {
    let root = trusted_root();
    assert_eq!(
        root["mediaType"],
        "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
    );
    for (list, length) in LISTS {
        assert_eq!(root[list].as_array().unwrap().len(), length, "{list}");
    }
    assert!(!root.to_string().contains("operator"));
    assert!(!root.to_string().contains("checkpointKeyId"));
}

#[test]
fn version_02_adds_operators_and_checkpoint_keys() {
    let root = SIGSTORE.trusted_root_value(TrustedRootVersion::V02);
    assert_eq!(
        root["mediaType"],
        "application/vnd.dev.sigstore.trustedroot.v0.2+json"
    );
    for (list, _) in LISTS {
        for entry in root[list].as_array().unwrap() {
            assert_eq!(entry["operator"], "sigstore.example");
        }
    }
    for log in root["tlogs"].as_array().unwrap() {
        assert_eq!(log["checkpointKeyId"], log["logId"]);
    }
}

#[test]
fn services_are_left_out_by_kind() {
    let cases: [(&[ServiceKind], [usize; 4]); 6] = [
        (&[], [5, 3, 2, 4]),
        (&[ServiceKind::RekorV1], [2, 3, 2, 4]),
        (&[ServiceKind::RekorV2], [3, 3, 2, 4]),
        (&[ServiceKind::RekorV1, ServiceKind::RekorV2], [0, 3, 2, 4]),
        (&[ServiceKind::CertificateTransparency], [5, 3, 0, 4]),
        (&[ServiceKind::TimestampAuthorities], [5, 3, 2, 0]),
    ];
    for (without, lengths) in cases {
        let root: Value = serde_json::from_slice(&SIGSTORE.trusted_root_without(without)).unwrap();
        for ((list, _), length) in LISTS.iter().zip(lengths) {
            let entries = root[list].as_array().unwrap();
            assert_eq!(entries.len(), length, "{without:?}: {list}");
        }
        let kept = root["tlogs"].as_array().unwrap();
        let v2 = |entry: &Value| entry["baseUrl"].as_str().unwrap().contains("//log2025-");
        assert_eq!(
            kept.iter().any(v2),
            !without.contains(&ServiceKind::RekorV2)
        );
    }
    assert_eq!(SIGSTORE.trusted_root_without(&[]), SIGSTORE.trusted_root());
}
