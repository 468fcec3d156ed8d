//! Rules in Rego: what they are told, what they can say, and that whatever else comes of them denies.

use std::cell::Cell;

use sealstone_engine::{CompiledPolicy, Evidence, rego};
use sealstone_forge::NOW;
use serde_json::{Value, json};

use crate::world::{
    assert_code, attestation, by_key, by_person, compiled, decide, key, person, policy, rule,
};

const OK: &str = "ok";
const REVIEW: &str = "https://example.com/review/v1";
const SCAN: &str = "https://example.com/scan/v1";

fn document(asked: Value) -> Value {
    let authorities = json!([
        key("reviewer"),
        key("scanner"),
        person("people", "*@example.com")
    ]);
    policy(authorities, rule("rego", asked), json!({}))
}

/// A rule that is told of one review.
fn about_review(members: Value) -> Value {
    let mut asked = json!({
        "attestations": [
            {"name": "review", "signedBy": ["reviewer", "people"], "predicateType": {"exact": REVIEW}},
        ],
    });
    for (name, value) in members.as_object().unwrap() {
        asked[name] = value.clone();
    }
    asked
}

fn deny(module: &str) -> Value {
    json!({"modules": [module], "deny": "data.example.deny"})
}

fn review(predicate: Value) -> Evidence {
    attestation(&by_key("reviewer"), REVIEW, predicate)
}

fn scan(predicate: Value) -> Evidence {
    attestation(&by_key("scanner"), SCAN, predicate)
}

/// Decides by a program that is told of an empty review.
#[track_caller]
fn assert_program(module: &str, code: &str) {
    let policy = compiled(&document(about_review(deny(module))));
    assert_code(&decide(&policy, vec![review(json!({}))]), code, module);
}

/// The code, path and message of the only problem.
fn problem(asked: Value) -> (&'static str, String, String) {
    let document = document(asked).to_string();
    let problems = CompiledPolicy::compile(document.as_bytes(), &[]);
    let problems = problems.map(|_| document).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let problem = problems.into_iter().next().unwrap();
    (problem.code, problem.path, problem.message)
}

#[test]
fn both_syntaxes() {
    let v1 = "package example\n\ndeny contains \"nobody approved\" if not input.attestations.review.predicate.approved\n";
    let v0 = "package example\n\ndeny[\"nobody approved\"] { not input.attestations.review.predicate.approved }\n";
    for (syntax, module) in [("v1", v1), ("v0", v0)] {
        let mut asked = about_review(deny(module));
        asked["syntax"] = syntax.into();
        let policy = compiled(&document(asked));
        let met = decide(&policy, vec![review(json!({"approved": true}))]);
        assert_code(&met, OK, syntax);
        assert_eq!(met.met_by().len(), 1);
        assert_eq!(met.met_by()[0]["predicateType"], REVIEW);
        let refused = decide(&policy, vec![review(json!({"approved": false}))]);
        assert_code(&refused, "rego.denied", syntax);
        let message = &refused.document["images"][0]["message"];
        assert_eq!(message, "nobody approved");
        assert_eq!(refused.piece_codes(), ["rego.denied"]);
    }
    // One syntax is not the other.
    for (syntax, module) in [("v0", v1), ("v1", v0)] {
        let mut asked = about_review(deny(module));
        asked["syntax"] = syntax.into();
        let (code, path, message) = problem(asked);
        assert_eq!(code, "policy.rego-malformed", "{message}");
        assert_eq!(path, "/rules/0/rego/modules/0");
        assert!(message.contains("(module 0, line 3, column "), "{message}");
    }
}

