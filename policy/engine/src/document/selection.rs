//! Which requests something is for: by namespace and by the labels of the object.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::{Map, Value};

use crate::limits::Limit;
use crate::pattern::Glob;
use crate::problem::Path;
use crate::reader::{Fault, Reader};

/// Which requests something is for. All that stands here must hold. Whoever creates an object
/// chooses its labels.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))
)]
pub(crate) struct Selection {
    #[cfg_attr(feature = "schema", schemars(flatten))]
    namespaces: Namespaces,
    /// The labels of the object.
    labels: Option<LabelSelector>,
}

/// Which namespaces are meant.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) struct Namespaces {
    /// Namespaces, any of the globs. A request without a namespace is in none.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Option<Vec<String>>",
            length(min = 1, max = 64),
            inner(length(min = 1))
        )
    )]
    namespaces: Vec<Glob>,
    /// Namespaces that are left out, any of the globs. A request without a namespace is left out too.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Option<Vec<String>>",
            length(min = 1, max = 64),
            inner(length(min = 1))
        )
    )]
    exclude_namespaces: Vec<Glob>,
}

/// A label selector with the meaning that it has in Kubernetes.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))
)]
pub(crate) struct LabelSelector {
    /// Labels that must have these values.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<alloc::collections::BTreeMap<String, String>>", extend("minProperties" = 1, "maxProperties" = 64))
    )]
    match_labels: Map<String, String>,
    /// What must hold for labels.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<LabelExpression>>", length(min = 1, max = 64))
    )]
    match_expressions: Vec<LabelExpression>,
}

/// What must hold for one label.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
struct LabelExpression {
    /// The name of the label.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    key: String,
    /// What must hold. `NotIn` holds for an object without the label too.
    operator: LabelOperator,
    /// The values of `In` and `NotIn`; the other operators have none.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<String>>", length(min = 1, max = 64))
    )]
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum LabelOperator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// What a selection is held against.
#[derive(Debug, Default)]
pub(crate) struct Context {
    /// The namespace, where the request has one.
    pub(crate) namespace: Option<String>,
    /// The labels, where the request is about an object or names them.
    pub(crate) labels: Option<Map<String, String>>,
}

impl Selection {
    /// Reads a selection. One that selects everything is refused: it says nothing.
    pub(super) fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let [namespaces, exclude] = Namespaces::FIELDS;
        let members = reader.object(value, path, &[namespaces, exclude, "labels"])?;
        if members.is_empty() {
            nothing(reader, path);
            return None;
        }
        let namespaces = Namespaces::read(reader, members, path);
        let labels = match members.get("labels") {
            None => None,
            Some(value) => Some(LabelSelector::read(reader, value, &path.member("labels"))?),
        };
        Some(Self {
            namespaces: namespaces?,
            labels,
        })
    }

    /// Whether the request is among those that are meant. What it does not say does not match.
    pub(crate) fn matches(&self, context: &Context) -> bool {
        let labelled = self.labels.as_ref().is_none_or(|selector| {
            let labels = context.labels.as_ref();
            labels.is_some_and(|labels| selector.matches(labels))
        });
        labelled && self.namespaces.matches(context)
    }
}

