//! Every way in which the host gives evidence, or does not.

use sealstone_forge::{Evidence, SIMPLE_SIGNING_MEDIA_TYPE};
use serde_json::{Value, json};

use super::table::{MANIFEST_UNKNOWN, Table, config_map_request, layer, sha256};
use super::world::{
    DIGEST, OTHER_DIGEST, REPOSITORY, VALIDATING, built, bundle, code, image, legacy, piece, pod,
    provenance, settings, signed, validate,
};

const SIG: &str = "registry.example/octo-org/app:sha256-2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae.sig";
const CARRIER: &str = "registry.example/octo-org/app:sha256-2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae.sealstone";
const UNAVAILABLE: &str = "evidence.unavailable";

/// A host, the settings, and what is decided about the image: its code, and the one that says why
/// evidence could not be brought.
struct Case {
    name: &'static str,
    table: Table,
    settings: Value,
    code: &'static str,
    reason: &'static str,
}

fn case(name: &'static str, table: Table, settings: Value, code: &'static str) -> Case {
    let reason = "";
    Case {
        name,
        table,
        settings,
        code,
        reason,
    }
}

fn unavailable(name: &'static str, table: Table, settings: Value, reason: &'static str) -> Case {
    let code = UNAVAILABLE;
    Case {
        name,
        table,
        settings,
        code,
        reason,
    }
}

fn check(cases: Vec<Case>) {
    for Case {
        name,
        table,
        settings,
        code: expected,
        reason,
    } in cases
    {
        let response = validate(&VALIDATING, &pod(&[&image()]), &settings, table);
        assert_eq!(code(&response), expected, "{name}: {response}");
        let message = response["message"].as_str().unwrap_or_default();
        assert!(message.contains(reason), "{name}: {message}");
        let http = match expected {
            "ok" => Value::Null,
            UNAVAILABLE => 503.into(),
            _ => 403.into(),
        };
        assert_eq!(response["code"], http, "{name}");
        // What the host says reaches nobody.
        for text in ["Callback", "registry error", "secret"] {
            assert!(!response.to_string().contains(text), "{name}: {response}");
        }
    }
}

fn with_signatures(layers: &[Value]) -> Table {
    Table::default().signatures(REPOSITORY, DIGEST, layers)
}

fn named(repository: &str) -> Value {
    layer(&legacy("release", repository, DIGEST))
}

/// A signature over another text than cosign writes for an image.
fn over(text: &str) -> Evidence {
    let mut evidence = legacy("release", REPOSITORY, DIGEST);
    evidence.content = text.as_bytes().to_vec();
    let signature = super::world::base64(&super::world::key("release").sign(text.as_bytes()));
    let name = "dev.cosignproject.cosign/signature".to_owned();
    evidence.annotations.insert(name, signature);
    evidence
}

fn annotated(optional: &str) -> Evidence {
    over(&format!(
        r#"{{"critical":{{"identity":{{"docker-reference":"{REPOSITORY}"}},"image":{{"docker-manifest-digest":"{DIGEST}"}},"type":"cosign container image signature"}},"optional":{optional}}}"#
    ))
}