#[test]
fn what_a_program_is_told() {
    let members = "package example\n\ndeny contains name if some name, _ in input\n";
    let decided = decide(
        &compiled(&document(about_review(deny(members)))),
        vec![review(json!({}))],
    );
    let message = decided.document["images"][0]["message"].as_str().unwrap();
    assert_eq!(message, "attestations; image; now");
    let allow = r#"package example
allow if {
	count(input) == 3
	input.now == NOW
	time.now_ns() == input.now * 1000000000
	time.parse_rfc3339_ns("1970-01-01T00:00:01Z") == 1000000000
	object.keys(input.image) == {"digest", "registry", "repository"}
	startswith(input.image.digest, "sha256:")
	input.attestations.review.predicate == {"score": 1.5, "list": [1, -2, null, true, "x"]}
	input.attestations.review.predicateType == "https://example.com/review/v1"
	input.attestations.review.authority == "people"
	input.attestations.review.signer.subject == "ann@example.com"
	input.attestations.review.signer.issuer != ""
	input.attestations.review.signer.extensions == {}
	input.attestations.review.verifiedTime <= input.now
	regex.match("^ann@", input.attestations.review.signer.subject)
	concat("/", [input.image.registry, input.image.repository]) != ""
	replace("aXbX", "X", "--") == "a--b--"
	numbers.range(3, 1) == [3, 2, 1]
	numbers.range_step(1, 6, 2) == [1, 3, 5]
	semver.compare("1.2.3", "1.10.0") == -1
}
"#
    .replace("NOW", &NOW.seconds().to_string());
    let asked = about_review(json!({"modules": [allow], "allow": "data.example.allow"}));
    let by_ann = attestation(
        &by_person("ann@example.com"),
        REVIEW,
        json!({"score": 1.5, "list": [1, -2, null, true, "x"]}),
    );
    assert_code(
        &decide(&compiled(&document(asked)), vec![by_ann]),
        OK,
        "allow",
    );
}

#[test]
fn whatever_is_no_plain_yes_denies() {
    let cases = [
        ("deny := set()", OK),
        ("deny := []", OK),
        ("deny := {\"no\"}", "rego.denied"),
        ("deny := [\"no\"]", "rego.denied"),
        ("deny := set() if input.nothing", "rego.undefined"),
        ("deny := false", "rego.result-type"),
        ("deny := \"\"", "rego.result-type"),
        ("deny := {}", "rego.result-type"),
        ("deny := {1}", "rego.result-type"),
        ("deny := 1\ndeny := 2", "rego.failed"),
        (
            "deny contains sprintf(\"%d\", [x]) if some x in numbers.range(1, 257)",
            "limit.rego-messages",
        ),
    ];
    for (program, code) in cases {
        assert_program(&format!("package example\n\n{program}\n"), code);
    }
    let cases = [
        ("allow := true", OK),
        ("allow := false", "rego.not-allowed"),
        ("default allow := false", "rego.not-allowed"),
        ("allow if input.nothing", "rego.undefined"),
        ("allow := 1", "rego.result-type"),
        ("allow := \"true\"", "rego.result-type"),
    ];
    for (program, code) in cases {
        let modules = [format!("package example\n\n{program}\n")];
        let asked = about_review(json!({"modules": modules, "allow": "data.example.allow"}));
        let decided = decide(&compiled(&document(asked)), vec![review(json!({}))]);
        assert_code(&decided, code, program);
    }
    // Where both are named, both must be content.
    let both = "package example\n\ndeny contains \"no\" if true\n\nallow := true\n";
    let asked = about_review(
        json!({"modules": [both], "allow": "data.example.allow", "deny": "data.example.deny"}),
    );
    let decided = decide(&compiled(&document(asked)), vec![review(json!({}))]);
    assert_code(&decided, "rego.denied", both);
}

/// A `deny` that cannot look is not content.
#[test]
fn what_fails_anywhere_fails_everything() {
    let cases = [
        (
            "deny contains \"x\" if bad(1)\n\nbad(x) if http.send(x)\n\nbad(x) := false if x == 1",
            "rego.function-unavailable",
        ),
        (
            "deny contains \"x\" if not good\n\ngood if http.send({})\n\ngood if true",
            "rego.function-unavailable",
        ),
        (
            "deny contains \"x\" if to_number(input.attestations.review.predicateType) == 1",
            "rego.failed",
        ),
        ("deny contains \"x\" if upper(1) == \"1\"", "rego.failed"),
        (
            "deny contains \"x\" if regex.match(\"(\", \"x\")",
            "rego.failed",
        ),
        (
            "deny contains \"x\" if regex.match(concat(\"\", letters), \"x\")\n\nletters := [\"y\" | some _ in numbers.range(1, 2000)]",
            "rego.failed",
        ),
        ("deny contains \"x\" if 1 / 0 == 1", "rego.failed"),
        ("deny contains y if true", "rego.failed"),
        ("deny contains \"x\" if data.exmaple.rule", OK),
        (
            "deny contains x if {\n\tsome x in {1, 2}\n\ty := {\"a\": 1, \"a\": x}\n\ty.a == 3\n}",
            OK,
        ),
    ];
    for (program, code) in cases {
        assert_program(&format!("package example\n\n{program}\n"), code);
    }
}

