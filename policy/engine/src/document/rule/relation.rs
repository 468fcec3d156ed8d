//! Relations of the pieces that meet one rule to those that meet another.

use alloc::format;
use alloc::string::String;

use sealstone_verify::json::{Map, Value};

use super::super::members::{choice, reference};
use super::super::{Names, duration};
use crate::problem::Path;
use crate::reader::{Fault, Reader};

/// How a piece that meets this rule must stand to one that meets another rule. At least one of
/// `subject`, `signer` and `after` is required.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        extend("anyOf" = [{"required": ["subject"]}, {"required": ["signer"]}, {"required": ["after"]}])
    )
)]
pub(crate) struct Relation {
    /// The name of the other rule. One piece that meets what it asks of one piece must stand in all
    /// that is said here; any one will do. Its images, its mode, its date, its own relations and how
    /// many signers it asks for play no part. No piece by itself meets a rule in Rego.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) rule: String,
    /// `same`: both are about the same artifact. It may differ only where evidence about an index
    /// counts, too.
    pub(crate) subject: Option<SubjectRelation>,
    /// Whether the same identity or key must have signed both, or a different one.
    pub(crate) signer: Option<SignerRelation>,
    /// This piece was signed no earlier than the other, by the earliest proven time of each.
    pub(crate) after: Option<After>,
}

/// How the subjects of two pieces stand to each other.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum SubjectRelation {
    /// The same artifact.
    Same,
}

/// How the signers of two pieces stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum SignerRelation {
    /// The same issuer and subject, or the same key.
    Same,
    /// Another issuer, another subject or another key.
    Different,
}

/// How much later a piece was signed than another.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct After {
    /// The least distance: `30d`, `12h`, `90m` or `45s`. Without it, none.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", extend("pattern" = duration::PATTERN))
    )]
    pub(crate) minimum: Option<u64>,
    /// The greatest distance. Without it, any.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", extend("pattern" = duration::PATTERN))
    )]
    pub(crate) maximum: Option<u64>,
}

impl Relation {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let members = reader.object(value, path, &["rule", "subject", "signer", "after"])?;
        let rule = reader.required(members, "rule", path);
        let rule =
            rule.and_then(|rule| reference(reader, rule, &path.member("rule"), &names.rules));
        let same = [("same", SubjectRelation::Same)];
        let signers = [
            ("same", SignerRelation::Same),
            ("different", SignerRelation::Different),
        ];
        let subject = choice(reader, members, path, "subject", &same)?;
        let signer = choice(reader, members, path, "signer", &signers)?;
        let after = match members.get("after") {
            None => None,
            Some(value) => Some(After::read(reader, value, &path.member("after"))?),
        };
        if subject.is_none() && signer.is_none() && after.is_none() {
            let message = "must say `subject`, `signer` or `after`";
            reader.fault(Fault::MissingField, path, message.into());
        }
        Some(Self {
            rule: rule?,
            subject,
            signer,
            after,
        })
    }
}

impl After {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members: &Map<String, Value> = reader.object(value, path, &["minimum", "maximum"])?;
        let minimum = duration::read(reader, members, path, "minimum")?;
        let maximum = duration::read(reader, members, path, "maximum")?;
        if let (Some(minimum), Some(maximum)) = (minimum, maximum)
            && minimum > maximum
        {
            let message = "is less than `minimum`; nothing could be met";
            reader.problems.push(
                "policy.range-empty",
                &path.member("maximum"),
                message.into(),
            );
        }
        Some(Self { minimum, maximum })
    }
}

/// Reports relations to the rule itself, and two to the same rule: one piece must stand in all that
/// is asked.
pub(super) fn check_distinct(
    reader: &mut Reader,
    (name, relations): (&str, &[Relation]),
    path: &Path<'_>,
) {
    let list = path.member("relations");
    for (index, relation) in relations.iter().enumerate() {
        let rule = relation.rule.as_str();
        let mut earlier = relations.iter().take(index);
        if rule == name || earlier.any(|other| other.rule == rule) {
            let message = format!("`{rule}` is this rule itself, or stands here twice");
            let element = list.index(index);
            reader
                .problems
                .push("policy.duplicate-name", &element.member("rule"), message);
        }
    }
}
