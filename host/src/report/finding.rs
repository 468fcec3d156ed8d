//! A decision as a list of findings, which every format has: what was asked, and how it came out.

use serde_json::Value;

/// How what was asked came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the formats have these five")]
pub enum Status {
    /// It is met.
    Pass,
    /// It is not met.
    Fail,
    /// It is not met, and not in effect yet.
    Warn,
    /// It could not be found out.
    Error,
    /// It is not asked: an exception excuses from it, or the request passes anyway.
    Skip,
}

/// What follows from a rule that is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "policies have these three")]
pub enum Mode {
    /// The request is denied.
    Enforce,
    /// It passes with a warning.
    Warn,
    /// It passes.
    Audit,
}

/// What the decision says about one rule and image.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct Finding {
    /// The image; missing where the request itself cannot be read, or passes.
    pub image: Option<ImageName>,
    /// The rule of the policy; missing where no rule was asked.
    pub rule: Option<String>,
    /// How it came out.
    pub status: Status,
    /// What follows.
    pub mode: Mode,
    /// The stable code.
    pub code: String,
    /// What was found and what to do, for people.
    pub message: String,
    /// Facts beside it by name: dates, exceptions, pieces of evidence.
    pub details: Vec<(&'static str, String)>,
}

/// An image of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct ImageName {
    /// As the request has it.
    pub reference: String,
    /// `sha256:…`; missing where none is known.
    pub digest: Option<String>,
}

impl ImageName {
    /// The reference with the digest, which is not said twice.
    pub fn full(&self) -> String {
        match &self.digest {
            Some(digest) if !self.reference.ends_with(digest) => {
                format!("{}@{digest}", self.reference)
            }
            _ => self.reference.clone(),
        }
    }
}

/// All findings of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct Findings {
    /// The name of the policy; missing where no module has read it.
    pub policy: Option<String>,
    /// SHA-256 of the policy in canonical JSON, in hexadecimal.
    pub policy_sha256: Option<String>,
    /// `allowed`, `rejected`, `unavailable` or `invalid`.
    pub outcome: String,
    /// The time of the decision, RFC 3339.
    pub time: String,
    /// The object of an admission request.
    pub object: Option<Object>,
    /// What was found, image by image.
    pub findings: Vec<Finding>,
}

/// The object of an admission request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct Object {
    /// Group and version, such as `apps/v1`.
    pub api_version: String,
    /// The kind, such as `Deployment`.
    pub kind: String,
    /// Its name, where it has one yet.
    pub name: Option<String>,
    /// Its namespace, where it is in one.
    pub namespace: Option<String>,
}

impl Findings {
    /// Reads a decision document.
    pub fn of_decision(document: &Value) -> Self {
        let mode = mode(document).unwrap_or(Mode::Enforce);
        let mut findings = Vec::new();
        if let Some(problem) = document.get("problem") {
            let mut details = Vec::new();
            detail("path", problem, "/path", &mut details);
            findings.push(Finding {
                details,
                ..of_request(problem, Status::Error, mode)
            });
        }
        if let Some(reason) = document.get("reason") {
            findings.push(of_request(reason, Status::Skip, mode));
        }
        for image in list(document, "images") {
            of_image(image, mode, &mut findings);
        }
        Self {
            policy: optional(document, "/policy/name"),
            policy_sha256: optional(document, "/policy/sha256"),
            outcome: text(document, "/outcome"),
            time: text(document, "/time"),
            object: document.get("request").and_then(object),
            findings,
        }
    }

    /// What is reported where the module gave no answer about a request: an error, and nothing else.
    pub fn of_failure(code: &str, message: &str, time: &str) -> Self {
        Self {
            policy: None,
            policy_sha256: None,
            outcome: "unavailable".to_owned(),
            time: time.to_owned(),
            object: None,
            findings: vec![Finding {
                image: None,
                rule: None,
                status: Status::Error,
                mode: Mode::Enforce,
                code: code.to_owned(),
                message: message.to_owned(),
                details: Vec::new(),
            }],
        }
    }

    /// Adds why a response denies what the decision lets pass.
    pub fn deny(&mut self, code: &str, message: &str) {
        let failure = Self::of_failure(code, message, "");
        self.findings
            .extend(failure.findings.into_iter().map(|it| Finding {
                status: Status::Fail,
                ..it
            }));
    }
}

