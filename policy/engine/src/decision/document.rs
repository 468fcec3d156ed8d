//! The decision document, `sealstone.dev/v1alpha1`, kind `Decision`.

use alloc::string::ToString;
use alloc::vec::Vec;

use sealstone_verify::json::{Map, Value};
use sealstone_verify::{Signer, TimeSource, UnixTime, VerifiedLogEntry, to_hex};

use super::{ImageResult, Outcome};
use crate::admission::Pass;
use crate::compiled::Prepared;
use crate::document::Mode;
use crate::rules::{
    Built, Content, Listed, Met, PieceResult, RuleResult, Scanned, Summarised, Verdict,
};
use crate::text::escaped;
use crate::{API_VERSION, Problem};

/// The document of a decision over images.
pub(super) fn of_images(
    policy: &Prepared,
    mode: Mode,
    now: UnixTime,
    decided: (bool, Outcome),
    request: Value,
    images: &[ImageResult],
) -> Value {
    let images = images.iter().map(|result| image(result, mode));
    let content = [("images", Value::Array(images.collect()))];
    envelope(policy, mode, now, decided, request, content)
}

/// The document of a decision about a request that passes whatever its images are.
pub(super) fn passes(policy: &Prepared, now: UnixTime, request: Value, pass: Pass) -> Value {
    let reason = object([
        ("code", pass.code().into()),
        ("message", pass.message().into()),
    ]);
    let content = [("images", Value::Array(Vec::new())), ("reason", reason)];
    envelope(
        policy,
        policy.mode,
        now,
        (true, Outcome::Allowed),
        request,
        content,
    )
}

/// The document of a decision about a request that cannot be read.
pub(super) fn invalid(policy: &Prepared, now: UnixTime, request: Value, problem: Problem) -> Value {
    let problem = problem_value(&problem);
    let content = [("problem", problem)];
    envelope(
        policy,
        policy.mode,
        now,
        (false, Outcome::Invalid),
        request,
        content,
    )
}

/// A problem as the decision and the JSON façade write it.
pub(crate) fn problem_value(problem: &Problem) -> Value {
    object([
        ("code", problem.code.into()),
        ("path", problem.path.as_str().into()),
        ("message", problem.message.as_str().into()),
    ])
}

/// An object of these members.
pub(crate) fn object<'n>(members: impl IntoIterator<Item = (&'n str, Value)>) -> Value {
    // Collecting into a map would sort first, at the cost of a sorting routine in the module.
    let mut map = Map::new();
    for (name, value) in members {
        map.insert(name.to_string(), value);
    }
    Value::Object(map)
}

fn envelope<const N: usize>(
    policy: &Prepared,
    mode: Mode,
    now: UnixTime,
    (allowed, outcome): (bool, Outcome),
    request: Value,
    content: [(&str, Value); N],
) -> Value {
    let request = (!request.is_null()).then_some(("request", request));
    let head = [
        ("apiVersion", API_VERSION.into()),
        ("kind", "Decision".into()),
        ("outcome", outcome.as_str().into()),
        ("allowed", allowed.into()),
        ("mode", mode.as_str().into()),
        ("time", now.to_string().into()),
        (
            "policy",
            object([
                ("name", policy.name.as_str().into()),
                ("sha256", policy.sha256.as_str().into()),
            ]),
        ),
    ];
    object(head.into_iter().chain(request).chain(content))
}

/// Modes are said where they differ from that of the decision.
fn image(image: &ImageResult, mode: Mode) -> Value {
    let digest = image
        .digest
        .as_ref()
        .map(|digest| ("digest", digest.to_string().into()));
    let members = [
        ("reference", image.reference.as_str().into()),
        ("allowed", (image.outcome == Outcome::Allowed).into()),
        ("outcome", image.outcome.as_str().into()),
        ("code", image.code.into()),
        ("message", image.message.as_str().into()),
        (
            "rules",
            Value::Array(image.rules.iter().map(|of| rule(of, mode)).collect()),
        ),
    ];
    let source = image.source.as_deref().map(|name| ("source", name.into()));
    let pin = image.pin.as_deref().map(|pin| ("pin", pin.into()));
    let optional = [digest, source, pin, other_mode(image.mode, mode)];
    object(members.into_iter().chain(optional.into_iter().flatten()))
}

