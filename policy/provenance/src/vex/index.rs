//! Which statement of a document is about a finding.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{OpenVex, VexError, VexProduct, VexStatement};
use crate::limits::{VEX_PRODUCTS, VEX_STATEMENTS_OF_PACKAGE};
use crate::{Finding, Limit, PackageUrl};

/// The statements of one document about one image, by vulnerability and package: a finding is looked up
/// without going through the document.
#[derive(Debug)]
pub struct VexIndex<'v> {
    statements: BTreeMap<Key<'v>, Vec<Entry<'v>>>,
    inserted: usize,
}

/// A vulnerability, and the package that is meant if not the whole image.
type Key<'v> = (&'v str, Option<Part<'v>>);

/// What tells packages apart before their qualifiers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part<'v> {
    package_type: &'v str,
    namespace: Option<&'v str>,
    name: &'v str,
    version: Option<&'v str>,
}

#[derive(Debug)]
struct Entry<'v> {
    /// The package with its qualifiers.
    package: Option<&'v PackageUrl<'v>>,
    statement: &'v VexStatement<'v>,
}

impl<'v> VexIndex<'v> {
    /// Picks the statements that are about the image, which is given as [`PackageUrl::of_image`]. A
    /// product is the image when it has its digest, or its repository without any digest; the parts of
    /// such a product, or the whole, are meant. A product that is another package is meant wherever
    /// this package is.
    ///
    /// # Errors
    /// [`VexError::LimitExceeded`].
    pub fn new(document: &'v OpenVex<'v>, image: &PackageUrl<'_>) -> Result<Self, VexError> {
        let mut index = Self {
            statements: BTreeMap::new(),
            inserted: 0,
        };
        for statement in &document.statements {
            for product in &statement.products {
                let parts = product.subcomponents.iter();
                if product.is_image(image) {
                    if product.subcomponents.is_empty() {
                        index.insert(statement, None)?;
                    }
                    for package in parts.flat_map(|part| &part.package_urls) {
                        index.insert(statement, Some(package))?;
                    }
                } else if product.is_package() {
                    for package in &product.package_urls {
                        index.insert(statement, Some(package))?;
                    }
                }
            }
        }
        Ok(index)
    }

    /// The latest statement about the finding: of those of the same time, and of those without time, the
    /// one that lowers least.
    pub fn statement<'s>(&'s self, finding: &'s Finding<'_>) -> Option<&'s VexStatement<'s>> {
        let package = finding.package_url.as_ref();
        let mut parts = Vec::from([None]);
        if let Some(part) = package.map(Part::of) {
            let version = None;
            parts.extend(
                [Some(Part { version, ..part }), Some(part)]
                    .into_iter()
                    .take(
                        // Without version both are the same.
                        if package.is_some_and(|url| url.version.is_some()) {
                            2
                        } else {
                            1
                        },
                    ),
            );
        }
        let mut latest: Option<&'s VexStatement<'s>> = None;
        for id in finding.ids() {
            for part in &parts {
                let key: Key<'s> = (id, part.clone());
                let statements: &'s BTreeMap<Key<'s>, Vec<Entry<'s>>> = &self.statements;
                for entry in statements.get(&key).into_iter().flatten() {
                    let covers = match (entry.package, package) {
                        (None, _) => true,
                        (Some(pattern), Some(package)) => pattern.covers(package),
                        (Some(_), None) => false,
                    };
                    if covers && latest.is_none_or(|latest| entry.statement.outdoes(latest)) {
                        latest = Some(entry.statement);
                    }
                }
            }
        }
        latest
    }

    fn insert(
        &mut self,
        statement: &'v VexStatement<'v>,
        package: Option<&'v PackageUrl<'v>>,
    ) -> Result<(), VexError> {
        for id in &statement.vulnerability {
            self.inserted = self.inserted.saturating_add(1);
            let entries = self
                .statements
                .entry((id, package.map(Part::of)))
                .or_default();
            match entries.iter_mut().find(|entry| entry.package == package) {
                Some(entry) => {
                    if statement.outdoes(entry.statement) {
                        entry.statement = statement;
                    }
                }
                None => entries.push(Entry { package, statement }),
            }
            if self.inserted > VEX_PRODUCTS || entries.len() > VEX_STATEMENTS_OF_PACKAGE {
                return Err(VexError::LimitExceeded(Limit::VexProducts));
            }
        }
        Ok(())
    }
}

impl<'v> Part<'v> {
    fn of(url: &'v PackageUrl<'_>) -> Self {
        Self {
            package_type: &url.package_type,
            namespace: url.namespace.as_deref(),
            name: &url.name,
            version: url.version.as_deref(),
        }
    }
}

impl VexStatement<'_> {
    fn outdoes(&self, other: &VexStatement<'_>) -> bool {
        (self.timestamp, self.status) > (other.timestamp, other.status)
    }
}

impl VexProduct<'_> {
    /// Whether the product is the image. A hash decides, whatever else stands there.
    fn is_image(&self, image: &PackageUrl<'_>) -> bool {
        let digest = image.version.as_deref();
        if let Some(sha256) = self.sha256 {
            return digest.and_then(|it| it.strip_prefix("sha256:")) == Some(sha256);
        }
        self.package_urls.iter().any(|url| {
            is_image_type(url)
                && match url.version.as_deref() {
                    // The digest says everything; what else stands there cannot be compared.
                    Some(version) => Some(version) == digest,
                    None => url.qualifier(REPOSITORY_URL).is_some() && url.covers(image),
                }
        })
    }

    /// Whether the product is no image, so a package by itself.
    fn is_package(&self) -> bool {
        self.subcomponents.is_empty() && !self.package_urls.iter().any(is_image_type)
    }
}

const REPOSITORY_URL: &str = "repository_url";

fn is_image_type(url: &PackageUrl<'_>) -> bool {
    matches!(&*url.package_type, "oci" | "docker")
}
