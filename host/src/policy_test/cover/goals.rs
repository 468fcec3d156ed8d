//! The codes that speak of what a rule asks for.
//!
//! Evidence that is broken can be denied with many more codes, whatever the rule asks; they are for
//! the tests of the module.

use std::collections::BTreeSet;

use serde_json::Value;

/// A kind of rule, the place of a member in it, and the code of evidence that is not as the member
/// asks. An empty place: whatever the rule says.
const MEMBERS: &[(&str, &str, &str)] = &[
    ("signature", "/annotations", "signature.annotation-mismatch"),
    ("signature", "/maximumAge", "evidence.too-old"),
    ("attestation", "", "evidence.predicate-type-mismatch"),
    ("attestation", "/conditions", "attestation.field-mismatch"),
    ("attestation", "/conditions", "attestation.field-missing"),
    ("attestation", "/maximumAge", "evidence.too-old"),
    ("provenance", "/source/uri", "provenance.source-mismatch"),
    ("provenance", "/source/ref", "provenance.ref-mismatch"),
    ("provenance", "/source/branch", "provenance.branch-mismatch"),
    ("provenance", "/source/tag", "provenance.tag-mismatch"),
    (
        "provenance",
        "/source/versionTag",
        "provenance.tag-mismatch",
    ),
    ("provenance", "/source/commit", "provenance.commit-mismatch"),
    (
        "provenance",
        "/source/ownerId",
        "provenance.owner-id-mismatch",
    ),
    (
        "provenance",
        "/source/repositoryId",
        "provenance.repository-id-mismatch",
    ),
    ("provenance", "/buildType", "provenance.build-type-mismatch"),
    (
        "provenance",
        "/deploymentEnvironment",
        "provenance.environment-mismatch",
    ),
    (
        "provenance",
        "/externalParameters",
        "provenance.parameter-unknown",
    ),
    (
        "provenance",
        "/runnerEnvironment",
        "provenance.runner-mismatch",
    ),
    (
        "provenance",
        "/sourceVerifiedBy",
        "provenance.source-unverified",
    ),
    ("provenance", "/triggers", "provenance.trigger-mismatch"),
    ("provenance", "/workflowInputs", "provenance.input-mismatch"),
    ("provenance", "/maximumAge", "evidence.too-old"),
    ("verificationSummary", "", "verification-summary.failed"),
    (
        "verificationSummary",
        "",
        "verification-summary.resource-mismatch",
    ),
    (
        "verificationSummary",
        "",
        "verification-summary.verifier-mismatch",
    ),
    (
        "verificationSummary",
        "/minimumLevels",
        "verification-summary.level",
    ),
    (
        "verificationSummary",
        "/properties",
        "verification-summary.property-missing",
    ),
    ("verificationSummary", "/maximumAge", "evidence.too-old"),
    ("sbom", "/formats", "sbom.format-disallowed"),
    ("sbom", "/tools", "sbom.tool-disallowed"),
    ("sbom", "/packages/allow", "sbom.package-not-allowed"),
    ("sbom", "/packages/deny", "sbom.package-denied"),
    ("sbom", "/licenses/allow", "sbom.license-not-allowed"),
    ("sbom", "/licenses/deny", "sbom.license-denied"),
    ("sbom", "/maximumAge", "evidence.too-old"),
    ("vulnerabilities", "/maximum", "vulnerability-scan.too-many"),
    (
        "vulnerabilities",
        "/maximumScore",
        "vulnerability-scan.score",
    ),
    (
        "vulnerabilities",
        "/scanners",
        "vulnerability-scan.scanner-disallowed",
    ),
    (
        "vulnerabilities",
        "/maximumDatabaseAge",
        "vulnerability-scan.database-too-old",
    ),
    ("vulnerabilities", "/maximumAge", "evidence.too-old"),
    (
        "verificationSummary",
        "/inputAttestations",
        "relation.input-missing",
    ),
    (
        "verificationSummary",
        "/inputAttestations",
        "relation.input-unknown",
    ),
    ("rego", "/deny", "rego.denied"),
    ("rego", "/allow", "rego.not-allowed"),
];

