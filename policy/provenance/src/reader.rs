//! Reading a whole document: the first thing that is wrong with it is kept, and told at the end.
//!
//! Nothing that is read after it is used, so no caller has to ask after each field; which would be most
//! of the code.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

use crate::{Error, Limit, PackageUrl, PackageUrlError, field};

/// Numbers by what they belong to in a document: one type for all, as each would be code of its own.
pub(crate) type Ids<'d> = BTreeMap<&'d str, usize>;

/// What is wrong with a document.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Failure {
    /// A field has the wrong type or form.
    Malformed(&'static str),
    /// A required field is missing.
    Missing(&'static str),
    /// A limit was reached.
    LimitExceeded(Limit),
    /// A package URL is malformed.
    PackageUrl(PackageUrlError),
    /// A word is none of those that the field knows.
    UnknownWord,
    /// The version of the document is not known.
    UnknownVersion,
    /// The document, or a part of it, is of no known shape.
    Unreadable,
}

/// Reads fields, and keeps the first failure.
#[derive(Default)]
pub(crate) struct Reader {
    failure: Option<Failure>,
}

impl Reader {
    /// Keeps the failure, unless there was one before.
    pub(crate) fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// Whether what follows is read in vain.
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// What was read, if nothing was wrong.
    pub(crate) fn finish<E: From<Failure>>(self) -> Result<(), E> {
        match self.failure {
            Some(failure) => Err(failure.into()),
            None => Ok(()),
        }
    }

    /// The value at the dotted `path`, unless it is unset or `null`.
    #[inline(never)]
    pub(crate) fn value<'d>(&mut self, item: &'d Value, path: &'static str) -> Option<&'d Value> {
        self.take(field::value(item, path)).flatten()
    }

    /// The text at `path`, unless it is unset or empty. Nothing is copied, so the bytes of the document
    /// are limit enough.
    #[inline(never)]
    pub(crate) fn text<'d>(&mut self, item: &'d Value, path: &'static str) -> Option<&'d str> {
        match self.value(item, path)? {
            Value::String(text) => (!text.is_empty()).then_some(text),
            _ => {
                self.fail(Failure::Malformed(path));
                None
            }
        }
    }

    /// The text at `path`. Empty only after a failure.
    #[inline(never)]
    pub(crate) fn required<'d>(&mut self, item: &'d Value, path: &'static str) -> &'d str {
        match self.text(item, path) {
            Some(text) => text,
            None => {
                self.fail(Failure::Missing(path));
                ""
            }
        }
    }

    /// The elements of the array at `path`; none when it is unset.
    #[inline(never)]
    pub(crate) fn items<'d>(&mut self, item: &'d Value, path: &'static str) -> &'d [Value] {
        match self.value(item, path) {
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.fail(Failure::Malformed(path));
                &[]
            }
            None => &[],
        }
    }

    /// The texts of the array at `path`; none when it is unset.
    #[inline(never)]
    pub(crate) fn texts<'d>(&mut self, item: &'d Value, path: &'static str) -> Vec<&'d str> {
        let items = self.items(item, path);
        let texts: Vec<_> = items.iter().filter_map(Value::as_str).collect();
        if texts.len() != items.len() {
            self.fail(Failure::Malformed(path));
        }
        texts
    }

    /// The time at `path`, unless it is unset. Go's zero time is how some producers write no time.
    #[inline(never)]
    pub(crate) fn time(&mut self, item: &Value, path: &'static str) -> Option<UnixTime> {
        let text = self.text(item, path)?;
        if text == "0001-01-01T00:00:00Z" {
            return None;
        }
        let time = UnixTime::from_rfc3339(text);
        if time.is_none() {
            self.fail(Failure::Malformed(path));
        }
        time
    }

    /// The package URL at `path`, unless it is unset.
    #[inline(never)]
    pub(crate) fn package_url<'d>(
        &mut self,
        item: &'d Value,
        path: &'static str,
    ) -> Option<PackageUrl<'d>> {
        let text = self.text(item, path)?;
        self.parsed_url(text)
    }

    /// The text as package URL.
    #[inline(never)]
    pub(crate) fn parsed_url<'d>(&mut self, text: &'d str) -> Option<PackageUrl<'d>> {
        match PackageUrl::parse(text) {
            Ok(url) => Some(url),
            Err(error) => {
                self.fail(Failure::PackageUrl(error));
                None
            }
        }
    }

    fn take<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(Error::FieldMalformed(path)) => {
                self.fail(Failure::Malformed(path));
                None
            }
            Err(_) => {
                self.fail(Failure::Unreadable);
                None
            }
        }
    }
}
