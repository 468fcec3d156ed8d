//! Rules that ask for a vulnerability scan: every report and spelling, every fact that a rule relies on,
//! and VEX documents, which only lower.

use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_forge::{NOW, SIGNED};
use serde_json::{Value, json};

use crate::vex::{triaged, vex};
use crate::world::{
    assert_code, attestation, by_key, by_person, compiled, decide, decide_at, key, person, policy,
    rule,
};

const COSIGN: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";
const VULNS: &str = "https://in-toto.io/attestation/vulns/v0.2";
const OK: &str = "ok";
pub(crate) const TOO_MANY: &str = "vulnerability-scan.too-many";
const SCANNER: &str = "pkg:github/scanner/scanner@1.0.0";
pub(crate) const PURL: &str = "pkg:npm/lib@2.0.0";

pub(crate) fn asking(asked: Value) -> CompiledPolicy {
    asking_with(asked, json!({}))
}

/// The same with further members of the policy.
pub(crate) fn asking_with(asked: Value, members: Value) -> CompiledPolicy {
    let mut whole = json!({"signedBy": ["scanner"], "maximumAge": "120d"});
    for (name, value) in asked.as_object().unwrap() {
        whole[name] = value.clone();
    }
    let authorities = json!([
        person("scanner", "scanner@example.com"),
        person("triage", "triage@example.com"),
        key("unlogged"),
    ]);
    compiled(&policy(
        authorities,
        rule("vulnerabilities", whole),
        members,
    ))
}

/// A finding of Trivy.
pub(crate) fn finding(id: &str, severity: &str) -> Value {
    json!({"VulnerabilityID": id, "PkgName": "lib", "PkgIdentifier": {"PURL": PURL},
        "Severity": severity, "Status": "affected"})
}

pub(crate) fn with(mut value: Value, more: Value) -> Value {
    for (name, more) in more.as_object().unwrap() {
        value[name] = more.clone();
    }
    value
}

fn trivy(findings: Value) -> Value {
    json!({"SchemaVersion": 2, "ArtifactName": "app", "Results": [
        {"Target": "npm", "Class": "lang-pkgs", "Vulnerabilities": findings}]})
}

/// A predicate around a report, whose database was updated one hour before the signature.
fn predicate(result: Value) -> Value {
    json!({
        "scanner": {
            "uri": SCANNER,
            "version": "1.0.0",
            "db": {"uri": "pkg:github/scanner/db", "lastUpdate": "2026-03-01T11:00:00Z"},
            "result": result,
        },
        "metadata": {"scanStartedOn": "2026-03-01T11:30:00Z", "scanFinishedOn": "2026-03-01T11:31:00Z"},
    })
}

fn scanned(predicate: Value) -> Evidence {
    attestation(&by_person("scanner@example.com"), COSIGN, predicate)
}

pub(crate) fn found(findings: Value) -> Evidence {
    scanned(predicate(trivy(findings)))
}

#[track_caller]
fn assert_found(asked: &Value, findings: Value, code: &str) {
    let decided = decide(&asking(asked.clone()), vec![found(findings.clone())]);
    assert_code(&decided, code, &format!("{asked} {findings}"));
}

pub(crate) fn critical() -> Evidence {
    found(json!([finding("CVE-1", "CRITICAL")]))
}

/// One critical finding in every report.
fn reports() -> [(&'static str, &'static str, Value); 4] {
    [
        (
            "trivy",
            COSIGN,
            trivy(json!([finding("CVE-1", "CRITICAL")])),
        ),
        (
            "grype",
            COSIGN,
            json!({"matches": [{
                "vulnerability": {"id": "CVE-1", "severity": "Critical", "fix": {"state": "not-fixed"}},
                "artifact": {"name": "lib", "version": "2.0.0", "purl": PURL}}],
                "descriptor": {"name": "grype", "version": "1"}}),
        ),
        (
            "sarif",
            COSIGN,
            json!({"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
                "runs": [{"tool": {"driver": {"name": "S"}},
                    "invocations": [{"executionSuccessful": true}],
                    "results": [{"ruleId": "CVE-1", "properties": {"security-severity": "9.8"}}]}]}),
        ),
        (
            "in-toto",
            VULNS,
            json!([{"id": "CVE-1", "severity": [{"method": "nvd", "score": "critical"}]}]),
        ),
    ]
}

