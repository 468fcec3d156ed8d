//! How much must be proved under a trust root.

use alloc::string::String;

use sealstone_verify::Requirements;
use sealstone_verify::json::{Map, Value};

use crate::problem::Path;
use crate::reader::Reader;

/// A threshold beyond this is a slip of the pen: no trust root has so many logs.
const LARGEST_THRESHOLD: u64 = 16;

/// How much must be proved; each threshold counts distinct logs or authorities.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Thresholds {
    /// What kind of Sigstore instance the trust root belongs to, which says what is demanded where
    /// no threshold stands. Default `publicGood`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Profile>"))]
    profile: Profile,
    /// Transparency logs that must hold an entry.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 16))
    )]
    transparency_log_threshold: Option<usize>,
    /// Certificate-transparency logs that must have promised the certificate.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 16))
    )]
    signed_certificate_timestamp_threshold: Option<usize>,
    /// Timestamp authorities that must have timestamped the signature.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 16))
    )]
    signed_timestamp_threshold: Option<usize>,
    /// Logs that must have promised the time of their entry.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 16))
    )]
    integrated_timestamp_threshold: Option<usize>,
    /// Sources of time, logs and timestamp authorities together.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<u64>", range(min = 1, max = 16))
    )]
    observer_timestamp_threshold: Option<usize>,
    /// Takes the time of the decision for the time of signing where nothing proves one. Only for
    /// the profile `private` and certificates that live long: whatever is signed while the
    /// certificate is valid is accepted, also after its key was stolen. Shows up in every decision
    /// that relies on it.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<bool>", extend("const" = true))
    )]
    insecure_current_time: bool,
}

/// A kind of Sigstore instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
enum Profile {
    /// The public-good instance: one transparency log, one certificate-transparency log, one source
    /// of time.
    #[default]
    PublicGood,
    /// The public-good instance with Rekor v2, whose entries have no time of their own: one
    /// transparency log, one certificate-transparency log, one timestamp authority.
    PublicGoodRekorV2,
    /// GitHub's own instance, which has no logs: one timestamp authority.
    GitHub,
    /// A private instance: one source of time; logs only where a threshold names how many.
    Private,
}

impl Profile {
    const NAMES: [(&'static str, Self); 4] = [
        ("publicGood", Self::PublicGood),
        ("publicGoodRekorV2", Self::PublicGoodRekorV2),
        ("gitHub", Self::GitHub),
        ("private", Self::Private),
    ];

    /// What the instance gives for every signature by certificate.
    fn requirements(self) -> Requirements {
        let logs = usize::from(matches!(self, Self::PublicGood | Self::PublicGoodRekorV2));
        let signed = usize::from(matches!(self, Self::PublicGoodRekorV2 | Self::GitHub));
        Requirements {
            transparency_log_threshold: logs,
            signed_certificate_timestamp_threshold: logs,
            signed_timestamp_threshold: signed,
            ..Requirements::default()
        }
    }
}

impl Thresholds {
    /// As the verifier of certificates wants them.
    pub(crate) fn of_certificates(&self) -> Requirements {
        let profile = self.profile.requirements();
        let observers = if self.insecure_current_time {
            0
        } else {
            profile.observer_timestamp_threshold
        };
        Requirements {
            transparency_log_threshold: self
                .transparency_log_threshold
                .unwrap_or(profile.transparency_log_threshold),
            signed_certificate_timestamp_threshold: self
                .signed_certificate_timestamp_threshold
                .unwrap_or(profile.signed_certificate_timestamp_threshold),
            signed_timestamp_threshold: self
                .signed_timestamp_threshold
                .unwrap_or(profile.signed_timestamp_threshold),
            integrated_timestamp_threshold: self.integrated_timestamp_threshold.unwrap_or(0),
            observer_timestamp_threshold: self.observer_timestamp_threshold.unwrap_or(observers),
            insecure_current_time: self.insecure_current_time,
        }
    }

    /// As the verifier of keys wants them: a key has no certificate that a log could promise.
    pub(crate) fn of_keys(&self) -> Requirements {
        Requirements {
            signed_certificate_timestamp_threshold: 0,
            ..self.of_certificates()
        }
    }

    pub(super) fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        const FIELDS: [&str; 7] = [
            "profile",
            "transparencyLogThreshold",
            "signedCertificateTimestampThreshold",
            "signedTimestampThreshold",
            "integratedTimestampThreshold",
            "observerTimestampThreshold",
            "insecureCurrentTime",
        ];
        let [_, log, certificate, signed, integrated, observer, insecure] = FIELDS;
        let members = reader.object(value, path, &FIELDS)?;
        let profile = super::members::choice(reader, members, path, "profile", &Profile::NAMES)
            .map(Option::unwrap_or_default);
        let transparency_log = threshold(reader, members, path, log);
        let signed_certificate_timestamp = threshold(reader, members, path, certificate);
        let signed_timestamp = threshold(reader, members, path, signed);
        let integrated_timestamp = threshold(reader, members, path, integrated);
        let observer_timestamp = threshold(reader, members, path, observer);
        let insecure_current_time = super::members::insecure(reader, members, path, insecure)?;
        if insecure_current_time && profile? != Profile::Private {
            reader.problems.push(
                "policy.current-time-not-private",
                &path.member(insecure),
                "only certificates of the profile `private` may be taken at the time of the decision".into(),
            );
        }
        // Where nothing proves a time, none could be counted.
        if insecure_current_time && members.contains_key(observer) {
            super::members::exactly_one(reader, members, path, &[insecure, observer]);
        }
        Some(Self {
            profile: profile?,
            transparency_log_threshold: transparency_log?,
            signed_certificate_timestamp_threshold: signed_certificate_timestamp?,
            signed_timestamp_threshold: signed_timestamp?,
            integrated_timestamp_threshold: integrated_timestamp?,
            observer_timestamp_threshold: observer_timestamp?,
            insecure_current_time,
        })
    }
}

/// A threshold that may be left out. The outer `None` says that it is wrong, which was reported.
fn threshold(
    reader: &mut Reader,
    members: &Map<String, Value>,
    path: &Path<'_>,
    field: &'static str,
) -> Option<Option<usize>> {
    let Some(value) = members.get(field) else {
        return Some(None);
    };
    super::members::number(
        reader,
        value,
        &path.member(field),
        (1, LARGEST_THRESHOLD),
        "policy.threshold-out-of-range",
    )
    .map(Some)
}
