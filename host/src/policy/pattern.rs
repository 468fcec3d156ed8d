//! How much a pattern for identities leaves open.

use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::literal::{ExtractKind, Extractor, Literal};
use serde_json::Value;

/// How far a pattern for a subject or a builder id reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// Within one owner: everything before the first wildcard names who it is.
    Owner,
    /// The name of the owner is not closed: `https://github.com/acme**` fits `acme-evil` too.
    OwnerPrefix,
    /// Whoever the issuer vouches for.
    Anybody,
}

/// The fixed texts at one end of what a pattern matches.
#[derive(Debug)]
struct Fixed {
    text: String,
    /// Whether the text is all that is matched.
    whole: bool,
}

/// The pattern as it is written.
pub(super) fn written(matcher: &Value) -> &str {
    ["exact", "glob", "regexp"]
        .into_iter()
        .find_map(|form| matcher.get(form)?.as_str())
        .unwrap_or_default()
}

/// Whether the pattern is one text.
pub(super) fn is_exact(matcher: &Value) -> bool {
    matcher.get("exact").is_some()
}

/// How far the pattern reaches, taken for one of a subject or a builder id.
pub(super) fn reach(matcher: &Value) -> Reach {
    let (heads, tails) = (heads(matcher), tails(matcher));
    // An address such as `*@example.com` is closed at its end.
    let is_address = |tail: &Fixed| {
        let domain = tail.text.rsplit_once('@').map(|(_, domain)| domain);
        domain.is_some_and(|domain| domain.contains('.') && !domain.contains('/'))
    };
    if !heads.iter().any(|head| head.text.contains("://")) && tails.iter().all(is_address) {
        return Reach::Owner;
    }
    heads.iter().map(reach_of).max().unwrap_or(Reach::Anybody)
}

fn reach_of(head: &Fixed) -> Reach {
    if head.whole {
        return Reach::Owner;
    }
    let Some((scheme, rest)) = head.text.split_once("://") else {
        return Reach::Anybody;
    };
    let Some((_, path)) = rest.split_once('/') else {
        return Reach::Anybody;
    };
    match path.split_once('/') {
        // A trust domain is an owner.
        _ if scheme == "spiffe" => Reach::Owner,
        Some((owner, _)) if !owner.is_empty() => Reach::Owner,
        None if !path.is_empty() => Reach::OwnerPrefix,
        _ => Reach::Anybody,
    }
}

/// Whether the pattern names one workflow, at refs that not everybody can make.
pub(super) fn names_workflow(matcher: &Value) -> bool {
    const OPEN: [&str; 3] = ["", "refs/", "refs/heads/"];
    let names = |head: &Fixed| {
        let git_ref = head.text.split_once('@').map(|(_, git_ref)| git_ref);
        head.whole || git_ref.is_some_and(|git_ref| !OPEN.contains(&git_ref))
    };
    heads(matcher).iter().all(names)
}

/// Whether the pattern leaves open what follows one of these texts.
pub(super) fn is_open_after(matcher: &Value, texts: &[&str]) -> bool {
    let open = |head: &Fixed| !head.whole && texts.contains(&head.text.as_str());
    heads(matcher).iter().any(open)
}

/// Whether a `.` in a regular expression stands alone, where it matches any character.
pub(super) fn has_lone_dot(matcher: &Value) -> bool {
    let parsed = matcher.get("regexp").and_then(Value::as_str);
    let parsed = parsed.and_then(|pattern| ast::parse::Parser::new().parse(pattern).ok());
    parsed.is_some_and(|ast| lone_dot(&ast))
}

/// The parser bounds the nesting.
fn lone_dot(ast: &Ast) -> bool {
    match ast {
        Ast::Dot(_) => true,
        Ast::Repetition(repetition) => match &*repetition.ast {
            Ast::Dot(_) => false,
            other => lone_dot(other),
        },
        Ast::Group(group) => lone_dot(&group.ast),
        Ast::Alternation(alternation) => alternation.asts.iter().any(lone_dot),
        Ast::Concat(concat) => concat.asts.iter().any(lone_dot),
        _ => false,
    }
}

/// What each text that matches begins with: one of these.
fn heads(matcher: &Value) -> Vec<Fixed> {
    match glob(matcher) {
        Some(glob) => vec![match glob.split_once('*') {
            Some((head, _)) => Fixed::part(head),
            None => Fixed::whole(glob),
        }],
        None => literals(matcher, ExtractKind::Prefix),
    }
}

/// What each text that matches ends with.
fn tails(matcher: &Value) -> Vec<Fixed> {
    match glob(matcher) {
        Some(glob) => vec![match glob.rsplit_once('*') {
            Some((_, tail)) => Fixed::part(tail),
            None => Fixed::whole(glob),
        }],
        None => literals(matcher, ExtractKind::Suffix),
    }
}

