//! What evidence can be described, and what the module makes of it.

use super::{BY_KEY, Folder};

/// Rules of every kind, with signers by certificate.
const EVERY_RULE: &str = r#"
trustRoots:
  - name: public-good
  - name: github
    requirements: {profile: gitHub}
  - name: second
    requirements: {profile: publicGoodRekorV2}
  - name: strict
    requirements:
      transparencyLogThreshold: 2
      signedTimestampThreshold: 2
      signedCertificateTimestampThreshold: 2
  - name: private
    pem: {certificateAuthorities: ["not even a certificate"]}
    requirements: {profile: private}
authorities:
  - name: releaser
    keyless:
      trustRoot: public-good
      identities:
        - issuer: {exact: "https://accounts.example.com"}
          subject: {glob: "release-*@example.com"}
  - name: workflow
    keyless:
      trustRoot: public-good
      identities:
        - issuer: {exact: "https://token.actions.githubusercontent.com"}
          subject: {regexp: "https://github\\.com/octo-org/(build|other)/\\.github/workflows/[a-z]+\\.yml@refs/tags/v[0-9]+"}
          extensions:
            runnerEnvironment: {exact: github-hosted}
            sourceRepositoryOwnerUri: {glob: "https://github.com/octo-*"}
  - name: attester
    keyless:
      trustRoot: github
      identities:
        - {issuer: {exact: "https://a.example"}, subject: {exact: "a!b.example"}}
  - name: newer
    keyless:
      trustRoot: second
      identities:
        - {issuer: {exact: "https://a.example"}, subject: {exact: "b@b.example"}}
  - name: strict
    keyless:
      trustRoot: strict
      identities:
        - {issuer: {exact: "https://a.example"}, subject: {exact: "c@b.example"}}
  - name: private
    certificate:
      trustRoot: private
      subjects: [{glob: "*@corp.example"}]
  - name: logged-key
    key:
      trustRoot: public-good
      publicKey: |
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7zst5u3N/O3fYE9j7EY1y0Mhhi6y
        WbrTr1v1jRmJa4ztNtH3enCPOpU489CPuXRKxQjCLSEKAeBsM8xpMChGCA==
        -----END PUBLIC KEY-----
      validFor: {start: "2026-01-01T00:00:00Z"}
verifiers:
  - name: checker
    signedBy: [releaser]
    id: {exact: "https://checker.example"}
    maximumLevels: {build: 3}
rules:
  - {name: signed, images: ["a.example/signed"], signature: {signedBy: [releaser, attester, newer, strict, private, logged-key]}}
  - {name: annotated, images: ["a.example/annotated"], signature: {signedBy: [releaser], annotations: {stage: {exact: production}}}}
  - {name: all, images: ["a.example/all"], signature: {signedBy: {allOf: [releaser, logged-key]}}}
  - name: built
    images: ["a.example/built"]
    provenance:
      signedBy: [workflow]
      source: {uri: "https://github.com/octo-org/app", branch: {exact: main}}
      triggers: [push]
      runnerEnvironment: {exact: github-hosted}
  - name: summarised
    images: ["a.example/summarised"]
    verificationSummary: {verifiedBy: [checker], minimumLevels: {build: 3}, resourceUris: ["{registry}/{repository}@{digest}"]}
  - name: listed
    images: ["a.example/listed"]
    sbom:
      signedBy: [releaser]
      tools: [{name: {exact: syft}, version: {glob: "1.*"}}]
      packages: {deny: [{package: "pkg:npm/left-pad", versions: "<2.0.0"}]}
      licenses: {allow: [MIT, Apache-2.0]}
      complete: true
      maximumAge: 30d
  - name: scanned
    images: ["a.example/scanned"]
    vulnerabilities:
      signedBy: [releaser]
      maximumAge: 2d
      maximumDatabaseAge: 1d
      maximum: {critical: 0, high: {fixable: 0}}
      maximumScore: "8.9"
      scanners: [{glob: "pkg:github/aquasecurity/*"}]
      vex: {signedBy: [logged-key], maximumAge: 10d}
  - {name: attested, images: ["a.example/attested"], attestation: {signedBy: [releaser], predicateType: {exact: "https://cyclonedx.org/bom"}, quantifier: any, conditions: [{field: /stage, equals: production}]}}
