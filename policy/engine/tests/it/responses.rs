//! Responses to an admission webhook: patch, status, warnings and the audit record.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use sealstone_engine::{
    CompiledPolicy, Decision, Evidence, ImageEvidence, NamedTrustedRoot, Outcome, UnixTime, Webhook,
};
use sealstone_forge::{KeyDetails, VirtualSigstore};
use sealstone_verify::json::Value;

use crate::support::{DIGEST, OTHER_DIGEST, nothing, step, text, value};

pub(crate) const NOW: UnixTime = UnixTime::from_seconds(sealstone_forge::NOW.seconds());

pub(crate) static SIGSTORE: LazyLock<VirtualSigstore> =
    LazyLock::new(|| VirtualSigstore::new("responses"));

/// A signature over [`DIGEST`]; it says nothing of where the image is kept that is checked.
pub(crate) static SIGNATURE: LazyLock<Evidence> = LazyLock::new(|| {
    let key = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let signed = SIGSTORE.keyed(&key).sign_legacy("r.example/r", DIGEST);
    let signed = signed.unwrap();
    Evidence {
        media_type: signed.media_type,
        content: signed.content,
        annotations: signed.annotations.into_iter().collect(),
    }
});

/// A policy that asks for a signature with the key, with these further members.
pub(crate) fn policy(further: &str) -> CompiledPolicy {
    let key = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let key = Value::from(key.public_key_pem()).to_canonical_string();
    let policy = format!(
        r#"{{{further}"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{{"name":"responses"}},
        "trustRoots":[{{"name":"forged"}}],
        "authorities":[{{"name":"key","key":{{"publicKey":{key},"trustRoot":"forged"}}}}],
        "rules":[{{"name":"signed","images":["**"],"signature":{{"signedBy":["key"]}}}}]}}"#
    );
    let root = NamedTrustedRoot {
        name: "forged".to_owned(),
        content: SIGSTORE.trusted_root(),
    };
    CompiledPolicy::compile(policy.as_bytes(), &[root])
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

pub(crate) fn request(kind: &str, operation: &str, object: &str, before: &str) -> String {
    let group = match kind {
        "Job" => "batch",
        "Deployment" => "apps",
        _ => "",
    };
    let (kind, subresource) = kind.split_once('/').unwrap_or((kind, ""));
    format!(
        r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{
        "uid":"705ab4f5-6393-11e8-b7cc-42010a800002","operation":"{operation}","subResource":"{subresource}",
        "kind":{{"group":"{group}","version":"v1","kind":"{kind}"}},"object":{object},"oldObject":{before}}}}}"#
    )
}

