//! How many public-key operations may still be spent.

use sealstone_crypto::KeyKind;

use crate::error::Error;
use crate::limits::{Limit, Limits};

/// Counts public-key operations down.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Operations on this piece of evidence.
    remaining: usize,
    /// Work on all pieces together, in operations on P-256.
    work: usize,
}

impl Budget {
    /// The budget of one piece of evidence.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self::within(limits, usize::MAX)
    }

    /// The budget of one piece of evidence, where so much work may be done on it and all further ones.
    pub(crate) fn within(limits: &Limits, work: usize) -> Self {
        Self {
            remaining: limits.signature_checks,
            work,
        }
    }

    /// The work that is left for further pieces.
    pub(crate) fn work(&self) -> usize {
        self.work
    }

    /// Spends one operation with a key of that kind.
    pub(crate) fn spend(&mut self, kind: KeyKind) -> Result<(), Error> {
        let remaining = self.remaining.checked_sub(1);
        self.remaining = remaining.ok_or(Error::LimitExceeded(Limit::SignatureChecks))?;
        let Some(work) = self.work.checked_sub(cost(kind)) else {
            self.work = 0;
            return Err(Error::LimitExceeded(Limit::SignatureWork));
        };
        self.work = work;
        Ok(())
    }
}

/// What an operation costs in WebAssembly, as a multiple of one on P-256, rounded up.
const fn cost(kind: KeyKind) -> usize {
    match kind {
        KeyKind::P256 | KeyKind::Ed25519 | KeyKind::Rsa => 1,
        KeyKind::P384 => 4,
        KeyKind::P521 => 16,
    }
}