"#;

/// Image, evidence, and what is expected.
fn cases(list: &[(&str, &str, &str)]) -> String {
    let case = |(number, (image, evidence, expected)): (usize, &(&str, &str, &str))| {
        format!(
            "  - name: '{number}'
    images: ['a.example/{image}:v1']
    evidence: [{evidence}]
    expect: {{{expected}}}\n"
        )
    };
    list.iter().enumerate().map(case).collect()
}

#[test]
fn signers_of_every_kind() {
    let allowed = "outcome: allowed, allowed: true";
    let folder = Folder::new(
        EVERY_RULE,
        &cases(&[
            (
                "signed",
                "{signature: {}, signer: releaser}",
                "outcome: allowed, metBy: {signed: [releaser]}, rules: {signed: pass}",
            ),
            ("signed", "{signature: {}, signer: attester}", allowed),
            ("signed", "{signature: {}, signer: newer}", allowed),
            ("signed", "{signature: {}, signer: strict}", allowed),
            (
                "signed",
                "{signature: {}, signer: private}",
                "outcome: allowed, metBy: {signed: [private]}",
            ),
            ("signed", "{signature: {}, signer: logged-key}", allowed),
            (
                "signed",
                "{signature: {}, signer: releaser, profile: legacy}",
                allowed,
            ),
            (
                "signed",
                "{signature: {}, signer: releaser, profile: rekorV2}",
                allowed,
            ),
            (
                "signed",
                "{signature: {}, signer: releaser, profile: gitHub}",
                "outcome: rejected",
            ),
            (
                "signed",
                "{signature: {}, signer: releaser, profile: unlogged}",
                "outcome: rejected",
            ),
            (
                "signed",
                "{signature: {}, signer: logged-key, profile: legacyUnlogged}",
                "outcome: rejected",
            ),
            (
                "signed",
                "{signature: {}, signer: logged-key, time: '2025-12-31T00:00:00Z'}",
                "outcome: rejected, codes: [public-key.outside-validity]",
            ),
            (
                "signed",
                "{signature: {}, signer: {authority: releaser, subject: release-7@example.com}}",
                allowed,
            ),
            (
                "signed",
                "{signature: {}, signer: {authority: releaser, issuer: 'https://b.example'}}",
                "outcome: rejected, codes: [identity.issuer-mismatch]",
            ),
            // The same identity, by a certificate authority that is not the one of the authority.
            (
                "signed",
                "{signature: {}, signer: {authority: releaser, trustRoot: github}}",
                "outcome: rejected",
            ),
            (
                "signed",
                "{signature: {}, signer: {issuer: 'https://accounts.example.com', subject: release-a@example.com}}",
                allowed,
            ),
            (
                "signed",
                "{signature: {}, signer: {key: other}}",
                "outcome: rejected",
            ),
            (
                "signed",
                "{signature: {}, signer: releaser, fault: sct-missing}",
                "outcome: rejected, codes: [certificate-timestamp.missing]",
            ),
            (
                "signed",
                "{signature: {}, signer: releaser, subject: {digest: {sha256: '00'}}}",
                "outcome: rejected, codes: [statement.subject-mismatch]",
            ),
            (
                "annotated",
                "{signature: {annotations: {stage: production}}, signer: releaser, profile: legacy}",
                allowed,
            ),
            (
                "annotated",
                "{signature: {annotations: {stage: test}}, signer: releaser, profile: legacy}",
                "outcome: rejected, codes: [signature.annotation-mismatch]",
            ),
            (
                "all",
                "{signature: {}, signer: releaser}, {signature: {}, signer: logged-key}",
                "outcome: allowed, metBy: {all: [logged-key, releaser]}",
            ),
            (
                "all",
                "{signature: {}, signer: releaser}",
                "outcome: rejected, codes: [signers.not-enough]",
            ),
        ]),
    );
    folder.passes();
}

