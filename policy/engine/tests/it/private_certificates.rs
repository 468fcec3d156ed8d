//! Authorities by certificate of a private certificate authority, and limits of a policy.

use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_forge::{Fault, Identity};
use serde_json::{Value, json};

use crate::support::request;
use crate::world::{
    IMAGE, PEOPLE, SIGSTORE, assert_code, by_key, by_person, compiled, decide, decide_request,
    evidence, key, policy, rule, signature,
};

const ADDRESS: &str = "release@octo-org.example";

fn asking(authority: Value) -> CompiledPolicy {
    compiled(&policy(
        json!([{"name": "private", "certificate": authority}]),
        rule("signature", json!({"signedBy": ["private"]})),
        json!({}),
    ))
}

fn subject(matcher: Value) -> Value {
    json!({"trustRoot": "root", "subjects": [{"exact": "nobody@octo-org.example"}, matcher]})
}

/// A signature with a certificate that names no OIDC issuer.
fn without_issuer(address: &str) -> Evidence {
    let identity = Identity::email(PEOPLE, address);
    let signer = SIGSTORE.keyless(&identity);
    signature(&signer.fault(Fault::IssuerExtensionMissing))
}

#[test]
fn a_certificate_without_an_issuer() {
    for (matcher, code) in [
        (json!({"exact": ADDRESS}), "ok"),
        (json!({"glob": "*@octo-org.example"}), "ok"),
        (
            json!({"exact": "release@other.example"}),
            "identity.subject-mismatch",
        ),
    ] {
        let decided = decide(
            &asking(subject(matcher.clone())),
            vec![without_issuer(ADDRESS)],
        );
        assert_code(&decided, code, &matcher.to_string());
    }
}

/// Anybody can have a certificate of that subject from another issuer of Fulcio's.
#[test]
fn a_certificate_with_an_issuer_is_another_kind() {
    let asked = asking(subject(json!({"exact": ADDRESS})));
    let decided = decide(&asked, vec![signature(&by_person(ADDRESS))]);
    assert_code(&decided, "identity.issuer-mismatch", "with an issuer");
    // And the other way round.
    let keyless = compiled(&policy(
        json!([crate::world::person("person", "**")]),
        rule("signature", json!({"signedBy": ["person"]})),
        json!({}),
    ));
    let decided = decide(&keyless, vec![without_issuer(ADDRESS)]);
    assert_code(&decided, "certificate.issuer-missing", "without an issuer");
}

#[test]
fn everything_else_is_still_proved() {
    let asked = asking(subject(json!({"exact": ADDRESS})));
    let identity = Identity::email(PEOPLE, ADDRESS);
    for (fault, code) in [
        (Fault::LeafSignatureInvalid, "certificate.signature-invalid"),
        (Fault::LeafExpired, "certificate.expired"),
    ] {
        let signer = SIGSTORE
            .keyless(&identity)
            .fault(Fault::IssuerExtensionMissing)
            .fault(fault);
        let piece = evidence(signer.sign_legacy(IMAGE, crate::support::DIGEST));
        assert_code(&decide(&asked, vec![piece]), code, code);
    }
    let decided = decide(&asked, vec![signature(&by_key("stranger"))]);
    assert_code(&decided, "certificate.missing", "a key");
}

#[test]
fn limits_of_a_policy() {
    let limited = |limits: Value| {
        compiled(&policy(
            json!([key("a")]),
            rule("signature", json!({"signedBy": ["a"]})),
            json!({ "limits": limits }),
        ))
    };
    let good = signature(&by_key("a"));
    let size = good.content.len()
        + good
            .annotations
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum::<usize>();
    for (limits, code) in [
        (json!({"evidencePieces": 1}), "ok"),
        (json!({"evidenceBytes": size}), "ok"),
        (json!({"evidenceBytes": size - 1}), "limit.evidence-bytes"),
    ] {
        let decided = decide(&limited(limits.clone()), vec![good.clone()]);
        assert_code(&decided, code, &limits.to_string());
    }
    let two = vec![good.clone(), signature(&by_key("b"))];
    let decided = decide(&limited(json!({"evidencePieces": 1})), two.clone());
    assert_code(&decided, "limit.evidence-pieces", "two pieces");
    assert_code(
        &decide(&limited(json!({"evidencePieces": 2})), two),
        "ok",
        "two pieces",
    );
    let images = r#"{"images":[{"reference":"a.example/a"},{"reference":"a.example/b"}]}"#;
    let decided = decide_request(
        &limited(json!({"images": 1})),
        images,
        &[],
        sealstone_forge::NOW,
    );
    assert_eq!(decided.document["problem"]["code"], "limit.images");
    let one = request(IMAGE, None);
    let decided = decide_request(
        &limited(json!({"images": 1})),
        &one,
        &[],
        sealstone_forge::NOW,
    );
    assert_eq!(decided.code(), "image.digest-missing");
}
