//! Who must sign: authorities, alone or combined.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::{Map, Value};

use super::Names;
use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::Reader;

/// Who must sign. A list of names asks for any of them.
#[derive(Debug)]
pub(crate) enum Signers {
    /// The authority of that name.
    Authority(String),
    /// All of them.
    AllOf(Vec<Signers>),
    /// Any of them.
    AnyOf(Vec<Signers>),
    /// So many of them, each by a signer of its own: one signer that fits two counts once.
    AtLeast(usize, Vec<Signers>),
}

const COMBINATIONS: [&str; 3] = ["allOf", "anyOf", "atLeast"];

impl Signers {
    /// Reads the field `signedBy`, which must be there.
    pub(super) fn read(
        reader: &mut Reader,
        members: &Map<String, Value>,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let value = reader.required(members, "signedBy", path)?;
        let path = path.member("signedBy");
        // One more than there may be: what uses it up is too much.
        let mut budget = Limit::SignedBy.value().saturating_add(1);
        let signers = match value {
            Value::Array(_) => {
                Self::list(reader, value, &path, names, 0, &mut budget).map(Self::AnyOf)
            }
            Value::Object(_) => Self::combination(reader, value, &path, names, 0, &mut budget),
            _ => {
                reader.wrong_type(
                    &path,
                    "a list of authorities, or one of allOf, anyOf, atLeast",
                );
                None
            }
        };
        if budget == 0 {
            reader.exceeded(Limit::SignedBy, &path, "authorities");
            return None;
        }
        signers
    }

    /// A name or a combination, below `depth` others.
    fn element(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
        depth: usize,
        budget: &mut usize,
    ) -> Option<Self> {
        if matches!(value, Value::Object(_)) {
            return Self::combination(reader, value, path, names, depth, budget);
        }
        *budget = budget.saturating_sub(1);
        super::members::reference(reader, value, path, &names.authorities).map(Self::Authority)
    }

    fn combination(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
        depth: usize,
        budget: &mut usize,
    ) -> Option<Self> {
        if depth == Limit::SignerNesting.value() {
            reader.exceeded(Limit::SignerNesting, path, "levels of nesting");
            return None;
        }
        let members = reader.object(value, path, &COMBINATIONS)?;
        let (field, value) = super::members::exactly_one(reader, members, path, &COMBINATIONS)?;
        let path = path.member(field);
        match field {
            "allOf" => Self::list(reader, value, &path, names, depth, budget).map(Self::AllOf),
            "anyOf" => Self::list(reader, value, &path, names, depth, budget).map(Self::AnyOf),
            _ => Self::at_least(reader, value, &path, names, depth, budget),
        }
    }

    fn at_least(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
        depth: usize,
        budget: &mut usize,
    ) -> Option<Self> {
        let members = reader.object(value, path, &["count", "of"])?;
        let of = reader
            .required(members, "of", path)
            .and_then(|of| Self::list(reader, of, &path.member("of"), names, depth, budget));
        let count = reader.required(members, "count", path)?;
        let of = of?;
        let most = u64::try_from(of.len()).unwrap_or(1);
        let path = path.member("count");
        let code = "policy.threshold-out-of-range";
        let count = super::members::number(reader, count, &path, (1, most), code)?;
        Some(Self::AtLeast(count, of))
    }

    fn list(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
        depth: usize,
        budget: &mut usize,
    ) -> Option<Vec<Self>> {
        let items = reader.list(value, path, Limit::SignedBy)?;
        let mut seen: Vec<&str> = Vec::new();
        let mut signers = Vec::with_capacity(items.len());
        let depth = depth.saturating_add(1);
        for (index, item) in items.iter().enumerate() {
            let path = path.index(index);
            if let Some(name) = item.as_str() {
                if seen.contains(&name) {
                    reader.problems.push(
                        "policy.duplicate-name",
                        &path,
                        format!("`{}` stands here twice", crate::text::Escaped(name)),
                    );
                }
                seen.push(name);
            }
            signers.extend(Self::element(reader, item, &path, names, depth, budget));
        }
        (signers.len() == items.len()).then_some(signers)
    }
}

/// The form in the schema.
#[cfg(feature = "schema")]
mod schema {
    use alloc::borrow::Cow;
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::Signers;

    /// A list of names, or a combination.
    #[expect(dead_code, reason = "the schema of what is read into `Signers`")]
    #[derive(schemars::JsonSchema)]
    #[schemars(untagged)]
    enum Form {
        /// Any of these authorities.
        List(#[schemars(length(min = 1, max = 64))] Vec<Element>),
        /// A combination of authorities.
        Combination(Combination),
    }

    /// An authority by its name, or a combination.
    #[expect(dead_code, reason = "the schema of what is read into `Signers`")]
    #[derive(schemars::JsonSchema)]
    #[schemars(untagged)]
    enum Element {
        /// The name of an authority.
        Authority(#[schemars(length(min = 1, max = 128))] String),
        /// A combination of authorities.
        Combination(Combination),
    }

    /// How authorities are combined.
    #[expect(dead_code, reason = "the schema of what is read into `Signers`")]
    #[derive(schemars::JsonSchema)]
    #[schemars(rename_all = "camelCase")]
    enum Combination {
        /// All of them.
        AllOf(#[schemars(length(min = 1, max = 64))] Vec<Element>),
        /// Any of them.
        AnyOf(#[schemars(length(min = 1, max = 64))] Vec<Element>),
        /// So many of them, each by a signer of its own.
        AtLeast(AtLeast),
    }

    /// So many of them, each by a signer of its own: one signer that fits two counts once.
    #[expect(dead_code, reason = "the schema of what is read into `Signers`")]
    #[derive(schemars::JsonSchema)]
    #[schemars(rename_all = "camelCase", deny_unknown_fields)]
    struct AtLeast {
        /// How many, from 1 to the number of those named.
        #[schemars(range(min = 1, max = 64))]
        count: u64,
        /// Of these.
        #[schemars(length(min = 1, max = 64))]
        of: Vec<Element>,
    }

    impl schemars::JsonSchema for Signers {
        fn schema_name() -> Cow<'static, str> {
            "Signers".into()
        }

        fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
            Form::json_schema(generator)
        }
    }
}
