//! The inputs that fuzzing starts from: everything that the forge makes, valid and with every fault.

mod documents;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_forge::{
    Build, BundleVersion, CertificateTransparencyLog, EntryKind, Evidence, Fault, Subject,
    TimestampAuthority, TransparencyLog, TrustedRootVersion,
};
use serde_json::{Value, json};

use crate::world::{By, FORMS, MANIFEST, Make, SIGSTORE, digest, make};

/// A seed: its file name and its bytes.
pub type Seed = (String, Vec<u8>);

/// Forms beyond [`FORMS`]. Not every one can be made by key.
const MORE_FORMS: &[(&str, Make)] = &[("two-of-each", |signer| {
    signer
        .bundle_version(BundleVersion::V02)
        .with_chain()
        .certificate_transparency(&[
            CertificateTransparencyLog::First,
            CertificateTransparencyLog::Second,
        ])
        .timestamp_extensions(b"extensions")
        .entry(TransparencyLog::Rekor, EntryKind::DsseV001)
        .entry(TransparencyLog::RekorSecond, EntryKind::IntotoV002)
        .timestamp(TimestampAuthority::First)
        .timestamp(TimestampAuthority::Second)
        .embed_timestamp_certificates()
        .attest(&Build::default().provenance_v02(subject()))
})];

/// A bundle with a timestamp by either authority, which [`crate::targets::cms_timestamp`] is about.
pub(crate) fn timestamped(fault: Option<Fault>) -> Option<Evidence> {
    make(
        |signer| {
            signer
                .without_entries()
                .timestamp(TimestampAuthority::First)
                .timestamp(TimestampAuthority::Second)
                .embed_timestamp_certificates()
                .sign(MANIFEST)
        },
        By::Key,
        fault,
    )
    .ok()
}

fn subject() -> Subject {
    Subject::new("registry.example/octo-org/app", &digest())
}

/// The seeds of every target, each once.
pub fn all() -> Vec<(&'static str, Vec<Seed>)> {
    let mut targets = with_duplicates();
    targets.extend(documents::all());
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
            [TrustedRootVersion::V01, TrustedRootVersion::V02]
                .map(|version| {
                    let root = SIGSTORE.trusted_root_value(version).to_string();
                    (format!("{version:?}"), root.into_bytes())
                })
                .into_iter()
                .chain([(
                    "pem".to_owned(),
                    chain_pem("certificateAuthorities", 2).into(),
                )])
                .collect(),
        ),
        ("certificate", nested(certificates)),
        ("sct_list", nested(sct_lists)),
        ("cms_timestamp", cms_timestamps()),
        ("checkpoint", nested(checkpoints)),
        ("log_entry_body", nested(bodies)),
        ("statement", nested(payloads)),
    ]
}

/// Every form of evidence without a fault.
pub(crate) fn valid() -> impl Iterator<Item = (By, Evidence)> {
    FORMS.iter().chain(MORE_FORMS).flat_map(|(_, form)| {
        [By::Certificate, By::Key]
            .into_iter()
            .filter_map(|by| Some((by, make(*form, by, None).ok()?)))
    })
}

fn every() -> impl Iterator<Item = (String, Evidence)> {
    let faults = || std::iter::once(None).chain(Fault::ALL.iter().copied().map(Some));
    FORMS
        .iter()
        .chain(MORE_FORMS)
        .flat_map(move |(form, form_make)| {
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

fn cms_timestamps() -> Vec<Seed> {
    std::iter::once(None)
        .chain(Fault::ALL.iter().copied().map(Some))
        .filter_map(|fault| Some((fault, timestamped(fault)?)))
        .flat_map(|(fault, evidence)| {
            let name = fault.map_or("valid", Fault::name);
            let bundle: Value = serde_json::from_slice(&evidence.content).unwrap_or_default();
            (0..2).filter_map(move |index| {
                Some((format!("{name}-{index}"), timestamp(&bundle, index)?))
            })
        })
        .collect()
}

/// A timestamp of a bundle, in DER.
fn timestamp(bundle: &Value, index: usize) -> Option<Vec<u8>> {
    let timestamps =
        &bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"];
    decode(&timestamps[index]["signedTimestamp"])
}

/// The chain of an authority of the trust root, in PEM.
fn chain_pem(authorities: &str, index: usize) -> String {
    let root = SIGSTORE.trusted_root_value(TrustedRootVersion::V01);
    let chain = root[authorities][index]["certChain"]["certificates"].as_array();
    chain
        .into_iter()
        .flatten()
        .filter_map(|certificate| certificate["rawBytes"].as_str())
        .map(|encoded| {
            format!("-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n")
        })
        .collect()
}
