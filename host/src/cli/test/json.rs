//! Results for programs.

use serde_json::{Value, json};

use super::Results;
use crate::policy_test::CaseReport;
use crate::policy_test::cover::{Coverage, Goal, What};

/// The results in one line.
pub(super) fn document(results: &Results<'_>) -> Vec<u8> {
    let report = results.report;
    let mut document = json!({
        "cases": report.cases.iter().map(case).collect::<Vec<_>>(),
        "failed": report.failed(),
        "passed": report.cases.len().saturating_sub(report.failed()),
    });
    if results.cover
        && let Some(members) = document.as_object_mut()
    {
        let policies: Vec<Value> = report.coverage.iter().map(coverage).collect();
        let coverage = json!({
            "minimum": results.minimum,
            "percent": results.share,
            "policies": policies,
        });
        members.insert("coverage".to_owned(), coverage);
    }
    let mut line = document.to_string().into_bytes();
    line.push(b'\n');
    line
}

fn case(case: &CaseReport) -> Value {
    let differences = case.differences.iter().map(|difference| {
        json!({
            "actual": difference.actual,
            "expected": difference.expected,
            "field": difference.field,
        })
    });
    let pieces = case.pieces.iter().map(|piece| {
        json!({
            "description": piece.description,
            "evidence": piece.position,
            "sha256": piece.sha256,
        })
    });
    json!({
        "decision": case.decision,
        "differences": differences.collect::<Vec<_>>(),
        "evidence": pieces.collect::<Vec<_>>(),
        "file": case.file,
        "name": case.name,
        "passed": case.passed(),
    })
}

fn coverage(coverage: &Coverage) -> Value {
    let goal = |goal: &Goal| {
        let (what, code) = match goal.what {
            What::Met => ("met", None),
            What::NotMet => ("notMet", None),
            What::Code(code) => ("code", Some(code)),
            What::Used => ("exceptionUsed", None),
        };
        json!({"code": code, "goal": what, "name": goal.of, "reached": goal.reached})
    };
    json!({
        "goals": coverage.goals.iter().map(goal).collect::<Vec<_>>(),
        "policy": coverage.policy,
        "reached": coverage.reached(),
    })
}
