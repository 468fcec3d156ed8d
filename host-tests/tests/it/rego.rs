//! The module that evaluates Rego: it alone does, within bounds, and nothing is left behind.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sealstone::document::PolicyDocument;
use sealstone::limits::Limits;
use sealstone::runtime::{
    COMPONENT, CacheLocation, Failure, ImageEvidence, Module, Policy, Runtime,
};
use serde_json::{Value, json};

use crate::example::{Example, NOW};

/// The name of an image, the Rego of its rule, and what comes of it.
const PROGRAMS: [(&str, &str, &str); 9] = [
    ("fine", "deny := []", "ok"),
    (
        "loop",
        "deny contains 1 if { some a in numbers.range(1, 9999); some b in numbers.range(1, 9999); a * b < 0 }",
        "limit.rego-steps",
    ),
    (
        "grow",
        "a := numbers.range(1, 100000)\n\nb := array.concat(a, a)\n\nc := array.concat(b, b)\n\nd := array.concat(c, c)\n\ndeny contains 1 if count(array.concat(d, d)) < 0",
        "limit.rego-memory",
    ),
    (
        "at-once",
        "deny contains 1 if count(numbers.range(1, 1000000000)) == 0",
        "limit.rego-memory",
    ),
    (
        "recurse",
        "f(x) := f(x + 1)\n\ndeny contains 1 if f(1) == 0",
        "limit.rego-nesting",
    ),
    (
        "cycle",
        "a := b\n\nb := a\n\ndeny contains 1 if a",
        "rego.recursion",
    ),
    (
        "network",
        "deny contains 1 if http.send({\"method\": \"get\", \"url\": \"https://example.com\"})",
        "rego.function-unavailable",
    ),
    (
        "environment",
        "deny contains 1 if opa.runtime().env",
        "rego.function-unavailable",
    ),
    (
        "names",
        "deny contains 1 if net.lookup_ip_addr(\"example.com\")",
        "rego.function-unavailable",
    ),
];

fn artifact() -> Result<Vec<u8>> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/artifacts/sealstone-rego.wasm");
    fs::read(&path).with_context(|| format!("`{}`; `cargo xtask build` makes it", path.display()))
}

fn load(bytes: &[u8]) -> Result<Module> {
    Ok(Runtime::new(Limits::default(), &CacheLocation::from_environment())?.load(bytes)?)
}

/// The policy of the example with these rules.
fn document(rules: Vec<Value>) -> Result<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(Example::read()?.policy.json())?;
    document["rules"] = Value::Array(rules);
    Ok(document.to_string().into_bytes())
}

/// A rule for the image of that name, which is told of the provenance of the example.
fn rule(name: &str, program: &str) -> Value {
    json!({
        "name": name,
        "images": [format!("localhost/{name}")],
        "rego": {
            "attestations": [
                {"name": "build", "signedBy": ["container-workflow"], "family": "provenance"},
            ],
            "modules": [format!("package example\n\n{program}\n")],
            "deny": "data.example.deny",
        },
    })
}

/// Decides about the image of the example under that name: the code, and the whole decision.
fn decide(policy: &mut Policy, name: &str) -> Result<(String, Vec<u8>), Failure> {
    let example = Example::read().expect("the example can be read");
    let image = ImageEvidence {
        reference: format!("localhost/{name}"),
        digest: example.digest.to_string(),
        evidence: example.evidence,
        unavailable: None,
    };
    let request = json!({"images": [{"reference": image.reference, "digest": image.digest}]});
    let decision = policy.decide(request.to_string().as_bytes(), &[image], NOW)?;
    let decided: Value = serde_json::from_slice(&decision.document).expect("a decision is JSON");
    let code = decided["images"][0]["code"].as_str().unwrap_or_default();
    assert_eq!(decision.allowed, code == "ok", "{name}");
    Ok((code.to_owned(), decision.document))
}

