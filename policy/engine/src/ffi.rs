//! Every operation again over JSON text, for hosts that know nothing else. Stateless: each call
//! brings the policy.
//!
//! A call is an object; its members are `policy` (the document), `trustedRoots` (an array of
//! `{"name", "trustedRoot"}`, may be left out), and for the operations that need them `request`,
//! `evidence` and `now` (seconds since the Unix epoch). An answer is an object whose `type` is
//! `success` or `failure`; a failure has `problems`, each with `code`, `path` and `message`. A
//! denial is a success: the operation was carried out, and the answer holds the decision.
//!
//! | operation | success |
//! |---|---|
//! | [`compile_json`] | `{"type":"success"}` |
//! | [`images_json`] | `{"images":[{"reference","digest"?}],"type":"success"}` |
//! | [`decide_json`] | `{"decision":{…},"type":"success"}` |
//! | [`review_json`] | `{"auditAnnotation":"…","decision":{…},"response":{…},"type":"success"}` |

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::decision::{object, problem_value};
use crate::evidence::{read_array, read_image};
use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::{Document, Reader};
use crate::{
    API_VERSION, CompiledPolicy, ImageEvidence, ImageRequest, NamedTrustedRoot, Problem, UnixTime,
    VERSION, Webhook,
};

/// [`CompiledPolicy::compile`] over JSON: `{"policy", "trustedRoots"?}`.
pub fn compile_json(call: &[u8]) -> String {
    answer(Call::read(call, &[]).and_then(|call| {
        call.compile()?;
        Ok(Vec::new())
    }))
}

/// [`CompiledPolicy::images`] over JSON: `{"policy", "trustedRoots"?, "request"}`.
pub fn images_json(call: &[u8]) -> String {
    answer(Call::read(call, &["request"]).and_then(|call| {
        let policy = call.compile()?;
        let images = policy
            .images(call.request.as_bytes())
            .map_err(|problem| vec![problem])?;
        let images = images.iter().map(image_value).collect();
        Ok(vec![("images", Value::Array(images))])
    }))
}

/// [`CompiledPolicy::decide`] over JSON:
/// `{"policy", "trustedRoots"?, "request", "evidence", "now"}`.
pub fn decide_json(call: &[u8]) -> String {
    answer(
        Call::read(call, &["request", "evidence", "now"]).and_then(|call| {
            let policy = call.compile()?;
            let now = UnixTime::from_seconds(call.now);
            let decision = policy.decide(call.request.as_bytes(), &call.evidence, now);
            Ok(vec![("decision", decision.as_value().clone())])
        }),
    )
}

/// [`CompiledPolicy::decide`] for an admission webhook, over JSON:
/// `{"policy", "trustedRoots"?, "request", "evidence", "now", "webhook"}`.
///
/// `webhook` is `mutating` or `validating`. `response` is the `AdmissionReview` to answer with
/// ([`Decision::to_admission_review`]), `auditAnnotation` the text of its audit annotation.
///
/// [`Decision::to_admission_review`]: crate::Decision::to_admission_review
pub fn review_json(call: &[u8]) -> String {
    answer(
        Call::read(call, &["request", "evidence", "now", "webhook"]).and_then(|call| {
            let policy = call.compile()?;
            let now = UnixTime::from_seconds(call.now);
            let decision = policy.decide(call.request.as_bytes(), &call.evidence, now);
            Ok(vec![
                ("decision", decision.as_value().clone()),
                ("response", decision.admission_review(call.webhook)),
                (
                    "auditAnnotation",
                    decision.to_audit_annotation(call.webhook).into(),
                ),
            ])
        }),
    )
}

/// Describes the module: `{"policyApiVersion","type":"success","version"}`.
pub fn info_json() -> String {
    answer(Ok(vec![
        ("version", VERSION.into()),
        ("policyApiVersion", API_VERSION.into()),
    ]))
}

