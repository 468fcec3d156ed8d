//! From a request and the evidence to a decision.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_provenance::ResourceImage;
use sealstone_verify::{ArtifactDigest, UnixTime};

use crate::compiled::Prepared;
use crate::decision::{Decision, ImageResult};
use crate::document::{Context, Tags};
use crate::evidence::Pieces;
use crate::problem::Problem;
use crate::request::{self, Content, Origin, Request, RequestedImage};
use crate::rules::{self, EVIDENCE_UNAVAILABLE, OK, RuleResult, not_brought_message};
use crate::text::{LAST_SECOND, escaped};
use crate::{ImageEvidence, Outcome};

/// Decides a request.
pub(crate) fn decide(
    policy: &Prepared,
    request: &[u8],
    evidence: &[ImageEvidence],
    now: UnixTime,
) -> Decision {
    if now.seconds() > LAST_SECOND {
        let problem = Problem {
            path: String::new(),
            code: "request.time-out-of-range",
            message: "the time of the decision lies beyond the year 9999; it is given in seconds"
                .to_string(),
        };
        let now = UnixTime::from_seconds(LAST_SECOND);
        return Decision::invalid(policy, now, Origin::default(), problem);
    }
    let Request { origin, content } = request::read(request, &policy.images, &policy.admission);
    match content {
        Ok(Content::Images(images, context)) => {
            let results = images
                .iter()
                .map(|image| ImageResult {
                    source: image
                        .is_mirrored
                        .then(|| image.reference.name().to_string()),
                    ..decide_image(policy, image, &context, evidence, now)
                })
                .collect();
            Decision::of_images(policy, now, origin, results, &images)
        }
        Ok(Content::Passes(pass)) => Decision::passes(policy, now, origin, pass),
        Err(problem) => Decision::invalid(policy, now, origin, problem),
    }
}

fn decide_image(
    policy: &Prepared,
    image: &RequestedImage,
    context: &Context,
    evidence: &[ImageEvidence],
    now: UnixTime,
) -> ImageResult {
    if image.digest.is_none() && policy.images.tags == Tags::Deny {
        let message = "the policy demands that images are named by digest; add it to the reference";
        return Denial::rejected("image.digest-required", message.to_string()).of(image, None);
    }
    let brought = Brought::of(image, evidence);
    let digest = match brought.digest() {
        Ok(digest) => digest,
        Err(denial) => return denial.of(image, None),
    };
    let rules: Vec<_> = policy
        .rules
        .iter()
        .filter(|rule| rule.is_for(&image.reference, context))
        .collect();
    if rules.is_empty() && policy.insecure_allow_unmatched_images {
        return ImageResult {
            reference: escaped(&image.text),
            source: None,
            pin: image.pin(&digest),
            digest: Some(digest),
            outcome: Outcome::Allowed,
            code: "image.insecure-unmatched",
            message: "no rule of the policy matches, and it lets such images run".to_string(),
            rules: Vec::new(),
        };
    }
    if rules.is_empty() {
        let message = format!(
            "no rule of the policy matches `{}`; add a rule for it, or do not run it",
            image.reference.name()
        );
        return Denial::rejected("image.no-rule", message).of(image, Some(&digest));
    }
    if brought.entries.is_empty() {
        let message =
            "the host brought nothing for this image, not even an empty list; see to the host";
        return Denial::unavailable("evidence.not-brought", message.to_string())
            .of(image, Some(&digest));
    }
    let pieces = brought.entries.iter().flat_map(|entry| &entry.evidence);
    let mut pieces = match Pieces::new(pieces, &digest, now) {
        Ok(pieces) => pieces,
        Err(limit) => {
            let message = format!(
                "more than {} pieces of evidence; remove those that are not needed",
                limit.value()
            );
            return Denial::rejected(limit.code(), message).of(image, Some(&digest));
        }
    };
    let unavailable = brought.unavailable();
    let (registry, repository) = image.reference.split();
    let digest_text = digest.to_string();
    let resource = ResourceImage {
        registry,
        repository,
        digest: &digest_text,
        tag: image.reference.tag(),
    };
    let results: Vec<RuleResult> = rules
        .iter()
        .map(|rule| rules::evaluate(policy, rule, &resource, &mut pieces, unavailable))
        .collect();
    let failed = results.iter().find(|result| !result.passed());
    let (outcome, code, message) = match (failed, unavailable) {
        (None, _) => (Outcome::Allowed, OK, "every rule is met".to_string()),
        (Some(failed), Some(_)) => (Outcome::Unavailable, failed.code, failed.message.clone()),
        (Some(failed), None) => (Outcome::Rejected, failed.code, failed.message.clone()),
    };
    ImageResult {
        reference: escaped(&image.text),
        source: None,
        pin: image.pin(&digest).filter(|_| outcome == Outcome::Allowed),
        digest: Some(digest),
        outcome,
        code,
        message,
        rules: results,
    }
}

/// What the host brought for one image. Entries for another digest are for another image.
struct Brought<'e> {
    wanted: Option<&'e ArtifactDigest>,
    entries: Vec<&'e ImageEvidence>,
}

impl<'e> Brought<'e> {
    fn of(image: &'e RequestedImage, evidence: &'e [ImageEvidence]) -> Self {
        let wanted = image.digest.as_ref();
        let entries = evidence
            .iter()
            .filter(|entry| entry.reference == image.text)
            .filter(|entry| wanted.is_none_or(|wanted| entry.digest == wanted.to_string()))
            .collect();
        Self { wanted, entries }
    }

    /// The digest that is decided: that of the request, else the one that the host resolved.
    fn digest(&self) -> Result<ArtifactDigest, Denial> {
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

    /// Why evidence could not be brought: the first reason in the order of the text.
    fn unavailable(&self) -> Option<&'e str> {
        self.entries
            .iter()
            .filter_map(|entry| entry.unavailable.as_deref())
            .min()
    }
}

/// A denial before any rule was evaluated.
struct Denial {
    outcome: Outcome,
    code: &'static str,
    message: String,
}

impl Denial {
    fn rejected(code: &'static str, message: String) -> Self {
        Self {
            outcome: Outcome::Rejected,
            code,
            message,
        }
    }

    fn unavailable(code: &'static str, message: String) -> Self {
        Self {
            outcome: Outcome::Unavailable,
            code,
            message,
        }
    }

    fn of(self, image: &RequestedImage, digest: Option<&ArtifactDigest>) -> ImageResult {
        ImageResult {
            reference: escaped(&image.text),
            source: None,
            pin: None,
            digest: digest.cloned(),
            outcome: self.outcome,
            code: self.code,
            message: self.message,
            rules: Vec::new(),
        }
    }
}
