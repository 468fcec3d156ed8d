//! The part of an in-toto statement that binds it to an artifact.
//!
//! Follows <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md> and the v0.1
//! form that most published provenance still uses.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::artifact::ArtifactDigest;
use crate::error::{Document, Error};
use crate::json::{Fields, Map, Value};
use crate::limits::{Limit, Limits};

const DOCUMENT: Document = Document::Statement;

/// An in-toto statement whose subject was matched with the artifact.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Statement {
    /// `_type`: `https://in-toto.io/Statement/v0.1` or `https://in-toto.io/Statement/v1`.
    pub statement_type: String,
    /// The artifacts that the statement speaks of.
    pub subject: Vec<StatementSubject>,
    /// URI of the predicate's type.
    pub predicate_type: String,
    /// The predicate; `Null` where a v1 statement leaves it out.
    pub predicate: Value,
}

/// One subject of a statement.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StatementSubject {
    /// Name, empty where the statement gives none.
    pub name: String,
    /// Digests by algorithm name, as written.
    pub digest: Map<String, String>,
    /// Annotations (in-toto resource descriptor); `Null` where the statement gives none.
    pub annotations: Value,
}

impl Statement {
    /// Reads the payload of an envelope. Members that the specification does not name are passed over, as
    /// it demands; duplicate members are refused at every depth.
    ///
    /// This does not bind anything: [`crate::Verifier::verify`] does.
    ///
    /// # Errors
    /// [`Error`] with the codes `statement.…`, `json.…` and `limit.…`.
    pub fn from_json(payload: &[u8], limits: &Limits) -> Result<Self, Error> {
        let Value::Object(mut members) = Fields::parse_document(DOCUMENT, payload, limits)? else {
            return Err(Error::JsonMalformed(DOCUMENT));
        };
        let predicate = members.remove("predicate").unwrap_or_default();
        let value = Value::Object(members);
        let mut fields = Fields::of(DOCUMENT, &value)?;
        let statement_type = fields.text("_type")?;
        if !matches!(
            statement_type,
            "https://in-toto.io/Statement/v0.1" | "https://in-toto.io/Statement/v1"
        ) {
            return Err(Error::StatementTypeUnknown);
        }
        let entries = fields.array("subject")?;
        if entries.len() > limits.statement_subjects {
            return Err(Error::LimitExceeded(Limit::StatementSubjects));
        }
        let subject = entries
            .iter()
            .map(|entry| subject(Fields::of(DOCUMENT, entry)?, limits))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            statement_type: statement_type.to_string(),
            subject,
            predicate_type: fields.text("predicateType")?.to_string(),
            predicate,
        })
    }

    /// Whether a subject is the git commit of this name.
    pub fn speaks_of_commit(&self, commit: &str) -> bool {
        self.subject.iter().any(|subject| {
            subject
                .digest
                .get("gitCommit")
                .is_some_and(|hex| hex == commit)
        })
    }

    /// Whether a subject has this digest, under the same algorithm name.
    pub fn speaks_of(&self, artifact: &ArtifactDigest) -> bool {
        self.subject.iter().any(|subject| {
            subject
                .digest
                .get(artifact.algorithm().name())
                .is_some_and(|hex| hex == artifact.hex())
        })
    }
}

fn subject(mut fields: Fields<'_>, limits: &Limits) -> Result<StatementSubject, Error> {
    let name = fields
        .optional_text("name")?
        .unwrap_or_default()
        .to_string();
    let mut digest = Map::new();
    if let Some(value) = fields.optional("digest") {
        let members = value.as_object().ok_or(fields.malformed("digest"))?;
        if members.len() > limits.digests_per_subject {
            return Err(Error::LimitExceeded(Limit::DigestsPerSubject));
        }
        for (algorithm, hex) in members {
            let hex = hex.as_str().ok_or(fields.malformed("digest"))?;
            digest.insert(algorithm.clone(), hex.to_string());
        }
    }
    let annotations = fields.optional("annotations").cloned().unwrap_or_default();
    Ok(StatementSubject {
        name,
        digest,
        annotations,
    })
}
