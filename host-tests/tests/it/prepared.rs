//! The shipped module decides the same whether its policy was prepared or not.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sealstone::document::PolicyDocument;
use sealstone::layout::{Layout, Selection};
use sealstone::limits::Limits;
use sealstone::runtime::{COMPONENT, CacheLocation, ImageEvidence, Outcome, Runtime};
use sealstone::trust_root::{self, Supplied};
use serde_json::json;

/// 2026-06-01T00:00:00Z.
const NOW: u64 = 1_780_272_000;

#[test]
fn a_prepared_policy_decides_the_same() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let folder = root
        .context("a workspace")?
        .join("examples/container-image");
    let limits = Limits::default();
    let path = folder.join("policy.yaml");
    let document = PolicyDocument::new(&path, &fs::read(&path)?, &limits)?;
    let wanted = document.trust_roots_without_content().context("roots")?;
    let supplied = Supplied {
        name: Some("example".to_owned()),
        content: fs::read(folder.join("trusted-root.json"))?,
    };
    let roots = trust_root::for_names(&wanted, &[supplied])?;

    let layout = Layout::open(&folder.join("signed"), &limits)?;
    let digest = layout.image(&Selection::Only)?.digest;
    let mut image = ImageEvidence {
        reference: "localhost/image".to_owned(),
        digest: digest.to_string(),
        evidence: layout.evidence(&digest).evidence,
        unavailable: None,
    };
    let request = json!({ "images": [{ "reference": image.reference, "digest": image.digest }] });
    let request = request.to_string().into_bytes();

    let module = Runtime::new(limits, &CacheLocation::None)?.load(COMPONENT)?;
    let mut plain = module.policy(document.json(), &roots)?;
    let prepared = module.prepare(document.json(), &roots)?;

    let expected = plain.decide(&request, core::slice::from_ref(&image), NOW)?;
    assert_eq!(expected.outcome, Outcome::Allowed);
    let mut policy = prepared.policy()?;
    assert_eq!(
        policy.images(&request)?,
        plain.images(&request)?,
        "the same images"
    );
    assert_eq!(
        policy.decide(&request, core::slice::from_ref(&image), NOW)?,
        expected
    );

    // Broken evidence is refused with the same words, in an instance of its own and in this one.
    for piece in &mut image.evidence {
        let middle = piece.content.len() / 2;
        if let Some(byte) = piece.content.get_mut(middle) {
            *byte ^= 1;
        }
    }
    let refused = plain.decide(&request, core::slice::from_ref(&image), NOW)?;
    assert_eq!(refused.outcome, Outcome::Rejected);
    for policy in [&mut policy, &mut prepared.policy()?] {
        assert_eq!(
            policy.decide(&request, core::slice::from_ref(&image), NOW)?,
            refused
        );
    }
    let malformed = plain.decide(b"{", &[], NOW)?;
    assert_eq!(prepared.policy()?.decide(b"{", &[], NOW)?, malformed);
    Ok(())
}
