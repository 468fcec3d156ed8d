//! Who must have signed.

use alloc::vec::Vec;

use super::prepared::Indices;
use crate::document::Signers;

/// Authorities by index, alone or combined.
#[derive(Debug)]
pub(crate) enum Expression {
    Authority(usize),
    AllOf(Vec<Expression>),
    AnyOf(Vec<Expression>),
    AtLeast(usize, Vec<Expression>),
}

impl Expression {
    pub(super) fn new(signers: &Signers, indices: &Indices) -> Self {
        let list = |of: &[Signers]| of.iter().map(|one| Self::new(one, indices)).collect();
        match signers {
            // A name that is not defined was reported; no authority has this index.
            Signers::Authority(name) => {
                Self::Authority(indices.authorities.get(name).copied().unwrap_or(usize::MAX))
            }
            Signers::AllOf(of) => Self::AllOf(list(of)),
            Signers::AnyOf(of) => Self::AnyOf(list(of)),
            Signers::AtLeast(count, of) => Self::AtLeast(*count, list(of)),
        }
    }

    /// Adds every authority, each once.
    pub(super) fn collect(&self, found: &mut Vec<usize>) {
        match self {
            Self::Authority(index) => {
                if !found.contains(index) {
                    found.push(*index);
                }
            }
            Self::AllOf(of) | Self::AnyOf(of) | Self::AtLeast(_, of) => {
                for one in of {
                    one.collect(found);
                }
            }
        }
    }

    /// Any of these authorities.
    pub(super) fn any_of<'a>(authorities: impl Iterator<Item = &'a usize>) -> Self {
        Self::AnyOf(authorities.map(|index| Self::Authority(*index)).collect())
    }
}
