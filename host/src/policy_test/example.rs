//! A text that a matcher of a policy fits.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::Value;

/// What stands for a wildcard of a glob.
const WILDCARD: &str = "1";

/// A text that a `StringMatcher` of a policy fits: the text itself, a glob with `1` for each wildcard,
/// or the shortest text of a regular expression, with its first alternatives.
///
/// `None` when it is no matcher, or a regular expression that fits nothing.
pub(super) fn of_matcher(matcher: &Value) -> Option<String> {
    let text = |form: &str| matcher.get(form).and_then(Value::as_str);
    if let Some(exact) = text("exact") {
        return Some(exact.to_owned());
    }
    if let Some(glob) = text("glob") {
        return Some(glob.replace("**", "*").replace('*', WILDCARD));
    }
    let mut example = String::new();
    let expression = regex_syntax::parse(text("regexp")?).ok()?;
    write(&expression, &mut example)?;
    Some(example)
}

fn write(expression: &Hir, example: &mut String) -> Option<()> {
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => example.push_str(core::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(class) => example.push(character(class)?),
        HirKind::Repetition(repetition) => {
            // A text of none is rarely what is meant by `.*` or `[a-z]*`.
            let least = repetition.min.max(u32::from(repetition.max != Some(0)));
            for _ in 0..least {
                write(&repetition.sub, example)?;
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, example)?,
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, example)?;
            }
        }
        HirKind::Alternation(alternatives) => write(alternatives.first()?, example)?,
    }
    Some(())
}

/// A character of a class: one that stands in identities, where there is one.
fn character(class: &Class) -> Option<char> {
    let fits = |wanted: char| match class {
        Class::Unicode(class) => {
            let mut ranges = class.iter();
            ranges.any(|range| (range.start()..=range.end()).contains(&wanted))
        }
        Class::Bytes(class) => {
            let byte = u8::try_from(wanted).ok();
            let mut ranges = class.iter();
            byte.is_some_and(|byte| {
                ranges.any(|range| (range.start()..=range.end()).contains(&byte))
            })
        }
    };
    if let Some(usual) = "1ax-".chars().find(|usual| fits(*usual)) {
        return Some(usual);
    }
    match class {
        Class::Unicode(class) => class.iter().next().map(|range| range.start()),
        Class::Bytes(class) => class.iter().next().map(|range| char::from(range.start())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::of_matcher;

    #[test]
    fn texts_that_matchers_fit() {
        let cases = [
            (json!({"exact": "a*b"}), Some("a*b")),
            (
                json!({"glob": "https://a.example/**"}),
                Some("https://a.example/1"),
            ),
            (json!({"glob": "*@a.example"}), Some("1@a.example")),
            (json!({"glob": "v*.*"}), Some("v1.1")),
            (json!({"regexp": r"^v[0-9]+\.[0-9]{2}$"}), Some("v1.11")),
            (json!({"regexp": "(main|release)/.*"}), Some("main/1")),
            (json!({"regexp": "[^a-z1]?x"}), Some("-x")),
            (json!({"regexp": "[q-s]+"}), Some("q")),
            (json!({"regexp": "a{0}b"}), Some("b")),
            (json!({"regexp": "("}), None),
            (json!({"regexp": "[a&&b]"}), None),
            (json!({}), None),
        ];
        for (matcher, example) in cases {
            assert_eq!(of_matcher(&matcher).as_deref(), example, "{matcher}");
        }
    }
}
