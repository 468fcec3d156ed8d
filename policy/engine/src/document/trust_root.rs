//! Trust roots of a policy.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use sealstone_verify::json::{Map, Value};
use sealstone_verify::{Limits, PemTrustedRoot, TrustedRoot, Witness, WitnessQuorum};

use super::Thresholds;
use crate::NamedTrustedRoot;
use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::Reader;

/// Whose logs, certificate authorities and timestamp authorities are believed.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        extend("not" = {"required": ["trustedRoot", "pem"]})
    )
)]
pub(crate) struct TrustRoot {
    /// The name that authorities refer to.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) name: String,
    /// A Sigstore `TrustedRoot` in its JSON form. Without it, and without `pem`, the host supplies
    /// one of this name.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<serde_json::Map<alloc::string::String, serde_json::Value>>")
    )]
    pub(crate) trusted_root: Arc<TrustedRoot>,
    /// The parts of a private instance as PEM, in place of `trustedRoot`.
    #[cfg(feature = "schema")]
    #[expect(dead_code, reason = "it is read into `trusted_root`")]
    #[schemars(with = "Option<Pem>")]
    pem: (),
    /// How much must be proved. Default: what the public-good instance gives for every signature.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Thresholds>"))]
    pub(crate) requirements: Thresholds,
    /// Witnesses that must have cosigned the checkpoint of every log entry that counts. Without
    /// them the log alone vouches for its tree.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Witnesses>"))]
    pub(crate) witnesses: Option<WitnessQuorum>,
}

/// The parts of a private instance as PEM. They count at all times; a trust root in JSON can say
/// when.
#[cfg(feature = "schema")]
#[expect(dead_code, reason = "the schema of what is read into a trust root")]
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Pem {
    /// Chains of certificate authorities, intermediates first, anchor last.
    #[schemars(length(min = 1, max = 32))]
    certificate_authorities: Option<Vec<String>>,
    /// Public keys of certificate-transparency logs.
    #[schemars(length(min = 1, max = 32))]
    certificate_transparency_logs: Option<Vec<String>>,
    /// Transparency logs.
    #[schemars(length(min = 1, max = 32))]
    transparency_logs: Option<Vec<PemLog>>,
    /// Chains of timestamp authorities: signing certificate (or nothing), intermediates, anchor.
    #[schemars(length(min = 1, max = 32))]
    timestamp_authorities: Option<Vec<String>>,
}

/// A transparency log, Rekor v1 or v2.
#[cfg(feature = "schema")]
#[expect(dead_code, reason = "the schema of what is read into a trust root")]
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct PemLog {
    /// The base URL. Its host is the origin of the checkpoints of Rekor v2.
    #[schemars(length(min = 1, max = 1024))]
    base_url: String,
    /// The key as one PEM block `PUBLIC KEY`.
    public_key: String,
}

/// Witnesses, and how many of them must have cosigned.
#[cfg(feature = "schema")]
#[expect(dead_code, reason = "the schema of what is read into a quorum")]
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Witnesses {
    /// How many must have cosigned.
    #[schemars(range(min = 1, max = 16))]
    threshold: u64,
    /// The witnesses, each with a key of its own.
    #[schemars(length(min = 1, max = 16))]
    keys: Vec<WitnessKey>,
}

/// A witness.
#[cfg(feature = "schema")]
#[expect(dead_code, reason = "the schema of what is read into a quorum")]
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct WitnessKey {
    /// The name in its signature lines.
    #[schemars(length(min = 1, max = 128))]
    name: String,
    /// The Ed25519 key as one PEM block `PUBLIC KEY`.
    public_key: String,
}

impl TrustRoot {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        supplied: &[NamedTrustedRoot],
    ) -> Option<Self> {
        let members = reader.object(
            value,
            path,
            &["name", "trustedRoot", "pem", "requirements", "witnesses"],
        )?;
        let name = super::members::name(reader, members, path);
        let requirements = match members.get("requirements") {
            Some(value) => Thresholds::read(reader, value, &path.member("requirements")),
            None => Some(Thresholds::default()),
        };
        let witnesses = match members.get("witnesses") {
            Some(value) => read_witnesses(reader, value, &path.member("witnesses")).map(Some),
            None => Some(None),
        };
        let trusted_root = match (members.get("trustedRoot"), members.get("pem")) {
            (None, None) => find(reader, path, name.as_deref()?, supplied),
            _ => read_content(reader, members, path),
        };
        Some(Self {
            name: name?,
            trusted_root: trusted_root?,
            #[cfg(feature = "schema")]
            pem: (),
            requirements: requirements?,
            witnesses: witnesses?,
        })
    }
}

