//! A policy document that was compiled inside of an instance.

use wasmtime::Store;
use wasmtime::component::ResourceAny;

use super::bindings::PolicyModule;
use super::failure::Failure;
use super::module::Module;
use super::sandbox::{self, Sandbox};
use super::{Decision, Image, ImageEvidence, Review, TrustedRoot, Webhook};
use crate::limits::{Limit, Limits};

/// A policy that is ready to decide.
///
/// One instance serves all calls. It is dropped when it traps, when it hits a limit and by
/// [`Policy::renew`]; the next call then has a new instance, in which the document is compiled
/// anew, unless the module has it in memory ([`Module::prepare`]).
pub struct Policy {
    module: Module,
    source: Source,
    session: Option<Session>,
}

/// Where an instance has the policy from.
enum Source {
    /// It compiles the document.
    Document {
        document: Vec<u8>,
        roots: Vec<TrustedRoot>,
    },
    /// It starts with the policy in its memory.
    Snapshot,
}

struct Session {
    store: Store<Sandbox>,
    instance: PolicyModule,
    policy: ResourceAny,
}

impl Policy {
    pub(super) fn compile(
        module: Module,
        document: &[u8],
        roots: &[TrustedRoot],
    ) -> Result<Self, Failure> {
        check_size(document, roots, module.limits())?;
        let source = Source::Document {
            document: document.to_owned(),
            roots: roots.to_owned(),
        };
        Self::start(module, source)
    }

    /// The policy that `module` has in memory.
    pub(super) fn from_snapshot(module: Module) -> Result<Self, Failure> {
        Self::start(module, Source::Snapshot)
    }

    fn start(module: Module, source: Source) -> Result<Self, Failure> {
        let session = Session::start(&module, &source)?;
        Ok(Self {
            module,
            source,
            session: Some(session),
        })
    }

    /// The images of a request (JSON) for which evidence is wanted.
    ///
    /// # Errors
    ///
    /// [`Failure::Request`] when the request is malformed, or why the module gave no answer.
    pub fn images(&mut self, request: &[u8]) -> Result<Vec<Image>, Failure> {
        let limits = self.module.limits();
        within(request.len(), limits.request_bytes, Limit::RequestBytes)?;
        self.call(|session| {
            session
                .instance
                .sealstone_policy_policy()
                .compiled_policy()
                .call_images(&mut session.store, session.policy, request)
        })?
        .map_err(Failure::Request)
    }

    /// Decides a request at the time `now`, in seconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// Why the module gave no answer: a denial.
    pub fn decide(
        &mut self,
        request: &[u8],
        evidence: &[ImageEvidence],
        now: u64,
    ) -> Result<Decision, Failure> {
        self.check_input(request, evidence)?;
        self.call(|session| {
            session
                .instance
                .sealstone_policy_policy()
                .compiled_policy()
                .call_decide(&mut session.store, session.policy, request, evidence, now)
        })
    }

    /// Decides a request as [`Policy::decide`] does and answers the admission webhook that brought it.
    ///
    /// # Errors
    ///
    /// Why the module gave no answer: a denial.
    pub fn review(
        &mut self,
        request: &[u8],
        evidence: &[ImageEvidence],
        now: u64,
        webhook: Webhook,
    ) -> Result<Review, Failure> {
        self.check_input(request, evidence)?;
        self.call(|session| {
            session
                .instance
                .sealstone_policy_policy()
                .compiled_policy()
                .call_review(
                    &mut session.store,
                    session.policy,
                    request,
                    evidence,
                    now,
                    webhook,
                )
        })
    }

    /// Refuses what is larger than anything that is handed to a module.
    fn check_input(&self, request: &[u8], evidence: &[ImageEvidence]) -> Result<(), Failure> {
        let limits = self.module.limits();
        within(request.len(), limits.request_bytes, Limit::RequestBytes)?;
        evidence
            .iter()
            .try_for_each(|image| evidence_within(image, limits))
    }

    /// Drops the instance, so that the next call has one that saw no other request.
    pub fn renew(&mut self) {
        self.session = None;
    }

    /// Calls into the instance. One that did not return is never used again.
    fn call<T>(
        &mut self,
        function: impl FnOnce(&mut Session) -> wasmtime::Result<T>,
    ) -> Result<T, Failure> {
        let limits = self.module.limits();
        let mut session = match self.session.take() {
            Some(session) => session,
            None => Session::start(&self.module, &self.source)?,
        };
        sandbox::refuel(&mut session.store, limits)?;
        match function(&mut session) {
            Ok(answer) => {
                self.session = Some(session);
                Ok(answer)
            }
            Err(error) => Err(sandbox::failure(&session.store, error, limits)),
        }
    }
}

impl core::fmt::Debug for Policy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Policy")
            .field("module", &self.module)
            .field("instantiated", &self.session.is_some())
            .finish_non_exhaustive()
    }
}

impl Session {
    fn start(module: &Module, source: &Source) -> Result<Self, Failure> {
        let (mut store, instance) = module.instantiate()?;
        let interface = instance.sealstone_policy_policy();
        let policy = match source {
            Source::Document { document, roots } => interface
                .compiled_policy()
                .call_compile(&mut store, document, roots)
                .map_err(|error| sandbox::failure(&store, error, module.limits()))?
                .map_err(Failure::Policy)?,
            Source::Snapshot => interface
                .call_prepared(&mut store)
                .map_err(|error| sandbox::failure(&store, error, module.limits()))?
                .ok_or(Failure::Host("the module did not keep its policy".into()))?,
        };
        Ok(Self {
            store,
            instance,
            policy,
        })
    }
}

/// Refuses a policy that is larger than anything that is handed to a module.
pub(super) fn check_size(
    document: &[u8],
    roots: &[TrustedRoot],
    limits: &Limits,
) -> Result<(), Failure> {
    within(document.len(), limits.policy_bytes, Limit::PolicyBytes)?;
    within(roots.len(), limits.trusted_roots, Limit::TrustedRoots)?;
    for root in roots {
        let size = root.content.len();
        within(size, limits.trusted_root_bytes, Limit::TrustedRootBytes)?;
    }
    Ok(())
}

fn evidence_within(image: &ImageEvidence, limits: &Limits) -> Result<(), Failure> {
    let pieces = image.evidence.len();
    within(pieces, limits.evidence_pieces, Limit::EvidencePieces)?;
    let mut total = 0_usize;
    for piece in &image.evidence {
        let size = piece.content.len();
        within(size, limits.evidence_bytes, Limit::EvidenceBytes)?;
        total = total.saturating_add(size);
    }
    within(
        total,
        limits.evidence_total_bytes,
        Limit::EvidenceTotalBytes,
    )
}

fn within(size: usize, maximum: usize, limit: Limit) -> Result<(), Failure> {
    if size > maximum {
        Err(Failure::InputTooLarge { limit, maximum })
    } else {
        Ok(())
    }
}
