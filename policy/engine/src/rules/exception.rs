//! Exceptions from rules that are not met.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::iter;

use sealstone_verify::{Limits, UnixTime, to_hex};

use super::{RuleResult, Verdict, Warning, identity};
use crate::compiled::Prepared;
use crate::document::{Approval, Context, Exception};
use crate::evidence::Pieces;
use crate::failure::Failure;
use crate::image_reference::ImageReference;
use crate::limits::EXCEPTION_ENDS_SOON;
use crate::text::{Escaped, escaped};
use crate::work::Work;

/// The predicate type of a statement that approves an exception.
const PREDICATE_TYPE: &str = "https://sealstone.dev/exception/v0.1";

/// An exception on which a result relies.
#[derive(Debug)]
pub(crate) struct Excuse {
    pub(crate) exception: String,
    pub(crate) reason: String,
    pub(crate) ends: UnixTime,
}

/// Looks for an exception from a rule that is not met: the first that is in effect excuses. Those that
/// are not are told of.
pub(crate) fn excuse(
    policy: &Prepared,
    (image, context): (&ImageReference, &Context),
    (now, work): (UnixTime, &Work),
    result: &mut RuleResult,
) {
    for exception in &policy.exceptions {
        if !exception.is_for(&result.rule, image, context) {
            continue;
        }
        let name = &exception.name;
        let mut warn = |code, message| result.warnings.push(Warning { code, message });
        match in_effect(policy, exception, now, work) {
            Ok(ends) => {
                if ends.seconds().saturating_sub(now.seconds()) <= EXCEPTION_ENDS_SOON {
                    let message = format!("the exception `{name}` ends at {ends}");
                    warn("exception.ends-soon", message);
                }
                result.verdict = Verdict::Excused(Excuse {
                    exception: name.clone(),
                    reason: escaped(&exception.reason),
                    ends,
                });
                return;
            }
            Err((code, why)) => warn(code, format!("the exception `{name}` {why}")),
        }
    }
}

/// When an exception ends that is in effect, or why it is not.
fn in_effect(
    policy: &Prepared,
    exception: &Exception,
    now: UnixTime,
    work: &Work,
) -> Result<UnixTime, (&'static str, String)> {
    let Some(ends) = UnixTime::from_rfc3339(&exception.ends) else {
        let why = format!(
            "is not in effect: `{}` is not a time as in RFC 3339",
            Escaped(&exception.ends)
        );
        return Err(("exception.end-malformed", why));
    };
    if ends <= now {
        return Err(("exception.ended", format!("ended at {ends}")));
    }
    if let Some(approval) = &exception.approval {
        check_approval(policy, exception, approval, (now, work)).map_err(|failure| {
            let why = format!("is not approved: {}", failure.message());
            (failure.code(), why)
        })?;
    }
    Ok(ends)
}

fn check_approval(
    policy: &Prepared,
    exception: &Exception,
    approval: &Approval,
    of: (UnixTime, &Work),
) -> Result<(), Failure> {
    let missing = || Failure::PredicateTypeMismatch { found: None };
    let mut authorities = policy.authorities.iter();
    let authority = authorities.find(|authority| authority.name == approval.signed_by);
    let authority = authority.ok_or_else(missing)?;
    let digest = format!("sha256:{}", to_hex(&exception.sha256));
    let mut artifacts = Vec::new();
    artifacts.extend(digest.parse());
    let bundle = iter::once(&approval.bundle);
    let pieces = Pieces::new(bundle, artifacts, of, &Limits::default());
    let mut pieces = pieces.map_err(|_| missing())?;
    pieces.prove(0, authority.verifier, &policy.verifiers);
    let facts = pieces.proved(0, authority.verifier);
    let facts = facts.ok_or_else(missing)??;
    let statement = facts.statement.as_ref().ok_or_else(missing)?;
    if statement.predicate_type != PREDICATE_TYPE {
        let found = Some(statement.predicate_type.to_string());
        return Err(Failure::PredicateTypeMismatch { found });
    }
    identity::check(authority, facts)
}
