use der::{Decode, Encode};
use sealstone_forge::{
    FUTURE, Fault, FulcioExtension, Identity, KeyDetails, SIGNED, SubjectAlternativeName,
};
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::openssl;
use crate::support::{KINDS, SIGSTORE, bundle, chain, identity, keyless, leaf, trusted_root};

/// `openssl verify` of a leaf at a time, with the given purpose checked.
pub(crate) fn verify(leaf: &[u8], seconds: u64) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let chain = chain();
    openssl::write_pem(&folder.path().join("leaf"), "CERTIFICATE", leaf);
    openssl::write_pem(
        &folder.path().join("intermediate"),
        "CERTIFICATE",
        &chain[0],
    );
    openssl::write_pem(&folder.path().join("root"), "CERTIFICATE", &chain[1]);
    openssl::run(&[
        "verify",
        "-x509_strict",
        "-purpose",
        "any",
        "-attime",
        &seconds.to_string(),
        "-CAfile",
        &path("root"),
        "-untrusted",
        &path("intermediate"),
        &path("leaf"),
    ])
}

#[test]
fn openssl_accepts_the_chain_at_the_time_of_signing_only() {
    let leaf = leaf(&bundle());
    verify(&leaf, SIGNED.seconds()).unwrap();
    let late = verify(&leaf, SIGNED.plus(700).seconds()).unwrap_err();
    assert!(late.contains("certificate has expired"), "{late}");
    let early = verify(&leaf, SIGNED.minus(60).seconds()).unwrap_err();
    assert!(early.contains("certificate is not yet valid"), "{early}");
}

#[test]
fn openssl_refuses_a_leaf_of_an_unknown_authority() {
    for fault in [
        Fault::AuthorityUntrusted,
        Fault::LeafSignatureInvalid,
        Fault::IssuedByLeaf,
    ] {
        let evidence = keyless(KINDS[0].1, Some(fault)).unwrap();
        let bundle = serde_json::from_slice(&evidence.content).unwrap();
        let error = verify(&leaf(&bundle), SIGNED.seconds()).unwrap_err();
        assert!(
            error.contains("certificate signature failure")
                || error.contains("unable to get local issuer certificate"),
            "{fault}: {error}"
        );
    }
}

#[test]
fn a_leaf_of_the_future_is_consistent() {
    let evidence = keyless(KINDS[0].1, Some(Fault::IntegratedTimeInFuture)).unwrap();
    let bundle = serde_json::from_slice(&evidence.content).unwrap();
    verify(&leaf(&bundle), FUTURE.seconds()).unwrap();
}

#[test]
fn openssl_reads_what_was_certified() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leaf");
    openssl::write_pem(&path, "CERTIFICATE", &leaf(&bundle()));
    let text = openssl::run(&["x509", "-noout", "-text", "-in", path.to_str().unwrap()]).unwrap();
    for expected in [
        "Subject: \n",
        "Issuer: O = sigstore.example, CN = sigstore-intermediate",
        "Not Before: Mar  1 11:59:55 2026 GMT",
        "Not After : Mar  1 12:09:55 2026 GMT",
        "ASN1 OID: prime256v1",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "X509v3 Extended Key Usage: \n                Code Signing\n",
        "X509v3 Subject Alternative Name: critical",
        "CT Precertificate SCTs",
        "Timestamp : Mar  1 11:59:55.123 2026 GMT",
    ] {
        assert!(text.contains(expected), "no {expected:?} in {text}");
    }
}

#[test]
fn every_fulcio_extension_is_there() {
    let identity = identity().with_extension(FulcioExtension::DeploymentEnvironment, "production");
    let evidence = SIGSTORE.keyless(&identity).sign(b"manifest").unwrap();
    let bundle = serde_json::from_slice(&evidence.content).unwrap();
    let certificate = Certificate::from_der(&leaf(&bundle)).unwrap();
    let extensions = certificate.tbs_certificate().extensions().unwrap();
    for arc in (1..=24).filter(|arc| *arc != 7) {
        let oid = format!("1.3.6.1.4.1.57264.1.{arc}");
        let extension = extensions
            .iter()
            .find(|extension| extension.extn_id.to_string() == oid)
            .unwrap_or_else(|| panic!("no {oid}"));
        let bytes = extension.extn_value.as_bytes();
        if arc <= 6 {
            assert!(core::str::from_utf8(bytes).unwrap().is_ascii());
        } else {
            let text = der::asn1::Utf8StringRef::from_der(bytes).unwrap();
            assert!(!text.as_str().is_empty());
        }
    }
    // Re-encoding what was parsed gives the same bytes: the forge writes canonical DER.
    assert_eq!(certificate.to_der().unwrap(), leaf(&bundle));
}

