//! Who must have signed: combinations of authorities, and what counts as one signer.

use sealstone_engine::{CompiledPolicy, Evidence};
use sealstone_forge::Signer;
use serde_json::{Value, json};

use crate::world::{
    assert_code, attestation, by_key, by_person, compiled, decide, key, person, policy, rule,
    signature,
};

/// `ann`, `bob` and `cid` by certificate, `anyone` who has an address, the keys `k1` to `k3`, and `k1`
/// again under another name.
fn authorities() -> Value {
    let mut again = key("k1");
    again["name"] = json!("k1-again");
    json!([
        person("ann", "ann@example.com"),
        person("bob", "bob@example.com"),
        person("cid", "cid@example.com"),
        person("anyone", "*@example.com"),
        key("k1"),
        key("k2"),
        key("k3"),
        again,
    ])
}

fn signer(name: &str) -> Signer<'static> {
    if name.starts_with('k') {
        by_key(name)
    } else {
        by_person(&format!("{name}@example.com"))
    }
}

fn signed_by(names: &[&str]) -> Vec<Evidence> {
    names.iter().map(|name| signature(&signer(name))).collect()
}

fn asking(signers: Value) -> CompiledPolicy {
    let rules = rule("signature", json!({"signedBy": signers}));
    compiled(&policy(authorities(), rules, json!({})))
}

const OK: &str = "ok";
const FEW: &str = "signers.not-enough";
const NONE: &str = "evidence.missing";

fn hold(cases: &[(Value, &[&str], &str)]) {
    for (signers, signed, code) in cases {
        let decided = decide(&asking(signers.clone()), signed_by(signed));
        assert_code(&decided, code, &format!("{signers} signed by {signed:?}"));
        assert_eq!(decided.met_by().is_empty(), *code != OK);
    }
}

#[test]
fn combinations() {
    let list = || json!(["k1", "k2"]);
    let any = || json!({"anyOf": ["k1", "k2"]});
    let all = || json!({"allOf": ["k1", "k2"]});
    let two = || json!({"atLeast": {"count": 2, "of": ["k1", "k2", "k3"]}});
    hold(&[
        (list(), &["k1"], OK),
        (list(), &["k2"], OK),
        (list(), &["k1", "k2"], OK),
        (list(), &["k3"], "signature.invalid"),
        (list(), &[], NONE),
        (any(), &["k1"], OK),
        (any(), &["k2"], OK),
        (any(), &["k3"], "signature.invalid"),
        (any(), &[], NONE),
        (all(), &["k1", "k2"], OK),
        (all(), &["k1"], FEW),
        (all(), &["k2"], FEW),
        (all(), &["k1", "k3"], FEW),
        (all(), &["k3"], "signature.invalid"),
        (all(), &[], NONE),
        (two(), &["k1", "k2"], OK),
        (two(), &["k1", "k3"], OK),
        (two(), &["k1", "k2", "k3"], OK),
        (two(), &["k2"], FEW),
        (two(), &["k2", "ann"], FEW),
        (two(), &["ann"], "certificate.unexpected"),
        (two(), &[], NONE),
    ]);
}

#[test]
fn combinations_within_combinations() {
    let release = || json!({"allOf": ["ann", {"anyOf": ["bob", "cid"]}, {"atLeast": {"count": 2, "of": ["k1", "k2", "k3"]}}]});
    let either = || json!({"anyOf": [{"allOf": ["k1", "k2"]}, {"allOf": ["k3", "ann"]}]});
    let thresholds = || {
        json!({"atLeast": {"count": 2, "of": [
            {"allOf": ["ann", "k1"]}, {"atLeast": {"count": 2, "of": ["bob", "cid", "k2"]}}, "k3"]}})
    };
    hold(&[
        (release(), &["ann", "bob", "k1", "k2"], OK),
        (release(), &["ann", "cid", "k1", "k3"], OK),
        (release(), &["bob", "cid", "k1", "k2"], FEW),
        (release(), &["ann", "k1", "k2"], FEW),
        (release(), &["ann", "bob", "k1"], FEW),
        (either(), &["k1", "k2"], OK),
        (either(), &["k3", "ann"], OK),
        (either(), &["k1", "k3"], FEW),
        (either(), &["k2", "ann"], FEW),
        (thresholds(), &["ann", "k1", "bob", "cid"], OK),
        (thresholds(), &["ann", "k1", "k3"], OK),
        (thresholds(), &["bob", "k2", "k3"], OK),
        (thresholds(), &["ann", "k1", "bob"], FEW),
        (thresholds(), &["ann", "bob", "k3"], FEW),
        (thresholds(), &["bob", "cid", "k2"], FEW),
        (thresholds(), &["k3"], FEW),
    ]);
}

