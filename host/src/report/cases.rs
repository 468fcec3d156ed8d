//! A decision as a test report: each rule of each image is a case.

use super::finding::{Finding, Findings, Status};
use super::junit::{self, Case, Outcome, Suite};
use crate::code_table;

/// Writes a decision as JUnit XML: a suite an image, a case a rule.
///
/// A rule that is not met is a failure whatever its mode is; what could not be found out is an error; a
/// rule that an exception excuses from, or that is not in effect yet, is skipped.
pub fn to_junit(findings: &Findings) -> String {
    let class = findings.policy.as_deref().unwrap_or("sealstone");
    let mut suites: Vec<Suite> = Vec::new();
    for finding in &findings.findings {
        let name = match &finding.image {
            Some(image) => image.full(),
            None => "request".to_owned(),
        };
        let case = case(class, finding);
        match suites.last_mut().filter(|suite| suite.name == name) {
            Some(suite) => suite.cases.push(case),
            None => suites.push(Suite {
                name,
                cases: vec![case],
            }),
        }
    }
    junit::write(&suites)
}

fn case(class: &str, finding: &Finding) -> Case {
    let (code, message) = (&finding.code, &finding.message);
    let outcome = match finding.status {
        Status::Pass => Outcome::Passed,
        Status::Warn | Status::Skip => Outcome::Skipped {
            message: format!("{}{message} ({code})", why_skipped(finding)),
        },
        Status::Fail => Outcome::Failed {
            kind: code.clone(),
            message: message.clone(),
            text: lines(finding),
        },
        Status::Error => Outcome::Error {
            kind: code.clone(),
            message: message.clone(),
            text: lines(finding),
        },
    };
    let of_image = || match finding.image {
        Some(_) => "image".to_owned(),
        None => "request".to_owned(),
    };
    Case {
        class_name: class.to_owned(),
        name: finding.rule.clone().unwrap_or_else(of_image),
        seconds: None,
        outcome,
    }
}

fn why_skipped(finding: &Finding) -> String {
    let detail = |wanted| {
        let mut details = finding.details.iter();
        details.find_map(|(name, text)| (*name == wanted).then_some(text))
    };
    match (detail("effectiveOn"), detail("exception"), detail("reason")) {
        (Some(date), _, _) => format!("in effect from {date}: "),
        (_, Some(exception), Some(reason)) => format!("exception {exception} ({reason}): "),
        _ => String::new(),
    }
}

fn lines(finding: &Finding) -> String {
    let mut lines = vec![
        format!("{}: {}", finding.code, finding.message),
        format!("mode: {}", finding.mode.as_str()),
    ];
    let details = finding.details.iter();
    lines.extend(details.map(|(name, text)| format!("{name}: {text}")));
    if let Some(row) = code_table::row(&finding.code) {
        lines.push(format!("what to do: {}", row.action));
    }
    lines.join("\n")
}
