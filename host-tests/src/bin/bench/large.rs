//! Megabytes a second, and memory, of decisions about large documents.

use anyhow::{Context, Result, ensure};
use sealstone::runtime::Module;
use sealstone_host_tests::large::{Form, Large, Signer};
use serde_json::{Value, json};

use crate::measure::{median, sample};
use crate::ways::NOW;

/// Bytes of each document.
const BYTES: usize = 5_000_000;

/// How often each is measured. The median counts.
const PASSES: usize = 5;

/// Measures each form, signed in each way, in a fresh instance for each decision.
pub(crate) fn measure(module: &Module) -> Result<Vec<Value>> {
    let mut measured = Vec::new();
    for form in Form::ALL {
        for signer in [Signer::Key, Signer::Keyless] {
            let large = Large::new(form, signer, BYTES)?;
            let prepared = module.prepare(&large.policy, &large.roots)?;
            let mut memory = 0;
            let mut samples = Vec::new();
            for _ in 0..PASSES {
                samples.push(sample(|| {
                    let mut policy = prepared.policy()?;
                    let decision = policy.decide(&large.request, &large.images, NOW)?;
                    let document = String::from_utf8_lossy(&decision.document);
                    ensure!(decision.allowed, "the image is denied: {document}");
                    memory = policy.memory_bytes().context("the instance lives")?;
                    Ok(decision.document)
                })?);
            }
            let microseconds = median(samples);
            measured.push(json!({
                "form": form.name(),
                "signer": match signer { Signer::Key => "key", Signer::Keyless => "keyless" },
                "evidenceBytes": large.bytes(),
                "microseconds": microseconds,
                "megabytesPerSecond": f64::from(u32::try_from(large.bytes())?) / microseconds,
                "memoryBeyondEvidence": memory.saturating_sub(large.bytes()),
            }));
        }
    }
    Ok(measured)
}