fn other_mode(own: Mode, mode: Mode) -> Option<(&'static str, Value)> {
    (own != mode).then(|| ("mode", own.as_str().into()))
}

fn rule(rule: &RuleResult, mode: Mode) -> Value {
    let met_by = (!rule.met_by.is_empty())
        .then(|| ("metBy", Value::Array(rule.met_by.iter().map(met).collect())));
    let (result, because) = match &rule.verdict {
        Verdict::Pass => ("pass", None),
        Verdict::Fail => ("fail", None),
        Verdict::NotInEffect(date) => ("warn", Some(("effectiveOn", date.to_string().into()))),
        Verdict::Excused(excuse) => {
            let exception = object([
                ("name", excuse.exception.as_str().into()),
                ("reason", excuse.reason.as_str().into()),
                ("ends", excuse.ends.to_string().into()),
            ]);
            ("skip", Some(("exception", exception)))
        }
    };
    let warnings = rule.warnings.iter().map(|warning| {
        object([
            ("code", warning.code.into()),
            ("message", warning.message.as_str().into()),
        ])
    });
    let warnings =
        (!rule.warnings.is_empty()).then(|| ("warnings", Value::Array(warnings.collect())));
    let members = [
        ("rule", rule.rule.as_str().into()),
        ("result", result.into()),
        ("code", rule.code.into()),
        ("message", rule.message.as_str().into()),
        (
            "evidence",
            Value::Array(rule.evidence.iter().map(piece).collect()),
        ),
    ];
    let optional = [met_by, because, warnings, other_mode(rule.mode, mode)];
    object(members.into_iter().chain(optional.into_iter().flatten()))
}

fn piece(piece: &PieceResult) -> Value {
    object([
        ("sha256", piece.sha256.as_str().into()),
        ("mediaType", piece.media_type.as_str().into()),
        ("code", piece.code.into()),
        ("message", piece.message.as_str().into()),
    ])
}

fn met(met: &Met) -> Value {
    let mut members: Vec<(&str, Value)> = Vec::new();
    let sha256 = met.evidence_sha256.unwrap_or_default();
    members.push(("evidence", to_hex(&sha256).into()));
    members.push(("authority", met.authority.as_str().into()));
    members.push(("signer", signer(&met.proved.signer)));
    let times = met.proved.verified_times.iter().map(|verified| {
        let source = match &verified.source {
            TimeSource::TimestampAuthority(_) => "timestamp-authority",
            TimeSource::CurrentTime => "insecure-current-time",
            _ => "transparency-log",
        };
        object([
            ("time", verified.time.to_string().into()),
            ("source", source.into()),
        ])
    });
    members.push(("verifiedTimes", Value::Array(times.collect())));
    let entries = met.proved.log_entries.iter().map(log_entry);
    members.push(("logEntries", Value::Array(entries.collect())));
    match &met.content {
        Content::Signature => {}
        Content::Attestation(predicate_type) => {
            members.push(("predicateType", escaped(predicate_type).into()));
        }
        Content::Provenance(built) => members.push(("provenance", built_value(built))),
        Content::Summary(found) => {
            members.push(("verificationSummary", summary_value(found)));
        }
        Content::Sbom(listed) => members.push(("sbom", sbom_value(listed))),
        Content::Vulnerabilities(scanned) => {
            members.push(("vulnerabilities", scan_value(scanned)));
        }
    }
    if met.insecure_ignore_transparency_log {
        members.push(("insecureIgnoreTransparencyLog", true.into()));
    }
    object(members)
}

fn signer(signer: &Signer) -> Value {
    match signer {
        Signer::Certificate(certificate) => object([
            ("issuer", escaped(&certificate.issuer).into()),
            (
                "subject",
                escaped(&certificate.subject_alternative_name).into(),
            ),
        ]),
        Signer::PublicKey { spki_sha256 } => {
            object([("publicKeySha256", to_hex(spki_sha256).into())])
        }
        _ => Value::Null,
    }
}

