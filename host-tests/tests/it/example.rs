//! The signed image of `examples/container-image`, its policy and its trust root.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sealstone::digest::Digest;
use sealstone::document::PolicyDocument;
use sealstone::layout::{Layout, Selection};
use sealstone::limits::Limits;
use sealstone::runtime::{Evidence, TrustedRoot};
use sealstone::trust_root::{self, Supplied};

/// 2026-06-01T00:00:00Z.
pub(crate) const NOW: u64 = 1_780_272_000;

pub(crate) struct Example {
    pub(crate) policy: PolicyDocument,
    pub(crate) roots: Vec<TrustedRoot>,
    pub(crate) digest: Digest,
    pub(crate) evidence: Vec<Evidence>,
}

impl Example {
    pub(crate) fn read() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let folder = root
            .context("a workspace")?
            .join("examples/container-image");
        let limits = Limits::default();
        let path = folder.join("policy.yaml");
        let policy = PolicyDocument::new(&path, &fs::read(&path)?, &limits)?;
        let wanted = policy.trust_roots_without_content().context("roots")?;
        let supplied = Supplied {
            name: Some("example".to_owned()),
            content: fs::read(folder.join("trusted-root.json"))?,
        };
        let roots = trust_root::for_names(&wanted, &[supplied])?;
        let layout = Layout::open(&folder.join("signed"), &limits)?;
        let digest = layout.image(&Selection::Only)?.digest;
        let evidence = layout.evidence(&digest).evidence;
        Ok(Self {
            policy,
            roots,
            digest,
            evidence,
        })
    }
}
