//! Decisions for programs of others, and statements to be signed.

use serde_json::{Value, json};

use crate::support::{Answer, Example, LayoutFolder, misbehaving, sealstone};

const VERIFIER: &str = "--verifier=https://example.com/verifier";
const POLICY: &str = "--policy-uri=https://example.com/policy";

/// Runs `report` on a decision.
fn report(example: &Example, decision: &str, arguments: &[&str]) -> Answer {
    example.write("decision.json", decision);
    let decision = format!("--decision={}", example.path("decision.json").display());
    let usual = [decision.as_str(), VERIFIER];
    sealstone(["report"].iter().chain(arguments).chain(&usual))
}

fn vsa(example: &Example, decision: &str, arguments: &[&str]) -> Answer {
    report(example, decision, &[&["vsa", POLICY], arguments].concat())
}

fn json_of(answer: &Answer) -> Value {
    assert_eq!(
        (answer.status, answer.stderr.as_str()),
        (0, ""),
        "{answer:?}"
    );
    serde_json::from_str(&answer.stdout).unwrap()
}

#[test]
fn the_formats_say_what_the_decision_says() {
    let example = Example::new();
    let printed = |layout: &str, format: &str| {
        let format = format!("--output={format}");
        let first = example.verify_layout(layout, &[&format]);
        let second = example.verify_layout(layout, &[&format]);
        assert_eq!(first.stdout, second.stdout);
        first
    };
    for (layout, status, code) in [("signed", 0, "ok"), ("tampered", 1, "signature.invalid")] {
        let junit = printed(layout, "junit");
        assert_eq!((junit.status, junit.stderr.as_str()), (status, ""));
        let failure = format!("<failure type=\"{code}\"");
        assert_eq!(junit.stdout.contains(&failure), status == 1, "{junit:?}");
        let sarif = printed(layout, "sarif");
        assert_eq!(sarif.status, status);
        let sarif: Value = serde_json::from_str(&sarif.stdout).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let rules = sarif["runs"][0]["tool"]["driver"]["rules"]
            .as_array()
            .unwrap();
        let expected = usize::from(status == 1);
        assert_eq!((results.len(), rules.len()), (expected, expected));
        if let Some(result) = results.first() {
            let name = format!("localhost/tampered@{}", example.digest("tampered"));
            let location = &result["locations"][0]["logicalLocations"][0];
            assert_eq!(location["fullyQualifiedName"], name);
            assert_eq!(
                (&result["ruleId"], &rules[0]["id"]),
                (&code.into(), &code.into())
            );
        }
        let report = printed(layout, "openreports");
        assert_eq!(report.status, status);
        let report: Value = serde_json::from_str(&report.stdout).unwrap();
        assert_eq!(report["results"][0]["properties"]["code"], code);
        assert_eq!(report["summary"]["fail"], status);
    }
}

/// A failure of the module is reported, too, and nothing is reported as met.
#[test]
fn a_request_without_an_answer_is_reported_as_an_error() {
    let example = Example::new();
    example.write("module.wasm", misbehaving());
    example.write("request.json", "{}");
    // What the module does, the policy's first letter says: it traps.
    example.write("policy.json", "T");
    let review = |output: &str| {
        let answer = sealstone([
            "review",
            &format!("--policy={}", example.path("policy.json").display()),
            &format!("--request={}", example.path("request.json").display()),
            &format!("--module={}", example.path("module.wasm").display()),
            &format!("--output={output}"),
        ]);
        assert_eq!(answer.status, 1, "{answer:?}");
        assert!(answer.stderr.contains("[host.trap]"), "{answer:?}");
        answer.stdout
    };
    let junit = review("junit");
    let counts = "<testsuites tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">";
    assert!(junit.contains(counts), "{junit}");
    assert!(junit.contains("<error type=\"host.trap\""), "{junit}");
    let sarif: Value = serde_json::from_str(&review("sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["properties"]["outcome"], "rejected");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "host.trap");
    assert_eq!(result["level"], "error");
    let report: Value = serde_json::from_str(&review("openreports")).unwrap();
    assert_eq!(report["summary"]["error"], 1);
    assert_eq!(report["summary"]["pass"], 0);
}

#[test]
fn the_decision_behind_a_review_can_be_printed() {
    let example = Example::new();
    let pod = json!({"kind": "Pod", "spec": {"containers": [
        {"name": "main", "image": format!("localhost/signed@{}", example.digest("signed"))},
    ]}});
    let request = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "1", "operation": "CREATE", "userInfo": {"username": "ann"},
            "kind": {"group": "", "version": "v1", "kind": "Pod"}, "object": pod,
        },
    });
    example.write("request.json", request.to_string());
    let reference = format!("localhost/signed@{}", example.digest("signed"));
    let answer = sealstone([
        "review",
        "--now=2026-06-01T00:00:00Z",
        "--output=decision",
        &format!("--policy={}", example.path("policy.yaml").display()),
        &format!("--request={}", example.path("request.json").display()),
        &format!(
            "--evidence={reference}={}",
            example.path("signed").display()
        ),
        &format!(
            "--trusted-root=example={}",
            example.path("trusted-root.json").display()
        ),
    ]);
    let decision = json_of(&answer);
    crate::support::assert_decision(&decision);
    let statement = json_of(&vsa(&example, &answer.stdout, &[]));
    assert_eq!(statement["predicate"]["verificationResult"], "PASSED");
}