fn answer(result: Result<Vec<(&'static str, Value)>, Vec<Problem>>) -> String {
    let members = match result {
        Ok(mut members) => {
            members.push(("type", "success".into()));
            members
        }
        Err(problems) => vec![
            (
                "problems",
                Value::Array(problems.iter().map(problem_value).collect()),
            ),
            ("type", "failure".into()),
        ],
    };
    object(members).to_canonical_string()
}

fn image_value(image: &ImageRequest) -> Value {
    let digest = image
        .digest
        .as_ref()
        .map(|digest| ("digest", digest.as_str().into()));
    object(
        [("reference", image.reference.as_str().into())]
            .into_iter()
            .chain(digest),
    )
}

impl NamedTrustedRoot {
    /// Reads the `trustedRoots` of a call: an array of `{"name", "trustedRoot"}`.
    ///
    /// # Errors
    /// Every [`Problem`] of the array at once, sorted by path.
    pub fn list_from_json(roots: &[u8]) -> Result<Vec<Self>, Vec<Problem>> {
        let mut reader = Reader::new(Document::Call);
        let value = reader.parse(roots, Limit::CallBytes);
        let read = value.and_then(|value| read_array(&mut reader, &value, &Path::ROOT, read_root));
        match read {
            Some(roots) if reader.problems.is_empty() => Ok(roots),
            _ => Err(reader.problems.into_sorted()),
        }
    }
}

/// A call, read. Members that an operation does not have are left at their defaults.
#[derive(Debug)]
struct Call {
    policy: String,
    trusted_roots: Vec<NamedTrustedRoot>,
    request: String,
    evidence: Vec<ImageEvidence>,
    now: u64,
    webhook: Webhook,
}

impl Call {
    /// Reads a call that has the members of every call and these further ones.
    fn read(call: &[u8], further: &[&'static str]) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(Document::Call);
        let call = read_call(&mut reader, call, further);
        match call {
            Some(call) if reader.problems.is_empty() => Ok(call),
            _ => Err(reader.problems.into_sorted()),
        }
    }

    fn compile(&self) -> Result<CompiledPolicy, Vec<Problem>> {
        CompiledPolicy::compile(self.policy.as_bytes(), &self.trusted_roots)
    }
}

fn read_call(reader: &mut Reader, call: &[u8], further: &[&'static str]) -> Option<Call> {
    let root = Path::ROOT;
    let value = reader.parse(call, Limit::CallBytes)?;
    let mut allowed = vec!["policy", "trustedRoots"];
    allowed.extend(further);
    let members = reader.object(&value, &root, &allowed)?;
    let mut read = Call {
        policy: String::new(),
        trusted_roots: Vec::new(),
        request: String::new(),
        evidence: Vec::new(),
        now: 0,
        webhook: Webhook::Validating,
    };
    if let Some(policy) = reader.required(members, "policy", &root) {
        read.policy = policy.to_canonical_string();
    }
    if let Some(roots) = members.get("trustedRoots") {
        read.trusted_roots = read_array(reader, roots, &root.member("trustedRoots"), read_root)?;
    }
    for field in further {
        let Some(value) = reader.required(members, field, &root) else {
            continue;
        };
        let path = root.member(field);
        match *field {
            "request" => read.request = value.to_canonical_string(),
            "evidence" => read.evidence = read_array(reader, value, &path, read_image)?,
            "webhook" => match value.as_str() {
                Some("mutating") => read.webhook = Webhook::Mutating,
                Some("validating") => read.webhook = Webhook::Validating,
                _ => reader.wrong_type(&path, "`mutating` or `validating`"),
            },
            _ => match value.as_u64() {
                Some(now) => read.now = now,
                None => reader.wrong_type(&path, "a whole number of seconds"),
            },
        }
    }
    Some(read)
}

fn read_root(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<NamedTrustedRoot> {
    let members = reader.object(value, path, &["name", "trustedRoot"])?;
    let name = reader.required_text(members, "name", path)?;
    let content = reader.required(members, "trustedRoot", path)?;
    Some(NamedTrustedRoot {
        name: name.to_string(),
        content: content.to_canonical_string().into_bytes(),
    })
}
