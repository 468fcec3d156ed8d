//! Signatures and attestations: by keys, by certificates, in logs of both kinds.

use std::collections::BTreeMap;

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_forge::{
    EntryKind, Evidence, Fault, SIMPLE_SIGNING_MEDIA_TYPE, Signer, TimestampAuthority,
    TransparencyLog,
};
use serde_json::{Value, json};

use super::cases::Case;
use super::world::{
    DIGEST, IMAGE, attestation, by_key, by_person, call, call_with, key, key_pair, own_root,
    person, policy, rule, signature, trusted_root,
};

const SCAN: &str = "https://scan.example/v1";

pub(super) fn cases() -> Result<Vec<Case>> {
    let mut cases = by_keys()?;
    cases.extend(by_certificates()?);
    cases.extend(thresholds()?);
    cases.extend(attestations()?);
    Ok(cases)
}

fn by_keys() -> Result<Vec<Case>> {
    let asked = json!({"signedBy": ["release"]});
    let policy_by_key = policy(&[key("release")], rule("signature", asked), json!({}));
    let annotated = json!({"signedBy": ["release"], "annotations": {"env": {"exact": "prod"}}});
    let annotated = policy(&[key("release")], rule("signature", annotated), json!({}));
    let signed = |signer: &Signer<'_>| Ok::<_, anyhow::Error>(vec![signature(signer)?]);
    let release = || by_key("release");
    let unavailable = json!([{"reference": IMAGE, "digest": DIGEST, "evidence": [],
        "unavailable": "the registry answered 503"}]);
    let request = json!({"images": [{"reference": IMAGE, "digest": DIGEST}]});
    Ok(vec![
        Case::allowed(
            "signature-by-key",
            call(&policy_by_key, signed(&release())?),
        ),
        Case::rejected(
            "signature-by-another-key",
            "signature.invalid",
            call(&policy_by_key, signed(&by_key("stranger"))?),
        ),
        Case::rejected(
            "signature-over-another-image",
            "simple-signing.digest-mismatch",
            call(
                &policy_by_key,
                signed(&release().fault(Fault::SubjectOtherDigest))?,
            ),
        ),
        Case::rejected(
            "signature-missing",
            "evidence.missing",
            call(&policy_by_key, vec![]),
        ),
        Case {
            name: "signature-unavailable",
            outcome: "unavailable",
            code: "evidence.unavailable",
            call: call_with(&policy_by_key, request, unavailable),
        },
        Case::allowed(
            "signed-annotation",
            call(&annotated, vec![annotation(&json!({"env": "prod"}))]),
        ),
        Case::rejected(
            "signed-annotation-of-another-value",
            "signature.annotation-mismatch",
            call(
                &annotated,
                vec![annotation(&json!({"env": "tést \u{1}\u{2028}😀"}))],
            ),
        ),
    ])
}

/// A signature by the key `release` with this under `optional`, as `cosign sign -a` makes it.
fn annotation(optional: &Value) -> Value {
    let payload = json!({
        "critical": {
            "identity": {"docker-reference": IMAGE},
            "image": {"docker-manifest-digest": DIGEST},
            "type": "cosign container image signature",
        },
        "optional": optional,
    });
    let content = payload.to_string().into_bytes();
    let signature = STANDARD.encode(key_pair("release").sign(&content));
    super::world::piece(&Evidence {
        media_type: SIMPLE_SIGNING_MEDIA_TYPE.to_owned(),
        content,
        annotations: BTreeMap::from([("dev.cosignproject.cosign/signature".to_owned(), signature)]),
    })
}

