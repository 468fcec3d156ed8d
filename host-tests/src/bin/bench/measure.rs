//! Measures one case in five ways, interleaved, so that whatever slows the machine down for a
//! while slows all of them down.

use core::hint::black_box;
use core::time::Duration;
use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use sealstone::runtime::{Module, Policy, PreparedPolicy};
use sealstone_engine::{CompiledPolicy, Evidence, ImageEvidence, NamedTrustedRoot, UnixTime};

use crate::case::Case;
use crate::clock;

/// How often each way is measured. The median counts.
pub(crate) const PASSES: usize = 15;

/// How long one measurement lasts at least.
const PASS: Duration = Duration::from_millis(20);

/// 2026-06-01T00:00:00Z.
const NOW: u64 = 1_780_272_000;

/// Microseconds per decision.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Medians {
    /// Natively, the policy prepared before.
    pub(crate) native_reused: f64,
    /// Natively, the policy compiled anew for each decision.
    pub(crate) native_once: f64,
    /// In the component, one instance with the policy prepared before.
    pub(crate) component_reused: f64,
    /// In the component, a new instance for each decision that begins with the policy prepared.
    pub(crate) component_fresh: f64,
    /// In the component, a new instance and the policy compiled anew for each decision.
    pub(crate) component_once: f64,
}

/// Measures a case. Each way must allow it, with the same bytes.
pub(crate) fn medians(case: &Case, module: &Module) -> Result<Medians> {
    let mut ways = Ways::new(case, module)?;
    let expected = ways.native_reused();
    for decision in [
        ways.native_once()?,
        ways.component_reused()?,
        ways.component_fresh()?,
        ways.component_once()?,
    ] {
        ensure!(
            decision == expected,
            "the component decides `{}`, native code `{}`",
            String::from_utf8_lossy(&decision),
            String::from_utf8_lossy(&expected)
        );
    }
    let mut samples = [const { Vec::new() }; 5];
    for _ in 0..PASSES {
        let [first, second, third, fourth, fifth] = &mut samples;
        first.push(sample(|| Ok(ways.native_reused()))?);
        second.push(sample(|| ways.native_once())?);
        third.push(sample(|| ways.component_reused())?);
        fourth.push(sample(|| ways.component_fresh())?);
        fifth.push(sample(|| ways.component_once())?);
    }
    let [
        native_reused,
        native_once,
        component_reused,
        component_fresh,
        component_once,
    ] = samples.map(median);
    Ok(Medians {
        native_reused,
        native_once,
        component_reused,
        component_fresh,
        component_once,
    })
}

/// The ways to the same decision. Each returns the decision's document.
struct Ways<'c> {
    case: &'c Case,
    roots: Vec<NamedTrustedRoot>,
    image: [ImageEvidence; 1],
    native: CompiledPolicy,
    prepared: PreparedPolicy,
    reused: Policy,
    once: Policy,
}

impl<'c> Ways<'c> {
    fn new(case: &'c Case, module: &Module) -> Result<Self> {
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
        let ways = Self {
            case,
            roots,
            image: [image(case)],
            native,
            reused: prepared.policy()?,
            prepared,
            once: module.policy(&case.policy, &case.roots)?,
        };
        let decision = ways.decide(&ways.native);
        ensure!(
            decision.allowed(),
            "the image is denied: {}",
            decision.to_json()
        );
        Ok(ways)
    }

    fn native_once(&self) -> Result<Vec<u8>> {
        let policy = compile(self.case, &self.roots)?;
        Ok(self.decide(&policy).to_json().into_bytes())
    }

    fn native_reused(&self) -> Vec<u8> {
        self.decide(&self.native).to_json().into_bytes()
    }

    fn component_reused(&mut self) -> Result<Vec<u8>> {
        decide_in(&mut self.reused, self.case)
    }

    fn component_fresh(&self) -> Result<Vec<u8>> {
        decide_in(&mut self.prepared.policy()?, self.case)
    }

    fn component_once(&mut self) -> Result<Vec<u8>> {
        self.once.renew();
        decide_in(&mut self.once, self.case)
    }

    fn decide(&self, policy: &CompiledPolicy) -> sealstone_engine::Decision {
        policy.decide(&self.case.request, &self.image, UnixTime::from_seconds(NOW))
    }
}

fn decide_in(policy: &mut Policy, case: &Case) -> Result<Vec<u8>> {
    let evidence = core::slice::from_ref(&case.image);
    Ok(policy.decide(&case.request, evidence, NOW)?.document)
}

fn compile(case: &Case, roots: &[NamedTrustedRoot]) -> Result<CompiledPolicy> {
    CompiledPolicy::compile(&case.policy, roots).map_err(|problems| {
        let first = problems.first().map(|problem| problem.message.clone());
        anyhow::Error::msg(first.unwrap_or_default()).context("the policy is malformed")
    })
}

fn image(case: &Case) -> ImageEvidence {
    let evidence = case.image.evidence.iter().map(|piece| Evidence {
        media_type: piece.media_type.clone(),
        content: piece.content.clone(),
        annotations: piece
            .annotations
            .iter()
            .cloned()
            .collect::<BTreeMap<_, _>>(),
    });
    ImageEvidence {
        reference: case.image.reference.clone(),
        digest: case.image.digest.clone(),
        evidence: evidence.collect(),
        unavailable: None,
    }
}

/// Microseconds per call, over as many calls as last [`PASS`].
fn sample(mut decide: impl FnMut() -> Result<Vec<u8>>) -> Result<f64> {
    let start = clock::now();
    let mut calls = 0_u32;
    loop {
        black_box(decide()?);
        calls = calls.checked_add(1).context("a call takes time")?;
        let spent = clock::now().saturating_sub(start);
        if spent >= PASS {
            return Ok(spent.as_secs_f64() * 1e6 / f64::from(calls));
        }
    }
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}
