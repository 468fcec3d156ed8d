//! What is reported.

use jsonschema::Validator;
use serde_json::{Value, json};

use super::{BY_KEY, Folder, test};
use crate::support::sealstone;

const CASES: &str = "
  - name: signed
    images: [a.example/app]
    evidence: [{signature: {}, signer: release}]
    expect: {outcome: allowed}
  - name: wrong
    images: [a.example/app]
    evidence: [{signature: {}, signer: {key: other}}]
    expect: {outcome: allowed, codes: [evidence.missing], rules: {signed: pass}, metBy: {signed: [release]}}
";

#[test]
fn a_failure_says_what_is_there_and_who_decided() {
    let folder = Folder::new(BY_KEY, CASES);
    let answer = folder.run(&[]);
    assert_eq!((answer.status, &*answer.stderr), (1, ""));
    let (_, said) = answer.stdout.split_once("tests.yaml\n").unwrap();
    let expected = "  pass  signed
  fail  wrong
        outcome
          expected   allowed
          actual     rejected
        rules.signed
          expected   pass
          actual     fail
        metBy.signed
          expected   release
          actual     none
        codes
          missing    evidence.missing
          there are  signature.invalid
        decided  a.example/app  rejected  signature.invalid: the signature does not verify
          fail  signed  signature.invalid: the signature does not verify
                evidence 0 (signature by other)  signature.invalid: the signature does not verify

1 passed, 1 failed
";
    assert_eq!(said, expected);
}

#[test]
fn the_same_whatever_the_number_of_jobs() {
    let mut cases = String::new();
    for number in 0..40 {
        let outcome = if number % 3 == 0 {
            "allowed"
        } else {
            "rejected"
        };
        cases.push_str(&format!(
            "  - name: case {number}
    images: ['a.example/app:{number}', 'b.example/app:{number}']
    evidence:
      - {{signature: {{}}, signer: release, image: 'a.example/app:{number}'}}
      - {{signature: {{}}, signer: release, image: 'b.example/app:{number}', age: {}h}}
    expect: {{outcome: {outcome}}}\n",
            number % 4 + 1
        ));
    }
    let folder = Folder::new(BY_KEY, &cases);
    for output in ["text", "json", "junit"] {
        let run = |jobs: &str| folder.run(&["--jobs", jobs, "--output", output, "--cover"]);
        let alone = run("1");
        assert_eq!((alone.status, &*alone.stderr), (1, ""));
        for jobs in ["2", "7", "40"] {
            assert_eq!(run(jobs).stdout, alone.stdout, "{output} {jobs}");
        }
    }
}

