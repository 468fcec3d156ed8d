//! Rules that ask for a bill of materials.

use alloc::format;
use alloc::string::{String, ToString};

use sealstone_provenance::{
    LicenseExpression, MinimumElement, PackageUrl, PredicateFamily, Sbom, SbomFormat, SbomLicense,
    SbomPackage, SbomTool, embedded_document,
};
use sealstone_verify::Facts;

use super::content;
use crate::document::{
    LicenseField, LicenseRequirement, LicenseRule, PackageRequirement, SbomRequirement, ToolPattern,
};
use crate::failure::Failure;

/// A bill of materials that meets a rule.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The format with its version.
    pub(crate) format: &'static str,
    /// How many packages it lists.
    pub(crate) packages: usize,
    /// What made it: the tool that the rule asks for, or else the first one.
    pub(crate) tool: Option<String>,
    /// Whether packages passed that no package URL identifies.
    pub(crate) insecure_unidentified: bool,
    /// Whether packages passed whose licence is not known.
    pub(crate) insecure_unknown: bool,
}

/// Whether the piece is a bill of materials.
pub(super) fn check_kind(facts: &Facts) -> Result<(), Failure> {
    super::check_family(facts, &[PredicateFamily::CycloneDx, PredicateFamily::Spdx])
}

/// Whether the document meets the requirement; the signer is known to be an authority of the rule.
pub(super) fn check(requirement: &SbomRequirement, facts: &Facts) -> Result<Listed, Failure> {
    let statement = facts
        .statement
        .as_ref()
        .ok_or(Failure::PredicateTypeMismatch { found: None })?;
    let document =
        embedded_document(&statement.predicate).map_err(|error| Failure::Sbom(error.into()))?;
    let sbom = Sbom::from_document(&statement.predicate_type, &document).map_err(Failure::Sbom)?;
    let format = name(sbom.format);
    if !requirement.formats.is_empty() && !requirement.formats.contains(&sbom.format.family()) {
        let fact = "the SBOM is of a format that the rule does not allow";
        return Err(content("sbom.format-disallowed", fact, format));
    }
    let tool = check_tools(&requirement.tools, &sbom.tools)?;
    let asks_packages =
        requirement.packages.is_some() || requirement.licenses.is_some() || requirement.complete;
    if asks_packages && !sbom.packages.iter().any(is_part) {
        return Err(Failure::Content {
            code: "sbom.packages-missing",
            fact: "the SBOM lists no package, so nothing can be said of them; make it with a tool that finds packages",
            found: None,
        });
    }
    let mut listed = Listed {
        format,
        packages: sbom.packages.len(),
        tool,
        insecure_unidentified: false,
        insecure_unknown: false,
    };
    if let Some(asked) = &requirement.packages {
        for package in &sbom.packages {
            listed.insecure_unidentified |= check_package(asked, package)?;
        }
    }
    if let Some(asked) = &requirement.licenses {
        for package in sbom.packages.iter().filter(|package| !package.is_file()) {
            listed.insecure_unknown |= check_licenses(asked, package)?;
        }
    }
    if requirement.complete {
        sbom.check_completeness().map_err(|missing| {
            let fact = match missing.element {
                MinimumElement::Author => {
                    "the SBOM does not say which person or organisation made it"
                }
                MinimumElement::Time => "the SBOM does not say when it was made",
                MinimumElement::Version => "the SBOM does not say the version of a package",
                MinimumElement::Identifier => "the SBOM does not identify a package",
                MinimumElement::Supplier => "the SBOM does not say who supplies a package",
                _ => "the SBOM does not say what a package belongs to",
            };
            Failure::Content {
                code: missing.element.code(),
                fact,
                found: missing.package.map(ToString::to_string),
            }
        })?;
    }
    Ok(listed)
}

/// Whether a package is a part of what is described. Files are no packages, and an operating system is what
/// its packages are of.
fn is_part(package: &SbomPackage<'_>) -> bool {
    let is_system = package.is_operating_system() && package.package_urls.is_empty();
    !package.is_file() && !package.is_described && !is_system
}