#[test]
fn statements_of_every_kind() {
    const MAIN: &str = "source: 'https://github.com/octo-org/app', ref: refs/heads/main";
    let built = |more: &str| format!("{{provenance: {{{MAIN}{more}}}, signer: workflow}}");
    let allowed = "outcome: allowed";
    let folder = Folder::new(
        EVERY_RULE,
        &cases(&[
            (
                "built",
                &built(""),
                "outcome: allowed, metBy: {built: [workflow]}",
            ),
            ("built", &built(", version: v0.2"), allowed),
            (
                "built",
                &built(", event: workflow_dispatch"),
                "outcome: rejected, codes: [provenance.trigger-mismatch]",
            ),
            (
                "built",
                &built(", builder: 'https://other.example'"),
                "outcome: rejected, codes: [provenance.certificate-mismatch]",
            ),
            (
                "built",
                "{provenance: {source: 'https://github.com/octo-org/app'}, signer: workflow}",
                "outcome: rejected, codes: [provenance.branch-mismatch]",
            ),
            (
                "built",
                &format!(
                    "{{provenance: {{{MAIN}}}, signer: {{authority: workflow, extensions: {{runnerEnvironment: self-hosted}}}}}}"
                ),
                "outcome: rejected, codes: [identity.extension-mismatch]",
            ),
            (
                "built",
                &format!(
                    "{{provenance: {{{MAIN}}}, signer: workflow, changes: {{/runDetails: null}}}}"
                ),
                "outcome: rejected, codes: [provenance.field-missing]",
            ),
            (
                "summarised",
                "{verificationSummary: {verifier: 'https://checker.example', levels: [SLSA_BUILD_LEVEL_3]}, signer: releaser}",
                allowed,
            ),
            (
                "summarised",
                "{verificationSummary: {verifier: 'https://checker.example', levels: [SLSA_BUILD_LEVEL_1]}, signer: releaser}",
                "outcome: rejected, codes: [verification-summary.level]",
            ),
            (
                "summarised",
                "{verificationSummary: {verifier: 'https://checker.example', levels: [SLSA_BUILD_LEVEL_3], failed: true}, signer: releaser}",
                "outcome: rejected, codes: [verification-summary.failed]",
            ),
            (
                "summarised",
                "{verificationSummary: {verifier: 'https://checker.example', levels: [], resourceUri: a}, signer: releaser}",
                "outcome: rejected, codes: [verification-summary.resource-mismatch]",
            ),
            (
                "listed",
                "{sbom: {tool: {name: syft, version: 1.20.0}}, signer: releaser}",
                allowed,
            ),
            (
                "listed",
                "{sbom: {format: spdx, tool: {name: syft, version: 1.20.0}}, signer: releaser}",
                allowed,
            ),
            (
                "listed",
                "{sbom: {}, signer: releaser}",
                "outcome: rejected, codes: [sbom.tool-disallowed]",
            ),
            (
                "listed",
                "{sbom: {tool: {name: syft, version: 1.20.0}, packages: [{purl: 'pkg:npm/left-pad@1.3.0'}]}, signer: releaser}",
                "outcome: rejected, codes: [sbom.package-denied]",
            ),
            (
                "listed",
                "{sbom: {format: spdx, tool: {name: syft, version: 1.20.0}, packages: [{purl: 'pkg:npm/a@1.3.0', license: GPL-3.0-only}]}, signer: releaser}",
                "outcome: rejected, codes: [sbom.license-not-allowed]",
            ),
            (
                "listed",
                "{sbom: {tool: {name: syft, version: 1.20.0}}, signer: releaser, age: 31d}",
                "outcome: rejected, codes: [evidence.too-old]",
            ),
            (
                "scanned",
                "{vulnerabilities: {}, signer: releaser}",
                allowed,
            ),
            (
                "scanned",
                "{vulnerabilities: {findings: [{id: CVE-2026-1, severity: critical, score: 5.0}]}, signer: releaser}",
                "outcome: rejected, codes: [vulnerability-scan.too-many]",
            ),
            (
                "scanned",
                "{vulnerabilities: {findings: [{id: CVE-2026-1, severity: high, score: 5.0}]}, signer: releaser}",
                allowed,
            ),
            (
                "scanned",
                "{vulnerabilities: {findings: [{id: CVE-2026-1, severity: high, score: 5.0, fixedIn: 2.0.0}]}, signer: releaser}",
                "outcome: rejected, codes: [vulnerability-scan.too-many]",
            ),
            (
                "scanned",
                "{vulnerabilities: {findings: [{id: CVE-2026-1, severity: medium, score: 9.1}]}, signer: releaser}",
                "outcome: rejected, codes: [vulnerability-scan.score]",
            ),
            (
                "scanned",
                "{vulnerabilities: {findings: [{id: CVE-2026-1, severity: critical, score: 5.0}]}, signer: releaser}, {vex: {statements: [{vulnerability: CVE-2026-1, status: not_affected, justification: vulnerable_code_not_present}]}, signer: logged-key}",
                allowed,
            ),
            (
                "scanned",
                "{vulnerabilities: {databaseAge: 2d}, signer: releaser}",
                "outcome: rejected, codes: [vulnerability-scan.database-too-old]",
            ),
            (
                "scanned",
                "{vulnerabilities: {scanner: 'pkg:github/other/x'}, signer: releaser}",
                "outcome: rejected, codes: [vulnerability-scan.scanner-disallowed]",
            ),
            (
                "attested",
                "{attestation: {predicateType: cyclonedx, predicate: {stage: production}}, signer: releaser}",
                allowed,
            ),
            (
                "attested",
                "{attestation: {predicateType: cyclonedx, predicateFile: predicate.json}, signer: releaser, profile: legacy}",
                allowed,
            ),
            (
                "attested",
                "{attestation: {predicateType: cyclonedx, predicate: {}}, signer: releaser, changes: {/stage: production}}",
                allowed,
            ),
            (
                "attested",
                "{attestation: {predicateType: cyclonedx, predicate: {}}, signer: releaser}",
                "outcome: rejected, codes: [attestation.field-missing]",
            ),
            (
                "attested",
                "{unavailable: 'no answer'}",
                "outcome: unavailable, allowed: false, codes: [evidence.unavailable]",
            ),
        ]),
    );
    folder.write("predicate.json", "{\"stage\": \"production\"}");
    folder.passes();
}