#[test]
fn nothing_unproved_is_told() {
    let module = "package example\n\ndeny contains \"no\" if not input.attestations.review.predicate.approved\n";
    let policy = compiled(&document(about_review(deny(module))));
    let approved = || json!({"approved": true});
    let stranger = attestation(&by_key("stranger"), REVIEW, approved());
    let scanner = attestation(&by_key("scanner"), REVIEW, approved());
    let outsider = attestation(&by_person("eve@example.org"), REVIEW, approved());
    let other_kind = attestation(&by_key("reviewer"), SCAN, approved());
    let cases = [
        (Vec::new(), "evidence.missing"),
        (vec![stranger], "signature.invalid"),
        (vec![scanner], "signature.invalid"),
        (vec![outsider], "identity.subject-mismatch"),
        (vec![other_kind], "certificate.missing"),
    ];
    for (index, (evidence, code)) in cases.into_iter().enumerate() {
        let decided = decide(&policy, evidence);
        assert_eq!(decided.code(), code, "{index} {:#}", decided.document);
        assert!(!decided.decision.allowed());
    }
}

#[test]
fn age() {
    let module = "package example\n\ndeny := []\n";
    let mut asked = about_review(deny(module));
    let by_ann = || attestation(&by_person("ann@example.com"), REVIEW, json!({}));
    for (age, code) in [("3650d", OK), ("1s", "evidence.too-old")] {
        asked["attestations"][0]["maximumAge"] = age.into();
        let policy = compiled(&document(asked.clone()));
        assert_code(&decide(&policy, vec![by_ann()]), code, age);
    }
    let policy = compiled(&document(asked));
    // A key without a log proves no time.
    let unproven = vec![review(json!({}))];
    assert_code(
        &decide(&policy, unproven),
        "evidence.age-unproven",
        "unproven",
    );
}

#[test]
fn one_combination_is_enough_and_taking_one_away_never_helps() {
    let module = r#"package example
deny contains "another commit was scanned" if {
	input.attestations.review.predicate.commit != input.attestations.scan.predicate.commit
}
"#;
    let mut asked = about_review(deny(module));
    let scan_asked =
        json!({"name": "scan", "signedBy": ["scanner"], "predicateType": {"exact": SCAN}});
    asked["attestations"]
        .as_array_mut()
        .unwrap()
        .push(scan_asked);
    let policy = compiled(&document(asked));
    let pieces = [
        review(json!({"commit": "a"})),
        review(json!({"commit": "b"})),
        scan(json!({"commit": "b"})),
        scan(json!({"commit": "c"})),
    ];
    let decided = decide(&policy, pieces.to_vec());
    assert_code(&decided, OK, "all");
    assert_eq!(decided.met_by().len(), 2);
    for subset in 0_u32..16 {
        let brought = pieces.iter().enumerate();
        let brought = brought.filter(|(index, _)| subset & (1 << index) != 0);
        let brought: Vec<Evidence> = brought.map(|(_, piece)| piece.clone()).collect();
        let decided = decide(&policy, brought);
        assert_eq!(
            decided.decision.allowed(),
            subset & 0b110 == 0b110,
            "{subset:b}"
        );
    }
}

#[test]
fn a_program_that_never_ends_or_grows_or_recurses_is_denied() {
    let cases = [
        (
            "deny contains \"x\" if {\n\tsome a in numbers.range(1, 10000)\n\tsome b in numbers.range(1, 10000)\n\ta * b < 0\n}",
            "limit.rego-steps",
        ),
        (
            "deny contains \"x\" if count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a == b]) < 0",
            "limit.rego-steps",
        ),
        (
            "deny contains \"x\" if count(numbers.range(1, 1000000000)) == 0",
            "limit.rego-memory",
        ),
        (
            "deny contains \"x\" if count(numbers.range_step(1, 9000000000, 2)) == 0",
            "limit.rego-memory",
        ),
        (
            "text := concat(\"\", [\"x\" | some _ in numbers.range(1, 9999)])\n\ndeny contains \"x\" if replace(replace(text, \"x\", text), \"x\", text) == \"\"",
            "limit.rego-memory",
        ),
        (
            "text := concat(\"\", [\"x\" | some _ in numbers.range(1, 9999)])\n\ndeny contains \"x\" if concat(text, numbers_as_text) == \"\"\n\nnumbers_as_text := [\"y\" | some _ in numbers.range(1, 9999)]",
            "limit.rego-memory",
        ),
        (
            "f(x) := f(x + 1)\n\ndeny contains \"x\" if f(1) == 0",
            "limit.rego-nesting",
        ),
        (
            "f(x) := g(x)\n\ng(x) := f(x)\n\ndeny contains \"x\" if f(1) == 0",
            "limit.rego-nesting",
        ),
        (
            "a := b\n\nb := a\n\ndeny contains \"x\" if a",
            "rego.recursion",
        ),
        ("deny contains \"x\" if count(deny) > 0", "rego.recursion"),
    ];
    for (program, code) in cases {
        assert_program(&format!("package example\n\n{program}\n"), code);
        // What comes next does not suffer from it.
        assert_program("package example\n\ndeny := []\n", OK);
    }
}

