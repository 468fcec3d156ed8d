//! Reading documents that people and hosts write: every problem is reported, with its place.

use alloc::format;
use alloc::string::String;

use sealstone_verify::json::{JsonError, Map, Value, parse};

use crate::limits::Limit;
use crate::problem::{Path, Problems};
use crate::text::Escaped;

/// The kinds of document that are read. Each has codes of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    /// A call of the JSON façade.
    Call,
    /// Evidence.
    Evidence,
    /// A policy.
    Policy,
    /// A request.
    Request,
}

/// What can be wrong with the shape of any document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    DuplicateMember,
    Empty,
    Malformed,
    MissingField,
    UnknownField,
    WrongType,
}

impl Document {
    const fn code(self, fault: Fault) -> &'static str {
        match (self, fault) {
            (Self::Call, Fault::DuplicateMember) => "call.duplicate-member",
            (Self::Call, Fault::Empty) => "call.empty",
            (Self::Call, Fault::Malformed) => "call.malformed",
            (Self::Call, Fault::MissingField) => "call.missing-field",
            (Self::Call, Fault::UnknownField) => "call.unknown-field",
            (Self::Call, Fault::WrongType) => "call.wrong-type",
            (Self::Evidence, Fault::DuplicateMember) => "evidence-document.duplicate-member",
            (Self::Evidence, Fault::Empty) => "evidence-document.empty",
            (Self::Evidence, Fault::Malformed) => "evidence-document.malformed",
            (Self::Evidence, Fault::MissingField) => "evidence-document.missing-field",
            (Self::Evidence, Fault::UnknownField) => "evidence-document.unknown-field",
            (Self::Evidence, Fault::WrongType) => "evidence-document.wrong-type",
            (Self::Policy, Fault::DuplicateMember) => "policy.duplicate-member",
            (Self::Policy, Fault::Empty) => "policy.empty",
            (Self::Policy, Fault::Malformed) => "policy.malformed",
            (Self::Policy, Fault::MissingField) => "policy.missing-field",
            (Self::Policy, Fault::UnknownField) => "policy.unknown-field",
            (Self::Policy, Fault::WrongType) => "policy.wrong-type",
            (Self::Request, Fault::DuplicateMember) => "request.duplicate-member",
            (Self::Request, Fault::Empty) => "request.empty",
            (Self::Request, Fault::Malformed) => "request.malformed",
            (Self::Request, Fault::MissingField) => "request.missing-field",
            (Self::Request, Fault::UnknownField) => "request.unknown-field",
            (Self::Request, Fault::WrongType) => "request.wrong-type",
        }
    }
}

/// Reads values of one document and collects what is wrong with them. Every method that returns
/// `None` has reported why, except where it says otherwise.
#[derive(Debug)]
pub(crate) struct Reader {
    document: Document,
    pub(crate) problems: Problems,
}

impl Reader {
    /// A reader for a document of that kind.
    pub(crate) fn new(document: Document) -> Self {
        Self {
            document,
            problems: Problems::default(),
        }
    }

    /// Reports a fault of the shape.
    pub(crate) fn fault(&mut self, fault: Fault, path: &Path<'_>, message: String) {
        self.problems.push(self.document.code(fault), path, message);
    }

    /// Parses the whole document.
    pub(crate) fn parse(&mut self, bytes: &[u8], limit: Limit) -> Option<Value> {
        let root = Path::ROOT;
        if bytes.len() > limit.value() {
            self.exceeded(limit, &root, "bytes");
            return None;
        }
        match parse(bytes, Limit::JsonNesting.value()) {
            Ok(value) => return Some(value),
            Err(JsonError::DuplicateMember) => self.fault(
                Fault::DuplicateMember,
                &root,
                "an object names a member twice; keep one of the two".into(),
            ),
            Err(JsonError::TooDeep) => {
                self.exceeded(Limit::JsonNesting, &root, "levels of nesting");
            }
            Err(_) => self.fault(Fault::Malformed, &root, "not a JSON document".into()),
        }
        None
    }

    /// The members of an object that may have the `allowed` ones.
    pub(crate) fn object<'v>(
        &mut self,
        value: &'v Value,
        path: &Path<'_>,
        allowed: &[&'static str],
    ) -> Option<&'v Map<String, Value>> {
        let Some(members) = value.as_object() else {
            self.wrong_type(path, "an object");
            return None;
        };
        for name in members.keys() {
            if !allowed.contains(&name.as_str()) {
                let message = format!(
                    "unknown field `{}`; allowed: {}",
                    Escaped(name),
                    allowed.join(", ")
                );
                // A name of foreign origin is not repeated in full.
                let shown: String = name.chars().take(64).collect();
                self.fault(Fault::UnknownField, &path.member(&shown), message);
            }
        }
        Some(members)
    }

    /// A member that must be there.
    pub(crate) fn required<'v>(
        &mut self,
        members: &'v Map<String, Value>,
        name: &'static str,
        path: &Path<'_>,
    ) -> Option<&'v Value> {
        let member = members.get(name);
        if member.is_none() {
            self.fault(
                Fault::MissingField,
                &path.member(name),
                format!("the field `{name}` is required"),
            );
        }
        member
    }

    /// A text that must be there and not be empty.
    pub(crate) fn required_text<'v>(
        &mut self,
        members: &'v Map<String, Value>,
        name: &'static str,
        path: &Path<'_>,
    ) -> Option<&'v str> {
        let value = self.required(members, name, path)?;
        self.text(value, &path.member(name))
    }

    /// A text that is not empty.
    pub(crate) fn text<'v>(&mut self, value: &'v Value, path: &Path<'_>) -> Option<&'v str> {
        match value.as_str() {
            Some("") => {
                self.fault(Fault::Empty, path, "must not be empty".into());
                None
            }
            None => {
                self.wrong_type(path, "a string");
                None
            }
            text => text,
        }
    }

    /// The elements of an array that must have some, but not too many.
    pub(crate) fn list<'v>(
        &mut self,
        value: &'v Value,
        path: &Path<'_>,
        limit: Limit,
    ) -> Option<&'v [Value]> {
        let Some(items) = value.as_array() else {
            self.wrong_type(path, "an array");
            return None;
        };
        if items.is_empty() {
            self.fault(Fault::Empty, path, "must have at least one element".into());
            return None;
        }
        if items.len() > limit.value() {
            self.exceeded(limit, path, "elements");
            return None;
        }
        Some(items)
    }

    /// A list that must be there.
    pub(crate) fn required_list<'v>(
        &mut self,
        members: &'v Map<String, Value>,
        name: &'static str,
        path: &Path<'_>,
        limit: Limit,
    ) -> Option<&'v [Value]> {
        let value = self.required(members, name, path)?;
        self.list(value, &path.member(name), limit)
    }

    /// Reports a value of the wrong type.
    pub(crate) fn wrong_type(&mut self, path: &Path<'_>, expected: &str) {
        self.fault(Fault::WrongType, path, format!("must be {expected}"));
    }

    /// Reports that a limit was exceeded.
    pub(crate) fn exceeded(&mut self, limit: Limit, path: &Path<'_>, unit: &str) {
        self.problems.push(
            limit.code(),
            path,
            format!("more than {} {unit}", limit.value()),
        );
    }
}
