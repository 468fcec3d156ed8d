//! Trust roots as PEM decide as the same roots in JSON do.

use sealstone_engine::CompiledPolicy;
use sealstone_forge::{EntryKind, Fault, TimestampAuthority as Tsa, TransparencyLog as Log};
use serde_json::{Value, json};

use crate::trust_roots::{
    SCAN, TIME_MISSING, TIME_THRESHOLD, ann, asking, rekor_v2, release, scan,
};
use crate::world::{assert_code, compiled, decide, evidence, statement, trusted_root};

fn pem(label: &str, base64: &Value) -> String {
    let lines: Vec<&str> = base64
        .as_str()
        .unwrap()
        .as_bytes()
        .chunks(64)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// The root with what is in force, in both forms.
fn both_forms() -> (Value, Value) {
    let mut root = trusted_root();
    for list in [
        "tlogs",
        "certificateAuthorities",
        "ctlogs",
        "timestampAuthorities",
    ] {
        let items = root[list].as_array_mut().unwrap();
        items.retain(|item| {
            let validity = item
                .get("validFor")
                .unwrap_or(&item["publicKey"]["validFor"]);
            validity.get("end").is_none()
        });
        assert!(!items.is_empty(), "{list}");
    }
    let chain = |authority: &Value| -> String {
        let certificates = authority["certChain"]["certificates"].as_array().unwrap();
        certificates
            .iter()
            .map(|certificate| pem("CERTIFICATE", &certificate["rawBytes"]))
            .collect()
    };
    let public_key = |log: &Value| pem("PUBLIC KEY", &log["publicKey"]["rawBytes"]);
    let each = |list: &str, make: &dyn Fn(&Value) -> Value| -> Vec<Value> {
        root[list].as_array().unwrap().iter().map(make).collect()
    };
    let parts = json!({
        "certificateAuthorities": each("certificateAuthorities", &|one| json!(chain(one))),
        "certificateTransparencyLogs": each("ctlogs", &|one| json!(public_key(one))),
        "transparencyLogs": each("tlogs", &|one| {
            json!({"baseUrl": one["baseUrl"], "publicKey": public_key(one)})
        }),
        "timestampAuthorities": each("timestampAuthorities", &|one| json!(chain(one))),
    });
    (root, parts)
}

/// A root as PEM decides as the same root in JSON does, about good evidence and every kind of bad.
#[test]
fn pem_is_as_json() {
    let (json, pem) = both_forms();
    let in_json = compiled(&asking(json!({"trustedRoot": json})));
    let in_pem = compiled(&asking(json!({"pem": pem})));
    let signers = [
        ann().timestamp(Tsa::First),
        rekor_v2(ann()).timestamp(Tsa::Second),
        ann()
            .entry(Log::RekorV2Ecdsa, EntryKind::HashedRekordV002)
            .timestamp(Tsa::First),
        ann().entry(Log::RekorSecond, EntryKind::IntotoV002),
        release(),
    ];
    let statement = statement(SCAN, json!({}));
    let mut refused = 0;
    for signer in &signers {
        assert_code(&decide(&in_pem, vec![scan(signer)]), "ok", "PEM");
        assert_code(&decide(&in_json, vec![scan(signer)]), "ok", "JSON");
        for fault in Fault::ALL {
            // Faults that this form of evidence cannot have.
            let Ok(forged) = signer.clone().fault(*fault).attest(&statement) else {
                continue;
            };
            let piece = evidence(Ok(forged));
            let by_json = decide(&in_json, vec![piece.clone()]);
            let by_pem = decide(&in_pem, vec![piece]);
            // PEM does not say when a log began.
            if *fault == Fault::SctOutsideLogWindow {
                assert_code(
                    &by_json,
                    "certificate-timestamp.outside-log-validity",
                    "JSON",
                );
                assert_code(&by_pem, "ok", "PEM");
                continue;
            }
            assert_eq!(by_json.code(), by_pem.code(), "{fault}");
            refused += usize::from(by_json.code() != "ok");
        }
    }
    assert!(refused > 300, "{refused}");
}

/// Every part of a root in PEM is needed by what relies on it.
#[test]
fn parts_of_a_pem_root() {
    let (_, pem) = both_forms();
    let without = |part: &str| {
        let mut pem = pem.clone();
        pem.as_object_mut().unwrap().remove(part);
        asking(json!({"pem": pem, "requirements": {"profile": "private"}}))
    };
    let logged = scan(&ann());
    let stamped = scan(&ann().without_entries().timestamp(Tsa::First));
    let private = compiled(&asking(
        json!({"pem": pem, "requirements": {"profile": "private"}}),
    ));
    for piece in [&logged, &stamped] {
        assert_code(&decide(&private, vec![piece.clone()]), "ok", "whole");
    }
    let decided = decide(
        &compiled(&without("transparencyLogs")),
        vec![logged.clone()],
    );
    assert_code(&decided, TIME_MISSING, "no logs");
    let decided = decide(&compiled(&without("timestampAuthorities")), vec![stamped]);
    assert_code(
        &decided,
        "timestamp.authority-unknown",
        "no timestamp authorities",
    );
    let unmeetable = |policy: &Value| {
        let problems = CompiledPolicy::compile(policy.to_string().as_bytes(), &[]).unwrap_err();
        problems
            .iter()
            .map(|problem| problem.code)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        unmeetable(&without("certificateAuthorities")),
        ["requirements.unmeetable"]
    );
    let mut promised = without("certificateTransparencyLogs");
    assert_code(
        &decide(&compiled(&promised), vec![logged]),
        "ok",
        "no promise is asked for",
    );
    promised["trustRoots"][0]["requirements"] =
        json!({"profile": "private", "signedCertificateTimestampThreshold": 1});
    assert_eq!(unmeetable(&promised), ["requirements.unmeetable"]);
}

/// Two timestamp authorities given as PEM are two.
#[test]
fn pem_authorities_are_told_apart() {
    let (json, pem) = both_forms();
    let requirements = json!({"signedTimestampThreshold": 2});
    let two = scan(&ann().timestamp(Tsa::First).timestamp(Tsa::Second));
    let twice = scan(&ann().timestamp(Tsa::First).timestamp(Tsa::First));
    for root in [json!({"trustedRoot": json}), json!({"pem": pem})] {
        let mut root = root;
        root["requirements"] = requirements.clone();
        let policy = compiled(&asking(root));
        assert_code(
            &decide(&policy, vec![twice.clone()]),
            TIME_THRESHOLD,
            "one authority twice",
        );
        assert_code(&decide(&policy, vec![two.clone()]), "ok", "two authorities");
    }
}