#[test]
fn a_chain_of_rules_without_end_is_denied() {
    let mut module = "package example\n\nr0 := 1\n\ndeny contains \"x\" if r1000 == 0\n".to_owned();
    for index in 1..=1000 {
        module.push_str(&format!("\nr{index} := r{} + 1\n", index - 1));
    }
    assert_program(&module, "limit.rego-nesting");
}

#[test]
fn steps_are_those_of_all_images() {
    let module = "package example\n\ndeny contains \"x\" if {\n\tsome a in numbers.range(1, 40000)\n\ta < 0\n}\n";
    let mut rules = Vec::new();
    for index in 0..8 {
        rules.push(json!({"name": format!("rule-{index}"), "images": ["**"], "rego": about_review(deny(module))}));
    }
    let authorities = json!([key("reviewer"), person("people", "*@example.com")]);
    let one = policy(authorities.clone(), json!([rules[0]]), json!({}));
    assert_code(&decide(&compiled(&one), vec![review(json!({}))]), OK, "one");
    let all = policy(authorities, json!(rules), json!({}));
    let decided = decide(&compiled(&all), vec![review(json!({}))]);
    assert_code(&decided, "limit.rego-steps", "all");
}

#[test]
fn memory_is_asked_for_at_every_step() {
    thread_local! {
        static HELD: Cell<usize> = const { Cell::new(0) };
        static GROWS: Cell<bool> = const { Cell::new(false) };
    }
    // As if every step of this thread allocated 1 MiB.
    rego::set_memory_meter(|| {
        if GROWS.get() {
            HELD.set(HELD.get().saturating_add(1 << 20));
        }
        HELD.get()
    });
    let module = "package example\n\ndeny contains \"x\" if {\n\tsome a in numbers.range(1, 100)\n\ta < 0\n}\n";
    assert_program(module, OK);
    GROWS.set(true);
    assert_program(module, "limit.rego-memory");
    GROWS.set(false);
    assert_program(module, OK);
}

#[test]
fn nothing_of_the_host_is_in_reach() {
    let calls = [
        "http.send({\"method\": \"get\", \"url\": \"https://example.com\"})",
        "opa.runtime()",
        "net.lookup_ip_addr(\"example.com\")",
        "rand.intn(\"x\", 5)",
        "uuid.rfc4122(\"x\")",
        "time.clock(1)",
        "io.jwt.decode(\"x\")",
    ];
    for call in calls {
        let module = format!("package example\n\ndeny contains \"x\" if {call}\n");
        let policy = compiled(&document(about_review(deny(&module))));
        let decided = decide(&policy, vec![review(json!({}))]);
        assert_code(&decided, "rego.function-unavailable", call);
        let message = decided.document["images"][0]["message"].as_str().unwrap();
        let name = call.split('(').next().unwrap();
        assert!(
            message.contains(name) && message.contains("line 3"),
            "{message}"
        );
        // No way round by a negation.
        let module = format!("package example\n\ndeny contains \"x\" if not {call}\n");
        assert_program(&module, "rego.function-unavailable");
    }
    for path in [
        "input.env",
        "input.request",
        "data.env",
        "input.attestations.scan",
    ] {
        let module = format!("package example\n\ndeny := [] if {path}\n");
        assert_program(&module, "rego.undefined");
    }
    // Where there is nobody to read it, nothing is written.
    assert_program("package example\n\ndeny := [] if print(input)\n", OK);
}

#[test]
fn combinations_are_limited() {
    let module = "package example\n\ndeny := [\"no\"]\n";
    let mut asked = about_review(deny(module));
    let scan_asked =
        json!({"name": "scan", "signedBy": ["scanner"], "predicateType": {"exact": SCAN}});
    asked["attestations"]
        .as_array_mut()
        .unwrap()
        .push(scan_asked);
    let policy = compiled(&document(asked));
    let of = |count: usize| {
        let numbers = 0..count;
        let pairs = numbers.flat_map(|n| [review(json!({"n": n})), scan(json!({"n": n}))]);
        pairs.collect::<Vec<_>>()
    };
    assert_code(&decide(&policy, of(16)), "rego.denied", "256");
    assert_code(&decide(&policy, of(17)), "limit.rego-combinations", "289");
}

