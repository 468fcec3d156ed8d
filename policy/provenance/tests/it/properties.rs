//! What provenance claims about the build itself.

use sealstone_provenance::{PropertyClaim, Provenance};

use crate::support::{V01, V1, V02, read};

const BUILDKIT_V1: &str =
    "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md";

fn holds(claim: Option<PropertyClaim>) -> Option<bool> {
    claim.map(|claim| claim.holds)
}

fn buildkit_v02(metadata: &str) -> Result<Provenance, sealstone_provenance::Error> {
    read(
        V02,
        &format!(
            r#"{{"builder":{{"id":""}},"buildType":"https://mobyproject.org/buildkit@v1","metadata":{metadata}}}"#
        ),
    )
}

fn buildkit_v1(metadata: &str) -> Result<Provenance, sealstone_provenance::Error> {
    read(
        V1,
        &format!(
            r#"{{"buildDefinition":{{"buildType":"{BUILDKIT_V1}","externalParameters":{{}}}},"runDetails":{{"builder":{{"id":""}},"metadata":{metadata}}}}}"#
        ),
    )
}

#[test]
fn hermetic_and_reproducible() {
    // Complete materials do not make a BuildKit build hermetic: it may have used the network.
    let complete = r#"{"completeness":{"parameters":true,"environment":true,"materials":true}}"#;
    let provenance = buildkit_v02(complete).unwrap();
    assert_eq!(provenance.hermetic, None);
    assert_eq!(provenance.reproducible, None);
    for (text, value) in [("true", true), ("false", false)] {
        let metadata = format!(
            r#"{{"https://mobyproject.org/buildkit@v1#hermetic":{text},"reproducible":{text}}}"#
        );
        let provenance = buildkit_v02(&metadata).unwrap();
        assert_eq!(
            provenance.hermetic,
            Some(PropertyClaim {
                holds: value,
                path: "https://mobyproject.org/buildkit@v1#hermetic"
            })
        );
        assert_eq!(
            provenance.reproducible,
            Some(PropertyClaim {
                holds: value,
                path: "metadata.reproducible"
            })
        );
        let metadata = format!(r#"{{"buildkit_hermetic":{text},"buildkit_reproducible":{text}}}"#);
        let provenance = buildkit_v1(&metadata).unwrap();
        assert_eq!(
            provenance.hermetic,
            Some(PropertyClaim {
                holds: value,
                path: "runDetails.metadata.buildkit_hermetic"
            })
        );
        assert_eq!(
            provenance.reproducible,
            Some(PropertyClaim {
                holds: value,
                path: "runDetails.metadata.buildkit_reproducible"
            })
        );
        // Everybody else's complete materials.
        for (version, build) in [
            (V01, r#""recipe":{"type":"t"}"#),
            (V02, r#""buildType":"t""#),
        ] {
            let predicate = format!(
                r#"{{"builder":{{"id":"b"}},{build},"metadata":{{"completeness":{{"materials":{text}}}}}}}"#
            );
            let provenance = read(version, &predicate).unwrap();
            assert_eq!(
                provenance.hermetic,
                Some(PropertyClaim {
                    holds: value,
                    path: "metadata.completeness.materials"
                })
            );
        }
    }
    assert_eq!(buildkit_v1("{}").unwrap().hermetic, None);
    for metadata in [
        r#"{"https://mobyproject.org/buildkit@v1#hermetic":"true"}"#,
        r#"{"reproducible":"true"}"#,
        r#"{"completeness":{"materials":1}}"#,
        r#"{"completeness":{"environment":1}}"#,
        r#"{"completeness":{"parameters":1}}"#,
        r#"{"completeness":[]}"#,
    ] {
        let error = buildkit_v02(metadata).unwrap_err();
        assert_eq!(error.code(), "provenance.field-malformed", "{metadata}");
    }
    for metadata in [
        r#"{"buildkit_hermetic":"true"}"#,
        r#"{"buildkit_reproducible":1}"#,
    ] {
        let error = buildkit_v1(metadata).unwrap_err();
        assert_eq!(error.code(), "provenance.field-malformed", "{metadata}");
    }
    // v1 itself has no such fields: other producers cannot claim them.
    let other = read(
        V1,
        r#"{"buildDefinition":{"buildType":"t","externalParameters":{}},"runDetails":{"builder":{"id":"b"},"metadata":{"buildkit_hermetic":true,"buildkit_reproducible":true}}}"#,
    )
    .unwrap();
    assert_eq!((other.hermetic, other.reproducible), (None, None));
}

fn generated(parameters: &str, complete: &str, event: &str, payload: &str) -> Provenance {
    let predicate = format!(
        r#"{{"builder":{{"id":"b"}},"buildType":"https://github.com/slsa-framework/slsa-github-generator/container@v1",
        "invocation":{{"configSource":{{"uri":"git+https://github.com/o/r@refs/heads/main"}},"parameters":{parameters},
        "environment":{{"github_event_name":"{event}"{payload}}}}},"metadata":{{"completeness":{{"parameters":{complete}}}}},
        "materials":[{{"uri":"git+https://github.com/o/r@refs/heads/main"}}]}}"#
    );
    read(V02, &predicate).expect(&predicate)
}

#[test]
fn parameterless_of_v02() {
    let payload = |inputs: &str| format!(r#","github_event_payload":{{"inputs":{inputs}}}"#);
    let cases = [
        ("{}", "true", "push", String::new(), Some(true)),
        ("null", "true", "push", String::new(), Some(true)),
        ("{\"a\":1}", "true", "push", String::new(), Some(false)),
        ("{}", "false", "push", String::new(), Some(false)),
        ("{}", "null", "push", String::new(), None),
        (
            "{}",
            "true",
            "workflow_dispatch",
            String::new(),
            Some(false),
        ),
        (
            "{}",
            "true",
            "workflow_dispatch",
            payload("null"),
            Some(true),
        ),
        ("{}", "true", "workflow_dispatch", payload("{}"), Some(true)),
        (
            "{}",
            "true",
            "workflow_dispatch",
            payload(r#"{"a":"b"}"#),
            Some(false),
        ),
        (
            "{}",
            "true",
            "workflow_dispatch",
            payload("[]"),
            Some(false),
        ),
        // What started it is not said.
        ("{}", "true", "", String::new(), Some(false)),
    ];
    for (parameters, complete, event, payload, expected) in cases {
        let provenance = generated(parameters, complete, event, &payload);
        assert_eq!(
            holds(provenance.parameterless),
            expected,
            "{parameters} {complete} {event} {payload}"
        );
    }
}

fn workflow(more: &str, event: &str) -> Provenance {
    let predicate = format!(
        r#"{{"buildDefinition":{{"buildType":"https://actions.github.io/buildtypes/workflow/v1",
        "externalParameters":{{"workflow":{{"ref":"refs/heads/main","repository":"https://github.com/o/r","path":"x.yml"}}{more}}},
        "internalParameters":{{"github":{event}}},
        "resolvedDependencies":[{{"uri":"git+https://github.com/o/r@refs/heads/main"}}]}},"runDetails":{{"builder":{{"id":"b"}}}}}}"#
    );
    read(V1, &predicate).expect(&predicate)
}

