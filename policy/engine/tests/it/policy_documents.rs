//! Policy documents that are malformed in every way.

use sealstone_engine::{CompiledPolicy, NamedTrustedRoot};
use sealstone_verify::json::Value;

use crate::support::{ED25519_KEY, KEY, ROOT, codes, problems, value};

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
        "builders": [
            {{"name": "platform", "signedBy": ["key"], "id": {{"exact": "https://builder.example"}},
              "maximumLevel": 3, "properties": ["HERMETIC"], "operator": "example"}}
        ],
        "verifiers": [
            {{"name": "checker", "signedBy": ["key"], "id": {{"exact": "https://checker.example"}},
              "maximumLevels": {{"build": 3}}}}
        ],
        "rules": [
            {{"name": "signed", "images": ["ghcr.io/a/**"], "signature": {{"signedBy": ["key", "insecure"]}}}},
            {{"name": "built", "images": ["ghcr.io/**"], "provenance": {{
                "signedBy": ["key"],
                "source": {{"uri": "https://github.com/o/r", "ref": {{"exact": "refs/heads/main"}}}},
                "builder": {{"id": {{"glob": "https://builder.example/*"}}, "delegated": false}}
            }}}},
            {{"name": "scanned", "images": ["ghcr.io/**"], "attestation": {{
                "signedBy": {{"atLeast": {{"count": 1, "of": ["key", "insecure"]}}}},
                "predicateType": {{"exact": "https://scan.example/v1"}},
                "quantifier": "all",
                "conditions": [{{"field": "/result", "equals": "pass"}}],
                "maximumAge": "30d"
            }}}}
        ]}}"#
    ))
}

/// What to put at a path.
pub(crate) enum Edit<'a> {
    Remove,
    Put(&'a str),
}

/// The well-formed policy with one thing changed.
pub(crate) fn edited(path: &str, edit: &Edit<'_>) -> String {
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

/// A line of `malformed_policies.txt`: what to put where, and the one problem that follows.
pub(crate) struct Malformed {
    pub(crate) path: &'static str,
    /// As the file has it.
    pub(crate) put: &'static str,
    pub(crate) code: &'static str,
    problem_path: &'static str,
    json: String,
}

impl Malformed {
    pub(crate) fn edit(&self) -> Edit<'_> {
        match self.put {
            "-" => Edit::Remove,
            _ => Edit::Put(&self.json),
        }
    }
}

/// The lines of `malformed_policies.txt`.
pub(crate) fn malformed() -> Vec<Malformed> {
    include_str!("malformed_policies.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<&'static str> = line.split(" | ").collect();
            let [path, put, code, problem_path] = fields[..] else {
                panic!("{line}");
            };
            Malformed {
                path,
                put,
                code,
                problem_path,
                json: with_keys(put),
            }
        })
        .collect()
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
        ]
    );
}

#[test]
fn one_problem_each() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for case in malformed() {
        let found = problems(&edited(case.path, &case.edit()));
        let relevant: Vec<_> = codes(&found)
            .into_iter()
            .filter(|(_, path)| !is_consequence(path, case.problem_path))
            .collect();
        if relevant != [(case.code, case.problem_path)] {
            wrong.push(format!(
                "{} | {}\n  found {relevant:?}",
                case.path, case.put
            ));
        }
        for problem in &found {
            assert!(
                problem.message.chars().all(|c| (' '..='~').contains(&c)),
                "{problem:?}"
            );
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 170, "{count}");
}

/// Puts keys in the place of their names.
fn with_keys(json: &str) -> String {
    let quoted = |pem: &str| Value::from(pem).to_canonical_string();
    json.replace(":ED25519", &format!(":{}", quoted(ED25519_KEY)))
        .replace(":P256", &format!(":{}", quoted(KEY)))
}

/// A name that a removed or broken list no longer defines is missed where it is used.
fn is_consequence(path: &str, cause: &str) -> bool {
    (cause == "/trustRoots" && path.starts_with("/authorities/"))
        || (cause == "/trustRoots/0/name" && path.starts_with("/authorities/"))
        || (cause.starts_with("/authorities") && !path.starts_with("/authorities"))
}

