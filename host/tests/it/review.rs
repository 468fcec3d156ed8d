//! `sealstone review`.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Answer, Example, LayoutFolder, misbehaving, sealstone};

const IMAGE: &str = "registry.example/octo-org/app:v1";

/// An admission review that creates a Pod with these images.
fn request(images: &[&str]) -> Value {
    let containers: Vec<Value> = images
        .iter()
        .enumerate()
        .map(|(index, image)| json!({"name": format!("c{index}"), "image": image}))
        .collect();
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5",
            "operation": "CREATE",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "userInfo": {"username": "ann"},
            "object": {"kind": "Pod", "spec": {"containers": containers}},
        },
    })
}

/// Runs `review` with the policy, trust root and time of the example.
fn review(example: &Example, request: impl ToString, arguments: &[&str]) -> Answer {
    let policy = example.path("policy.yaml");
    let root = format!("example={}", example.path("trusted-root.json").display());
    example.write("request.json", request.to_string());
    let request = example.path("request.json");
    let usual = [
        "review",
        "--now=2026-06-01T00:00:00Z",
        "--policy",
        policy.to_str().unwrap(),
        "--trusted-root",
        &root,
        "--request",
        request.to_str().unwrap(),
    ];
    sealstone(usual.iter().chain(arguments))
}

fn evidence(example: &Example, reference: &str, layout: &str) -> String {
    format!("--evidence={reference}={}", example.path(layout).display())
}

#[track_caller]
fn response(answer: &Answer) -> Value {
    let review: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(answer.stdout, format!("{review}\n"));
    assert_eq!(review["apiVersion"], "admission.k8s.io/v1");
    assert_eq!(review["kind"], "AdmissionReview");
    review["response"].clone()
}

fn record(response: &Value) -> Value {
    let record = response["auditAnnotations"]["decision"].as_str().unwrap();
    serde_json::from_str(record).unwrap()
}

#[test]
fn a_mutating_webhook_pins_and_a_validating_one_denies_tags() {
    let example = Example::new();
    let signed = evidence(&example, IMAGE, "signed");
    let mutating = ["--webhook=mutating", &signed];
    let answer = review(&example, request(&[IMAGE]), &mutating);
    assert_eq!(
        (answer.status, answer.stderr.as_str()),
        (0, ""),
        "{answer:?}"
    );
    let found = response(&answer);
    assert_eq!(found["allowed"], true);
    assert_eq!(found["uid"], "705ab4f5");
    assert_eq!(found["patchType"], "JSONPatch");
    assert_eq!(record(&found)["decision"], "allowed");

    let answer = review(&example, request(&[IMAGE]), &[&signed]);
    assert_eq!(
        (answer.status, answer.stderr.as_str()),
        (1, ""),
        "{answer:?}"
    );
    let found = response(&answer);
    assert_eq!(found["allowed"], false);
    assert_eq!(found["patch"], Value::Null);
    assert_eq!(record(&found)["reason"], "image.digest-required");

    let pinned = format!("{IMAGE}@{}", example.digest("signed"));
    let signed = evidence(&example, &pinned, "signed");
    let answer = review(
        &example,
        request(&[&pinned]),
        &["--webhook=validating", &signed],
    );
    assert_eq!(answer.status, 0, "{answer:?}");
}

#[test]
fn text_says_what_is_answered() {
    let example = Example::new();
    let signed = evidence(&example, IMAGE, "signed");
    let cases: [(&str, i32, &[&str]); 2] = [
        (
            "mutating",
            0,
            &[
                "allowed  registry.example/octo-org/app:v1",
                "response  allowed",
                "pin        /spec/containers/0/image: registry.example/octo-org/app:v1@sha256:",
            ],
        ),
        (
            "validating",
            1,
            &[
                "response  denied",
                "status     403 ",
                "image.digest-required",
            ],
        ),
    ];
    for (webhook, status, parts) in cases {
        let arguments = ["--output=text", "--webhook", webhook, &signed];
        let answer = review(&example, request(&[IMAGE]), &arguments);
        assert_eq!((answer.status, answer.stderr.as_str()), (status, ""));
        for part in parts {
            assert!(answer.stdout.contains(part), "{part}: {answer:?}");
        }
    }
}