fn read_content(
    reader: &mut Reader,
    members: &Map<String, Value>,
    path: &Path<'_>,
) -> Option<Arc<TrustedRoot>> {
    let (field, value) =
        super::members::exactly_one(reader, members, path, &["trustedRoot", "pem"])?;
    let path = path.member(field);
    if field == "pem" {
        return read_pem(reader, value, &path);
    }
    if value.as_object().is_none() {
        reader.wrong_type(&path, "an object");
        return None;
    }
    prepare(reader, &path, value.to_canonical_string().as_bytes())
}

fn read_pem(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Arc<TrustedRoot>> {
    const FIELDS: [&str; 4] = [
        "certificateAuthorities",
        "certificateTransparencyLogs",
        "transparencyLogs",
        "timestampAuthorities",
    ];
    let [authorities, promises, logs, timestamps] = FIELDS;
    let members = reader.object(value, path, &FIELDS)?;
    let certificate_authorities = texts(reader, members, path, authorities);
    let certificate_transparency_logs = texts(reader, members, path, promises);
    let transparency_logs =
        super::members::optional_list(reader, members, path, logs, Limit::TrustRootParts, read_log);
    let timestamp_authorities = texts(reader, members, path, timestamps);
    let parts = PemTrustedRoot {
        certificate_authorities: certificate_authorities?,
        certificate_transparency_logs: certificate_transparency_logs?,
        transparency_logs: transparency_logs?,
        timestamp_authorities: timestamp_authorities?,
    };
    prepared(
        reader,
        path,
        TrustedRoot::from_pem(&parts, &Limits::default()).map(Arc::new),
    )
}

fn texts(
    reader: &mut Reader,
    members: &Map<String, Value>,
    path: &Path<'_>,
    field: &'static str,
) -> Option<Vec<String>> {
    super::members::optional_list(
        reader,
        members,
        path,
        field,
        Limit::TrustRootParts,
        |reader, value, path| reader.text(value, path).map(ToString::to_string),
    )
}

fn read_log(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<(String, String)> {
    let members = reader.object(value, path, &["baseUrl", "publicKey"])?;
    let url = reader.required_text(members, "baseUrl", path);
    let key = reader.required_text(members, "publicKey", path);
    Some((url?.to_string(), key?.to_string()))
}

fn read_witnesses(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<WitnessQuorum> {
    let members = reader.object(value, path, &["threshold", "keys"])?;
    let threshold = reader
        .required(members, "threshold", path)
        .and_then(|value| {
            let path = path.member("threshold");
            super::members::number(
                reader,
                value,
                &path,
                (1, 16),
                "policy.threshold-out-of-range",
            )
        });
    let items = reader.required_list(members, "keys", path, Limit::Witnesses)?;
    let list = path.member("keys");
    let mut witnesses = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        witnesses.extend(read_witness(reader, item, &list.index(index)));
    }
    if witnesses.len() < items.len() {
        return None;
    }
    let quorum = WitnessQuorum::new(witnesses, threshold?);
    prepared(reader, path, quorum)
}

fn read_witness(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Witness> {
    let members = reader.object(value, path, &["name", "publicKey"])?;
    let name = super::members::name(reader, members, path);
    let key = super::members::public_key(reader, members, path);
    let witness = Witness::new(&name?, key?);
    prepared(reader, &path.member("publicKey"), witness)
}

fn find(
    reader: &mut Reader,
    path: &Path<'_>,
    name: &str,
    supplied: &[NamedTrustedRoot],
) -> Option<Arc<TrustedRoot>> {
    let mut named = supplied.iter().filter(|root| root.name == name);
    match (named.next(), named.next()) {
        (Some(only), None) => prepare(reader, path, &only.content),
        (Some(_), Some(_)) => {
            reader.problems.push(
                "policy.trust-root-ambiguous",
                path,
                format!("the host supplies more than one trust root named `{name}`"),
            );
            None
        }
        (None, _) => {
            reader.problems.push(
                "policy.trust-root-missing",
                path,
                format!(
                    "the host supplies no trust root named `{name}`; supply it, or write it here as `trustedRoot`"
                ),
            );
            None
        }
    }
}

fn prepare(reader: &mut Reader, path: &Path<'_>, json: &[u8]) -> Option<Arc<TrustedRoot>> {
    prepared(
        reader,
        path,
        TrustedRoot::from_json(json, &Limits::default()).map(Arc::new),
    )
}

/// Reports why something was refused.
fn prepared<T>(
    reader: &mut Reader,
    path: &Path<'_>,
    result: Result<T, sealstone_verify::Error>,
) -> Option<T> {
    match result {
        Ok(prepared) => Some(prepared),
        Err(error) => {
            reader.problems.push(error.code(), path, format!("{error}"));
            None
        }
    }
}