#[test]
fn a_summary_says_what_was_proved() {
    let example = Example::new();
    let decision = example.verify_layout("signed", &["--output=json"]).stdout;
    let parsed: Value = serde_json::from_str(&decision).unwrap();
    let statement = json_of(&vsa(&example, &decision, &[]));
    let digest = example.digest("signed");
    let met = &parsed["images"][0]["rules"][0]["metBy"][0]["evidence"];
    let expected = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{
            "name": "localhost/signed",
            "digest": {"sha256": digest.strip_prefix("sha256:").unwrap()},
        }],
        "predicateType": "https://slsa.dev/verification_summary/v1",
        "predicate": {
            "verifier": {"id": "https://example.com/verifier"},
            "timeVerified": "2026-06-01T00:00:00Z",
            "resourceUri": format!("localhost/signed@{digest}"),
            "policy": {
                "uri": "https://example.com/policy",
                "digest": {"sha256": parsed["policy"]["sha256"]},
            },
            "inputAttestations": [{"digest": {"sha256": met}}],
            "verificationResult": "PASSED",
            "verifiedLevels": ["SLSA_BUILD_LEVEL_1"],
            "slsaVersion": "1.2",
        },
    });
    assert_eq!(statement, expected);
    let predicate = json_of(&vsa(
        &example,
        &decision,
        &["--predicate", "--resource-uri=pkg:oci/app"],
    ));
    assert_eq!(predicate["resourceUri"], "pkg:oci/app");
    let result = json_of(&report(&example, &decision, &["svr"]));
    assert_eq!(
        result["predicateType"],
        "https://in-toto.io/attestation/svr/v0.1"
    );
    let expected = json!({
        "verifier": {
            "id": "https://example.com/verifier",
            "policy": {"digest": {"sha256": parsed["policy"]["sha256"]}},
        },
        "timeCreated": "2026-06-01T00:00:00Z",
        "properties": ["SLSA_BUILD_LEVEL_1", "SEALSTONE_ALLOWED"],
    });
    assert_eq!(result["predicate"], expected);
}

/// Also where the mode of the policy lets the image pass.
#[test]
fn an_image_that_is_not_allowed_has_failed() {
    for mode in ["enforce", "audit"] {
        let example = Example::new();
        let kind = "kind: Policy\n";
        example.replace("policy.yaml", kind, &format!("{kind}mode: {mode}\n"));
        let decision = example.verify_layout("tampered", &["--output=json"]).stdout;
        let predicate = json_of(&vsa(&example, &decision, &["--predicate"]));
        assert_eq!(predicate["verificationResult"], "FAILED");
        assert_eq!(predicate["verifiedLevels"], json!(["FAILED"]));
        let predicate = json_of(&report(&example, &decision, &["svr", "--predicate"]));
        assert_eq!(predicate["properties"], json!([]));
    }
}

/// An image of a decision with these rules.
fn image(reference: &str, allowed: bool, rules: &Value) -> Value {
    json!({
        "reference": reference, "digest": format!("sha256:{}", "1".repeat(64)), "allowed": allowed,
        "outcome": if allowed { "allowed" } else { "rejected" },
        "code": "ok", "message": "", "rules": rules,
    })
}

fn decision(images: &[Value]) -> String {
    json!({
        "apiVersion": "sealstone.dev/v1alpha1", "kind": "Decision", "time": "2026-06-01T00:00:00Z",
        "allowed": true, "outcome": "allowed", "images": images,
        "policy": {"name": "p", "sha256": "2".repeat(64)},
    })
    .to_string()
}

fn rule(name: &str, result: &str, met_by: &[Value]) -> Value {
    json!({"rule": name, "result": result, "code": "ok", "message": "", "evidence": [], "metBy": met_by})
}

fn built(evidence: &str, level: u64, source: Option<u64>) -> Value {
    let mut provenance = json!({"buildLevel": level, "builder": "b", "buildType": "t"});
    if let Some(level) = source {
        provenance["sourceVerified"] =
            json!({"level": level, "verifier": "v", "evidence": "5".repeat(64)});
    }
    json!({"evidence": evidence.repeat(64), "provenance": provenance})
}

