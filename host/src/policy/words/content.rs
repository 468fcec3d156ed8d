//! What rules require of bills of materials and vulnerability scans, in words.

use serde_json::Value;

use super::requirement::{maximum_age, signed_by};
use super::{Words, either, joined, matcher};
use crate::policy::view::{is_true, list, text, texts};

pub(super) fn sbom(sbom: &Value, words: &mut Words) {
    words.say(match texts(sbom, "formats").as_slice() {
        [] => format!("It needs an SBOM signed by {}", signed_by(sbom)),
        formats => format!(
            "It needs an SBOM in the format {}, signed by {}",
            either(formats),
            signed_by(sbom)
        ),
    });
    let tools: Vec<String> = list(sbom, "tools").iter().map(tool).collect();
    if !tools.is_empty() {
        words.say(format!("It was made by {}", joined(&tools, "or")));
    }
    if let Some(listed) = sbom.get("packages") {
        packages(listed, words);
    }
    if let Some(licenses) = sbom.get("licenses") {
        self::licenses(licenses, words);
    }
    if is_true(sbom, "complete") {
        words.say("It has every minimum element of the NTIA");
    }
    quantifier(sbom, "SBOM", words);
    maximum_age(sbom, words);
}

pub(super) fn vulnerabilities(scan: &Value, words: &mut Words) {
    words.say(format!(
        "It needs a vulnerability scan signed by {}",
        signed_by(scan)
    ));
    let scanners: Vec<String> = list(scan, "scanners").iter().map(matcher).collect();
    if !scanners.is_empty() {
        words.say(format!("The scanner is {}", joined(&scanners, "or")));
    }
    if let Some(age) = scan.get("maximumDatabaseAge").and_then(Value::as_str) {
        words.say(format!(
            "Its database was at most {age} old when it was signed"
        ));
    }
    for (severity, most) in scan
        .get("maximum")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let sides = [("fixable", " with a fix"), ("unfixable", " without a fix")];
        let of_side = |(name, side): (&str, &str)| {
            most.get(name)
                .map(|most| format!("It finds at most {most} of the severity `{severity}`{side}"))
        };
        match most {
            Value::Object(_) => sides
                .into_iter()
                .filter_map(of_side)
                .for_each(|it| words.say(it)),
            most => words.say(format!(
                "It finds at most {most} of the severity `{severity}`"
            )),
        }
    }
    if let Some(score) = scan.get("maximumScore").and_then(Value::as_str) {
        words.say(format!(
            "Nothing that it finds has a higher CVSS score than {score}"
        ));
    }
    for (severity, leeway) in scan
        .get("leeway")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let leeway = leeway.as_str().unwrap_or_default();
        words.say(format!(
            "What is of the severity `{severity}` counts {leeway} after it became public"
        ));
    }
    for exception in list(scan, "ignore") {
        let place = match text(exception, "package") {
            "" => String::new(),
            package => format!(" in `{package}`"),
        };
        words.say(format!(
            "`{}`{place} does not count until {}: {}",
            text(exception, "id"),
            text(exception, "until"),
            text(exception, "reason"),
        ));
    }
    if let Some(vex) = scan.get("vex") {
        let reasons = match texts(vex, "justifications").as_slice() {
            [] => String::new(),
            reasons => format!(", because of {}", either(reasons)),
        };
        words.say(format!(
            "VEX documents signed by {}, at most {} before the decision, say what does not matter{reasons}",
            either(&texts(vex, "signedBy")),
            text(vex, "maximumAge"),
        ));
    }
    quantifier(scan, "scan", words);
    maximum_age(scan, words);
}

fn tool(tool: &Value) -> String {
    let name = tool.get("name").map(matcher).unwrap_or_default();
    match tool.get("version") {
        Some(version) => format!("a tool named {name} of a version {}", matcher(version)),
        None => format!("a tool named {name}"),
    }
}

fn packages(packages: &Value, words: &mut Words) {
    let of = |name: &str| -> Vec<String> { list(packages, name).iter().map(package).collect() };
    if let allowed @ [_, ..] = of("allow").as_slice() {
        words.say(format!("Every package is {}", joined(allowed, "or")));
    }
    if let denied @ [_, ..] = of("deny").as_slice() {
        words.say(format!("No package is {}", joined(denied, "or")));
    }
    words.say(match is_true(packages, "insecureIgnoreUnidentified") {
        true => "Packages without package URL may be anything",
        false => "Every package has a package URL",
    });
}

fn package(package: &Value) -> String {
    let name = text(package, "package");
    match text(package, "versions") {
        "" => format!("`{name}`"),
        versions => format!("`{name}` of the versions `{versions}`"),
    }
}

fn licenses(licenses: &Value, words: &mut Words) {
    let which = match text(licenses, "of") {
        "declared" => "declared",
        _ => "concluded or declared",
    };
    if let allowed @ [_, ..] = texts(licenses, "allow").as_slice() {
        let allowed = either(allowed);
        words.say(format!("The {which} licences of a package are {allowed}"));
    }
    if let denied @ [_, ..] = texts(licenses, "deny").as_slice() {
        let denied = either(denied);
        words.say(format!("No {which} licence of a package is {denied}"));
    }
    words.say(match is_true(licenses, "insecureIgnoreUnknown") {
        true => "Packages whose licence is not known may have any",
        false => "The licence of every package is known",
    });
}

fn quantifier(requirement: &Value, what: &str, words: &mut Words) {
    words.say(match text(requirement, "quantifier") {
        "all" => format!("Every {what} must meet that, and there must be one"),
        _ => format!("One such {what} is enough"),
    });
}