pub(crate) fn pod(images: &[&str]) -> String {
    let containers: Vec<String> = images
        .iter()
        .enumerate()
        .map(|(index, image)| format!(r#"{{"name":"c{index}","image":"{image}"}}"#))
        .collect();
    format!(
        r#"{{"kind":"Pod","spec":{{"containers":[{}]}}}}"#,
        containers.join(",")
    )
}

/// Decides; the images in `signed` carry the signature, the others nothing.
pub(crate) fn decide(policy: &CompiledPolicy, request: &str, signed: &[&str]) -> Decision {
    let images = policy.images(request.as_bytes()).unwrap_or_default();
    let evidence: Vec<ImageEvidence> = images
        .iter()
        .map(|image| {
            let digest = image.digest.clone().unwrap_or(DIGEST.to_owned());
            let mut brought = nothing(&image.reference, &digest);
            if signed.contains(&image.reference.as_str()) {
                brought.evidence.push(SIGNATURE.clone());
            }
            brought
        })
        .collect();
    policy.decide(request.as_bytes(), &evidence, NOW)
}

fn response(decision: &Decision, webhook: Webhook) -> Value {
    let review = value(&decision.to_admission_review(webhook));
    if webhook == Webhook::Validating {
        // The same, as Gatekeeper has it.
        let violations = value(&decision.to_violations());
        let allowed = step(&review, &["response", "allowed"]).and_then(Value::as_bool);
        let message = text(&review, &["response", "status", "message"]);
        assert_eq!(allowed, Some(violations.as_array().unwrap().is_empty()));
        assert_eq!(text(&violations, &["0", "msg"]), message);
        assert_eq!(allowed, Some(message.is_empty()));
    }
    assert_eq!(text(&review, &["apiVersion"]), "admission.k8s.io/v1");
    assert_eq!(text(&review, &["kind"]), "AdmissionReview");
    let response = review.get("response").unwrap().clone();
    assert_eq!(
        text(&response, &["auditAnnotations", "decision"]),
        decision.to_audit_annotation(webhook)
    );
    for (key, record) in response
        .get("auditAnnotations")
        .unwrap()
        .as_object()
        .unwrap()
    {
        assert!(key.len() < 63);
        assert!(record.as_str().unwrap().len() <= 4000);
        value(record.as_str().unwrap());
    }
    response
}

fn allowed(response: &Value) -> bool {
    response.get("allowed").unwrap().as_bool().unwrap()
}

pub(crate) fn patch_of(response: &Value) -> Option<Value> {
    let patch = response.get("patch")?.as_str().unwrap();
    assert_eq!(text(response, &["patchType"]), "JSONPatch");
    let patch = STANDARD.decode(patch).unwrap();
    Some(value(std::str::from_utf8(&patch).unwrap()))
}

/// Applies `test` and `replace` of RFC 6902.
pub(crate) fn apply(object: &mut Value, patch: &Value) {
    for operation in patch.as_array().unwrap() {
        let path = text(operation, &["path"]);
        let mut place = &mut *object;
        for name in path.split('/').skip(1) {
            let name = name.replace("~1", "/").replace("~0", "~");
            place = match place {
                Value::Object(members) => members.get_mut(&name).unwrap(),
                Value::Array(items) => &mut items[name.parse::<usize>().unwrap()],
                _ => panic!("{path}"),
            };
        }
        let wanted = operation.get("value").unwrap();
        match text(operation, &["op"]).as_str() {
            "test" => assert_eq!(place, wanted),
            "replace" => *place = wanted.clone(),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn tags_are_pinned_where_all_is_allowed() {
    let policy = policy("");
    let named = format!("r.example/b:v1@{DIGEST}");
    let object = format!(
        r#"{{"spec":{{"containers":[{{"name":"a","image":"nginx"}},{{"name":"b","image":"{named}"}}],
        "initContainers":[{{"name":"a","image":"nginx"}}],
        "ephemeralContainers":[{{"name":"e","image":"r.example/e:v1"}}],
        "volumes":[{{"name":"v","image":{{"reference":"r.example/v"}}}}]}}}}"#
    );
    let request = request("Pod", "CREATE", &object, "null");
    let all = ["nginx", &named, "r.example/e:v1", "r.example/v"];
    let decision = decide(&policy, &request, &all);
    assert!(decision.allowed(), "{}", decision.to_json());

    let response_of = response(&decision, Webhook::Mutating);
    assert!(allowed(&response_of));
    assert_eq!(
        text(&response_of, &["uid"]),
        "705ab4f5-6393-11e8-b7cc-42010a800002"
    );
    assert_eq!(step(&response_of, &["status"]), None);
    assert_eq!(step(&response_of, &["warnings"]), None);
    let mut patched = value(&object);
    apply(&mut patched, &patch_of(&response_of).unwrap());
    let mut expected = object.clone();
    for image in ["nginx", "r.example/e:v1", "r.example/v"] {
        expected = expected.replace(&format!("\"{image}\""), &format!("\"{image}@{DIGEST}\""));
    }
    assert_eq!(patched, value(&expected));

    // A validating webhook cannot pin, so it denies what would run by a tag.
    let validating = response(&decision, Webhook::Validating);
    assert!(!allowed(&validating));
    assert_eq!(patch_of(&validating), None);
    let message = text(&validating, &["status", "message"]);
    assert!(message.contains("image.digest-required"), "{message}");
    assert!(message.contains(&format!("nginx@{DIGEST}")), "{message}");
    let record = value(&text(&validating, &["auditAnnotations", "decision"]));
    assert_eq!(text(&record, &["decision"]), "rejected");
    assert_eq!(text(&record, &["reason"]), "image.digest-required");

    // What the patch makes of it is admitted by both.
    let again = request.replace(&object, &expected);
    let pinned: Vec<String> = all[..1]
        .iter()
        .chain(&all[2..])
        .map(|image| format!("{image}@{DIGEST}"))
        .chain([named.clone()])
        .collect();
    let pinned: Vec<&str> = pinned.iter().map(String::as_str).collect();
    let decision = decide(&policy, &again, &pinned);
    for webhook in [Webhook::Mutating, Webhook::Validating] {
        let response = response(&decision, webhook);
        assert!(allowed(&response), "{}", decision.to_json());
        assert_eq!(patch_of(&response), None);
    }
}

#[test]
fn nothing_is_patched_where_something_is_not_allowed() {
    let policy = policy("");
    let request = request(
        "Pod",
        "CREATE",
        &pod(&["r.example/good:v1", "r.example/bad:v1"]),
        "null",
    );
    let decision = decide(&policy, &request, &["r.example/good:v1"]);
    assert_eq!(decision.outcome(), Outcome::Rejected);
    assert_eq!(decision.to_json_patch(), None);
    for webhook in [Webhook::Mutating, Webhook::Validating] {
        let response = response(&decision, webhook);
        assert!(!allowed(&response));
        assert_eq!(patch_of(&response), None);
        assert_eq!(
            step(&response, &["status", "code"]).unwrap().as_u64(),
            Some(403)
        );
        assert_eq!(text(&response, &["status", "reason"]), "Forbidden");
        assert_eq!(
            text(&response, &["status", "message"]),
            "image r.example/bad:v1: rule signed: no signature was found; sign the image, then try again (evidence.missing)"
        );
    }
}

#[test]
fn the_raw_form_lists_pins() {
    let policy = policy("");
    let raw = format!(
        r#"{{"images":[{{"reference":"nginx:1"}},{{"reference":"r.example/a@{DIGEST}"}},{{"reference":"r.example/b","digest":"{DIGEST}"}}]}}"#
    );
    let all = ["nginx:1", &format!("r.example/a@{DIGEST}"), "r.example/b"];
    let decision = decide(&policy, &raw, &all);
    assert!(decision.allowed(), "{}", decision.to_json());
    assert_eq!(decision.to_json_patch(), None);
    let document = value(&decision.to_json());
    let pin = |index: &str| text(&document, &["images", index, "pin"]);
    assert_eq!(pin("0"), format!("nginx:1@{DIGEST}"));
    assert_eq!(pin("1"), "");
    assert_eq!(pin("2"), format!("r.example/b@{DIGEST}"));
    let denied = value(&decide(&policy, &raw, &all[1..]).to_json());
    assert_eq!(step(&denied, &["images", "0", "pin"]), None);
}

/// What stood there before and cannot be changed is left alone: the API server would refuse it.
#[test]
fn what_cannot_be_changed_is_not_patched() {
    let policy = policy("");
    let image = "r.example/a:v1";
    let new = "r.example/new:v1";
    let template = |image: &str| {
        format!(
            r#"{{"spec":{{"template":{{"spec":{{"containers":[{{"name":"a","image":"{image}"}}]}}}}}}}}"#
        )
    };
    let list = |list: &str, images: &[&str]| {
        let items: Vec<String> = images
            .iter()
            .map(|image| match list {
                "volumes" => format!(r#"{{"name":"{image}","image":{{"reference":"{image}"}}}}"#),
                _ => format!(r#"{{"name":"{image}","image":"{image}"}}"#),
            })
            .collect();
        format!(r#"{{"spec":{{"{list}":[{}]}}}}"#, items.join(","))
    };
    let cases = [
        ("Job", "UPDATE", template(image), template(image), 0),
        ("Job", "UPDATE", template(image), template(new), 1),
        ("Job", "CREATE", template(image), template(image), 1),
        ("Deployment", "UPDATE", template(image), template(image), 1),
        (
            "Pod",
            "UPDATE",
            list("containers", &[image]),
            list("containers", &[image]),
            1,
        ),
        (
            "Pod",
            "UPDATE",
            list("volumes", &[image]),
            list("volumes", &[image]),
            0,
        ),
        (
            "Pod",
            "UPDATE",
            list("ephemeralContainers", &[image]),
            list("ephemeralContainers", &[image]),
            0,
        ),
        (
            "Pod/ephemeralcontainers",
            "UPDATE",
            list("containers", &[image]),
            list("containers", &[image]),
            0,
        ),
        (
            "Pod/ephemeralcontainers",
            "UPDATE",
            list("ephemeralContainers", &[image, new]),
            list("ephemeralContainers", &[image]),
            1,
        ),
    ];
    for (kind, operation, object, before, pins) in cases {
        let request = request(kind, operation, &object, &before);
        let decision = decide(&policy, &request, &[image, new]);
        assert!(decision.allowed(), "{kind} {}", decision.to_json());
        let patch = decision.to_json_patch();
        let patched = patch.map_or(0, |patch| value(&patch).as_array().unwrap().len() / 2);
        assert_eq!(patched, pins, "{kind} {operation} {object}");
        let validating = response(&decision, Webhook::Validating);
        assert_eq!(allowed(&validating), pins == 0, "{kind} {operation}");
        // It is decided all the same.
        let denied = decide(&policy, &request, &[]);
        assert!(!denied.allowed());
    }
}

#[test]
fn modes() {
    let images: Vec<String> = (0..20)
        .map(|index| format!("r.example/a{index}:v1"))
        .collect();
    let images: Vec<&str> = images.iter().map(String::as_str).collect();
    let request = request("Pod", "CREATE", &pod(&images), "null");
    for (mode, warnings) in [("enforce", 0), ("warn", 9), ("audit", 0)] {
        let policy = policy(&format!(r#""mode":"{mode}","#));
        let enforced = mode == "enforce";
        for webhook in [Webhook::Mutating, Webhook::Validating] {
            let denied = response(&decide(&policy, &request, &[]), webhook);
            assert_eq!(allowed(&denied), !enforced, "{mode}");
            assert_eq!(step(&denied, &["status"]).is_some(), enforced, "{mode}");
            assert_eq!(patch_of(&denied), None);
            let warned = step(&denied, &["warnings"]).and_then(Value::as_array);
            let warned = warned.unwrap_or_default();
            assert_eq!(warned.len(), warnings, "{mode}");
            for warning in warned {
                let warning = warning.as_str().unwrap();
                assert!(warning.len() <= 120 && warning.starts_with("sealstone would deny"));
            }
            let record = value(&text(&denied, &["auditAnnotations", "decision"]));
            assert_eq!(text(&record, &["decision"]), "rejected");
            assert_eq!(text(&record, &["mode"]), mode);

            let all = decide(&policy, &request, &images);
            assert_eq!(all.outcome(), Outcome::Allowed);
            let admitted = response(&all, webhook);
            assert_eq!(step(&admitted, &["warnings"]), None);
            assert_eq!(
                patch_of(&admitted).is_some(),
                enforced && webhook == Webhook::Mutating
            );
            assert_eq!(
                allowed(&admitted),
                !enforced || webhook == Webhook::Mutating
            );
        }
        // What cannot be read is refused in every mode, and says so to whoever asked.
        let unknown = request.replace("\"Pod\"}", "\"Other\"}");
        let refused = response(&decide(&policy, &unknown, &[]), Webhook::Mutating);
        assert!(!allowed(&refused));
        assert_eq!(
            text(&refused, &["uid"]),
            "705ab4f5-6393-11e8-b7cc-42010a800002"
        );
        assert_eq!(
            step(&refused, &["status", "code"]).unwrap().as_u64(),
            Some(400)
        );
        let message = text(&refused, &["status", "message"]);
        assert!(message.starts_with("request: /request/kind: "), "{message}");
        assert!(message.ends_with("(request.kind-unknown)"), "{message}");
    }
}

#[test]
fn statuses() {
    let policy = policy("");
    let request = request("Pod", "CREATE", &pod(&["r.example/a"]), "null");
    let unavailable = ImageEvidence {
        unavailable: Some("\u{202e}no\n".repeat(1000)),
        ..nothing("r.example/a", DIGEST)
    };
    let decision = policy.decide(request.as_bytes(), &[unavailable], NOW);
    let response_of = response(&decision, Webhook::Mutating);
    assert_eq!(
        step(&response_of, &["status", "code"]).unwrap().as_u64(),
        Some(503)
    );
    assert_eq!(
        text(&response_of, &["status", "reason"]),
        "ServiceUnavailable"
    );
    let message = text(&response_of, &["status", "message"]);
    assert!(message.len() <= 1024 && message.is_ascii(), "{message}");

    let decision = policy.decide(b"{", &[], NOW);
    let malformed = response(&decision, Webhook::Mutating);
    assert!(!allowed(&malformed));
    assert_eq!(text(&malformed, &["uid"]), "");
    assert_eq!(
        step(&malformed, &["status", "code"]).unwrap().as_u64(),
        Some(400)
    );

    let passes = decide(&policy, &request.replace("CREATE", "DELETE"), &[]);
    let passes = response(&passes, Webhook::Validating);
    assert!(allowed(&passes));
    let record = value(&text(&passes, &["auditAnnotations", "decision"]));
    assert_eq!(text(&record, &["reason"]), "request.operation-passes");
}

#[test]
fn the_compact_form() {
    let policy = policy("");
    let named = format!("r.example/a@{DIGEST}");
    let request_of = request("Pod", "CREATE", &pod(&[&named, "r.example/b"]), "null");
    let record = value(&decide(&policy, &request_of, &[&named]).to_compact_json());
    let members: Vec<&str> = record
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        members,
        [
            "at",
            "decision",
            "images",
            "mode",
            "operation",
            "policy",
            "policyDigest",
            "v"
        ]
    );
    // What is not allowed comes first.
    assert_eq!(text(&record, &["images", "0", "image"]), "r.example/b");
    assert_eq!(
        text(&record, &["images", "0", "rules", "0", "code"]),
        "evidence.missing"
    );
    assert_eq!(text(&record, &["images", "1", "digest"]), DIGEST);
    let by = step(&record, &["images", "1", "rules", "0", "by", "0"]).unwrap();
    let names: Vec<&str> = by.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["att", "authority", "key"]);

    // However many there are, it stays small and says what it leaves out.
    let images: Vec<String> = (0..256)
        .map(|index| format!("r.example/{index}/{}", "a".repeat(200)))
        .collect();
    let images: Vec<&str> = images.iter().map(String::as_str).collect();
    let many = request("Pod", "CREATE", &pod(&images), "null");
    let compact = decide(&policy, &many, &images[..255]).to_compact_json();
    assert!(compact.len() <= 4000, "{}", compact.len());
    let record = value(&compact);
    assert_eq!(text(&record, &["images", "0", "image"]), images[255]);
    let kept = record.get("images").unwrap().as_array().unwrap().len();
    let truncated = record.get("truncated").unwrap().as_u64().unwrap();
    assert_eq!(u64::try_from(kept).unwrap() + truncated, 256);
    assert!(kept > 5, "{kept}");
}

/// The host cannot have another digest decided than the one that the object ends up with.
#[test]
fn the_pin_is_the_digest_that_was_decided() {
    let policy = policy("");
    let request = request("Pod", "CREATE", &pod(&["r.example/a:v1"]), "null");
    let brought = |digest: &str| ImageEvidence {
        evidence: vec![SIGNATURE.clone()],
        ..nothing("r.example/a:v1", digest)
    };
    let decision = policy.decide(request.as_bytes(), &[brought(OTHER_DIGEST)], NOW);
    assert!(!decision.allowed());
    assert_eq!(decision.to_json_patch(), None);
    let decision = policy.decide(request.as_bytes(), &[], NOW);
    let document = value(&decision.to_json());
    assert_eq!(
        text(&document, &["images", "0", "code"]),
        "image.digest-missing"
    );
    assert_eq!(decision.to_json_patch(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_patched_object_is_the_pinned_object(
        places in prop::collection::vec((0..4_usize, "[a-c]", prop::option::of("[a-c]"), any::<bool>()), 1..12),
    ) {
        let policy = policy("");
        let mut lists: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
        let mut all = Vec::new();
        for (list, name, tag, is_pinned) in places {
            let list = ["containers", "initContainers", "ephemeralContainers", "volumes"][list];
            let tag = tag.map(|tag| format!(":{tag}")).unwrap_or_default();
            let reference = format!("r.example/{name}{tag}");
            let pinned = format!("{reference}@{DIGEST}");
            let image = if is_pinned { pinned.clone() } else { reference };
            all.push(image.clone());
            lists.entry(list).or_default().push((image, pinned));
        }
        let object = |pinned: bool| {
            let lists: Vec<String> = lists.iter().map(|(list, images)| {
                let items: Vec<String> = images.iter().map(|(image, with_digest)| {
                    let image = if pinned { with_digest } else { image };
                    match *list {
                        "volumes" => format!(r#"{{"image":{{"reference":"{image}"}}}}"#),
                        _ => format!(r#"{{"image":"{image}"}}"#),
                    }
                }).collect();
                format!(r#""{list}":[{}]"#, items.join(","))
            }).collect();
            format!(r#"{{"spec":{{{}}}}}"#, lists.join(","))
        };
        let request = request("Pod", "CREATE", &object(false), "null");
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let decision = decide(&policy, &request, &all);
        prop_assert!(decision.allowed());
        let mut patched = value(&object(false));
        if let Some(patch) = decision.to_json_patch() {
            apply(&mut patched, &value(&patch));
        }
        prop_assert_eq!(patched, value(&object(true)));
    }

    #[test]
    fn foreign_text_is_escaped_and_bounded(
        namespace in any::<String>(),
        user in any::<String>(),
        kind in any::<String>(),
        label in any::<String>(),
        digest in any::<String>(),
        reason in any::<String>(),
    ) {
        let json = |text: &str| Value::from(text).to_canonical_string();
        for mode in ["enforce", "warn"] {
            let policy = policy(&format!(r#""mode":"{mode}","#));
            let request = format!(
                r#"{{"uid":"u","operation":"CREATE","namespace":{},"userInfo":{{"username":{}}},
                "kind":{{"version":"v1","kind":{}}},
                "object":{{"metadata":{{"labels":{{{}:""}}}},"spec":{{"containers":[{{"image":"a"}}]}}}}}}"#,
                json(&namespace), json(&user), json(&kind), json(&label)
            );
            let brought = ImageEvidence {
                reference: "a".to_owned(),
                digest: digest.clone(),
                unavailable: Some(reason.clone()),
                ..ImageEvidence::default()
            };
            for request in [request.clone(), request.replace(&format!("\"kind\":{}", json(&kind)), "\"kind\":\"Pod\"")] {
                let decision = policy.decide(request.as_bytes(), std::slice::from_ref(&brought), NOW);
                for text in [decision.to_json(), decision.to_compact_json(), decision.to_admission_review(Webhook::Mutating)] {
                    prop_assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{}", text);
                }
                prop_assert!(decision.to_compact_json().len() <= 4000);
            }
        }
    }
}
