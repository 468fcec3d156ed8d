//! Measures one case in every way, interleaved, so that whatever slows the machine down for a while
//! slows all of them down.

use core::hint::black_box;
use core::time::Duration;

use anyhow::{Context, Result, ensure};
use sealstone::runtime::Module;

use crate::case::Case;
use crate::clock;
use crate::others::{Cost, Others};
use crate::ways::Ways;

/// How often each way is measured. The median counts.
pub(crate) const PASSES: usize = 9;

/// How long one measurement lasts at least.
pub(crate) const PASS: Duration = Duration::from_millis(20);

/// Microseconds per decision.
#[derive(Debug)]
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
    /// As `component_reused` and `component_fresh`, in the component that takes every signature for
    /// valid.
    pub(crate) rest: Option<(f64, f64)>,
    /// What other verifiers take to read and verify the same evidence.
    pub(crate) others: Vec<(&'static str, Cost)>,
}

/// Measures a case. Each way must allow it, with the same bytes.
pub(crate) fn medians(
    case: &Case,
    module: &Module,
    unchecked: Option<&Module>,
    others: &mut Others,
) -> Result<Medians> {
    let mut ways = Ways::new(case, module, unchecked)?;
    agree(&mut ways)?;
    let mut asked = others.ask(&case.job);
    let mut samples = [const { Vec::new() }; 7];
    for _ in 0..PASSES {
        let [first, second, third, fourth, fifth, sixth, seventh] = &mut samples;
        first.push(sample(|| Ok(ways.native_reused()))?);
        second.push(sample(|| ways.native_once())?);
        third.push(sample(|| ways.component_reused())?);
        fourth.push(sample(|| ways.component_fresh())?);
        fifth.push(sample(|| ways.component_once())?);
        if unchecked.is_some() {
            sixth.push(sample(|| ways.rest_reused())?);
            seventh.push(sample(|| ways.rest_fresh())?);
        }
        asked.pass()?;
    }
    let [
        native_reused,
        native_once,
        component_reused,
        component_fresh,
        component_once,
        rest_reused,
        rest_fresh,
    ] = samples.map(median);
    Ok(Medians {
        native_reused,
        native_once,
        component_reused,
        component_fresh,
        component_once,
        rest: unchecked.is_some().then_some((rest_reused, rest_fresh)),
        others: asked.costs(),
    })
}

fn agree(ways: &mut Ways<'_>) -> Result<()> {
    let expected = ways.native_reused();
    for decision in [
        ways.native_once()?,
        ways.component_reused()?,
        ways.component_fresh()?,
        ways.component_once()?,
        ways.rest_reused()?,
        ways.rest_fresh()?,
    ] {
        ensure!(
            decision == expected,
            "the component decides `{}`, native code `{}`",
            String::from_utf8_lossy(&decision),
            String::from_utf8_lossy(&expected)
        );
    }
    Ok(())
}

/// Microseconds per call, over as many calls as last [`PASS`].
pub(crate) fn sample(mut decide: impl FnMut() -> Result<Vec<u8>>) -> Result<f64> {
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

pub(crate) fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}
