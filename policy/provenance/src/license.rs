//! Licence expressions of SPDX.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Bytes of one licence expression: more than any that is not made to take time.
const EXPRESSION_BYTES: usize = 4096;

/// A licence expression, as SPDX 2.3, annex D, describes it.
///
/// Only its form is checked: the SPDX licence list is not at hand, so a licence that it does not hold is
/// one that no list names.
#[derive(Clone, Debug)]
pub struct LicenseExpression {
    /// In reverse Polish notation: an operator follows its two sides.
    steps: Vec<Step>,
}

/// Licences that a policy names, with or without exception (`WITH`).
#[derive(Clone, Debug)]
pub struct LicenseList(Vec<License>);

#[derive(Clone, Debug)]
enum Step {
    License(License),
    And,
    Or,
}

/// One licence, in lower case: identifiers do not mind the case.
#[derive(Clone, Debug, PartialEq, Eq)]
struct License {
    /// Without the suffix that GNU licences have had since they named what `+` says.
    id: String,
    or_later: bool,
    exception: Option<String>,
}

/// Why a licence expression was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LicenseError {
    /// Not an expression.
    ExpressionMalformed,
    /// An entry of a list combines licences.
    NotOneLicense,
}

impl LicenseError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ExpressionMalformed => "license-expression.malformed",
            Self::NotOneLicense => "license-expression.not-one",
        }
    }
}

impl fmt::Display for LicenseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ExpressionMalformed => "not an SPDX licence expression",
            Self::NotOneLicense => "a list of licences names each licence by itself",
        })
    }
}

impl core::error::Error for LicenseError {}

impl LicenseExpression {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`LicenseError::ExpressionMalformed`], also for more than 4096 bytes.
    pub fn parse(text: &str) -> Result<Self, LicenseError> {
        let steps = (text.len() <= EXPRESSION_BYTES).then(|| steps(text));
        match steps.flatten() {
            Some(steps) => Ok(Self { steps }),
            None => Err(LicenseError::ExpressionMalformed),
        }
    }

    /// Whether one can comply by licences of the list alone: of `OR` one side is enough, of `AND` both
    /// are needed. An exception must be listed with its licence.
    pub fn is_within(&self, list: &LicenseList) -> bool {
        self.holds(|found| list.0.contains(found))
    }

    /// Whether one can comply without any licence of the list. An entry without exception means the
    /// licence with every exception.
    pub fn avoids(&self, list: &LicenseList) -> bool {
        self.holds(|found| !list.0.iter().any(|listed| listed.includes(found)))
    }

    fn holds(&self, of_license: impl Fn(&License) -> bool) -> bool {
        let mut results: Vec<bool> = Vec::new();
        for step in &self.steps {
            let result = match step {
                Step::License(license) => of_license(license),
                operator => match (results.pop(), results.pop(), operator) {
                    (Some(right), Some(left), Step::And) => left && right,
                    (Some(right), Some(left), _) => left || right,
                    _ => false,
                },
            };
            results.push(result);
        }
        results.pop().unwrap_or(false)
    }
}

impl LicenseList {
    /// Reads a list.
    ///
    /// # Errors
    /// [`LicenseError`], see there.
    pub fn parse<'t>(entries: impl IntoIterator<Item = &'t str>) -> Result<Self, LicenseError> {
        let mut list = Vec::new();
        for entry in entries {
            let mut steps = LicenseExpression::parse(entry)?.steps;
            match (steps.pop(), steps.is_empty()) {
                (Some(Step::License(license)), true) => list.push(license),
                _ => return Err(LicenseError::NotOneLicense),
            }
        }
        Ok(Self(list))
    }
}

impl License {
    /// Reads an identifier, with `+` where later versions are meant.
    fn read(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        let (plain, plus) = match word.strip_suffix('+') {
            Some(plain) => (plain, true),
            None => (word.as_str(), false),
        };
        // A reference has no versions.
        let is_reference = !plus && is_reference(plain, "licenseref-");
        if !is_reference && !is_listed(plain) {
            return None;
        }
        let (id, or_later) = match plain.strip_suffix("-or-later") {
            Some(id) => (id, true),
            None => (plain.strip_suffix("-only").unwrap_or(plain), plus),
        };
        Some(Self {
            id: id.into(),
            or_later,
            exception: None,
        })
    }

