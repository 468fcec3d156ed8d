//! The policies in `examples/` and their tests.

use serde_json::Value;

use crate::support::sealstone;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");

#[test]
fn every_policy_has_tests_that_pass() {
    let answer = sealstone(["test", EXAMPLES, "--output", "json", "--cover"]);
    assert_eq!(
        (answer.status, &*answer.stderr),
        (0, ""),
        "{}",
        answer.stdout
    );
    let results: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(results["failed"], 0);
    let policies = results["coverage"]["policies"].as_array().unwrap();
    let mut tested = Vec::new();
    for policy in policies {
        let path = policy["policy"].as_str().unwrap();
        let (_, path) = path.split_once("/examples/").unwrap();
        tested.push(path.to_owned());
        // Each rule is met and not met.
        for goal in policy["goals"].as_array().unwrap() {
            let kind = goal["goal"].as_str().unwrap();
            assert!(kind == "code" || goal["reached"] == true, "{path}: {goal}");
        }
    }
    tested.sort();
    assert_eq!(tested, policies_below("", EXAMPLES));
}

/// The files `policy.yaml` below a folder.
fn policies_below(prefix: &str, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = entry.path();
        if path.is_dir() {
            let prefix = format!("{prefix}{name}/");
            found.extend(policies_below(&prefix, path.to_str().unwrap()));
        } else if name == "policy.yaml" {
            found.push(format!("{prefix}{name}"));
        }
    }
    found.sort();
    found
}

#[test]
fn some_tests_reach_all_that_there_is() {
    for folder in ["container-image", "opa"] {
        let path = format!("{EXAMPLES}/{folder}");
        let answer = sealstone(["test", &path, "--cover-minimum", "100"]);
        assert_eq!(
            (answer.status, &*answer.stderr),
            (0, ""),
            "{}",
            answer.stdout
        );
        assert!(answer.stdout.contains("100 % reached"), "{}", answer.stdout);
    }
}
