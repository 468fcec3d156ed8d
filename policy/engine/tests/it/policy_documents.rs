//! Policy documents that are malformed in every way.

use sealstone_engine::{CompiledPolicy, NamedTrustedRoot};
use sealstone_verify::json::Value;

use crate::support::{KEY, ROOT, codes, problems, value};

/// A well-formed policy in which every kind of thing occurs.
fn policy() -> Value {
    let key = Value::from(KEY).to_canonical_string();
    value(&format!(
        r#"{{
        "apiVersion": "sealstone.dev/v1alpha1",
        "kind": "Policy",
        "metadata": {{"name": "example"}},
        "trustRoots": [{{"name": "root", "trustedRoot": {ROOT}}}],
        "authorities": [
            {{"name": "key", "key": {{"publicKey": {key}, "trustRoot": "root"}}}},
            {{"name": "insecure", "key": {{"publicKey": {key}, "insecureIgnoreTransparencyLog": true}}}}
        ],
        "rules": [
            {{"name": "signed", "images": ["ghcr.io/a/**"], "signature": {{"signedBy": ["key", "insecure"]}}}},
            {{"name": "built", "images": ["ghcr.io/**"], "provenance": {{
                "signedBy": ["key"],
                "source": {{"uri": "https://github.com/o/r", "ref": {{"exact": "refs/heads/main"}}}},
                "builder": {{"id": {{"glob": "https://builder.example/*"}}, "delegated": false}}
            }}}}
        ]}}"#
    ))
}

