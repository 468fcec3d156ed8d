//! The same policy, request, evidence and time give the same bytes, in whatever order they come.

use sealstone_engine::{CompiledPolicy, Evidence, ImageEvidence};
use sealstone_forge::{Build, Fault, Identity, NOW, TimestampAuthority};
use serde_json::{Value, json};

use crate::support::DIGEST;
use crate::world::{
    IMAGE, SIGSTORE, at, attestation, by_key, by_person, compiled, decide_request, evidence, key,
    person, policy, signature, subject,
};

const SCAN: &str = "https://scan.example/v1";
const OTHER: &str = "registry.example/octo-org/other";

/// Numbers that follow from a seed (SplitMix64).
struct Shuffle(u64);

impl Shuffle {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let number = usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap();
        number.checked_rem(below).unwrap()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.next(last.saturating_add(1)));
        }
    }

    /// JSON text with members in any order, and white space between.
    fn text(&mut self, value: &Value) -> String {
        let space = [" ", "", "\n", "\t "][self.next(4)];
        match value {
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                self.shuffle(&mut members);
                let members: Vec<String> = members
                    .into_iter()
                    .map(|(name, value)| format!("{}:{space}{}", json!(name), self.text(value)))
                    .collect();
                format!("{{{space}{}{space}}}", members.join(&format!("{space},")))
            }
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.text(item)).collect();
                format!("[{space}{}]", items.join(&format!(",{space}")))
            }
            scalar => scalar.to_string(),
        }
    }
}

/// A policy with rules of every kind, met and not met.
fn rules() -> Value {
    let scan = |name: &str, signed_by: Value, result: &str| {
        json!({"name": name, "images": ["**"], "attestation": {
            "signedBy": signed_by,
            "predicateType": {"exact": SCAN},
            "quantifier": "any",
            "conditions": [{"field": "/result", "equals": result}, {"field": "/score", "atLeast": 1}],
            "maximumAge": "365d"}})
    };
    let built = json!({
        "builders": ["container"],
        "source": {"uri": "https://github.com/octo-org/app", "ref": {"glob": "refs/tags/*"}},
        "minimumLevels": {"build": 3},
    });
    json!([
        {"name": "signed", "images": ["**"], "signature": {
            "signedBy": {"atLeast": {"count": 2, "of": ["k1", "k2", "anyone", {"allOf": ["ann"]}]}}}},
        scan("scanned", json!(["anyone", "ann"]), "pass"),
        scan("never", json!(["anyone", "k1"]), "excellent"),
        {"name": "later", "images": ["**"], "effectiveOn": "2027-01-01T00:00:00Z",
         "signature": {"signedBy": ["ci"]}},
        {"name": "excused", "images": ["**"], "mode": "warn", "signature": {"signedBy": ["ci"]}},
        {"name": "built", "images": ["**"], "provenance": built},
        {"name": "listed", "images": ["**"], "sbom": {
            "signedBy": ["anyone", "k1"], "packages": {"deny": [{"package": "pkg:npm/a", "versions": "<2.0.0"}]},
            "licenses": {"allow": ["MIT", "Zlib"]}}},
        {"name": "found", "images": ["**"], "vulnerabilities": {
            "signedBy": ["anyone"], "maximumAge": "365d", "maximum": {"critical": 0, "high": 1},
            "ignore": [{"id": "CVE-2", "reason": "r", "until": "2026-06-10T00:00:00Z"}],
            "vex": {"signedBy": ["ann", "anyone"], "maximumAge": "365d"}}},
    ])
}

fn whole_policy() -> Value {
    let identity = json!({
        "issuer": {"exact": "https://token.actions.githubusercontent.com"},
        "subject": {"glob": "https://github.com/octo-org/**"},
    });
    let authorities = json!([
        key("k1"),
        key("k2"),
        person("ann", "ann@example.com"),
        person("anyone", "*@example.com"),
        {"name": "ci", "keyless": {"trustRoot": "root", "identities": [identity]}},
    ]);
    let builders = json!([
        {"name": "container", "signedBy": ["ci"], "id": {"glob": "https://github.com/**"}, "maximumLevel": 3},
        {"name": "same", "signedBy": ["ci"], "id": {"glob": "https://github.com/**"}, "maximumLevel": 3},
    ]);
    let exception = |name: &str, ends: &str| json!({"name": name, "images": ["**"], "rules": ["excused"], "reason": "r", "ends": ends});
    let exceptions = json!([
        exception("ended", "2026-01-01T00:00:00Z"),
        exception("ending", "2026-06-07T00:00:00Z")
    ]);
    policy(
        authorities,
        rules(),
        json!({"builders": builders, "exceptions": exceptions}),
    )
}

fn listed(purl: &str) -> Evidence {
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "library", "name": "a", "purl": purl, "licenses": [{"license": {"id": "MIT"}}]}]});
    attestation(&by_key("k1"), "https://cyclonedx.org/bom", document)
}

/// A scan that found these, all critical.
fn found(ids: Value) -> Evidence {
    let result: Vec<Value> = ids
        .as_array()
        .unwrap()
        .iter()
        .map(|id| json!({"id": id, "severity": [{"method": "nvd", "score": "critical"}]}))
        .collect();
    let predicate = json!({"scanner": {"uri": "pkg:github/a/scanner", "result": result}});
    let signer = by_person("bob@example.com");
    attestation(
        &signer,
        "https://in-toto.io/attestation/vulns/v0.2",
        predicate,
    )
}

/// A VEX document that says of CVE-1 that it does not matter.
fn not_affected(address: &str) -> Evidence {
    let product = format!("pkg:oci/app@{}", DIGEST.replace(':', "%3A"));
    let document = json!({"@context": "https://openvex.dev/ns", "author": address, "statements": [{
        "vulnerability": "CVE-1", "products": [product], "status": "not_affected",
        "justification": "component_not_present"}]});
    attestation(&by_person(address), "https://openvex.dev/ns", document)
}