fn of_request(said: &Value, status: Status, mode: Mode) -> Finding {
    Finding {
        image: None,
        rule: None,
        status,
        mode,
        code: text(said, "/code"),
        message: text(said, "/message"),
        details: Vec::new(),
    }
}

fn of_image(image: &Value, mode_of_decision: Mode, findings: &mut Vec<Finding>) {
    let name = ImageName {
        reference: text(image, "/reference"),
        digest: optional(image, "/digest"),
    };
    let is_unavailable = text(image, "/outcome") == "unavailable";
    let not_met = if is_unavailable {
        Status::Error
    } else {
        Status::Fail
    };
    let rules = list(image, "rules");
    if rules.is_empty() {
        let allowed = image.get("allowed") == Some(&Value::Bool(true));
        findings.push(Finding {
            image: Some(name),
            ..of_request(
                image,
                if allowed { Status::Pass } else { not_met },
                mode(image).unwrap_or(mode_of_decision),
            )
        });
        return;
    }
    for rule in rules {
        let status = match text(rule, "/result").as_str() {
            "pass" => Status::Pass,
            "warn" => Status::Warn,
            "skip" => Status::Skip,
            _ => not_met,
        };
        findings.push(Finding {
            image: Some(name.clone()),
            rule: Some(text(rule, "/rule")),
            details: details(rule),
            ..of_request(rule, status, mode(rule).unwrap_or(mode_of_decision))
        });
    }
}

/// Pieces of evidence that are named for one rule.
const SHOWN: usize = 8;

fn details(rule: &Value) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    detail("effectiveOn", rule, "/effectiveOn", &mut details);
    detail("exception", rule, "/exception/name", &mut details);
    detail("reason", rule, "/exception/reason", &mut details);
    detail("ends", rule, "/exception/ends", &mut details);
    for met in list(rule, "metBy").iter().take(SHOWN) {
        let mut by = format!("sha256:{}", text(met, "/evidence"));
        for pointer in ["/signer/subject", "/signer/publicKeySha256"] {
            if let Some(signer) = optional(met, pointer) {
                by.push_str(&format!(" signed by {signer}"));
            }
        }
        details.push(("metBy", by));
    }
    let evidence = list(rule, "evidence");
    if !details.iter().any(|(name, _)| *name == "metBy") {
        for piece in evidence.iter().take(SHOWN) {
            let (sha256, code) = (text(piece, "/sha256"), text(piece, "/code"));
            let message = text(piece, "/message");
            details.push(("evidence", format!("sha256:{sha256} {code}: {message}")));
        }
        if let more @ 1.. = evidence.len().saturating_sub(SHOWN) {
            details.push(("evidence", format!("and {more} more pieces")));
        }
    }
    for warning in list(rule, "warnings") {
        let (code, message) = (text(warning, "/code"), text(warning, "/message"));
        details.push(("warning", format!("{code}: {message}")));
    }
    details
}

/// `apps/v1/Deployment`, or `v1/Pod`.
fn object(request: &Value) -> Option<Object> {
    let of_type = text(request, "/kind");
    let (api_version, kind) = of_type.rsplit_once('/')?;
    Some(Object {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        name: optional(request, "/name"),
        namespace: optional(request, "/namespace"),
    })
}

fn detail(
    name: &'static str,
    value: &Value,
    pointer: &str,
    details: &mut Vec<(&'static str, String)>,
) {
    if let Some(text) = optional(value, pointer) {
        details.push((name, text));
    }
}

fn mode(of: &Value) -> Option<Mode> {
    match of.get("mode")?.as_str()? {
        "warn" => Some(Mode::Warn),
        "audit" => Some(Mode::Audit),
        _ => Some(Mode::Enforce),
    }
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    let list = value.get(member).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

fn text(value: &Value, pointer: &str) -> String {
    optional(value, pointer).unwrap_or_default()
}

fn optional(value: &Value, pointer: &str) -> Option<String> {
    let text = value.pointer(pointer)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

impl Mode {
    /// The word that policies have for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Warn => "warn",
            Self::Audit => "audit",
        }
    }
}