#[test]
fn every_bound_denies_and_the_next_decision_is_the_same() -> Result<()> {
    let module = load(&artifact()?)?;
    let roots = Example::read()?.roots;
    let rules = PROGRAMS.map(|(name, program, _)| rule(name, program));
    let document = document(rules.to_vec())?;
    let mut policy = module.policy(&document, &roots)?;
    let (_, expected) = decide(&mut policy, "fine")?;
    for (name, _, code) in PROGRAMS {
        let (found, decision) = decide(&mut policy, name)?;
        assert_eq!(
            found,
            code,
            "{name}: {}",
            String::from_utf8_lossy(&decision)
        );
        // In the same instance.
        assert_eq!(decide(&mut policy, "fine")?.1, expected, "after {name}");
        // In another one, and from a snapshot.
        policy.renew();
        assert_eq!(decide(&mut policy, "fine")?.1, expected, "after {name}");
    }
    let prepared = module.prepare(&document, &roots)?;
    for (name, _, code) in PROGRAMS {
        assert_eq!(decide(&mut prepared.policy()?, name)?.0, code, "{name}");
        assert_eq!(
            decide(&mut prepared.policy()?, "fine")?.1,
            expected,
            "after {name}"
        );
    }
    Ok(())
}

/// What an evaluation held is given back: more than fits into the instance, one after the other.
#[test]
fn nothing_stays_allocated() -> Result<()> {
    let module = load(&artifact()?)?;
    let roots = Example::read()?.roots;
    let rules = PROGRAMS.map(|(name, program, _)| rule(name, program));
    let mut policy = module.policy(&document(rules.to_vec())?, &roots)?;
    for _ in 0..12 {
        assert_eq!(decide(&mut policy, "grow")?.0, "limit.rego-memory");
    }
    assert_eq!(decide(&mut policy, "fine")?.0, "ok");
    Ok(())
}

/// Inside of one function of the interpreter nothing can be held but by the sandbox.
#[test]
fn one_function_that_takes_everything_ends_with_the_sandbox() -> Result<()> {
    let module = load(&artifact()?)?;
    let roots = Example::read()?.roots;
    let takes = "x := concat(\"\", [\"y\" | some _ in numbers.range(1, 3000)])\n\ny := replace(x, \"y\", x)\n\ndeny contains 1 if count(split(y, \"\")) == 0";
    let rules = vec![rule("takes", takes), rule("fine", "deny := []")];
    let mut policy = module.policy(&document(rules)?, &roots)?;
    let (_, expected) = decide(&mut policy, "fine")?;
    let failure = decide(&mut policy, "takes").unwrap_err();
    assert_eq!(failure.code(), "host.memory-limit");
    assert_eq!(decide(&mut policy, "fine")?.1, expected);
    Ok(())
}

#[test]
fn the_usual_module_refuses_rego() -> Result<()> {
    let module = load(COMPONENT)?;
    let roots = Example::read()?.roots;
    let failure = module
        .policy(&document(vec![rule("fine", "deny := []")])?, &roots)
        .unwrap_err();
    let Failure::Policy(problems) = failure else {
        anyhow::bail!("{failure}");
    };
    let [problem] = problems.as_slice() else {
        anyhow::bail!("{problems:?}");
    };
    assert_eq!(problem.code, "policy.rego-unsupported");
    assert_eq!(problem.path, "/rules/0/rego");
    assert!(
        problem.message.contains("sealstone-rego.wasm"),
        "{problem:?}"
    );
    Ok(())
}

/// All but what needs Rego is decided as by the usual module.
#[test]
fn other_rules_are_decided_alike() -> Result<()> {
    let Example { policy, roots, .. } = Example::read()?;
    let decide = |module: &[u8]| -> Result<Vec<u8>> {
        let mut policy = load(module)?.policy(policy.json(), &roots)?;
        Ok(decide(&mut policy, "image")?.1)
    };
    assert_eq!(decide(COMPONENT)?, decide(&artifact()?)?);
    Ok(())
}

#[test]
fn the_example() -> Result<()> {
    let example = Example::read()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/rego");
    let path = folder.join("policy.yaml");
    let document = PolicyDocument::new(&path, &fs::read(&path)?, &Limits::default())?;
    assert!(document.has_rego());
    let module = load(&artifact()?)?;
    let mut policy = module.policy(document.json(), &example.roots)?;
    assert_eq!(decide(&mut policy, "image")?.0, "ok");
    // The program looks at what it is told.
    let text = String::from_utf8(document.json().to_vec())?;
    let other = text.replace(
        "git+https://github.com/octo-org/",
        "git+https://github.com/acme/",
    );
    assert_ne!(text, other);
    let mut policy = module.policy(other.as_bytes(), &example.roots)?;
    let (code, decision) = decide(&mut policy, "image")?;
    assert_eq!(code, "rego.denied");
    let words = "the build also used git+https://github.com/octo-org/app@refs/tags/v1.2.3";
    assert!(String::from_utf8(decision)?.contains(words));
    Ok(())
}
