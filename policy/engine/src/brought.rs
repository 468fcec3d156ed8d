//! What the host brought for one image, and what is said where that is not enough to begin with.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::ArtifactDigest;

use crate::decision::ImageResult;
use crate::document::Mode;
use crate::evidence::Evidence;
use crate::request::RequestedImage;
use crate::rules::{EVIDENCE_UNAVAILABLE, not_brought_message};
use crate::text::escaped;
use crate::{ImageEvidence, Outcome};

/// What the host brought for one image. Entries for another digest are for another image.
pub(crate) struct Brought<'e> {
    wanted: Option<&'e ArtifactDigest>,
    /// What the host brought, then what is carried.
    pub(crate) entries: Vec<&'e ImageEvidence>,
}

impl<'e> Brought<'e> {
    pub(crate) fn of(image: &'e RequestedImage, evidence: &'e [ImageEvidence]) -> Self {
        let wanted = image.digest.as_ref();
        let entries = evidence
            .iter()
            .filter(|entry| entry.reference == image.text)
            .filter(|entry| wanted.is_none_or(|wanted| entry.digest == wanted.to_string()))
            .collect();
        Self { wanted, entries }
    }

    /// The digest that is decided: that of the request, else the one that the host resolved.
    pub(crate) fn digest(&self) -> Result<ArtifactDigest, Denial> {
        if let Some(wanted) = self.wanted {
            return Ok(wanted.clone());
        }
        let mut digests = self
            .entries
            .iter()
            .map(|entry| entry.digest.as_str())
            .filter(|digest| !digest.is_empty());
        let Some(digest) = digests.next() else {
            return Err(match self.unavailable() {
                Some(reason) => {
                    Denial::unavailable(EVIDENCE_UNAVAILABLE, not_brought_message(reason))
                }
                None => Denial::rejected(
                    "image.digest-missing",
                    "the image is named by a tag and its digest was not resolved; name it by digest"
                        .to_string(),
                ),
            });
        };
        if digests.any(|other| other != digest) {
            let message =
                "the host resolved the tag to more than one digest; name the image by digest";
            return Err(Denial::rejected(
                "image.digest-ambiguous",
                message.to_string(),
            ));
        }
        digest.parse().map_err(|_| {
            let message =
                "the digest that the host resolved is malformed; name the image by digest";
            Denial::rejected("image.digest-malformed", message.to_string())
        })
    }

    /// Adds what was not brought for a reference but carried. It never resolves a tag: the digest is
    /// decided before.
    pub(crate) fn add(&mut self, carried: impl Iterator<Item = &'e ImageEvidence>) {
        self.entries.extend(carried);
    }

    /// All pieces of evidence.
    pub(crate) fn evidence(&self) -> impl Iterator<Item = &'e Evidence> {
        self.entries.iter().flat_map(|entry| &entry.evidence)
    }

    /// Why evidence could not be brought: the first reason in the order of the text.
    pub(crate) fn unavailable(&self) -> Option<&'e str> {
        self.entries
            .iter()
            .filter_map(|entry| entry.unavailable.as_deref())
            .min()
    }
}

/// A denial before any rule was evaluated.
pub(crate) struct Denial {
    outcome: Outcome,
    code: &'static str,
    message: String,
}

impl Denial {
    pub(crate) fn rejected(code: &'static str, message: String) -> Self {
        Self {
            outcome: Outcome::Rejected,
            code,
            message,
        }
    }

    pub(crate) fn unavailable(code: &'static str, message: String) -> Self {
        Self {
            outcome: Outcome::Unavailable,
            code,
            message,
        }
    }

    /// The result of an image about which this is said, in that mode.
    pub(crate) fn of(
        self,
        image: &RequestedImage,
        digest: Option<&ArtifactDigest>,
        mode: Mode,
    ) -> ImageResult {
        ImageResult {
            reference: escaped(&image.text),
            source: None,
            pin: None,
            digest: digest.cloned(),
            outcome: self.outcome,
            code: self.code,
            message: self.message,
            rules: Vec::new(),
            mode,
            is_enforced: false,
        }
    }
}
