//! Evidence that the object under review or the policy carries.

use sealstone_engine::{CompiledPolicy, Evidence, ImageEvidence, Outcome, ffi};
use sealstone_forge::NOW;
use serde_json::{Value, json};

use crate::support::{DIGEST, OTHER_DIGEST, codes, problems, request};
use crate::world::{
    Decided, IMAGE, attestation, by_key, compiled, decide_request, key, policy, rule,
};

const TYPE: &str = "https://example.com/scan/v1";
const ANNOTATION: &str = "sealstone.dev/evidence";
const PLACE: &str = "/object/metadata/annotations/sealstone.dev~1evidence";

fn document(more: Value) -> Value {
    let asked =
        json!({"signedBy": ["release"], "predicateType": {"exact": TYPE}, "quantifier": "any"});
    policy(json!([key("release")]), rule("attestation", asked), more)
}

/// A bundle about the image, as an object.
fn bundle(signer: &str) -> Value {
    let piece = attestation(&by_key(signer), TYPE, json!({}));
    serde_json::from_slice(&piece.content).unwrap()
}

/// The same bundle as a piece of the Evidence document.
fn piece(signer: &str) -> Value {
    let content = bundle(signer).to_string();
    json!({"mediaType": bundle(signer)["mediaType"], "content": base64(content.as_bytes())})
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn image(digest: &str, signer: &str) -> Value {
    json!({"reference": IMAGE, "digest": digest, "evidence": [piece(signer)]})
}

/// A request to create a Pod with that image, whose annotation is the JSON text of `carried`.
fn pod(image: &str, carried: &Value) -> Value {
    json!({
        "uid": "u", "operation": "CREATE", "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "object": {
            "kind": "Pod",
            "metadata": {"annotations": {ANNOTATION: carried.to_string(), "other": "x"}},
            "spec": {"containers": [{"name": "c", "image": image}]},
        },
    })
}

fn pinned() -> String {
    format!("{IMAGE}@{DIGEST}")
}

fn decide(policy: &CompiledPolicy, request: &Value, brought: &[ImageEvidence]) -> Decided {
    decide_request(policy, &request.to_string(), brought, NOW)
}

/// The code of the first image, else of the request.
fn code(decided: &Decided) -> &str {
    let of_image = decided.document["images"][0]["code"].as_str();
    of_image.unwrap_or_else(|| decided.document["problem"]["code"].as_str().unwrap())
}

#[test]
fn annotations_count_in_both_forms() {
    let policy = compiled(&document(json!({})));
    let cases = [
        (json!([bundle("release")]), "ok"),
        (json!([bundle("stranger")]), "signature.invalid"),
        (json!([bundle("stranger"), bundle("release")]), "ok"),
        (json!([image(DIGEST, "release")]), "ok"),
        (json!([image(DIGEST, "stranger")]), "signature.invalid"),
        // Without a digest it is the reference that says for which image it is.
        (
            json!([{"reference": pinned(), "evidence": [piece("release")]}]),
            "ok",
        ),
        (
            json!([{"reference": IMAGE, "evidence": [piece("release")]}]),
            "evidence.not-brought",
        ),
        (
            json!([image(OTHER_DIGEST, "release")]),
            "evidence.not-brought",
        ),
        (
            json!([{"reference": IMAGE, "digest": DIGEST}]),
            "evidence.missing",
        ),
        (json!([]), "evidence.not-brought"),
    ];
    for (carried, expected) in cases {
        let decided = decide(&policy, &pod(&pinned(), &carried), &[]);
        assert_eq!(code(&decided), expected, "{carried}");
        assert_eq!(decided.decision.allowed(), expected == "ok");
    }
}

#[test]
fn evidence_about_another_image_counts_for_nothing() {
    let policy = compiled(&document(json!({})));
    let other = format!("{IMAGE}@{OTHER_DIGEST}");
    let mut both = pod(&pinned(), &json!([bundle("release")]));
    both["object"]["spec"]["initContainers"] = json!([{"name": "i", "image": other}]);
    let decided = decide(&policy, &both, &[]);
    assert_eq!(decided.decision.outcome(), Outcome::Rejected);
    assert_eq!(decided.document["images"][0]["code"], "ok");
    assert_eq!(
        decided.document["images"][1]["code"],
        "statement.subject-mismatch"
    );
}