/// A signer that fits two authorities counts once in a threshold, by certificate and by key.
#[test]
fn one_signer_counts_once() {
    let two_of = |of: Value| json!({"atLeast": {"count": 2, "of": of}});
    hold(&[
        (two_of(json!(["ann", "anyone"])), &["ann"], FEW),
        (two_of(json!(["ann", "anyone"])), &["ann", "bob"], OK),
        (two_of(json!(["k1", "k1-again"])), &["k1"], FEW),
        (two_of(json!(["k1", "k1-again", "k2"])), &["k1"], FEW),
        (two_of(json!(["k1", "k1-again", "k2"])), &["k1", "k2"], OK),
        // Wrapped in other combinations, too.
        (
            two_of(json!([{"anyOf": ["ann", "bob"]}, {"allOf": ["anyone"]}])),
            &["ann"],
            FEW,
        ),
        (
            two_of(json!([{"anyOf": ["ann", "bob"]}, {"allOf": ["anyone"]}])),
            &["ann", "cid"],
            OK,
        ),
        (
            two_of(json!([{"atLeast": {"count": 1, "of": ["k1"]}}, "k1-again"])),
            &["k1"],
            FEW,
        ),
        // Without a threshold nothing is counted: both authorities have signed.
        (json!({"allOf": ["ann", "anyone"]}), &["ann"], OK),
    ]);
}

/// Two signatures of one signer are one, also with two certificates and at two times.
#[test]
fn two_pieces_by_one_signer_count_once() {
    let policy =
        asking(json!({"atLeast": {"count": 2, "of": ["anyone", "ann", "k1", "k1-again"]}}));
    let later = sealstone_forge::SIGNED.plus(3600);
    for name in ["ann", "k1"] {
        let pieces = vec![
            signature(&signer(name)),
            crate::world::evidence(
                signer(name)
                    .at(later)
                    .sign_legacy("elsewhere", crate::support::DIGEST),
            ),
        ];
        assert_ne!(pieces[0], pieces[1]);
        let decided = decide(&policy, pieces);
        assert_code(&decided, FEW, name);
        assert_eq!(decided.piece_codes(), [OK, OK]);
    }
}

/// `anyone` is matched by whoever signed; the only signer of the other part must be kept for it. A
/// count that gives each part the first signer that fits would fail one of the two, in any order.
#[test]
fn parts_are_matched_with_signers() {
    let both = ["ann", "bob"];
    let three = ["ann", "bob", "cid"];
    let two_of = |of: Value| json!({"atLeast": {"count": 2, "of": of}});
    let chain = |of: Value| json!({"atLeast": {"count": 3, "of": of}});
    let ann_or_bob = || json!({"anyOf": ["ann", "bob"]});
    let bob_or_cid = || json!({"anyOf": ["bob", "cid"]});
    hold(&[
        (two_of(json!(["anyone", "ann"])), &both, OK),
        (two_of(json!(["anyone", "bob"])), &both, OK),
        (two_of(json!(["ann", "anyone"])), &both, OK),
        (two_of(json!(["bob", "anyone"])), &both, OK),
        // Each part but the last must give way in turn.
        (
            chain(json!([ann_or_bob(), bob_or_cid(), "ann"])),
            &three,
            OK,
        ),
        (
            chain(json!([ann_or_bob(), bob_or_cid(), "cid"])),
            &three,
            OK,
        ),
        (chain(json!([ann_or_bob(), "anyone", "ann"])), &three, OK),
        (chain(json!([ann_or_bob(), "anyone", "bob"])), &three, OK),
        (chain(json!(["anyone", bob_or_cid(), "bob"])), &three, OK),
        (chain(json!(["anyone", bob_or_cid(), "cid"])), &three, OK),
        (
            chain(json!([ann_or_bob(), {"anyOf": ["bob", "ann"]}, "anyone"])),
            &both,
            FEW,
        ),
    ]);
}

