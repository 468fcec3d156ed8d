//! Globs.

use alloc::string::String;
use alloc::vec::Vec;

use super::PatternError;
use crate::limits::Limit;

/// A pattern in which `*` stands for any run of characters without `/` and `**` for any run of
/// characters. Both stand for the empty run too; neither for control characters, so that a line
/// break never hides behind a wildcard. Every other character stands for itself. The whole text
/// must match.
///
/// Matching takes time in proportion to the product of the lengths of pattern and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob {
    /// What stands before the first wildcard; everything, if there is none.
    prefix: String,
    /// From the first wildcard to the last one.
    middle: Vec<Token>,
    /// What stands after the last wildcard.
    suffix: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `*`.
    Star,
    /// `**`.
    DoubleStar,
}

impl Token {
    /// Whether a wildcard may stand for this character.
    fn stands_for(self, character: char) -> bool {
        match self {
            Self::Literal(_) => false,
            Self::Star => character != '/' && !character.is_control(),
            Self::DoubleStar => !character.is_control(),
        }
    }

    fn is_literal(self) -> bool {
        matches!(self, Self::Literal(_))
    }
}

impl Glob {
    /// Reads a glob.
    ///
    /// # Errors
    /// A pattern that is too long, has more than two stars in a row, or has a character that other
    /// glob languages treat as special: it would silently mean something else here.
    pub(crate) fn new(pattern: &str) -> Result<Self, PatternError> {
        if pattern.len() > Limit::PatternBytes.value() {
            return Err(PatternError::LimitExceeded(Limit::PatternBytes));
        }
        let mut tokens = Vec::with_capacity(pattern.len());
        for character in pattern.chars() {
            let token = match (character, tokens.last()) {
                ('?' | '[' | ']' | '{' | '}' | '\\', _) => {
                    return Err(PatternError::GlobReserved(character));
                }
                ('*', Some(Token::DoubleStar)) => return Err(PatternError::GlobStars),
                ('*', Some(Token::Star)) => {
                    tokens.pop();
                    Token::DoubleStar
                }
                ('*', _) => Token::Star,
                _ => Token::Literal(character),
            };
            tokens.push(token);
        }
        let first = tokens.iter().position(|token| !token.is_literal());
        let middle = first.map_or_else(Vec::new, |first| tokens.split_off(first));
        let mut glob = Self {
            prefix: text_of(&tokens),
            middle,
            suffix: String::new(),
        };
        if let Some(last) = glob.middle.iter().rposition(|token| !token.is_literal()) {
            glob.suffix = text_of(&glob.middle.split_off(last.saturating_add(1)));
        }
        Ok(glob)
    }

    /// Whether the whole of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix(self.prefix.as_str()) else {
            return false;
        };
        if self.middle.is_empty() {
            return rest.is_empty();
        }
        let Some(rest) = rest.strip_suffix(self.suffix.as_str()) else {
            return false;
        };
        match self.middle.as_slice() {
            [wildcard] => rest.chars().all(|character| wildcard.stands_for(character)),
            _ => self.middle_matches(rest),
        }
    }

    /// Whether the whole of `text` matches what stands between prefix and suffix.
    fn middle_matches(&self, text: &str) -> bool {
        // `reached` holds, for every number of tokens, whether that many of them can match the part
        // of the text that was read; it is all that must be known to read the next character.
        let mut reached: Vec<bool> = Vec::with_capacity(self.middle.len().saturating_add(1));
        reached.push(true);
        self.skip_wildcards(&mut reached);
        let mut next: Vec<bool> = Vec::with_capacity(reached.len());
        for character in text.chars() {
            next.clear();
            next.push(false);
            let mut alive = false;
            for (token, pair) in self.middle.iter().zip(reached.windows(2)) {
                let [before, after] = *pair else {
                    return false;
                };
                let now = match token {
                    Token::Literal(literal) => before && *literal == character,
                    // One that stands for nothing is passed for free.
                    wildcard => {
                        (after && wildcard.stands_for(character))
                            || next.last().copied().unwrap_or(false)
                    }
                };
                next.push(now);
                alive |= now;
            }
            if !alive {
                return false;
            }
            core::mem::swap(&mut reached, &mut next);
        }
        reached.last().copied().unwrap_or(false)
    }

    fn skip_wildcards(&self, reached: &mut Vec<bool>) {
        for token in &self.middle {
            let before = reached.last().copied().unwrap_or(false);
            reached.push(before && !token.is_literal());
        }
    }
}

impl core::fmt::Display for Glob {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.prefix)?;
        f.write_str(&text_of(&self.middle))?;
        f.write_str(&self.suffix)
    }
}

/// The pattern that these tokens were read from.
fn text_of(tokens: &[Token]) -> String {
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Literal(character) => text.push(*character),
            Token::Star => text.push('*'),
            Token::DoubleStar => text.push_str("**"),
        }
    }
    text
}
