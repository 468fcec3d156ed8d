//! Rules that ask for a vulnerability scan.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_provenance::{
    CvssScore, Finding, Fix, PredicateFamily, Severity, VulnerabilityScan, embedded_document,
};
use sealstone_verify::{Facts, UnixTime};

use super::{Asked, age, content, vex};
use crate::document::{IgnoredVulnerability, Maximum, SEVERITIES, VulnerabilityRequirement};
use crate::evidence::Pieces;
use crate::failure::Failure;

/// How long before its end an exception is said to expire soon: 30 days.
const EXPIRES_SOON: u64 = 30 * 86_400;

/// Names of vulnerabilities that a failure shows.
const SHOWN: usize = 3;

/// A vulnerability scan that meets a rule.
#[derive(Debug)]
pub(crate) struct Scanned {
    /// The URI of the scanner.
    pub(crate) scanner: Option<String>,
    /// How many vulnerabilities it found.
    pub(crate) findings: usize,
    /// How many of them counted.
    pub(crate) counted: usize,
    /// What the policy ignored, each once.
    pub(crate) ignored: Vec<Ignored>,
    /// SHA-256 of the VEX documents that lowered something.
    pub(crate) vex: Vec<[u8; 32]>,
}

/// A vulnerability that was found and ignored.
#[derive(Debug)]
pub(crate) struct Ignored {
    /// The name in the policy.
    pub(crate) id: String,
    /// Until when.
    pub(crate) until: UnixTime,
    /// Whether that is near.
    pub(crate) expires_soon: bool,
}

/// Whether the piece is a vulnerability scan.
pub(super) fn check_kind(facts: &Facts) -> Result<(), Failure> {
    super::check_family(
        facts,
        &[PredicateFamily::CosignVuln, PredicateFamily::Vulns],
    )
}

/// Whether the scan meets the requirement; the signer is known to be an authority of the rule.
pub(super) fn check(
    requirement: &VulnerabilityRequirement,
    asked: &Asked<'_>,
    facts: &Facts,
    pieces: &Pieces<'_>,
) -> Result<Scanned, Failure> {
    let statement = facts
        .statement
        .as_ref()
        .ok_or(Failure::PredicateTypeMismatch { found: None })?;
    let document =
        embedded_document(&statement.predicate).map_err(|error| Failure::Scan(error.into()))?;
    let scan = VulnerabilityScan::from_predicate(&statement.predicate_type, &document)
        .map_err(Failure::Scan)?;
    check_scanner(requirement, scan.scanner_uri)?;
    check_database(requirement, scan.database_updated, facts)?;
    let mut left: Vec<&Finding<'_>> = scan.findings.iter().collect();
    let ignored = ignore(&requirement.ignore, &mut left, asked.now);
    left.retain(|finding| !is_in_leeway(requirement, finding, asked.now));
    let vex = lower(asked, pieces, &mut left);
    check_score(requirement, &left)?;
    for maximum in &requirement.maximum {
        check_maximum(maximum, &left)?;
    }
    Ok(Scanned {
        scanner: scan.scanner_uri.map(ToString::to_string),
        findings: scan.findings.len(),
        counted: left.len(),
        ignored,
        vex,
    })
}

fn check_scanner(
    requirement: &VulnerabilityRequirement,
    found: Option<&str>,
) -> Result<(), Failure> {
    let mut scanners = requirement.scanners.iter();
    let fits = found.is_some_and(|found| scanners.any(|scanner| scanner.matches(found)));
    if fits || requirement.scanners.is_empty() {
        return Ok(());
    }
    Err(match found {
        Some(found) => content(
            "vulnerability-scan.scanner-disallowed",
            "the scan was made by a scanner that the rule does not allow",
            found,
        ),
        None => Failure::Content {
            code: "vulnerability-scan.scanner-missing",
            fact: "the scan does not say which scanner made it",
            found: None,
        },
    })
}

/// The database is as old as it was when the result was signed: by the earliest proven time, before
/// which it must have been made.
fn check_database(
    requirement: &VulnerabilityRequirement,
    updated: Option<UnixTime>,
    facts: &Facts,
) -> Result<(), Failure> {
    let Some(maximum) = requirement.maximum_database_age else {
        return Ok(());
    };
    let signed = age::earliest(facts)?.seconds();
    let age = updated.and_then(|updated| signed.checked_sub(updated.seconds()));
    let (code, fact) = match age {
        Some(age) if age <= maximum => return Ok(()),
        Some(_) => (
            "vulnerability-scan.database-too-old",
            "the database of the scanner was older than the rule allows; update it and scan again",
        ),
        None => (
            "vulnerability-scan.database-age-unknown",
            "the scan does not say when the database of the scanner was updated, or names a time after it was signed",
        ),
    };
    Err(Failure::Content {
        code,
        fact,
        found: updated.map(|updated| updated.to_string()),
    })
}

