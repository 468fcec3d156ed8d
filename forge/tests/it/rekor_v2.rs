use der::{Decode, Encode};
use sealstone_forge::HashAlgorithm;
use serde_json::Value;

use crate::merkle::{leaf_hash, root_from_proof};
use crate::openssl;
use crate::support::{KINDS, base64, keyless, trusted_root};

fn bundle(kind: &str) -> Value {
    let (_, make) = KINDS.iter().find(|(name, _)| *name == kind).unwrap();
    serde_json::from_slice(&keyless(*make, None).unwrap().content).unwrap()
}

const STATEMENT: &str = "bundle 0.3, statement, Rekor v2 and timestamp";
const MESSAGE: &str = "bundle 0.3, message, Rekor v2 and timestamp";

#[test]
fn proof_and_checkpoint_hold() {
    let root = trusted_root();
    for (kind, log) in [(STATEMENT, 2), (MESSAGE, 3)] {
        let log = &root["tlogs"][log];
        let host = log["baseUrl"].as_str().unwrap().replace("https://", "");
        let entry = &bundle(kind)["verificationMaterial"]["tlogEntries"][0];
        assert_eq!(entry["logId"], log["logId"]);
        assert!(entry.get("integratedTime").is_none());
        assert!(entry.get("inclusionPromise").is_none());

        let proof = &entry["inclusionProof"];
        assert_eq!(entry["logIndex"], proof["logIndex"]);
        let hashes: Vec<[u8; 32]> = proof["hashes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hash| base64(hash).try_into().unwrap())
            .collect();
        let number = |value: &Value| value.as_str().unwrap().parse::<u64>().unwrap();
        let leaf = leaf_hash(&base64(&entry["canonicalizedBody"]));
        let hash = root_from_proof(
            number(&entry["logIndex"]),
            number(&proof["treeSize"]),
            leaf,
            &hashes,
        );
        assert_eq!(hash.unwrap().as_slice(), base64(&proof["rootHash"]));

        let note = proof["checkpoint"]["envelope"].as_str().unwrap();
        let (text, lines) = note.split_once("\n\n").unwrap();
        let text = format!("{text}\n");
        assert_eq!(text.lines().next(), Some(host.as_str()));
        assert_eq!(Value::from(text.lines().nth(2).unwrap()), proof["rootHash"]);
        let key = base64(&log["publicKey"]["rawBytes"]);
        let id = base64(&log["logId"]["keyId"]);
        let ours: Vec<Vec<u8>> = lines
            .lines()
            .filter_map(|line| line.strip_prefix(&format!("\u{2014} {host} ")))
            .map(|blob| base64(&Value::from(blob)))
            .filter(|blob| blob[..4] == id[..4])
            .collect();
        assert_eq!(ours.len(), 1);
        let signature = &ours[0][4..];
        if kind == STATEMENT {
            assert_eq!(lines.lines().count(), 3, "witness, log, unknown key");
            assert_eq!(id, ed25519_id(&host, &key));
            assert!(openssl::verifies_raw(&key, text.as_bytes(), signature));
        } else {
            assert_eq!(lines.lines().count(), 1);
            assert_eq!(id, HashAlgorithm::Sha256.digest(&key));
            assert!(openssl::verifies(
                &key,
                "-sha256",
                text.as_bytes(),
                signature
            ));
        }
    }
}

/// C2SP signed-note: SHA-256 of name, line end, 0x01 and key.
fn ed25519_id(name: &str, key: &[u8]) -> Vec<u8> {
    let id = [name.as_bytes(), b"\n\x01", &key[12..]].concat();
    HashAlgorithm::Sha256.digest(&id)
}

#[test]
fn body_holds_digest_signature_and_verifier() {
    let bundle_of_statement = bundle(STATEMENT);
    let envelope = &bundle_of_statement["dsseEnvelope"];
    let payload = base64(&envelope["payload"]);
    let head = format!("DSSEv1 28 application/vnd.in-toto+json {} ", payload.len());
    let bundle_of_message = bundle(MESSAGE);
    for (bundle, message, signature) in [
        (
            &bundle_of_statement,
            [head.as_bytes(), &payload].concat(),
            &envelope["signatures"][0]["sig"],
        ),
        (
            &bundle_of_message,
            b"manifest".to_vec(),
            &bundle_of_message["messageSignature"]["signature"],
        ),
    ] {
        let material = &bundle["verificationMaterial"];
        let body = base64(&material["tlogEntries"][0]["canonicalizedBody"]);
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["kind"], "hashedrekord");
        assert_eq!(body["apiVersion"], "0.0.2");
        let spec = &body["spec"]["hashedRekordV002"];
        assert_eq!(spec["data"]["algorithm"], "SHA2_256");
        assert_eq!(
            base64(&spec["data"]["digest"]),
            HashAlgorithm::Sha256.digest(&message)
        );
        assert_eq!(&spec["signature"]["content"], signature);
        let verifier = &spec["signature"]["verifier"];
        assert_eq!(verifier["keyDetails"], "PKIX_ECDSA_P256_SHA_256");
        assert_eq!(verifier["x509Certificate"], material["certificate"]);
        let certificate = base64(&verifier["x509Certificate"]["rawBytes"]);
        let key = x509_cert::Certificate::from_der(&certificate)
            .unwrap()
            .tbs_certificate()
            .subject_public_key_info()
            .to_der()
            .unwrap();
        assert!(openssl::verifies(
            &key,
            "-sha256",
            &message,
            &base64(signature)
        ));
    }
}
