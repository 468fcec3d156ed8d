//! The ways to the same decision.

use anyhow::{Result, ensure};
use sealstone::runtime::{Module, Policy, PreparedPolicy};
use sealstone_engine::{CompiledPolicy, Evidence, ImageEvidence, NamedTrustedRoot, UnixTime};

use crate::case::Case;

/// 2026-06-01T00:00:00Z.
pub(crate) const NOW: u64 = 1_780_272_000;

/// The ways to the same decision. Each returns the decision's document.
pub(crate) struct Ways<'c> {
    case: &'c Case,
    roots: Vec<NamedTrustedRoot>,
    images: Vec<ImageEvidence>,
    native: CompiledPolicy,
    prepared: PreparedPolicy,
    reused: Policy,
    once: Policy,
    unchecked: Option<(PreparedPolicy, Policy)>,
}

impl<'c> Ways<'c> {
    /// Prepares the case's policy in each way.
    ///
    /// # Errors
    /// A malformed policy, and a decision that denies.
    pub(crate) fn new(case: &'c Case, module: &Module, unchecked: Option<&Module>) -> Result<Self> {
        let roots: Vec<NamedTrustedRoot> = case
            .roots
            .iter()
            .map(|root| NamedTrustedRoot {
                name: root.name.clone(),
                content: root.content.clone(),
            })
            .collect();
        let native = compile(case, &roots)?;
        native.prepare();
        let prepared = module.prepare(&case.policy, &case.roots)?;
        let unchecked = match unchecked {
            Some(module) => {
                let prepared = module.prepare(&case.policy, &case.roots)?;
                let reused = prepared.policy()?;
                Some((prepared, reused))
            }
            None => None,
        };
        let ways = Self {
            case,
            roots,
            images: case.images.iter().map(image).collect(),
            native,
            reused: prepared.policy()?,
            prepared,
            once: module.policy(&case.policy, &case.roots)?,
            unchecked,
        };
        let decision = ways.decide(&ways.native);
        ensure!(
            decision.allowed(),
            "the image is denied: {}",
            decision.to_json()
        );
        Ok(ways)
    }

    pub(crate) fn native_once(&self) -> Result<Vec<u8>> {
        let policy = compile(self.case, &self.roots)?;
        Ok(self.decide(&policy).to_json().into_bytes())
    }

    pub(crate) fn native_reused(&self) -> Vec<u8> {
        self.decide(&self.native).to_json().into_bytes()
    }

    pub(crate) fn component_reused(&mut self) -> Result<Vec<u8>> {
        decide_in(&mut self.reused, self.case)
    }

    pub(crate) fn component_fresh(&self) -> Result<Vec<u8>> {
        decide_in(&mut self.prepared.policy()?, self.case)
    }

    pub(crate) fn component_once(&mut self) -> Result<Vec<u8>> {
        self.once.renew();
        decide_in(&mut self.once, self.case)
    }

    /// As [`Self::component_fresh`], in the component that takes every signature for valid where
    /// there is one.
    pub(crate) fn rest_fresh(&self) -> Result<Vec<u8>> {
        match &self.unchecked {
            Some((prepared, _)) => decide_in(&mut prepared.policy()?, self.case),
            None => self.component_fresh(),
        }
    }

    /// As [`Self::component_reused`], in the component that takes every signature for valid where
    /// there is one.
    pub(crate) fn rest_reused(&mut self) -> Result<Vec<u8>> {
        match &mut self.unchecked {
            Some((_, reused)) => decide_in(reused, self.case),
            None => self.component_reused(),
        }
    }

    fn decide(&self, policy: &CompiledPolicy) -> sealstone_engine::Decision {
        policy.decide(
            &self.case.request,
            &self.images,
            UnixTime::from_seconds(NOW),
        )
    }
}

fn decide_in(policy: &mut Policy, case: &Case) -> Result<Vec<u8>> {
    Ok(policy.decide(&case.request, &case.images, NOW)?.document)
}

fn compile(case: &Case, roots: &[NamedTrustedRoot]) -> Result<CompiledPolicy> {
    CompiledPolicy::compile(&case.policy, roots).map_err(|problems| {
        let first = problems.first().map(|problem| problem.message.clone());
        anyhow::Error::msg(first.unwrap_or_default()).context("the policy is malformed")
    })
}

fn image(image: &sealstone::runtime::ImageEvidence) -> ImageEvidence {
    let evidence = image.evidence.iter().map(|piece| Evidence {
        media_type: piece.media_type.clone(),
        content: piece.content.clone(),
        annotations: piece.annotations.iter().cloned().collect(),
    });
    ImageEvidence {
        reference: image.reference.clone(),
        digest: image.digest.clone(),
        evidence: evidence.collect(),
        unavailable: None,
    }
}
