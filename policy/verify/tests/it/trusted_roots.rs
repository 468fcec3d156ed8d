//! Trust roots: what is refused when they are read, in JSON and in PEM.

use std::sync::Arc;

use sealstone_forge::{NOW, TrustedRootVersion, VirtualSigstore};
use sealstone_verify::{
    Error, Limits, PemTrustedRoot, PublicKey, Requirements, SignedEntity, TrustedRoot, UnixTime,
    Verifier,
};
use serde_json::{Value, json};

use crate::world::{By, FORMS, SIGSTORE, artifact, make};

fn edited(edit: impl FnOnce(&mut Value)) -> &'static str {
    let mut root = SIGSTORE.trusted_root_value(TrustedRootVersion::V01);
    edit(&mut root);
    match TrustedRoot::from_json(root.to_string().as_bytes(), &Limits::default()) {
        Ok(_) => "valid",
        Err(error) => error.code(),
    }
}

/// The chain of the authority that issues: the last of the three.
fn chain(root: &mut Value) -> &mut Vec<Value> {
    let authorities = root["certificateAuthorities"]
        .as_array_mut()
        .expect("a list");
    let last = authorities.last_mut().expect("an authority");
    last["certChain"]["certificates"]
        .as_array_mut()
        .expect("a list")
}

#[test]
fn json_is_read_strictly() {
    let cases: &[(&str, fn(&mut Value))] = &[
        ("valid", |_| {}),
        ("trusted-root.media-type-unknown", |root| {
            root["mediaType"] = "text/plain".into()
        }),
        ("trusted-root.field-missing", |root| {
            root.as_object_mut().expect("an object").remove("mediaType");
        }),
        ("trusted-root.field-unknown", |root| root["more"] = 1.into()),
        ("trusted-root.field-unknown", |root| {
            root["tlogs"][0]["more"] = 1.into()
        }),
        ("trusted-root.field-malformed", |root| {
            root["tlogs"] = json!({})
        }),
        ("trusted-root.field-malformed", |root| {
            root["tlogs"][0]["hashAlgorithm"] = "SHA2_512".into();
        }),
        ("trusted-root.field-malformed", |root| {
            root["tlogs"][0]["publicKey"]["keyDetails"] = "PKIX_ED25519".into();
        }),
        ("trusted-root.field-missing", |root| {
            root["tlogs"][0]["publicKey"]["validFor"] = json!({});
        }),
        ("trusted-root.field-missing", |root| {
            root["certificateAuthorities"][0]["validFor"] = json!({"end": "2030-01-01T00:00:00Z"});
        }),
        ("trusted-root.field-malformed", |root| {
            root["ctlogs"][0]["publicKey"]["validFor"] =
                json!({"start": "2030-01-01T00:00:00Z", "end": "2029-01-01T00:00:00Z"});
        }),
        ("trusted-root.log-duplicate", |root| {
            let log = root["tlogs"][0].clone();
            root["tlogs"].as_array_mut().expect("a list").push(log);
        }),
        ("trusted-root.log-duplicate", |root| {
            let log = root["ctlogs"][0].clone();
            root["ctlogs"].as_array_mut().expect("a list").push(log);
        }),
        ("trusted-root.authority-duplicate", |root| {
            let authority = root["certificateAuthorities"][0].clone();
            root["certificateAuthorities"]
                .as_array_mut()
                .expect("a list")
                .push(authority);
        }),
        ("trusted-root.authority-duplicate", |root| {
            let authority = root["timestampAuthorities"][0].clone();
            root["timestampAuthorities"]
                .as_array_mut()
                .expect("a list")
                .push(authority);
        }),
        ("trusted-root.chain-empty", |root| chain(root).clear()),
        // The certificate of a timestamp authority's signer is no authority.
        ("certificate.not-authority", |root| {
            let leaf = root["timestampAuthorities"][0]["certChain"]["certificates"][0].clone();
            chain(root).insert(0, leaf);
        }),
        // Names fit, keys do not.
        ("trusted-root.chain-broken", |root| {
            let mut other =
                VirtualSigstore::new("another").trusted_root_value(TrustedRootVersion::V01);
            let anchor = chain(&mut other).pop().expect("an anchor");
            let chain = chain(root);
            chain.pop();
            chain.push(anchor);
        }),
        ("certificate.malformed", |root| {
            chain(root)[0]["rawBytes"] = "MAA=".into()
        }),
        ("public-key.malformed", |root| {
            root["tlogs"][0]["publicKey"]["rawBytes"] = "MAA=".into()
        }),
    ];
    for (number, (expected, edit)) in cases.iter().enumerate() {
        assert_eq!(edited(*edit), *expected, "case {number}");
    }
}