/// The pattern, if it is a glob or an exact text without wildcards.
fn glob(matcher: &Value) -> Option<&str> {
    let text = |form| matcher.get(form).and_then(Value::as_str);
    text("glob").or_else(|| text("exact"))
}

impl Fixed {
    fn part(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            whole: false,
        }
    }

    fn whole(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            whole: true,
        }
    }
}

/// The fixed texts of a regular expression; the empty one where nothing is fixed.
fn literals(matcher: &Value, kind: ExtractKind) -> Vec<Fixed> {
    let nothing = || vec![Fixed::part("")];
    let pattern = matcher.get("regexp").and_then(Value::as_str);
    let mut parser = regex_syntax::ParserBuilder::new();
    let mut parser = parser.unicode(false).utf8(false).build();
    let Some(hir) = pattern.and_then(|pattern| parser.parse(pattern).ok()) else {
        return nothing();
    };
    let mut extractor = Extractor::new();
    extractor.kind(kind).limit_literal_len(1024);
    let found = extractor.extract(&hir);
    let fixed = |literals: &[Literal]| {
        let literals = literals.iter().map(|literal| Fixed {
            text: String::from_utf8_lossy(literal.as_bytes()).into_owned(),
            whole: literal.is_exact(),
        });
        literals.collect()
    };
    found.literals().map_or_else(nothing, fixed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Reach, has_lone_dot, names_workflow, reach};

    #[test]
    fn patterns_reach_as_far_as_they_leave_open() {
        let cases = [
            ("glob", "https://github.com/acme/**", Reach::Owner),
            ("glob", "https://github.com/acme/app", Reach::Owner),
            ("glob", "https://github.com/acme**", Reach::OwnerPrefix),
            ("glob", "https://github.com/acme*/app", Reach::OwnerPrefix),
            ("glob", "https://github.com/**", Reach::Anybody),
            ("glob", "https://github.com/*/app", Reach::Anybody),
            ("glob", "https://github.com**", Reach::Anybody),
            ("glob", "https://**", Reach::Anybody),
            ("glob", "**", Reach::Anybody),
            ("glob", "**/acme/app@refs/heads/main", Reach::Anybody),
            ("glob", "*@example.com", Reach::Owner),
            ("glob", "release@*", Reach::Anybody),
            ("glob", "spiffe://example.org/**", Reach::Owner),
            ("exact", "anything", Reach::Owner),
            ("regexp", r"https://github\.com/acme/.*", Reach::Owner),
            ("regexp", r"^https://github\.com/acme/(a|b)$", Reach::Owner),
            ("regexp", r"https://github\.com/acme.*", Reach::OwnerPrefix),
            ("regexp", r"https://github\.com/[a-z]+/app", Reach::Anybody),
            ("regexp", r"https://github.com/acme/.*", Reach::Anybody),
            ("regexp", r"https://a\.b/c/d|.*", Reach::Anybody),
            ("regexp", ".*", Reach::Anybody),
            ("regexp", r".*@example\.com", Reach::Owner),
            ("regexp", "(", Reach::Anybody),
        ];
        for (form, pattern, expected) in cases {
            assert_eq!(reach(&json!({form: pattern})), expected, "{pattern}");
        }
        assert_eq!(reach(&json!({})), Reach::Anybody);
    }

    #[test]
    fn a_workflow_is_named_up_to_its_ref() {
        let workflow = "https://github.com/acme/build/.github/workflows/build.yml";
        let cases = [
            ("exact", "@refs/heads/main", true),
            ("glob", "@refs/tags/v*", true),
            ("glob", "@refs/heads/release-*", true),
            ("glob", "@refs/heads/*", false),
            ("glob", "@**", false),
            ("glob", "**", false),
            ("regexp", r"@refs/tags/v[0-9.]+", true),
            ("regexp", "@.*", false),
        ];
        for (form, end, expected) in cases {
            let pattern = json!({form: format!("{workflow}{end}")});
            let pattern = match form {
                "regexp" => json!({form: format!("{}{end}", workflow.replace('.', r"\."))}),
                _ => pattern,
            };
            assert_eq!(names_workflow(&pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn a_dot_that_is_not_repeated_stands_alone() {
        let cases = [
            (r"https://github.com/acme/.*", true),
            (r"https://github\.com/acme/.*", false),
            (r"(a|b.c)+", true),
            (r"v[0-9.]+", false),
            (r".+", false),
            ("(", false),
        ];
        for (pattern, expected) in cases {
            assert_eq!(
                has_lone_dot(&json!({"regexp": pattern})),
                expected,
                "{pattern}"
            );
        }
        assert!(!has_lone_dot(&json!({"glob": "a.b"})));
    }
}