/// Of one rule the best piece counts, of several rules the worst; what is no attestation is no input.
#[test]
fn levels_are_those_that_all_rules_prove() {
    let example = Example::new();
    let signature = json!({"evidence": "6".repeat(64)});
    let summary = json!({"evidence": "7".repeat(64), "verificationSummary": {
        "verifier": "v", "resourceUri": "r", "buildLevel": 1, "sourceLevel": 4,
    }});
    let cases: [(Vec<Value>, &[&str], &[&str]); 5] = [
        (
            vec![rule("s", "pass", &[signature])],
            &["SLSA_BUILD_LEVEL_UNEVALUATED"],
            &[],
        ),
        (
            vec![rule(
                "b",
                "pass",
                &[built("3", 1, None), built("4", 3, Some(2))],
            )],
            &["SLSA_BUILD_LEVEL_3", "SLSA_SOURCE_LEVEL_2"],
            &["3", "4", "5"],
        ),
        (
            vec![
                rule("b", "pass", &[built("3", 3, Some(3))]),
                rule("v", "pass", &[summary]),
            ],
            &["SLSA_BUILD_LEVEL_1", "SLSA_SOURCE_LEVEL_3"],
            &["3", "5", "7"],
        ),
        (
            vec![rule("b", "pass", &[built("3", 0, None)])],
            &["SLSA_BUILD_LEVEL_0"],
            &["3"],
        ),
        (
            vec![rule("w", "warn", &[])],
            &["SLSA_BUILD_LEVEL_UNEVALUATED"],
            &[],
        ),
    ];
    for (rules, levels, inputs) in cases {
        let decision = decision(&[image("r.example/a:v1", true, &json!(rules))]);
        let predicate = json_of(&vsa(&example, &decision, &["--predicate"]));
        assert_eq!(predicate["verifiedLevels"], json!(levels), "{rules:?}");
        let inputs = inputs
            .iter()
            .map(|it| json!({"digest": {"sha256": it.repeat(64)}}));
        assert_eq!(predicate["inputAttestations"], inputs.collect::<Value>());
    }
}

#[test]
fn exceptions_are_told() {
    let example = Example::new();
    let mut excused = rule("b", "skip", &[]);
    excused["exception"] = json!({"name": "e", "reason": "moving", "ends": "2027-01-01T00:00:00Z"});
    let decision = decision(&[image("r.example/a", true, &json!([excused]))]);
    for arguments in [&["vsa", POLICY, "--predicate"][..], &["svr", "--predicate"]] {
        let predicate = json_of(&report(&example, &decision, arguments));
        let expected = json!([
            {"rule": "b", "name": "e", "reason": "moving", "ends": "2027-01-01T00:00:00Z"},
        ]);
        assert_eq!(predicate["https://sealstone.dev/exceptions/v0.1"], expected);
    }
}

#[test]
fn one_image_of_several_is_chosen() {
    let example = Example::new();
    let two = decision(&[
        image(
            "r.example/a:v1",
            true,
            &json!([rule("b", "pass", &[built("3", 1, None)])]),
        ),
        image(
            "localhost:5000/b@sha256:0",
            false,
            &json!([rule("b", "fail", &[])]),
        ),
    ]);
    vsa(&example, &two, &[]).is_usage_error("decision.image-ambiguous");
    vsa(&example, &two, &["--image=c"]).is_usage_error("decision.image-unknown");
    for (reference, name, result) in [
        ("r.example/a:v1", "r.example/a", "PASSED"),
        ("localhost:5000/b@sha256:0", "localhost:5000/b", "FAILED"),
    ] {
        let statement = json_of(&vsa(&example, &two, &[&format!("--image={reference}")]));
        assert_eq!(statement["subject"][0]["name"], name);
        assert_eq!(statement["predicate"]["verificationResult"], result);
    }
}

