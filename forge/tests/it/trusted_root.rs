use sealstone_forge::TrustedRootVersion;

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