    /// Whether an entry of a list means the licence that was found.
    fn includes(&self, found: &Self) -> bool {
        if self.exception.is_some() {
            return self == found;
        }
        // Identifiers of a licence with its exception are as old as `WITH`.
        let rest = found.id.strip_prefix(self.id.as_str());
        self.or_later == found.or_later
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("-with-"))
    }
}

/// The expression in reverse Polish notation, by the shunting-yard algorithm.
fn steps(text: &str) -> Option<Vec<Step>> {
    /// What waits for its right side; `AND` binds more tightly than `OR`.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Waiting {
        Parenthesis,
        Or,
        And,
    }
    fn apply(waiting: Waiting, steps: &mut Vec<Step>) {
        steps.push(match waiting {
            Waiting::And => Step::And,
            _ => Step::Or,
        });
    }

    let mut steps: Vec<Step> = Vec::new();
    let mut waiting: Vec<Waiting> = Vec::new();
    // Whether an operand comes next, and not an operator.
    let mut operand = true;
    // Whether a licence has just been read that has no exception.
    let mut alone = false;
    let mut words = Words(text);
    while let Some(word) = words.next() {
        let follows_license = core::mem::replace(&mut alone, false);
        match (word, operand) {
            ("(", true) => waiting.push(Waiting::Parenthesis),
            (")", false) => loop {
                match waiting.pop()? {
                    Waiting::Parenthesis => break,
                    operator => apply(operator, &mut steps),
                }
            },
            ("AND" | "OR", false) => {
                let operator = match word {
                    "AND" => Waiting::And,
                    _ => Waiting::Or,
                };
                while let Some(before) = waiting.pop_if(|before| *before >= operator) {
                    apply(before, &mut steps);
                }
                waiting.push(operator);
                operand = true;
            }
            ("WITH", false) if follows_license => match steps.last_mut() {
                Some(Step::License(license)) => license.exception = Some(exception(words.next()?)?),
                _ => return None,
            },
            (word, true) => {
                steps.push(Step::License(License::read(word)?));
                operand = false;
                alone = true;
            }
            _ => return None,
        }
    }
    while let Some(operator) = waiting.pop() {
        if operator == Waiting::Parenthesis {
            return None;
        }
        apply(operator, &mut steps);
    }
    (!operand).then_some(steps)
}

/// An exception, or an addition that the document defines (SPDX 3.0).
fn exception(word: &str) -> Option<String> {
    let word = word.to_ascii_lowercase();
    (is_listed(&word) || is_reference(&word, "additionref-")).then_some(word)
}

/// Whether the word, in lower case, is what the document itself, or another one, defines.
fn is_reference(word: &str, prefix: &str) -> bool {
    let (document, reference) = match word.split_once(':') {
        Some((document, reference)) => (document.strip_prefix("documentref-"), reference),
        None => (Some("x"), word),
    };
    document.is_some_and(is_id) && reference.strip_prefix(prefix).is_some_and(is_id)
}

/// Whether the word, in lower case, has the form of what the SPDX licence list holds. What looks like an
/// operator or a reference shall not pass for a licence.
fn is_listed(word: &str) -> bool {
    let reserved = ["and", "or", "with", "none", "noassertion"];
    is_id(word) && !word.contains("ref-") && !reserved.contains(&word)
}

/// `idstring` of annex D.
fn is_id(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// Parentheses, and what stands between them and white space.
struct Words<'t>(&'t str);

impl<'t> Iterator for Words<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let text = self.0.trim_start();
        let is_end = |c: char| c.is_whitespace() || matches!(c, '(' | ')');
        let end = match text.find(is_end) {
            Some(0) => 1,
            Some(end) => end,
            None => text.len(),
        };
        let (word, rest) = text.split_at_checked(end)?;
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }
}
