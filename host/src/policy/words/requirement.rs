//! What rules require, in words.

use serde_json::Value;

use super::{Words, either, joined, matcher, matchers};
use crate::policy::view::{is_true, list, text, texts};

pub(super) fn signature(signature: &Value, words: &mut Words) {
    words.say(format!("It needs a signature by {}", signed_by(signature)));
    if let Some(annotations) = signature.get("annotations") {
        words.say(format!(
            "The signer must have signed the annotations {}",
            matchers(annotations)
        ));
    }
    maximum_age(signature, words);
}

pub(super) fn attestation(attestation: &Value, words: &mut Words) {
    let what = match attestation.get("predicateType") {
        Some(predicate_type) => format!("of the predicate type {}", matcher(predicate_type)),
        None => format!("of the family `{}`", text(attestation, "family")),
    };
    words.say(format!(
        "It needs an attestation {what}, signed by {}",
        signed_by(attestation)
    ));
    conditions(attestation, "its predicate", words);
    words.say(match text(attestation, "quantifier") {
        "all" => "All attestations of this kind must meet that, and there must be one",
        _ => "One such attestation is enough",
    });
    maximum_age(attestation, words);
}

pub(super) fn provenance(provenance: &Value, words: &mut Words) {
    words.say(match texts(provenance, "builders").as_slice() {
        [] => format!(
            "It needs SLSA provenance signed by {}",
            signed_by(provenance)
        ),
        builders => format!(
            "It needs SLSA provenance of the builder {}",
            either(builders)
        ),
    });
    if let Some(builder) = provenance.get("builder") {
        let id = builder.get("id").map(matcher).unwrap_or_default();
        let delegated = match is_true(builder, "delegated") {
            true => ", for which the signer vouches",
            false => "",
        };
        words.say(format!("The builder calls itself {id}{delegated}"));
    }
    if let Some(source) = provenance.get("source") {
        self::source(source, words);
    }
    for (name, what) in [
        ("buildType", "The build type"),
        ("runnerEnvironment", "The runner"),
        ("deploymentEnvironment", "The deployment environment"),
    ] {
        if let Some(pattern) = provenance.get(name) {
            words.say(format!("{what} is {}", matcher(pattern)));
        }
    }
    words.say(match texts(provenance, "triggers").as_slice() {
        [] => "Whatever started the build will do".to_owned(),
        triggers => format!("The build was started by {}", either(triggers)),
    });
    if let Some(inputs) = provenance.get("workflowInputs") {
        words.say(format!(
            "Whoever started the workflow gave {}",
            matchers(inputs)
        ));
    }
    if let Some(parameters) = provenance.get("externalParameters") {
        conditions(parameters, "the external parameters", words);
        words.say(match is_true(parameters, "insecureIgnoreOthers") {
            true => "Other parameters may be anything",
            false => "There are no other parameters",
        });
    }
    demanded(provenance, words);
    if let Some(level) = provenance.get("legacyLevel") {
        words.say(format!(
            "Level {level} of the ladder of SLSA v0.1 is reached"
        ));
    }
    if let verifiers @ [_, ..] = texts(provenance, "sourceVerifiedBy").as_slice() {
        words.say(format!(
            "The source commit was verified by {}",
            either(verifiers)
        ));
    }
    maximum_age(provenance, words);
}

pub(super) fn summary(summary: &Value, words: &mut Words) {
    words.say(format!(
        "It needs a verification summary by {} about {}",
        either(&texts(summary, "verifiedBy")),
        either(&texts(summary, "resourceUris")),
    ));
    demanded(summary, words);
    if let rules @ [_, ..] = texts(summary, "inputAttestations").as_slice() {
        words.say(format!(
            "It was made from attestations that were brought: every one meets {}, and there is one for each of them",
            either(rules)
        ));
    }
    maximum_age(summary, words);
}

/// `SLSA Build level 3 and SLSA Source level 2`.
pub(super) fn levels(levels: &Value) -> String {
    let tracks = [("build", "Build"), ("source", "Source")];
    let levels = tracks.iter().filter_map(|(name, track)| {
        let level = levels.get(name)?;
        Some(format!("SLSA {track} level {level}"))
    });
    joined(&levels.collect::<Vec<_>>(), "and")
}

