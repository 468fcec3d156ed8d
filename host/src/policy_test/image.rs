//! Images of a test: names, and digests that nobody pushed.

use sealstone_forge::Subject;

use crate::digest::Digest;
use crate::runtime::Image;

/// An image of a request.
#[derive(Clone, Debug)]
pub(super) struct TestImage<'a> {
    /// The reference as the request has it.
    pub(super) reference: &'a str,
    /// Its digest, or the one that it gets.
    pub(super) digest: String,
}

impl<'a> TestImage<'a> {
    /// The image; one that is named by a tag alone gets the digest of its reference.
    pub(super) fn new(image: &'a Image) -> Self {
        let made_up = || Digest::of(format!("test image {}", image.reference).as_bytes());
        Self {
            reference: &image.reference,
            digest: image
                .digest
                .clone()
                .unwrap_or_else(|| made_up().to_string()),
        }
    }

    /// The reference without tag and digest.
    pub(super) fn name(&self) -> &str {
        let name = self.reference.split('@').next().unwrap_or_default();
        match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => name,
            _ => name,
        }
    }

    /// The image as a subject of statements.
    pub(super) fn subject(&self) -> Subject {
        Subject::new(self.name(), &self.digest)
    }

    /// The package URL of the image.
    pub(super) fn package_url(&self) -> String {
        let last = self.name().rsplit('/').next().unwrap_or_default();
        format!("pkg:oci/{last}@{}", self.digest.replace(':', "%3A"))
    }
}

#[cfg(test)]
mod tests {
    use super::TestImage;
    use crate::runtime::Image;

    #[test]
    fn names() {
        let cases = [
            ("a.example/b/app:v1", "a.example/b/app", "pkg:oci/app@"),
            ("a.example:5000/app", "a.example:5000/app", "pkg:oci/app@"),
            ("app@sha256:00", "app", "pkg:oci/app@"),
            (
                "a.example:5000/app:v1@sha256:00",
                "a.example:5000/app",
                "pkg:oci/app@",
            ),
        ];
        for (reference, name, package_url) in cases {
            let image = Image {
                reference: reference.to_owned(),
                digest: None,
            };
            let image = TestImage::new(&image);
            assert_eq!(image.name(), name);
            assert!(image.package_url().starts_with(package_url), "{reference}");
            assert!(image.digest.starts_with("sha256:"));
        }
    }
}