#[test]
fn parameterless_of_v1() {
    let push = r#"{"event_name":"push"}"#;
    let dispatch = r#"{"event_name":"workflow_dispatch"}"#;
    for (more, event, expected) in [
        ("", push, Some(true)),
        (r#","inputs":{},"vars":null"#, push, Some(true)),
        (r#","inputs":{"a":"b"}"#, push, Some(false)),
        (r#","vars":{"a":"b"}"#, push, Some(false)),
        (r#","release":{"tag":"v1"}"#, push, Some(false)),
        (r#","inputs":{}"#, dispatch, Some(true)),
        (r#","inputs":{"a":"b"}"#, dispatch, Some(false)),
        // actions/attest does not write the inputs down.
        ("", dispatch, None),
        ("", "{}", None),
    ] {
        let provenance = workflow(more, event);
        assert_eq!(holds(provenance.parameterless), expected, "{more} {event}");
    }
}

#[test]
fn workflow_inputs() {
    let payload = r#","github_event_payload":{"inputs":{"version":"0.1.0","flag":true}}"#;
    let dispatched = generated("{}", "true", "workflow_dispatch", payload);
    assert_eq!(dispatched.workflow_input("version"), Some("0.1.0"));
    assert_eq!(dispatched.workflow_input("flag"), None);
    assert_eq!(dispatched.workflow_input("missing"), None);
    // Only a dispatch has inputs, whatever the payload says.
    let pushed = generated("{}", "true", "push", payload);
    assert_eq!(pushed.workflow_input("version"), None);
    let silent = generated("{}", "true", "workflow_dispatch", "");
    assert_eq!(silent.workflow_inputs, None);
    assert_eq!(silent.workflow_input("version"), None);
    let listed = workflow(
        r#","inputs":{"version":"0.1.0"}"#,
        r#"{"event_name":"workflow_dispatch"}"#,
    );
    assert_eq!(listed.workflow_input("version"), Some("0.1.0"));
}

#[test]
fn unverifiable_claims() {
    let v02 = |more: &str, metadata: &str, materials: &str| {
        let predicate = format!(
            r#"{{"builder":{{"id":"b"}},"buildType":"t"{more},"metadata":{metadata},"materials":{materials}}}"#
        );
        read(V02, &predicate).unwrap().unverifiable_claim()
    };
    let one = r#"[{"uri":"x"}]"#;
    let silent = r#"{"completeness":{"parameters":false,"environment":false,"materials":false},"reproducible":false}"#;
    assert_eq!(v02("", silent, one), None);
    assert_eq!(
        v02(
            r#","buildConfig":{},"invocation":{"parameters":{}}"#,
            "{}",
            one
        ),
        None
    );
    for (more, metadata, materials, path) in [
        (
            "",
            r#"{"buildStartedOn":"t"}"#,
            one,
            "metadata.buildStartedOn",
        ),
        (
            "",
            r#"{"buildFinishedOn":"t"}"#,
            one,
            "metadata.buildFinishedOn",
        ),
        (
            r#","invocation":{"parameters":{"a":1}}"#,
            "{}",
            one,
            "invocation.parameters",
        ),
        ("", "{}", "[]", "materials"),
        ("", "{}", r#"[{"uri":"x"},{"uri":"y"}]"#, "materials"),
        (r#","buildConfig":{"a":1}"#, "{}", one, "buildConfig"),
        (
            "",
            r#"{"completeness":{"parameters":true}}"#,
            one,
            "metadata.completeness.parameters",
        ),
        (
            "",
            r#"{"completeness":{"environment":true}}"#,
            one,
            "metadata.completeness.environment",
        ),
        (
            "",
            r#"{"completeness":{"materials":true}}"#,
            one,
            "metadata.completeness.materials",
        ),
        ("", r#"{"reproducible":true}"#, one, "metadata.reproducible"),
    ] {
        assert_eq!(v02(more, metadata, materials), Some(path), "{metadata}");
    }
    let v1 = |metadata: &str, dependencies: &str| {
        let predicate = format!(
            r#"{{"buildDefinition":{{"buildType":"t","externalParameters":{{}},"resolvedDependencies":{dependencies}}},
            "runDetails":{{"builder":{{"id":"b"}},"metadata":{metadata}}}}}"#
        );
        read(V1, &predicate).unwrap().unverifiable_claim()
    };
    assert_eq!(v1("{}", one), None);
    assert_eq!(
        v1(r#"{"startedOn":"t"}"#, one),
        Some("runDetails.metadata.startedOn")
    );
    assert_eq!(
        v1(r#"{"finishedOn":"t"}"#, one),
        Some("runDetails.metadata.finishedOn")
    );
    assert_eq!(v1("{}", "[]"), Some("buildDefinition.resolvedDependencies"));
}
