//! The decision vectors: calls, and the decisions that every host must answer them with.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// A call and its decision, from one file of [`decision_vectors_folder`].
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct DecisionVector {
    /// Its name, which is the name of the file without `.json`.
    pub name: String,
    /// The call of `decide` over JSON: `policy`, `trustedRoots` where the policy names roots without
    /// content, `request`, `evidence` and `now` (seconds since the Unix epoch).
    pub call: Value,
    /// The decision document as canonical JSON (RFC 8785), to be compared byte for byte.
    pub decision: String,
}

/// Every decision vector, by name.
///
/// # Errors
/// When the folder or a file in it cannot be read, is no vector, or has another name than its file.
pub fn decision_vectors() -> Result<Vec<DecisionVector>> {
    let folder = decision_vectors_folder();
    let mut vectors = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        vectors.push(read(&path).with_context(|| path.display().to_string())?);
    }
    ensure!(!vectors.is_empty(), "{} is empty", folder.display());
    vectors.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(vectors)
}

/// The folder with the decision vectors, for programs that read them themselves.
pub fn decision_vectors_folder() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).join("vectors")
}

fn read(path: &Path) -> Result<DecisionVector> {
    let mut file: Value = serde_json::from_slice(&fs::read(path)?)?;
    let mut member = |name: &str| {
        let value = file.get_mut(name).map(Value::take);
        value.with_context(|| format!("no member `{name}`"))
    };
    let vector = DecisionVector {
        name: member("name")?.as_str().unwrap_or_default().to_owned(),
        call: member("call")?,
        decision: serde_json_canonicalizer::to_string(&member("decision")?)?,
    };
    ensure!(
        path.file_name() == Some(format!("{}.json", vector.name).as_ref()),
        "its name is `{}`",
        vector.name
    );
    Ok(vector)
}