#[test]
fn signatures() {
    let good = || named(REPOSITORY);
    let with = |change: fn(&mut Value)| {
        let mut layer = named(REPOSITORY);
        change(&mut layer);
        with_signatures(&[layer])
    };
    let neighbour = layer(&legacy("release", REPOSITORY, OTHER_DIGEST));
    let unrelated = over("{}");
    let other_name = named("elsewhere.example/app");
    check(vec![
        case(
            "signed",
            with_signatures(&[good()]),
            signed(json!({})),
            "ok",
        ),
        case(
            "one of many",
            with_signatures(&[layer(&legacy("other", REPOSITORY, DIGEST)), good()]),
            signed(json!({})),
            "ok",
        ),
        case(
            "nothing is there",
            Table::default(),
            signed(json!({})),
            "evidence.missing",
        ),
        case(
            "by another key",
            with_signatures(&[layer(&legacy("other", REPOSITORY, DIGEST))]),
            signed(json!({})),
            "signature.invalid",
        ),
        case(
            "no layers",
            with_signatures(&[]),
            signed(json!({})),
            "evidence.missing",
        ),
        case(
            "another layer",
            with(|layer| layer["mediaType"] = "text/plain".into()),
            signed(json!({})),
            "evidence.missing",
        ),
        case(
            "annotations are forged",
            with(|layer| {
                layer["annotations"]["dev.cosignproject.cosign/signature"] = "MEUCIQ==".into()
            }),
            signed(json!({})),
            "signature.invalid",
        ),
        case(
            "no annotations",
            with(|layer| layer["annotations"] = Value::Null),
            signed(json!({})),
            "legacy-signature.missing",
        ),
        unavailable(
            "annotations are no texts",
            with(|layer| layer["annotations"]["x"] = 1.into()),
            signed(json!({})),
            "kubewarden.answer-malformed",
        ),
        unavailable(
            "a digest of something else",
            with(|layer| layer["digest"] = OTHER_DIGEST.into()),
            signed(json!({})),
            "kubewarden.payload-unknown",
        ),
        unavailable(
            "a digest that is none",
            with(|layer| layer["digest"] = "sha256:".into()),
            signed(json!({})),
            "kubewarden.payload-unknown",
        ),
        unavailable(
            "no digest",
            with(|layer| layer["digest"] = Value::Null),
            signed(json!({})),
            "kubewarden.answer-malformed",
        ),
        unavailable(
            "about the neighbour",
            with_signatures(&[neighbour]),
            signed(json!({})),
            "kubewarden.payload-unknown",
        ),
        unavailable(
            "over another text",
            with_signatures(&[layer(&unrelated)]),
            signed(json!({})),
            "kubewarden.payload-unknown",
        ),
        unavailable(
            "under another name",
            with_signatures(core::slice::from_ref(&other_name)),
            signed(json!({})),
            "kubewarden.payload-unknown",
        ),
        case(
            "what cannot be rebuilt does not matter",
            with_signatures(&[other_name.clone(), good()]),
            signed(json!({})),
            "ok",
        ),
        case(
            "under the name at the source",
            with_signatures(&[other_name]),
            signed(
                json!({"images": {"mirrors": [{"from": "registry.example/octo-org", "to": "elsewhere.example"}]}}),
            ),
            "ok",
        ),
        case(
            "the host gives the text",
            with_signatures(&[layer(&unrelated)]).blob(REPOSITORY, &sha256(b"{}"), b"{}"),
            signed(json!({})),
            "simple-signing.malformed",
        ),
        unavailable(
            "the host gives another text",
            with_signatures(&[layer(&unrelated)]).blob(REPOSITORY, &sha256(b"{}"), b"[]"),
            signed(json!({})),
            "kubewarden.digest-mismatch",
        ),
        unavailable(
            "too many layers",
            with_signatures(&vec![good(); 129]),
            signed(json!({})),
            "limit.evidence-pieces",
        ),
        unavailable(
            "no manifest",
            Table::default().answer("v1/oci_manifest", SIG, json!([])),
            signed(json!({})),
            "kubewarden.answer-malformed",
        ),
        unavailable(
            "no JSON",
            Table::default().bytes("v1/oci_manifest", SIG, b"<html>"),
            signed(json!({})),
            "kubewarden.answer-malformed",
        ),
    ]);
}

#[test]
fn docker_hub_has_two_names() {
    let digest = format!("nginx@{DIGEST}");
    for name in ["index.docker.io/library/nginx", "docker.io/library/nginx"] {
        let table = Table::default().signatures("docker.io/library/nginx", DIGEST, &[named(name)]);
        let response = validate(&VALIDATING, &pod(&[&digest]), &signed(json!({})), table);
        assert_eq!(code(&response), "ok", "{name}");
    }
}

