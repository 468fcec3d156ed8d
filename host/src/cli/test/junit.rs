//! Results in the XML of JUnit: a suite for each test file, and one for the coverage.

use super::{Results, text};
use crate::policy_test::CaseReport;
use crate::report::junit::{Case, Outcome, Suite, write};

/// The results.
pub(super) fn document(results: &Results<'_>) -> String {
    let mut suites: Vec<Suite> = Vec::new();
    for case in &results.report.cases {
        let file = case.file.display().to_string();
        let written = self::case(case, &file);
        match suites.last_mut().filter(|suite| suite.name == file) {
            Some(suite) => suite.cases.push(written),
            None => suites.push(Suite {
                name: file,
                cases: vec![written],
            }),
        }
    }
    if results.cover {
        suites.push(coverage(results));
    }
    write(&suites)
}

fn case(case: &CaseReport, file: &str) -> Case {
    let outcome = match case.differences.first() {
        None => Outcome::Passed,
        Some(first) => Outcome::Failed {
            kind: "policy-test.failed".to_owned(),
            message: format!(
                "{}: {} is not {}",
                first.field, first.actual, first.expected
            ),
            text: plain(|output| text::failure(case, output)),
        },
    };
    Case {
        class_name: file.to_owned(),
        name: case.name.clone(),
        seconds: None,
        outcome,
    }
}

fn coverage(results: &Results<'_>) -> Suite {
    let outcome = if results.covers_enough() {
        Outcome::Passed
    } else {
        Outcome::Failed {
            kind: "policy-test.cover-minimum".to_owned(),
            message: format!("{} % is reached, not {} %", results.share, results.minimum),
            text: plain(|output| text::coverage(results, output)),
        }
    };
    Suite {
        name: "coverage".to_owned(),
        cases: vec![Case {
            class_name: "coverage".to_owned(),
            name: format!("at least {} %", results.minimum),
            seconds: None,
            outcome,
        }],
    }
}

/// Text without colours.
fn plain(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut output = anstream::StripStream::new(Vec::new());
    // Writing to memory does not fail.
    let _ = write(&mut output);
    String::from_utf8_lossy(&output.into_inner()).into_owned()
}