#[test]
fn every_report_and_spelling() {
    let strict = asking(json!({
        "scanners": [{"glob": "pkg:github/scanner/*"}],
        "maximumDatabaseAge": "1h",
        "maximum": {"critical": 0},
    }));
    let one = asking(json!({"maximum": {"critical": 1}, "maximumScore": "10.0"}));
    let of_cosign = [
        COSIGN,
        "https://cosign.sigstore.dev/attestation/vuln",
        "cosign.sigstore.dev/attestation/vuln/v1",
        "cosign.sigstore.dev/attestation/vuln",
    ];
    let of_in_toto = [
        VULNS,
        "https://in-toto.io/attestation/vulns",
        "https://in-toto.io/attestation/vulns/v0.1",
    ];
    for (name, predicate_type, report) in reports() {
        let spellings: &[&str] = match predicate_type {
            COSIGN => &of_cosign,
            _ => &of_in_toto,
        };
        for spelling in spellings {
            let signer = by_person("scanner@example.com");
            let piece = attestation(&signer, spelling, predicate(report.clone()));
            let case = format!("{name} {spelling}");
            assert_code(&decide(&strict, vec![piece.clone()]), TOO_MANY, &case);
            let decided = decide(&one, vec![piece]);
            assert_code(&decided, OK, &case);
            let expected = json!({"scanner": SCANNER, "findings": 1, "counted": 1});
            assert_eq!(decided.met_by()[0]["vulnerabilities"], expected, "{case}");
        }
    }
    // Nothing found meets every rule.
    assert_code(
        &decide(&strict, vec![found(json!([]))]),
        OK,
        "nothing found",
    );
}

#[test]
fn what_is_no_scan() {
    let policy = asking(json!({}));
    let by = |name: &str, predicate| {
        vec![attestation(
            &by_person("scanner@example.com"),
            name,
            predicate,
        )]
    };
    for (name, predicate, code) in [
        (
            "https://scan.example/v1",
            predicate(trivy(json!([]))),
            "evidence.missing",
        ),
        (
            "https://in-toto.io/attestation/vulns/v9",
            predicate(json!([])),
            "vulnerability-scan.predicate-type-unsupported",
        ),
        (
            COSIGN,
            predicate(json!({"x": 1})),
            "vulnerability-scan.result-unreadable",
        ),
        (
            COSIGN,
            json!({"scanner": {}}),
            "vulnerability-scan.field-missing",
        ),
        (COSIGN, json!("{"), "vulnerability-scan.json-malformed"),
        (
            COSIGN,
            predicate(trivy(json!([{"VulnerabilityID": 1}]))),
            "vulnerability-scan.field-malformed",
        ),
    ] {
        assert_code(&decide(&policy, by(name, predicate)), code, name);
    }
    assert_code(&decide(&policy, vec![]), "evidence.missing", "nothing");
    let stranger = attestation(
        &by_person("eve@example.com"),
        COSIGN,
        predicate(trivy(json!([]))),
    );
    assert_code(
        &decide(&policy, vec![stranger]),
        "identity.subject-mismatch",
        "a stranger",
    );
}

#[test]
fn ages() {
    let policy = asking(json!({"maximumAge": "1h"}));
    for (after, code) in [(3600, OK), (3601, "evidence.too-old")] {
        let decided = decide_at(&policy, vec![found(json!([]))], SIGNED.plus(after));
        assert_code(&decided, code, "by certificate");
    }
    let by_key = attestation(&by_key("unlogged"), COSIGN, predicate(trivy(json!([]))));
    assert_code(
        &decide(&asking(json!({"signedBy": ["unlogged"]})), vec![by_key]),
        "evidence.age-unproven",
        "by key",
    );
}

#[test]
fn scanners() {
    let policy = asking(json!({"scanners": [{"exact": "a"}, {"glob": "pkg:github/scanner/*"}]}));
    for (uri, code) in [
        (json!(SCANNER), OK),
        (json!("a"), OK),
        (
            json!("pkg:github/other/scanner"),
            "vulnerability-scan.scanner-disallowed",
        ),
        (json!(""), "vulnerability-scan.scanner-missing"),
        (Value::Null, "vulnerability-scan.scanner-missing"),
    ] {
        let mut predicate = predicate(trivy(json!([])));
        predicate["scanner"]["uri"] = uri.clone();
        assert_code(
            &decide(&policy, vec![scanned(predicate)]),
            code,
            &uri.to_string(),
        );
    }
}

/// By the time that is proved, not by the time of the decision.
#[test]
fn databases() {
    let policy = asking(json!({"maximumDatabaseAge": "1h"}));
    let unknown = "vulnerability-scan.database-age-unknown";
    for (updated, code) in [
        (json!("2026-03-01T11:00:00Z"), OK),
        (json!("2026-03-01T12:00:00Z"), OK),
        (
            json!("2026-03-01T10:59:59Z"),
            "vulnerability-scan.database-too-old",
        ),
        (json!("2026-03-01T12:00:01Z"), unknown),
        (json!("0001-01-01T00:00:00Z"), unknown),
        (Value::Null, unknown),
    ] {
        let mut predicate = predicate(trivy(json!([])));
        predicate["scanner"]["db"]["lastUpdate"] = updated.clone();
        let decided = decide(&policy, vec![scanned(predicate)]);
        assert_code(&decided, code, &updated.to_string());
    }
}