#[test]
fn annotations_that_rules_ask_for() {
    let asking = |annotations: Value| {
        let signature = json!({"signedBy": ["release"], "annotations": annotations});
        settings(
            json!([{"name": "signed", "images": ["**"], "signature": signature}]),
            json!({}),
        )
    };
    let exact = || asking(json!({"env": {"exact": "prod <1>"}, "a": {"exact": "b"}}));
    let right = || layer(&annotated(r#"{"a":"b","env":"prod \u003c1\u003e"}"#));
    let more = layer(&annotated(
        r#"{"a":"b","c":"d","env":"prod \u003c1\u003e"}"#,
    ));
    check(vec![
        case("as asked for", with_signatures(&[right()]), exact(), "ok"),
        case(
            "without",
            with_signatures(&[named(REPOSITORY)]),
            exact(),
            "signature.annotation-mismatch",
        ),
        unavailable(
            "with more",
            with_signatures(&[more]),
            exact(),
            "kubewarden.payload-unknown",
        ),
        unavailable(
            "a pattern names none",
            with_signatures(&[right()]),
            asking(json!({"a": {"glob": "b*"}})),
            "kubewarden.payload-unknown",
        ),
    ]);
}

#[test]
fn carriers() {
    let with = |pieces: Value| Table::default().carrier(REPOSITORY, DIGEST, pieces);
    let good = || bundle(&provenance(DIGEST));
    let config = |answer: Value| Table::default().answer("v1/oci_manifest_config", CARRIER, answer);
    check(vec![
        case("a bundle", with(json!([good()])), built(json!({})), "ok"),
        case(
            "a layer",
            with(json!([piece(&legacy("release", REPOSITORY, DIGEST))])),
            signed(json!({})),
            "ok",
        ),
        case(
            "a bundle as a layer",
            with(json!([piece(&provenance(DIGEST))])),
            built(json!({})),
            "ok",
        ),
        case(
            "a signature under another name",
            with(json!([piece(&legacy(
                "release",
                "elsewhere.example/app",
                DIGEST
            ))])),
            signed(json!({})),
            "ok",
        ),
        case(
            "about the neighbour",
            with(json!([bundle(&provenance(OTHER_DIGEST))])),
            built(json!({})),
            "statement.subject-mismatch",
        ),
        case(
            "empty",
            with(json!([])),
            built(json!({})),
            "evidence.missing",
        ),
        case(
            "no carrier",
            Table::default(),
            built(json!({})),
            "evidence.missing",
        ),
        case(
            "a bundle without anything",
            with(json!([{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}])),
            built(json!({})),
            "bundle.field-missing",
        ),
        unavailable(
            "no bundle",
            with(json!([{}])),
            built(json!({})),
            "kubewarden.carrier-malformed",
        ),
        unavailable(
            "no array",
            with(json!({})),
            built(json!({})),
            "kubewarden.carrier-malformed",
        ),
        unavailable(
            "no base64",
            with(json!([{"mediaType": SIMPLE_SIGNING_MEDIA_TYPE, "content": "*"}])),
            built(json!({})),
            "kubewarden.carrier-malformed",
        ),
        unavailable(
            "one is broken",
            with(json!([1])),
            built(json!({})),
            "kubewarden.carrier-malformed",
        ),
        case(
            "a broken carrier does not matter",
            with(json!([1])).signatures(REPOSITORY, DIGEST, &[named(REPOSITORY)]),
            signed(json!({})),
            "ok",
        ),
        unavailable(
            "too many",
            with(json!(vec![json!({}); 129])),
            built(json!({})),
            "limit.evidence-pieces",
        ),
        unavailable(
            "no configuration",
            config(json!({"digest": DIGEST})),
            built(json!({})),
            "kubewarden.answer-malformed",
        ),
        unavailable(
            "no object",
            config(json!(1)),
            built(json!({})),
            "kubewarden.answer-malformed",
        ),
        unavailable(
            "nested too deeply",
            Table::default().bytes("v1/oci_manifest_config", CARRIER, "[".repeat(70).as_bytes()),
            built(json!({})),
            "kubewarden.answer-malformed",
        ),
    ]);
}

fn asking_config_map(settings: fn(Value) -> Value) -> Value {
    settings(
        json!({"evidenceSources": {"configMaps": [{"namespace": "sealstone", "name": "evidence"}]}}),
    )
}

#[test]
fn config_maps() {
    let name = DIGEST.replace(':', "-");
    let with = |text: Value| Table::default().config_map(json!({ &name: text }));
    let good = Value::from(json!([bundle(&provenance(DIGEST))]).to_string());
    let resource =
        |answer: Value| Table::default().answer("get_resource", config_map_request(), answer);
    let asking = || asking_config_map(built);
    check(vec![
        case("there", with(good.clone()), asking(), "ok"),
        case(
            "not asked for",
            with(good.clone()),
            built(json!({})),
            "evidence.missing",
        ),
        case(
            "nothing about the image",
            Table::default().config_map(json!({"x": good})),
            asking(),
            "evidence.missing",
        ),
        case(
            "no data",
            resource(json!({"kind": "ConfigMap"})),
            asking(),
            "evidence.missing",
        ),
        case(
            "no ConfigMap",
            Table::default(),
            asking(),
            "evidence.missing",
        ),
        unavailable(
            "no array",
            with("{}".into()),
            asking(),
            "kubewarden.carrier-malformed",
        ),
        unavailable(
            "no JSON",
            with("x".into()),
            asking(),
            "kubewarden.carrier-malformed",
        ),
        unavailable(
            "no text",
            with(json!([])),
            asking(),
            "kubewarden.carrier-malformed",
        ),
        unavailable(
            "data of another form",
            resource(json!({"data": []})),
            asking(),
            "kubewarden.answer-malformed",
        ),
        unavailable(
            "no object",
            resource(json!([])),
            asking(),
            "kubewarden.answer-malformed",
        ),
        unavailable(
            "the cluster does not answer",
            Table::default().failing("get_resource", "connection refused"),
            asking(),
            "kubewarden.cluster-unavailable",
        ),
        unavailable(
            "an old host",
            Table::default().failing("get_resource", "unknown namespace: kubernetes"),
            asking(),
            "kubewarden.capability-missing",
        ),
    ]);
    let table = Table::default();
    validate(
        &VALIDATING,
        &pod(&[&image()]),
        &built(json!({})),
        table.clone(),
    );
    assert_eq!(table.count("get_resource"), 0);
}

#[test]
fn referrers() {
    let with = |digest| Table::default().referrer(REPOSITORY, DIGEST, &[provenance(digest)]);
    let list = |answer: Value| Table::default().answer("v1/referrers", image(), answer);
    let lost = json!({"manifests": [{"digest": OTHER_DIGEST}]});
    check(vec![
        case("there", with(DIGEST), built(json!({})), "ok"),
        case(
            "about the neighbour",
            with(OTHER_DIGEST),
            built(json!({})),
            "statement.subject-mismatch",
        ),
        case(
            "none",
            list(json!({"manifests": []})),
            built(json!({})),
            "evidence.missing",
        ),
        unavailable(
            "a list that never ends",
            list(json!({"manifests": vec![json!({}); 129]})),
            built(json!({})),
            "limit.evidence-pieces",
        ),
        unavailable(
            "no list",
            list(json!({})),
            built(json!({})),
            "kubewarden.answer-malformed",
        ),
        unavailable(
            "listed and gone",
            list(lost),
            built(json!({})),
            "kubewarden.registry-unavailable",
        ),
        unavailable(
            "no blobs",
            with(DIGEST).failing("v1/blob", "unknown operation: v1/blob"),
            built(json!({})),
            "kubewarden.capability-missing",
        ),
        unavailable(
            "the registry fails",
            with(DIGEST).failing("v1/referrers", "Server error: code: 500"),
            built(json!({})),
            "kubewarden.registry-unavailable",
        ),
    ]);
}

/// A capability that the host does not know is asked for once an evaluation.
#[test]
fn what_the_host_does_not_know_is_remembered_within_the_call() {
    let table = Table::default();
    let images = [image(), format!("{REPOSITORY}@{OTHER_DIGEST}")];
    let images: Vec<&str> = images.iter().map(String::as_str).collect();
    for round in 1..=2 {
        validate(&VALIDATING, &pod(&images), &built(json!({})), table.clone());
        assert_eq!(table.count("v1/referrers"), round);
        assert_eq!(table.count("v1/oci_manifest_config"), 2 * round);
        assert_eq!(
            table.count("v1/oci_manifest"),
            0,
            "no rule asks for a signature"
        );
    }
}

/// Whatever a host says beside that something is not there, it is unavailable.
#[test]
fn absent_and_unavailable() {
    let texts = [
        (
            "Callback evaluation failure: connection refused: secret",
            "kubewarden.registry-unavailable",
        ),
        (
            "Not authorized: url https://registry.example/v2/manifest unknown/x secret",
            "kubewarden.registry-unavailable",
        ),
        ("", "kubewarden.registry-unavailable"),
        (
            "Policy has not been granted access to the 'oci/v1/oci_manifest' host capability",
            "kubewarden.capability-denied",
        ),
        (
            "unknown operation: v1/oci_manifest",
            "kubewarden.capability-missing",
        ),
    ];
    for operation in ["v1/oci_manifest", "v1/oci_manifest_config"] {
        for (text, reason) in texts {
            let table = Table::default().failing(operation, text);
            let lack = unavailable("fails", table, signed(json!({})), reason);
            let found = Table::default().carrier(
                REPOSITORY,
                DIGEST,
                json!([piece(&legacy("release", REPOSITORY, DIGEST))]),
            );
            let enough = case(
                "enough without it",
                found.failing("v1/oci_manifest", text),
                signed(json!({})),
                "ok",
            );
            check(vec![lack, enough]);
        }
        let table = Table::default().failing(operation, MANIFEST_UNKNOWN);
        check(vec![case(
            "absent",
            table,
            signed(json!({})),
            "evidence.missing",
        )]);
    }
}

#[test]
fn tags() {
    let tagged = format!("{REPOSITORY}:v1");
    let signatures = || with_signatures(&[named(REPOSITORY)]);
    let cases = [
        // The validating variant cannot pin, so that a tag that is allowed is denied.
        (
            signatures().tag(&tagged, DIGEST),
            "ok",
            "image.digest-required",
        ),
        (
            signatures().tag(&tagged, OTHER_DIGEST),
            "evidence.missing",
            "",
        ),
        (signatures(), "image.digest-missing", ""),
        (
            signatures().failing("v1/manifest_digest", "connection refused"),
            UNAVAILABLE,
            "kubewarden.registry-unavailable",
        ),
        (
            signatures().answer("v1/manifest_digest", tagged.as_str(), json!({})),
            UNAVAILABLE,
            "kubewarden.answer-malformed",
        ),
        (
            signatures().tag(&tagged, "sha256:x"),
            UNAVAILABLE,
            "kubewarden.answer-malformed",
        ),
        (
            signatures().failing(
                "v1/manifest_digest",
                "unknown operation: v1/manifest_digest",
            ),
            UNAVAILABLE,
            "kubewarden.capability-missing",
        ),
    ];
    for (table, expected, reason) in cases {
        let response = validate(&VALIDATING, &pod(&[&tagged]), &signed(json!({})), table);
        let decision = super::world::decision(&response);
        assert_eq!(decision["images"][0]["code"], expected, "{response}");
        assert_eq!(response["accepted"], false);
        let message = response["message"].as_str().unwrap_or_default();
        assert!(message.contains(reason), "{message}");
    }
    // What runs without a tag runs as `latest`.
    let table = signatures().tag(&format!("{REPOSITORY}:latest"), DIGEST);
    let response = validate(&VALIDATING, &pod(&[REPOSITORY]), &signed(json!({})), table);
    assert_eq!(
        super::world::decision(&response)["reason"],
        "image.digest-required"
    );
}

/// What the policy and the object carry counts without a registry.
#[test]
fn carried() {
    let down = || {
        let table = Table::default().failing("v1/oci_manifest_config", "connection refused");
        table.failing("v1/oci_manifest", "connection refused")
    };
    let evidence = json!([{"digest": DIGEST, "bundles": [bundle(&provenance(DIGEST))]}]);
    check(vec![
        case(
            "by the policy",
            down(),
            built(json!({"evidence": evidence})),
            "ok",
        ),
        unavailable(
            "nothing",
            down(),
            built(json!({})),
            "kubewarden.registry-unavailable",
        ),
    ]);
    let mut request = pod(&[&image()]);
    let annotation = json!([bundle(&provenance(DIGEST))]).to_string();
    request["object"]["metadata"]["annotations"] = json!({"sealstone.dev/evidence": annotation});
    let response = validate(&VALIDATING, &request, &built(json!({})), down());
    assert_eq!(code(&response), "ok");
}
