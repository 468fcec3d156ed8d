//! Evidence as a tree that reaches into nested documents.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_forge::Evidence;

/// A JSON value; members keep their order and may repeat.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    /// A number, a Boolean or `null`, as written.
    Literal(String),
    String(Text),
}

/// What a string holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Text {
    Plain(String),
    Lines(Vec<String>),
    Json(Box<Node>),
    Base64(Box<Text>),
    /// One PEM block with this label, in lines of 64 characters.
    Pem(String, Vec<u8>),
    /// Only within [`Self::Base64`].
    Bytes(Vec<u8>),
}

impl Node {
    /// `{"content", "annotations"}`.
    pub(super) fn of(evidence: &Evidence) -> Self {
        let content = String::from_utf8(evidence.content.clone()).expect("evidence is text");
        let annotations = evidence
            .annotations
            .iter()
            .map(|(name, value)| (name.clone(), Self::String(Text::read(value))))
            .collect();
        Self::Object(vec![
            ("content".to_owned(), Self::String(Text::read(&content))),
            ("annotations".to_owned(), Self::Object(annotations)),
        ])
    }

    /// The evidence that this tree, changed or not, stands for.
    pub(super) fn to_evidence(&self, media_type: &str) -> Evidence {
        let mut evidence = Evidence {
            media_type: media_type.to_owned(),
            content: Vec::new(),
            annotations: [].into(),
        };
        let Self::Object(parts) = self else {
            return evidence;
        };
        for (name, part) in parts {
            match (name.as_str(), part) {
                ("content", Self::String(text)) => evidence.content = text.to_bytes(),
                ("annotations", Self::Object(members)) => {
                    for (name, member) in members {
                        if let Self::String(text) = member {
                            let text = String::from_utf8_lossy(&text.to_bytes()).into_owned();
                            evidence.annotations.insert(name.clone(), text);
                        }
                    }
                }
                _ => {}
            }
        }
        evidence
    }

    /// Removes the members of that name, at every depth and in every nested document.
    pub(super) fn remove_members(&mut self, name: &str) {
        match self {
            Self::Object(members) => {
                members.retain(|(other, _)| other != name);
                let values = members.iter_mut().map(|(_, value)| value);
                values.for_each(|value| value.remove_members(name));
            }
            Self::Array(items) => items.iter_mut().for_each(|item| item.remove_members(name)),
            Self::String(Text::Json(node)) => node.remove_members(name),
            Self::Literal(_) | Self::String(_) => {}
        }
    }

    fn from_value(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Array(items) => Self::Array(items.iter().map(Self::from_value).collect()),
            Value::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::from_value(value)))
                    .collect(),
            ),
            Value::String(text) => Self::String(Text::read(text)),
            Value::Null | Value::Bool(_) | Value::Number(_) => Self::Literal(value.to_string()),
        }
    }

    pub(super) fn to_json(&self) -> String {
        let quote = |text: &str| serde_json::Value::from(text).to_string();
        match self {
            Self::Object(members) => {
                let members = members
                    .iter()
                    .map(|(name, value)| format!("{}:{}", quote(name), value.to_json()));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }
            Self::Array(items) => {
                let items: Vec<String> = items.iter().map(Self::to_json).collect();
                format!("[{}]", items.join(","))
            }
            Self::Literal(text) => text.clone(),
            Self::String(text) => quote(&String::from_utf8_lossy(&text.to_bytes())),
        }
    }
}

impl Text {
    /// The deepest reading that writes the same text again.
    fn read(text: &str) -> Self {
        let nested = if let Ok(value) = serde_json::from_str::<serde_json::Value>(text)
            && (value.is_object() || value.is_array())
        {
            Self::Json(Box::new(Node::from_value(&value)))
        } else if text.len() >= 16
            && let Ok(bytes) = STANDARD.decode(text)
            && !text.bytes().all(|byte| byte.is_ascii_hexdigit())
        {
            Self::Base64(Box::new(match String::from_utf8(bytes) {
                Ok(inner) => Self::read(&inner),
                Err(error) => Self::Bytes(error.into_bytes()),
            }))
        } else if let Some(pem) = Self::read_pem(text) {
            pem
        } else if text.contains('\n') {
            Self::Lines(text.split('\n').map(str::to_owned).collect())
        } else {
            Self::Plain(text.to_owned())
        };
        if nested.to_bytes() == text.as_bytes() {
            nested
        } else {
            Self::Plain(text.to_owned())
        }
    }

    fn read_pem(text: &str) -> Option<Self> {
        let (label, rest) = text.strip_prefix("-----BEGIN ")?.split_once("-----\n")?;
        let (body, _) = rest.split_once("-----END ")?;
        let bytes = STANDARD.decode(body.replace('\n', "")).ok()?;
        let pem = Self::Pem(label.to_owned(), bytes);
        (pem.to_bytes() == text.as_bytes()).then_some(pem)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Pem(label, bytes) => {
                let body: Vec<u8> = STANDARD
                    .encode(bytes)
                    .as_bytes()
                    .chunks(64)
                    .flat_map(|line| [line, b"\n"].concat())
                    .collect();
                let body = String::from_utf8_lossy(&body).into_owned();
                format!("-----BEGIN {label}-----\n{body}-----END {label}-----\n").into_bytes()
            }
            Self::Plain(text) => text.clone().into_bytes(),
            Self::Lines(lines) => lines.join("\n").into_bytes(),
            Self::Json(node) => node.to_json().into_bytes(),
            Self::Base64(inner) => STANDARD.encode(inner.to_bytes()).into_bytes(),
            Self::Bytes(bytes) => bytes.clone(),
        }
    }
}