#[test]
fn images_without_evidence_are_unavailable() {
    let example = Example::new();
    let signed = evidence(&example, IMAGE, "signed");
    let other = "registry.example/octo-org/other:v1";
    let cases: [(&[&str], &[&str]); 2] = [(&[IMAGE], &[]), (&[IMAGE, other], &[&signed])];
    for (images, arguments) in cases {
        let answer = review(&example, request(images), arguments);
        assert_eq!(
            (answer.status, answer.stderr.as_str()),
            (3, ""),
            "{answer:?}"
        );
        let response = response(&answer);
        assert_eq!(response["allowed"], false);
        assert_eq!(response["status"]["code"], 503);
        assert_eq!(
            record(&response)["images"][0]["code"],
            "evidence.unavailable"
        );
    }
}

#[test]
fn evidence_of_another_image_denies() {
    let example = Example::new();
    let tampered = evidence(&example, IMAGE, "tampered");
    let answer = review(&example, request(&[IMAGE]), &[&tampered]);
    assert_eq!(
        (answer.status, answer.stderr.as_str()),
        (1, ""),
        "{answer:?}"
    );
    let response = response(&answer);
    assert_eq!(response["status"]["code"], 403);
    assert_eq!(record(&response)["images"][0]["code"], "signature.invalid");

    // The request names a digest: the layout is not asked for another image.
    let pinned = format!("{IMAGE}@{}", example.digest("tampered"));
    let signed = evidence(&example, &pinned, "signed");
    let answer = review(&example, request(&[&pinned]), &[&signed]);
    assert_ne!(answer.status, 0, "{answer:?}");
    assert_eq!(self::response(&answer)["allowed"], false);
}

#[test]
fn an_altered_image_is_denied() {
    let example = Example::new();
    let digest = example.digest("signed");
    fs::write(example.blob("signed", &digest), "{}").unwrap();
    let signed = evidence(&example, IMAGE, "signed");
    let answer = review(
        &example,
        request(&[IMAGE]),
        &["--webhook=mutating", &signed],
    );
    assert_eq!(answer.status, 3, "{answer:?}");
    let response = response(&answer);
    assert_eq!(response["allowed"], false);
    let message = response["status"]["message"].as_str().unwrap();
    assert!(message.contains("layout."), "{message}");
}

#[test]
fn one_of_several_images_of_a_layout_is_named_by_digest() {
    let example = Example::new();
    let mut layout = LayoutFolder::new();
    let (first, second) = (layout.image("first"), layout.image("second"));
    layout.list(&first);
    layout.list(&second);
    let folder = layout.path().to_str().unwrap();
    let ambiguous = format!("--evidence={IMAGE}={folder}");
    review(&example, request(&[IMAGE]), &[&ambiguous]).is_usage_error("layout.ambiguous");
    let named = format!("{ambiguous}@{}", second.digest());
    let answer = review(&example, request(&[IMAGE]), &[&named]);
    assert_eq!(answer.status, 1, "{answer:?}");
    let image = &record(&response(&answer))["images"][0];
    assert_eq!(image["digest"], second.digest().to_string());
    assert_eq!(image["code"], "evidence.missing");
}

#[test]
fn a_mode_that_only_reports_lets_pass() {
    let example = Example::new();
    example.replace(
        "policy.yaml",
        "kind: Policy\n",
        "kind: Policy\nmode: warn\n",
    );
    let tampered = evidence(&example, IMAGE, "tampered");
    let answer = review(&example, request(&[IMAGE]), &[&tampered]);
    assert_eq!(
        (answer.status, answer.stderr.as_str()),
        (0, ""),
        "{answer:?}"
    );
    let found = response(&answer);
    assert_eq!(found["allowed"], true);
    assert_eq!(found["warnings"].as_array().unwrap().len(), 1);
    assert_eq!(record(&found)["decision"], "rejected");
    let answer = review(&example, request(&[IMAGE]), &[&tampered, "--output=text"]);
    assert_eq!(answer.status, 0);
    for part in [
        "denied  ",
        "not allowed, but it passes: the mode of the policy is warn",
        "response  allowed",
        "warning    sealstone would deny",
    ] {
        assert!(answer.stdout.contains(part), "{part}: {answer:?}");
    }
}

