//! Change over time: rules that take effect later, modes, exceptions and their approvals.

use anyhow::Result;
use sealstone_forge::{Signer, Statement, StatementType, Subject};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::cases::Case;
use super::world::{by_key, by_person, call, key, own_root, person, policy, signature};

pub(super) fn cases() -> Result<Vec<Case>> {
    let mut cases = dates()?;
    cases.extend(modes()?);
    cases.extend(exceptions()?);
    Ok(cases)
}

/// Two rules, each of which asks for a signature with the key of its name; the second has these members,
/// too.
fn asking(second: Value, more: Value) -> Value {
    let signed =
        |name: &str| json!({"name": name, "images": ["**"], "signature": {"signedBy": [name]}});
    let mut new = signed("new");
    if let (Some(new), Value::Object(second)) = (new.as_object_mut(), second) {
        new.extend(second);
    }
    let mut members = own_root();
    if let (Some(members), Value::Object(more)) = (members.as_object_mut(), more) {
        members.extend(more);
    }
    let authorities = [
        key("old"),
        key("new"),
        person("security", "security@example.com"),
    ];
    policy(&authorities, json!([signed("old"), new]), members)
}

/// What meets the first rule alone.
fn old() -> Result<Vec<Value>> {
    Ok(vec![signature(&by_key("old"))?])
}

fn dates() -> Result<Vec<Case>> {
    let on = |date: &str| asking(json!({"effectiveOn": date}), json!({}));
    let (tomorrow, today) = (on("2026-06-02T00:00:00Z"), on("2026-06-01T00:00:00Z"));
    Ok(vec![
        Case::allowed("rule-not-in-effect-yet", call(&tomorrow, old()?)),
        Case::rejected(
            "rule-in-effect-today",
            "signature.invalid",
            call(&today, old()?),
        ),
        Case::rejected(
            "rule-not-in-effect-beside-one-that-is",
            "signature.invalid",
            call(&tomorrow, vec![signature(&by_key("new"))?]),
        ),
    ])
}

fn modes() -> Result<Vec<Case>> {
    let of_rule = |mode: &str| asking(json!({"mode": mode}), json!({}));
    let excluded = json!([{"excludeNamespaces": ["production"], "mode": "warn"}]);
    let of_namespace = asking(json!({}), json!({"modes": excluded}));
    Ok(vec![
        Case::rejected(
            "mode-of-a-rule-warn",
            "signature.invalid",
            call(&of_rule("warn"), old()?),
        ),
        Case::rejected(
            "mode-of-a-rule-audit",
            "signature.invalid",
            call(&of_rule("audit"), old()?),
        ),
        // The other rule is enforced.
        Case::rejected(
            "mode-of-a-rule-beside-an-enforced-one",
            "signature.invalid",
            call(&of_rule("audit"), vec![signature(&by_key("stranger"))?]),
        ),
        Case::rejected(
            "mode-of-namespaces",
            "signature.invalid",
            call(&of_namespace, old()?),
        ),
    ])
}

/// An exception from the second rule.
fn exception(ends: &str) -> Value {
    json!({"name": "legacy", "images": ["registry.example/**"], "rules": ["new"],
        "reason": "moves to the new pipeline", "ends": ends})
}

fn approved(mut exception: Value, signer: &Signer<'_>, of: &Value) -> Result<Value> {
    // The members of a JSON object are sorted here.
    let digest = Sha256::digest(of.to_string().as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let statement = Statement {
        statement_type: StatementType::V1,
        subject: vec![Subject::new("exception", &format!("sha256:{hex}"))],
        predicate_type: "https://sealstone.dev/exception/v0.1".to_owned(),
        predicate: json!({}),
    };
    let bundle: Value = serde_json::from_slice(&signer.attest(&statement)?.content)?;
    exception["approval"] = json!({"signedBy": "security", "bundle": bundle});
    Ok(exception)
}

fn exceptions() -> Result<Vec<Case>> {
    let with = |exception: Value| asking(json!({}), json!({"exceptions": [exception]}));
    let (far, near, past) = (
        exception("2027-01-01T00:00:00Z"),
        exception("2026-06-10T00:00:00Z"),
        exception("2026-05-31T00:00:00Z"),
    );
    let security = by_person("security@example.com");
    let another = by_person("ann@example.com");
    let invalid = "signature.invalid";
    Ok(vec![
        Case::allowed("exception", call(&with(far.clone()), old()?)),
        Case::allowed("exception-that-ends-soon", call(&with(near), old()?)),
        Case::rejected("exception-that-ended", invalid, call(&with(past), old()?)),
        Case::rejected(
            "exception-without-a-readable-end",
            invalid,
            call(&with(exception("soon")), old()?),
        ),
        Case::allowed(
            "exception-approved",
            call(&with(approved(far.clone(), &security, &far)?), old()?),
        ),
        Case::rejected(
            "exception-approved-by-somebody-else",
            invalid,
            call(&with(approved(far.clone(), &another, &far)?), old()?),
        ),
        Case::rejected(
            "exception-changed-after-its-approval",
            invalid,
            call(
                &with(approved(
                    far,
                    &security,
                    &exception("2026-12-01T00:00:00Z"),
                )?),
                old()?,
            ),
        ),
    ])
}
