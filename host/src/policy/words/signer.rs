//! Trust roots, authorities, builders and verifiers in words.

use serde_json::Value;

use super::{Words, either, joined, matcher, matchers, quoted};
use crate::policy::view::{is_true, list, text, texts};

const THRESHOLDS: [(&str, &str); 5] = [
    ("transparencyLogThreshold", "entries in transparency logs"),
    (
        "signedCertificateTimestampThreshold",
        "promises of certificate-transparency logs",
    ),
    ("observerTimestampThreshold", "sources of time"),
    ("integratedTimestampThreshold", "times promised by logs"),
    ("signedTimestampThreshold", "timestamps of authorities"),
];

pub(super) fn trust_root(root: &Value) -> String {
    let mut words = Words::default();
    let origin = match (root.get("trustedRoot"), root.get("pem")) {
        (Some(_), _) => "written into the policy",
        (None, Some(_)) => "written into the policy as PEM, for all times",
        (None, None) => "supplied by the host",
    };
    words.say(format!("Trust root `{}`: {origin}", text(root, "name")));
    let requirements = root.get("requirements").unwrap_or(&Value::Null);
    words.say(match text(requirements, "profile") {
        "publicGoodRekorV2" => {
            "Profile publicGoodRekorV2: one transparency log, one certificate-transparency log, one timestamp authority"
        }
        "gitHub" => "Profile gitHub: one timestamp authority, no logs",
        "private" => "Profile private: one source of time, logs only by threshold",
        _ => {
            "Profile publicGood: one transparency log, one certificate-transparency log, one source of time"
        }
    });
    for (name, what) in THRESHOLDS {
        if let Some(count) = requirements.get(name) {
            words.say(format!("At least {count} {what} are demanded"));
        }
    }
    if is_true(requirements, "insecureCurrentTime") {
        words.say("The time of the decision counts as the time of signing");
    }
    if let Some(witnesses) = root.get("witnesses") {
        let names: Vec<&str> = list(witnesses, "keys")
            .iter()
            .map(|key| text(key, "name"))
            .collect();
        let threshold = witnesses.get("threshold").unwrap_or(&Value::Null);
        words.say(format!(
            "At least {threshold} of the witnesses {} must have cosigned",
            joined(&quoted(&names), "and")
        ));
    }
    words.0
}

pub(super) fn authority(authority: &Value) -> String {
    let mut words = Words::default();
    let name = text(authority, "name");
    if let Some(key) = authority.get("key") {
        let log = match text(key, "trustRoot") {
            "" => "no log need hold what it signs".to_owned(),
            root => format!("the log of the trust root `{root}` must hold what it signs"),
        };
        words.say(format!("Authority `{name}`: the holder of a key; {log}"));
        if is_true(key, "insecureIgnoreTransparencyLog") {
            words.say("Signatures count that no log holds");
        }
        match key.get("validFor") {
            None => words.say("The key counts at all times"),
            Some(interval) => match text(interval, "end") {
                "" => words.say(format!("The key counts from {}", text(interval, "start"))),
                end => words.say(format!(
                    "The key counts from {} to {end}",
                    text(interval, "start")
                )),
            },
        }
        return words.0;
    }
    if let Some(certificate) = authority.get("certificate") {
        let subjects = list(certificate, "subjects").iter();
        words.say(format!(
            "Authority `{name}`: whoever has a certificate of the private authority in the trust root `{}`",
            text(certificate, "trustRoot")
        ));
        words.say(format!(
            "The subject is {}",
            joined(&subjects.map(matcher).collect::<Vec<_>>(), "or")
        ));
        return words.0;
    }
    let keyless = authority.get("keyless").unwrap_or(&Value::Null);
    words.say(format!(
        "Authority `{name}`: whoever has a certificate of the trust root `{}` for one of these identities",
        text(keyless, "trustRoot")
    ));
    for identity in list(keyless, "identities") {
        let part = |name| identity.get(name).map(matcher).unwrap_or_default();
        let mut sentence = format!(
            "The subject is {}, and the issuer that vouches for it is {}",
            part("subject"),
            part("issuer")
        );
        if let Some(extensions) = identity.get("extensions") {
            sentence.push_str(&format!("; {}", matchers(extensions)));
        }
        words.say(sentence);
    }
    words.0
}

pub(super) fn builder(builder: &Value) -> String {
    let mut words = Words::default();
    let level = builder.get("maximumLevel").unwrap_or(&Value::Null);
    words.say(format!(
        "Builder `{}`: calls itself {}, is signed for by {}, and is believed up to SLSA Build level {level}",
        text(builder, "name"),
        builder.get("id").map(matcher).unwrap_or_default(),
        either(&texts(builder, "signedBy")),
    ));
    if is_true(builder, "delegated") {
        words.say("Its signer vouches for a builder that is not itself");
    }
    if let properties @ [_, ..] = texts(builder, "properties").as_slice() {
        words.say(format!(
            "All of its builds are {}",
            joined(properties, "and")
        ));
    }
    match text(builder, "operator") {
        "" => {}
        operator => words.say(format!("`{operator}` runs it")),
    }
    words.0
}

pub(super) fn verifier(verifier: &Value) -> String {
    let mut words = Words::default();
    let levels = verifier.get("maximumLevels").unwrap_or(&Value::Null);
    words.say(format!(
        "Verifier `{}`: calls itself {}, is signed for by {}, and is believed up to {}",
        text(verifier, "name"),
        verifier.get("id").map(matcher).unwrap_or_default(),
        either(&texts(verifier, "signedBy")),
        super::requirement::levels(levels),
    ));
    words.0
}
