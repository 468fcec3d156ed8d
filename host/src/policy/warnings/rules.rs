//! Weak rules.

use serde_json::Value;

use super::authorities::{UNTRUSTED_TRIGGERS, builder_id};
use super::{Warning, Weakness};
use crate::policy::pattern;
use crate::policy::view::{is_true, list, named, signed_by, text, texts};

/// Families of predicates that are true on the day on which they are made.
const FINDINGS: [&str; 4] = ["cosignVuln", "openVex", "osvResults", "vulns"];

/// Every weakness of the rules.
pub(super) fn rules(document: &Value, found: &mut Vec<Warning>) {
    for (index, rule) in list(document, "rules").iter().enumerate() {
        let path = format!("/rules/{index}");
        if rule.pointer("/match/labels").is_some() {
            let path = format!("{path}/match/labels");
            found.push(Warning::new(path, Weakness::LabelsSelectRule));
        }
        if let Some(signature) = rule.get("signature") {
            self::signature(document, signature, &format!("{path}/signature"), found);
        }
        if let Some(attestation) = rule.get("attestation") {
            self::attestation(attestation, &format!("{path}/attestation"), found);
        }
        if let Some(provenance) = rule.get("provenance") {
            self::provenance(provenance, &format!("{path}/provenance"), found);
        }
        if let Some(licenses) = rule.pointer("/sbom/licenses") {
            super::licenses::licenses(licenses, &format!("{path}/sbom/licenses"), found);
        }
        if let Some(scan) = rule.get("vulnerabilities")
            && scan.get("maximum").is_none()
            && scan.get("maximumScore").is_none()
        {
            let path = format!("{path}/vulnerabilities");
            found.push(Warning::new(path, Weakness::VulnerabilitiesUnlimited));
        }
        if let Some(summary) = rule.get("verificationSummary")
            && summary.get("maximumAge").is_none()
        {
            let path = format!("{path}/verificationSummary");
            found.push(Warning::new(path, Weakness::AgeUnlimited));
        }
    }
}

fn signature(document: &Value, signature: &Value, path: &str, found: &mut Vec<Warning>) {
    for authority in signed_by(signature) {
        let key = named(document, "authorities", authority).and_then(|signer| signer.get("key"));
        if key.is_some_and(|key| is_true(key, "insecureIgnoreTransparencyLog")) {
            let path = format!("{path}/signedBy");
            let authority = authority.to_owned();
            found.push(Warning::new(
                path,
                Weakness::KeySignatureWithoutLog { authority },
            ));
        }
    }
}

fn attestation(attestation: &Value, path: &str, found: &mut Vec<Warning>) {
    let predicate_type = attestation.get("predicateType").map(pattern::written);
    let predicate_type = predicate_type.unwrap_or_default();
    let is_finding = FINDINGS.contains(&text(attestation, "family"))
        || ["vuln", "openvex"]
            .iter()
            .any(|word| predicate_type.contains(word));
    let conditions = list(attestation, "conditions");
    let bounded = |condition: &Value| {
        condition.get("maximumAge").is_some() || condition.get("notBefore").is_some()
    };
    if is_finding && attestation.get("maximumAge").is_none() && !conditions.iter().any(bounded) {
        found.push(Warning::new(path, Weakness::AgeUnlimited));
    }
}

fn provenance(provenance: &Value, path: &str, found: &mut Vec<Warning>) {
    if let Some(source) = provenance.get("source") {
        self::source(source, &format!("{path}/source"), found);
    }
    if let Some(id) = provenance.pointer("/builder/id") {
        builder_id(id, &format!("{path}/builder/id"), found);
    }
    let triggers = texts(provenance, "triggers");
    for (index, trigger) in triggers.iter().enumerate() {
        if UNTRUSTED_TRIGGERS.contains(trigger) {
            let path = format!("{path}/triggers/{index}");
            let trigger = (*trigger).to_owned();
            found.push(Warning::new(path, Weakness::TriggerUntrusted { trigger }));
        }
    }
    let level = |pointer| provenance.pointer(pointer).and_then(Value::as_u64);
    let isolated = level("/minimumLevels/build") >= Some(3) || level("/legacyLevel") >= Some(3);
    if isolated && triggers.is_empty() {
        found.push(Warning::new(path, Weakness::TriggersUnlimited));
    }
}

fn source(source: &Value, path: &str, found: &mut Vec<Warning>) {
    const PINS: [&str; 5] = ["ref", "branch", "tag", "versionTag", "commit"];
    if !PINS.iter().any(|pin| source.get(pin).is_some()) {
        found.push(Warning::new(path, Weakness::RefUnpinned));
        return;
    }
    // What is pinned otherwise may be of any ref.
    if ["tag", "versionTag", "commit"]
        .iter()
        .any(|pin| source.get(pin).is_some())
    {
        return;
    }
    const OPEN: [(&str, &[&str]); 2] = [("ref", &["", "refs/", "refs/heads/"]), ("branch", &[""])];
    let patterns = OPEN.iter().filter_map(|(name, open)| {
        let matcher = source.get(name)?;
        Some((*name, matcher, pattern::is_open_after(matcher, open)))
    });
    let patterns: Vec<_> = patterns.collect();
    // Both must hold, so the narrower one counts.
    if patterns.iter().all(|(_, _, open)| *open) {
        for (name, matcher, _) in patterns {
            let pattern = pattern::written(matcher).to_owned();
            found.push(Warning::new(
                format!("{path}/{name}"),
                Weakness::RefWide { pattern },
            ));
        }
    }
}
