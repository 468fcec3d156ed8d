//! Requests of an admission webhook: which images they name, and which pass.

use sealstone_engine::{CompiledPolicy, Outcome};
use sealstone_verify::json::Value;

use crate::support::{NOW, compile, document, keyed_policy, step, text, value};

/// A policy with this `admission` section.
fn policy(admission: &str) -> CompiledPolicy {
    let policy = keyed_policy(r#"["**"]"#);
    let section = format!(r#"{{"admission":{admission},"#);
    compile(&policy.replacen('{', &section, 1))
}

fn put(target: &mut Value, path: &str, new: Value) {
    let (parents, last) = path.rsplit_once('/').unwrap();
    let mut current = target;
    for name in parents.split('/').skip(1) {
        current = match current {
            Value::Object(members) => members.get_mut(name).unwrap(),
            Value::Array(items) => &mut items[name.parse::<usize>().unwrap()],
            _ => panic!("{path}"),
        };
    }
    match current {
        Value::Object(members) => drop(members.insert(last.to_owned(), new)),
        Value::Array(items) if last == "-" => items.push(new),
        Value::Array(items) => items[last.parse::<usize>().unwrap()] = new,
        _ => panic!("{path}"),
    }
}

/// A request to create an object of that group and kind.
fn create(group: &str, kind: &str, object: &str) -> Value {
    value(&format!(
        r#"{{"uid":"u-1","kind":{{"group":"{group}","version":"v1","kind":"{kind}"}},
        "resource":{{"group":"{group}","version":"v1","resource":"x"}},"operation":"CREATE",
        "namespace":"prod","name":"web","userInfo":{{"username":"eve","groups":["dev","system:authenticated"]}},
        "dryRun":false,"object":{object},"oldObject":null,"options":{{"fieldManager":"x"}},"newMember":1}}"#
    ))
}

const POD_SPEC: &str = r#"{"containers":[{"name":"a","image":"ghcr.io/o/a"},{"name":"b","image":"ghcr.io/o/b"}],
    "initContainers":[{"name":"i","image":"ghcr.io/o/i"}],
    "ephemeralContainers":[{"name":"e","image":"ghcr.io/o/e"}],
    "volumes":[{"name":"v","image":{"reference":"ghcr.io/o/v","pullPolicy":"Always"}},{"name":"w","emptyDir":{}},{"name":"n","image":null}]}"#;

fn pod() -> Value {
    let labels = r#"{"app":"web"}"#;
    create(
        "",
        "Pod",
        &format!(
            r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"labels":{labels}}},"spec":{POD_SPEC}}}"#
        ),
    )
}

/// A request to update an object that was the same.
fn update(mut request: Value) -> Value {
    let before = request.get("object").unwrap().clone();
    put(&mut request, "/operation", "UPDATE".into());
    put(&mut request, "/oldObject", before);
    request
}

fn with(mut request: Value, path: &str, json: &str) -> Value {
    put(&mut request, path, value(json));
    request
}

fn review(request: &Value) -> String {
    format!(
        r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}}"#,
        request.to_canonical_string()
    )
}

fn images(policy: &CompiledPolicy, request: &Value) -> Vec<String> {
    let of_review = policy.images(review(request).as_bytes()).unwrap();
    let bare = policy.images(request.to_canonical_string().as_bytes());
    assert_eq!(bare.unwrap(), of_review);
    of_review.into_iter().map(|image| image.reference).collect()
}

/// The code of the reason for which the request passes, or of what is wrong with it; empty where
/// its images are decided.
fn code(policy: &CompiledPolicy, request: &Value) -> String {
    let decision = policy.decide(review(request).as_bytes(), &[], NOW);
    let document = document(&decision);
    let reason = text(&document, &["reason", "code"]);
    match decision.outcome() {
        Outcome::Allowed => {
            assert_eq!(step(&document, &["images"]), Some(&Value::Array(vec![])));
            assert_eq!(images(policy, request), Vec::<String>::new());
            assert!(!reason.is_empty());
            reason
        }
        Outcome::Invalid => {
            assert_eq!(reason, "");
            text(&document, &["problem", "code"])
        }
        _ => {
            assert_eq!(reason, "");
            assert!(!images(policy, request).is_empty());
            String::new()
        }
    }
}