fn pieces() -> Vec<Evidence> {
    let scan = |address: &str, result: &str| {
        attestation(
            &by_person(address),
            SCAN,
            json!({"result": result, "score": 3}),
        )
    };
    let build = Build::default();
    let ci = SIGSTORE.keyless(&Identity::github_actions(&build));
    let stamped = ci
        .clone()
        .timestamp(TimestampAuthority::First)
        .timestamp(TimestampAuthority::Second);
    vec![
        signature(&by_key("k1")),
        signature(&by_key("k2")),
        signature(&by_person("ann@example.com")),
        scan("ann@example.com", "pass"),
        scan("bob@example.com", "pass"),
        scan("bob@example.com", "fail"),
        attestation(
            &by_key("k1").fault(Fault::SignatureInvalid),
            SCAN,
            json!({}),
        ),
        listed("pkg:npm/a@1.0.0"),
        listed("pkg:npm/a@2.0.0"),
        found(json!(["CVE-1", "CVE-2"])),
        found(json!(["CVE-1", "CVE-2", "CVE-3"])),
        not_affected("ann@example.com"),
        not_affected("bob@example.com"),
        evidence(ci.attest(&build.provenance_v1(subject()))),
        evidence(stamped.attest(&build.provenance_v02(subject()))),
        Evidence::default(),
    ]
}

#[test]
fn a_thousand_orders() {
    let policy = whole_policy();
    let request = json!({"images": [
        {"reference": IMAGE, "digest": DIGEST}, {"reference": OTHER, "digest": DIGEST},
    ]});
    let pieces = pieces();
    let whole = |reference: &str, pieces: &[Evidence]| ImageEvidence {
        reference: reference.to_owned(),
        digest: DIGEST.to_owned(),
        evidence: pieces.to_vec(),
        unavailable: None,
    };
    let decided = decide_request(
        &compiled(&policy),
        &request.to_string(),
        &[whole(IMAGE, &pieces), whole(OTHER, &pieces[..3])],
        NOW,
    );
    let rules = decided.document["images"][0]["rules"].as_array().unwrap();
    let results: Vec<&str> = rules
        .iter()
        .map(|rule| rule["result"].as_str().unwrap())
        .collect();
    assert_eq!(
        results,
        [
            "pass", "pass", "fail", "warn", "skip", "pass", "pass", "pass"
        ]
    );
    let expected = decided.decision.to_json();
    let mut shuffle = Shuffle(1);
    for round in 0..1000 {
        let policy = shuffle.text(&policy);
        let policy = CompiledPolicy::compile(policy.as_bytes(), &[]).unwrap();
        let mut shuffled = pieces.clone();
        shuffle.shuffle(&mut shuffled);
        // The evidence of one image in one entry or two, pieces once or twice.
        let cut = shuffle.next(shuffled.len());
        let again = shuffle.next(cut.saturating_add(1));
        let mut brought = vec![
            whole(IMAGE, &shuffled[..cut]),
            whole(OTHER, &pieces[..3]),
            whole(IMAGE, &shuffled[again..]),
            whole("elsewhere.example/app", &shuffled),
        ];
        shuffle.shuffle(&mut brought);
        let decision = policy.decide(shuffle.text(&request).as_bytes(), &brought, at(NOW));
        assert_eq!(decision.to_json(), expected, "round {round}");
    }
}

/// The members of a bundle may stand in any order, those of the signed payload stay as they are.
/// SHA-256 of the piece is another then, and with it the order of the pieces: what must stay is all else.
#[test]
fn bundles_in_any_order() {
    let policy = compiled(&whole_policy());
    let decide = |pieces: &[Evidence]| {
        let brought = ImageEvidence {
            reference: IMAGE.to_owned(),
            digest: DIGEST.to_owned(),
            evidence: pieces.to_vec(),
            unavailable: None,
        };
        let request = json!({"images": [{"reference": IMAGE, "digest": DIGEST}]}).to_string();
        decide_request(&policy, &request, &[brought], NOW)
    };
    let pieces = pieces();
    let bundles: Vec<usize> = (0..pieces.len())
        .filter(|index| pieces[*index].media_type.contains("bundle"))
        .collect();
    assert_eq!(bundles.len(), 12);
    let results = |document: &Value| -> Vec<Value> {
        let rules = document["images"][0]["rules"].as_array().unwrap();
        rules
            .iter()
            .map(|rule| json!([rule["code"], rule["result"]]))
            .collect()
    };
    let expected = results(&decide(&pieces).document);
    let mut shuffle = Shuffle(2);
    let mut changed = 0;
    for _ in 0..50 {
        let mut shuffled = pieces.clone();
        for index in &bundles {
            let bundle: Value = serde_json::from_slice(&pieces[*index].content).unwrap();
            shuffled[*index].content = shuffle.text(&bundle).into_bytes();
            changed += usize::from(shuffled[*index].content != pieces[*index].content);
            // A piece alone is told about in the same words.
            let (one, other) = (
                decide(&pieces[*index..=*index]),
                decide(&shuffled[*index..=*index]),
            );
            let digests = |document: &Value| {
                document["images"][0]["rules"][0]["evidence"][0]["sha256"].clone()
            };
            let without = |document: &Value| {
                let digest = digests(document);
                document.to_string().replace(digest.as_str().unwrap(), "")
            };
            assert_eq!(without(&one.document), without(&other.document));
        }
        assert_eq!(results(&decide(&shuffled).document), expected);
    }
    assert!(changed > 250, "{changed}");
}