/// What to put at a path.
enum Edit {
    Remove,
    Put(&'static str),
}

fn edited(path: &str, edit: &Edit) -> String {
    let mut root = policy();
    let (parents, last) = path.rsplit_once('/').unwrap();
    let mut current = &mut root;
    for name in parents.split('/').skip(1) {
        current = match current {
            Value::Object(members) => members.get_mut(name).unwrap(),
            Value::Array(items) => items.get_mut(name.parse::<usize>().unwrap()).unwrap(),
            _ => panic!("{path}"),
        };
    }
    match (current, edit) {
        (Value::Object(members), Edit::Remove) => {
            members.remove(last).unwrap();
        }
        (Value::Object(members), Edit::Put(text)) => {
            members.insert(last.to_owned(), value(text));
        }
        (Value::Array(items), Edit::Put(text)) => {
            let index: usize = last.parse().unwrap();
            items.insert(index, value(text));
        }
        _ => panic!("{path}"),
    }
    root.to_canonical_string()
}

#[test]
fn well_formed() {
    let policy = policy().to_canonical_string();
    CompiledPolicy::compile(policy.as_bytes(), &[]).unwrap();
}

#[test]
fn not_a_document() {
    let deep = format!("{}1{}", "[".repeat(65), "]".repeat(65));
    for (text, code) in [
        ("", "policy.malformed"),
        ("kind: Policy", "policy.malformed"),
        ("{\"kind\": NaN}", "policy.malformed"),
        ("{} x", "policy.malformed"),
        ("{\"kind\":1,\"kind\":2}", "policy.duplicate-member"),
        (
            "{\"metadata\":{\"name\":\"a\",\"name\":\"a\"}}",
            "policy.duplicate-member",
        ),
        (deep.as_str(), "limit.json-nesting"),
        ("[]", "policy.wrong-type"),
        ("null", "policy.wrong-type"),
        ("\"Policy\"", "policy.wrong-type"),
    ] {
        assert_eq!(codes(&problems(text)), [(code, "")], "{text}");
    }
    let empty = problems("{}");
    assert_eq!(
        codes(&empty),
        [
            ("policy.missing-field", "/apiVersion"),
            ("policy.missing-field", "/authorities"),
            ("policy.missing-field", "/kind"),
            ("policy.missing-field", "/metadata"),
            ("policy.missing-field", "/rules"),
            ("policy.missing-field", "/trustRoots"),
        ]
    );
}

#[test]
fn one_problem_each() {
    use Edit::{Put, Remove};
    let cases = [
        (
            "/apiVersion",
            Put("\"sealstone.dev/v1\""),
            "policy.unknown-version",
            "/apiVersion",
        ),
        ("/apiVersion", Put("1"), "policy.wrong-type", "/apiVersion"),
        (
            "/kind",
            Put("\"Decision\""),
            "policy.unknown-version",
            "/kind",
        ),
        ("/kind", Put("\"\""), "policy.empty", "/kind"),
        ("/extra", Put("1"), "policy.unknown-field", "/extra"),
        ("/metadata", Put("1"), "policy.wrong-type", "/metadata"),
        (
            "/metadata/name",
            Remove,
            "policy.missing-field",
            "/metadata/name",
        ),
        (
            "/metadata/name",
            Put("\"\""),
            "policy.empty",
            "/metadata/name",
        ),
        (
            "/metadata/name",
            Put("\"a b\""),
            "policy.name-malformed",
            "/metadata/name",
        ),
        (
            "/metadata/name",
            Put("\"a\\u001b\""),
            "policy.name-malformed",
            "/metadata/name",
        ),
        (
            "/metadata/labels",
            Put("{}"),
            "policy.unknown-field",
            "/metadata/labels",
        ),
        // Trust roots.
        ("/trustRoots", Put("{}"), "policy.wrong-type", "/trustRoots"),
        (
            "/trustRoots/0",
            Put("1"),
            "policy.wrong-type",
            "/trustRoots/0",
        ),
        (
            "/trustRoots/0/name",
            Put("1"),
            "policy.wrong-type",
            "/trustRoots/0/name",
        ),
        (
            "/trustRoots/0/trustedRoot",
            Remove,
            "policy.trust-root-missing",
            "/trustRoots/0",
        ),
        (
            "/trustRoots/0/trustedRoot",
            Put("\"x\""),
            "policy.wrong-type",
            "/trustRoots/0/trustedRoot",
        ),
        (
            "/trustRoots/0/trustedRoot",
            Put("null"),
            "policy.wrong-type",
            "/trustRoots/0/trustedRoot",
        ),
        (
            "/trustRoots/0/trustedRoot/mediaType",
            Put("\"application/json\""),
            "trusted-root.media-type-unknown",
            "/trustRoots/0/trustedRoot",
        ),
        (
            "/trustRoots/0/trustedRoot/tlogs",
            Put("[]"),
            "trusted-root.empty",
            "/trustRoots/0/trustedRoot",
        ),
        (
            "/trustRoots/0/url",
            Put("\"x\""),
            "policy.unknown-field",
            "/trustRoots/0/url",
        ),
        (
            "/trustRoots/1",
            Put(r#"{"name":"other"}"#),
            "policy.trust-root-missing",
            "/trustRoots/1",
        ),
        (
            "/trustRoots/0/requirements",
            Put("1"),
            "policy.wrong-type",
            "/trustRoots/0/requirements",
        ),
        (
            "/trustRoots/0/requirements",
            Put(r#"{"transparencyLogThreshold":0}"#),
            "policy.threshold-out-of-range",
            "/trustRoots/0/requirements/transparencyLogThreshold",
        ),
        (
            "/trustRoots/0/requirements",
            Put(r#"{"signedCertificateTimestampThreshold":0}"#),
            "policy.threshold-out-of-range",
            "/trustRoots/0/requirements/signedCertificateTimestampThreshold",
        ),
        (
            "/trustRoots/0/requirements",
            Put(r#"{"observerTimestampThreshold":0}"#),
            "policy.threshold-out-of-range",
            "/trustRoots/0/requirements/observerTimestampThreshold",
        ),
        (
            "/trustRoots/0/requirements",
            Put(r#"{"observerTimestampThreshold":-1}"#),
            "policy.threshold-out-of-range",
            "/trustRoots/0/requirements/observerTimestampThreshold",
        ),
        (
            "/trustRoots/0/requirements",
            Put(r#"{"observerTimestampThreshold":17}"#),
            "policy.threshold-out-of-range",
            "/trustRoots/0/requirements/observerTimestampThreshold",
        ),
        (
            "/trustRoots/0/requirements",
            Put(r#"{"observerTimestampThreshold":1.5}"#),
            "policy.threshold-out-of-range",
            "/trustRoots/0/requirements/observerTimestampThreshold",
        ),
        (
            "/trustRoots/0/requirements",
            Put(r#"{"observerTimestampThreshold":"1"}"#),
            "policy.wrong-type",
            "/trustRoots/0/requirements/observerTimestampThreshold",
        ),
        (
            "/trustRoots/0/requirements",
            Put(r#"{"threshold":1}"#),
            "policy.unknown-field",
            "/trustRoots/0/requirements/threshold",
        ),
        // More than the trust root has.
        (
            "/trustRoots/0/requirements",
            Put(r#"{"transparencyLogThreshold":2}"#),
            "requirements.unmeetable",
            "/authorities/0/key/trustRoot",
        ),
        // Authorities.
        (
            "/authorities/0",
            Put("[]"),
            "policy.wrong-type",
            "/authorities/0",
        ),
        (
            "/authorities/0/key",
            Remove,
            "policy.exactly-one",
            "/authorities/0",
        ),
        (
            "/authorities/0/keyless",
            Put("{}"),
            "policy.exactly-one",
            "/authorities/0",
        ),
        (
            "/authorities/0/issuer",
            Put("1"),
            "policy.unknown-field",
            "/authorities/0/issuer",
        ),
        (
            "/authorities/0/name",
            Remove,
            "policy.missing-field",
            "/authorities/0/name",
        ),
        (
            "/authorities/0/key/publicKey",
            Remove,
            "policy.missing-field",
            "/authorities/0/key/publicKey",
        ),
        (
            "/authorities/0/key/publicKey",
            Put("\"x\""),
            "public-key.malformed",
            "/authorities/0/key/publicKey",
        ),
        (
            "/authorities/0/key/publicKey",
            Put("\"-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----\\n\""),
            "public-key.malformed",
            "/authorities/0/key/publicKey",
        ),
        (
            "/authorities/0/key/trustRoot",
            Remove,
            "policy.exactly-one",
            "/authorities/0/key",
        ),
        (
            "/authorities/0/key/trustRoot",
            Put("\"none\""),
            "policy.unknown-reference",
            "/authorities/0/key/trustRoot",
        ),
        (
            "/authorities/0/key/insecureIgnoreTransparencyLog",
            Put("true"),
            "policy.exactly-one",
            "/authorities/0/key",
        ),
        (
            "/authorities/1/key/insecureIgnoreTransparencyLog",
            Put("false"),
            "policy.exactly-one",
            "/authorities/1/key/insecureIgnoreTransparencyLog",
        ),
        (
            "/authorities/1/key/insecureIgnoreTransparencyLog",
            Put("1"),
            "policy.wrong-type",
            "/authorities/1/key/insecureIgnoreTransparencyLog",
        ),
        // Keyless authorities; this trust root has no certificate authority.
        (
            "/authorities/0",
            Put(
                r#"{"name":"k","keyless":{"trustRoot":"root","identities":[{"issuer":{"exact":"a"},"subject":{"exact":"b"}}]}}"#,
            ),
            "requirements.unmeetable",
            "/authorities/0/keyless/trustRoot",
        ),
        (
            "/authorities/0",
            Put(r#"{"name":"k","keyless":{"trustRoot":"root","identities":[]}}"#),
            "policy.empty",
            "/authorities/0/keyless/identities",
        ),
        (
            "/authorities/0",
            Put(r#"{"name":"k","keyless":{"trustRoot":"root"}}"#),
            "policy.missing-field",
            "/authorities/0/keyless/identities",
        ),
        (
            "/authorities/0",
            Put(
                r#"{"name":"k","keyless":{"trustRoot":"root","identities":[{"subject":{"exact":"b"}}]}}"#,
            ),
            "policy.missing-field",
            "/authorities/0/keyless/identities/0/issuer",
        ),
        (
            "/authorities/0",
            Put(
                r#"{"name":"k","keyless":{"trustRoot":"root","identities":[{"issuer":{"exact":"b"}}]}}"#,
            ),
            "policy.missing-field",
            "/authorities/0/keyless/identities/0/subject",
        ),
        (
            "/authorities/0",
            Put(
                r#"{"name":"k","keyless":{"trustRoot":"root","identities":[{"issuer":"a","subject":{"exact":"b"}}]}}"#,
            ),
            "policy.wrong-type",
            "/authorities/0/keyless/identities/0/issuer",
        ),
        // Rules.
        ("/rules", Put("[]"), "policy.empty", "/rules"),
        ("/rules/0", Put("1"), "policy.wrong-type", "/rules/0"),
        (
            "/rules/0/name",
            Remove,
            "policy.missing-field",
            "/rules/0/name",
        ),
        (
            "/rules/0/images",
            Remove,
            "policy.missing-field",
            "/rules/0/images",
        ),
        (
            "/rules/0/images",
            Put("[]"),
            "policy.empty",
            "/rules/0/images",
        ),
        (
            "/rules/0/images",
            Put("[\"\"]"),
            "policy.empty",
            "/rules/0/images/0",
        ),
        (
            "/rules/0/images",
            Put("[1]"),
            "policy.wrong-type",
            "/rules/0/images/0",
        ),
        (
            "/rules/0/images",
            Put("\"**\""),
            "policy.wrong-type",
            "/rules/0/images",
        ),
        (
            "/rules/0/signature",
            Remove,
            "policy.exactly-one",
            "/rules/0",
        ),
        (
            "/rules/0/provenance",
            Put("{}"),
            "policy.exactly-one",
            "/rules/0",
        ),
        (
            "/rules/0/mode",
            Put("\"warn\""),
            "policy.unknown-field",
            "/rules/0/mode",
        ),
        (
            "/rules/0/signature/signedBy",
            Remove,
            "policy.missing-field",
            "/rules/0/signature/signedBy",
        ),
        (
            "/rules/0/signature/signedBy",
            Put("[]"),
            "policy.empty",
            "/rules/0/signature/signedBy",
        ),
        (
            "/rules/0/signature/signedBy",
            Put("[1]"),
            "policy.wrong-type",
            "/rules/0/signature/signedBy/0",
        ),
        (
            "/rules/0/signature/signedBy",
            Put("[\"root\"]"),
            "policy.unknown-reference",
            "/rules/0/signature/signedBy/0",
        ),
        (
            "/rules/0/signature/signedBy",
            Put("[\"key\",\"key\"]"),
            "policy.duplicate-name",
            "/rules/0/signature/signedBy/1",
        ),
        (
            "/rules/0/signature/threshold",
            Put("0"),
            "policy.unknown-field",
            "/rules/0/signature/threshold",
        ),
        (
            "/rules/1/provenance/signedBy",
            Put("[]"),
            "policy.empty",
            "/rules/1/provenance/signedBy",
        ),
        (
            "/rules/1/provenance/source",
            Remove,
            "policy.missing-field",
            "/rules/1/provenance/source",
        ),
        (
            "/rules/1/provenance/source",
            Put("{}"),
            "policy.missing-field",
            "/rules/1/provenance/source/uri",
        ),
        (
            "/rules/1/provenance/source",
            Put("null"),
            "policy.wrong-type",
            "/rules/1/provenance/source",
        ),
        (
            "/rules/1/provenance/source/uri",
            Put("\"github.com/o/r\""),
            "policy.source-uri-malformed",
            "/rules/1/provenance/source/uri",
        ),
        (
            "/rules/1/provenance/source/uri",
            Put("\"https://github.com/o/r@refs/heads/main\""),
            "policy.source-uri-malformed",
            "/rules/1/provenance/source/uri",
        ),
        (
            "/rules/1/provenance/source/branch",
            Put("\"main\""),
            "policy.unknown-field",
            "/rules/1/provenance/source/branch",
        ),
        (
            "/rules/1/provenance/source/ref",
            Put("null"),
            "policy.wrong-type",
            "/rules/1/provenance/source/ref",
        ),
        (
            "/rules/1/provenance/builder",
            Remove,
            "policy.missing-field",
            "/rules/1/provenance/builder",
        ),
        (
            "/rules/1/provenance/builder",
            Put("{}"),
            "policy.missing-field",
            "/rules/1/provenance/builder/id",
        ),
        (
            "/rules/1/provenance/builder/delegated",
            Put("\"true\""),
            "policy.wrong-type",
            "/rules/1/provenance/builder/delegated",
        ),
    ];
    for (path, edit, code, problem_path) in &cases {
        // An element that is put into a list takes the place of none.
        let found = problems(&edited(path, edit));
        let relevant: Vec<_> = codes(&found)
            .into_iter()
            .filter(|(_, path)| !is_consequence(path, problem_path))
            .collect();
        assert_eq!(relevant, [(*code, *problem_path)], "{path}");
        for problem in &found {
            assert!(
                problem.message.chars().all(|c| (' '..='~').contains(&c)),
                "{problem:?}"
            );
        }
    }
}

/// A name that a removed or broken list no longer defines is missed where it is used.
fn is_consequence(path: &str, cause: &str) -> bool {
    (cause == "/trustRoots" && path.starts_with("/authorities/"))
        || (cause == "/authorities" && path.starts_with("/rules/"))
        || (cause == "/trustRoots/0/name" && path.starts_with("/authorities/"))
        || (cause == "/authorities/0/name" && path.starts_with("/rules/"))
}

#[test]
fn matchers() {
    let cases = [
        ("{}", "policy.exactly-one", ""),
        (r#"{"exact":"a","glob":"b"}"#, "policy.exactly-one", ""),
        (
            r#"{"exact":"a","glob":"b","regexp":"c"}"#,
            "policy.exactly-one",
            "",
        ),
        (r#""refs/heads/main""#, "policy.wrong-type", ""),
        ("[]", "policy.wrong-type", ""),
        (r#"{"exact":""}"#, "policy.empty", "/exact"),
        (r#"{"glob":""}"#, "policy.empty", "/glob"),
        (r#"{"regexp":""}"#, "policy.empty", "/regexp"),
        (r#"{"exact":1}"#, "policy.wrong-type", "/exact"),
        (r#"{"glob":"a?"}"#, "policy.pattern-malformed", "/glob"),
        (r#"{"glob":"[ab]"}"#, "policy.pattern-malformed", "/glob"),
        (r#"{"glob":"{a,b}"}"#, "policy.pattern-malformed", "/glob"),
        (r#"{"glob":"a\\*"}"#, "policy.pattern-malformed", "/glob"),
        (r#"{"glob":"***"}"#, "policy.pattern-malformed", "/glob"),
        (r#"{"regexp":"("}"#, "policy.pattern-malformed", "/regexp"),
        (
            r#"{"regexp":"a)|(?:b"}"#,
            "policy.pattern-malformed",
            "/regexp",
        ),
        (
            r#"{"regexp":"(?x)a # b"}"#,
            "policy.pattern-malformed",
            "/regexp",
        ),
        (
            r#"{"regexp":"(a)\\1"}"#,
            "policy.pattern-malformed",
            "/regexp",
        ),
        (
            r#"{"regexp":"(?=a)"}"#,
            "policy.pattern-malformed",
            "/regexp",
        ),
        (
            r#"{"regexp":"((a{100}){100}){100}"}"#,
            "limit.regexp-size",
            "/regexp",
        ),
    ];
    for (matcher, code, suffix) in cases {
        for place in [
            "/rules/1/provenance/source/ref",
            "/rules/1/provenance/builder/id",
        ] {
            let matcher: &'static str = matcher;
            let found = problems(&edited(place, &Edit::Put(matcher)));
            let path = format!("{place}{suffix}");
            assert_eq!(codes(&found), [(code, path.as_str())], "{matcher}");
        }
    }
    let unknown = problems(&edited(
        "/rules/1/provenance/builder/id",
        &Edit::Put(r#"{"prefix":"a"}"#),
    ));
    assert_eq!(
        codes(&unknown),
        [
            ("policy.exactly-one", "/rules/1/provenance/builder/id"),
            (
                "policy.unknown-field",
                "/rules/1/provenance/builder/id/prefix"
            ),
        ]
    );
}

#[test]
fn duplicate_names() {
    for (list, first) in [
        ("trustRoots", "root"),
        ("authorities", "key"),
        ("rules", "signed"),
    ] {
        let mut root = policy();
        if let Value::Object(members) = &mut root
            && let Some(Value::Array(items)) = members.get_mut(list)
        {
            let copy = items[0].clone();
            assert_eq!(copy.get("name").and_then(Value::as_str), Some(first));
            items.push(copy);
            let last = items.len() - 1;
            let found = problems(&root.to_canonical_string());
            let path = format!("/{list}/{last}/name");
            assert_eq!(codes(&found), [("policy.duplicate-name", path.as_str())]);
        }
    }
}

#[test]
fn all_problems_at_once_with_allowed_values() {
    let found = problems(
        r#"{"apiVersion":"v1","kind":"Policy","metadata":{"name":"x"},"extra\u001b[31m":1,
        "trustRoots":[{"name":"a"},{"name":"a"}],
        "authorities":[{"name":"b","keyless":{"trustRoot":"c","identities":[]}}],
        "rules":[{"name":"d","images":["nginx","ghcr.io/**"],"signature":{"signedBy":["e"]}}]}"#,
    );
    assert_eq!(
        codes(&found),
        [
            ("policy.unknown-version", "/apiVersion"),
            ("policy.empty", "/authorities/0/keyless/identities"),
            (
                "policy.unknown-reference",
                "/authorities/0/keyless/trustRoot"
            ),
            ("policy.unknown-field", "/extra\u{1b}[31m"),
            ("policy.pattern-malformed", "/rules/0/images/0"),
            ("policy.unknown-reference", "/rules/0/signature/signedBy/0"),
            ("policy.trust-root-missing", "/trustRoots/0"),
            ("policy.trust-root-missing", "/trustRoots/1"),
            ("policy.duplicate-name", "/trustRoots/1/name"),
        ]
    );
    let messages: Vec<&str> = found
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(
        messages[0],
        "`v1` is not known here; allowed: sealstone.dev/v1alpha1"
    );
    assert_eq!(
        messages[2],
        "the policy defines nothing named `c` here; allowed: a"
    );
    assert_eq!(
        messages[3],
        "unknown field `extra\\u{1b}[31m`; allowed: apiVersion, kind, metadata, trustRoots, authorities, rules"
    );
}

#[test]
fn supplied_trust_roots() {
    let named = edited("/trustRoots/0/trustedRoot", &Edit::Remove);
    let root = |name: &str, content: &str| NamedTrustedRoot {
        name: name.to_owned(),
        content: content.as_bytes().to_vec(),
    };
    let compile = |roots: &[NamedTrustedRoot]| {
        CompiledPolicy::compile(named.as_bytes(), roots)
            .map(|_| ())
            .map_err(|problems| (problems[0].code, problems[0].path.clone()))
    };
    assert_eq!(
        compile(&[root("root", ROOT), root("other", "garbage")]),
        Ok(())
    );
    let path = || "/trustRoots/0".to_owned();
    assert_eq!(
        compile(&[root("other", ROOT)]),
        Err(("policy.trust-root-missing", path()))
    );
    assert_eq!(
        compile(&[root("root", ROOT), root("root", ROOT)]),
        Err(("policy.trust-root-ambiguous", path()))
    );
    assert_eq!(
        compile(&[root("root", "{")]),
        Err(("trusted-root.json-malformed", path()))
    );

    // What the document holds itself is never taken from the host.
    let inline = policy().to_canonical_string();
    CompiledPolicy::compile(inline.as_bytes(), &[root("root", "garbage")]).unwrap();
}
