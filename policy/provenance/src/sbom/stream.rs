//! Reading a bill of materials package by package, so that a large one takes no more memory than a small
//! one.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};

use sealstone_verify::json::{LeftOut, Value, each_element, parse, parse_around};

use super::{
    DESCRIBED, Marks, Sbom, SbomError, SbomFormat, SbomPackage, announced_format, cyclonedx, spdx2,
};
use crate::Limit;
use crate::limits::SBOM_PACKAGES;
use crate::reader::{Failure, Reader};

/// What is told of a bill of materials, part by part.
pub trait SbomVisitor {
    /// Whether it is asked which packages are related to others: only then is each id kept in memory.
    fn asks_relations(&self) -> bool;

    /// The document without its packages; comes first.
    fn document(&mut self, document: &Sbom<'_>);

    /// The next package.
    fn package(&mut self, package: &SbomPackage<'_>);
}

/// Members that are read one element after another, or not at all.
const LISTS: [&str; 8] = [
    "components",
    "dependencies",
    "files",
    "packages",
    "relationships",
    "services",
    "snippets",
    "vulnerabilities",
];

impl Sbom<'_> {
    /// Reads a document that is a value; see [`Sbom::from_document`].
    ///
    /// # Errors
    /// As [`Sbom::from_document`]. What was told before does not count then.
    pub fn visit(
        predicate_type: &str,
        document: &Value,
        visitor: &mut dyn SbomVisitor,
    ) -> Result<(), SbomError> {
        let sbom = Sbom::from_document(predicate_type, document)?;
        visitor.document(&sbom);
        for package in &sbom.packages {
            visitor.package(package);
        }
        Ok(())
    }

    /// The same for a text; see [`crate::embedded_text`]. One in SPDX 3 is made a value first, as its
    /// elements refer to one another.
    ///
    /// # Errors
    /// As [`Sbom::from_document`]. What was told before does not count then.
    pub fn visit_text(
        predicate_type: &str,
        text: &[u8],
        visitor: &mut dyn SbomVisitor,
    ) -> Result<(), SbomError> {
        let paths = LISTS.map(|name| [name]);
        let mut lists = paths.each_ref().map(|path| LeftOut::at(path));
        let document = parse_around(text, usize::MAX, &mut lists)?;
        let format = announced_format(predicate_type, &document)?;
        if format == SbomFormat::Spdx30 {
            return Self::visit(predicate_type, &parse(text, usize::MAX)?, visitor);
        }
        let list = |name| {
            let mut lists = lists.iter();
            lists.find(|list| list.name() == Some(name))?.text(text)
        };
        let mut stream = Stream {
            reader: Reader::default(),
            sbom: Sbom::new(format),
            marks: BTreeMap::new(),
            count: 0,
            visitor,
        };
        if format == SbomFormat::Spdx23 {
            stream.spdx2(&document, &list)?;
        } else {
            stream.cyclonedx(&document, &list)?;
        }
        stream.reader.finish()
    }
}

/// The text of a member that was left out.
type List<'l, 'd> = &'l dyn Fn(&'static str) -> Option<&'d [u8]>;

struct Stream<'d, 'v> {
    reader: Reader,
    /// The document without its packages.
    sbom: Sbom<'d>,
    /// As in [`Marks`], by id.
    marks: BTreeMap<String, usize>,
    /// Packages so far.
    count: usize,
    visitor: &'v mut dyn SbomVisitor,
}

