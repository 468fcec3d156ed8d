//! How much work may be done on one request.

use core::cell::Cell;

use sealstone_verify::{Error, Facts, Limit, SignedEntity, Subject, UnixTime, Verifier};

/// Counts the work of public-key operations down, over all images of a request.
#[derive(Debug)]
pub(crate) struct Work {
    remaining: Cell<usize>,
    spent: Cell<bool>,
    #[cfg(feature = "rego")]
    rego_steps: Cell<u64>,
}

impl Work {
    /// So much and no more.
    pub(crate) fn new(work: usize) -> Self {
        Self {
            remaining: Cell::new(work),
            spent: Cell::new(false),
            #[cfg(feature = "rego")]
            rego_steps: Cell::new(
                u64::try_from(crate::limits::Limit::RegoSteps.value()).unwrap_or(u64::MAX),
            ),
        }
    }

    /// As much as the limits on each piece of evidence allow.
    pub(crate) fn unlimited() -> Self {
        Self::new(usize::MAX)
    }

    /// Steps of evaluations of Rego that are left.
    #[cfg(feature = "rego")]
    pub(crate) fn rego_steps(&self) -> u64 {
        self.rego_steps.get()
    }

    /// Takes steps of an evaluation of Rego from those that are left.
    #[cfg(feature = "rego")]
    pub(crate) fn spend_rego_steps(&self, steps: u64) {
        self.rego_steps
            .set(self.rego_steps.get().saturating_sub(steps));
    }

    /// Whether something was left undone.
    pub(crate) fn is_spent(&self) -> bool {
        self.spent.get()
    }

    /// Verifies a piece of evidence.
    pub(crate) fn verify(
        &self,
        verifier: &Verifier,
        entity: &SignedEntity,
        subject: &Subject<'_>,
        now: UnixTime,
    ) -> Result<Facts, Error> {
        let mut remaining = self.remaining.get();
        let verified = verifier.verify_within(entity, subject, now, &mut remaining);
        self.remaining.set(remaining);
        if matches!(verified, Err(Error::LimitExceeded(Limit::SignatureWork))) {
            self.spent.set(true);
        }
        verified
    }
}