#[test]
fn subject_alternative_names_of_every_kind() {
    let named = |name: SubjectAlternativeName| {
        let mut identity = Identity::email("https://accounts.example", "");
        identity.subject_alternative_name = name;
        let evidence = SIGSTORE.keyless(&identity).sign(b"manifest").unwrap();
        let bundle = serde_json::from_slice(&evidence.content).unwrap();
        let certificate = Certificate::from_der(&leaf(&bundle)).unwrap();
        let (critical, SubjectAltName(names)) = certificate
            .tbs_certificate()
            .get_extension::<SubjectAltName>()
            .unwrap()
            .unwrap();
        assert!(critical);
        assert_eq!(names.len(), 1);
        names[0].clone()
    };
    match named(SubjectAlternativeName::Email("a@example.com".to_owned())) {
        GeneralName::Rfc822Name(name) => assert_eq!(name.as_str(), "a@example.com"),
        other => panic!("{other:?}"),
    }
    match named(SubjectAlternativeName::Uri(
        "https://a.example/b".to_owned(),
    )) {
        GeneralName::UniformResourceIdentifier(name) => {
            assert_eq!(name.as_str(), "https://a.example/b");
        }
        other => panic!("{other:?}"),
    }
    match named(SubjectAlternativeName::OtherName("someone".to_owned())) {
        GeneralName::OtherName(name) => {
            assert_eq!(name.type_id.to_string(), "1.3.6.1.4.1.57264.1.7");
            let text = String::from_der(name.value.to_der().unwrap().as_slice()).unwrap();
            assert_eq!(text, "someone");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn leaf_keys_of_every_kind() {
    for details in [
        KeyDetails::EcdsaP256Sha256,
        KeyDetails::EcdsaP384Sha384,
        KeyDetails::EcdsaP384Sha256,
        KeyDetails::EcdsaP521Sha512,
        KeyDetails::RsaPkcs1v15_2048Sha256,
        KeyDetails::RsaPkcs1v15_3072Sha256,
        KeyDetails::RsaPkcs1v15_4096Sha256,
    ] {
        let signer = SIGSTORE.keyless(&identity()).leaf_key(details);
        let evidence = signer.sign(b"manifest").unwrap();
        let bundle = serde_json::from_slice(&evidence.content).unwrap();
        let certificate = leaf(&bundle);
        verify(&certificate, SIGNED.seconds()).unwrap();
        let key = public_key(&certificate);
        let hash = format!("-{}", details.hash().short_name());
        let signature = crate::support::base64(&bundle["messageSignature"]["signature"]);
        assert!(
            openssl::verifies(&key, &hash, b"manifest", &signature),
            "{details:?}"
        );
        assert!(!openssl::verifies(&key, &hash, b"other", &signature));
    }
}

/// `openssl pkeyutl` knows pure Ed25519; the prehashed form differs from it.
#[test]
fn ed25519_leaves() {
    let signature = |details| {
        let signer = SIGSTORE.keyless(&identity()).leaf_key(details);
        let evidence = signer.sign(b"manifest").unwrap();
        let bundle = serde_json::from_slice(&evidence.content).unwrap();
        let certificate = leaf(&bundle);
        verify(&certificate, SIGNED.seconds()).unwrap();
        let signature = crate::support::base64(&bundle["messageSignature"]["signature"]);
        (public_key(&certificate), signature)
    };
    let (key, pure) = signature(KeyDetails::Ed25519);
    assert!(openssl::verifies_raw(&key, b"manifest", &pure));
    let (key, prehashed) = signature(KeyDetails::Ed25519Ph);
    assert!(!openssl::verifies_raw(&key, b"manifest", &prehashed));
    let key = <[u8; 32]>::try_from(&key[12..]).unwrap();
    let key = ed25519_dalek::VerifyingKey::from_bytes(&key).unwrap();
    let digest = sha2::Sha512::default();
    let digest = sha2::Digest::chain_update(digest, b"manifest");
    let signature = ed25519_dalek::Signature::from_slice(&prehashed).unwrap();
    key.verify_prehashed_strict(digest, None, &signature)
        .unwrap();
}

#[test]
fn rsa_faults_use_another_key() {
    let sign = |fault| {
        let signer = SIGSTORE.keyless(&identity());
        let signer = signer
            .leaf_key(KeyDetails::RsaPkcs1v15_2048Sha256)
            .fault(fault);
        let evidence = signer.sign(b"manifest").unwrap();
        let bundle: serde_json::Value = serde_json::from_slice(&evidence.content).unwrap();
        let signature = crate::support::base64(&bundle["messageSignature"]["signature"]);
        openssl::verifies(
            &public_key(&leaf(&bundle)),
            "-sha256",
            b"manifest",
            &signature,
        )
    };
    assert!(sign(Fault::SctMissing));
    assert!(!sign(Fault::SignatureOtherKey));
}

/// The SCT of a certificate is over the certificate without its SCT list, by the log that it names.
#[test]
fn signed_certificate_timestamp_is_over_the_precertificate() {
    let leaf = leaf(&bundle());
    let certificate = Certificate::from_der(&leaf).unwrap();
    let list = certificate
        .tbs_certificate()
        .extensions()
        .unwrap()
        .iter()
        .find(|extension| extension.extn_id.to_string() == "1.3.6.1.4.1.11129.2.4.2")
        .unwrap()
        .extn_value
        .as_bytes();
    let list = <&der::asn1::OctetStringRef>::from_der(list).unwrap();
    let timestamp = &list.as_bytes()[4..];
    let root = trusted_root();
    let log = &root["ctlogs"][0];
    assert_eq!(
        timestamp[1..33],
        crate::support::base64(&log["logId"]["keyId"])
    );
    assert_eq!(timestamp[41..45], [0, 0, 4, 3]);

    let issuer = public_key(&chain()[0]);
    let mut signed = vec![0, 0];
    signed.extend(&timestamp[33..41]);
    signed.extend([0, 1]);
    signed.extend(sha256(&issuer));
    let precertificate = without_timestamps(&certificate);
    signed.extend(&(precertificate.len() as u32).to_be_bytes()[1..]);
    signed.extend(precertificate);
    signed.extend([0, 0]);
    let key = crate::support::base64(&log["publicKey"]["rawBytes"]);
    assert!(openssl::verifies(
        &key,
        "-sha256",
        &signed,
        &timestamp[47..]
    ));
}

/// DER TBSCertificate, re-encoded without the SCT list, which is the last extension.
fn without_timestamps(certificate: &Certificate) -> Vec<u8> {
    let to_be_signed = certificate.tbs_certificate();
    let mut extensions = to_be_signed.extensions().unwrap().clone();
    extensions.pop();
    let validity = *to_be_signed.validity();
    let mut body = Vec::new();
    let version = der::asn1::ContextSpecific {
        tag_number: der::TagNumber(0),
        tag_mode: der::TagMode::Explicit,
        value: 2_u8,
    };
    let extensions = der::asn1::ContextSpecific {
        tag_number: der::TagNumber(3),
        tag_mode: der::TagMode::Explicit,
        value: extensions,
    };
    body.extend(version.to_der().unwrap());
    body.extend(to_be_signed.serial_number().to_der().unwrap());
    body.extend(to_be_signed.signature().to_der().unwrap());
    body.extend(to_be_signed.issuer().to_der().unwrap());
    body.extend(validity.to_der().unwrap());
    body.extend(to_be_signed.subject().to_der().unwrap());
    body.extend(to_be_signed.subject_public_key_info().to_der().unwrap());
    body.extend(extensions.to_der().unwrap());
    der::Any::new(der::Tag::Sequence, body)
        .unwrap()
        .to_der()
        .unwrap()
}

pub(crate) fn public_key(certificate: &[u8]) -> Vec<u8> {
    Certificate::from_der(certificate)
        .unwrap()
        .tbs_certificate()
        .subject_public_key_info()
        .to_der()
        .unwrap()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    sealstone_forge::HashAlgorithm::Sha256.digest(bytes)
}