#[test]
fn every_kind_and_every_list() {
    let policy = policy("{}");
    let template = format!(r#"{{"spec":{{"template":{{"spec":{POD_SPEC}}}}}}}"#);
    let cases = [
        ("", "Pod", format!(r#"{{"spec":{POD_SPEC}}}"#)),
        (
            "",
            "PodTemplate",
            format!(r#"{{"template":{{"spec":{POD_SPEC}}}}}"#),
        ),
        ("", "ReplicationController", template.clone()),
        ("apps", "DaemonSet", template.clone()),
        ("apps", "Deployment", template.clone()),
        ("apps", "ReplicaSet", template.clone()),
        ("apps", "StatefulSet", template.clone()),
        ("batch", "Job", template.clone()),
        (
            "batch",
            "CronJob",
            format!(r#"{{"spec":{{"jobTemplate":{template}}}}}"#),
        ),
    ];
    let all = ["a", "b", "e", "i", "v"].map(|name| format!("ghcr.io/o/{name}"));
    for (group, kind, object) in cases {
        let request = create(group, kind, &object);
        assert_eq!(images(&policy, &request), all, "{kind}");
        assert_eq!(code(&policy, &request), "", "{kind}");
        for operation in ["UPDATE", "CONNECT"] {
            let request = with(request.clone(), "/operation", &format!("\"{operation}\""));
            assert_eq!(images(&policy, &request), all, "{kind} {operation}");
        }
        // Another group or version may keep images elsewhere.
        for (path, other) in [("/kind/group", "\"example\""), ("/kind/version", "\"v2\"")] {
            let request = with(request.clone(), path, other);
            assert_eq!(code(&policy, &request), "request.kind-unknown", "{kind}");
        }
    }
}

#[test]
fn operations_and_subresources() {
    let policy = policy("{}");
    let on = |path: &str, json: &str| code(&policy, &with(pod(), path, json));
    assert_eq!(on("/operation", "\"DELETE\""), "request.operation-passes");
    assert_eq!(on("/operation", "\"PATCH\""), "request.operation-unknown");
    assert_eq!(on("/operation", "\"create\""), "request.operation-unknown");
    assert_eq!(on("/subResource", "\"ephemeralcontainers\""), "");
    assert_eq!(on("/subResource", "\"\""), "");
    assert_eq!(on("/subResource", "null"), "");
    for subresource in ["status", "resize", "scale", "binding", "eviction", "exec"] {
        assert_eq!(
            on("/subResource", &format!("\"{subresource}\"")),
            "request.subresource-passes"
        );
    }
    assert_eq!(
        on("/subResource", "\"other\""),
        "request.subresource-unknown"
    );
    let deployment = with(
        pod(),
        "/kind",
        r#"{"group":"apps","version":"v1","kind":"Deployment"}"#,
    );
    assert_eq!(
        code(
            &policy,
            &with(deployment, "/subResource", "\"ephemeralcontainers\"")
        ),
        "request.subresource-unknown"
    );
    // What is connected to names no image.
    let mut connect = with(pod(), "/kind/kind", "\"NodeProxyOptions\"");
    put(&mut connect, "/operation", "CONNECT".into());
    assert_eq!(code(&policy, &connect), "request.kind-unknown");
    put(&mut connect, "/subResource", "other".into());
    assert_eq!(code(&policy, &connect), "request.operation-passes");
}

#[test]
fn malformed_requests() {
    let policy = policy("{}");
    let cases = [
        ("/uid", "null", "request.wrong-type", "/uid"),
        ("/uid", "\"\"", "request.empty", "/uid"),
        ("/kind", "\"Pod\"", "request.wrong-type", "/kind"),
        ("/kind/kind", "1", "request.wrong-type", "/kind/kind"),
        ("/kind/group", "1", "request.wrong-type", "/kind/group"),
        ("/kind/version", "\"\"", "request.empty", "/kind/version"),
        (
            "/kind",
            r#"{"group":"","version":"v1"}"#,
            "request.missing-field",
            "/kind/kind",
        ),
        ("/operation", "1", "request.wrong-type", "/operation"),
        ("/subResource", "1", "request.wrong-type", "/subResource"),
        ("/namespace", "[]", "request.wrong-type", "/namespace"),
        ("/name", "{}", "request.wrong-type", "/name"),
        ("/dryRun", "\"true\"", "request.wrong-type", "/dryRun"),
        ("/userInfo", "\"eve\"", "request.wrong-type", "/userInfo"),
        (
            "/userInfo/username",
            "1",
            "request.wrong-type",
            "/userInfo/username",
        ),
        (
            "/userInfo/groups",
            "\"dev\"",
            "request.wrong-type",
            "/userInfo/groups",
        ),
        (
            "/userInfo/groups",
            "[1]",
            "request.wrong-type",
            "/userInfo/groups",
        ),
        ("/object", "null", "request.missing-field", "/object"),
        ("/object", "[]", "request.wrong-type", "/object"),
        (
            "/object/kind",
            "\"Deployment\"",
            "request.kind-mismatch",
            "/object/kind",
        ),
        ("/object/kind", "1", "request.kind-mismatch", "/object/kind"),
        (
            "/object/metadata",
            "1",
            "request.wrong-type",
            "/object/metadata",
        ),
        (
            "/object/metadata/labels",
            "[]",
            "request.wrong-type",
            "/object/metadata/labels",
        ),
        (
            "/object/metadata/labels",
            r#"{"a":1}"#,
            "request.wrong-type",
            "/object/metadata/labels",
        ),
        ("/object/spec", "null", "request.no-images", "/object"),
        ("/object/spec", "{}", "request.no-images", "/object"),
        ("/object/spec", "[]", "request.wrong-type", "/object/spec"),
        (
            "/object/spec/containers",
            "{}",
            "request.wrong-type",
            "/object/spec/containers",
        ),
        (
            "/object/spec/containers/1",
            "\"x\"",
            "request.wrong-type",
            "/object/spec/containers/1",
        ),
        (
            "/object/spec/containers/1",
            r#"{"name":"b"}"#,
            "request.missing-field",
            "/object/spec/containers/1/image",
        ),
        (
            "/object/spec/containers/1/image",
            "null",
            "request.wrong-type",
            "/object/spec/containers/1/image",
        ),
        (
            "/object/spec/containers/1/image",
            "\"\"",
            "request.empty",
            "/object/spec/containers/1/image",
        ),
        (
            "/object/spec/containers/1/name",
            "1",
            "request.wrong-type",
            "/object/spec/containers/1/name",
        ),
        (
            "/object/spec/initContainers/0/image",
            "\"A\"",
            "image.reference-malformed",
            "/object/spec/initContainers/0/image",
        ),
        (
            "/object/spec/ephemeralContainers/0/image",
            "\" a\"",
            "image.reference-malformed",
            "/object/spec/ephemeralContainers/0/image",
        ),
        (
            "/object/spec/volumes/0/image",
            "\"a\"",
            "request.wrong-type",
            "/object/spec/volumes/0/image",
        ),
        (
            "/object/spec/volumes/0/image",
            "{}",
            "request.missing-field",
            "/object/spec/volumes/0/image/reference",
        ),
        (
            "/object/spec/volumes/0/image/reference",
            "1",
            "request.wrong-type",
            "/object/spec/volumes/0/image/reference",
        ),
    ];
    for (path, json, code, place) in cases {
        let request = with(pod(), path, json);
        for (bytes, prefix) in [
            (review(&request), "/request"),
            (request.to_canonical_string(), ""),
        ] {
            let problem = policy.images(bytes.as_bytes()).unwrap_err();
            let place = format!("{prefix}{place}");
            assert_eq!((problem.code, problem.path), (code, place), "{path} {json}");
            let decision = policy.decide(bytes.as_bytes(), &[], NOW);
            assert_eq!(decision.outcome(), Outcome::Invalid);
        }
    }
}

#[test]
fn forms_of_a_review() {
    let policy = policy("{}");
    let request = pod().to_canonical_string();
    let v1 = "admission.k8s.io/v1";
    let cases = [
        (
            format!(
                r#"{{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{request}}}"#
            ),
            "request.version-unknown",
            "/apiVersion",
        ),
        (
            format!(r#"{{"kind":"AdmissionReview","request":{request}}}"#),
            "request.version-unknown",
            "/apiVersion",
        ),
        (
            format!(r#"{{"apiVersion":"{v1}","kind":"Review","request":{request}}}"#),
            "request.version-unknown",
            "/kind",
        ),
        (
            format!(r#"{{"apiVersion":"{v1}","kind":"AdmissionReview"}}"#),
            "request.missing-field",
            "/request",
        ),
        (
            format!(r#"{{"apiVersion":"{v1}","kind":"AdmissionReview","request":null}}"#),
            "request.wrong-type",
            "/request",
        ),
        // A list of images beside a request: which of them is meant?
        (
            format!(r#"{{"images":[{{"reference":"a"}}],"request":{request}}}"#),
            "request.unknown-field",
            "/request",
        ),
        (
            r#"{"images":[{"reference":"a"}],"operation":"DELETE"}"#.to_owned(),
            "request.unknown-field",
            "/operation",
        ),
        (
            r#"{"images":[{"reference":"a"}],"namespace":1}"#.to_owned(),
            "request.wrong-type",
            "/namespace",
        ),
        (
            r#"{"images":[{"reference":"a"}],"labels":{"a":1}}"#.to_owned(),
            "request.wrong-type",
            "/labels",
        ),
    ];
    for (request, code, path) in cases {
        let problem = policy.images(request.as_bytes()).unwrap_err();
        assert_eq!(
            (problem.code, problem.path.as_str()),
            (code, path),
            "{request}"
        );
    }
}

#[test]
fn custom_resources() {
    let policy = policy(
        r#"{"resources":[
        {"group":"argoproj.io","version":"v1","kind":"Rollout","podSpecs":["spec.template.spec"]},
        {"group":"tekton.dev","version":"v1","kind":"Task","images":["spec.steps[*].image","spec.stepTemplate.image"]},
        {"group":"x","version":"v1","kind":"Maybe","images":["spec.image"],"insecureAllowNoImages":true}]}"#,
    );
    let rollout = create(
        "argoproj.io",
        "Rollout",
        &format!(r#"{{"spec":{{"template":{{"spec":{POD_SPEC}}}}}}}"#),
    );
    assert_eq!(images(&policy, &rollout).len(), 5);
    let task = |spec: &str| create("tekton.dev", "Task", &format!(r#"{{"spec":{spec}}}"#));
    let cases: [(&str, &[&str]); 4] = [
        (
            r#"{"steps":[{"image":"a"},{"image":"b"},{"script":"x"}]}"#,
            &["a", "b"],
        ),
        (
            r#"{"steps":[{"image":"a"},{"image":"a"}],"stepTemplate":{"image":"c"}}"#,
            &["a", "c"],
        ),
        (r#"{"steps":null,"stepTemplate":{"image":"c"}}"#, &["c"]),
        (r#"{"steps":[],"stepTemplate":{"image":"c"}}"#, &["c"]),
    ];
    for (spec, found) in cases {
        assert_eq!(images(&policy, &task(spec)), found, "{spec}");
    }
    let cases = [
        ("{}", "request.no-images", "/request/object"),
        ("null", "request.no-images", "/request/object"),
        ("1", "request.wrong-type", "/request/object/spec"),
        (
            r#"{"steps":{}}"#,
            "request.wrong-type",
            "/request/object/spec/steps",
        ),
        (
            r#"{"steps":["a"]}"#,
            "request.wrong-type",
            "/request/object/spec/steps/0",
        ),
        (
            r#"{"steps":[{"image":1}]}"#,
            "request.wrong-type",
            "/request/object/spec/steps/0/image",
        ),
        (
            r#"{"steps":[{"image":["a"]}]}"#,
            "request.wrong-type",
            "/request/object/spec/steps/0/image",
        ),
        (
            r#"{"steps":[{"image":""}]}"#,
            "request.empty",
            "/request/object/spec/steps/0/image",
        ),
    ];
    for (spec, code, path) in cases {
        let problem = policy.images(review(&task(spec)).as_bytes()).unwrap_err();
        assert_eq!(
            (problem.code, problem.path.as_str()),
            (code, path),
            "{spec}"
        );
    }
    let maybe = |spec: &str| create("x", "Maybe", &format!(r#"{{"spec":{spec}}}"#));
    assert_eq!(code(&policy, &maybe("{}")), "request.no-images-allowed");
    assert_eq!(code(&policy, &maybe(r#"{"image":"a"}"#)), "");
    assert_eq!(
        code(&policy, &maybe(r#"{"image":1}"#)),
        "request.wrong-type"
    );
    // Subresources of such kinds are not known.
    let sub = with(maybe("{}"), "/subResource", "\"other\"");
    assert_eq!(code(&policy, &sub), "request.subresource-unknown");
    let status = with(maybe("{}"), "/subResource", "\"status\"");
    assert_eq!(code(&policy, &status), "request.subresource-passes");
}

#[test]
fn other_kinds() {
    let secret = create("", "Secret", "{}");
    assert_eq!(code(&policy("{}"), &secret), "request.kind-unknown");
    let lenient = policy(r#"{"insecureIgnoreOtherKinds":true}"#);
    assert_eq!(code(&lenient, &secret), "request.kind-ignored");
    assert_eq!(code(&lenient, &pod()), "");
}

#[test]
fn exemptions() {
    let groups = policy(r#"{"insecureExemptGroups":["system:masters","dev"]}"#);
    assert_eq!(code(&groups, &pod()), "request.exempt-group");
    for others in [r#"["devs","de","system:authenticated"]"#, "[]", "null"] {
        assert_eq!(code(&groups, &with(pod(), "/userInfo/groups", others)), "");
    }
    assert_eq!(code(&groups, &with(pod(), "/userInfo", "null")), "");
    // The name of a user is no group.
    assert_eq!(
        code(&groups, &with(pod(), "/userInfo", r#"{"username":"dev"}"#)),
        ""
    );
    // An exempt user may do what is not known either.
    let secret = with(pod(), "/kind/kind", "\"Secret\"");
    assert_eq!(code(&groups, &secret), "request.exempt-group");
    // What cannot be read is refused whoever sends it.
    let malformed = with(pod(), "/dryRun", "1");
    assert_eq!(code(&groups, &malformed), "request.wrong-type");

    let system = policy(r#"{"insecureExempt":{"namespaces":["kube-*"]}}"#);
    assert_eq!(code(&system, &pod()), "");
    let there = with(pod(), "/namespace", "\"kube-system\"");
    assert_eq!(code(&system, &there), "request.exempt-selection");
    // The namespace is the request's; the object's own says nothing.
    let claimed = with(pod(), "/object/metadata/namespace", "\"kube-system\"");
    assert_eq!(code(&system, &claimed), "");
    let nowhere = with(pod(), "/namespace", "null");
    assert_eq!(code(&system, &nowhere), "");
    let others = policy(r#"{"insecureExempt":{"excludeNamespaces":["prod"]}}"#);
    assert_eq!(code(&others, &pod()), "");
    assert_eq!(code(&others, &nowhere), "");
    assert_eq!(code(&others, &there), "request.exempt-selection");
}

#[test]
fn updates_are_decided_in_full() {
    let policy = policy("{}");
    assert_eq!(images(&policy, &update(pod())).len(), 5);
}

#[test]
fn updates_that_change_no_image() {
    let policy = policy(r#"{"insecureSkipUnchangedUpdates":true}"#);
    let unchanged = update(pod());
    let on = |path: &str, json: &str| code(&policy, &with(unchanged.clone(), path, json));
    let passes = "request.images-unchanged";
    assert_eq!(code(&policy, &unchanged), passes);
    assert_eq!(on("/object/metadata/labels", "{}"), passes);
    assert_eq!(
        on(
            "/object/spec/containers",
            r#"[{"name":"b","image":"ghcr.io/o/b"}]"#
        ),
        passes
    );
    assert_eq!(
        on(
            "/object/spec/containers",
            r#"[{"name":"b","image":"ghcr.io/o/b"},{"name":"a","image":"ghcr.io/o/a"}]"#
        ),
        passes
    );
    // One image that is new, and all are decided.
    for (path, json) in [
        ("/object/spec/containers/0/image", "\"ghcr.io/o/a:v2\""),
        ("/object/spec/containers/0/image", "\"ghcr.io/o/b\""),
        (
            "/object/spec/containers/-",
            r#"{"name":"c","image":"ghcr.io/o/a"}"#,
        ),
        ("/object/spec/containers/-", r#"{"image":"ghcr.io/o/a"}"#),
        ("/object/spec/containers/0/name", "\"z\""),
        (
            "/object/spec/initContainers/-",
            r#"{"name":"a","image":"ghcr.io/o/a"}"#,
        ),
        ("/object/spec/volumes/0/image/reference", "\"ghcr.io/o/w\""),
        (
            "/object/spec/volumes/1/image",
            r#"{"reference":"ghcr.io/o/v"}"#,
        ),
        ("/oldObject", "null"),
        ("/oldObject", "{}"),
        ("/oldObject/spec/containers", "[]"),
        // The object as it was cannot be read: that is no reason to let pass, and none to refuse.
        ("/oldObject/spec/containers/0/image", "1"),
        ("/operation", "\"CREATE\""),
    ] {
        let request = with(unchanged.clone(), path, json);
        assert_eq!(code(&policy, &request), "", "{path} {json}");
        let all = images(&policy, &request);
        assert!(all.iter().any(|image| image == "ghcr.io/o/i"), "{path}");
    }
    // Two containers cannot change places.
    let mut swapped = unchanged.clone();
    put(
        &mut swapped,
        "/object/spec/containers/0/image",
        "ghcr.io/o/b".into(),
    );
    put(
        &mut swapped,
        "/object/spec/containers/1/image",
        "ghcr.io/o/a".into(),
    );
    assert_eq!(code(&policy, &swapped), "");
}

#[test]
fn objects_that_are_being_deleted() {
    let policy = policy("{}");
    let deleted = "\"2026-11-24T00:00:00Z\"";
    let both = |json: &str| {
        let request = with(pod(), "/object/metadata/deletionTimestamp", json);
        update(request)
    };
    assert_eq!(code(&policy, &both(deleted)), "request.being-deleted");
    assert_eq!(code(&policy, &both("null")), "");
    assert_eq!(code(&policy, &both("1")), "");
    // Only the API server has put it into the object as it was.
    let claimed = with(update(pod()), "/object/metadata/deletionTimestamp", deleted);
    assert_eq!(code(&policy, &claimed), "");
    let created = with(both(deleted), "/operation", "\"CREATE\"");
    assert_eq!(code(&policy, &created), "");
    let changed = with(
        both(deleted),
        "/object/spec/containers/0/image",
        "\"ghcr.io/o/z\"",
    );
    assert_eq!(code(&policy, &changed), "");
}

#[test]
fn the_decision_says_what_was_asked() {
    let policy = policy("{}");
    let mut request = with(pod(), "/userInfo/username", "\"e\\u001b[31mve`\"");
    put(&mut request, "/dryRun", true.into());
    let decision = policy.decide(review(&request).as_bytes(), &[], NOW);
    let found = document(&decision);
    assert_eq!(
        step(&found, &["request"]).unwrap().to_canonical_string(),
        r#"{"dryRun":true,"kind":"v1/Pod","name":"web","namespace":"prod","operation":"CREATE","uid":"u-1","user":"e\\u{1b}[31mve\\`"}"#
    );
    // A dry run is decided like any other request.
    let real = with(request, "/dryRun", "false");
    let real = policy.decide(review(&real).as_bytes(), &[], NOW);
    assert_eq!(real.outcome(), decision.outcome());
    assert_eq!(
        step(&document(&real), &["images"]),
        step(&found, &["images"])
    );
}
