//! Decisions for programs that are not ours.

use clap::ValueEnum;

use super::error::Error;
use super::write_result;
use crate::report::{self, Findings};

/// How a decision is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum DecisionOutput {
    /// For people.
    #[default]
    Text,
    /// For programs: the decision, as `sealstone schema decision` describes it.
    Json,
    /// JUnit XML: a test case for each rule and image.
    Junit,
    /// SARIF 2.1.0, for code scanning: what is not met.
    Sarif,
    /// A `Report` of openreports.io/v1alpha1, for Kubernetes.
    Openreports,
}

/// A format of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReportFormat {
    Junit,
    Sarif,
    OpenReports,
}

impl ReportFormat {
    /// Writes findings to standard output.
    pub(super) fn write(self, findings: &Findings) -> Result<(), Error> {
        let mut text = match self {
            Self::Junit => return write_result(report::to_junit(findings).as_bytes()),
            Self::Sarif => report::to_sarif(findings).to_string(),
            Self::OpenReports => report::to_open_reports(findings).to_string(),
        };
        text.push('\n');
        write_result(text.as_bytes())
    }
}