/// A member of a relation, and the code of what does not stand to the other rule as the member asks.
const RELATIONS: &[(&str, &str)] = &[
    ("/rule", "relation.evidence-missing"),
    ("/subject", "relation.subject-mismatch"),
    ("/after", "relation.too-early"),
    ("/after/maximum", "relation.too-late"),
];

/// The codes that cases can show of a rule, each once.
pub(super) fn codes(policy: &Value, rule: &Value) -> Vec<&'static str> {
    let mut codes = vec!["evidence.missing"];
    let mut add = |code| {
        if !codes.contains(&code) {
            codes.push(code);
        }
    };
    const KINDS: [&str; 7] = [
        "signature",
        "attestation",
        "provenance",
        "verificationSummary",
        "sbom",
        "vulnerabilities",
        "rego",
    ];
    for relation in rule["relations"].as_array().into_iter().flatten() {
        for (member, code) in RELATIONS {
            if relation.pointer(member).is_some() {
                add(code);
            }
        }
        match relation["signer"].as_str() {
            Some("same") => add("relation.signer-mismatch"),
            Some(_) => add("relation.signer-shared"),
            None => {}
        }
    }
    for kind in KINDS {
        let Some(asked) = rule.get(kind) else {
            continue;
        };
        of_signers(policy, asked).into_iter().for_each(&mut add);
        for (of, member, code) in MEMBERS {
            if *of == kind && asked.pointer(member).is_some() {
                add(code);
            }
        }
        if kind == "provenance" {
            of_provenance(policy, asked).into_iter().for_each(&mut add);
        }
    }
    codes
}

/// The codes of provenance that depend on more than one member.
fn of_provenance(policy: &Value, asked: &Value) -> Vec<&'static str> {
    let mut codes = Vec::new();
    let listed = |builder: &Value| {
        let wanted = asked.get("builders").and_then(Value::as_array);
        let mut wanted = wanted.into_iter().flatten();
        wanted.any(|wanted| Some(wanted) == builder.get("name"))
    };
    let is_delegated = |builder: &Value| builder.get("delegated") == Some(&true.into());
    let builders = entries(policy, "builders").filter(|builder| listed(builder));
    let builders: Vec<&Value> = builders.collect();
    let own = asked.get("builder");
    // Where the signer is the builder, a lie about the builder contradicts the certificate.
    let by_certificate = of_signers(policy, asked).contains(&"identity.subject-mismatch");
    let delegated = builders.iter().copied().chain(own).any(is_delegated);
    if by_certificate && !delegated {
        codes.push("provenance.certificate-mismatch");
    } else if own.is_some() || !builders.is_empty() {
        codes.push("provenance.builder-mismatch");
    }
    let level = |of: Option<&Value>| of.and_then(Value::as_u64).unwrap_or_default();
    let asked_level = level(asked.pointer("/minimumLevels/build"));
    let is_lower = |builder: &&Value| level(builder.get("maximumLevel")) < asked_level;
    if asked_level > 1 && (builders.is_empty() || builders.iter().any(is_lower)) {
        codes.push("provenance.build-level");
    }
    let properties = asked.get("properties").and_then(Value::as_array);
    for property in properties.into_iter().flatten() {
        codes.push(match property.as_str() {
            Some("REPRODUCED") => "provenance.not-reproduced",
            _ => "provenance.property-missing",
        });
    }
    codes
}

/// The codes of evidence by somebody else than a rule asks for.
fn of_signers(policy: &Value, asked: &Value) -> Vec<&'static str> {
    let mut names = BTreeSet::new();
    let signed_by = asked.get("signedBy").unwrap_or(&Value::Null);
    authorities(signed_by, &mut names);
    for (member, list) in [("builders", "builders"), ("verifiedBy", "verifiers")] {
        let mut wanted = BTreeSet::new();
        authorities(asked.get(member).unwrap_or(&Value::Null), &mut wanted);
        for entry in entries(policy, list) {
            if name(entry).is_some_and(|name| wanted.contains(name)) {
                authorities(entry.get("signedBy").unwrap_or(&Value::Null), &mut names);
            }
        }
    }
    let mut codes = Vec::new();
    for authority in entries(policy, "authorities") {
        if !name(authority).is_some_and(|name| names.contains(name)) {
            continue;
        }
        if authority.get("key").is_some() {
            codes.push("signature.invalid");
        }
        if authority.get("keyless").is_some() {
            codes.push("identity.issuer-mismatch");
        }
        if authority.get("key").is_none() {
            codes.push("identity.subject-mismatch");
        }
        let mut identities = authority
            .pointer("/keyless/identities")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        if identities.any(|identity| identity.get("extensions").is_some()) {
            codes.push("identity.extension-mismatch");
        }
    }
    let needs_several = ["allOf", "atLeast"]
        .into_iter()
        .any(|combination| signed_by.get(combination).is_some());
    if needs_several {
        codes.push("signers.not-enough");
    }
    codes
}