/// Who signed enough is told by name, each signer once for each authority that it stands for.
#[test]
fn what_met_is_listed() {
    let policy = asking(json!({"allOf": ["ann", "k1"]}));
    let decided = decide(&policy, signed_by(&["ann", "k1", "k1"]));
    assert_code(&decided, OK, "");
    let mut names: Vec<&str> = decided
        .met_by()
        .iter()
        .map(|met| met["authority"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["ann", "k1"]);
    for met in decided.met_by() {
        let insecure = met["authority"] == "k1";
        assert_eq!(met["insecureIgnoreTransparencyLog"] == true, insecure);
        assert_eq!(met["signer"]["subject"] == "ann@example.com", !insecure);
    }
}

/// Where nobody has signed well the piece that came furthest says why; where somebody has, the count.
#[test]
fn a_failing_piece_or_too_few_signers() {
    const SCAN: &str = "https://scan.example/v1";
    let rules = rule(
        "attestation",
        json!({
            "signedBy": {"allOf": ["k1", "k2"]},
            "predicateType": {"exact": SCAN},
            "quantifier": "any",
            "conditions": [{"field": "/result", "equals": "pass"}],
        }),
    );
    let policy = compiled(&policy(authorities(), rules, json!({})));
    let scan =
        |name: &str, result: &str| attestation(&by_key(name), SCAN, json!({"result": result}));
    for (pieces, code) in [
        (vec![scan("k1", "pass"), scan("k2", "pass")], OK),
        (vec![scan("k1", "pass"), scan("k2", "fail")], FEW),
        (vec![scan("k1", "pass")], FEW),
        (vec![scan("k1", "fail")], "attestation.field-mismatch"),
        (
            vec![scan("k1", "fail"), scan("k3", "pass")],
            "attestation.field-mismatch",
        ),
        (vec![scan("k3", "pass")], "signature.invalid"),
    ] {
        assert_code(&decide(&policy, pieces), code, code);
    }
}

#[test]
fn sixty_four_authorities() {
    let names: Vec<String> = (0..64).map(|index| format!("k{index}")).collect();
    let authorities: Vec<Value> = names.iter().map(|name| key(name)).collect();
    let asking = |signers: Value| {
        let rules = rule("signature", json!({"signedBy": signers}));
        policy(json!(authorities), rules, json!({}))
    };
    let pieces: Vec<Evidence> = names.iter().map(|name| signature(&by_key(name))).collect();
    let all = compiled(&asking(json!({"atLeast": {"count": 64, "of": names}})));
    assert_code(&decide(&all, pieces.clone()), OK, "all");
    assert_code(&decide(&all, pieces[1..].to_vec()), FEW, "all but one");
    let any = compiled(&asking(json!(names)));
    assert_code(&decide(&any, pieces[63..].to_vec()), OK, "any");
    let halves = json!({"allOf": [{"allOf": names[..32]}, {"allOf": names[32..]}]});
    assert_code(&decide(&compiled(&asking(halves)), pieces), OK, "halves");

    // The limit holds over all parts together.
    let more = json!({"allOf": [{"allOf": names[..32]}, {"allOf": names[31..]}]});
    let problems = CompiledPolicy::compile(asking(more).to_string().as_bytes(), &[]).unwrap_err();
    let found: Vec<_> = problems.iter().map(|p| (p.code, p.path.as_str())).collect();
    assert_eq!(found, [("limit.signed-by", "/rules/0/signature/signedBy")]);
}

/// Eight combinations within one another are read, and mean what they say.
#[test]
fn eight_levels() {
    let mut signers = json!({"allOf": ["k1", "k2"]});
    for _ in 0..7 {
        signers = json!({"anyOf": [signers]});
    }
    hold(&[
        (signers.clone(), &["k1", "k2"], OK),
        (signers, &["k1"], FEW),
    ]);
}
