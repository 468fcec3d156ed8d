//! Rules that ask for a vulnerability scan.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use sealstone_provenance::{CvssScore, Severity, VexJustification};
use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

use super::super::members::{choice, number, optional_list, references, time, word};
use super::super::{Names, Signers, duration};
use super::Quantifier;
use super::package::read_package;
use crate::limits::Limit;
use crate::pattern::{Glob, StringMatcher};
use crate::problem::Path;
use crate::reader::{Fault, Reader};

/// The result of a vulnerability scan of the image. What the rule asks about and the result does not
/// say is refused.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct VulnerabilityRequirement {
    /// Who must have signed.
    pub(crate) signed_by: Signers,
    /// Which scans, among those that somebody in `signedBy` signed, must meet the rule. Default
    /// `any`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Quantifier>"))]
    pub(crate) quantifier: Quantifier,
    /// The scanner by its URI, any of these.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<StringMatcher>>", length(min = 1, max = 64))
    )]
    pub(crate) scanners: Vec<StringMatcher>,
    /// How old the scanner's database may have been when the result was signed.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", extend("pattern" = duration::PATTERN))
    )]
    pub(crate) maximum_database_age: Option<u64>,
    /// How many vulnerabilities there may be, by severity. A severity that is not listed has no
    /// limit, but `unknown` has the limit 0 then.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::Maximum>"))]
    pub(crate) maximum: Vec<Maximum>,
    /// The highest CVSS base score that a vulnerability may have: `8.9`. One without score has the
    /// highest of its severity.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", extend("pattern" = "^[0-9]+(\\.[0-9]+)?$"))
    )]
    pub(crate) maximum_score: Option<CvssScore>,
    /// For how long after it became public a vulnerability does not count, by severity. One whose
    /// date is not told counts at once.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::Leeway>"))]
    pub(crate) leeway: Vec<(Severity, u64)>,
    /// Vulnerabilities that do not count for a time.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<IgnoredVulnerability>>", length(min = 1, max = 256))
    )]
    pub(crate) ignore: Vec<IgnoredVulnerability>,
    /// Whose VEX documents (OpenVEX) may say that a vulnerability does not matter.
    pub(crate) vex: Option<VexRequirement>,
    /// How far back from the decision the earliest proven time of the signature may lie: `30d`,
    /// `12h`, `90m` or `45s`.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "String", extend("pattern" = duration::PATTERN))
    )]
    pub(crate) maximum_age: u64,
}

/// How many vulnerabilities of one severity there may be.
#[derive(Debug)]
pub(crate) struct Maximum {
    pub(crate) severity: Severity,
    /// In all.
    pub(crate) total: Option<usize>,
    /// Of those that a fix may exist for.
    pub(crate) fixable: Option<usize>,
    /// Of those that no fix may exist for.
    pub(crate) unfixable: Option<usize>,
}

/// A vulnerability that does not count for a time.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct IgnoredVulnerability {
    /// Its name, or any of its other names: `CVE-2026-1234`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) id: String,
    /// In these packages only: a glob over package URLs without version, qualifiers and subpath.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Option<String>",
            length(min = 1, max = 1024),
            extend("pattern" = "^pkg:")
        )
    )]
    pub(crate) package: Option<Glob>,
    /// Why.
    #[cfg(feature = "schema")]
    #[expect(dead_code, reason = "for the readers of the policy")]
    #[schemars(length(min = 1, max = 1024))]
    reason: String,
    /// Until when: an RFC 3339 time.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "String", extend("format" = "date-time"))
    )]
    pub(crate) until: UnixTime,
}

/// Whose VEX documents count.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct VexRequirement {
    /// Who must have signed, any of these authorities.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub(crate) signed_by: Vec<String>,
    /// Why a vulnerability may be said not to affect the image. Without it, for any reason.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<schema::Justification>>", length(min = 1, max = 8))
    )]
    pub(crate) justifications: Vec<VexJustification>,
    /// How far back from the decision the earliest proven time of a document's signature may lie.
    /// An older document that was taken back counts until then.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "String", extend("pattern" = duration::PATTERN))
    )]
    pub(crate) maximum_age: u64,
}

/// The severities by name, the worst first.
pub(crate) const SEVERITIES: [(&str, Severity); 6] = [
    ("critical", Severity::Critical),
    ("high", Severity::High),
    ("medium", Severity::Medium),
    ("low", Severity::Low),
    ("negligible", Severity::Negligible),
    ("unknown", Severity::Unknown),
];

const SEVERITY_NAMES: [&str; 6] = ["critical", "high", "medium", "low", "negligible", "unknown"];

