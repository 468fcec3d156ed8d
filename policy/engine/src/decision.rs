//! The answer.

mod compact;
mod document;
mod response;
mod validation;

pub(crate) use document::{object, problem_value};
pub use response::Webhook;

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::Value;
use sealstone_verify::{ArtifactDigest, UnixTime};

use crate::Problem;
use crate::admission::Pass;
use crate::compiled::Prepared;
use crate::document::Mode;
use crate::request::{Origin, RequestedImage};
use crate::rules::RuleResult;

/// Which of the four kinds a decision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the contract in wit/ names exactly these"
)]
pub enum Outcome {
    /// Every rule is met.
    Allowed,
    /// Evidence does not satisfy a rule.
    Rejected,
    /// Evidence could not be brought.
    Unavailable,
    /// The request is malformed.
    Invalid,
}

impl Outcome {
    /// The word that the decision document has for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
            Self::Invalid => "invalid",
        }
    }
}

/// A decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    allowed: bool,
    outcome: Outcome,
    document: Value,
    /// The `uid` of the admission request.
    uid: Option<String>,
    /// What of the object is to be replaced so that no tag decides what runs.
    pins: Vec<Pin>,
}

/// A text of an object that is to be replaced.
#[derive(Clone, Debug, PartialEq)]
struct Pin {
    /// JSON pointer (RFC 6901) within the object.
    pointer: String,
    from: String,
    to: String,
}

impl Decision {
    /// Whether everything in the request may run: every rule is met, or the mode of those that are
    /// not only warns or audits. A malformed request never passes.
    pub fn allowed(&self) -> bool {
        self.allowed
    }

    /// Which kind of decision it is. Where one image is rejected and another unavailable, the
    /// decision is a rejection: bringing evidence would not help.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The whole decision as canonical JSON: members sorted, no white space.
    pub fn to_json(&self) -> String {
        self.document.to_canonical_string()
    }

    pub(crate) fn as_value(&self) -> &Value {
        &self.document
    }

    /// A decision over images; one without images allows nothing.
    pub(crate) fn of_images(
        policy: &Prepared,
        mode: Mode,
        now: UnixTime,
        origin: Origin,
        images: Vec<ImageResult>,
        requested: &[RequestedImage],
    ) -> Self {
        let any = |outcome| images.iter().any(|image| image.outcome == outcome);
        let outcome = if any(Outcome::Rejected) || any(Outcome::Invalid) || images.is_empty() {
            Outcome::Rejected
        } else if any(Outcome::Unavailable) {
            Outcome::Unavailable
        } else {
            Outcome::Allowed
        };
        let allowed =
            images.iter().all(ImageResult::passes) && (passes(mode, outcome) || !images.is_empty());
        let mut pins = Vec::new();
        if allowed {
            let results = requested.iter().zip(&images);
            for (requested, image) in results.filter(|(_, image)| image.is_enforced) {
                for (place, pin) in requested.places.iter().zip(image.pin.iter().cycle()) {
                    pins.push(Pin {
                        pointer: place.clone(),
                        from: requested.text.clone(),
                        to: pin.clone(),
                    });
                }
            }
        }
        let document = document::of_images(
            policy,
            mode,
            now,
            (allowed, outcome),
            origin.summary,
            &images,
        );
        Self {
            allowed,
            outcome,
            document,
            uid: origin.uid,
            pins,
        }
    }

    /// A decision about a request that passes whatever its images are.
    pub(crate) fn passes(policy: &Prepared, now: UnixTime, origin: Origin, pass: Pass) -> Self {
        Self {
            allowed: true,
            outcome: Outcome::Allowed,
            document: document::passes(policy, now, origin.summary, pass),
            uid: origin.uid,
            pins: Vec::new(),
        }
    }

    /// A decision about a request that cannot be read.
    pub(crate) fn invalid(
        policy: &Prepared,
        now: UnixTime,
        origin: Origin,
        problem: Problem,
    ) -> Self {
        Self {
            allowed: false,
            outcome: Outcome::Invalid,
            document: document::invalid(policy, now, origin.summary, problem),
            uid: origin.uid,
            pins: Vec::new(),
        }
    }
}

/// The decision about one image.
#[derive(Debug)]
pub(crate) struct ImageResult {
    pub(crate) reference: String,
    /// The name at the source of a mirror, where rules saw the image under that.
    pub(crate) source: Option<String>,
    /// The reference that names the digest too, where the request's does not.
    pub(crate) pin: Option<String>,
    pub(crate) digest: Option<ArtifactDigest>,
    pub(crate) outcome: Outcome,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) rules: Vec<RuleResult>,
    /// What follows where it is not allowed.
    pub(crate) mode: Mode,
    /// Whether something is enforced of it, so that it must be the image that was decided that runs.
    pub(crate) is_enforced: bool,
}

impl ImageResult {
    fn passes(&self) -> bool {
        passes(self.mode, self.outcome)
    }
}

/// Whether what has this outcome passes.
pub(crate) fn passes(mode: Mode, outcome: Outcome) -> bool {
    match outcome {
        Outcome::Allowed => true,
        Outcome::Rejected | Outcome::Unavailable => mode != Mode::Enforce,
        Outcome::Invalid => false,
    }
}
