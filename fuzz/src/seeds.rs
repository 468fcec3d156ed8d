//! The inputs that fuzzing starts from: everything that the forge makes, valid and with every fault.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_forge::{Evidence, Fault};
use serde_json::{Value, json};

use crate::world::{By, FORMS, SIGSTORE, make};

/// A seed: its file name and its bytes.
pub type Seed = (String, Vec<u8>);

/// The seeds of every target, each once.
pub fn all() -> Vec<(&'static str, Vec<Seed>)> {
    let mut targets = with_duplicates();
    for (_, seeds) in &mut targets {
        let mut seen = BTreeSet::new();
        seeds.retain(|(_, bytes)| seen.insert(bytes.clone()));
    }
    targets
}

fn with_duplicates() -> Vec<(&'static str, Vec<Seed>)> {
    let evidence: Vec<(String, Evidence)> = every().collect();
    let bundles: Vec<&(String, Evidence)> = evidence
        .iter()
        .filter(|(_, evidence)| evidence.annotations.is_empty())
        .collect();
    let nested = |find: fn(&Value) -> Vec<Vec<u8>>| -> Vec<Seed> {
        bundles
            .iter()
            .filter_map(|(name, evidence)| {
                Some((name, serde_json::from_slice(&evidence.content).ok()?))
            })
            .flat_map(|(name, bundle)| {
                let found = find(&bundle).into_iter().enumerate();
                found.map(move |(index, bytes)| (format!("{name}-{index}"), bytes))
            })
            .collect()
    };
    let documents: Vec<Seed> = evidence
        .iter()
        .map(|(name, evidence)| (name.clone(), evidence.content.clone()))
        .collect();
    vec![
        (
            "bundle",
            bundles
                .iter()
                .map(|(name, evidence)| (name.clone(), evidence.content.clone()))
                .collect(),
        ),
        (
            "legacy",
            evidence
                .iter()
                .filter(|(_, evidence)| !evidence.annotations.is_empty())
                .map(|(name, evidence)| (name.clone(), layer(evidence)))
                .collect(),
        ),
        ("json", documents),
        (
            "trusted_root",
            vec![("trusted-root".to_owned(), SIGSTORE.trusted_root())],
        ),
        ("certificate", nested(certificates)),
        ("sct_list", nested(sct_lists)),
        ("checkpoint", nested(checkpoints)),
        ("log_entry_body", nested(bodies)),
        ("statement", nested(payloads)),
    ]
}

/// Every form of evidence without a fault.
pub(crate) fn valid() -> impl Iterator<Item = (By, Evidence)> {
    FORMS.iter().flat_map(|(_, form)| {
        [By::Certificate, By::Key]
            .map(|by| (by, make(*form, by, None).expect("the forge makes it")))
    })
}

fn every() -> impl Iterator<Item = (String, Evidence)> {
    let faults = || std::iter::once(None).chain(Fault::ALL.iter().copied().map(Some));
    FORMS.iter().flat_map(move |(form, form_make)| {
        [By::Certificate, By::Key].into_iter().flat_map(move |by| {
            faults().filter_map(move |fault| {
                let name = fault.map_or("valid", Fault::name);
                let evidence = make(*form_make, by, fault).ok()?;
                Some((format!("{form}-{by:?}-{name}"), evidence))
            })
        })
    })
}

/// A layer with its annotations in one document, as [`crate::targets::legacy`] reads it.
fn layer(evidence: &Evidence) -> Vec<u8> {
    json!({
        "mediaType": evidence.media_type,
        "content": String::from_utf8_lossy(&evidence.content),
        "annotations": evidence.annotations,
    })
    .to_string()
    .into_bytes()
}

fn decode(value: &Value) -> Option<Vec<u8>> {
    STANDARD.decode(value.as_str()?).ok()
}

fn certificates(bundle: &Value) -> Vec<Vec<u8>> {
    let material = &bundle["verificationMaterial"];
    let chain = material["x509CertificateChain"]["certificates"].as_array();
    chain
        .into_iter()
        .flatten()
        .chain([&material["certificate"]])
        .filter_map(|certificate| decode(&certificate["rawBytes"]))
        .collect()
}

/// The SCT lists of the certificates.
fn sct_lists(bundle: &Value) -> Vec<Vec<u8>> {
    // OBJECT IDENTIFIER 1.3.6.1.4.1.11129.2.4.2
    const SCT_LIST: &[u8] = &[
        0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02,
    ];
    let list = |certificate: Vec<u8>| -> Option<Vec<u8>> {
        let at = certificate
            .windows(SCT_LIST.len())
            .position(|window| window == SCT_LIST)?;
        // Two OCTET STRINGs, one within the other.
        let value = octet_string(certificate.get(at + SCT_LIST.len()..)?)?;
        octet_string(value).map(<[u8]>::to_vec)
    };
    certificates(bundle).into_iter().filter_map(list).collect()
}

/// The contents of an OCTET STRING.
fn octet_string(der: &[u8]) -> Option<&[u8]> {
    match der {
        [4, 0x82, high, low, rest @ ..] => {
            rest.get(..usize::from(u16::from_be_bytes([*high, *low])))
        }
        [4, 0x81, length, rest @ ..] | [4, length @ 0..=0x7f, rest @ ..] => {
            rest.get(..usize::from(*length))
        }
        _ => None,
    }
}

fn entries(bundle: &Value) -> impl Iterator<Item = &Value> {
    let entries = bundle["verificationMaterial"]["tlogEntries"].as_array();
    entries.into_iter().flatten()
}

fn checkpoints(bundle: &Value) -> Vec<Vec<u8>> {
    entries(bundle)
        .filter_map(|entry| entry["inclusionProof"]["checkpoint"]["envelope"].as_str())
        .map(|text| text.as_bytes().to_vec())
        .collect()
}

fn bodies(bundle: &Value) -> Vec<Vec<u8>> {
    entries(bundle)
        .filter_map(|entry| decode(&entry["canonicalizedBody"]))
        .collect()
}

fn payloads(bundle: &Value) -> Vec<Vec<u8>> {
    decode(&bundle["dsseEnvelope"]["payload"])
        .into_iter()
        .collect()
}
