//! What a decision costs: a policy is compiled once, and no decision does any of that again.
//!
//! Work is counted in allocations, which do not depend on the machine.

use std::fmt::Write as _;

use sealstone_engine::{CompiledPolicy, ImageEvidence, NamedTrustedRoot};
use sealstone_forge::Build;

use crate::forging::{IMAGE, NOW, SIGSTORE, honest, policy_text, rule};
use crate::support::{DIGEST, request};

/// What comes of a call, and how many allocations it took.
fn counted<T>(call: impl FnOnce() -> T) -> (T, u64) {
    let mut result = None;
    let spent = allocation_counter::measure(|| result = Some(call()));
    (result.unwrap(), spent.count_total)
}

fn compile(policy: &str) -> CompiledPolicy {
    let root = NamedTrustedRoot {
        name: "forged".to_owned(),
        content: SIGSTORE.trusted_root(),
    };
    CompiledPolicy::compile(policy.as_bytes(), &[root])
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// The rule that the image must meet.
fn own_rule() -> String {
    rule(
        r#""builders":["container"]"#,
        r#","ref":{"glob":"refs/tags/v*"}"#,
        r#","minimumLevels":{"build":3}"#,
    )
}

/// A policy with so many authorities beside those that matter, each with a regular expression.
fn with_authorities(count: usize) -> String {
    let mut authorities = String::new();
    for number in 0..count {
        write!(
            authorities,
            r#"{{"name":"other-{number}","keyless":{{"trustRoot":"forged","identities":[{{"issuer":{{"exact":"https://issuer.example"}},"subject":{{"regexp":"https://(a|b)+\\.example/{number}/[a-z]{{1,9}}"}}}}]}}}},"#
        )
        .unwrap();
    }
    let head = r#""authorities":["#;
    policy_text("", &own_rule()).replace(head, &format!("{head}{authorities}"))
}

fn decide(policy: &CompiledPolicy) -> u64 {
    let evidence = [ImageEvidence {
        reference: IMAGE.to_owned(),
        digest: DIGEST.to_owned(),
        evidence: vec![honest(&Build::default())],
        unavailable: None,
    }];
    let request = request(IMAGE, Some(DIGEST));
    let (decision, spent) = counted(|| policy.decide(request.as_bytes(), &evidence, NOW));
    assert!(decision.allowed(), "{}", decision.to_json());
    spent
}

/// The first decision of a policy costs what every later one costs: nothing is put off until then.
#[test]
fn the_first_decision_costs_what_the_others_cost() {
    // What a process prepares once, whatever the policy.
    decide(&compile(&with_authorities(0)));
    let policy = compile(&with_authorities(8));
    let first = decide(&policy);
    for _ in 0..4 {
        assert_eq!(decide(&policy), first);
    }
}

/// Whatever else a policy names makes compiling dearer, and no decision.
#[test]
fn decisions_do_not_compile() {
    decide(&compile(&with_authorities(0)));
    let (small, compiling_small) = counted(|| compile(&with_authorities(0)));
    let (large, compiling_large) = counted(|| compile(&with_authorities(200)));
    assert!(
        compiling_large > 4 * compiling_small,
        "{compiling_small} {compiling_large}"
    );
    assert_eq!(decide(&large), decide(&small));
    assert!(decide(&large) < compiling_large / 10);
}
