//! What was found about a policy.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::cli::printable::Printable;
use crate::cli::style::{BAD, GOOD, HELP, LABEL};
use crate::policy::{Paragraph, Warning};
use crate::runtime::Problem;

/// The `apiVersion` of the report.
const API_VERSION: &str = "sealstone.dev/v1alpha1";

/// An image, and whether the policy speaks of it.
pub(super) struct Image {
    pub(super) reference: String,
    pub(super) covered: bool,
    rules: Vec<String>,
}

impl Image {
    /// Reads one image of a decision that was made without evidence.
    pub(super) fn of(image: &Value) -> Self {
        let text = |value: &Value, name: &str| {
            let text = value.get(name).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let code = text(image, "code");
        let rules = image.get("rules").and_then(Value::as_array);
        Self {
            reference: text(image, "reference"),
            covered: !["image.no-rule", "image.insecure-unmatched"].contains(&code.as_str()),
            rules: rules
                .into_iter()
                .flatten()
                .map(|rule| text(rule, "rule"))
                .collect(),
        }
    }
}

/// What was found about a policy: problems, or everything else.
pub(super) struct Report {
    policy: String,
    problems: Vec<Value>,
    explanation: Vec<Paragraph>,
    warnings: Vec<Found>,
    images: Vec<Image>,
}

struct Found {
    code: &'static str,
    path: String,
    message: String,
    advice: &'static str,
}

impl Report {
    /// The report on a policy that cannot be used.
    pub(super) fn of_problems(problems: &[Problem]) -> Self {
        let problems = problems.iter().map(|problem| {
            json!({"code": problem.code, "path": problem.path, "message": problem.message})
        });
        Self {
            policy: String::new(),
            problems: problems.collect(),
            explanation: Vec::new(),
            warnings: Vec::new(),
            images: Vec::new(),
        }
    }

    /// The report on a policy that can be used.
    pub(super) fn of_policy(
        document: &Value,
        explanation: Vec<Paragraph>,
        warnings: &[Warning],
        images: Vec<Image>,
    ) -> Self {
        let name = document.pointer("/metadata/name").and_then(Value::as_str);
        let warnings = warnings.iter().map(|warning| Found {
            code: warning.weakness.code(),
            path: warning.path.clone(),
            message: warning.weakness.to_string(),
            advice: warning.weakness.advice(),
        });
        Self {
            policy: name.unwrap_or_default().to_owned(),
            problems: Vec::new(),
            explanation,
            warnings: warnings.collect(),
            images,
        }
    }

    /// The report for programs.
    pub(super) fn to_json(&self) -> Value {
        let explanation = self
            .explanation
            .iter()
            .map(|paragraph| json!({"path": paragraph.path, "text": paragraph.text}));
        let warnings = self.warnings.iter().map(|found| {
            json!({"code": found.code, "path": found.path, "message": found.message, "advice": found.advice})
        });
        let images = self.images.iter().map(|image| {
            json!({"reference": image.reference, "covered": image.covered, "rules": image.rules})
        });
        json!({
            "apiVersion": API_VERSION,
            "kind": "PolicyCheck",
            "policy": self.policy,
            "valid": self.problems.is_empty(),
            "problems": self.problems,
            "explanation": explanation.collect::<Vec<_>>(),
            "warnings": warnings.collect::<Vec<_>>(),
            "images": images.collect::<Vec<_>>(),
        })
    }

    /// Writes the report for people.
    pub(super) fn write(&self, output: &mut impl Write) -> io::Result<()> {
        for paragraph in &self.explanation {
            writeln!(output, "{}", Printable(&paragraph.text))?;
        }
        for image in &self.images {
            let reference = Printable(&image.reference);
            write!(output, "{LABEL}image{LABEL:#} {reference}: ")?;
            if image.covered {
                let rules = image.rules.join(", ");
                writeln!(output, "{GOOD}covered{GOOD:#} by {}", Printable(&rules))?;
            } else {
                writeln!(output, "{BAD}no rule{BAD:#}")?;
            }
        }
        for found in &self.warnings {
            let (code, message) = (found.code, Printable(&found.message));
            write!(output, "{BAD}warning[{code}]{BAD:#}: ")?;
            if !found.path.is_empty() {
                write!(output, "{}: ", Printable(&found.path))?;
            }
            writeln!(output, "{message}")?;
            writeln!(output, "  {HELP}help{HELP:#}: {}", found.advice)?;
        }
        match self.warnings.len() {
            0 => writeln!(output, "{GOOD}no warnings{GOOD:#}"),
            1 => writeln!(output, "1 warning"),
            count => writeln!(output, "{count} warnings"),
        }
    }
}
