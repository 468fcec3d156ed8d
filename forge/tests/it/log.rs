use sealstone_forge::{EntryKind, TransparencyLog};
use serde_json::Value;

use crate::merkle::{leaf_hash, root_from_proof};
use crate::openssl;
use crate::support::{KINDS, SIGSTORE, base64, bundle, identity, keyless, trusted_root};

fn number(value: &Value) -> u64 {
    value.as_str().unwrap().parse().unwrap()
}

/// The log of the trusted root whose id an entry names.
fn log_key(entry: &Value) -> Vec<u8> {
    let root = trusted_root();
    let logs = root["tlogs"].as_array().unwrap();
    let log = logs
        .iter()
        .find(|log| log["logId"] == entry["logId"])
        .unwrap();
    base64(&log["publicKey"]["rawBytes"])
}

pub(crate) fn check_promise(entry: &Value) {
    let id: String = base64(&entry["logId"]["keyId"])
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let message = format!(
        "{{\"body\":{},\"integratedTime\":{},\"logID\":\"{id}\",\"logIndex\":{}}}",
        entry["canonicalizedBody"],
        number(&entry["integratedTime"]),
        number(&entry["logIndex"]),
    );
    let promise = base64(&entry["inclusionPromise"]["signedEntryTimestamp"]);
    let key = log_key(entry);
    assert!(openssl::verifies(
        &key,
        "-sha256",
        message.as_bytes(),
        &promise
    ));
}

pub(crate) fn check_proof(entry: &Value) {
    let proof = &entry["inclusionProof"];
    let hashes: Vec<[u8; 32]> = proof["hashes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hash| base64(hash).try_into().unwrap())
        .collect();
    assert!(hashes.len() > 2, "a tree of several entries");
    let root = root_from_proof(
        number(&proof["logIndex"]),
        number(&proof["treeSize"]),
        leaf_hash(&base64(&entry["canonicalizedBody"])),
        &hashes,
    )
    .unwrap();
    assert_eq!(root.as_slice(), base64(&proof["rootHash"]));

    let note = proof["checkpoint"]["envelope"].as_str().unwrap();
    let (text, signatures) = note.split_once("\n\n").unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    let (origin, tree_id) = lines[0].split_once(" - ").unwrap();
    assert!(tree_id.parse::<u64>().is_ok());
    assert_eq!(lines[1], proof["treeSize"]);
    assert_eq!(lines[2], proof["rootHash"]);
    let line: Vec<&str> = signatures.trim_end().split(' ').collect();
    assert_eq!(line[..2], ["\u{2014}", origin]);
    let blob = base64(&Value::from(line[2]));
    assert_eq!(blob[..4], base64(&entry["logId"]["keyId"])[..4]);
    let signed = format!("{text}\n");
    assert!(openssl::verifies(
        &log_key(entry),
        "-sha256",
        signed.as_bytes(),
        &blob[4..]
    ));
}

#[test]
fn promise_proof_and_checkpoint_hold() {
    let entry = &bundle()["verificationMaterial"]["tlogEntries"][0];
    check_promise(entry);
    check_proof(entry);
}

#[test]
fn entries_of_several_logs_hold() {
    let evidence = SIGSTORE
        .keyless(&identity())
        .entry(TransparencyLog::Rekor, EntryKind::DsseV001)
        .entry(TransparencyLog::Rekor, EntryKind::IntotoV002)
        .entry(TransparencyLog::RekorSecond, EntryKind::DsseV001)
        .attest_payload(b"{}")
        .unwrap();
    let bundle: Value = serde_json::from_slice(&evidence.content).unwrap();
    let entries = bundle["verificationMaterial"]["tlogEntries"]
        .as_array()
        .unwrap();
    assert_eq!(entries.len(), 3);
    for entry in entries {
        check_promise(entry);
        check_proof(entry);
    }
    assert_ne!(entries[0]["logIndex"], entries[1]["logIndex"]);
    assert_ne!(entries[0]["logId"], entries[2]["logId"]);
}

/// The signature of an envelope is over its pre-authentication encoding, and the body holds it.
#[test]
fn envelope_is_signed_and_logged() {
    let bundle = bundle();
    let envelope = &bundle["dsseEnvelope"];
    let payload = base64(&envelope["payload"]);
    let signature = base64(&envelope["signatures"][0]["sig"]);
    let mut message =
        format!("DSSEv1 28 application/vnd.in-toto+json {} ", payload.len()).into_bytes();
    message.extend(&payload);
    let key = {
        use der::{Decode, Encode};
        x509_cert::Certificate::from_der(&crate::support::leaf(&bundle))
            .unwrap()
            .tbs_certificate()
            .subject_public_key_info()
            .to_der()
            .unwrap()
    };
    assert!(openssl::verifies(&key, "-sha256", &message, &signature));

    let entry = &bundle["verificationMaterial"]["tlogEntries"][0];
    let body: Value = serde_json::from_slice(&base64(&entry["canonicalizedBody"])).unwrap();
    assert_eq!(body["kind"], entry["kindVersion"]["kind"]);
    assert_eq!(body["apiVersion"], entry["kindVersion"]["version"]);
    let logged = &body["spec"]["signatures"][0];
    assert_eq!(logged["signature"], envelope["signatures"][0]["sig"]);
    let digest = sealstone_forge::HashAlgorithm::Sha256.digest(&payload);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(body["spec"]["payloadHash"]["value"], hex);
    let pem = String::from_utf8(base64(&logged["verifier"])).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----\n"));
}

#[test]
fn legacy_layers_hold() {
    for (kind, make) in KINDS.iter().filter(|(kind, _)| kind.starts_with("legacy")) {
        let evidence = keyless(*make, None).unwrap();
        let bundle: Value =
            serde_json::from_str(&evidence.annotations["dev.sigstore.cosign/bundle"]).unwrap();
        let payload = &bundle["Payload"];
        let message = payload.to_string();
        let root = trusted_root();
        let key = base64(&root["tlogs"][0]["publicKey"]["rawBytes"]);
        let promise = base64(&bundle["SignedEntryTimestamp"]);
        assert!(
            openssl::verifies(&key, "-sha256", message.as_bytes(), &promise),
            "{kind}"
        );
        let body = String::from_utf8(base64(&payload["body"])).unwrap();
        let digest = sealstone_forge::HashAlgorithm::Sha256.digest(&evidence.content);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(body.contains(&hex), "{kind}: {hex} is not in {body}");
    }
}
