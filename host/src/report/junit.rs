//! Test reports in the XML of JUnit, as CI systems read it.
//!
//! The format has no specification. What is written keeps to what every reader agrees on: the elements
//! `testsuites`, `testsuite` and `testcase`, with at most one `failure`, `error` or `skipped` in a case.

use core::fmt::Write as _;

/// Cases that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// What the cases are about.
    pub name: String,
    /// The cases, in the order in which they are written.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What the case belongs to; readers group by it.
    pub class_name: String,
    /// What the case is called within its class.
    pub name: String,
    /// How long it took. Nothing is written for a number that is negative or not finite.
    pub seconds: Option<f64>,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "JUnit has these four")]
pub enum Outcome {
    /// As it should.
    Passed,
    /// Not as it should.
    Failed {
        /// The code of the failure.
        kind: String,
        /// One line.
        message: String,
        /// Everything else, of any number of lines.
        text: String,
    },
    /// It was not run, or does not count.
    Skipped {
        /// Why.
        message: String,
    },
    /// It could not be found out.
    Error {
        /// The code of the error.
        kind: String,
        /// One line.
        message: String,
        /// Everything else, of any number of lines.
        text: String,
    },
}

/// Writes a report. The same suites give the same bytes.
///
/// Characters that XML forbids, that steer terminals or that hide text are written as escapes, such as
/// `\u{1b}`; only the texts of failures and errors keep their line breaks and tabs.
pub fn write(suites: &[Suite]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    counts(suites.iter().flat_map(|suite| &suite.cases), &mut xml);
    xml.push_str(">\n");
    for suite in suites {
        xml.push_str("  <testsuite");
        attribute("name", &suite.name, &mut xml);
        counts(suite.cases.iter(), &mut xml);
        xml.push_str(">\n");
        for case in &suite.cases {
            write_case(case, &mut xml);
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn write_case(case: &Case, xml: &mut String) {
    xml.push_str("    <testcase");
    attribute("classname", &case.class_name, xml);
    attribute("name", &case.name, xml);
    if let Some(seconds) = duration(case) {
        time(seconds, xml);
    }
    let (element, kind, message, text) = match &case.outcome {
        Outcome::Passed => {
            xml.push_str("/>\n");
            return;
        }
        Outcome::Failed {
            kind,
            message,
            text,
        } => ("failure", kind.as_str(), message, text.as_str()),
        Outcome::Error {
            kind,
            message,
            text,
        } => ("error", kind.as_str(), message, text.as_str()),
        Outcome::Skipped { message } => ("skipped", "", message, ""),
    };
    xml.push_str(">\n      <");
    xml.push_str(element);
    if !kind.is_empty() {
        attribute("type", kind, xml);
    }
    attribute("message", message, xml);
    if text.is_empty() {
        xml.push_str("/>\n");
    } else {
        xml.push('>');
        escape(text, |character| matches!(character, '\n' | '\t'), xml);
        xml.push_str("</");
        xml.push_str(element);
        xml.push_str(">\n");
    }
    xml.push_str("    </testcase>\n");
}

/// How many cases there are of which kind, and how long they took where one says so.
fn counts<'a>(cases: impl Iterator<Item = &'a Case> + Clone, xml: &mut String) {
    let count = |wanted: fn(&Outcome) -> bool| {
        let cases = cases.clone().filter(|case| wanted(&case.outcome));
        cases.count().to_string()
    };
    attribute("tests", &count(|_| true), xml);
    let failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed { .. });
    attribute("failures", &count(failed), xml);
    let error = |outcome: &Outcome| matches!(outcome, Outcome::Error { .. });
    attribute("errors", &count(error), xml);
    let skipped = |outcome: &Outcome| matches!(outcome, Outcome::Skipped { .. });
    attribute("skipped", &count(skipped), xml);
    if cases.clone().any(|case| duration(case).is_some()) {
        time(cases.filter_map(duration).sum(), xml);
    }
}

fn duration(case: &Case) -> Option<f64> {
    let is_time = |seconds: &f64| seconds.is_finite() && *seconds >= 0.0;
    case.seconds.filter(is_time)
}

fn time(seconds: f64, xml: &mut String) {
    attribute("time", &format!("{seconds:.3}"), xml);
}

fn attribute(name: &str, value: &str, xml: &mut String) {
    xml.push(' ');
    xml.push_str(name);
    xml.push_str("=\"");
    escape(value, |_| false, xml);
    xml.push('"');
}

/// Writes text so that it is text everywhere, with the characters as they are that `keep` names.
fn escape(text: &str, keep: impl Fn(char) -> bool, xml: &mut String) {
    for character in text.chars() {
        match character {
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '&' => xml.push_str("&amp;"),
            '"' => xml.push_str("&quot;"),
            '\'' | '\\' => xml.push(character),
            _ if keep(character) || character.escape_debug().len() == 1 => xml.push(character),
            _ => {
                let _ = write!(xml, "{}", character.escape_debug());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, Outcome, Suite, write};

    fn case(name: &str, seconds: Option<f64>, outcome: Outcome) -> Case {
        Case {
            class_name: "class".to_owned(),
            name: name.to_owned(),
            seconds,
            outcome,
        }
    }

    fn failed(message: &str, text: &str) -> Outcome {
        Outcome::Failed {
            kind: "a.code".to_owned(),
            message: message.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn suites_count_their_cases() {
        let error = Outcome::Error {
            kind: "b.code".to_owned(),
            message: "gone".to_owned(),
            text: "why".to_owned(),
        };
        let skipped = Outcome::Skipped {
            message: "later".to_owned(),
        };
        let suites = [
            Suite {
                name: "first".to_owned(),
                cases: vec![
                    case("good", Some(0.25), Outcome::Passed),
                    case("bad", Some(1.5), failed("no", "one\n\ttwo")),
                    case("odd", Some(f64::NAN), skipped),
                ],
            },
            Suite {
                name: "second".to_owned(),
                cases: vec![case("lost", Some(-1.0), error)],
            },
        ];
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\" time=\"1.750\">
  <testsuite name=\"first\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" time=\"1.750\">
    <testcase classname=\"class\" name=\"good\" time=\"0.250\"/>
    <testcase classname=\"class\" name=\"bad\" time=\"1.500\">
      <failure type=\"a.code\" message=\"no\">one
\ttwo</failure>
    </testcase>
    <testcase classname=\"class\" name=\"odd\">
      <skipped message=\"later\"/>
    </testcase>
  </testsuite>
  <testsuite name=\"second\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">
    <testcase classname=\"class\" name=\"lost\">
      <error type=\"b.code\" message=\"gone\">why</error>
    </testcase>
  </testsuite>
</testsuites>
";
        assert_eq!(write(&suites), expected);
    }

    #[test]
    fn nothing_is_a_report() {
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites tests=\"0\" failures=\"0\" errors=\"0\" skipped=\"0\">
</testsuites>
";
        assert_eq!(write(&[]), expected);
    }

    #[test]
    fn text_stays_text() {
        let cases = [
            (
                "</failure><x a='b'>&amp;",
                "&lt;/failure&gt;&lt;x a='b'&gt;&amp;amp;",
            ),
            ("]]>", "]]&gt;"),
            ("a\\b\"c", "a\\b&quot;c"),
            ("\u{0}\u{1b}[2J\u{7f}\u{9b}", "\\0\\u{1b}[2J\\u{7f}\\u{9b}"),
            ("\u{fffe}\u{ffff}", "\\u{fffe}\\u{ffff}"),
            (
                "a\u{202e}b\u{2066}c\u{2028}",
                "a\\u{202e}b\\u{2066}c\\u{2028}",
            ),
            ("ä€漢", "ä€漢"),
        ];
        for (text, escaped) in cases {
            let suite = Suite {
                name: text.to_owned(),
                cases: vec![case(text, None, failed(text, text))],
            };
            let xml = write(&[suite]);
            let attributes = [
                format!("<testsuite name=\"{escaped}\" "),
                format!(" name=\"{escaped}\">"),
                format!(" message=\"{escaped}\">{escaped}</failure>"),
            ];
            for wanted in attributes {
                assert!(xml.contains(&wanted), "{wanted}\n{xml}");
            }
        }
        let lines = Suite {
            name: "a\n\tb\r".to_owned(),
            cases: vec![case("c", None, failed("d", "e\r\n\tf"))],
        };
        let xml = write(&[lines]);
        assert!(xml.contains("name=\"a\\n\\tb\\r\""), "{xml}");
        assert!(xml.contains(">e\\r\n\tf</failure>"), "{xml}");
    }

    /// Every character is either written as one that XML allows, or as an escape.
    #[test]
    fn no_character_is_forbidden() {
        let every: String = ('\0'..=char::MAX).collect();
        let xml = write(&[Suite {
            name: every.clone(),
            cases: vec![case("c", None, failed("d", &every))],
        }]);
        let is_allowed = |character: char| match character {
            '\n' | '\t' => true,
            '\u{20}'..='\u{fffd}' | '\u{10000}'.. => !character.is_control(),
            _ => false,
        };
        assert_eq!(xml.chars().find(|it| !is_allowed(*it)), None);
    }
}
