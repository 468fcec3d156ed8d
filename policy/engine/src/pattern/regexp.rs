//! Regular expressions.

use alloc::format;

use regex_lite::{Regex, RegexBuilder};

use super::PatternError;
use crate::limits::Limit;

/// A regular expression that matches whole texts, in time linear in the text.
#[derive(Clone, Debug)]
pub(crate) struct Regexp(Regex);

impl Regexp {
    /// Reads a regular expression.
    ///
    /// # Errors
    /// A pattern that is too long, too large when compiled, or malformed.
    pub(crate) fn new(pattern: &str) -> Result<Self, PatternError> {
        if pattern.len() > Limit::PatternBytes.value() {
            return Err(PatternError::LimitExceeded(Limit::PatternBytes));
        }
        // The pattern must stand by itself: `a)|(?:b` only becomes an expression between the
        // anchors, and would escape them.
        build(pattern, usize::MAX)?;
        build(&format!(r"\A(?:{pattern})\z"), Limit::RegexpSize.value()).map(Self)
    }

    /// Whether the whole of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

fn build(pattern: &str, size_limit: usize) -> Result<Regex, PatternError> {
    RegexBuilder::new(pattern)
        .size_limit(size_limit)
        .build()
        .map_err(|_| PatternError::RegexpMalformed)
}
