//! From a request and the evidence to a decision.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_provenance::ResourceImage;
use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

use crate::brought::{Brought, Denial};
use crate::compiled::{CompiledRule, Prepared};
use crate::decision::{self, Decision, ImageResult};
use crate::document::{Context, Mode, NamespaceMode, Tags};
use crate::limits::Limit;
use crate::problem::Problem;
use crate::request::{self, Content, Origin, Request, RequestedImage};
use crate::rules::{self, OK, RuleResult, Verdict};
use crate::subjects::Subjects;
use crate::text::{LAST_SECOND, escaped};
use crate::work::Work;
use crate::{ImageEvidence, Outcome, carried};

/// Decides a request.
pub(crate) fn decide(
    policy: &Prepared,
    request: &[u8],
    evidence: &[ImageEvidence],
    now: UnixTime,
) -> Decision {
    let request = request::read(request, &policy.images, &policy.admission);
    decide_read(policy, request, evidence, now, &Work::unlimited())
}

/// Decides a request that is JSON already, with so much work.
pub(crate) fn decide_within(
    policy: &Prepared,
    request: &Value,
    evidence: &[ImageEvidence],
    now: UnixTime,
    work: usize,
) -> Decision {
    let request = request::read_value(request, &policy.images, &policy.admission);
    decide_read(policy, request, evidence, now, &Work::new(work))
}

fn decide_read(
    policy: &Prepared,
    request: Request,
    evidence: &[ImageEvidence],
    now: UnixTime,
    work: &Work,
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
    let Request {
        origin,
        content,
        carried,
    } = request;
    match content {
        Ok(Content::Images(images, _)) if images.len() > policy.limits.images => {
            let problem = Problem {
                path: String::new(),
                code: Limit::Images.code(),
                message: format!(
                    "more than the {} images that the policy allows",
                    policy.limits.images
                ),
            };
            Decision::invalid(policy, now, origin, problem)
        }
        Ok(Content::Images(images, context)) => {
            let lenience = NamespaceMode::weakest(&policy.modes, &context);
            let results = images
                .iter()
                .map(|image| ImageResult {
                    source: image
                        .is_mirrored
                        .then(|| image.reference.name().to_string()),
                    ..decide_image(
                        policy,
                        image,
                        (&context, lenience),
                        (evidence, &carried),
                        now,
                        work,
                    )
                })
                .collect();
            let mode = policy.mode.max(lenience);
            Decision::of_images(policy, mode, now, origin, results, &images)
        }
        Ok(Content::Passes(pass)) => Decision::passes(policy, now, origin, pass),
        Err(problem) => Decision::invalid(policy, now, origin, problem),
    }
}

fn decide_image(
    policy: &Prepared,
    image: &RequestedImage,
    (context, lenience): (&Context, Mode),
    (evidence, carried): (&[ImageEvidence], &[ImageEvidence]),
    now: UnixTime,
    work: &Work,
) -> ImageResult {
    let asked: Vec<_> = policy
        .rules
        .iter()
        .filter(|rule| rule.is_for(&image.reference, context))
        .collect();
    // What cannot be evaluated counts as what the strictest rule makes of it.
    let strictest = asked.iter().map(|rule| rule.mode).min();
    let mode = strictest.unwrap_or(policy.mode).max(lenience);
    let is_enforced = mode == Mode::Enforce;
    if image.digest.is_none() && policy.images.tags == Tags::Deny {
        let message = "the policy demands that images are named by digest; add it to the reference";
        return Denial::rejected("image.digest-required", message.to_string())
            .of(image, None, mode);
    }
    let mut brought = Brought::of(image, evidence);
    let digest = match brought.digest() {
        Ok(digest) => digest,
        Err(denial) => return denial.of(image, None, mode),
    };
    let carried = carried.iter().chain(&policy.evidence);
    brought.add(carried.filter(|entry| carried::is_for(entry, &image.text, &digest)));
    if asked.is_empty() && policy.insecure_allow_unmatched_images {
        return ImageResult {
            reference: escaped(&image.text),
            source: None,
            pin: image.pin(&digest),
            digest: Some(digest),
            outcome: Outcome::Allowed,
            code: "image.insecure-unmatched",
            message: "no rule of the policy matches, and it lets such images run".to_string(),
            rules: Vec::new(),
            mode,
            is_enforced,
        };
    }
    if asked.is_empty() {
        let message = format!(
            "no rule of the policy matches `{}`; add a rule for it, or do not run it",
            image.reference.name()
        );
        return Denial::rejected("image.no-rule", message).of(image, Some(&digest), mode);
    }
    if brought.entries.is_empty() {
        let message =
            "the host brought nothing for this image, not even an empty list; see to the host";
        return Denial::unavailable("evidence.not-brought", message.to_string()).of(
            image,
            Some(&digest),
            mode,
        );
    }
    let unavailable = brought.unavailable();
    let (registry, repository) = image.reference.split();
    let digest_text = digest.to_string();
    let resource = ResourceImage {
        registry,
        repository,
        digest: &digest_text,
        tag: image.reference.tag(),
    };
    let evaluated = Subjects::new(policy, &brought, &digest, now, work).map(|mut subjects| {
        let evaluate = |rule: &&CompiledRule| {
            let mut result = subjects.evaluate(policy, rule, &resource, unavailable);
            result.mode = result.mode.max(lenience);
            if result.fails() {
                let about = (&image.reference, context);
                rules::excuse(policy, about, (now, work), &mut result);
            }
            if let Some(date) = rule.effective_on
                && date > now
                && result.fails()
            {
                result.verdict = Verdict::NotInEffect(date);
            }
            result
        };
        asked.iter().map(evaluate).collect::<Vec<RuleResult>>()
    });
    // Whatever was left unverified must not help: the rule might have been about it.
    if work.is_spent() {
        let message = "verifying the evidence of this request takes more public-key operations than the host has time for; ask for fewer images at once, or remove evidence that is not needed";
        let limit = sealstone_verify::Limit::SignatureWork;
        return Denial::rejected(limit.code(), message.to_string()).of(image, Some(&digest), mode);
    }
    let results = match evaluated {
        Ok(results) => results,
        Err(limit) => {
            let message = format!(
                "more than the {} pieces of evidence that the limit `{}` allows; remove those that are not needed",
                policy.limits.evidence_pieces.min(limit.value()),
                limit.code()
            );
            return Denial::rejected(limit.code(), message).of(image, Some(&digest), mode);
        }
    };
    // Of the rules that are not met, the first of those with the strictest mode.
    let failed = results.iter().filter(|result| result.fails());
    let failed = failed.min_by_key(|result| result.mode);
    let mode = failed.map_or(mode, |failed| failed.mode);
    let (outcome, code, message) = match (failed, unavailable) {
        (None, _) if results.iter().all(RuleResult::passed) => {
            (Outcome::Allowed, OK, "every rule is met".to_string())
        }
        (None, _) => {
            let message = "every rule that holds now is met";
            (Outcome::Allowed, OK, message.to_string())
        }
        (Some(failed), Some(_)) => (Outcome::Unavailable, failed.code, failed.message.clone()),
        (Some(failed), None) => (Outcome::Rejected, failed.code, failed.message.clone()),
    };
    ImageResult {
        reference: escaped(&image.text),
        source: None,
        // One rule that only warns does not leave open what another one enforces.
        pin: image.pin(&digest).filter(|_| {
            outcome == Outcome::Allowed || (is_enforced && decision::passes(mode, outcome))
        }),
        digest: Some(digest),
        outcome,
        code,
        message,
        rules: results,
        mode,
        is_enforced,
    }
}
