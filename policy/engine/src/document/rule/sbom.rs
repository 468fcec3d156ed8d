//! Rules that ask for a bill of materials.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use sealstone_provenance::{LicenseList, PredicateFamily};
use sealstone_verify::json::Value;

use super::super::members::{
    choice, exactly_one, flag, insecure, matcher, optional_list, optional_matcher, word,
};
use super::super::{Names, Signers, duration};
use super::{PackagePattern, Quantifier};
use crate::limits::Limit;
use crate::pattern::StringMatcher;
use crate::problem::Path;
use crate::reader::{Fault, Reader};

/// A software bill of materials (SBOM) of the image. What the rule asks about and the document does
/// not say is refused.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct SbomRequirement {
    /// Who must have signed.
    pub(crate) signed_by: Signers,
    /// Which SBOMs, among those that somebody in `signedBy` signed, must meet the rule. Default
    /// `any`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Quantifier>"))]
    pub(crate) quantifier: Quantifier,
    /// The formats, any of these. Default both.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<schema::Format>>", length(min = 1, max = 2))
    )]
    pub(crate) formats: Vec<PredicateFamily>,
    /// The tools, one of which must have made the document, by its own word.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<ToolPattern>>", length(min = 1, max = 64))
    )]
    pub(crate) tools: Vec<ToolPattern>,
    /// Which packages the image may hold.
    pub(crate) packages: Option<PackageRequirement>,
    /// Under which licences its packages may be.
    pub(crate) licenses: Option<LicenseRequirement>,
    /// Whether every minimum element of the NTIA (2021) must be there. Default false.
    #[cfg_attr(feature = "schema", schemars(with = "Option<bool>"))]
    pub(crate) complete: bool,
    /// How far back from the decision the earliest proven time of the signature may lie: `30d`,
    /// `12h`, `90m` or `45s`.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<alloc::string::String>", extend("pattern" = duration::PATTERN))
    )]
    pub(crate) maximum_age: Option<u64>,
}

/// A tool that makes documents.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct ToolPattern {
    /// Its name.
    pub(crate) name: StringMatcher,
    /// Its version.
    #[cfg_attr(feature = "schema", schemars(with = "Option<StringMatcher>"))]
    pub(crate) version: Option<StringMatcher>,
}

/// Which packages an image may hold.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        extend("anyOf" = [{"required": ["allow"]}, {"required": ["deny"]}])
    )
)]
pub(crate) struct PackageRequirement {
    /// Every package is one of these; but for files and what the document describes.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<PackagePattern>>", length(min = 1, max = 256))
    )]
    pub(crate) allow: Vec<PackagePattern>,
    /// No package is one of these. A package whose version is not told is, whatever the range.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<PackagePattern>>", length(min = 1, max = 256))
    )]
    pub(crate) deny: Vec<PackagePattern>,
    /// Lets packages pass that no package URL identifies. Shows up in every decision that relies on
    /// it.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<bool>", extend("const" = true))
    )]
    pub(crate) insecure_ignore_unidentified: bool,
}

/// Under which licences the packages of an image may be.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct LicenseRequirement {
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub(crate) list: LicenseRule,
    /// Which licences count. Default `concluded`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<LicenseField>"))]
    pub(crate) of: LicenseField,
    /// Lets packages pass whose licence is not told, or not as an SPDX expression. Shows up in every
    /// decision that relies on it.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<bool>", extend("const" = true))
    )]
    pub(crate) insecure_ignore_unknown: bool,
}

/// A list of SPDX licences, each with its exception (`WITH`) if it has one.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum LicenseRule {
    /// One can comply by these licences alone.
    Allow(
        #[cfg_attr(
            feature = "schema",
            schemars(with = "Vec<alloc::string::String>", length(min = 1, max = 256))
        )]
        LicenseList,
    ),
    /// One can comply without any of these licences. What the list spells otherwise than the
    /// document passes; an allow list is stronger.
    Deny(
        #[cfg_attr(
            feature = "schema",
            schemars(with = "Vec<alloc::string::String>", length(min = 1, max = 256))
        )]
        LicenseList,
    ),
}

/// Which licences of a package count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum LicenseField {
    /// Those that the document's author concludes; where there are none, those that the package
    /// declares.
    #[default]
    Concluded,
    /// Those that the package declares.
    Declared,
}