impl<'d> Stream<'d, '_> {
    fn spdx2(&mut self, document: &'d Value, list: List<'_, '_>) -> Result<(), SbomError> {
        let asks_relations = self.visitor.asks_relations();
        let mut marks = BTreeMap::new();
        spdx2::read_header(&mut self.reader, document, &mut self.sbom, &mut |id| {
            keep(&mut marks, id, DESCRIBED, asks_relations);
        });
        let relationships = list("relationships");
        let mut reader = Reader::default();
        let mut count = 0_usize;
        if !self.reader.has_failed() {
            each(
                &mut reader,
                "relationships",
                relationships,
                &mut |reader, item| {
                    count = count.saturating_add(1);
                    spdx2::relate(reader, item, &mut |id, bit| {
                        keep(&mut marks, id, bit, asks_relations);
                    });
                },
            )?;
        }
        if reader.has_failed() {
            // Too many of them is what is said first.
            count = 0;
            each_element(relationships.unwrap_or_default(), &mut |_| {
                count = count.saturating_add(1);
                true
            })
            .map_err(SbomError::JsonMalformed)?;
        }
        self.sbom.relate(&mut self.reader, count);
        self.reader.absorb(reader);
        self.marks = marks;
        self.visitor.document(&self.sbom);
        let marks: Marks<'_> = &|id| self.marks.get(id).copied().unwrap_or(0);
        let (count, visitor) = (&mut self.count, &mut *self.visitor);
        each(
            &mut self.reader,
            "packages",
            list("packages"),
            &mut |reader, item| {
                let mut package = spdx2::package(reader, item);
                package.mark_by(marks);
                tell(reader, count, &package, visitor);
            },
        )
    }

    fn cyclonedx(&mut self, document: &'d Value, list: List<'_, '_>) -> Result<(), SbomError> {
        let asks_relations = self.visitor.asks_relations();
        cyclonedx::read_header(&mut self.reader, document, &mut self.sbom);
        let (sbom, marks) = (&mut self.sbom, &mut self.marks);
        each(
            &mut self.reader,
            "dependencies",
            list("dependencies"),
            &mut |reader, item| {
                cyclonedx::relate(reader, item, sbom, &mut |id| {
                    keep(marks, id, super::RELATED, asks_relations);
                });
            },
        )?;
        let marks: Marks<'_> = &|id| self.marks.get(id).copied().unwrap_or(0);
        cyclonedx::read_described(&mut self.reader, document, marks, &mut self.sbom);
        let described = core::mem::take(&mut self.sbom.packages);
        self.visitor.document(&self.sbom);
        let (count, visitor) = (&mut self.count, &mut *self.visitor);
        for package in &described {
            tell(&mut self.reader, count, package, visitor);
        }
        let (format, relationships) = (self.sbom.format, &mut self.sbom.relationships);
        each(
            &mut self.reader,
            "components",
            list("components"),
            &mut |reader, item| {
                let mut part = Sbom::new(format);
                part.relationships = *relationships;
                let items = core::slice::from_ref(item);
                cyclonedx::read_components(reader, items, marks, &mut part);
                *relationships = part.relationships;
                for package in &part.packages {
                    tell(reader, count, package, visitor);
                }
            },
        )
    }
}

/// Keeps what a relationship says of an element, if it is to be told.
fn keep(marks: &mut BTreeMap<String, usize>, id: &str, bit: usize, asks_relations: bool) {
    if bit & DESCRIBED == 0 && !asks_relations {
        return;
    }
    match marks.get_mut(id) {
        Some(marks) => *marks |= bit,
        None => {
            marks.insert(id.to_string(), bit);
        }
    }
}

/// Tells of a package, unless the document is refused anyway.
fn tell(
    reader: &mut Reader,
    count: &mut usize,
    package: &SbomPackage<'_>,
    visitor: &mut dyn SbomVisitor,
) {
    if *count >= SBOM_PACKAGES {
        reader.fail(Failure::LimitExceeded(Limit::SbomPackages));
    } else if !reader.has_failed() {
        *count = count.saturating_add(1);
        visitor.package(package);
    }
}

/// Takes the elements of a list one after another, until one is refused.
fn each(
    reader: &mut Reader,
    path: &'static str,
    text: Option<&[u8]>,
    take: &mut dyn FnMut(&mut Reader, &Value),
) -> Result<(), SbomError> {
    match text {
        _ if reader.has_failed() => Ok(()),
        None | Some(b"null") => Ok(()),
        Some(text) if text.starts_with(b"[") => each_element(text, &mut |item| {
            take(reader, &item);
            !reader.has_failed()
        })
        .map_err(SbomError::JsonMalformed),
        Some(_) => {
            reader.fail(Failure::Malformed(path));
            Ok(())
        }
    }
}
