//! How often evidence is verified.

extern crate std;

use core::cell::Cell;
use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

use sealstone_forge::{Build, Identity, KeyDetails, Subject, VirtualSigstore};
use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

use super::{Evidence, ImageEvidence};
use crate::{CompiledPolicy, NamedTrustedRoot};

const IMAGE: &str = "registry.example/octo-org/app";
const DIGEST: &str = "sha256:a74d89d8dd863ca5dae4a29e0feede81ddf59197849a80784af5a02ab7786925";
const RULE: &str = r#""images":["**"],"provenance":{"signedBy":["first"],"source":{"uri":"https://github.com/octo-org/app"}}"#;

std::thread_local! {
    static VERIFICATIONS: Cell<usize> = const { Cell::new(0) };
}

/// Called whenever a piece is verified.
pub(super) fn count() {
    VERIFICATIONS.set(VERIFICATIONS.get().saturating_add(1));
}

/// Decides with these rules and says how many verifications that took.
fn verifications(sigstore: &VirtualSigstore, rules: &[String], evidence: &[Evidence]) -> usize {
    let key = sigstore.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let key = Value::from(key.public_key_pem()).to_canonical_string();
    let keyless = r#""keyless":{"trustRoot":"forged","identities":[{"issuer":{"glob":"**"},"subject":{"glob":"**"}}]}"#;
    let policy = format!(
        r#"{{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{{"name":"counted"}},
        "trustRoots":[{{"name":"forged"}}],
        "authorities":[{{"name":"first",{keyless}}},{{"name":"second",{keyless}}},
            {{"name":"key","key":{{"publicKey":{key},"trustRoot":"forged"}}}}],
        "rules":[{}]}}"#,
        rules.join(",")
    );
    let root = NamedTrustedRoot {
        name: "forged".into(),
        content: sigstore.trusted_root(),
    };
    let policy = CompiledPolicy::compile(policy.as_bytes(), &[root]).unwrap();
    let brought = ImageEvidence {
        reference: IMAGE.into(),
        digest: DIGEST.into(),
        evidence: evidence.to_vec(),
        unavailable: None,
    };
    let request = format!(r#"{{"images":[{{"reference":"{IMAGE}","digest":"{DIGEST}"}}]}}"#);
    let now = UnixTime::from_seconds(sealstone_forge::NOW.seconds());
    let before = VERIFICATIONS.get();
    let decision = policy.decide(request.as_bytes(), &[brought], now);
    assert_eq!(
        decision.allowed(),
        rules.iter().all(|rule| rule.contains("/octo-org/app\"")),
        "{}",
        decision.to_json()
    );
    VERIFICATIONS.get().saturating_sub(before)
}

/// Pieces of evidence, the one that meets the rules last in their order.
fn pieces(sigstore: &VirtualSigstore) -> Vec<Evidence> {
    let evidence = |repository: &str| {
        let build = Build {
            repository: repository.into(),
            ..Build::default()
        };
        let signer = sigstore.keyless(&Identity::github_actions(&build));
        let statement = build.provenance_v1(Subject::new(IMAGE, DIGEST));
        let made = signer.attest(&statement).unwrap();
        Evidence {
            media_type: made.media_type,
            content: made.content,
            annotations: made.annotations.into_iter().collect(),
        }
    };
    vec![
        evidence("octo-org/first"),
        evidence("octo-org/second"),
        evidence("octo-org/app"),
    ]
}

/// Each piece is verified once by each verifier that a rule needs, whatever the number of rules and
/// of authorities with the same verifier.
#[test]
fn each_piece_is_verified_once() {
    let sigstore = VirtualSigstore::new("counted");
    let pieces = pieces(&sigstore);
    let rules = |count: usize, rule: &str| -> Vec<String> {
        (0..count)
            .map(|number| format!(r#"{{"name":"rule-{number}",{rule}}}"#))
            .collect()
    };
    // A source that no piece has: every rule looks at every piece.
    let unmet = RULE.replace("/octo-org/app", "/octo-org/none");
    let both = unmet.replace(r#"["first"]"#, r#"{"anyOf":["first","second"]}"#);
    for count in [1, 2, 64] {
        for rule in [unmet.as_str(), both.as_str()] {
            let spent = verifications(&sigstore, &rules(count, rule), &pieces);
            assert_eq!(spent, pieces.len(), "{count} rules: {rule}");
        }
        let met = verifications(&sigstore, &rules(count, RULE), &pieces);
        assert!((1..=pieces.len()).contains(&met), "{count}: {met}");
        // A second verifier, of a key, looks at each of them once more.
        let keyed = unmet.replace(r#"["first"]"#, r#"{"anyOf":["first","second","key"]}"#);
        let spent = verifications(&sigstore, &rules(count, &keyed), &pieces);
        assert_eq!(spent, 2 * pieces.len(), "{count} rules");
    }
    // The same piece twice is one piece.
    let twice: Vec<Evidence> = pieces.iter().chain(&pieces).cloned().collect();
    let spent = verifications(&sigstore, &rules(3, &unmet), &twice);
    assert_eq!(spent, pieces.len());
}
