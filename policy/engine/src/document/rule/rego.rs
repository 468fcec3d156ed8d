//! Rules in Rego.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use sealstone_verify::json::{Map, Value};

use super::super::members::{choice, name, optional_list, optional_text, references};
use super::super::{Names, duration};
use super::AttestationKind;
use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::{Fault, Reader};
use crate::rego::{Program, Refusal};

/// What a program in Rego says to what was verified. It can only refuse. Needs a module that was
/// built with Rego.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        extend("anyOf" = [{"required": ["deny"]}, {"required": ["allow"]}])
    )
)]
pub(crate) struct RegoRequirement {
    /// The modules of the program, each its text.
    #[cfg_attr(
        feature = "schema",
        schemars(length(min = 1, max = 8), inner(length(min = 1, max = 65536)))
    )]
    #[cfg(feature = "schema")]
    #[expect(dead_code, reason = "it is in the program; the schema names it")]
    modules: Vec<String>,
    /// The version of the syntax. Default `v1`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<RegoSyntax>"))]
    #[cfg(feature = "schema")]
    #[expect(dead_code, reason = "it is in the program; the schema names it")]
    syntax: RegoSyntax,
    /// The rule that says what speaks against the image, `data.` and the package included: a set or
    /// an array of messages. The image is refused unless it is empty.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("pattern" = PATH)))]
    #[cfg(feature = "schema")]
    #[expect(dead_code, reason = "it is in the program; the schema names it")]
    deny: Option<String>,
    /// The rule that must be `true`, `data.` and the package included.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("pattern" = PATH)))]
    #[cfg(feature = "schema")]
    #[expect(dead_code, reason = "it is in the program; the schema names it")]
    allow: Option<String>,
    /// The attestations that the program is told of, one for each of these. Where several could be
    /// one of these, it is asked about each combination, and one that it does not refuse is enough.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 8)))]
    pub(crate) attestations: Vec<RegoAttestation>,
    /// The program, read.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub(crate) program: Program,
}

/// An attestation that a program in Rego is told of.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct RegoAttestation {
    /// The member of `input.attestations`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) name: String,
    /// Who must have signed; any of these.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub(crate) signed_by: Vec<String>,
    /// The predicate type as it is written, or the family that it belongs to.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub(crate) kind: AttestationKind,
    /// How far back from the decision the earliest proven time of the signature may lie: `30d`,
    /// `12h`, `90m` or `45s`.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", extend("pattern" = duration::PATTERN))
    )]
    pub(crate) maximum_age: Option<u64>,
}

/// A version of the syntax of Rego.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum RegoSyntax {
    /// Before OPA 1.0: `deny[message] { … }`.
    V0,
    /// Since OPA 1.0: `deny contains message if { … }`.
    #[default]
    V1,
}

/// The paths of rules.
#[cfg(feature = "schema")]
const PATH: &str = r"^data(\.[A-Za-z_][A-Za-z0-9_]*){2,}$";

