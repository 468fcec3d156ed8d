//! What comes of a program beside a plain yes.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::limits::Limit;
use crate::text::Escaped;

/// Why a program denies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `deny` has messages; those that are shown.
    Denied(Vec<String>),
    /// `allow` is false.
    NotAllowed,
    /// The rule has no value for this input.
    Undefined(&'static str),
    /// The rule has a value of another type: which rule, and what it must be.
    ResultType(&'static str, &'static str),
    /// The evaluation ended with an error.
    Failed(Located),
    /// A function is called that is not there.
    FunctionUnavailable(Located),
    /// A rule depends on itself.
    Recursion(Located),
    /// The evaluation hit a limit.
    LimitExceeded(Limit),
}

/// What the interpreter says, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    /// The index of the module, the line and the column, both from 1.
    pub(crate) place: Option<(usize, u32, u32)>,
    /// What is wrong, in the words of the interpreter.
    pub(crate) message: String,
}

impl Fault {
    /// What an error of the interpreter is.
    pub(super) fn of(error: &impl fmt::Display) -> Self {
        let located = Located::of(error);
        if located.message.starts_with("could not find function ") {
            return Self::FunctionUnavailable(located);
        }
        if located.message.starts_with("recursion detected ") {
            return Self::Recursion(located);
        }
        Self::Failed(located)
    }

    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Denied(_) => "rego.denied",
            Self::NotAllowed => "rego.not-allowed",
            Self::Undefined(_) => "rego.undefined",
            Self::ResultType(..) => "rego.result-type",
            Self::Failed(_) => "rego.failed",
            Self::FunctionUnavailable(_) => "rego.function-unavailable",
            Self::Recursion(_) => "rego.recursion",
            Self::LimitExceeded(limit) => limit.code(),
        }
    }

    /// What is wrong and what to do about it, for people.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Denied(messages) => messages.join("; "),
            Self::NotAllowed => "`allow` of the rule's Rego is false".to_string(),
            Self::Undefined(rule) => format!(
                "`{rule}` of the rule's Rego is undefined for what was verified, which counts as no"
            ),
            Self::ResultType(rule, wanted) => {
                format!("`{rule}` of the rule's Rego must be {wanted}")
            }
            Self::Failed(located) => format!("the rule's Rego failed: {located}"),
            Self::FunctionUnavailable(located) => format!(
                "the rule's Rego calls what is not there, for it reaches nothing but its input: {located}"
            ),
            Self::Recursion(located) => {
                format!("a rule of the Rego depends on itself: {located}")
            }
            Self::LimitExceeded(limit) => format!(
                "the rule's Rego exceeds the limit `{}`: {} {}; make it do less",
                limit.code(),
                limit.value(),
                match limit {
                    Limit::RegoMemory => "bytes of memory",
                    Limit::RegoNesting => "bytes of stack",
                    Limit::RegoMessages => "messages",
                    Limit::RegoCombinations => "combinations of attestations",
                    _ => "steps over all images of a request",
                }
            ),
        }
    }
}

impl Located {
    /// Takes an error of the interpreter apart: `\n--> FILE:LINE:COLUMN`, an excerpt, and
    /// `error: MESSAGE`. Of an error in another form, all of it.
    pub(super) fn of(error: &impl fmt::Display) -> Self {
        let text = error.to_string();
        let head = text.split_once("--> ").map(|(_, rest)| rest);
        let place = head.and_then(|rest| rest.lines().next()).and_then(|place| {
            let mut parts = place.splitn(3, ':');
            let file = parts.next()?.parse().ok()?;
            let line = parts.next()?.parse().ok()?;
            let column = parts.next()?.parse().ok()?;
            Some((file, line, column))
        });
        let message = match text.split_once("\nerror: ") {
            Some((_, message)) => message.split("\n--> ").next().unwrap_or(message),
            None => &text,
        };
        Self {
            place,
            message: message.trim().to_string(),
        }
    }
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Escaped(&self.message))?;
        if let Some((module, line, column)) = self.place {
            write!(f, " (module {module}, line {line}, column {column})")?;
        }
        Ok(())
    }
}