/// The formats by name.
const FORMATS: [(&str, PredicateFamily); 2] = [
    ("cycloneDx", PredicateFamily::CycloneDx),
    ("spdx", PredicateFamily::Spdx),
];

/// The form in the schema.
#[cfg(feature = "schema")]
mod schema {
    /// A format of bills of materials.
    #[expect(
        dead_code,
        reason = "the schema of what is read into `PredicateFamily`"
    )]
    #[derive(schemars::JsonSchema)]
    #[schemars(rename_all = "camelCase", rename = "SbomFormat")]
    pub(super) enum Format {
        /// CycloneDX 1.4, 1.5, 1.6 and 1.7 in JSON.
        CycloneDx,
        /// SPDX 2.3 and 3.0 in JSON.
        Spdx,
    }
}

impl SbomRequirement {
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
                "formats",
                "tools",
                "packages",
                "licenses",
                "complete",
                "maximumAge",
            ],
        )?;
        let signed_by = Signers::read(reader, members, path, names);
        let quantifier = choice(reader, members, path, "quantifier", &Quantifier::NAMES);
        let formats = optional_list(
            reader,
            members,
            path,
            "formats",
            Limit::Properties,
            |reader, value, path| word(reader, value, path, &FORMATS),
        );
        let tools = optional_list(
            reader,
            members,
            path,
            "tools",
            Limit::Alternatives,
            ToolPattern::read,
        );
        let packages = match members.get("packages") {
            Some(value) => {
                PackageRequirement::read(reader, value, &path.member("packages")).map(Some)
            }
            None => Some(None),
        };
        let licenses = match members.get("licenses") {
            Some(value) => {
                LicenseRequirement::read(reader, value, &path.member("licenses")).map(Some)
            }
            None => Some(None),
        };
        let complete = flag(reader, members, path, "complete");
        let maximum_age = duration::read(reader, members, path, "maximumAge");
        Some(Self {
            signed_by: signed_by?,
            quantifier: quantifier?.unwrap_or_default(),
            formats: formats?,
            tools: tools?,
            packages: packages?,
            licenses: licenses?,
            complete: complete?,
            maximum_age: maximum_age?,
        })
    }
}

impl ToolPattern {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["name", "version"])?;
        let name = matcher(reader, members, path, "name");
        let version = optional_matcher(reader, members, path, "version");
        Some(Self {
            name: name?,
            version: version?,
        })
    }
}

impl PackageRequirement {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let names = ["allow", "deny", "insecureIgnoreUnidentified"];
        let members = reader.object(value, path, &names)?;
        if !members.contains_key("allow") && !members.contains_key("deny") {
            let message = "must have `allow`, `deny` or both".into();
            reader.fault(Fault::Empty, path, message);
            return None;
        }
        let mut list = |name| {
            optional_list(
                reader,
                members,
                path,
                name,
                Limit::Packages,
                PackagePattern::read,
            )
        };
        let (allow, deny) = (list("allow"), list("deny"));
        let ignore = insecure(reader, members, path, "insecureIgnoreUnidentified");
        Some(Self {
            allow: allow?,
            deny: deny?,
            insecure_ignore_unidentified: ignore?,
        })
    }
}

impl LicenseRequirement {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let names = ["allow", "deny", "of", "insecureIgnoreUnknown"];
        let members = reader.object(value, path, &names)?;
        let list = exactly_one(reader, members, path, &["allow", "deny"]);
        let list = list.and_then(|(field, value)| {
            let list = read_licenses(reader, value, &path.member(field))?;
            Some(match field {
                "allow" => LicenseRule::Allow(list),
                _ => LicenseRule::Deny(list),
            })
        });
        let words = [
            ("concluded", LicenseField::Concluded),
            ("declared", LicenseField::Declared),
        ];
        let of = choice(reader, members, path, "of", &words);
        let ignore = insecure(reader, members, path, "insecureIgnoreUnknown");
        Some(Self {
            list: list?,
            of: of?.unwrap_or_default(),
            insecure_ignore_unknown: ignore?,
        })
    }
}

fn read_licenses(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<LicenseList> {
    let items = reader.list(value, path, Limit::Licenses)?;
    let mut texts = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = path.index(index);
        let text = reader.text(item, &path)?;
        // One by one, so that the problem has the place of its entry.
        if let Err(error) = LicenseList::parse([text]) {
            reader.problems.push(error.code(), &path, error.to_string());
            return None;
        }
        texts.push(text);
    }
    LicenseList::parse(texts).ok()
}