fn demanded(requirement: &Value, words: &mut Words) {
    if let Some(levels) = requirement.get("minimumLevels") {
        words.say(format!("At least {} is reached", self::levels(levels)));
    }
    if let properties @ [_, ..] = texts(requirement, "properties").as_slice() {
        words.say(format!("It is known to be {}", joined(properties, "and")));
    }
}

fn source(source: &Value, words: &mut Words) {
    let mut sentence = format!("The source is `{}`", text(source, "uri"));
    let mut pinned = false;
    for (name, what) in [
        ("ref", "ref"),
        ("branch", "branch"),
        ("tag", "tag"),
        ("commit", "commit"),
    ] {
        if let Some(pattern) = source.get(name) {
            sentence.push_str(&format!(", {what} {}", matcher(pattern)));
            pinned = true;
        }
    }
    match text(source, "versionTag") {
        "" => {}
        version => {
            sentence.push_str(&format!(", a tag of version `{version}`"));
            pinned = true;
        }
    }
    for (name, what) in [
        ("repositoryId", "with the repository number"),
        ("ownerId", "with the owner number"),
    ] {
        if let Some(pattern) = source.get(name) {
            sentence.push_str(&format!(", {what} {}", matcher(pattern)));
        }
    }
    if !pinned {
        sentence.push_str(", at any ref and commit");
    }
    words.say(sentence);
}

fn conditions(parent: &Value, what: &str, words: &mut Words) {
    for condition in list(parent, "conditions") {
        let field = match text(condition, "field") {
            "" => "all of it".to_owned(),
            field => format!("`{field}`"),
        };
        let tests = condition.as_object().into_iter().flatten();
        for (test, operand) in tests.filter(|(name, _)| *name != "field") {
            words.say(format!("In {what}, {field} {}", said(test, operand)));
        }
    }
}

/// What a condition asks of its field.
fn said(test: &str, operand: &Value) -> String {
    match test {
        "equals" => format!("is {operand}"),
        "notEquals" => format!("is there and is not {operand}"),
        "oneOf" => format!("is one of {operand}"),
        "matches" => format!("is {}", matcher(operand)),
        "atLeast" => format!("is at least {operand}"),
        "atMost" => format!("is at most {operand}"),
        "contains" => format!("contains {operand}"),
        "doesNotContain" => format!("does not contain {operand}"),
        "maximumLength" => format!("has at most {operand} elements"),
        "notBefore" => format!("is not before {operand}"),
        "maximumAge" => format!("is at most {operand} old"),
        _ => format!("meets `{test}` {operand}"),
    }
}

pub(super) fn maximum_age(requirement: &Value, words: &mut Words) {
    words.say(match text(requirement, "maximumAge") {
        "" => "Its age does not matter".to_owned(),
        age => format!("It was signed at most {age} before the decision"),
    });
}

pub(super) fn signed_by(requirement: &Value) -> String {
    match requirement.get("signedBy") {
        Some(Value::Array(elements)) => {
            joined(&elements.iter().map(signers).collect::<Vec<_>>(), "or")
        }
        Some(combination) => signers(combination),
        None => String::new(),
    }
}

fn signers(element: &Value) -> String {
    let of = |value: &Value| -> Vec<String> {
        let elements = value.as_array().into_iter().flatten();
        elements.map(signers).collect()
    };
    if let Some(name) = element.as_str() {
        format!("`{name}`")
    } else if let Some(all) = element.get("allOf") {
        format!("all of ({})", of(all).join(", "))
    } else if let Some(any) = element.get("anyOf") {
        format!("any of ({})", of(any).join(", "))
    } else if let Some(at_least) = element.get("atLeast") {
        let count = at_least.get("count").unwrap_or(&Value::Null);
        let names = at_least.get("of").map(of).unwrap_or_default();
        format!(
            "at least {count} different signers of ({})",
            names.join(", ")
        )
    } else {
        String::new()
    }
}
