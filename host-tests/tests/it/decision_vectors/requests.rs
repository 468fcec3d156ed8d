//! Requests of every form, and what the policy makes of them beside its rules.

use anyhow::Result;
use serde_json::{Value, json};

use super::cases::Case;
use super::world::{DIGEST, IMAGE, by_key, call, call_with, key, policy, rule, signature};

pub(super) fn cases() -> Result<Vec<Case>> {
    let mut cases = reviews()?;
    cases.extend(modes()?);
    cases.extend(malformed()?);
    Ok(cases)
}

/// A rule that asks for a signature on the images of one registry.
fn signed(more: Value) -> Value {
    let mut rules = rule("signature", json!({"signedBy": ["release"]}));
    rules[0]["images"] = json!(["registry.example/**"]);
    policy(&[key("release")], rules, more)
}

fn reviews() -> Result<Vec<Case>> {
    let release = signature(&by_key("release"))?;
    let pod = |images: &[&str]| {
        let containers: Vec<Value> = images
            .iter()
            .enumerate()
            .map(|(index, image)| json!({"name": format!("c{index}"), "image": image}))
            .collect();
        review(
            "CREATE",
            json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "app", "namespace": "prod", "labels": {"tier": "web"}},
            "spec": {"containers": containers}}),
        )
    };
    let tagged = format!("{IMAGE}:1.2.3");
    let pinned = format!("{IMAGE}@{DIGEST}");
    let neighbour = format!("registry.example/octo-org/other@{DIGEST}");
    let brought = |reference: &str, pieces: &[Value]| json!({"reference": reference, "digest": DIGEST, "evidence": pieces});
    let exempt = signed(json!({"admission": {"insecureExempt": {"namespaces": ["prod"]}}}));
    Ok(vec![
        Case::allowed(
            "pod-by-tag",
            call_with(
                &signed(json!({})),
                pod(&[&tagged]),
                json!([brought(&tagged, std::slice::from_ref(&release))]),
            ),
        ),
        Case::rejected(
            "pod-of-two-images",
            "evidence.missing",
            call_with(
                &signed(json!({})),
                pod(&[&neighbour, &pinned]),
                json!([brought(&pinned, &[release]), brought(&neighbour, &[])]),
            ),
        ),
        Case {
            name: "pod-without-evidence",
            outcome: "unavailable",
            code: "evidence.not-brought",
            call: call_with(&signed(json!({})), pod(&[&pinned]), json!([])),
        },
        Case {
            name: "pod-in-an-exempt-namespace",
            outcome: "allowed",
            code: "request.exempt-selection",
            call: call_with(&exempt, pod(&[&pinned]), json!([])),
        },
        Case {
            name: "delete",
            outcome: "allowed",
            code: "request.operation-passes",
            call: call_with(&signed(json!({})), review("DELETE", Value::Null), json!([])),
        },
    ])
}

/// An `AdmissionReview` of a Pod.
fn review(operation: &str, object: Value) -> Value {
    let resource = |name: &str, value: &str| json!({"group": "", "version": "v1", name: value});
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "c8f4a1de-5a0b-4c7d-9e55-0d3e8f7f2b11",
            "kind": resource("kind", "Pod"),
            "resource": resource("resource", "pods"),
            "name": "app",
            "namespace": "prod",
            "operation": operation,
            "userInfo": {"username": "ann", "groups": ["developers"]},
            "object": object,
        },
    })
}

fn modes() -> Result<Vec<Case>> {
    let stranger = signature(&by_key("stranger"))?;
    let elsewhere = "other.example/app";
    let request = json!({"images": [{"reference": elsewhere, "digest": DIGEST}]});
    let nothing = json!([{"reference": elsewhere, "digest": DIGEST, "evidence": []}]);
    Ok(vec![
        Case {
            name: "mode-warn",
            outcome: "rejected",
            code: "signature.invalid",
            call: call(&signed(json!({"mode": "warn"})), vec![stranger.clone()]),
        },
        Case {
            name: "mode-audit",
            outcome: "rejected",
            code: "signature.invalid",
            call: call(&signed(json!({"mode": "audit"})), vec![stranger]),
        },
        Case::rejected(
            "image-without-rule",
            "image.no-rule",
            call_with(&signed(json!({})), request.clone(), nothing.clone()),
        ),
        Case {
            name: "image-without-rule-allowed",
            outcome: "allowed",
            code: "image.insecure-unmatched",
            call: call_with(
                &signed(json!({"insecureAllowUnmatchedImages": true})),
                request,
                nothing,
            ),
        },
    ])
}

fn malformed() -> Result<Vec<Case>> {
    let invalid = |name, code, request| Case {
        name,
        outcome: "invalid",
        code,
        call: call_with(&signed(json!({})), request, json!([])),
    };
    let few = signed(json!({"limits": {"images": 1}}));
    let two = json!({"images": [
        {"reference": IMAGE, "digest": DIGEST},
        {"reference": "registry.example/octo-org/other", "digest": DIGEST},
    ]});
    Ok(vec![
        invalid(
            "request-of-no-form",
            "request.unknown-field",
            json!({"image": IMAGE}),
        ),
        invalid(
            "reference-malformed",
            "image.reference-malformed",
            json!({"images": [{"reference": "registry.example/UPPER case"}]}),
        ),
        Case {
            name: "too-many-images",
            outcome: "invalid",
            code: "limit.images",
            call: call_with(&few, two, json!([])),
        },
    ])
}
