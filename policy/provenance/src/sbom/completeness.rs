//! What a bill of materials holds at least.

use super::{Sbom, SbomPackage};

/// An element that "The Minimum Elements For a Software Bill of Materials" (NTIA, 2021) demands. The
/// name of a package is one too: no format can be read without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MinimumElement {
    /// Who made the document: a person or an organisation.
    Author,
    /// A package URL or a CPE name of each package.
    Identifier,
    /// What each package depends on, contains or is a part of.
    Relationship,
    /// Who supplies each package.
    Supplier,
    /// When the document was made.
    Time,
    /// The version of each package.
    Version,
}

impl MinimumElement {
    /// The stable code of its absence.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Author => "sbom.author-missing",
            Self::Identifier => "sbom.identifier-missing",
            Self::Relationship => "sbom.relationship-missing",
            Self::Supplier => "sbom.supplier-missing",
            Self::Time => "sbom.time-missing",
            Self::Version => "sbom.package-version-missing",
        }
    }
}

/// What is missing, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Incomplete<'s> {
    /// What is missing.
    pub element: MinimumElement,
    /// The name of the package that lacks it; `None` when the document does.
    pub package: Option<&'s str>,
}

impl Sbom<'_> {
    /// Whether every minimum element is there. A document without packages lists nothing, so no element
    /// of a package is missing; files are no packages.
    ///
    /// # Errors
    /// The first element that is missing: of the document, then of the packages in their order.
    pub fn check_completeness(&self) -> Result<(), Incomplete<'_>> {
        let of_document = if self.authors.is_empty() {
            Some(MinimumElement::Author)
        } else if self.created.is_none() {
            Some(MinimumElement::Time)
        } else {
            None
        };
        if let Some(element) = of_document {
            return Err(Incomplete {
                element,
                package: None,
            });
        }
        for package in self.packages.iter().filter(|package| !package.is_file()) {
            if let Some(element) = package.missing(self.supplier.is_some()) {
                return Err(Incomplete {
                    element,
                    package: Some(package.name),
                });
            }
        }
        Ok(())
    }
}

impl SbomPackage<'_> {
    /// Whether it is a file, which has no version and no supplier of its own.
    pub fn is_file(&self) -> bool {
        self.purpose
            .is_some_and(|purpose| purpose.eq_ignore_ascii_case("file"))
    }

    /// Whether it is an operating system, as tools list that of an image.
    pub fn is_operating_system(&self) -> bool {
        self.purpose.is_some_and(|purpose| {
            ["operating-system", "operating_system", "operatingSystem"]
                .iter()
                .any(|system| purpose.eq_ignore_ascii_case(system))
        })
    }

    /// The supplier of the whole document is that of what it describes.
    fn missing(&self, document_has_supplier: bool) -> Option<MinimumElement> {
        let supplied = self.supplier.is_some() || (self.is_described && document_has_supplier);
        if self.version.is_none() {
            Some(MinimumElement::Version)
        } else if self.package_urls.is_empty() && self.cpes.is_empty() {
            Some(MinimumElement::Identifier)
        } else if !supplied {
            Some(MinimumElement::Supplier)
        } else if !self.is_related {
            Some(MinimumElement::Relationship)
        } else {
            None
        }
    }
}