#[test]
fn requests_that_pass_and_requests_that_cannot_be_read_are_answered() {
    let example = Example::new();
    let mut deletes = request(&[IMAGE]);
    deletes["request"]["operation"] = "DELETE".into();
    // Evidence changes nothing about a request without images.
    let signed = evidence(&example, IMAGE, "signed");
    let answer = review(&example, &deletes, &[&signed]);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert_eq!(
        record(&response(&answer))["reason"],
        "request.operation-passes"
    );
    let answer = review(&example, &deletes, &["--output=text"]);
    assert!(
        answer.stdout.contains("request.operation-passes: "),
        "{answer:?}"
    );

    let mut unknown = request(&[IMAGE]);
    unknown["request"]["operation"] = "PAINT".into();
    let cases = [
        (unknown.to_string(), "request.operation-unknown", "705ab4f5"),
        ("{".to_owned(), "request.malformed", ""),
        ("[]".to_owned(), "request.wrong-type", ""),
    ];
    for (request, code, uid) in cases {
        let answer = review(&example, request, &[&signed]);
        assert_eq!(
            (answer.status, answer.stderr.as_str()),
            (2, ""),
            "{answer:?}"
        );
        let response = response(&answer);
        assert_eq!(response["allowed"], false);
        assert_eq!(response["uid"], uid);
        assert_eq!(response["status"]["code"], 400);
        assert_eq!(record(&response)["problem"], code);
    }
}

#[test]
fn requests_may_be_as_large_as_the_module_reads() {
    let example = Example::new();
    let mut large = request(&[IMAGE]);
    large["request"]["object"]["metadata"] = json!({"annotations": {"a": "a".repeat(3 << 20)}});
    let answer = review(&example, &large, &[]);
    assert_eq!(answer.status, 3, "{answer:?}");
    large["request"]["object"]["metadata"] = json!({"annotations": {"a": "a".repeat(4 << 20)}});
    review(&example, &large, &[]).is_usage_error("limit.request-bytes");
}

#[test]
fn mistakes_in_the_call_are_usage_errors() {
    let example = Example::new();
    let signed = evidence(&example, IMAGE, "signed");
    let other = evidence(&example, "registry.example/octo-org/other", "signed");
    let missing = evidence(&example, IMAGE, "none");
    let cases: [(&[&str], &str); 7] = [
        (&[&signed, &signed], "evidence.supplied-twice"),
        (&[&other], "evidence.not-wanted"),
        (&["--evidence=layout"], "evidence.flag-malformed"),
        (&["--evidence==layout"], "evidence.flag-malformed"),
        (&["--evidence=image=layout@sha256:12"], "digest.malformed"),
        (&[&missing], "layout.not-a-layout"),
        (&["--module=none"], "file.unreadable"),
    ];
    for (arguments, code) in cases {
        let answer = review(&example, request(&[IMAGE]), arguments);
        assert_eq!(
            (answer.status, answer.stdout.as_str()),
            (2, ""),
            "{answer:?}"
        );
        assert!(
            answer.stderr.contains(&format!("[{code}]")),
            "{code}: {answer:?}"
        );
    }
    example.replace("policy.yaml", "kind: Policy", "kind: Other");
    let answer = review(&example, request(&[IMAGE]), &[&signed]);
    assert_eq!(
        (answer.status, answer.stdout.as_str()),
        (2, ""),
        "{answer:?}"
    );
    assert_eq!(sealstone(["review"]).status, 2);
}

#[test]
fn a_module_that_fails_or_contradicts_itself_denies() {
    let example = Example::new();
    example.write("module.wasm", misbehaving());
    let module = format!("--module={}", example.path("module.wasm").display());
    // What the module does, the policy's first letter says. `A` answers with what is no review.
    for (letter, code) in [("T", "host.trap"), ("A", "host.error")] {
        example.write("policy.json", letter);
        let policy = example.path("policy.json");
        example.write("request.json", request(&[IMAGE]).to_string());
        let request = example.path("request.json");
        let answer = sealstone([
            "review",
            &module,
            "--policy",
            policy.to_str().unwrap(),
            "--request",
            request.to_str().unwrap(),
        ]);
        assert_eq!(answer.status, 1, "{answer:?}");
        assert!(answer.stderr.contains(&format!("[{code}]")), "{answer:?}");
        let response = response(&answer);
        assert_eq!(response["allowed"], false);
        assert_eq!(response["uid"], "705ab4f5");
        assert_eq!(response["status"]["code"], 403);
    }
}