/// Trust roots may be missing only where no authority needs one.
#[test]
fn trust_roots_are_for_those_who_name_them() {
    let found = problems(&edited("/trustRoots", &Edit::Remove));
    assert!(!found.is_empty());
    for (code, path) in codes(&found) {
        assert_eq!(code, "policy.unknown-reference");
        assert!(
            path.starts_with("/authorities/") && path.ends_with("/trustRoot"),
            "{path}"
        );
    }
    let pem = Value::from(KEY).to_canonical_string();
    let by_key = |key: &str| {
        let policy = format!(
            r#"{{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{{"name":"key"}},
            "authorities":[{{"name":"release","key":{{"publicKey":{pem}{key}}}}}],
            "rules":[{{"name":"signed","images":["**"],"signature":{{"signedBy":["release"]}}}}]}}"#
        );
        CompiledPolicy::compile(policy.as_bytes(), &[])
            .map(drop)
            .map_err(|problems| problems[0].code)
    };
    assert_eq!(by_key(r#","insecureIgnoreTransparencyLog":true"#), Ok(()));
    assert_eq!(by_key(""), Err("policy.exactly-one"));
    assert_eq!(
        by_key(r#","insecureIgnoreTransparencyLog":false"#),
        Err("policy.wrong-type")
    );
    assert_eq!(
        by_key(r#","trustRoot":"public-good""#),
        Err("policy.unknown-reference")
    );
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
        "unknown field `extra\\u{1b}[31m`; allowed: apiVersion, kind, metadata, mode, modes, images, admission, limits, evidenceSources, insecureAllowUnmatchedImages, trustRoots, authorities, builders, verifiers, rules, exceptions, evidence"
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

/// Lists of a policy that are one element too long, and as long as they may be.
#[test]
fn lists_have_limits() {
    let many = |count: usize, element: &dyn Fn(usize) -> String| {
        let elements: Vec<String> = (0..count).map(element).collect();
        format!("[{}]", elements.join(","))
    };
    let text = |index: usize| format!("\"v{index}\"");
    let builder = |index: usize| {
        format!(r#"{{"name":"b{index}","signedBy":["key"],"id":{{"exact":"a"}},"maximumLevel":1}}"#)
    };
    let verifier = |index: usize| {
        format!(
            r#"{{"name":"v{index}","signedBy":["key"],"id":{{"exact":"a"}},"maximumLevels":{{"build":1}}}}"#
        )
    };
    let condition = |index: usize| format!(r#"{{"field":"/f{index}","equals":1}}"#);
    let alternatives = |count| format!(r#"{{"field":"","oneOf":{}}}"#, many(count, &text));
    let property = |_: usize| "\"HERMETIC\"".to_owned();
    let witness = with_keys(r#"{"name":"w","publicKey":ED25519}"#);
    let witnesses = |count| {
        format!(
            r#"{{"threshold":1,"keys":{}}}"#,
            many(count, &|_| witness.clone())
        )
    };
    let pem = |count| {
        format!(
            r#"{{"name":"other","pem":{{"certificateTransparencyLogs":{}}}}}"#,
            many(count, &text)
        )
    };
    let path = "/rules/2/attestation/conditions";
    let properties = "/rules/1/provenance/properties";
    for (path, longest, too_long, code) in [
        (
            "/builders",
            many(256, &builder),
            many(257, &builder),
            "limit.builders",
        ),
        (
            "/verifiers",
            many(256, &verifier),
            many(257, &verifier),
            "limit.verifiers",
        ),
        (
            path,
            many(64, &condition),
            many(65, &condition),
            "limit.conditions",
        ),
        (
            "/rules/2/attestation/conditions/0",
            alternatives(64),
            alternatives(65),
            "limit.alternatives",
        ),
        (
            properties,
            many(8, &property),
            many(9, &property),
            "limit.properties",
        ),
        (
            "/trustRoots/0/witnesses",
            witnesses(16),
            witnesses(17),
            "limit.witnesses",
        ),
        ("/trustRoots/1", pem(32), pem(33), "limit.trust-root-parts"),
    ] {
        let found = |put: &str| {
            let policy = edited(path, &Edit::Put(put));
            match CompiledPolicy::compile(policy.as_bytes(), &[]) {
                Ok(_) => Vec::new(),
                Err(problems) => problems.iter().map(|problem| problem.code).collect(),
            }
        };
        assert!(
            found(&too_long).contains(&code),
            "{path}: {:?}",
            found(&too_long)
        );
        assert!(
            !found(&longest).contains(&code),
            "{path}: {:?}",
            found(&longest)
        );
    }
}