#[test]
fn templates_of_pods_carry_it_and_the_objects_around_them_do_not() {
    let policy = compiled(&document(json!({})));
    let spec = json!({"containers": [{"name": "c", "image": pinned()}]});
    let carried = json!({"annotations": {ANNOTATION: json!([bundle("release")]).to_string()}});
    let of = |group: &str, kind: &str, object: Value| {
        json!({"uid": "u", "operation": "CREATE",
            "kind": {"group": group, "version": "v1", "kind": kind}, "object": object})
    };
    let template = json!({"metadata": carried, "spec": spec});
    let bare = json!({"metadata": {"annotations": null}, "spec": spec});
    let cases = [
        (
            of(
                "apps",
                "Deployment",
                json!({"spec": {"template": template}}),
            ),
            "ok",
        ),
        (
            of(
                "apps",
                "Deployment",
                json!({"metadata": carried, "spec": {"template": bare}}),
            ),
            "evidence.not-brought",
        ),
        (of("", "PodTemplate", json!({"template": template})), "ok"),
        (
            of(
                "batch",
                "CronJob",
                json!({"spec": {"jobTemplate": {"spec": {"template": template}}}}),
            ),
            "ok",
        ),
    ];
    for (request, expected) in cases {
        assert_eq!(code(&decide(&policy, &request, &[])), expected, "{request}");
    }
    let resource = json!({"group": "example.com", "version": "v1", "kind": "Rollout",
        "podSpecs": ["spec.template.spec"]});
    let rollouts = compiled(&document(json!({"admission": {"resources": [resource]}})));
    let request = of(
        "example.com",
        "Rollout",
        json!({"metadata": carried, "spec": {"template": bare}}),
    );
    assert_eq!(code(&decide(&rollouts, &request, &[])), "ok");
}