fn by_certificates() -> Result<Vec<Case>> {
    let people = [person("people", "*@example.com")];
    let asked = || rule("signature", json!({"signedBy": ["people"]}));
    let by_certificate = policy(&people, asked(), own_root());
    let named = policy(&people, asked(), json!({"trustRoots": [{"name": "root"}]}));
    let fresh = json!({"signedBy": ["people"], "maximumAge": "1h"});
    let fresh = policy(&people, rule("signature", fresh), own_root());
    let ann = || by_person("ann@example.com");
    let mut supplied = call(&named, vec![signature(&ann())?]);
    supplied["trustedRoots"] = json!([{"name": "root", "trustedRoot": trusted_root()}]);
    let rekor_v2 = ann()
        .entry(TransparencyLog::RekorV2, EntryKind::HashedRekordV002)
        .timestamp(TimestampAuthority::First);
    let bundle =
        |signer: &Signer<'_>| attestation(signer, "https://sigstore.dev/cosign/sign/v1", json!({}));
    Ok(vec![
        Case::allowed(
            "signature-by-certificate",
            call(&by_certificate, vec![signature(&ann())?]),
        ),
        Case::allowed("signature-under-a-supplied-trust-root", supplied),
        Case::allowed(
            "signature-in-rekor-v2",
            call(&by_certificate, vec![bundle(&rekor_v2)?]),
        ),
        Case::rejected(
            "signature-by-another-person",
            "identity.subject-mismatch",
            call(
                &by_certificate,
                vec![signature(&by_person("ann@example.org"))?],
            ),
        ),
        Case::rejected(
            "log-promise-missing",
            "time.missing",
            call(
                &by_certificate,
                vec![bundle(&ann().fault(Fault::SetMissing))?],
            ),
        ),
        Case::rejected(
            "inclusion-proof-of-another-entry",
            "inclusion-proof.root-mismatch",
            call(
                &by_certificate,
                vec![bundle(&ann().fault(Fault::InclusionIndexWrong))?],
            ),
        ),
        Case::rejected(
            "certificate-expired",
            "certificate.expired",
            call(
                &by_certificate,
                vec![signature(&ann().fault(Fault::LeafExpired))?],
            ),
        ),
        Case::rejected(
            "signature-too-old",
            "evidence.too-old",
            call(&fresh, vec![signature(&ann())?]),
        ),
    ])
}

fn thresholds() -> Result<Vec<Case>> {
    let authorities = [key("one"), key("two"), key("three")];
    let asked = json!({"signedBy": {"atLeast": {"count": 2, "of": ["one", "two", "three"]}}});
    let two = policy(&authorities, rule("signature", asked), json!({}));
    let one = signature(&by_key("one"))?;
    let other = signature(&by_key("three"))?;
    Ok(vec![
        Case::allowed("two-of-three", call(&two, vec![one.clone(), other])),
        Case::rejected(
            "one-of-three-twice",
            "signers.not-enough",
            call(&two, vec![one.clone(), one]),
        ),
    ])
}

fn attestations() -> Result<Vec<Case>> {
    let asking = |quantifier: &str| {
        let asked = json!({
            "signedBy": ["scanner"],
            "predicateType": {"exact": SCAN},
            "quantifier": quantifier,
            "conditions": [
                {"field": "/result", "equals": "pass"},
                {"field": "/critical", "atMost": 0},
            ],
        });
        policy(&[key("scanner")], rule("attestation", asked), json!({}))
    };
    let scan = |predicate| attestation(&by_key("scanner"), SCAN, predicate);
    let good = scan(json!({"result": "pass", "critical": 0}))?;
    let bad = scan(json!({"result": "pass", "critical": 3}))?;
    // A type that tells canonical forms of JSON apart, and stands in the decision.
    let odd = "https://scan.example/\u{e9}\u{1f600}\u{2029}\u{fffd}\"\\<>&";
    let any_type = json!({
        "signedBy": ["scanner"],
        "predicateType": {"glob": "https://scan.example/*"},
        "quantifier": "any",
    });
    let any_type = policy(&[key("scanner")], rule("attestation", any_type), json!({}));
    Ok(vec![
        Case::allowed(
            "attestation-of-an-odd-type",
            call(
                &any_type,
                vec![attestation(&by_key("scanner"), odd, json!({}))?],
            ),
        ),
        Case::allowed(
            "attestation-any",
            call(&asking("any"), vec![good.clone(), bad.clone()]),
        ),
        Case::rejected(
            "attestation-all",
            "attestation.field-mismatch",
            call(&asking("all"), vec![good, bad]),
        ),
    ])
}
