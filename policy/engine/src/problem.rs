//! What is wrong with a policy document, a trust root or a request.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::limits::PROBLEMS;

/// Something wrong with a policy document, a trust root or a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    clippy::exhaustive_structs,
    reason = "every ABI copies it field by field"
)]
pub struct Problem {
    /// Where in the document, as a JSON pointer (RFC 6901); empty for the whole document.
    pub path: String,
    /// Stable code, for example `policy.unknown-field`.
    pub code: &'static str,
    /// What is wrong and what to do about it, for people.
    pub message: String,
}

/// The problems of one document, sorted by path.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// Adds a problem; beyond the limit it is dropped, the document is refused either way.
    pub(crate) fn push(&mut self, code: &'static str, path: &Path<'_>, message: String) {
        self.add(Problem {
            path: path.pointer(),
            code,
            message,
        });
    }

    /// [`Self::push`] for a place whose pointer was written already.
    pub(crate) fn add(&mut self, problem: Problem) {
        if self.found.len() < PROBLEMS {
            let place = self.found.partition_point(|other| *other <= problem);
            self.found.insert(place, problem);
        }
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The problems, sorted by path.
    pub(crate) fn into_sorted(self) -> Vec<Problem> {
        self.found
    }

    /// The first problem by path, if there is one.
    pub(crate) fn into_first(self) -> Option<Problem> {
        self.found.into_iter().next()
    }
}

/// A place in a document, built while reading goes down and written out only for a problem.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    /// The whole document.
    pub(crate) const ROOT: Path<'static> = Path {
        parent: None,
        step: Step::Root,
    };

    /// A member of the object at this place.
    pub(crate) fn member(&'a self, name: &'a str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Member(name),
        }
    }

    /// An element of the array at this place.
    pub(crate) fn index(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Index(index),
        }
    }

    /// The JSON pointer (RFC 6901).
    pub(crate) fn pointer(&self) -> String {
        let mut steps = Vec::new();
        let mut place = Some(self);
        while let Some(path) = place {
            match path.step {
                Step::Root => {}
                Step::Member(name) => steps.push(name.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => steps.push(index.to_string()),
            }
            place = path.parent;
        }
        steps.iter().rev().map(|step| format!("/{step}")).collect()
    }
}
