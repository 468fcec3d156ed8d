//! Responses to Kubewarden say what responses to an admission webhook say.

use sealstone_engine::{Webhook, json::Value};

use crate::responses::{NOW, apply, decide, patch_of, pod, policy, request};
use crate::support::{DIGEST, OTHER_DIGEST, nothing, step, value};

const REFERENCE: &str = "r.example/r:v1";

fn member(of: &Value, path: &[&str]) -> Value {
    step(of, path).cloned().unwrap_or_default()
}

#[test]
fn one_answer_in_two_forms() {
    let tagged = |kind: &str, operation: &str| {
        let object = pod(&[REFERENCE]).replace("Pod", kind);
        request(kind, operation, &object, "null")
    };
    let pinned = format!("{REFERENCE}@{DIGEST}");
    let requests = [
        tagged("Pod", "CREATE"),
        tagged("Pod", "DELETE"),
        tagged("Gadget", "CREATE"),
        request("Pod", "CREATE", &pod(&[&pinned, REFERENCE]), "null"),
        request(
            "Pod",
            "CREATE",
            &pod(&[&format!("r.example/r@{OTHER_DIGEST}")]),
            "null",
        ),
        "{}".to_owned(),
    ];
    let (mut denied, mut mutated, mut warned) = (0, 0, 0);
    for mode in ["", r#""mode":"warn","#, r#""mode":"audit","#] {
        let policy = policy(mode);
        for request in &requests {
            for signed in [&[][..], &[REFERENCE, &pinned]] {
                let decision = decide(&policy, request, signed);
                for webhook in [Webhook::Mutating, Webhook::Validating] {
                    let review = value(&decision.to_admission_review(webhook));
                    let review = member(&review, &["response"]);
                    let request = value(request);
                    let validation = value(&decision.to_validation_response(webhook, &request));
                    for (ours, theirs) in [
                        (&["accepted"][..], &["allowed"][..]),
                        (&["code"], &["status", "code"]),
                        (&["message"], &["status", "message"]),
                        (&["warnings"], &["warnings"]),
                        (&["audit_annotations"], &["auditAnnotations"]),
                    ] {
                        let (ours, theirs) = (member(&validation, ours), member(&review, theirs));
                        assert_eq!(ours, theirs, "{validation:?} {review:?}");
                    }
                    let expected = patch_of(&review).map(|patch| {
                        let mut object = member(&request, &["request", "object"]);
                        apply(&mut object, &patch);
                        object
                    });
                    assert_eq!(validation.get("mutated_object").cloned(), expected);
                    denied += usize::from(validation.get("message").is_some());
                    mutated += usize::from(expected.is_some());
                    warned += usize::from(validation.get("warnings").is_some());
                }
            }
        }
    }
    assert!(
        denied > 10 && mutated > 1 && warned > 5,
        "{denied} {mutated} {warned}"
    );
}

/// An object that is not the one that was decided is not let through without its pins.
#[test]
fn pins_without_a_place_deny() {
    let policy = policy("");
    let review = request("Pod", "CREATE", &pod(&[REFERENCE]), "null");
    let decision = decide(&policy, &review, &[REFERENCE]);
    assert!(decision.allowed());
    let pinned = decision.to_validation_response(Webhook::Mutating, &value(&review));
    assert!(
        pinned.contains(r#""accepted":true"#) && pinned.contains("mutated_object"),
        "{pinned}"
    );
    for other in [
        request("Pod", "CREATE", &pod(&["r.example/other:v1"]), "null"),
        request("Pod", "CREATE", &pod(&[]), "null"),
        request("Pod", "CREATE", "{}", "null"),
        request("Pod", "CREATE", "[]", "null"),
        "{}".to_owned(),
    ] {
        let denied = value(&decision.to_validation_response(Webhook::Mutating, &value(&other)));
        assert_eq!(member(&denied, &["accepted"]), false.into(), "{other}");
        assert_eq!(member(&denied, &["code"]), 400.into());
        let message = member(&denied, &["message"]);
        assert!(
            message
                .as_str()
                .unwrap()
                .ends_with("(image.digest-required)")
        );
        assert_eq!(denied.get("mutated_object"), None);
    }
}

/// A decision within the work that the host has time for is the same decision; with less it is a denial.
#[test]
fn work() {
    let policy = policy("");
    let review = request(
        "Pod",
        "CREATE",
        &pod(&[REFERENCE, "r.example/s:v1"]),
        "null",
    );
    let request = value(&review);
    let mut evidence = vec![
        nothing(REFERENCE, DIGEST),
        nothing("r.example/s:v1", DIGEST),
    ];
    for image in &mut evidence {
        image.evidence.push(crate::responses::SIGNATURE.clone());
    }
    let unlimited = policy.decide(review.as_bytes(), &evidence, NOW);
    assert!(unlimited.allowed(), "{}", unlimited.to_json());
    // A signature with a log entry: that of the key, that of the entry.
    let enough = (0..100)
        .find(|work| {
            policy
                .decide_within(&request, &evidence, NOW, *work)
                .allowed()
        })
        .unwrap();
    assert_eq!(enough % 2, 0, "as much for each image");
    assert_eq!(
        policy.decide_within(&request, &evidence, NOW, enough),
        unlimited
    );
    for work in 0..enough {
        let denied = policy.decide_within(&request, &evidence, NOW, work);
        let codes: Vec<Value> = ["0", "1"]
            .into_iter()
            .map(|number| {
                let document = value(&denied.to_json());
                let images = document
                    .get("images")
                    .and_then(Value::as_array)
                    .unwrap()
                    .to_vec();
                member(&images[number.parse::<usize>().unwrap()], &["code"])
            })
            .collect();
        let first = if work < enough / 2 {
            "limit.signature-work"
        } else {
            "ok"
        };
        assert_eq!(
            codes,
            [first.into(), "limit.signature-work".into()],
            "{work}"
        );
        assert!(!denied.allowed());
    }
}