/// The tool that the rule asks for, or the first one where it asks for none.
fn check_tools(wanted: &[ToolPattern], tools: &[SbomTool<'_>]) -> Result<Option<String>, Failure> {
    let fits = |tool: &&SbomTool<'_>| {
        wanted.iter().any(|wanted| {
            let version = wanted.version.as_ref();
            let fits = |found| version.is_none_or(|version| version.matches(found));
            // A version that is not told is the empty text only to a rule that does not ask.
            let version = tool.version.map_or(version.is_none(), fits);
            wanted.name.matches(tool.name) && version
        })
    };
    let shown = |tool: &SbomTool<'_>| match tool.version {
        Some(version) => format!("{} {version}", tool.name),
        None => tool.name.to_string(),
    };
    if wanted.is_empty() {
        return Ok(tools.first().map(shown));
    }
    match (tools.iter().find(fits), tools.first()) {
        (Some(tool), _) => Ok(Some(shown(tool))),
        (None, Some(other)) => {
            let fact = "the SBOM was made by none of the tools that the rule allows";
            Err(content("sbom.tool-disallowed", fact, &shown(other)))
        }
        (None, None) => Err(Failure::Content {
            code: "sbom.tool-missing",
            fact: "the SBOM does not say which tool made it",
            found: None,
        }),
    }
}

/// Holds a package against the lists. Returns whether it passes only because what no package URL
/// identifies does.
fn check_package(asked: &PackageRequirement, package: &SbomPackage<'_>) -> Result<bool, Failure> {
    for url in &package.package_urls {
        let coordinates = url.coordinates();
        let version = url.version.as_deref().or(package.version);
        let mut denying = asked.deny.iter();
        if let Some(denied) = denying.find(|pattern| pattern.matches(&coordinates, version, true)) {
            let reason = denied.reason.as_deref();
            let found = match reason {
                Some(reason) => format!("{} ({reason})", shown(url, package)),
                None => shown(url, package),
            };
            let fact = "the SBOM lists a package that the rule denies";
            return Err(content("sbom.package-denied", fact, &found));
        }
        let mut allowing = asked.allow.iter();
        let allowed = asked.allow.is_empty()
            || allowing.any(|pattern| pattern.matches(&coordinates, version, false));
        if !allowed && is_part(package) {
            let fact = "the SBOM lists a package that the rule does not allow";
            let found = shown(url, package);
            return Err(content("sbom.package-not-allowed", fact, &found));
        }
    }
    if !is_part(package) || !package.package_urls.is_empty() {
        return Ok(false);
    }
    if !asked.insecure_ignore_unidentified {
        let fact = "no package URL says what a package of the SBOM is";
        return Err(content("sbom.package-unidentified", fact, package.name));
    }
    Ok(true)
}

/// The package URL with the version, wherever it stands.
fn shown(url: &PackageUrl<'_>, package: &SbomPackage<'_>) -> String {
    match (&url.version, package.version) {
        (None, Some(version)) => format!("{} {version}", url.coordinates()),
        _ => url.to_string(),
    }
}

/// Holds the licences of a package against the list. Returns whether it passes only because unknown
/// licences do.
fn check_licenses(asked: &LicenseRequirement, package: &SbomPackage<'_>) -> Result<bool, Failure> {
    let concluded = asked.of == LicenseField::Concluded && !package.concluded_licenses.is_empty();
    let licenses = if concluded {
        &package.concluded_licenses
    } else {
        &package.declared_licenses
    };
    let mut unknown = licenses.is_empty();
    for license in licenses {
        let SbomLicense::Expression(text) = license else {
            unknown = true;
            continue;
        };
        let Ok(expression) = LicenseExpression::parse(text) else {
            unknown = true;
            continue;
        };
        let found = || format!("{}: {text}", package.name);
        match &asked.list {
            LicenseRule::Allow(list) if !expression.is_within(list) => {
                let fact = "a package of the SBOM is under a licence that the rule does not allow";
                return Err(content("sbom.license-not-allowed", fact, &found()));
            }
            LicenseRule::Deny(list) if !expression.avoids(list) => {
                let fact = "a package of the SBOM is under a licence that the rule denies";
                return Err(content("sbom.license-denied", fact, &found()));
            }
            _ => {}
        }
    }
    // Of what is described, most often the image itself, and of its operating system few say the licence.
    if !unknown || !is_part(package) {
        return Ok(false);
    }
    if !asked.insecure_ignore_unknown {
        let fact = "the SBOM does not say the licence of a package as an SPDX expression";
        return Err(content("sbom.license-unknown", fact, package.name));
    }
    Ok(true)
}

fn name(format: SbomFormat) -> &'static str {
    match format {
        SbomFormat::CycloneDx14 => "CycloneDX 1.4",
        SbomFormat::CycloneDx15 => "CycloneDX 1.5",
        SbomFormat::CycloneDx16 => "CycloneDX 1.6",
        SbomFormat::CycloneDx17 => "CycloneDX 1.7",
        SbomFormat::Spdx23 => "SPDX 2.3",
        _ => "SPDX 3.0",
    }
}
