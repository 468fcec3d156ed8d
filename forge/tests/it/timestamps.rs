use sealstone_forge::{Fault, SIGNED};
use serde_json::Value;

use crate::openssl;
use crate::support::{KINDS, base64, keyless, trusted_root};

/// The kind of evidence with one timestamp by each authority.
fn timestamp(kind: &str, fault: Option<Fault>) -> (Vec<u8>, Vec<u8>) {
    let (_, make) = KINDS.iter().find(|(name, _)| *name == kind).unwrap();
    let evidence = keyless(*make, fault).unwrap();
    let bundle: Value = serde_json::from_slice(&evidence.content).unwrap();
    let timestamps =
        &bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"];
    let signature = match bundle.get("messageSignature") {
        Some(message) => base64(&message["signature"]),
        None => base64(&bundle["dsseEnvelope"]["signatures"][0]["sig"]),
    };
    (base64(&timestamps[0]["signedTimestamp"]), signature)
}

const FIRST: &str = "bundle 0.3, statement, Rekor v2 and timestamp";
const SECOND: &str = "bundle 0.3, message, Rekor v2 and timestamp";

/// `openssl ts -verify` with the authority of an index in the trusted root.
fn verify(response: &[u8], message: &[u8], authority: usize) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let root = trusted_root();
    let chain = &root["timestampAuthorities"][authority]["certChain"]["certificates"];
    let mut chain: Vec<Vec<u8>> = chain
        .as_array()
        .unwrap()
        .iter()
        .map(|certificate| base64(&certificate["rawBytes"]))
        .collect();
    let anchor = chain.pop().unwrap();
    openssl::write_pem(&folder.path().join("root"), "CERTIFICATE", &anchor);
    let mut untrusted = String::new();
    for der in chain {
        let file = folder.path().join("one");
        openssl::write_pem(&file, "CERTIFICATE", &der);
        untrusted.push_str(&std::fs::read_to_string(file).unwrap());
    }
    std::fs::write(path("untrusted"), untrusted).unwrap();
    std::fs::write(path("response"), response).unwrap();
    std::fs::write(path("message"), message).unwrap();
    openssl::run(&[
        "ts",
        "-verify",
        "-data",
        &path("message"),
        "-in",
        &path("response"),
        "-CAfile",
        &path("root"),
        "-untrusted",
        &path("untrusted"),
        "-attime",
        &SIGNED.seconds().to_string(),
    ])
}

#[test]
fn openssl_accepts_timestamps_of_both_authorities() {
    for (kind, authority) in [(FIRST, 0), (SECOND, 1)] {
        let (response, signature) = timestamp(kind, None);
        let said = verify(&response, &signature, authority).unwrap();
        assert!(said.contains("Verification: OK"), "{said}");
        verify(&response, b"other", authority).unwrap_err();
        verify(&response, &signature, 1 - authority).unwrap_err();
    }
}

#[test]
fn openssl_reads_time_policy_and_hash() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, hash) in [(FIRST, "sha256"), (SECOND, "sha384")] {
        let path = folder.path().join("response");
        std::fs::write(&path, timestamp(kind, None).0).unwrap();
        let path = path.to_str().unwrap();
        let text = openssl::run(&["ts", "-reply", "-in", path, "-text"]).unwrap();
        for expected in [
            "Status: Granted.",
            "Policy OID: 1.3.6.1.4.1.57264.2",
            &format!("Hash Algorithm: {hash}"),
            "Time stamp: Mar  1 12:00:00 2026 GMT",
        ] {
            assert!(text.contains(expected), "no {expected:?} in {text}");
        }
    }
}

/// What `openssl` checks too, it refuses for the reason that the fault names.
#[test]
fn openssl_refuses_broken_timestamps() {
    for (kind, authority, fault, reason) in [
        (FIRST, 0, Fault::TimestampRejected, "token present"),
        (
            FIRST,
            0,
            Fault::TimestampImprintOther,
            "message imprint mismatch",
        ),
        (
            FIRST,
            0,
            Fault::TimestampSignatureInvalid,
            "signature failure",
        ),
        (
            FIRST,
            0,
            Fault::TimestampMessageDigestOther,
            "digest failure",
        ),
        (
            FIRST,
            0,
            Fault::TimestampCertificateIdOther,
            "ess cert id not found",
        ),
        (
            FIRST,
            0,
            Fault::TimestampSignerTwo,
            "there must be one signer",
        ),
        (
            FIRST,
            2,
            Fault::TimestampCertificateExpired,
            "certificate verify error",
        ),
        (FIRST, 0, Fault::TimestampAuthorityUntrusted, "certificate"),
        (
            SECOND,
            1,
            Fault::TimestampExtendedKeyUsageNotCritical,
            "certificate purpose",
        ),
        (
            SECOND,
            1,
            Fault::TimestampExtendedKeyUsageTwo,
            "certificate purpose",
        ),
        (
            SECOND,
            1,
            Fault::TimestampExtendedKeyUsageOther,
            "certificate purpose",
        ),
    ] {
        let (response, signature) = timestamp(kind, Some(fault));
        match verify(&response, &signature, authority) {
            Ok(said) => panic!("{fault}: {said}"),
            Err(said) => assert!(
                said.to_lowercase().contains(&reason.to_lowercase()),
                "{fault}: {said}"
            ),
        }
    }
}

/// The imprint is right but for its algorithm, which `openssl` takes.
#[test]
fn only_the_algorithm_of_a_sha1_imprint_is_wrong() {
    let (response, signature) = timestamp(FIRST, Some(Fault::TimestampImprintSha1));
    verify(&response, &signature, 0).unwrap();
    verify(&response, b"other", 0).unwrap_err();
}

#[test]
fn legacy_layers_are_timestamped() {
    let evidence = |kind: &str| {
        let (_, make) = KINDS.iter().find(|(name, _)| *name == kind).unwrap();
        let evidence = keyless(*make, None).unwrap();
        let annotation = &evidence.annotations["dev.sigstore.cosign/rfc3161timestamp"];
        let annotation: Value = serde_json::from_str(annotation).unwrap();
        (base64(&annotation["SignedRFC3161Timestamp"]), evidence)
    };
    let (response, attestation) = evidence("legacy attestation with timestamp");
    verify(&response, &attestation.content, 0).unwrap();
    let (response, signature) = evidence("legacy signature with timestamp");
    let signature = &signature.annotations["dev.cosignproject.cosign/signature"];
    let signature = base64(&Value::from(signature.as_str()));
    verify(&response, &signature, 0).unwrap();
}
