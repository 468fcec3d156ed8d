//! Sealstone as a WebAssembly component: the world `policy-module` of `wit/`, without imports.
//!
//! Types are copied from one side to the other here and nothing is decided.

#![cfg_attr(not(feature = "rego"), no_std)]

extern crate alloc;

#[cfg(feature = "rego")]
mod memory;

mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "policy-module",
    });
}

use alloc::borrow::ToOwned;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::Cell;

use bindings::exports::sealstone::policy::policy;
use sealstone_engine::json::Map;
use sealstone_engine::{
    API_VERSION, CompiledPolicy, Decision, Evidence, ImageEvidence, ImageRequest, NamedTrustedRoot,
    Outcome, Problem, UnixTime, VERSION, Webhook,
};
// For the allocator and the panic handler. The interpreter of Rego needs those of the standard library.
#[cfg(not(feature = "rego"))]
use sealstone_runtime as _;

struct PolicyModule;

bindings::export!(PolicyModule with_types_in bindings);

impl policy::Guest for PolicyModule {
    type CompiledPolicy = Compiled;

    fn info() -> policy::ModuleInfo {
        policy::ModuleInfo {
            version: VERSION.to_owned(),
            policy_api_version: API_VERSION.to_owned(),
        }
    }

    fn prepare(
        policy: Vec<u8>,
        trusted_roots: Vec<policy::TrustedRoot>,
    ) -> Result<(), Vec<policy::Problem>> {
        let compiled = compile(&policy, trusted_roots)?;
        compiled.prepare();
        PREPARED.0.set(Some(Arc::new(compiled)));
        Ok(())
    }

    fn prepared() -> Option<policy::CompiledPolicy> {
        let prepared = PREPARED.0.take();
        PREPARED.0.set(prepared.clone());
        Some(policy::CompiledPolicy::new(Compiled(prepared?)))
    }
}

/// The policy that was prepared in this instance. A snapshot of the instance keeps it.
static PREPARED: Prepared = Prepared(Cell::new(None));

struct Prepared(Cell<Option<Arc<CompiledPolicy>>>);

// SAFETY: the module has one thread: it has no memory that is shared, and hosts enter an instance once
// at a time.
unsafe impl Sync for Prepared {}

struct Compiled(Arc<CompiledPolicy>);

impl policy::GuestCompiledPolicy for Compiled {
    fn compile(
        policy: Vec<u8>,
        trusted_roots: Vec<policy::TrustedRoot>,
    ) -> Result<policy::CompiledPolicy, Vec<policy::Problem>> {
        let compiled = compile(&policy, trusted_roots)?;
        Ok(policy::CompiledPolicy::new(Self(Arc::new(compiled))))
    }

    fn images(&self, request: Vec<u8>) -> Result<Vec<policy::Image>, policy::Problem> {
        match self.0.images(&request) {
            Ok(images) => Ok(images.into_iter().map(image).collect()),
            Err(found) => Err(problem(found)),
        }
    }

    fn decide(
        &self,
        request: Vec<u8>,
        evidence: Vec<policy::ImageEvidence>,
        now: u64,
    ) -> policy::Decision {
        decision(&self.decision(&request, evidence, now))
    }

    fn review(
        &self,
        request: Vec<u8>,
        evidence: Vec<policy::ImageEvidence>,
        now: u64,
        webhook: policy::Webhook,
    ) -> policy::Review {
        let made = self.decision(&request, evidence, now);
        let webhook = match webhook {
            policy::Webhook::Mutating => Webhook::Mutating,
            policy::Webhook::Validating => Webhook::Validating,
        };
        policy::Review {
            decision: decision(&made),
            response: made.to_admission_review(webhook).into_bytes(),
            audit_annotation: made.to_audit_annotation(webhook).into_bytes(),
        }
    }
}

impl Compiled {
    fn decision(&self, request: &[u8], evidence: Vec<policy::ImageEvidence>, now: u64) -> Decision {
        let evidence: Vec<ImageEvidence> = evidence.into_iter().map(image_evidence).collect();
        self.0
            .decide(request, &evidence, UnixTime::from_seconds(now))
    }
}

fn compile(
    policy: &[u8],
    trusted_roots: Vec<policy::TrustedRoot>,
) -> Result<CompiledPolicy, Vec<policy::Problem>> {
    let trusted_roots: Vec<NamedTrustedRoot> =
        trusted_roots.into_iter().map(trusted_root).collect();
    #[cfg(feature = "rego")]
    sealstone_engine::rego::set_memory_meter(memory::allocated);
    CompiledPolicy::compile(policy, &trusted_roots)
        .map_err(|problems| problems.into_iter().map(problem).collect())
}

fn trusted_root(root: policy::TrustedRoot) -> NamedTrustedRoot {
    NamedTrustedRoot {
        name: root.name,
        content: root.content,
    }
}

fn image_evidence(image: policy::ImageEvidence) -> ImageEvidence {
    ImageEvidence {
        reference: image.reference,
        digest: image.digest,
        evidence: image.evidence.into_iter().map(evidence).collect(),
        unavailable: image.unavailable,
    }
}

fn evidence(piece: policy::Evidence) -> Evidence {
    // Collecting into a map would sort first, at the cost of a sorting routine in the module.
    let mut annotations = Map::new();
    for (name, value) in piece.annotations {
        annotations.insert(name, value);
    }
    Evidence {
        media_type: piece.media_type,
        content: piece.content,
        annotations,
    }
}

fn image(image: ImageRequest) -> policy::Image {
    policy::Image {
        reference: image.reference,
        digest: image.digest,
    }
}

fn problem(found: Problem) -> policy::Problem {
    policy::Problem {
        code: found.code.to_owned(),
        path: found.path,
        message: found.message,
    }
}

fn decision(decision: &Decision) -> policy::Decision {
    policy::Decision {
        allowed: decision.allowed(),
        outcome: outcome(decision.outcome()),
        document: decision.to_json().into_bytes(),
    }
}

fn outcome(outcome: Outcome) -> policy::Outcome {
    match outcome {
        Outcome::Allowed => policy::Outcome::Allowed,
        Outcome::Rejected => policy::Outcome::Rejected,
        Outcome::Unavailable => policy::Outcome::Unavailable,
        Outcome::Invalid => policy::Outcome::Invalid,
    }
}
