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
    tokens: Vec<Token>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `*`.
    Star,
    /// `**`.
    DoubleStar,
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
        Ok(Self { tokens })
    }

    /// Whether the whole of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        // `reached` holds, for every number of tokens, whether that many of them can match the part
        // of the text that was read; it is all that must be known to read the next character.
        let mut reached: Vec<bool> = Vec::with_capacity(self.tokens.len().saturating_add(1));
        reached.push(true);
        self.skip_wildcards(&mut reached);
        for character in text.chars() {
            let mut next: Vec<bool> = Vec::with_capacity(reached.len());
            next.push(false);
            let mut alive = false;
            for (token, pair) in self.tokens.iter().zip(reached.windows(2)) {
                let [before, after] = *pair else {
                    return false;
                };
                let now = match token {
                    Token::Literal(literal) => before && *literal == character,
                    Token::Star => after && character != '/' && !character.is_control(),
                    Token::DoubleStar => after && !character.is_control(),
                };
                // A wildcard that stands for nothing is passed for free.
                let now = now
                    || (!matches!(token, Token::Literal(_))
                        && next.last().copied().unwrap_or(false));
                next.push(now);
                alive |= now;
            }
            if !alive {
                return false;
            }
            reached = next;
        }
        reached.last().copied().unwrap_or(false)
    }

    fn skip_wildcards(&self, reached: &mut Vec<bool>) {
        for token in &self.tokens {
            let before = reached.last().copied().unwrap_or(false);
            reached.push(before && !matches!(token, Token::Literal(_)));
        }
    }
}

impl core::fmt::Display for Glob {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let text: String = self
            .tokens
            .iter()
            .flat_map(|token| match token {
                Token::Literal(character) => [Some(*character), None],
                Token::Star => [Some('*'), None],
                Token::DoubleStar => [Some('*'), Some('*')],
            })
            .flatten()
            .collect();
        f.write_str(&text)
    }
}
