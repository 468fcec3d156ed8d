//! What every host is asked, and what it must answer.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// An evaluation.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) entrypoint: &'static str,
    pub(crate) input: Value,
    pub(crate) data: Value,
    expected: Expected,
}

#[derive(Clone, Debug)]
enum Expected {
    /// This decision, byte for byte in its canonical form.
    Decision(Value),
    /// Violations of Gatekeeper, as many.
    Violations(usize),
    /// A response to that request.
    Response { uid: Value, allowed: bool },
}

impl Case {
    /// Holds the answer of a host against what is expected.
    pub(crate) fn check(&self, host: &str, answer: &Value) -> Result<()> {
        let fits = match &self.expected {
            // Both are written with sorted members and without white space.
            Expected::Decision(decision) => is_written_alike(answer, decision),
            Expected::Violations(count) => answer.as_array().is_some_and(|it| it.len() == *count),
            Expected::Response { uid, allowed } => {
                let response = &answer["response"];
                response["uid"] == *uid && response["allowed"] == *allowed
            }
        };
        ensure!(
            fits,
            "{host}, {}: {answer}\nexpected {:?}",
            self.name,
            self.expected
        );
        Ok(())
    }
}

/// Whether two values are written with the same bytes, which says more than that they are equal.
pub(crate) fn is_written_alike(one: &Value, other: &Value) -> bool {
    let (one, other) = (one.to_string(), other.to_string());
    one == other
}

/// The folder of the checkout.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where the module is.
pub(crate) fn module() -> PathBuf {
    workspace().join("target/artifacts/sealstone-opa.wasm")
}

/// A decision vector: `{"name", "call", "decision"}`.
pub(crate) fn vector(name: &str) -> Result<Value> {
    let path = workspace()
        .join("host-tests/vectors")
        .join(format!("{name}.json"));
    let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_slice(&text)?)
}

/// Every decision vector, all of it in the input.
pub(crate) fn vectors() -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(workspace().join("host-tests/vectors"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let vector: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
        cases.push(Case {
            name: vector["name"].to_string(),
            entrypoint: "sealstone/decide",
            input: vector["call"].clone(),
            data: json!({}),
            expected: Expected::Decision(vector["decision"].clone()),
        });
    }
    ensure!(cases.len() >= 8, "{} vectors", cases.len());
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(cases)
}

/// Entrypoint 0 in each of its shapes, allowed and denied; the policy is in the data.
pub(crate) fn shapes() -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (good, pod, images) in [
        (true, "opa-in-annotation", "opa-in-policy"),
        (
            false,
            "opa-in-annotation-by-another",
            "opa-in-policy-by-another",
        ),
    ] {
        let (pod, images) = (vector(pod)?, vector(images)?);
        let of = |vector: &Value, input: Value, expected| Case {
            name: format!(
                "{} of {}",
                input.as_object().map_or(0, serde_json::Map::len),
                vector["name"]
            ),
            entrypoint: "sealstone/review",
            input,
            data: data(vector),
            expected,
        };
        let request = &pod["call"]["request"];
        let violations = Expected::Violations(usize::from(!good));
        cases.push(of(
            &pod,
            json!({"review": request, "parameters": {}}),
            violations,
        ));
        let response = Expected::Response {
            uid: request["uid"].clone(),
            allowed: good,
        };
        cases.push(of(&pod, json!({"request": request}), response));
        let decision = Expected::Decision(images["decision"].clone());
        cases.push(of(&images, images["call"]["request"].clone(), decision));
    }
    Ok(cases)
}

/// The policy and the time of a vector as data.
pub(crate) fn data(vector: &Value) -> Value {
    let call = &vector["call"];
    json!({"sealstone": {"policy": call["policy"], "now": call["now"]}})
}
