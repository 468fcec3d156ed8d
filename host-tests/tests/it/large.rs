//! Large documents: what they take of memory, and where they end.

use anyhow::{Context, Result};
use sealstone::limits::{Limit, Limits};
use sealstone::runtime::{COMPONENT, CacheLocation, Failure, Outcome, Runtime};
use sealstone_host_tests::large::{Form, Large, Signer};

const NOW: u64 = 1_780_272_000;

/// The memory of an instance that decided about one document of that size, beyond what the host wrote.
fn memory_beyond_input(form: Form, signer: Signer, bytes: usize) -> Result<usize> {
    let large = Large::new(form, signer, bytes)?;
    let module = Runtime::new(Limits::default(), &CacheLocation::None)?.load(COMPONENT)?;
    let mut policy = module.policy(&large.policy, &large.roots)?;
    let decision = policy.decide(&large.request, &large.images, NOW)?;
    let document = String::from_utf8_lossy(&decision.document);
    assert_eq!(decision.outcome, Outcome::Allowed, "{document}");
    let memory = policy.memory_bytes().context("the instance lives")?;
    Ok(memory.saturating_sub(large.bytes()))
}

#[test]
fn print_memory() -> Result<()> {
    for form in Form::ALL {
        for bytes in [1 << 20, 5 << 20] {
            let spent = memory_beyond_input(form, Signer::Keyless, bytes)?;
            eprintln!("{} {bytes}: {spent}", form.name());
        }
    }
    Ok(())
}

/// The host refuses what is too large before the module sees it.
#[test]
fn fifty_megabytes_are_refused_by_name() -> Result<()> {
    let large = Large::new(Form::Spdx, Signer::Key, 50_000_000)?;
    let module = Runtime::new(Limits::default(), &CacheLocation::None)?.load(COMPONENT)?;
    let mut policy = module.policy(&large.policy, &large.roots)?;
    let refused = policy.decide(&large.request, &large.images, NOW);
    let failure = refused.expect_err("it is too large");
    assert!(
        matches!(
            failure,
            Failure::InputTooLarge {
                limit: Limit::EvidenceBytes,
                ..
            }
        ),
        "{failure:?}"
    );
    assert_eq!(failure.code(), "limit.evidence-bytes");
    Ok(())
}
