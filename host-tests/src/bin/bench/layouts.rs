//! Whole images with all their evidence: the example of this project, and real ones.

use core::str::FromStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use sealstone::digest::Digest;
use sealstone::document::PolicyDocument;
use sealstone::layout::{Layout, Selection};
use sealstone::limits::Limits;
use sealstone::runtime::{Evidence, ImageEvidence};
use sealstone::trust_root::{self, Supplied};
use serde_json::json;

use crate::case::{Case, read};

/// The policy for the layouts of `containers/slsa-github-generator`.
const GENERATOR_POLICY: &str = include_str!("slsa-github-generator.yaml");

/// The signed image of `examples/container-image`.
pub(crate) fn example(root: &Path) -> Result<Case> {
    let folder = root.join("examples/container-image");
    let path = folder.join("policy.yaml");
    let supplied = Supplied {
        name: Some("example".to_owned()),
        content: read(&folder.join("trusted-root.json"))?,
    };
    case(
        "examples/container-image".to_owned(),
        (&path, &read(&path)?),
        &[supplied],
        &folder.join("signed"),
        &Selection::Only,
    )
}

/// The images that slsa-github-generator signed, one for each of its releases.
pub(crate) fn containers(vectors: &Path) -> Result<Vec<Case>> {
    let folder = vectors.join("containers/slsa-github-generator");
    let mut cases = Vec::new();
    for release in folders(&folder)? {
        for layout in folders(&release)? {
            let digest = fs::read_to_string(layout.with_extension("digest"))
                .with_context(|| format!("`{}` has no digest", layout.display()))?;
            let version = release.file_name().unwrap_or_default().to_string_lossy();
            let name = layout.file_name().unwrap_or_default().to_string_lossy();
            cases.push(case(
                format!("slsa-github-generator {version} {name}"),
                (Path::new("policy.yaml"), GENERATOR_POLICY.as_bytes()),
                &[],
                &layout,
                &Selection::Digest(Digest::from_str(digest.trim())?),
            )?);
        }
    }
    ensure!(!cases.is_empty(), "`{}` holds no layouts", folder.display());
    Ok(cases)
}

fn case(
    name: String,
    (policy_path, policy): (&Path, &[u8]),
    supplied: &[Supplied],
    layout: &Path,
    selection: &Selection,
) -> Result<Case> {
    let limits = Limits::default();
    let document = PolicyDocument::new(policy_path, policy, &limits)?;
    let wanted = document
        .trust_roots_without_content()
        .context("the policy lists its trust roots")?;
    let (digest, evidence) = evidence(layout, selection, &limits)?;
    let reference = "localhost/image".to_owned();
    let request = json!({ "images": [{ "reference": reference, "digest": digest }] });
    Ok(Case {
        name,
        policy: document.json().to_owned(),
        roots: trust_root::for_names(&wanted, supplied)?,
        request: request.to_string().into_bytes(),
        images: vec![ImageEvidence {
            reference,
            digest,
            evidence,
            unavailable: None,
        }],
        job: Err("it is one bundle that they verify, and not an image"),
    })
}

fn evidence(
    folder: &Path,
    selection: &Selection,
    limits: &Limits,
) -> Result<(String, Vec<Evidence>)> {
    let layout = Layout::open(folder, limits)?;
    let digest = layout.image(selection)?.digest;
    let collected = layout.evidence(&digest);
    if let Some(error) = collected.unavailable.first() {
        bail!("evidence of `{}` is missing: {error}", folder.display());
    }
    Ok((digest.to_string(), collected.evidence))
}

/// The folders in a folder, by name.
fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