#[test]
fn members_that_occur_twice_are_refused() {
    let root = String::from_utf8(SIGSTORE.trusted_root()).expect("UTF-8");
    let twice = root.replacen('{', r#"{"tlogs":[],"#, 1);
    let refused = TrustedRoot::from_json(twice.as_bytes(), &Limits::default());
    assert_eq!(
        refused.err().map(|e| e.code()),
        Some("trusted-root.duplicate-member")
    );
}

/// A chain in which an authority stands above more authorities than it allows.
#[test]
fn path_length_is_kept() {
    let refused = edited(|root| {
        let intermediate = chain(root)[0].clone();
        chain(root).insert(0, intermediate);
    });
    assert_eq!(refused, "certificate.path-too-long");
}

fn pem(label: &str, base64: &Value) -> String {
    let body = base64.as_str().expect("base64");
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

/// The parts of an instance's trust root in PEM.
fn parts(sigstore: &VirtualSigstore) -> PemTrustedRoot {
    let root = sigstore.trusted_root_value(TrustedRootVersion::V01);
    let list = |name: &str| root[name].as_array().expect("a list").clone();
    let chain = |authority: &Value| {
        let certificates = authority["certChain"]["certificates"]
            .as_array()
            .expect("a list");
        certificates
            .iter()
            .map(|certificate| pem("CERTIFICATE", &certificate["rawBytes"]))
            .collect::<String>()
    };
    PemTrustedRoot {
        certificate_authorities: list("certificateAuthorities").iter().map(chain).collect(),
        certificate_transparency_logs: list("ctlogs")
            .iter()
            .map(|log| pem("PUBLIC KEY", &log["publicKey"]["rawBytes"]))
            .collect(),
        transparency_logs: list("tlogs")
            .iter()
            .map(|log| {
                let url = log["baseUrl"].as_str().expect("a URL").to_owned();
                (url, pem("PUBLIC KEY", &log["publicKey"]["rawBytes"]))
            })
            .collect(),
        timestamp_authorities: list("timestampAuthorities").iter().map(chain).collect(),
    }
}

fn verify(form: &str, parts: &PemTrustedRoot) -> &'static str {
    let (_, form) = FORMS
        .iter()
        .find(|(name, _)| *name == form)
        .expect("a form");
    let evidence = make(*form, By::Certificate, None).expect("the forge makes it");
    let limits = Limits::default();
    let outcome = (|| {
        let root = Arc::new(TrustedRoot::from_pem(parts, &limits)?);
        let entity = SignedEntity::from_bundle(&evidence.content, &limits)?;
        let now = UnixTime::from_seconds(NOW.seconds());
        Verifier::keyless(root, Requirements::default(), limits.clone())?.verify(
            &entity,
            &artifact(),
            now,
        )
    })();
    outcome.map_or_else(|error: Error| error.code(), |_| "verified")
}

#[test]
fn pem_parts_make_a_trust_root() {
    let own = parts(&SIGSTORE);
    let other = parts(&VirtualSigstore::new("another"));
    for form in [
        "bundle-0.3-dsse",
        "bundle-0.3-dsse-rekor-v2",
        "bundle-0.3-message-rekor-v2",
    ] {
        assert_eq!(verify(form, &own), "verified", "{form}");
    }
    let form = "bundle-0.3-dsse-rekor-v2";
    let with = |edit: fn(&mut PemTrustedRoot, &PemTrustedRoot)| {
        let mut parts = own.clone();
        edit(&mut parts, &other);
        verify(form, &parts)
    };
    let authority =
        with(|own, other| own.certificate_authorities = other.certificate_authorities.clone());
    assert_eq!(authority, "certificate.signature-invalid");
    let promises = with(|own, other| {
        own.certificate_transparency_logs = other.certificate_transparency_logs.clone();
    });
    assert_eq!(promises, "certificate-timestamp.log-unknown");
    let logs = with(|own, other| own.transparency_logs = other.transparency_logs.clone());
    assert_eq!(logs, "log-entry.log-unknown");
    let times = with(|own, other| own.timestamp_authorities = other.timestamp_authorities.clone());
    assert_eq!(times, "timestamp.authority-unknown");
    // The host of a Rekor v2 log is part of its name.
    let renamed = with(|own, _| {
        for (url, _) in &mut own.transparency_logs {
            *url = "https://elsewhere.example".to_owned();
        }
    });
    assert_eq!(renamed, "log-entry.log-unknown");
}

#[test]
fn pem_parts_are_read_strictly() {
    let own = parts(&SIGSTORE);
    let code = |edit: fn(&mut PemTrustedRoot)| {
        let mut parts = own.clone();
        edit(&mut parts);
        let read = TrustedRoot::from_pem(&parts, &Limits::default());
        read.err().map_or("valid", |error| error.code())
    };
    assert_eq!(code(|_| {}), "valid");
    assert_eq!(
        code(|parts| *parts = PemTrustedRoot::default()),
        "trusted-root.empty"
    );
    assert_eq!(
        code(|parts| {
            let log = parts.transparency_logs[0].clone();
            parts.transparency_logs.push(log);
        }),
        "trusted-root.log-duplicate"
    );
    assert_eq!(
        code(|parts| {
            let chain = parts.certificate_authorities[0].clone();
            parts.certificate_authorities.push(chain);
        }),
        "trusted-root.authority-duplicate"
    );
    assert_eq!(
        code(|parts| parts.certificate_authorities[0].clear()),
        "certificate.malformed"
    );
    assert_eq!(
        code(|parts| parts.certificate_authorities[0].push_str("tail")),
        "certificate.malformed"
    );
    assert_eq!(
        code(|parts| parts.certificate_transparency_logs[0] = "no key".to_owned()),
        "public-key.malformed"
    );
    assert_eq!(
        code(|parts| {
            let log = parts.transparency_logs[0].clone();
            parts.transparency_logs = vec![log; 65];
        }),
        "limit.trusted-root-entries"
    );
}

#[test]
fn keys_outside_of_the_registry_are_refused() {
    // X25519, which signs nothing.
    let mut spki = vec![
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0,
    ];
    spki.extend([9; 32]);
    let code = |spki: &[u8]| PublicKey::from_spki(spki).err().map(|error| error.code());
    assert_eq!(code(&spki), Some("public-key.unsupported"));
    // Ed25519 with a point of small order.
    let mut weak = vec![
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0, 1,
    ];
    weak.extend([0; 31]);
    assert_eq!(code(&weak), Some("public-key.malformed"));
    assert_eq!(code(b""), Some("public-key.malformed"));
}