#[test]
fn counts_by_severity() {
    let asked = json!({"maximum": {"critical": 0, "high": 1}});
    let of = |severities: &[&str]| -> Value {
        let each = severities.iter().enumerate();
        each.map(|(at, severity)| finding(&format!("CVE-{at}"), severity))
            .collect()
    };
    for (severities, code) in [
        (&["HIGH", "MEDIUM", "LOW", "MEDIUM"][..], OK),
        (&["CRITICAL"], TOO_MANY),
        (&["HIGH", "HIGH"], TOO_MANY),
        // Nobody says how bad it is, so it may be as bad as can be.
        (&["UNKNOWN"], TOO_MANY),
        (&["WEIRD"], TOO_MANY),
    ] {
        assert_found(&asked, of(severities), code);
    }
    let unknown = json!({"maximum": {"critical": 0, "unknown": 2}});
    assert_found(&unknown, of(&["UNKNOWN", "UNKNOWN"]), OK);
    assert_found(&unknown, of(&["UNKNOWN", "UNKNOWN", "UNKNOWN"]), TOO_MANY);
    let mild = json!({"maximum": {"low": 0, "negligible": 0}});
    assert_found(&mild, of(&["LOW"]), TOO_MANY);
    assert_found(&mild, of(&["NEGLIGIBLE"]), TOO_MANY);
    assert_found(&mild, of(&["MEDIUM"]), OK);
    assert_found(
        &json!({"maximum": {"medium": 0}}),
        of(&["MEDIUM"]),
        TOO_MANY,
    );
    // A rule without a limit asks for a scan alone.
    assert_found(&json!({}), of(&["CRITICAL", "UNKNOWN"]), OK);
    let decided = decide(
        &asking(asked),
        vec![found(of(&["CRITICAL", "CRITICAL", "CRITICAL", "CRITICAL"]))],
    );
    let message = decided.document["images"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("4 critical, at most 0: CVE-0 (pkg:npm/lib@2.0.0)"),
        "{message}"
    );
    assert!(!message.contains("CVE-3"), "{message}");
}

/// What may or may not have a fix counts on both sides.
#[test]
fn counts_by_fix() {
    let fixable = json!({"maximum": {"high": {"fixable": 0}}});
    let unfixable = json!({"maximum": {"high": {"unfixable": 0}}});
    let both = json!({"maximum": {"high": {"fixable": 0, "unfixable": 1}}});
    let of = |more: Value| json!([with(finding("CVE-1", "HIGH"), more)]);
    let fixed = of(json!({"Status": "fixed", "FixedVersion": "2.0.1"}));
    let open = of(json!({"Status": "affected"}));
    let unsaid = of(json!({"Status": "unknown"}));
    for (findings, by_fixable, by_unfixable, by_both) in [
        (fixed, TOO_MANY, OK, TOO_MANY),
        (open, OK, TOO_MANY, OK),
        (unsaid, TOO_MANY, TOO_MANY, TOO_MANY),
    ] {
        assert_found(&fixable, findings.clone(), by_fixable);
        assert_found(&unfixable, findings.clone(), by_unfixable);
        assert_found(&both, findings, by_both);
    }
}

#[test]
fn scores() {
    let above = "vulnerability-scan.score";
    let scored = |score: f64| json!({"CVSS": {"nvd": {"V3Score": score}}});
    for (maximum, severity, more, code) in [
        ("8.9", "HIGH", scored(8.9), OK),
        ("8.9", "LOW", scored(9.0), above),
        ("7", "HIGH", scored(7.1), above),
        ("7", "HIGH", scored(7.0), OK),
        // What has no score has the highest of its severity.
        ("8.9", "HIGH", json!({}), OK),
        ("8.8", "HIGH", json!({}), above),
        ("6.9", "MEDIUM", json!({}), OK),
        ("6.8", "MEDIUM", json!({}), above),
        ("3.9", "LOW", json!({}), OK),
        ("3.8", "NEGLIGIBLE", json!({}), above),
        ("9.9", "CRITICAL", json!({}), above),
        ("9.9", "UNKNOWN", json!({}), above),
        ("10.0", "UNKNOWN", json!({}), OK),
        ("0.0", "NONE", json!({}), OK),
    ] {
        let findings = json!([with(finding("CVE-1", severity), more)]);
        assert_found(&json!({ "maximumScore": maximum }), findings, code);
    }
}

