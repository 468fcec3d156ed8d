//! Regular expressions.

use alloc::format;
use alloc::string::ToString;

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
        build(pattern)?;
        build(&format!(r"\A(?:{pattern})\z")).map(Self)
    }

    /// Whether the whole of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

fn build(pattern: &str) -> Result<Regex, PatternError> {
    let built = RegexBuilder::new(pattern)
        .size_limit(Limit::RegexpSize.value())
        .build();
    built.map_err(|error| {
        // The library's errors differ in their text alone, so it is asked what it says when
        // nothing but the size is wrong.
        match RegexBuilder::new("a").size_limit(0).build() {
            Err(too_large) if too_large.to_string() == error.to_string() => {
                PatternError::LimitExceeded(Limit::RegexpSize)
            }
            _ => PatternError::RegexpMalformed,
        }
    })
}
