//! Which source Tekton Chains vouches for.
//!
//! Chains lists whatever a run fetched, its pipeline and tasks too. The source is only what the run
//! declares as such with the type hints `CHAINS-GIT_URL` and `CHAINS-GIT_COMMIT`
//! (<https://tekton.dev/docs/chains/slsa-provenance/>). A run that declares several has none that could
//! be called *the* source.

use alloc::format;
use alloc::string::String;

use sealstone_verify::json::Value;

use crate::{Error, ResourceDescriptor, Source, field};

const URL: &str = "CHAINS-GIT_URL";
const COMMIT: &str = "CHAINS-GIT_COMMIT";
const PARAMETERS: &str = "invocation.parameters";
const TASKS: &str = "buildConfig.tasks";

/// Provenance v1: the dependencies that come of type hints have a name of their own.
pub(crate) fn source_v1(
    dependencies: &[ResourceDescriptor],
    path: &'static str,
) -> Result<Option<Source>, Error> {
    let mut found = Only::default();
    for dependency in dependencies {
        if dependency.name == "inputs/result" && dependency.uri.starts_with("git+") {
            found.add(Source::from_dependency(dependency, path)?);
        }
    }
    Ok(found.into_source())
}

/// Provenance v0.2: the hints stand among the parameters of the run and the results of its tasks, and
/// the material of the same URL and commit must be there.
pub(crate) fn source_v02(
    predicate: &Value,
    materials: &[ResourceDescriptor],
) -> Result<Option<Source>, Error> {
    let mut found = Only::default();
    let parameters = field::object(predicate, PARAMETERS)?;
    if let (Some(url), Some(commit)) = (text(parameters, URL), text(parameters, COMMIT)) {
        found.add(material(url, commit, materials)?);
    }
    let tasks = match field::value(predicate, TASKS)? {
        None => &[][..],
        Some(tasks) => tasks.as_array().ok_or(Error::FieldMalformed(TASKS))?,
    };
    for task in tasks {
        let results = task.get("results").and_then(Value::as_array);
        let result = |name: &str| {
            let results = results.unwrap_or_default();
            let result = results
                .iter()
                .find(|result| text(result, "name") == Some(name));
            result.and_then(|result| text(result, "value"))
        };
        if let (Some(url), Some(commit)) = (result(URL), result(COMMIT)) {
            found.add(material(url, commit, materials)?);
        }
    }
    Ok(found.into_source())
}

/// The one source that was found, unless there were different ones or one that cannot be read.
#[derive(Default)]
struct Only {
    source: Option<Source>,
    ambiguous: bool,
}

impl Only {
    fn add(&mut self, source: Option<Source>) {
        match (&self.source, source) {
            (None, Some(source)) => self.source = Some(source),
            (Some(known), Some(source)) if *known == source => {}
            _ => self.ambiguous = true,
        }
    }

    fn into_source(self) -> Option<Source> {
        self.source.filter(|_| !self.ambiguous)
    }
}

/// Chains writes a hint as material `git+<url>.git` with the commit as SHA-1.
fn material(
    url: &str,
    commit: &str,
    materials: &[ResourceDescriptor],
) -> Result<Option<Source>, Error> {
    let url = url.strip_prefix("git+").unwrap_or(url);
    let url = url.strip_suffix(".git").unwrap_or(url);
    let uri = format!("git+{url}.git");
    let listed = materials.iter().find(|material| {
        material.uri == uri && material.digest.get("sha1").map(String::as_str) == Some(commit)
    });
    match listed {
        Some(material) => Source::from_dependency(material, "materials"),
        None => Ok(None),
    }
}

fn text<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}