#[test]
fn malformed_annotations_deny_with_codes_of_their_own() {
    let policy = compiled(&document(json!({"mode": "audit"})));
    let text = |text: &str| {
        let mut request = pod(&pinned(), &json!([]));
        request["object"]["metadata"]["annotations"][ANNOTATION] = json!(text);
        request
    };
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    let mut unavailable = image(DIGEST, "release");
    unavailable["unavailable"] = json!("registry away");
    let cases = [
        (text("["), "evidence-document.malformed"),
        (text("[]x"), "evidence-document.malformed"),
        (
            text(r#"[{"reference":"a","reference":"a"}]"#),
            "evidence-document.duplicate-member",
        ),
        (text(r#"{"images":[]}"#), "evidence-document.wrong-type"),
        (text(r#"["x"]"#), "evidence-document.wrong-type"),
        (text("[{}]"), "evidence-document.missing-field"),
        (text(r#"[{"reference":""}]"#), "evidence-document.empty"),
        (
            text(r#"[{"mediaType":"text/plain"}]"#),
            "evidence-document.wrong-type",
        ),
        (
            text(&format!("[{},{{}}]", bundle("release"))),
            "evidence-document.missing-field",
        ),
        (
            text(&format!("[{},1]", bundle("release"))),
            "evidence-document.wrong-type",
        ),
        (text(&deep), "limit.json-nesting"),
        // Only the host can say that something could not be brought.
        (
            pod(&pinned(), &json!([unavailable])),
            "evidence-document.unknown-field",
        ),
    ];
    for (request, expected) in cases {
        let decided = decide(&policy, &request, &[]);
        assert_eq!(code(&decided), expected, "{request}");
        assert_eq!(decided.document["problem"]["path"], PLACE);
        assert_eq!(decided.decision.outcome(), Outcome::Invalid);
        assert!(!decided.decision.allowed(), "{request}");
    }
    for (value, code_of) in [
        (json!(1), "request.wrong-type"),
        (json!(""), "request.empty"),
    ] {
        let mut request = pod(&pinned(), &json!([]));
        request["object"]["metadata"]["annotations"][ANNOTATION] = value;
        assert_eq!(code(&decide(&policy, &request, &[])), code_of);
    }
    let mut request = pod(&pinned(), &json!([]));
    request["object"]["metadata"]["annotations"] = json!(["x"]);
    assert_eq!(code(&decide(&policy, &request, &[])), "request.wrong-type");
}

#[test]
fn carried_evidence_resolves_no_tag() {
    let policy = compiled(&document(json!({})));
    let tagged = format!("{IMAGE}:v1");
    let mut entry = image(DIGEST, "release");
    entry["reference"] = json!(tagged);
    let request = pod(&tagged, &json!([entry]));
    assert_eq!(
        code(&decide(&policy, &request, &[])),
        "image.digest-missing"
    );
    let resolved = |digest: &str| ImageEvidence {
        reference: tagged.clone(),
        digest: digest.to_owned(),
        ..ImageEvidence::default()
    };
    let decided = decide(&policy, &request, &[resolved(DIGEST)]);
    assert_eq!(code(&decided), "ok");
    let decided = decide(&policy, &request, &[resolved(OTHER_DIGEST)]);
    assert_eq!(code(&decided), "evidence.missing");
    assert!(!decided.decision.allowed());
}

#[test]
fn policies_carry_it_by_digest() {
    let carrying = |digest: &str, signer: &str| {
        compiled(&document(
            json!({"evidence": [{"digest": digest, "bundles": [bundle(signer)]}]}),
        ))
    };
    let plain: Value = serde_json::from_str(&request(IMAGE, Some(DIGEST))).unwrap();
    for (policy, expected) in [
        (carrying(DIGEST, "release"), "ok"),
        (carrying(DIGEST, "stranger"), "signature.invalid"),
        (carrying(OTHER_DIGEST, "release"), "evidence.not-brought"),
    ] {
        for request in [&plain, &pod(&pinned(), &json!([]))] {
            let decided = decide(&policy, request, &[]);
            assert_eq!(code(&decided), expected, "{request}");
            assert_eq!(decided.decision.allowed(), expected == "ok");
        }
    }
    // Evidence of the policy does not excuse the host where that said it could not bring its own.
    let away = ImageEvidence {
        reference: IMAGE.to_owned(),
        digest: DIGEST.to_owned(),
        evidence: Vec::new(),
        unavailable: Some("away".to_owned()),
    };
    let decided = decide(&carrying(DIGEST, "stranger"), &plain, &[away]);
    assert_eq!(decided.decision.outcome(), Outcome::Unavailable);
}

#[test]
fn malformed_evidence_of_policies() {
    let good = bundle("release");
    let cases = [
        (json!([]), "policy.empty", "/evidence"),
        (json!({}), "policy.wrong-type", "/evidence"),
        (
            json!([{"bundles": [good]}]),
            "policy.missing-field",
            "/evidence/0/digest",
        ),
        (
            json!([{"digest": "sha256:x", "bundles": [good]}]),
            "policy.digest-malformed",
            "/evidence/0/digest",
        ),
        (
            json!([{"digest": DIGEST}]),
            "policy.missing-field",
            "/evidence/0/bundles",
        ),
        (
            json!([{"digest": DIGEST, "bundles": []}]),
            "policy.empty",
            "/evidence/0/bundles",
        ),
        (
            json!([{"digest": DIGEST, "bundles": [1]}]),
            "policy.wrong-type",
            "/evidence/0/bundles/0",
        ),
        (
            json!([{"digest": DIGEST, "bundles": [{"mediaType": "x"}]}]),
            "policy.wrong-type",
            "/evidence/0/bundles/0/mediaType",
        ),
        (
            json!([{"digest": DIGEST, "bundles": [good], "reference": "x"}]),
            "policy.unknown-field",
            "/evidence/0/reference",
        ),
        (
            json!([{"digest": DIGEST, "bundles": vec![good.clone(); 129]}]),
            "limit.evidence-pieces",
            "/evidence/0/bundles",
        ),
    ];
    for (evidence, code, path) in cases {
        let found = problems(&document(json!({"evidence": evidence})).to_string());
        assert_eq!(codes(&found), [(code, path)], "{evidence}");
    }
    let many: Vec<Value> = (0..257)
        .map(|_| json!({"digest": DIGEST, "bundles": [{"mediaType": good["mediaType"]}]}))
        .collect();
    let found = problems(&document(json!({"evidence": many})).to_string());
    assert_eq!(codes(&found), [("limit.images", "/evidence")]);
}

#[test]
fn limits_are_for_the_sum() {
    let carried = |count: usize| json!({"evidence": [{"digest": DIGEST, "bundles": many(count)}]});
    let brought = |count: usize| ImageEvidence {
        reference: pinned(),
        digest: DIGEST.to_owned(),
        evidence: (0..count)
            .map(|index| Evidence {
                media_type: "text/plain".to_owned(),
                content: index.to_string().into_bytes(),
                ..Evidence::default()
            })
            .collect(),
        unavailable: None,
    };
    let in_annotation = |count: usize| pod(&pinned(), &json!(many(count)));
    // The one good bundle is the 128th piece.
    for (of_policy, of_object, of_host, expected) in [
        (40, 44, 44, "ok"),
        (41, 44, 44, "limit.evidence-pieces"),
        (40, 45, 44, "limit.evidence-pieces"),
        (40, 44, 45, "limit.evidence-pieces"),
    ] {
        let policy = compiled(&document(carried(of_policy)));
        let decided = decide(&policy, &in_annotation(of_object), &[brought(of_host)]);
        assert_eq!(code(&decided), expected);
    }
    let mut tighter = document(carried(2));
    tighter["limits"] = json!({"evidencePieces": 3});
    let decided = decide(&compiled(&tighter), &in_annotation(1), &[brought(1)]);
    assert_eq!(code(&decided), "limit.evidence-pieces");
}

/// Bundles of which the first is good.
fn many(count: usize) -> Vec<Value> {
    let good = bundle("release");
    let poor = |index| json!({"mediaType": good["mediaType"], "index": index});
    let mut bundles = vec![good.clone()];
    bundles.extend((1..count).map(poor));
    bundles
}

#[test]
fn who_passes_carries_nothing() {
    let policy = compiled(&document(json!({})));
    let mut request = pod(&pinned(), &json!("nonsense"));
    request["operation"] = json!("DELETE");
    assert!(decide(&policy, &request, &[]).decision.allowed());
}

#[test]
fn evidence_documents_are_read_in_both_forms() {
    let images = json!([image(DIGEST, "release"), {"reference": "x", "unavailable": "away"}]);
    let whole =
        json!({"apiVersion": "sealstone.dev/v1alpha1", "kind": "Evidence", "images": images});
    let read = ImageEvidence::list_from_json(whole.to_string().as_bytes()).unwrap();
    assert_eq!(
        read,
        ImageEvidence::list_from_json(images.to_string().as_bytes()).unwrap()
    );
    assert_eq!(read[0].digest, DIGEST);
    assert_eq!(
        read[0].evidence[0].content,
        bundle("release").to_string().into_bytes()
    );
    assert_eq!(read[1].unavailable.as_deref(), Some("away"));

    let changed = |member: &str, value: Value| {
        let mut whole = whole.clone();
        whole[member] = value;
        let found = ImageEvidence::list_from_json(whole.to_string().as_bytes()).unwrap_err();
        (found[0].code, found[0].path.clone())
    };
    let code = "evidence-document.version-unknown";
    assert_eq!(
        changed("apiVersion", json!("v2")),
        (code, "/apiVersion".into())
    );
    assert_eq!(changed("kind", json!("Policy")), (code, "/kind".into()));
    assert_eq!(
        changed("more", json!(1)),
        ("evidence-document.unknown-field", "/more".into())
    );
    assert_eq!(
        changed("images", json!({})),
        ("evidence-document.wrong-type", "/images".into())
    );
}

#[test]
fn pieces_of_one_image_are_read() {
    let pieces = json!([bundle("release"), {"mediaType": "a/b", "content": "AAE=", "annotations": {"k": "v"}}]);
    let read = Evidence::list_from_json(pieces.to_string().as_bytes()).unwrap();
    assert_eq!(read[0].content, bundle("release").to_string().into_bytes());
    assert_eq!(
        read[0].media_type,
        bundle("release")["mediaType"].as_str().unwrap()
    );
    assert_eq!(read[1].content, [0, 1]);
    assert_eq!(read[1].annotations.get("k").unwrap(), "v");
    for (pieces, code, path) in [
        (json!({}), "evidence-document.wrong-type", ""),
        (
            json!([{"mediaType": "a/b", "content": "!"}]),
            "evidence-document.wrong-type",
            "/0/content",
        ),
        (
            json!([{"mediaType": "a/b", "content": 1}]),
            "evidence-document.wrong-type",
            "/0/content",
        ),
        (
            json!([{"mediaType": "a/b"}]),
            "evidence-document.wrong-type",
            "/0/mediaType",
        ),
        (
            json!([{"mediaType": "a/b", "content": "", "annotations": {"k": 1}}]),
            "evidence-document.wrong-type",
            "/0/annotations",
        ),
    ] {
        let found = Evidence::list_from_json(pieces.to_string().as_bytes()).unwrap_err();
        assert_eq!((found[0].code, found[0].path.as_str()), (code, path));
    }
}

#[test]
fn the_json_facade_decides_the_same() {
    let policy =
        document(json!({"evidence": [{"digest": DIGEST, "bundles": [bundle("release")]}]}));
    let request: Value = serde_json::from_str(&request(IMAGE, Some(DIGEST))).unwrap();
    let decided = decide(&compiled(&policy), &request, &[]);
    let call = json!({"policy": policy, "request": request, "evidence": [], "now": NOW.seconds()});
    let answer: Value =
        serde_json::from_str(&ffi::decide_json(call.to_string().as_bytes())).unwrap();
    assert_eq!(answer["decision"], decided.document);
}
