//! Trust roots of a policy.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

use sealstone_verify::json::Value;
use sealstone_verify::{Limits, Requirements, TrustedRoot};

use crate::NamedTrustedRoot;
use crate::problem::Path;
use crate::reader::Reader;

/// A threshold beyond this is a slip of the pen: no trust root has so many logs.
const LARGEST_THRESHOLD: u64 = 16;

/// Whose logs, certificate authorities and timestamp authorities are believed.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct TrustRoot {
    /// The name that authorities refer to.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) name: String,
    /// A Sigstore `TrustedRoot` in its JSON form. Without it the host supplies one of this name.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<serde_json::Map<alloc::string::String, serde_json::Value>>")
    )]
    pub(crate) trusted_root: Arc<TrustedRoot>,
    /// How much must be proved. Default: one of each.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Thresholds>"))]
    pub(crate) requirements: Thresholds,
}

/// How much must be proved; each threshold counts distinct logs or authorities.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
#[expect(
    clippy::struct_field_names,
    reason = "the names of the field, as sigstore-go has them"
)]
pub(crate) struct Thresholds {
    /// Transparency logs that must hold an entry. Default 1.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 16))
    )]
    transparency_log_threshold: usize,
    /// Certificate-transparency logs that must have promised the certificate. Default 1.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 16))
    )]
    signed_certificate_timestamp_threshold: usize,
    /// Sources of time, logs and timestamp authorities together. Default 1.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 16))
    )]
    observer_timestamp_threshold: usize,
}

impl TrustRoot {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        supplied: &[NamedTrustedRoot],
    ) -> Option<Self> {
        let members = reader.object(value, path, &["name", "trustedRoot", "requirements"])?;
        let name = super::name(reader, members, path);
        let requirements = match members.get("requirements") {
            Some(value) => Thresholds::read(reader, value, &path.member("requirements")),
            None => Some(Thresholds::default()),
        };
        let trusted_root = match members.get("trustedRoot") {
            Some(inline) => {
                let path = path.member("trustedRoot");
                if inline.as_object().is_none() {
                    reader.wrong_type(&path, "an object");
                    return None;
                }
                prepare(reader, &path, inline.to_canonical_string().as_bytes())
            }
            None => find(reader, path, name.as_deref()?, supplied),
        };
        Some(Self {
            name: name?,
            trusted_root: trusted_root?,
            requirements: requirements?,
        })
    }
}

impl Thresholds {
    /// As the verifier of certificates wants them.
    pub(crate) fn of_certificates(&self) -> Requirements {
        Requirements {
            transparency_log_threshold: self.transparency_log_threshold,
            signed_certificate_timestamp_threshold: self.signed_certificate_timestamp_threshold,
            observer_timestamp_threshold: self.observer_timestamp_threshold,
            ..Requirements::default()
        }
    }

    /// As the verifier of keys wants them: a key has no certificate that a log could promise.
    pub(crate) fn of_keys(&self) -> Requirements {
        Requirements {
            signed_certificate_timestamp_threshold: 0,
            ..self.of_certificates()
        }
    }

    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        const TRANSPARENCY_LOG: &str = "transparencyLogThreshold";
        const SIGNED_CERTIFICATE_TIMESTAMP: &str = "signedCertificateTimestampThreshold";
        const OBSERVER_TIMESTAMP: &str = "observerTimestampThreshold";

        let members = reader.object(
            value,
            path,
            &[
                TRANSPARENCY_LOG,
                SIGNED_CERTIFICATE_TIMESTAMP,
                OBSERVER_TIMESTAMP,
            ],
        )?;
        let transparency_log = threshold(reader, members, path, TRANSPARENCY_LOG);
        let signed_certificate_timestamp =
            threshold(reader, members, path, SIGNED_CERTIFICATE_TIMESTAMP);
        let observer_timestamp = threshold(reader, members, path, OBSERVER_TIMESTAMP);
        Some(Self {
            transparency_log_threshold: transparency_log?,
            signed_certificate_timestamp_threshold: signed_certificate_timestamp?,
            observer_timestamp_threshold: observer_timestamp?,
        })
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            transparency_log_threshold: 1,
            signed_certificate_timestamp_threshold: 1,
            observer_timestamp_threshold: 1,
        }
    }
}

fn threshold(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
    field: &'static str,
) -> Option<usize> {
    let Some(value) = members.get(field) else {
        return Some(1);
    };
    let path = path.member(field);
    match value {
        Value::Number(_) => {}
        _ => {
            reader.wrong_type(&path, "a number");
            return None;
        }
    }
    let threshold = value
        .as_u64()
        .filter(|threshold| (1..=LARGEST_THRESHOLD).contains(threshold))
        .and_then(|threshold| usize::try_from(threshold).ok());
    if threshold.is_none() {
        reader.problems.push(
            "policy.threshold-out-of-range",
            &path,
            format!("a threshold is a whole number from 1 to {LARGEST_THRESHOLD}"),
        );
    }
    threshold
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
    match TrustedRoot::from_json(json, &Limits::default()) {
        Ok(root) => Some(Arc::new(root)),
        Err(error) => {
            reader.problems.push(error.code(), path, format!("{error}"));
            None
        }
    }
}