/// Removes what the policy ignores at this time, and tells what that was.
fn ignore(
    exceptions: &[IgnoredVulnerability],
    left: &mut Vec<&Finding<'_>>,
    now: UnixTime,
) -> Vec<Ignored> {
    let mut used = Vec::new();
    for exception in exceptions.iter().filter(|exception| now < exception.until) {
        let before = left.len();
        left.retain(|finding| !is_ignored(exception, finding));
        if left.len() < before {
            let rest = exception.until.seconds().saturating_sub(now.seconds());
            used.push(Ignored {
                id: exception.id.clone(),
                until: exception.until,
                expires_soon: rest < EXPIRES_SOON,
            });
        }
    }
    used
}

fn is_ignored(exception: &IgnoredVulnerability, finding: &Finding<'_>) -> bool {
    finding.ids().any(|id| id == exception.id)
        && exception.package.as_ref().is_none_or(|pattern| {
            let package = finding.package_url.as_ref();
            package.is_some_and(|package| pattern.matches(&package.coordinates()))
        })
}

/// Whether it was made public so short a time ago that it does not count yet. A time that has not come
/// is no time.
fn is_in_leeway(
    requirement: &VulnerabilityRequirement,
    finding: &Finding<'_>,
    now: UnixTime,
) -> bool {
    let mut leeways = requirement.leeway.iter();
    let leeway = leeways.find(|(severity, _)| *severity == finding.severity);
    let known_for = finding
        .published
        .and_then(|published| now.seconds().checked_sub(published.seconds()));
    matches!((leeway, known_for), (Some((_, leeway)), Some(known_for)) if known_for < *leeway)
}

/// Removes what VEX documents say does not matter, and tells which documents did. Any one of them is
/// enough, so none can raise what another one lowers.
fn lower(asked: &Asked<'_>, pieces: &Pieces<'_>, left: &mut Vec<&Finding<'_>>) -> Vec<[u8; 32]> {
    let mut used = Vec::new();
    let Some((requirement, _)) = asked.rule.vex() else {
        return used;
    };
    for piece in 0..pieces.len() {
        let place = (piece, asked.about);
        let Some(Ok(statement)) = vex::statement(asked.prepared, asked.rule, pieces, place) else {
            continue;
        };
        let before = left.len();
        // What cannot be read lowers nothing; it is listed with its failure.
        let _ = vex::heed(statement, asked.image, asked.about, &mut |index| {
            left.retain(|finding| {
                let lowered = index.statement(finding);
                !lowered.is_some_and(|lowered| vex::lowers(requirement, lowered))
            });
        });
        if left.len() < before
            && let Some((sha256, _)) = pieces.describe(piece)
        {
            used.push(*sha256);
        }
    }
    used
}

fn check_score(
    requirement: &VulnerabilityRequirement,
    left: &[&Finding<'_>],
) -> Result<(), Failure> {
    let Some(maximum) = requirement.maximum_score else {
        return Ok(());
    };
    let above = |finding: &&&Finding<'_>| tenths(finding) > maximum.tenths();
    match left.iter().find(above) {
        None => Ok(()),
        Some(finding) => Err(content(
            "vulnerability-scan.score",
            "a vulnerability has a higher CVSS score than the rule allows, or none and a severity that may have",
            &shown(finding),
        )),
    }
}

/// The score in tenths. What has none has the highest of its severity.
fn tenths(finding: &Finding<'_>) -> u8 {
    match (finding.score.map(CvssScore::tenths), finding.severity) {
        (Some(tenths), _) => tenths,
        (None, Severity::None) => 0,
        (None, Severity::Negligible | Severity::Low) => 39,
        (None, Severity::Medium) => 69,
        (None, Severity::High) => 89,
        (None, _) => 100,
    }
}

fn check_maximum(maximum: &Maximum, left: &[&Finding<'_>]) -> Result<(), Failure> {
    type Side = fn(&Fix<'_>) -> bool;
    let sides: [(Option<usize>, &str, Side); 3] = [
        (maximum.total, "", |_| true),
        (maximum.fixable, " with a fix", |fix| {
            !matches!(fix, Fix::Unavailable)
        }),
        (maximum.unfixable, " without a fix", |fix| {
            !matches!(fix, Fix::Available(_))
        }),
    ];
    for (most, side, belongs) in sides {
        let Some(most) = most else {
            continue;
        };
        let counted =
            |finding: &&&Finding<'_>| finding.severity == maximum.severity && belongs(&finding.fix);
        let found = left.iter().filter(counted).count();
        if found > most {
            let mut names = SEVERITIES.iter();
            let severity = names.find(|(_, severity)| *severity == maximum.severity);
            let severity = severity.map_or("", |(name, _)| *name);
            let mut text = format!("{found} {severity}{side}, at most {most}:");
            for finding in left.iter().filter(counted).take(SHOWN) {
                text.push(' ');
                text.push_str(&shown(finding));
            }
            return Err(content(
                "vulnerability-scan.too-many",
                "the scan found more vulnerabilities than the rule allows; mend them, or have a VEX document say why they do not matter",
                &text,
            ));
        }
    }
    Ok(())
}

/// The vulnerability, and where it is.
fn shown(finding: &Finding<'_>) -> String {
    match (&finding.package_url, finding.package_name) {
        (Some(url), _) => format!("{} ({url})", finding.id),
        (None, Some(name)) => format!("{} ({name})", finding.id),
        (None, None) => finding.id.to_string(),
    }
}