#[test]
fn broken_programs_are_problems_of_the_policy() {
    let fine = "package example\n\ndeny := []\n";
    let module = |text: &str| json!({"modules": [fine, text], "deny": "data.example.deny"});
    let cases = [
        (
            module("package"),
            "policy.rego-malformed",
            "/modules/1",
            "module 1, line 1",
        ),
        (
            module("package example\n\nx := {"),
            "policy.rego-malformed",
            "/modules/1",
            "module 1, line 3",
        ),
        (
            module("package other\n\nx if {\n\t[a, b] := [1, 2, 3]\n}"),
            "policy.rego-malformed",
            "/modules",
            "module 1, line 4",
        ),
        (
            module("package other\n\nx if inptu.a == 1"),
            "policy.rego-malformed",
            "/modules",
            "module 1, line 3, column 6",
        ),
        (
            module(&"#".repeat((64 << 10) + 1)),
            "limit.rego-bytes",
            "/modules/1",
            "65536",
        ),
        (
            json!({"modules": vec![fine; 9], "deny": "data.example.deny"}),
            "limit.rego-modules",
            "/modules",
            "8",
        ),
        (
            json!({"modules": [fine], "deny": "data.example.denied"}),
            "policy.rego-rule-unknown",
            "/deny",
            "no module",
        ),
        (
            json!({"modules": [fine], "allow": "data.other.deny"}),
            "policy.rego-rule-unknown",
            "/allow",
            "no module",
        ),
        (
            json!({"modules": [fine], "deny": "data.example"}),
            "policy.rego-path-malformed",
            "/deny",
            "data.example.deny",
        ),
        (
            json!({"modules": [fine], "deny": "input.example.deny"}),
            "policy.rego-path-malformed",
            "/deny",
            "path",
        ),
        (
            json!({"modules": [fine], "deny": "data.example.deny[0]"}),
            "policy.rego-path-malformed",
            "/deny",
            "path",
        ),
        (
            json!({"modules": [fine]}),
            "policy.missing-field",
            "",
            "`allow`",
        ),
        (
            json!({"modules": [fine], "deny": "data.example.deny", "syntax": "v2"}),
            "policy.unknown-value",
            "/syntax",
            "v0",
        ),
    ];
    for (asked, code, path, words) in cases {
        let asked = about_review(asked);
        let shown = asked.to_string().chars().take(200).collect::<String>();
        let found = problem(asked);
        assert_eq!(
            (found.0, found.1),
            (code, format!("/rules/0/rego{path}")),
            "{shown} {}",
            found.2
        );
        assert!(found.2.contains(words), "{shown} {}", found.2);
    }
    let (code, path, _) = problem(deny(fine));
    assert_eq!(
        (code, path.as_str()),
        ("policy.missing-field", "/rules/0/rego/attestations")
    );
    let mut twice = about_review(deny(fine));
    let again = twice["attestations"][0].clone();
    twice["attestations"]
        .as_array_mut()
        .unwrap()
        .push(again.clone());
    let found = problem(twice.clone());
    assert_eq!(found.0, "policy.duplicate-name");
    for index in 0..8 {
        let mut more = again.clone();
        more["name"] = format!("n{index}").into();
        twice["attestations"].as_array_mut().unwrap().push(more);
    }
    assert_eq!(problem(twice).0, "limit.rego-attestations");
}

#[test]
fn a_rule_in_rego_has_no_relations() {
    let mut document = document(about_review(deny(
        "package example\n\ndeny contains \"x\" if input.now == 0\n",
    )));
    document["rules"][0]["relations"] = json!([{"rule": "other", "signer": "same"}]);
    let mut other = document["rules"][0].clone();
    other["name"] = "other".into();
    other.as_object_mut().unwrap().remove("relations");
    document["rules"].as_array_mut().unwrap().push(other);
    let problems = CompiledPolicy::compile(document.to_string().as_bytes(), &[]);
    let problems = problems.map(|_| ()).unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|one| (one.code, one.path.as_str()))
        .collect();
    assert_eq!(found, [("policy.unknown-field", "/rules/0/relations")]);
}