fn entries<'a>(policy: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    policy
        .get(list)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn name(entry: &Value) -> Option<&str> {
    entry.get("name").and_then(Value::as_str)
}

/// The names in a list or a combination.
fn authorities<'a>(signers: &'a Value, names: &mut BTreeSet<&'a str>) {
    match signers {
        Value::String(name) => {
            names.insert(name);
        }
        Value::Array(list) => list.iter().for_each(|signer| authorities(signer, names)),
        Value::Object(members) => members.values().for_each(|of| authorities(of, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{MEMBERS, codes};

    /// The reference knows every code, and the schema every member.
    #[test]
    fn there_are_such_codes_and_members() {
        let reference = include_str!("../../../../docs/reference/codes.md");
        for (kind, member, code) in MEMBERS {
            assert!(reference.contains(&format!("| `{code}` |")), "{code}");
            let schema = include_str!("../../../../artifacts/schemas/policy.schema.json");
            for name in member.split('/').skip(1).chain([*kind]) {
                assert!(schema.contains(&format!("\"{name}\": {{")), "{name}");
            }
        }
    }

    #[test]
    fn codes_of_what_is_asked() {
        let policy = json!({
            "authorities": [
                {"name": "key", "key": {}},
                {"name": "people", "keyless": {"identities": [{"extensions": {}}]}},
                {"name": "private", "certificate": {}},
            ],
            "builders": [
                {"name": "builder", "signedBy": ["people"], "maximumLevel": 2},
                {"name": "delegator", "signedBy": ["people"], "maximumLevel": 3, "delegated": true},
            ],
            "verifiers": [{"name": "checker", "signedBy": ["key"]}],
        });
        let cases = [
            (
                json!({"signature": {"signedBy": {"allOf": ["key", {"anyOf": ["private"]}]}}}),
                vec![
                    "signature.invalid",
                    "identity.subject-mismatch",
                    "signers.not-enough",
                ],
            ),
            (
                json!({"provenance": {"builders": ["builder"], "minimumLevels": {"build": 3},
                    "source": {"uri": "x"}, "properties": ["REPRODUCED", "HERMETIC"]}}),
                vec![
                    "identity.issuer-mismatch",
                    "identity.subject-mismatch",
                    "identity.extension-mismatch",
                    "provenance.source-mismatch",
                    "provenance.certificate-mismatch",
                    "provenance.build-level",
                    "provenance.not-reproduced",
                    "provenance.property-missing",
                ],
            ),
            (
                json!({"provenance": {"builders": ["delegator"], "minimumLevels": {"build": 3}}}),
                vec![
                    "identity.issuer-mismatch",
                    "identity.subject-mismatch",
                    "identity.extension-mismatch",
                    "provenance.builder-mismatch",
                ],
            ),
            (
                json!({"verificationSummary": {"verifiedBy": ["checker"], "minimumLevels": {}}}),
                vec![
                    "signature.invalid",
                    "verification-summary.failed",
                    "verification-summary.resource-mismatch",
                    "verification-summary.verifier-mismatch",
                    "verification-summary.level",
                ],
            ),
            (json!({"somethingNew": {"signedBy": ["key"]}}), vec![]),
        ];
        for (rule, expected) in cases {
            let found = codes(&policy, &rule);
            assert_eq!(found.first(), Some(&"evidence.missing"));
            assert_eq!(found.get(1..), Some(&*expected), "{rule}");
        }
    }
}
