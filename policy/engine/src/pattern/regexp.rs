//! Regular expressions.

mod class;
mod parser;
mod program;
#[cfg(test)]
mod tests;

use alloc::format;

use super::PatternError;
use crate::limits::Limit;
use program::Program;

/// A regular expression that matches whole texts, in time linear in the text.
///
/// The syntax is that of the crate `regex-lite`: all of the crate `regex` but for Unicode classes and
/// operations on classes. Letters of either case are those of ASCII.
#[derive(Clone, Debug)]
pub(crate) struct Regexp(Program);

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
        parser::parse(pattern)?;
        parser::parse(&format!(r"\A(?:{pattern})\z")).map(Self)
    }

    /// Whether the whole of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.0.matches(text)
    }
}
