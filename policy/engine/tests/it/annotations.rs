//! Annotations that the signer must have signed along with the image.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_forge::SIMPLE_SIGNING_MEDIA_TYPE;
use sealstone_verify::json::Map;
use serde_json::{Value, json};

use crate::support::DIGEST;
use crate::world::{
    IMAGE, assert_code, attestation, by_key, by_person, compiled, decide, key, key_pair, person,
    policy, rule, signature,
};

const MISMATCH: &str = "signature.annotation-mismatch";

fn asking(annotations: Value) -> CompiledPolicy {
    let asked = json!({"signedBy": ["release"], "annotations": annotations});
    compiled(&policy(
        json!([key("release"), person("people", "*@example.com")]),
        rule("signature", asked),
        json!({}),
    ))
}

/// A signature by the key of that name with this under `optional`, as `cosign sign -a` makes it.
fn annotated(name: &str, optional: &Value) -> Evidence {
    let payload = json!({
        "critical": {
            "identity": {"docker-reference": IMAGE},
            "image": {"docker-manifest-digest": DIGEST},
            "type": "cosign container image signature",
        },
        "optional": optional,
    });
    let content = payload.to_string().into_bytes();
    let signature = BASE64.encode(key_pair(name).sign(&content));
    Evidence {
        media_type: SIMPLE_SIGNING_MEDIA_TYPE.to_owned(),
        content,
        annotations: Map::from([("dev.cosignproject.cosign/signature".to_owned(), signature)]),
    }
}

#[test]
fn what_was_signed() {
    let one = || json!({"env": {"exact": "prod"}});
    let two = || json!({"env": {"exact": "prod"}, "team": {"glob": "core-*"}});
    for (wanted, signed, code) in [
        (one(), json!({"env": "prod"}), "ok"),
        (one(), json!({"env": "prod", "team": "x"}), "ok"),
        (one(), json!({"env": "production"}), MISMATCH),
        (one(), json!({"env": "PROD"}), MISMATCH),
        (one(), json!({"Env": "prod"}), MISMATCH),
        (one(), json!({"env": ""}), MISMATCH),
        (one(), json!({"env": ["prod"]}), MISMATCH),
        (one(), json!({"env": {"env": "prod"}}), MISMATCH),
        (one(), json!({"env": null}), MISMATCH),
        (one(), json!({}), MISMATCH),
        (one(), json!(null), MISMATCH),
        (one(), json!("prod"), MISMATCH),
        (one(), json!([{"env": "prod"}]), MISMATCH),
        (two(), json!({"env": "prod", "team": "core-a"}), "ok"),
        (two(), json!({"env": "prod", "team": "edge"}), MISMATCH),
        (two(), json!({"env": "prod"}), MISMATCH),
        (two(), json!({"team": "core-a"}), MISMATCH),
        (
            json!({"build": {"regexp": "[0-9]+"}}),
            json!({"build": "17"}),
            "ok",
        ),
        // Only texts are compared.
        (
            json!({"build": {"regexp": "[0-9]+"}}),
            json!({"build": 17}),
            MISMATCH,
        ),
        (json!({"a/b": {"exact": "c"}}), json!({"a/b": "c"}), "ok"),
        (
            json!({"a/b": {"exact": "c"}}),
            json!({"a": {"b": "c"}}),
            MISMATCH,
        ),
    ] {
        let decided = decide(&asking(wanted.clone()), vec![annotated("release", &signed)]);
        assert_code(&decided, code, &format!("{wanted} of {signed}"));
    }
}

/// What stands beside a layer, or in the payload without a signature over it, says nothing.
#[test]
fn what_was_not_signed() {
    let policy = asking(json!({"env": {"exact": "prod"}}));
    let mut beside = annotated("release", &json!({}));
    beside
        .annotations
        .insert("env".to_owned(), "prod".to_owned());
    assert_code(&decide(&policy, vec![beside]), MISMATCH, "beside the layer");

    let mut changed = annotated("release", &json!({}));
    changed.content = annotated("release", &json!({"env": "prod"})).content;
    assert_code(
        &decide(&policy, vec![changed]),
        "signature.invalid",
        "put in afterwards",
    );

    let stranger = annotated("stranger", &json!({"env": "prod"}));
    assert_code(
        &decide(&policy, vec![stranger]),
        "signature.invalid",
        "a stranger",
    );
}

/// Two pieces, each with a half, are not one with both.
#[test]
fn pieces_are_not_mixed() {
    let policy = asking(json!({"env": {"exact": "prod"}, "team": {"exact": "core"}}));
    let halves = vec![
        annotated("release", &json!({"env": "prod"})),
        annotated("release", &json!({"team": "core"})),
    ];
    assert_code(&decide(&policy, halves.clone()), MISMATCH, "halves");
    let mut pieces = halves;
    pieces.push(annotated(
        "release",
        &json!({"env": "prod", "team": "core"}),
    ));
    assert_code(&decide(&policy, pieces), "ok", "one whole");
}

/// Other forms of signature carry no annotations.
#[test]
fn forms_without_annotations() {
    const SIGN: &str = "https://sigstore.dev/cosign/sign/v1";
    let asked = json!({
        "signedBy": ["release", "people"],
        "annotations": {"env": {"glob": "**"}},
    });
    let policy = compiled(&policy(
        json!([key("release"), person("people", "*@example.com")]),
        rule("signature", asked),
        json!({}),
    ));
    for piece in [
        signature(&by_key("release")),
        signature(&by_person("ann@example.com")),
        attestation(&by_key("release"), SIGN, json!({"env": "prod"})),
    ] {
        assert_code(&decide(&policy, vec![piece]), MISMATCH, "");
    }
}