#[test]
fn what_is_no_decision_gives_no_statement() {
    let example = Example::new();
    let allowed = |rules: &Value| decision(&[image("r.example/a", true, rules)]);
    let good = allowed(&json!([rule("b", "pass", &[built("3", 1, None)])]));
    json_of(&vsa(&example, &good, &[]));
    let cases = [
        ("{".to_owned(), "decision.malformed"),
        (
            good.replace("\"Decision\"", "\"Evidence\""),
            "decision.kind-unknown",
        ),
        (good.replace("v1alpha1", "v9"), "decision.kind-unknown"),
        (
            good.replace("2026-06-01T00:00:00Z", "now"),
            "decision.malformed",
        ),
        (
            good.replace("\"sha256:11", "\"sha256:x1"),
            "decision.malformed",
        ),
        (good.replace("\"pass\"", "\"good\""), "decision.malformed"),
        (
            good.replace("\"digest\"", "\"digests\""),
            "decision.digest-missing",
        ),
        (decision(&[]), "decision.image-missing"),
        (
            allowed(&json!([rule("b", "fail", &[])])),
            "decision.contradictory",
        ),
        (
            allowed(&json!([rule("b", "pass", &[])])),
            "decision.contradictory",
        ),
        (
            good.replace(
                "\"outcome\":\"allowed\",\"reference\"",
                "\"outcome\":\"rejected\",\"reference\"",
            ),
            "decision.contradictory",
        ),
    ];
    for (decision, code) in cases {
        assert_ne!(decision, good);
        vsa(&example, &decision, &[]).is_usage_error(code);
        report(&example, &decision, &["svr"]).is_usage_error(code);
    }
    let unavailable = decision(&[image("r.example/a", false, &json!([]))]);
    let unavailable = unavailable.replace("\"rejected\"", "\"unavailable\"");
    let answer = vsa(&example, &unavailable, &[]);
    assert_eq!(answer.status, 3);
    assert!(answer.stderr.contains("[decision.undecided]"), "{answer:?}");
    let answer = sealstone(["report", "svr", "--decision=-", "--verifier=somebody"]);
    assert_eq!(answer.status, 2);
    assert!(
        answer.stderr.contains("[report.uri-malformed]"),
        "{answer:?}"
    );
}

/// What is written is accepted by a rule about summaries once it is signed; a failure is refused.
#[test]
fn a_signed_summary_meets_a_rule() {
    let example = Example::new();
    let folder = LayoutFolder::new();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let forge = |arguments: &[&str]| {
        let answer = sealstone(["forge"].iter().chain(arguments));
        assert_eq!(answer.status, 0, "{answer:?}");
    };
    forge(&["root", "--output", &path("root.json")]);
    let first = "\
apiVersion: sealstone.dev/v1alpha1
kind: Policy
metadata: {name: first}
trustRoots: [{name: forged}]
authorities:
  - name: builder
    keyless: {trustRoot: forged, identities: [{issuer: {glob: 'https://**'}, subject: {glob: 'https://github.com/octo-org/**'}}]}
builders:
  - {name: ours, signedBy: [builder], id: {glob: 'https://github.com/octo-org/**'}, maximumLevel: 3}
rules:
  - {name: built, images: ['**'], provenance: {builders: [ours], source: {uri: 'https://github.com/octo-org/app'}}}
";
    let second = "\
apiVersion: sealstone.dev/v1alpha1
kind: Policy
metadata: {name: second}
trustRoots: [{name: forged}]
authorities:
  - name: verifier
    keyless: {trustRoot: forged, identities: [{issuer: {exact: 'https://accounts.example.com'}, subject: {exact: verifier@example.com}}]}
verifiers:
  - {name: checks, signedBy: [verifier], id: {exact: 'https://example.com/verifier'}, maximumLevels: {build: 3}}
rules:
  - name: checked
    images: ['**']
    verificationSummary: {verifiedBy: [checks], resourceUris: ['{registry}/{repository}@{digest}'], minimumLevels: {build: 3}}
";
    folder.write("first.yaml", first);
    folder.write("second.yaml", second);
    let verify = |layout: &str, policy: &str| {
        sealstone([
            "verify",
            &path(layout),
            "--reference=registry.example/octo-org/app",
            "--now=2026-03-02T00:00:00Z",
            "--output=json",
            &format!("--policy={}", path(policy)),
            &format!("--trusted-root=forged={}", path("root.json")),
        ])
    };
    for (source, result, code) in [
        ("octo-org/app", "PASSED", "ok"),
        ("intruder/app", "FAILED", "verification-summary.failed"),
    ] {
        let layout = source.replace('/', "-");
        let source = format!("https://github.com/{source}");
        forge(&[
            "attest",
            "--layout",
            &path(&layout),
            "--provenance=v1",
            "--source",
            &source,
        ]);
        let decided = verify(&layout, "first.yaml").stdout;
        let predicate = vsa(&example, &decided, &["--predicate"]).stdout;
        assert!(predicate.contains(result), "{predicate}");
        folder.write("predicate.json", &predicate);
        forge(&[
            "attest",
            "--layout",
            &path(&layout),
            "--predicate-type=https://slsa.dev/verification_summary/v1",
            "--predicate",
            &path("predicate.json"),
            "--identity=verifier@example.com",
            "--issuer=https://accounts.example.com",
        ]);
        let answer = verify(&layout, "second.yaml");
        let decided: Value = serde_json::from_str(&answer.stdout).unwrap();
        assert_eq!(decided["images"][0]["code"], code, "{answer:?}");
        assert_eq!(answer.status == 0, code == "ok");
    }
}
