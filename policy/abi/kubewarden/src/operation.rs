//! The operations of a Kubewarden policy, and the pure one of every Sealstone module.
//!
//! Follows <https://docs.kubewarden.io/reference/spec/intro-spec>. An error makes the host refuse the
//! request; what is wrong with settings or request is a denial with its own code.

use alloc::string::String;
use core::fmt;

use sealstone_engine::json::{self, Map, Value};
use sealstone_engine::{CompiledPolicy, Problem, UnixTime, Webhook, ffi};

use crate::collect::collect;
use crate::host::HostCalls;
use crate::limits::{NESTING, PAYLOAD_BYTES, SIGNATURE_WORK};

/// Why a call is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// An earlier call on this instance came to no end.
    Busy,
    /// The host has no clock.
    ClockMissing,
    /// The operation is none of a policy.
    OperationUnknown,
    /// The payload is larger than a policy and a request may be together.
    PayloadBytes,
    /// The payload is no JSON object with `request` and `settings`.
    PayloadMalformed,
}

impl Refusal {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Busy => "kubewarden.busy",
            Self::ClockMissing => "kubewarden.clock-missing",
            Self::OperationUnknown => "kubewarden.operation-unknown",
            Self::PayloadBytes => "limit.payload-bytes",
            Self::PayloadMalformed => "kubewarden.payload-malformed",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Busy => "an earlier call on this instance came to no end; start a new one",
            Self::ClockMissing => "the host has no clock",
            Self::OperationUnknown => "the operation is not known",
            Self::PayloadBytes => "the payload is larger than a policy and a request may be",
            Self::PayloadMalformed => "the payload is no object with `request` and `settings`",
        })?;
        write!(f, " ({})", self.code())
    }
}

impl core::error::Error for Refusal {}

/// Answers a call. `webhook` says which variant of the policy this is.
///
/// | operation | payload | answer |
/// |---|---|---|
/// | `protocol_version` | nothing | `"v1"` |
/// | `validate_settings` | the policy document | `{"valid", "message"?}` |
/// | `validate` | `{"request", "settings"}` | `ValidationResponse` |
/// | `decide` | as [`ffi::decide_json`] | as there |
///
/// # Errors
/// [`Refusal`], which the host turns into a denial.
pub fn answer(
    operation: &[u8],
    payload: &[u8],
    webhook: Webhook,
    host: &mut dyn HostCalls,
) -> Result<String, Refusal> {
    match operation {
        b"protocol_version" => Ok(String::from("\"v1\"")),
        b"validate_settings" => Ok(validate_settings(payload)),
        b"validate" => validate(payload, webhook, host),
        b"decide" => Ok(ffi::decide_json(payload)),
        _ => Err(Refusal::OperationUnknown),
    }
}

fn validate_settings(settings: &[u8]) -> String {
    match CompiledPolicy::compile(settings, &[]) {
        Ok(_) => object([("valid", true.into())]),
        Err(problems) => object([
            ("valid", false.into()),
            ("message", listed(&problems).into()),
        ]),
    }
}

fn validate(payload: &[u8], webhook: Webhook, host: &mut dyn HostCalls) -> Result<String, Refusal> {
    if payload.len() > PAYLOAD_BYTES {
        return Err(Refusal::PayloadBytes);
    }
    // One more level than each of the two may have.
    let call = json::parse(payload, NESTING.saturating_add(1));
    let call = call.map_err(|_| Refusal::PayloadMalformed)?;
    let (Some(request), Some(settings)) = (call.get("request"), call.get("settings")) else {
        return Err(Refusal::PayloadMalformed);
    };
    let policy = match CompiledPolicy::compile_value(settings, &[]) {
        Ok(policy) => policy,
        Err(problems) => return Ok(without_policy(&problems)),
    };
    let now = host.now().ok_or(Refusal::ClockMissing)?;
    // A request that cannot be read is decided below, without evidence.
    let lookups = policy.lookups(request).unwrap_or_default();
    let evidence = collect(&policy, &lookups, host);
    let now = UnixTime::from_seconds(now);
    let decision = policy.decide_within(request, &evidence, now, SIGNATURE_WORK);
    Ok(decision.to_validation_response(webhook, request))
}

/// The denial where the settings are no policy. policy-server asks about them before.
fn without_policy(problems: &[Problem]) -> String {
    object([
        ("accepted", false.into()),
        ("code", 500.into()),
        ("message", listed(problems).into()),
    ])
}

/// Every problem with its place and code.
fn listed(problems: &[Problem]) -> String {
    let mut listed = String::new();
    for problem in problems {
        if !listed.is_empty() {
            listed.push_str("; ");
        }
        let place = match problem.path.as_str() {
            "" => "/",
            path => path,
        };
        for part in [place, ": ", &problem.message, " (", problem.code, ")"] {
            listed.push_str(part);
        }
    }
    listed
}

fn object<const N: usize>(members: [(&str, Value); N]) -> String {
    let mut object = Map::new();
    for (name, value) in members {
        object.insert(String::from(name), value);
    }
    Value::Object(object).to_canonical_string()
}