/// Requests of every form, times, modes and exceptions.
#[test]
fn everything_else_is_as_the_policy_says() {
    let policy = format!(
        "{BY_KEY}
modes: [{{namespaces: [staging], mode: warn}}]
exceptions:
  - name: legacy
    images: [a.example/legacy]
    rules: [signed]
    reason: moves
    ends: 2026-07-01T00:00:00Z
    approval: {{signedBy: release, bundle: {{}}}}
"
    );
    let cases = "
  - {name: warned, images: [a.example/app], namespace: staging, expect: {outcome: rejected, allowed: true}}
  - {name: enforced, images: [a.example/app], namespace: production, expect: {outcome: rejected, allowed: false}}
  - {name: labelled, images: [a.example/app], labels: {a: b}, expect: {outcome: rejected, allowed: false}}
  - {name: excused, images: [a.example/legacy], expect: {outcome: allowed, rules: {signed: skip}, codes: [ok]}}
  - {name: no longer, now: '2026-07-02T00:00:00Z', images: [a.example/legacy], expect: {outcome: rejected, codes: [exception.ended]}}
  - {name: malformed, request: {pictures: []}, expect: {outcome: invalid, allowed: false}}
  - name: reviewed
    requestFile: review.json
    evidence: [{signature: {}, signer: release, image: 'a.example/app:v1'}]
    expect: {outcome: allowed}
  - name: by digest
    images: ['a.example/app@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa']
    evidence: [{signature: {}, signer: release}]
    expect: {outcome: allowed}
  - name: from a file
    images: ['a.example/app@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa']
    evidence: [{file: bundle.json}]
    expect: {outcome: rejected}
";
    let folder = Folder::new(&policy, cases);
    folder.write(
        "review.json",
        r#"{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
            "uid": "1", "operation": "CREATE", "namespace": "production",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "object": {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "image": "a.example/app:v1"}]}}}}"#,
    );
    folder.write("bundle.json", "{}");
    folder.passes();
}
