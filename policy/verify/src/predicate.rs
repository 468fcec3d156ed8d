//! The predicate of a statement: its text, and a value where that is small.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use crate::json::{Value, parse};

/// Up to so many bytes of a statement a value is made of its predicate when it is read.
pub(crate) const SMALL: usize = 64 << 10;

/// Nesting of a predicate that was read within a statement already.
const NESTING: usize = usize::MAX;

/// The predicate of a statement.
///
/// The text of a large one was read as strictly as that of a small one, but no value is kept of it: a bill
/// of materials as value takes many times the memory of its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    payload: Arc<Vec<u8>>,
    text: Range<usize>,
    value: Option<Value>,
}

impl Predicate {
    pub(crate) fn small(value: Value) -> Self {
        Self {
            payload: Arc::default(),
            text: 0..0,
            value: Some(value),
        }
    }

    pub(crate) fn large(payload: Arc<Vec<u8>>, text: Range<usize>) -> Self {
        Self {
            payload,
            text,
            value: None,
        }
    }

    /// The predicate as value; `Null` where a v1 statement leaves it out. Of a large one it is made for
    /// this call.
    pub fn value(&self) -> Cow<'_, Value> {
        match (&self.value, self.text()) {
            (Some(value), _) => Cow::Borrowed(value),
            // The text is known to be well-formed.
            (None, text) => Cow::Owned(
                text.and_then(|it| parse(it, NESTING).ok())
                    .unwrap_or_default(),
            ),
        }
    }

    /// The text of a large predicate, in JSON; `None` for one that is kept as value.
    pub fn text(&self) -> Option<&[u8]> {
        match self.value {
            Some(_) => None,
            None => self.payload.get(self.text.clone()),
        }
    }
}
