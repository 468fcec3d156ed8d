//! The operations of the module, and what it answers with.

use sealstone_wapc_host::Ended;
use serde_json::{Value, json};

use super::table::{Table, layer};
use super::world::{
    DIGEST, MUTATING, OTHER_DIGEST, REPOSITORY, VALIDATING, code, image, legacy, payload, pod,
    response, signed, validate,
};

fn call(operation: &str, payload: &[u8]) -> Ended {
    let ended = VALIDATING.call(operation, payload, Box::new(Table::default()));
    ended.expect("the module starts")
}

fn error(code: &str, ended: Ended) {
    match ended {
        Ended::Error(error) => assert!(error.ends_with(&format!("({code})")), "{error}"),
        ended => panic!("{code}: {ended:?}"),
    }
}

fn signatures() -> Table {
    Table::default().signatures(
        REPOSITORY,
        DIGEST,
        &[layer(&legacy("release", REPOSITORY, DIGEST))],
    )
}

#[test]
fn protocol_version() {
    assert_eq!(
        call("protocol_version", b""),
        Ended::Answer(b"\"v1\"".to_vec())
    );
}

#[test]
fn calls_that_are_not_answered() {
    error("kubewarden.operation-unknown", call("mutate", b"{}"));
    error("kubewarden.operation-unknown", call("", b"{}"));
    error(
        "kubewarden.operation-unknown",
        call(&"validate".repeat(100), b"{}"),
    );
    for payload in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"request":{}}"#,
        r#"{"settings":{}}"#,
        r#"{"request":1,"request":2,"settings":{}}"#,
    ] {
        error(
            "kubewarden.payload-malformed",
            call("validate", payload.as_bytes()),
        );
    }
    error(
        "limit.payload-bytes",
        call("validate", &vec![b' '; (6 << 20) + 1]),
    );
    error(
        "limit.payload-bytes",
        call("decide", &vec![b' '; (64 << 20) + 1]),
    );
    let mut table = signatures();
    table.now = None;
    let ended = VALIDATING.call(
        "validate",
        &payload(&pod(&[&image()]), &signed(json!({}))),
        Box::new(table),
    );
    error(
        "kubewarden.clock-missing",
        ended.expect("the module starts"),
    );
}