impl RegoSyntax {
    const NAMES: [(&'static str, Self); 2] = [("v0", Self::V0), ("v1", Self::V1)];
}

impl RegoRequirement {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let members = reader.object(
            value,
            path,
            &["modules", "syntax", "deny", "allow", "attestations"],
        )?;
        let modules = read_modules(reader, members, path);
        let syntax = choice(reader, members, path, "syntax", &RegoSyntax::NAMES);
        let deny = read_path(reader, members, path, "deny");
        let allow = read_path(reader, members, path, "allow");
        reader.required(members, "attestations", path);
        let attestations = optional_list(
            reader,
            members,
            path,
            "attestations",
            Limit::RegoAttestations,
            |r, v, p| RegoAttestation::read(r, v, p, names),
        );
        let (modules, syntax) = (modules?, syntax?.unwrap_or_default());
        let (deny, allow, attestations) = (deny?, allow?, attestations?);
        for (index, one) in attestations.iter().enumerate() {
            let earlier = attestations.iter().take(index);
            if earlier.into_iter().any(|other| other.name == one.name) {
                let list = path.member("attestations");
                let element = list.index(index);
                let message = "an earlier element has this name too".to_string();
                let name = element.member("name");
                reader
                    .problems
                    .push("policy.duplicate-name", &name, message);
            }
        }
        if deny.is_none() && allow.is_none() {
            let message = "`deny`, `allow` or both are required".to_string();
            reader.fault(Fault::MissingField, path, message);
            return None;
        }
        let is_v0 = syntax == RegoSyntax::V0;
        match Program::new(&modules, is_v0, deny.as_deref(), allow.as_deref()) {
            Ok(program) => Some(Self {
                #[cfg(feature = "schema")]
                modules,
                #[cfg(feature = "schema")]
                syntax,
                #[cfg(feature = "schema")]
                deny,
                #[cfg(feature = "schema")]
                allow,
                attestations,
                program,
            }),
            Err(refusal) => {
                report(reader, path, &refusal);
                None
            }
        }
    }
}

fn report(reader: &mut Reader, path: &Path<'_>, refusal: &Refusal) {
    let list = path.member("modules");
    match refusal {
        Refusal::Module(index, located) => {
            let (path, message) = (list.index(*index), located.to_string());
            reader
                .problems
                .push("policy.rego-malformed", &path, message);
        }
        Refusal::Modules(located) => {
            let message = located.to_string();
            reader
                .problems
                .push("policy.rego-malformed", &list, message);
        }
        Refusal::RuleUnknown(field) => {
            let message = "no module has such a rule".to_string();
            let path = path.member(field);
            reader
                .problems
                .push("policy.rego-rule-unknown", &path, message);
        }
    }
}

fn read_modules(
    reader: &mut Reader,
    members: &Map<String, Value>,
    path: &Path<'_>,
) -> Option<Vec<String>> {
    let items = reader.required_list(members, "modules", path, Limit::RegoModules)?;
    let list = path.member("modules");
    let mut modules = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = list.index(index);
        let text = reader.text(item, &path)?;
        if text.len() > Limit::RegoBytes.value() {
            reader.exceeded(Limit::RegoBytes, &path, "bytes");
            return None;
        }
        modules.push(text.to_string());
    }
    Some(modules)
}

/// The path of a rule, if the member is there. The outer `None` says that it is none, which was
/// reported.
fn read_path(
    reader: &mut Reader,
    members: &Map<String, Value>,
    path: &Path<'_>,
    field: &'static str,
) -> Option<Option<String>> {
    let text = optional_text(reader, members, path, field, Limit::PatternBytes)?;
    let Some(text) = text else {
        return Some(None);
    };
    let is_name = |name: &str| {
        let mut characters = name.chars();
        let first = characters.next();
        first.is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && characters.all(|other| other.is_ascii_alphanumeric() || other == '_')
    };
    let names = text.strip_prefix("data.");
    let is_path = names.is_some_and(|names| names.contains('.') && names.split('.').all(is_name));
    if !is_path {
        let message = "must be the path of a rule, for example `data.example.deny`".to_string();
        let path = path.member(field);
        reader
            .problems
            .push("policy.rego-path-malformed", &path, message);
        return None;
    }
    Some(Some(text))
}

impl RegoAttestation {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>, names: &Names) -> Option<Self> {
        let members = reader.object(
            value,
            path,
            &["name", "signedBy", "predicateType", "family", "maximumAge"],
        )?;
        let name = name(reader, members, path);
        let signed_by = references(reader, members, path, "signedBy", &names.authorities);
        let kind = AttestationKind::read(reader, members, path);
        let maximum_age = duration::read(reader, members, path, "maximumAge");
        Some(Self {
            name: name?,
            signed_by: signed_by?,
            kind: kind?,
            maximum_age: maximum_age?,
        })
    }
}