#[test]
fn leeway() {
    let asked =
        json!({"maximum": {"critical": 0}, "maximumScore": "9.8", "leeway": {"critical": "7d"}});
    // The decision is made at 2026-06-01T00:00:00Z.
    for (published, code) in [
        (json!("2026-05-25T00:00:01Z"), OK),
        (json!("2026-06-01T00:00:00Z"), OK),
        (json!("2026-05-25T00:00:00Z"), "vulnerability-scan.score"),
        (json!("2020-01-01T00:00:00Z"), "vulnerability-scan.score"),
        // A day that has not come is no date, and no date is no leeway.
        (json!("2026-06-01T00:00:01Z"), "vulnerability-scan.score"),
        (Value::Null, "vulnerability-scan.score"),
    ] {
        let more = json!({"PublishedDate": published});
        assert_found(
            &asked,
            json!([with(finding("CVE-1", "CRITICAL"), more)]),
            code,
        );
    }
    // Of another severity.
    let more = json!({"PublishedDate": "2026-06-01T00:00:00Z"});
    let asked = json!({"maximum": {"high": 0}, "leeway": {"critical": "7d"}});
    assert_found(
        &asked,
        json!([with(finding("CVE-1", "HIGH"), more)]),
        TOO_MANY,
    );
}

#[test]
fn ignored() {
    let ignoring = |more: Value| {
        let exception =
            json!({"id": "CVE-1", "reason": "not reachable", "until": "2026-12-01T00:00:00Z"});
        json!({"maximum": {"critical": 0}, "ignore": [with(exception, more)]})
    };
    let critical = || json!([finding("CVE-1", "CRITICAL")]);
    for (more, code) in [
        (json!({}), OK),
        (json!({"until": "2026-06-01T00:00:01Z"}), OK),
        (json!({"until": "2026-06-01T00:00:00Z"}), TOO_MANY),
        (json!({"id": "CVE-11"}), TOO_MANY),
        (json!({"id": "cve-1"}), TOO_MANY),
        (json!({"id": "GHSA-1"}), OK),
        (json!({"package": "pkg:npm/lib"}), OK),
        (json!({"package": "pkg:npm/*"}), OK),
        (json!({"package": "pkg:npm/libs"}), TOO_MANY),
    ] {
        let findings = json!([with(
            finding("CVE-1", "CRITICAL"),
            json!({"VendorIDs": ["GHSA-1"]})
        )]);
        assert_found(&ignoring(more), findings, code);
    }
    // Of a finding that names no package by its URL nobody knows where it is.
    let nowhere = json!([with(
        finding("CVE-1", "CRITICAL"),
        json!({"PkgIdentifier": {}})
    )]);
    assert_found(
        &ignoring(json!({"package": "pkg:npm/*"})),
        nowhere,
        TOO_MANY,
    );
    // Every use stands in the decision, and what is near its end.
    for (until, soon) in [
        ("2026-12-01T00:00:00Z", false),
        ("2026-07-01T00:00:00Z", false),
        ("2026-06-30T23:59:59Z", true),
    ] {
        let policy = asking(ignoring(json!({ "until": until })));
        let decided = decide(&policy, vec![found(critical())]);
        let used = &decided.met_by()[0]["vulnerabilities"];
        let mut expected = json!({"id": "CVE-1", "until": until});
        if soon {
            expected["expiresSoon"] = json!(true);
        }
        assert_eq!(used["ignored"], json!([expected]));
        assert_eq!(
            (&used["findings"], &used["counted"]),
            (&json!(1), &json!(0))
        );
        let unused = decide(&policy, vec![found(json!([]))]);
        assert!(
            unused.met_by()[0]["vulnerabilities"]
                .get("ignored")
                .is_none()
        );
    }
}

#[test]
fn all_scans() {
    let asked = |quantifier: &str| json!({"quantifier": quantifier, "maximum": {"critical": 0}});
    let pieces = || vec![critical(), found(json!([]))];
    assert_code(&decide(&asking(asked("any")), pieces()), OK, "any");
    assert_code(&decide(&asking(asked("all")), pieces()), TOO_MANY, "all");
    // A VEX document is no scan, and one that does not count spoils nothing.
    let vex_rule = json!({"signedBy": ["triage", "scanner"], "maximumAge": "120d"});
    let policy = asking(with(asked("all"), json!({ "vex": vex_rule })));
    let broken = attestation(
        &by_person("scanner@example.com"),
        "https://openvex.dev/ns/v0.2.0",
        json!({}),
    );
    let pieces = vec![critical(), triaged(vex(json!({}))), broken];
    assert_code(&decide_at(&policy, pieces, NOW), OK, "with VEX");
}