#[test]
fn a_filter_takes_cases_by_name() {
    let folder = Folder::new(BY_KEY, CASES);
    let answer = folder.run(&["--filter", "sig"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(
        answer.stdout.ends_with("\n1 passed, 0 failed\n"),
        "{answer:?}"
    );
    folder
        .run(&["--filter", "nothing"])
        .is_usage_error("policy-test.none");
}

#[test]
fn junit() {
    let folder = Folder::new(BY_KEY, CASES);
    let answer = folder.run(&["--output", "junit", "--cover-minimum", "99"]);
    assert_eq!(answer.status, 1, "{answer:?}");
    for part in [
        "<testsuites tests=\"3\" failures=\"2\"",
        "type=\"policy-test.failed\" message=\"outcome: &quot;rejected&quot; is not &quot;allowed&quot;\"",
        "type=\"policy-test.cover-minimum\"",
        "no case shows evidence.missing",
        "evidence 0 (signature by other)",
    ] {
        assert!(answer.stdout.contains(part), "{part}: {}", answer.stdout);
    }
}

#[test]
fn coverage_names_what_no_case_reaches() {
    let folder = Folder::new(BY_KEY, CASES);
    let answer = folder.run(&["--filter", "signed", "--cover"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    for line in [
        "policy.yaml  1 of 4 reached\n",
        "  signed  no case fails to meet the rule\n",
        "  signed  no case shows evidence.missing\n",
        "  signed  no case shows signature.invalid\n",
        "25 % reached\n",
    ] {
        assert!(answer.stdout.contains(line), "{line}: {}", answer.stdout);
    }
    for (minimum, status) in [("25", 0), ("26", 1)] {
        let answer = folder.run(&["--filter", "signed", "--cover-minimum", minimum]);
        assert_eq!(answer.status, status, "{answer:?}");
    }
    let json = folder.run(&["--output", "json", "--filter", "signed", "--cover"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["coverage"]["percent"], 25);
    let goal =
        json!({"code": "evidence.missing", "goal": "code", "name": "signed", "reached": false});
    let goals = json["coverage"]["policies"][0]["goals"].as_array().unwrap();
    assert!(goals.contains(&goal), "{goals:?}");
}

#[test]
fn decisions_are_kept_and_compared() {
    let cases = CASES.replace(
        "{outcome: allowed}",
        "{outcome: allowed, decision: kept.json}",
    );
    let folder = Folder::new(BY_KEY, &cases);
    let run = |more: &[&str]| folder.run(&[&["--filter", "signed"], more].concat());
    let missing = run(&[]);
    assert_eq!(missing.status, 1);
    assert!(missing.stdout.contains("expected   nothing"), "{missing:?}");
    assert!(run(&["--bless"]).stdout.contains("signed  (written)"));
    let again = run(&["--bless"]);
    assert!(!again.stdout.contains("written"), "{again:?}");
    assert_eq!(run(&[]).status, 0);
    let kept = std::fs::read_to_string(folder.path("kept.json")).unwrap();
    let decision: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(decision["policy"], json!({"name": "tested"}));
    // Another policy that decides the same is no difference.
    let policy = std::fs::read_to_string(folder.path("policy.yaml")).unwrap();
    folder.write(
        "policy.yaml",
        &policy.replace("'**'", "'**', a.example/app"),
    );
    assert_eq!(run(&[]).status, 0);
    folder.write("kept.json", &kept.replace("\"pass\"", "\"fail\""));
    let changed = run(&[]);
    assert_eq!(changed.status, 1);
    let field =
        "decision/images/0/rules/0/result\n          expected   fail\n          actual     pass\n";
    assert!(changed.stdout.contains(field), "{changed:?}");
}

#[test]
fn files_are_found_in_folders() {
    let folder = Folder::new(BY_KEY, CASES);
    std::fs::create_dir_all(folder.path("b/.hidden")).unwrap();
    folder.write(
        "b/policy.yaml",
        &std::fs::read_to_string(folder.path("policy.yaml")).unwrap(),
    );
    folder.write("b/a-test.yml", &test(CASES));
    folder.write("b/.hidden/tests.yaml", "kind: PolicyTest\n");
    folder.write("b/other.yaml", "# kind: PolicyTest\nkind: [PolicyTest\n");
    let answer = folder.run(&["--filter", "signed"]);
    let files: Vec<&str> = answer
        .stdout
        .lines()
        .filter(|line| !line.starts_with(' '))
        .collect();
    let name = |index: usize| files[index].rsplit_once('/').unwrap().1;
    assert_eq!(
        (name(0), name(1), files.len()),
        ("a-test.yml", "tests.yaml", 4),
        "{answer:?}"
    );
    // Named twice is once.
    let path = folder.path("tests.yaml");
    let path = path.to_str().unwrap();
    let once = sealstone(["test", path, path, "--filter", "signed"]);
    assert!(once.stdout.ends_with("\n1 passed, 0 failed\n"), "{once:?}");
}

/// The schema allows what is read, and no more.
#[test]
fn the_schema_knows_test_files() {
    let schema = sealstone(["schema", "policy-test"]).stdout;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let schema: Validator = jsonschema::validator_for(&schema).unwrap();
    let valid = |cases: &str| {
        let document: Value = yaml(&test(cases));
        schema.is_valid(&document)
    };
    assert!(valid(CASES));
    for (from, to) in [
        ("images: [a.example/app]", "images: []"),
        ("images: [a.example/app]", "image: a.example/app"),
        (
            "signature: {}, signer",
            "signature: {}, vex: {statements: []}, signer",
        ),
        ("signature: {}, signer: release", "signature: {}"),
        ("outcome: allowed", "outcome: perhaps"),
        ("signer: {key: other}", "signer: {}"),
        ("signer: release", "signer: release, age: 1w"),
    ] {
        assert!(!valid(&CASES.replacen(from, to, 1)), "{to}");
    }
}

fn yaml(text: &str) -> Value {
    yaml_serde::from_str(text).unwrap()
}