const JUSTIFICATIONS: [(&str, VexJustification); 5] = [
    (
        "component_not_present",
        VexJustification::ComponentNotPresent,
    ),
    (
        "inline_mitigations_already_exist",
        VexJustification::InlineMitigationsAlreadyExist,
    ),
    (
        "vulnerable_code_cannot_be_controlled_by_adversary",
        VexJustification::VulnerableCodeCannotBeControlledByAdversary,
    ),
    (
        "vulnerable_code_not_in_execute_path",
        VexJustification::VulnerableCodeNotInExecutePath,
    ),
    (
        "vulnerable_code_not_present",
        VexJustification::VulnerableCodeNotPresent,
    ),
];

/// The largest limit: no scan may find more.
const MOST: u64 = 65_536;

impl VulnerabilityRequirement {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let members = reader.object(
            value,
            path,
            &[
                "signedBy",
                "quantifier",
                "scanners",
                "maximumDatabaseAge",
                "maximum",
                "maximumScore",
                "leeway",
                "ignore",
                "vex",
                "maximumAge",
            ],
        )?;
        let signed_by = Signers::read(reader, members, path, names);
        let quantifier = choice(reader, members, path, "quantifier", &Quantifier::NAMES);
        let scanners = optional_list(
            reader,
            members,
            path,
            "scanners",
            Limit::Alternatives,
            StringMatcher::read,
        );
        let maximum_database_age = duration::read(reader, members, path, "maximumDatabaseAge");
        let maximum = match members.get("maximum") {
            Some(value) => read_maximum(reader, value, &path.member("maximum")),
            None => Some(Vec::new()),
        };
        let maximum_score = match members.get("maximumScore") {
            Some(value) => read_score(reader, value, &path.member("maximumScore")).map(Some),
            None => Some(None),
        };
        let leeway = match members.get("leeway") {
            Some(value) => read_leeway(reader, value, &path.member("leeway")),
            None => Some(Vec::new()),
        };
        let ignore = optional_list(
            reader,
            members,
            path,
            "ignore",
            Limit::IgnoredVulnerabilities,
            IgnoredVulnerability::read,
        );
        let vex = match members.get("vex") {
            Some(value) => {
                VexRequirement::read(reader, value, &path.member("vex"), names).map(Some)
            }
            None => Some(None),
        };
        reader.required(members, "maximumAge", path);
        let maximum_age = duration::read(reader, members, path, "maximumAge");
        Some(Self {
            signed_by: signed_by?,
            quantifier: quantifier?.unwrap_or_default(),
            scanners: scanners?,
            maximum_database_age: maximum_database_age?,
            maximum: maximum?,
            maximum_score: maximum_score?,
            leeway: leeway?,
            ignore: ignore?,
            vex: vex?,
            maximum_age: maximum_age??,
        })
    }
}

impl IgnoredVulnerability {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["id", "package", "reason", "until"])?;
        let id = reader.required_text(members, "id", path);
        let package = match members.get("package") {
            Some(_) => read_package(reader, members, path).map(|(_, glob)| Some(glob)),
            None => Some(None),
        };
        let reason = reader.required_text(members, "reason", path);
        reader.required(members, "until", path);
        let until = time(reader, members, path, "until");
        let (id, reason) = (id?, reason?);
        for (field, text, limit) in [
            ("id", id, Limit::NameBytes),
            ("reason", reason, Limit::PatternBytes),
        ] {
            if text.len() > limit.value() {
                reader.exceeded(limit, &path.member(field), "bytes");
                return None;
            }
        }
        Some(Self {
            id: id.into(),
            package: package?,
            #[cfg(feature = "schema")]
            reason: reason.into(),
            until: until??,
        })
    }
}

impl VexRequirement {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>, names: &Names) -> Option<Self> {
        let fields = ["signedBy", "justifications", "maximumAge"];
        let members = reader.object(value, path, &fields)?;
        let signed_by = references(reader, members, path, "signedBy", &names.authorities);
        let justifications = optional_list(
            reader,
            members,
            path,
            "justifications",
            Limit::Properties,
            |reader, value, path| word(reader, value, path, &JUSTIFICATIONS),
        );
        reader.required(members, "maximumAge", path);
        let maximum_age = duration::read(reader, members, path, "maximumAge");
        Some(Self {
            signed_by: signed_by?,
            justifications: justifications?,
            maximum_age: maximum_age??,
        })
    }
}

