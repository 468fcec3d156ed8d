//! The entrypoints: which shape is asked for, and the answer in it.
//!
//! | number | name | input | answer |
//! |---|---|---|---|
//! | 0 | `sealstone/review` | has `review` | violations of Gatekeeper: `[{"msg"}]`, empty where all is well |
//! | 0 | | has `request` | `{"response": {"uid", "allowed", "status"?}}`, an `AdmissionReview` |
//! | 0 | | anything else | the decision document; the input, without `evidence` and `now`, is the request |
//! | 1 | `sealstone/decide` | `{"policy"?, "trustedRoots"?, "request", "evidence"?, "now"?}` | the decision document |
//!
//! The policy of entrypoint 0 is that of `data`, or for `review` the `parameters` beside it if they are
//! a policy. In `data` it stands at `sealstone.policy` (beside it `trustedRoots`, `evidence`, `now`), or
//! `data` is the policy.
//!
//! Whatever goes wrong is a denial in the shape that the host reads. Where that is not known, it is an
//! array of one violation: hosts of every kind take that for a denial.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_engine::json::Map;
use sealstone_engine::{API_VERSION, Problem, Webhook};
use sealstone_verify::json::Value;

use crate::call::{Answer, Members, decide, missing, problem};
use crate::term::{self, member, text_of};

/// The entrypoints by number, as the ABI names them.
pub const ENTRYPOINTS: &str = r#"{"sealstone/decide":1,"sealstone/review":0}"#;

/// Evaluates an entrypoint. `input` and `data` are JSON or texts of Rego values; the answer is JSON.
/// `None` where there is no entrypoint of that number.
pub fn evaluate(entrypoint: u32, input: &[u8], data: &[u8]) -> Option<String> {
    match entrypoint {
        0 => Some(review(input, data)),
        1 => Some(decision(pure(input, data))),
        _ => None,
    }
}

fn pure(input: &[u8], data: &[u8]) -> Answer {
    let json = to_json(input)?;
    let input = Members::of_input(&json)?;
    input.only(&["policy", "trustedRoots", "request", "evidence", "now"])?;
    let request = input.member("request")?;
    let request = request.ok_or_else(|| missing("/request", "the field `request` is required"))?;
    decide(request, input.member("policy")?, &input, data)
}

fn review(input: &[u8], data: &[u8]) -> String {
    let json = match to_json(input) {
        Ok(json) => json,
        Err(problems) => return violations(Err(problems)),
    };
    let input = match Members::of_input(&json) {
        Ok(input) => input,
        Err(problems) => return violations(Err(problems)),
    };
    if input.has("review") {
        violations(of_gatekeeper(&input, data))
    } else if input.has("request") {
        response(&input, data)
    } else {
        let request = input.without(&["evidence", "now"]);
        decision(decide(&request, None, &input, data))
    }
}

fn of_gatekeeper(input: &Members<'_>, data: &[u8]) -> Answer {
    let review = input.member("review")?;
    let review = review.ok_or_else(|| missing("/review", "the field `review` is required"))?;
    let parameters = input.member("parameters")?;
    let is_policy = |parameters: &&[u8]| matches!(member(parameters, "apiVersion"), Ok(Some(_)));
    decide(review, parameters.filter(is_policy), input, data)
}

fn response(input: &Members<'_>, data: &[u8]) -> String {
    let request = match input.member("request") {
        Ok(request) => request.unwrap_or(b"null"),
        Err(problems) => return refused_response("", &problems),
    };
    match decide(request, None, input, data) {
        Ok(decision) => decision.to_admission_review(Webhook::Validating),
        Err(problems) => {
            let uid = member(request, "uid").ok().flatten();
            let uid = uid.and_then(|uid| text_of(uid).ok()).unwrap_or_default();
            refused_response(&uid, &problems)
        }
    }
}

/// Where no policy could be read, an answer has nothing else to say.
fn refused_response(uid: &str, problems: &[Problem]) -> String {
    let status = object([
        ("code", 400_u64.into()),
        ("message", sentence(problems).into()),
        ("reason", "BadRequest".into()),
        ("status", "Failure".into()),
    ]);
    let response = object([
        ("allowed", false.into()),
        ("status", status),
        ("uid", uid.into()),
    ]);
    let review = object([
        ("apiVersion", "admission.k8s.io/v1".into()),
        ("kind", "AdmissionReview".into()),
        ("response", response),
    ]);
    review.to_canonical_string()
}

fn violations(answer: Answer) -> String {
    match answer {
        Ok(decision) => decision.to_violations(),
        Err(problems) => {
            let violation = object([("msg", sentence(&problems).into())]);
            Value::Array([violation].into()).to_canonical_string()
        }
    }
}

fn decision(answer: Answer) -> String {
    match answer {
        Ok(decision) => decision.to_json(),
        Err(problems) => {
            let problems: Vec<Value> = problems.iter().map(problem_value).collect();
            let refusal = object([
                ("allowed", false.into()),
                ("apiVersion", API_VERSION.into()),
                ("kind", "Decision".into()),
                ("outcome", "invalid".into()),
                ("problems", Value::Array(problems)),
            ]);
            refusal.to_canonical_string()
        }
    }
}

fn problem_value(problem: &Problem) -> Value {
    object([
        ("code", problem.code.into()),
        ("message", problem.message.as_str().into()),
        ("path", problem.path.as_str().into()),
    ])
}

/// The first problem.
fn sentence(problems: &[Problem]) -> String {
    let mut sentence = String::new();
    for problem in problems.iter().take(1) {
        for part in [
            "policy or input: ",
            &problem.path,
            ": ",
            &problem.message,
            " (",
            problem.code,
            ")",
        ] {
            sentence.push_str(part);
        }
    }
    sentence
}

fn to_json(input: &[u8]) -> Result<Cow<'_, [u8]>, Vec<Problem>> {
    term::to_json(input).map_err(|error| problem(error, ""))
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let mut map = Map::new();
    for (name, value) in members {
        map.insert(name.to_string(), value);
    }
    Value::Object(map)
}
