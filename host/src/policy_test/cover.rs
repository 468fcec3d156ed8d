//! What the cases of a policy reach, and what they leave out.

mod goals;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::compare;

/// What the cases reach of a policy.
#[derive(Debug)]
#[non_exhaustive]
pub struct Coverage {
    /// The policy.
    pub policy: PathBuf,
    /// What there is to reach, in the order of the policy.
    pub goals: Vec<Goal>,
}

/// Something that a case can show.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Goal {
    /// The rule, or the exception, by its name.
    pub of: String,
    /// What a case can show of it.
    pub what: What,
    /// Whether one does.
    pub reached: bool,
}

/// What a case can show.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// The rule is met.
    Met,
    /// The rule is not met.
    NotMet,
    /// The rule, or a piece of evidence in its eyes, has this code.
    Code(&'static str),
    /// The exception excuses from a rule.
    Used,
}

impl Coverage {
    /// How many goals are reached.
    pub fn reached(&self) -> usize {
        self.goals.iter().filter(|goal| goal.reached).count()
    }
}

/// The share of the goals that are reached, in percent, rounded down; 100 where there is none.
pub fn percent(coverage: &[Coverage]) -> usize {
    let goals: usize = coverage.iter().map(|of| of.goals.len()).sum();
    let reached: usize = coverage.iter().map(Coverage::reached).sum();
    reached
        .saturating_mul(100)
        .checked_div(goals)
        .unwrap_or(100)
}

/// What decisions reach of a policy.
pub(super) fn of<'a>(
    path: &Path,
    policy: &Value,
    decisions: impl Iterator<Item = &'a Value>,
) -> Coverage {
    let shown = Shown::of(decisions);
    let list = |name: &str| {
        policy
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let mut goals = Vec::new();
    for rule in list("rules") {
        let Some(name) = rule.get("name").and_then(Value::as_str) else {
            continue;
        };
        let codes = goals::codes(policy, rule).into_iter().map(What::Code);
        for what in [What::Met, What::NotMet].into_iter().chain(codes) {
            goals.push(shown.goal(name, what));
        }
    }
    for exception in list("exceptions") {
        if let Some(name) = exception.get("name").and_then(Value::as_str) {
            goals.push(shown.goal(name, What::Used));
        }
    }
    Coverage {
        policy: path.to_owned(),
        goals,
    }
}

/// What decisions show.
#[derive(Default)]
struct Shown<'a> {
    met: BTreeSet<&'a str>,
    not_met: BTreeSet<&'a str>,
    codes: BTreeSet<(&'a str, &'a str)>,
    exceptions: BTreeSet<&'a str>,
}

impl<'a> Shown<'a> {
    fn of(decisions: impl Iterator<Item = &'a Value>) -> Self {
        let mut shown = Self::default();
        for rule in decisions.flat_map(compare::rules) {
            let text = |name: &str| rule.get(name).and_then(Value::as_str);
            let Some(name) = text("rule") else {
                continue;
            };
            if text("result") == Some("pass") {
                shown.met.insert(name);
            } else {
                shown.not_met.insert(name);
            }
            let pieces = rule.get("evidence").and_then(Value::as_array);
            let pieces = pieces.into_iter().flatten();
            let codes = pieces.filter_map(|piece| piece.get("code")?.as_str());
            shown
                .codes
                .extend(codes.chain(text("code")).map(|code| (name, code)));
            let exception = rule.pointer("/exception/name").and_then(Value::as_str);
            shown.exceptions.extend(exception);
        }
        shown
    }

    fn goal(&self, of: &str, what: What) -> Goal {
        let reached = match what {
            What::Met => self.met.contains(of),
            What::NotMet => self.not_met.contains(of),
            What::Code(code) => self.codes.contains(&(of, code)),
            What::Used => self.exceptions.contains(of),
        };
        Goal {
            of: of.to_owned(),
            what,
            reached,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::{What, of, percent};

    fn decision(result: &str, code: &str, piece: &str) -> Value {
        json!({"images": [{"rules": [
            {"rule": "signed", "result": result, "code": code, "evidence": [{"code": piece}]},
        ]}]})
    }

    #[test]
    fn what_is_left_out() {
        let policy = json!({
            "authorities": [{"name": "release", "key": {}}],
            "rules": [{"name": "signed", "signature": {"signedBy": ["release"]}}],
            "exceptions": [{"name": "legacy"}],
        });
        let missing = |decisions: &[Value]| {
            let coverage = of(Path::new("p"), &policy, decisions.iter());
            let goals = coverage.goals.iter().filter(|goal| !goal.reached);
            let missing: Vec<What> = goals.map(|goal| goal.what.clone()).collect();
            (missing, percent(&[coverage]))
        };
        let (all, share) = missing(&[]);
        assert_eq!((all.len(), share), (5, 0));
        let met = decision("pass", "ok", "signature.invalid");
        let (some, share) = missing(core::slice::from_ref(&met));
        let left = vec![What::NotMet, What::Code("evidence.missing"), What::Used];
        assert_eq!((some, share), (left, 40));
        let mut excused = decision("skip", "evidence.missing", "x");
        excused["images"][0]["rules"][0]["exception"] = json!({"name": "legacy"});
        assert_eq!(missing(&[met, excused]), (vec![], 100));
        assert_eq!(percent(&[]), 100);
    }
}