#[test]
fn settings() {
    let ask =
        |settings: &Value| response(call("validate_settings", settings.to_string().as_bytes()));
    assert_eq!(ask(&signed(json!({}))), json!({"valid": true}));
    let mut wrong = signed(json!({"mode": "lenient"}));
    wrong["rules"][0]["images"][0] = "nginx".into();
    let answer = ask(&wrong);
    assert_eq!(answer["valid"], false);
    let message = answer["message"].as_str().expect("a message");
    for part in [
        "/mode: ",
        "(policy.unknown-value)",
        "/rules/0/images/0: ",
        "(policy.pattern-malformed)",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    // Kubewarden sends an empty object where there are no settings.
    let message = ask(&json!({}))["message"].to_string();
    for part in ["/apiVersion: ", "/authorities: ", "/rules: "] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let message = response(call("validate_settings", b"{"))["message"].to_string();
    assert!(
        message.contains("/: ") && message.contains("(policy.malformed)"),
        "{message}"
    );
    // The host can supply no trust root.
    let without = ask(&signed(json!({"trustRoots": [{"name": "root"}]})));
    assert_eq!(without["valid"], false, "{without}");
}

#[test]
fn settings_that_are_no_policy_deny() {
    let answer = validate(&VALIDATING, &pod(&[&image()]), &json!({}), signatures());
    assert_eq!(answer["accepted"], false);
    assert_eq!(answer["code"], 500);
    let message = answer["message"].as_str().expect("a message");
    assert!(
        message.contains("/rules: ") && message.contains("(policy.missing-field)"),
        "{message}"
    );
}

#[test]
fn requests_that_cannot_be_read_are_denied() {
    let mut no_kind = pod(&[&image()]);
    no_kind["kind"] = Value::Null;
    let mut other_kind = pod(&[&image()]);
    other_kind["kind"]["kind"] = "Gadget".into();
    let malformed = pod(&["UPPER"]);
    for (request, found) in [
        (json!({}), "request.missing-field"),
        (json!(null), "request.wrong-type"),
        (no_kind, "request.wrong-type"),
        (other_kind, "request.kind-unknown"),
        (malformed, "image.reference-malformed"),
    ] {
        let answer = validate(&VALIDATING, &request, &signed(json!({})), signatures());
        assert_eq!(answer["accepted"], false, "{answer}");
        assert_eq!(answer["code"], 400, "{answer}");
        assert_eq!(
            super::world::decision(&answer)["problem"],
            found,
            "{answer}"
        );
    }
}

/// The form of `/validate_raw` and of `kwctl run --raw`.
#[test]
fn raw_requests() {
    let raw = json!({"images": [{"reference": REPOSITORY, "digest": DIGEST}]});
    let answer = validate(&VALIDATING, &raw, &signed(json!({})), signatures());
    assert_eq!(code(&answer), "ok");
    let raw = json!({"images": [{"reference": REPOSITORY, "digest": OTHER_DIGEST}]});
    let answer = validate(&VALIDATING, &raw, &signed(json!({})), signatures());
    assert_eq!(code(&answer), "evidence.missing");
}

#[test]
fn deletions_pass_and_ask_nothing() {
    let mut request = pod(&[&image()]);
    request["operation"] = "DELETE".into();
    request["object"] = Value::Null;
    let table = Table::default();
    let answer = validate(&MUTATING, &request, &signed(json!({})), table.clone());
    assert_eq!(answer["accepted"], true, "{answer}");
    assert_eq!(answer.get("mutated_object"), None);
    assert!(table.asked.lock().expect("no call panics").is_empty());
}

#[test]
fn the_two_variants() {
    let tagged = format!("{REPOSITORY}:v1");
    let table = || signatures().tag(&tagged, DIGEST);
    let request = pod(&[&tagged, &image()]);
    let denied = validate(&VALIDATING, &request, &signed(json!({})), table());
    assert_eq!(denied["accepted"], false);
    assert_eq!(denied["code"], 403);
    assert!(
        denied["message"]
            .as_str()
            .is_some_and(|text| text.ends_with("(image.digest-required)")),
        "{denied}"
    );
    assert_eq!(denied.get("mutated_object"), None);

    let pinned = validate(&MUTATING, &request, &signed(json!({})), table());
    let mut expected = request["object"].clone();
    expected["spec"]["containers"][0]["image"] = format!("{tagged}@{DIGEST}").into();
    assert_eq!(pinned["accepted"], true);
    assert_eq!(pinned["mutated_object"], expected);
    assert_eq!(pinned.get("code"), None);

    // Nothing is pinned where something is denied, and nothing where nothing is to be pinned.
    let neighbour = format!("{REPOSITORY}@{OTHER_DIGEST}");
    let denied = validate(
        &MUTATING,
        &pod(&[&tagged, &neighbour]),
        &signed(json!({})),
        table(),
    );
    assert_eq!(denied["accepted"], false);
    assert_eq!(denied.get("mutated_object"), None);
    let by_digest = validate(&MUTATING, &pod(&[&image()]), &signed(json!({})), table());
    assert_eq!(by_digest["accepted"], true);
    assert_eq!(by_digest.get("mutated_object"), None);
}

#[test]
fn modes() {
    let request = pod(&[&image()]);
    let warned = validate(
        &MUTATING,
        &request,
        &signed(json!({"mode": "warn"})),
        Table::default(),
    );
    assert_eq!(warned["accepted"], true);
    let warning = warned["warnings"][0].as_str().expect("a warning");
    assert!(warning.contains("(evidence.missing)"), "{warning}");
    let audited = validate(
        &MUTATING,
        &request,
        &signed(json!({"mode": "audit"})),
        Table::default(),
    );
    assert_eq!(audited["accepted"], true);
    assert_eq!(audited.get("warnings"), None);
    assert_eq!(super::world::decision(&audited)["decision"], "rejected");
}

/// The pure operation is the one of every module.
#[test]
fn decide() {
    let evidence = legacy("release", REPOSITORY, DIGEST);
    let call_text = json!({
        "policy": signed(json!({})),
        "request": {"images": [{"reference": REPOSITORY, "digest": DIGEST}]},
        "evidence": [{"reference": REPOSITORY, "digest": DIGEST, "evidence": [super::world::piece(&evidence)]}],
        "now": sealstone_forge::NOW.seconds(),
    })
    .to_string();
    let expected = sealstone_engine::ffi::decide_json(call_text.as_bytes());
    assert_eq!(
        call("decide", call_text.as_bytes()),
        Ended::Answer(expected.clone().into_bytes())
    );
    assert!(expected.contains(r#""allowed":true"#), "{expected}");
    for text in ["", "{}", "[]"] {
        let expected = sealstone_engine::ffi::decide_json(text.as_bytes());
        assert_eq!(
            call("decide", text.as_bytes()),
            Ended::Answer(expected.into_bytes())
        );
    }
}
