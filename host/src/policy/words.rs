//! A policy in words: a paragraph for each part of it.

mod content;
mod rego;
mod relation;
mod requirement;
mod signer;

use serde_json::Value;

use super::view::{list, text, texts};

/// What one part of a policy demands or believes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paragraph {
    /// JSON pointer (RFC 6901) of the part.
    pub path: String,
    /// The words. Names and patterns stand in them as the policy has them.
    pub text: String,
}

/// Tells of one part of a policy.
type OfPart = fn(&Value) -> String;

/// Adds what is to be said of a requirement.
type Say = fn(&Value, &mut Words);

/// The whole policy in words: the mode, trust roots, authorities, builders, verifiers, rules,
/// exceptions.
pub fn explanation(document: &Value) -> Vec<Paragraph> {
    let mut paragraphs = vec![Paragraph {
        path: String::new(),
        text: general(document),
    }];
    let parts: [(&str, OfPart); 6] = [
        ("trustRoots", signer::trust_root),
        ("authorities", signer::authority),
        ("builders", signer::builder),
        ("verifiers", signer::verifier),
        ("rules", rule),
        ("exceptions", exception),
    ];
    for (array, words) in parts {
        for (index, part) in list(document, array).iter().enumerate() {
            paragraphs.push(Paragraph {
                path: format!("/{array}/{index}"),
                text: words(part),
            });
        }
    }
    paragraphs
}

fn general(document: &Value) -> String {
    let mut words = Words::default();
    let name = document
        .get("metadata")
        .map_or("", |data| text(data, "name"));
    let mode = match text(document, "mode") {
        "warn" => "what its rules do not allow passes with a warning (mode warn)",
        "audit" => "what its rules do not allow passes and is recorded (mode audit)",
        _ => "what its rules do not allow is denied (mode enforce)",
    };
    words.say(format!("Policy `{name}`: {mode}"));
    for of_namespaces in list(document, "modes") {
        let mode = text(of_namespaces, "mode");
        let namespaces = selection(of_namespaces);
        words.say(format!(
            "Requests {namespaces} have at most the mode {mode}"
        ));
    }
    words.say(match document.get("insecureAllowUnmatchedImages") {
        Some(Value::Bool(true)) => "Images that no rule matches run".to_owned(),
        _ => "Images that no rule matches are denied".to_owned(),
    });
    let images = document.get("images").unwrap_or(&Value::Null);
    words.say(match text(images, "tags") {
        "deny" => "Images that are named by a tag alone are denied".to_owned(),
        _ => "Tags are pinned to the digest that was decided about".to_owned(),
    });
    for mirror in list(images, "mirrors") {
        let (from, to) = (text(mirror, "from"), text(mirror, "to"));
        words.say(format!("Rules see images of `{from}` as those of `{to}`"));
    }
    let subjects = images.get("subjects").unwrap_or(&Value::Null);
    for (name, what) in [
        ("index", "an index that lists the image"),
        ("platforms", "every platform manifest that the image lists"),
    ] {
        if subjects.get(name) == Some(&Value::Bool(true)) {
            words.say(format!("Evidence may be about {what}"));
        }
    }
    let limits = document.get("limits").and_then(Value::as_object);
    for (name, limit) in limits.into_iter().flatten() {
        words.say(format!("The limit `{name}` is {limit}"));
    }
    words.0
}

fn rule(rule: &Value) -> String {
    let mut words = Words::default();
    let requirements: [(&str, Say); 7] = [
        ("signature", requirement::signature),
        ("attestation", requirement::attestation),
        ("provenance", requirement::provenance),
        ("verificationSummary", requirement::summary),
        ("sbom", content::sbom),
        ("vulnerabilities", content::vulnerabilities),
        ("rego", rego::rego),
    ];
    let images = either(&texts(rule, "images"));
    words.say(format!(
        "Rule `{}` is for every image that matches {images}",
        text(rule, "name")
    ));
    if let Some(selection) = rule.get("match") {
        words.say(format!(
            "It is for requests {} alone",
            self::selection(selection)
        ));
    }
    match text(rule, "mode") {
        "" => {}
        mode => words.say(format!(
            "Its mode is {mode}, whatever that of the policy is"
        )),
    }
    match text(rule, "effectiveOn") {
        "" => {}
        date => words.say(format!("It takes effect on {date}; before, it only warns")),
    }
    for (name, say) in requirements {
        if let Some(requirement) = rule.get(name) {
            say(requirement, &mut words);
        }
    }
    relation::relations(rule, &mut words);
    words.0
}

fn exception(exception: &Value) -> String {
    let mut words = Words::default();
    let rules = joined(&quoted(&texts(exception, "rules")), "and");
    words.say(format!(
        "Exception `{}`: the images that match {} need not meet {rules} until {}",
        text(exception, "name"),
        either(&texts(exception, "images")),
        text(exception, "ends"),
    ));
    if exception.get("namespaces").is_some() {
        words.say(format!("It is for requests {} alone", selection(exception)));
    }
    if let Some(approval) = exception.get("approval") {
        words.say(format!(
            "It counts only if `{}` has approved it",
            text(approval, "signedBy")
        ));
    }
    words.say(format!("The reason: {}", text(exception, "reason")));
    words.0
}

fn selection(selection: &Value) -> String {
    let mut parts = Vec::new();
    for (name, preposition) in [
        ("namespaces", "in namespaces"),
        ("excludeNamespaces", "outside of namespaces"),
    ] {
        if let namespaces @ [_, ..] = texts(selection, name).as_slice() {
            parts.push(format!("{preposition} {}", either(namespaces)));
        }
    }
    if let Some(labels) = selection.get("labels") {
        parts.push(format!("about objects with labels {labels}"));
    }
    parts.join(" and ")
}

/// Sentences, one after the other.
#[derive(Default)]
struct Words(String);

impl Words {
    fn say(&mut self, sentence: impl AsRef<str>) {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(sentence.as_ref());
        self.0.push('.');
    }
}

/// Names or patterns, between backquotes: `a`, `a` or `b`, `a`, `b` or `c`.
fn either(parts: &[&str]) -> String {
    joined(&quoted(parts), "or")
}

fn quoted(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| format!("`{part}`")).collect()
}

fn joined(parts: &[impl AsRef<str>], word: &str) -> String {
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    match parts.split_last() {
        Some((last, head @ [_, ..])) => format!("{} {word} {last}", head.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}

/// How a text must be: `exactly …`, `like …`, `matching the regular expression …`.
fn matcher(matcher: &Value) -> String {
    for (form, words) in [
        ("exact", "exactly"),
        ("glob", "like"),
        ("regexp", "like the regular expression"),
    ] {
        if let Some(pattern) = matcher.get(form).and_then(Value::as_str) {
            return format!("{words} `{pattern}`");
        }
    }
    String::new()
}

/// Members with matchers, such as `sourceRepositoryRef like refs/tags/v*`.
fn matchers(members: &Value) -> String {
    let members = members.as_object().into_iter().flatten();
    let members: Vec<String> = members
        .map(|(name, pattern)| format!("`{name}` {}", matcher(pattern)))
        .collect();
    joined(&members, "and")
}