impl Namespaces {
    pub(super) const FIELDS: [&'static str; 2] = ["namespaces", "excludeNamespaces"];

    /// Reads both members of an object, each of which may be left out.
    pub(super) fn read(
        reader: &mut Reader,
        members: &Map<String, Value>,
        path: &Path<'_>,
    ) -> Option<Self> {
        let [namespaces, exclude_namespaces] =
            Self::FIELDS.map(|field| Glob::read_list(reader, members, path, field));
        Some(Self {
            namespaces: namespaces?,
            exclude_namespaces: exclude_namespaces?,
        })
    }

    /// Whether the namespace of the request is meant.
    pub(super) fn matches(&self, context: &Context) -> bool {
        let among = |globs: &[Glob], namespace: &str| {
            globs.iter().any(|namespaces| namespaces.matches(namespace))
        };
        let namespace = context.namespace.as_deref();
        let included = self.namespaces.is_empty()
            || namespace.is_some_and(|namespace| among(&self.namespaces, namespace));
        let excluded = !self.exclude_namespaces.is_empty()
            && namespace.is_none_or(|namespace| among(&self.exclude_namespaces, namespace));
        included && !excluded
    }
}

impl Glob {
    /// Reads a list of globs that may be left out, then empty.
    pub(super) fn read_list(
        reader: &mut Reader,
        members: &Map<String, Value>,
        path: &Path<'_>,
        field: &'static str,
    ) -> Option<Vec<Self>> {
        super::members::optional_list(
            reader,
            members,
            path,
            field,
            Limit::SelectionElements,
            |reader, value, path| {
                let text = reader.text(value, path)?;
                super::members::pattern(reader, path, Self::new(text))
            },
        )
    }
}

impl LabelSelector {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["matchLabels", "matchExpressions"])?;
        if members.is_empty() {
            nothing(reader, path);
            return None;
        }
        let mut match_labels = Map::new();
        if let Some(value) = members.get("matchLabels") {
            let path = path.member("matchLabels");
            let Some(labels) = value.as_object() else {
                reader.wrong_type(&path, "an object of strings");
                return None;
            };
            if labels.is_empty() {
                nothing(reader, &path);
            }
            if labels.len() > Limit::SelectionElements.value() {
                reader.exceeded(Limit::SelectionElements, &path, "labels");
            }
            for (key, value) in labels {
                match value.as_str() {
                    Some(value) => {
                        match_labels.insert(key.clone(), value.to_string());
                    }
                    None => reader.wrong_type(&path, "an object of strings"),
                }
            }
        }
        let match_expressions = super::members::optional_list(
            reader,
            members,
            path,
            "matchExpressions",
            Limit::SelectionElements,
            LabelExpression::read,
        );
        Some(Self {
            match_labels,
            match_expressions: match_expressions?,
        })
    }

    fn matches(&self, labels: &Map<String, String>) -> bool {
        let equal = |(key, value): (&String, &String)| labels.get(key) == Some(value);
        self.match_labels.iter().all(equal)
            && self
                .match_expressions
                .iter()
                .all(|expression| expression.holds(labels.get(&expression.key)))
    }
}

impl LabelExpression {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["key", "operator", "values"])?;
        let key = reader.required_text(members, "key", path);
        let operator = reader.required(members, "operator", path)?;
        let operators = [
            ("In", LabelOperator::In),
            ("NotIn", LabelOperator::NotIn),
            ("Exists", LabelOperator::Exists),
            ("DoesNotExist", LabelOperator::DoesNotExist),
        ];
        let operator =
            super::members::word(reader, operator, &path.member("operator"), &operators)?;
        let values = match operator {
            LabelOperator::In | LabelOperator::NotIn => {
                reader.required(members, "values", path)?;
                super::members::optional_list(
                    reader,
                    members,
                    path,
                    "values",
                    Limit::SelectionElements,
                    |reader, value, path| match value.as_str() {
                        // The empty text is a value that a label can have.
                        Some(text) => Some(text.to_string()),
                        None => {
                            reader.wrong_type(path, "a string");
                            None
                        }
                    },
                )
            }
            LabelOperator::Exists | LabelOperator::DoesNotExist => {
                if members.contains_key("values") {
                    reader.fault(
                        Fault::UnknownField,
                        &path.member("values"),
                        "`Exists` and `DoesNotExist` have no values; leave them out".into(),
                    );
                }
                Some(Vec::new())
            }
        };
        Some(Self {
            key: key?.to_string(),
            operator,
            values: values?,
        })
    }

    fn holds(&self, label: Option<&String>) -> bool {
        let among = label.is_some_and(|label| self.values.contains(label));
        match self.operator {
            LabelOperator::In => among,
            LabelOperator::NotIn => !among,
            LabelOperator::Exists => label.is_some(),
            LabelOperator::DoesNotExist => label.is_none(),
        }
    }
}

fn nothing(reader: &mut Reader, path: &Path<'_>) {
    reader.fault(
        Fault::Empty,
        path,
        "must have at least one member; leave it out to mean everything".into(),
    );
}
