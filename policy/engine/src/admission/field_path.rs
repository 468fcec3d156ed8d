//! Paths to members of an object.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::limits::Limit;
use crate::pattern::PatternError;
use crate::problem::Path;
use crate::reader::Reader;

/// A path to members of an object, such as `spec.steps[*].image`.
///
/// Names of members stand between dots; they have letters, digits, `-` and `_`. `[*]` after a name
/// stands for all elements of the array there. A member that is missing or `null` leads nowhere;
/// one of another type than the path says makes the request invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldPath {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Elements,
}

impl FieldPath {
    /// Reads a path.
    ///
    /// # Errors
    /// A path that is too long, or not of that form.
    pub(crate) fn new(text: &str) -> Result<Self, PatternError> {
        if text.len() > Limit::PatternBytes.value() {
            return Err(PatternError::LimitExceeded(Limit::PatternBytes));
        }
        let mut steps = Vec::new();
        for part in text.split('.') {
            let mut name = part;
            let mut elements: usize = 0;
            while let Some(rest) = name.strip_suffix("[*]") {
                name = rest;
                elements = elements.saturating_add(1);
            }
            let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            if name.is_empty() || !name.bytes().all(known) {
                return Err(PatternError::FieldPathMalformed);
            }
            steps.push(Step::Member(name.to_string()));
            for _ in 0..elements {
                steps.push(Step::Elements);
            }
        }
        // Each step goes one level down, so a longer path could never lead anywhere.
        if steps.len() > Limit::JsonNesting.value() {
            return Err(PatternError::LimitExceeded(Limit::JsonNesting));
        }
        Ok(Self { steps })
    }

    /// Calls `visit` with every value that the path leads to.
    pub(crate) fn walk<'v>(
        &self,
        reader: &mut Reader,
        value: &'v Value,
        path: &Path<'_>,
        visit: &mut dyn FnMut(&mut Reader, &'v Value, &Path<'_>),
    ) {
        walk(&self.steps, reader, value, path, visit);
    }
}

fn walk<'v>(
    steps: &[Step],
    reader: &mut Reader,
    value: &'v Value,
    path: &Path<'_>,
    visit: &mut dyn FnMut(&mut Reader, &'v Value, &Path<'_>),
) {
    if value.is_null() {
        return;
    }
    match steps.split_first() {
        None => visit(reader, value, path),
        Some((Step::Member(name), rest)) => match value.as_object() {
            None => reader.wrong_type(path, "an object"),
            Some(members) => {
                if let Some(member) = members.get(name) {
                    walk(rest, reader, member, &path.member(name), visit);
                }
            }
        },
        Some((Step::Elements, rest)) => match value.as_array() {
            None => reader.wrong_type(path, "an array"),
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(rest, reader, item, &path.index(index), visit);
                }
            }
        },
    }
}
