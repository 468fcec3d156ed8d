//! How many public-key operations may still be spent.

use crate::error::Error;
use crate::limits::{Limit, Limits};

/// Counts public-key operations down.
#[derive(Debug)]
pub(crate) struct Budget {
    remaining: usize,
}

impl Budget {
    /// The budget of one piece of evidence.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            remaining: limits.signature_checks,
        }
    }

    /// Spends one operation.
    pub(crate) fn spend(&mut self) -> Result<(), Error> {
        self.remaining = self
            .remaining
            .checked_sub(1)
            .ok_or(Error::LimitExceeded(Limit::SignatureChecks))?;
        Ok(())
    }
}
