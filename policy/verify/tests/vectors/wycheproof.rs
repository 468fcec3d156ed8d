//! Signature vectors: `valid` verifies, `invalid` does not, `acceptable` may do either and is counted.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use sealstone_verify::internals::{Scheme, prepare_key, verify_signature};
use sealstone_verify::json::Value;
use sealstone_verify::{DigestAlgorithm, PublicKey};

use crate::folder::{self, from_hex, member};

pub(crate) fn trials(vectors: &Path) -> Vec<Trial> {
    folder::files(&vectors.join("wycheproof"))
        .into_iter()
        // Signatures of fixed length are not a form that Sigstore has.
        .filter(|path| !path.to_string_lossy().contains("p1363"))
        .flat_map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            let (all, edges) = (path.clone(), path.clone());
            [
                Trial::test(format!("wycheproof/{name}"), move || check(&all)),
                Trial::test(format!("lesson_25/wycheproof/{name}"), move || {
                    check_edges(&edges)
                }),
            ]
        })
        .collect()
}

/// Flags of signatures that say what a valid one says in another form, or that a careless verifier takes for valid.
const EDGES: &[&str] = &[
    "ArithmeticError",
    "BerEncodedPadding",
    "BerEncodedSignature",
    "IntegerOverflow",
    "InvalidAsnInPadding",
    "InvalidEncoding",
    "InvalidPadding",
    "InvalidTypesInSignature",
    "MissingZero",
    "ModifiedInteger",
    "ModifiedPadding",
    "ModifiedSignature",
    "RangeCheck",
    "ShortPadding",
    "SignatureMalleability",
    "SignatureWithGarbage",
    "TruncatedSignature",
    "WrongPrimitive",
];

/// Every file has edge cases, and none of those that are not `valid` verifies.
fn check_edges(path: &Path) -> Result<(), Failed> {
    let document = folder::json(path);
    let groups = document.get("testGroups").and_then(Value::as_array);
    let mut refused = 0;
    for group in groups.unwrap_or_default() {
        let key = PublicKey::from_pem(member(group, &["publicKeyPem"]));
        let scheme = scheme(group);
        let cases = group.get("tests").and_then(Value::as_array);
        for case in cases.unwrap_or_default() {
            let edge = EDGES.iter().any(|flag| has_flag(case, flag));
            if !edge || member(case, &["result"]) != "invalid" {
                continue;
            }
            let message = from_hex(member(case, &["msg"]));
            let signature = from_hex(member(case, &["sig"]));
            let key = key.as_ref().map_err(|error| error.code())?;
            if verify_signature(key, scheme, &message, &signature) {
                let id = case.get("tcId").and_then(Value::as_u64);
                return Err(format!("case {id:?} verifies").into());
            }
            refused += 1;
        }
    }
    if refused < 20 {
        return Err(format!("only {refused} edge cases").into());
    }
    Ok(())
}

fn check(path: &Path) -> Result<(), Failed> {
    let document = folder::json(path);
    let groups = document.get("testGroups").and_then(Value::as_array);
    let mut checked = 0;
    for group in groups.unwrap_or_default() {
        let key = PublicKey::from_pem(member(group, &["publicKeyPem"]));
        let prepared = PublicKey::from_pem(member(group, &["publicKeyPem"]));
        prepared.iter().for_each(prepare_key);
        let scheme = scheme(group);
        for case in group
            .get("tests")
            .and_then(Value::as_array)
            .unwrap_or_default()
        {
            let message = from_hex(member(case, &["msg"]));
            let signature = from_hex(member(case, &["sig"]));
            let verified = key
                .as_ref()
                .is_ok_and(|key| verify_signature(key, scheme, &message, &signature));
            let when_prepared = prepared
                .as_ref()
                .is_ok_and(|key| verify_signature(key, scheme, &message, &signature));
            let as_wanted = verified == when_prepared
                && match member(case, &["result"]) {
                    // Public exponents other than 65537 are not supported.
                    "valid" if has_flag(case, "SmallPublicKey") => !verified,
                    "valid" => verified,
                    "invalid" => !verified,
                    _ => true,
                };
            if !as_wanted {
                let id = case.get("tcId").and_then(Value::as_u64);
                return Err(format!(
                    "case {id:?}: verified {verified}, prepared {when_prepared}, key {key:?}"
                )
                .into());
            }
            checked += 1;
        }
    }
    let number = document.get("numberOfTests").and_then(Value::as_u64);
    if number == Some(checked) {
        Ok(())
    } else {
        Err(format!("{checked} of {number:?} cases were found").into())
    }
}

fn has_flag(case: &Value, flag: &str) -> bool {
    let flags = case.get("flags").and_then(Value::as_array);
    flags
        .unwrap_or_default()
        .iter()
        .any(|other| other.as_str() == Some(flag))
}

fn scheme(group: &Value) -> Scheme {
    let hash = || match member(group, &["sha"]) {
        "SHA-256" => DigestAlgorithm::Sha256,
        "SHA-384" => DigestAlgorithm::Sha384,
        "SHA-512" => DigestAlgorithm::Sha512,
        other => panic!("unknown hash {other}"),
    };
    match member(group, &["type"]) {
        "EcdsaVerify" => Scheme::Ecdsa(hash()),
        "EddsaVerify" => Scheme::Ed25519,
        "RsassaPkcs1Verify" => Scheme::RsaPkcs1(hash()),
        "RsassaPssVerify" => Scheme::RsaPss,
        other => panic!("unknown type {other}"),
    }
}