/// Limits by severity; there must be one. Where none is set for what is unknown, it is 0.
fn read_maximum(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Vec<Maximum>> {
    let members = reader.object(value, path, &SEVERITY_NAMES)?;
    if members.is_empty() {
        reader.fault(Fault::Empty, path, "must limit a severity".into());
        return None;
    }
    let mut read = Vec::new();
    for (name, severity) in SEVERITIES {
        let mut maximum = Maximum {
            severity,
            total: None,
            fixable: None,
            unfixable: None,
        };
        let path = path.member(name);
        match members.get(name) {
            Some(sides @ Value::Object(_)) => {
                let sides = reader.object(sides, &path, &["fixable", "unfixable"])?;
                if sides.is_empty() {
                    reader.fault(Fault::Empty, &path, "must limit a side".into());
                    return None;
                }
                let mut side = |name| match sides.get(name) {
                    Some(value) => count(reader, value, &path.member(name)).map(Some),
                    None => Some(None),
                };
                let (fixable, unfixable) = (side("fixable"), side("unfixable"));
                (maximum.fixable, maximum.unfixable) = (fixable?, unfixable?);
            }
            Some(total) => maximum.total = Some(count(reader, total, &path)?),
            None if severity == Severity::Unknown => maximum.total = Some(0),
            None => continue,
        }
        read.push(maximum);
    }
    Some(read)
}

fn count(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<usize> {
    number(
        reader,
        value,
        path,
        (0, MOST),
        "policy.threshold-out-of-range",
    )
}

fn read_leeway(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
) -> Option<Vec<(Severity, u64)>> {
    let members = reader.object(value, path, &SEVERITY_NAMES)?;
    if members.is_empty() {
        reader.fault(Fault::Empty, path, "must name a severity".into());
        return None;
    }
    let mut read = Vec::new();
    for (name, severity) in SEVERITIES {
        let leeway = duration::read(reader, members, path, name)?;
        read.extend(leeway.map(|leeway| (severity, leeway)));
    }
    Some(read)
}

fn read_score(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<CvssScore> {
    let score = CvssScore::parse(reader.text(value, path)?);
    if score.is_none() {
        reader.problems.push(
            "policy.score-malformed",
            path,
            "must be a CVSS score as text, from `0.0` to `10.0`".to_string(),
        );
    }
    score
}

/// The form in the schema.
#[cfg(feature = "schema")]
#[expect(dead_code, reason = "the schema of what is read into other types")]
mod schema {
    use alloc::string::String;

    use super::duration;

    /// How many vulnerabilities there may be, by severity.
    #[derive(schemars::JsonSchema)]
    #[schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        rename = "VulnerabilityMaximum",
        extend("minProperties" = 1)
    )]
    pub(super) struct Maximum {
        /// Critical ones.
        critical: Option<Count>,
        /// High ones.
        high: Option<Count>,
        /// Medium ones.
        medium: Option<Count>,
        /// Low ones.
        low: Option<Count>,
        /// Those that are not worth a fix.
        negligible: Option<Count>,
        /// Those of which nobody says how bad they are, or in unknown words. Default 0.
        unknown: Option<Count>,
    }

    /// A number, or one for each side. What may or may not have a fix counts on both sides.
    #[derive(schemars::JsonSchema)]
    #[schemars(untagged, rename = "VulnerabilityCount")]
    enum Count {
        /// In all.
        Total(#[schemars(range(min = 0, max = 65536))] u64),
        /// By whether a version without the vulnerability exists.
        BySide(Sides),
    }

    /// Numbers by whether a version without the vulnerability exists.
    #[derive(schemars::JsonSchema)]
    #[schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        rename = "VulnerabilitySides",
        extend("minProperties" = 1)
    )]
    struct Sides {
        /// With a fix.
        #[schemars(range(min = 0, max = 65536))]
        fixable: Option<u64>,
        /// Without a fix.
        #[schemars(range(min = 0, max = 65536))]
        unfixable: Option<u64>,
    }

    /// Lengths of time by severity: `30d`, `12h`, `90m` or `45s`.
    #[derive(schemars::JsonSchema)]
    #[schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        rename = "VulnerabilityLeeway",
        extend("minProperties" = 1)
    )]
    pub(super) struct Leeway {
        /// Of critical ones.
        #[schemars(extend("pattern" = duration::PATTERN))]
        critical: Option<String>,
        /// Of high ones.
        #[schemars(extend("pattern" = duration::PATTERN))]
        high: Option<String>,
        /// Of medium ones.
        #[schemars(extend("pattern" = duration::PATTERN))]
        medium: Option<String>,
        /// Of low ones.
        #[schemars(extend("pattern" = duration::PATTERN))]
        low: Option<String>,
        /// Of those that are not worth a fix.
        #[schemars(extend("pattern" = duration::PATTERN))]
        negligible: Option<String>,
        /// Of those whose severity is unknown.
        #[schemars(extend("pattern" = duration::PATTERN))]
        unknown: Option<String>,
    }

    /// Why a vulnerability does not affect a product, in the words of OpenVEX.
    #[derive(schemars::JsonSchema)]
    #[schemars(rename_all = "snake_case", rename = "VexJustification")]
    pub(super) enum Justification {
        /// The part is not in it.
        ComponentNotPresent,
        /// Something in it keeps the vulnerability from being used.
        InlineMitigationsAlreadyExist,
        /// Nobody outside can reach the code with what it takes.
        VulnerableCodeCannotBeControlledByAdversary,
        /// The code does not run.
        VulnerableCodeNotInExecutePath,
        /// The part is in it without the vulnerable code.
        VulnerableCodeNotPresent,
    }
}
