//! The decision vectors, natively and in our own host of the component. Other hosts run the same
//! vectors in suites of their own.
//!
//! `BLESS=1` writes `host-tests/vectors` anew from what the forge makes and the engine decides.

mod cases;
mod changes;
mod contents;
mod provenance;
mod relations;
mod requests;
mod signatures;
mod world;

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, anyhow, ensure};
use sealstone::limits::Limits;
use sealstone::runtime::{COMPONENT, CacheLocation, Evidence, ImageEvidence, Runtime, TrustedRoot};
use sealstone_engine::ffi;
use sealstone_host_tests::{DecisionVector, decision_vectors, decision_vectors_folder};
use sealstone_verify::json;
use serde_json::Value;

use self::cases::Case;

#[test]
fn checked_in_vectors_are_current() -> Result<()> {
    let folder = decision_vectors_folder();
    let bless = std::env::var_os("BLESS").is_some();
    let mut made = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in cases::all()? {
        let text = match file(&case) {
            Ok(text) => text,
            Err(error) => {
                wrong.push(format!("{}: {error}", case.name));
                continue;
            }
        };
        let path = folder.join(format!("{}.json", case.name));
        if bless {
            fs::write(&path, &text)?;
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        ensure!(found == text, "{}: run again with BLESS=1", path.display());
        ensure!(made.insert(case.name), "{} is there twice", case.name);
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    let found: BTreeSet<String> = decision_vectors()?
        .into_iter()
        .map(|vector| vector.name)
        .collect();
    // Those of `opa::samples` are checked there.
    let ours = found.iter().filter(|name| !name.starts_with("opa-"));
    for name in ours.filter(|name| !made.contains(name.as_str())) {
        ensure!(bless, "no case makes {name}");
        fs::remove_file(folder.join(format!("{name}.json")))?;
    }
    Ok(())
}

/// The file of a case, whose decision has the code that the case expects.
fn file(case: &Case) -> Result<String> {
    let decision = decide(&case.call)?;
    let value: Value = serde_json::from_str(&decision)?;
    let code = ["/images/0/code", "/problem/code", "/reason/code"]
        .iter()
        .find_map(|path| value.pointer(path))
        .and_then(Value::as_str);
    ensure!(
        code == Some(case.code) && value["outcome"] == case.outcome,
        "{} {code:?} instead of {} {}",
        value["outcome"],
        case.outcome,
        case.code
    );
    let file = serde_json::json!({"name": case.name, "call": case.call, "decision": value});
    let text = json::parse(file.to_string().as_bytes(), 128)
        .map_err(|error| anyhow!("{error:?}"))?
        .to_canonical_string();
    Ok(text + "\n")
}

#[test]
fn every_outcome_and_every_kind_of_rule_is_there() -> Result<()> {
    let mut outcomes = BTreeSet::new();
    let mut rules = BTreeSet::new();
    for vector in decision_vectors()? {
        let decision: Value = serde_json::from_str(&vector.decision)?;
        outcomes.insert(decision["outcome"].as_str().context("outcome")?.to_owned());
        for rule in vector.call["policy"]["rules"].as_array().context("rules")? {
            rules.extend(
                rule.as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name.clone()),
            );
        }
    }
    assert_eq!(
        outcomes.iter().map(String::as_str).collect::<Vec<_>>(),
        ["allowed", "invalid", "rejected", "unavailable"]
    );
    for kind in [
        "attestation",
        "effectiveOn",
        "mode",
        "provenance",
        "relations",
        "sbom",
        "signature",
        "verificationSummary",
        "vulnerabilities",
    ] {
        ensure!(rules.contains(kind), "no vector with a rule `{kind}`");
    }
    Ok(())
}

#[test]
fn decisions_are_of_the_schema() -> Result<()> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../artifacts/schemas/decision.schema.json");
    let schema = serde_json::from_slice(&fs::read(path)?)?;
    let schema = jsonschema::validator_for(&schema)?;
    for vector in decision_vectors()? {
        let decision = serde_json::from_str(&vector.decision)?;
        let errors: Vec<String> = schema
            .iter_errors(&decision)
            .map(|error| error.to_string())
            .collect();
        ensure!(errors.is_empty(), "{}: {errors:?}", vector.name);
    }
    Ok(())
}

#[test]
fn native() -> Result<()> {
    for DecisionVector {
        name,
        call,
        decision,
    } in decision_vectors()?
    {
        ensure!(decide(&call)? == decision, "{name}");
    }
    Ok(())
}

#[test]
fn component() -> Result<()> {
    let module =
        Runtime::new(Limits::default(), &CacheLocation::from_environment())?.load(COMPONENT)?;
    for DecisionVector {
        name,
        call,
        decision,
    } in decision_vectors()?
    {
        let policy = call["policy"].to_string();
        let mut policy = module.policy(policy.as_bytes(), &roots(&call))?;
        let now = call["now"].as_u64().context("now")?;
        let images = images(&call).with_context(|| name.clone())?;
        let decided = policy.decide(call["request"].to_string().as_bytes(), &images, now)?;
        ensure!(decided.document == decision.as_bytes(), "{name}");
    }
    Ok(())
}

/// The decision about a call, as text, as the JSON interface of the engine makes it.
fn decide(call: &Value) -> Result<String> {
    let answer = ffi::decide_json(call.to_string().as_bytes());
    let answer = json::parse(answer.as_bytes(), 128).map_err(|error| anyhow!("{error:?}"))?;
    let decision = answer.get("decision");
    let decision = decision.with_context(|| answer.to_canonical_string())?;
    Ok(decision.to_canonical_string())
}

fn roots(call: &Value) -> Vec<TrustedRoot> {
    let roots = call["trustedRoots"].as_array().into_iter().flatten();
    roots
        .map(|root| TrustedRoot {
            name: text(&root["name"]),
            content: root["trustedRoot"].to_string().into_bytes(),
        })
        .collect()
}

fn images(call: &Value) -> Result<Vec<ImageEvidence>> {
    let images = call["evidence"].as_array().context("evidence")?;
    images
        .iter()
        .map(|image| {
            let pieces = image["evidence"].as_array().into_iter().flatten();
            Ok(ImageEvidence {
                reference: text(&image["reference"]),
                digest: text(&image["digest"]),
                evidence: pieces.map(piece).collect::<Result<_>>()?,
                unavailable: image["unavailable"].as_str().map(str::to_owned),
            })
        })
        .collect()
}

fn piece(piece: &Value) -> Result<Evidence> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    let annotations = piece["annotations"].as_object().into_iter().flatten();
    Ok(Evidence {
        media_type: text(&piece["mediaType"]),
        content: STANDARD.decode(text(&piece["content"]))?,
        annotations: annotations
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
