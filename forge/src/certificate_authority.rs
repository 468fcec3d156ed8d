//! A certificate authority with a root and an intermediate, as Fulcio has.

use serde_json::{Value, json};

use crate::certificate::{self, Template};
use crate::encoding::{base64, pem};
use crate::key::KeyPair;
use crate::key_details::KeyDetails;
use crate::seed::Seed;
use crate::time::{UnixTime, ValidFor};

/// A root, an intermediate that issues, and when the trusted root says they count.
#[derive(Clone, Debug)]
pub(crate) struct CertificateAuthority {
    pub(crate) seed: Seed,
    pub(crate) organization: String,
    pub(crate) common_name: String,
    pub(crate) uri: String,
    pub(crate) valid_for: ValidFor,
    /// DER Name of the intermediate.
    pub(crate) issuer_name: Vec<u8>,
    pub(crate) issuer_key: KeyPair,
    /// DER certificates, intermediate first.
    pub(crate) chain: [Vec<u8>; 2],
}

/// How long the certificates of an authority run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    pub(crate) not_before: UnixTime,
    pub(crate) intermediate_not_after: UnixTime,
    pub(crate) root_not_after: UnixTime,
}

impl CertificateAuthority {
    /// `purpose` restricts what the intermediate may certify.
    pub(crate) fn new(
        seed: Seed,
        organization: &str,
        common_name: &str,
        uri: String,
        purpose: &str,
        lifetime: Lifetime,
        valid_for: ValidFor,
    ) -> Self {
        let root_name = certificate::name(organization, common_name);
        let issuer_name = certificate::name(organization, &format!("{common_name}-intermediate"));
        let root_key = seed.key_pair("root", KeyDetails::EcdsaP384Sha384);
        let issuer_key = seed.key_pair("intermediate", KeyDetails::EcdsaP384Sha384);
        let root = Template {
            serial: serial(&seed, "root"),
            issuer: root_name.clone(),
            not_before: lifetime.not_before,
            not_after: lifetime.root_not_after,
            subject: root_name.clone(),
            public_key: root_key.public_key_der().to_vec(),
            extensions: vec![
                certificate::authority_key_usage(),
                certificate::authority_constraints(None),
                certificate::subject_key_identifier(&root_key),
                certificate::authority_key_identifier(&root_key),
            ],
        };
        let intermediate = Template {
            serial: serial(&seed, "intermediate"),
            issuer: root_name,
            not_before: lifetime.not_before,
            not_after: lifetime.intermediate_not_after,
            subject: issuer_name.clone(),
            public_key: issuer_key.public_key_der().to_vec(),
            extensions: vec![
                certificate::authority_key_usage(),
                certificate::extended_key_usage(false, &[purpose]),
                certificate::authority_constraints(Some(0)),
                certificate::subject_key_identifier(&issuer_key),
                certificate::authority_key_identifier(&root_key),
            ],
        };
        Self {
            organization: organization.to_owned(),
            common_name: common_name.to_owned(),
            uri,
            valid_for,
            issuer_name,
            chain: [intermediate.sign(&root_key), root.sign(&root_key)],
            issuer_key,
            seed,
        }
    }

    pub(crate) fn root(&self) -> &[u8] {
        &self.chain[1]
    }

    pub(crate) fn intermediate(&self) -> &[u8] {
        &self.chain[0]
    }

    /// The chain as cosign writes it beside legacy signatures.
    pub(crate) fn chain_pem(&self) -> String {
        self.chain
            .iter()
            .map(|der| pem("CERTIFICATE", der))
            .collect()
    }

    /// `CertificateAuthority` of a trusted root (protobuf-specs `sigstore_trustroot.proto`), with
    /// certificates below the intermediate in front.
    pub(crate) fn trusted_root_entry(&self, below: &[&[u8]]) -> Value {
        let certificates: Vec<Value> = below
            .iter()
            .copied()
            .chain(self.chain.iter().map(Vec::as_slice))
            .map(|der| json!({"rawBytes": base64(der)}))
            .collect();
        json!({
            "subject": {"organization": self.organization, "commonName": self.common_name},
            "uri": self.uri,
            "certChain": {"certificates": certificates},
            "validFor": valid_for(self.valid_for),
        })
    }
}

/// A serial number of 19 bytes, as of CAs that draw 152 bits.
pub(crate) fn serial(seed: &Seed, label: &str) -> Vec<u8> {
    let mut serial = seed.bytes(&format!("serial {label}"), 19);
    serial[0] |= 0x40;
    serial[0] &= 0x7f;
    serial
}

/// `TimeRange` in proto-JSON.
pub(crate) fn valid_for(window: ValidFor) -> Value {
    match window.end {
        None => json!({"start": window.start.to_string()}),
        Some(end) => json!({"start": window.start.to_string(), "end": end.to_string()}),
    }
}