fn log_entry(entry: &VerifiedLogEntry) -> Value {
    let mut members: Vec<(&str, Value)> = Vec::new();
    members.push(("log", entry.log_base_url.as_str().into()));
    if let Some(index) = entry.log_index {
        members.push(("index", index.into()));
    }
    object(members)
}

fn built_value(built: &Built) -> Value {
    let provenance = &built.provenance;
    let mut members: Vec<(&str, Value)> = Vec::new();
    if let Some(name) = &built.builder {
        members.push(("policyBuilder", name.as_str().into()));
    }
    let level = u64::try_from(built.build_level).unwrap_or_default();
    members.push(("buildLevel", level.into()));
    if let Some(source) = &built.source {
        let level = u64::try_from(source.level).unwrap_or_default();
        let mut of_source: Vec<(&str, Value)> = Vec::new();
        of_source.push(("verifier", source.verifier.as_str().into()));
        of_source.push(("level", level.into()));
        of_source.push(("evidence", to_hex(&source.evidence_sha256).into()));
        if source.two_party_reviewed {
            of_source.push(("twoPartyReviewed", true.into()));
        }
        members.push(("sourceVerified", object(of_source)));
    }
    if built.insecure_ignored_parameters {
        members.push(("insecureIgnoreOthers", true.into()));
    }
    members.push(("builder", escaped(&provenance.builder_id).into()));
    members.push(("buildType", escaped(&provenance.build_type).into()));
    if let Some(source) = &provenance.source {
        let mut of_source: Vec<(&str, Value)> = Vec::new();
        of_source.push(("uri", escaped(source.uri.as_str()).into()));
        if let Some(git_ref) = &source.git_ref {
            of_source.push(("ref", escaped(git_ref).into()));
        }
        if let Some(commit) = &source.commit {
            of_source.push(("commit", escaped(commit).into()));
        }
        members.push(("source", object(of_source)));
    }
    object(members)
}

fn summary_value(found: &Summarised) -> Value {
    let mut members: Vec<(&str, Value)> = Vec::new();
    members.push(("verifier", found.verifier.as_str().into()));
    let uri = found.summary.resource_uri.as_deref().unwrap_or_default();
    members.push(("resourceUri", escaped(uri).into()));
    for (name, level) in [
        ("buildLevel", found.levels.build),
        ("sourceLevel", found.levels.source),
    ] {
        if let Some(level) = level.and_then(|level| u64::try_from(level).ok()) {
            members.push((name, level.into()));
        }
    }
    object(members)
}

fn sbom_value(listed: &Listed) -> Value {
    let mut members: Vec<(&str, Value)> = Vec::new();
    members.push(("format", listed.format.into()));
    members.push(("packages", count(listed.packages)));
    if let Some(tool) = &listed.tool {
        members.push(("tool", escaped(tool).into()));
    }
    for (name, used) in [
        ("insecureIgnoreUnidentified", listed.insecure_unidentified),
        ("insecureIgnoreUnknown", listed.insecure_unknown),
    ] {
        if used {
            members.push((name, true.into()));
        }
    }
    object(members)
}

fn scan_value(scanned: &Scanned) -> Value {
    let mut members: Vec<(&str, Value)> = Vec::new();
    if let Some(scanner) = &scanned.scanner {
        members.push(("scanner", escaped(scanner).into()));
    }
    members.push(("findings", count(scanned.findings)));
    members.push(("counted", count(scanned.counted)));
    if !scanned.ignored.is_empty() {
        let ignored = scanned.ignored.iter().map(|ignored| {
            let mut members: Vec<(&str, Value)> = Vec::new();
            members.push(("id", escaped(&ignored.id).into()));
            members.push(("until", ignored.until.to_string().into()));
            if ignored.expires_soon {
                members.push(("expiresSoon", true.into()));
            }
            object(members)
        });
        members.push(("ignored", Value::Array(ignored.collect())));
    }
    if !scanned.vex.is_empty() {
        let vex = scanned.vex.iter().map(|sha256| to_hex(sha256).into());
        members.push(("vex", Value::Array(vex.collect())));
    }
    object(members)
}

fn count(number: usize) -> Value {
    u64::try_from(number).unwrap_or_default().into()
}
