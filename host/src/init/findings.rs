//! What was proved of the evidence of an image.

use serde_json::Value;

/// What was proved, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct Found {
    /// The pieces that verified, in their order.
    pub pieces: Vec<Piece>,
    /// The pieces that did not.
    pub unused: Vec<Unused>,
}

/// A piece of evidence that verified.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct Piece {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Who signed it.
    pub signer: Signer,
    /// Whether it is a signature over the image, not a statement about it.
    pub is_signature: bool,
    /// The predicate type of a statement.
    pub predicate_type: Option<String>,
    /// What SLSA provenance says.
    pub built: Option<Built>,
    /// The format of a bill of materials, with its version.
    pub sbom: Option<String>,
    /// Whether it is the result of a vulnerability scan.
    pub is_scan: bool,
}

/// The holder of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct Signer {
    /// The OIDC issuer.
    pub issuer: String,
    /// The subject alternative name.
    pub subject: String,
}

/// What SLSA provenance says of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct Built {
    /// The repository.
    pub source: String,
    /// The git ref.
    pub git_ref: Option<String>,
    /// The builder id.
    pub builder: String,
    /// The build type.
    pub build_type: String,
}

/// A piece of evidence that proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct Unused {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// The stable code of the reason.
    pub code: String,
    /// The reason.
    pub message: String,
}

/// The rules of a probe that ask about one kind of evidence each.
pub(super) const SIGNATURE: &str = "signature";
pub(super) const STATEMENT: &str = "statement";
pub(super) const SBOM: &str = "sbom";
pub(super) const SCAN: &str = "scan";
/// The first part of the names of rules that ask about a source.
pub(super) const SOURCE: &str = "source-";

/// The code under which a rule passes over evidence of another kind.
const OTHER_KIND: &str = "evidence.predicate-type-mismatch";

impl Found {
    /// Takes what a decision about one piece says.
    pub(super) fn add(&mut self, decision: &Value) {
        let rules = decision
            .pointer("/images/0/rules")
            .and_then(Value::as_array);
        let rules: &[Value] = rules.map_or(&[], Vec::as_slice);
        let named = |rule: &Value, name: &str| rule.get("rule").is_some_and(|it| it == name);
        let met = |name: &str| {
            let mut rules = rules.iter().filter(|rule| named(rule, name));
            rules.find_map(|rule| rule.pointer("/metBy/0"))
        };
        let proved = met(STATEMENT).or_else(|| met(SIGNATURE));
        let Some((proved, signer)) = proved.and_then(|it| Some((it, signer(it)?))) else {
            self.unused.extend(unused(rules, decision));
            return;
        };
        let of_source = rules.iter().filter(|rule| {
            let name = rule.get("rule").and_then(Value::as_str);
            name.is_some_and(|name| name.starts_with(SOURCE))
        });
        let built = of_source.filter_map(|rule| built(rule.pointer("/metBy/0/provenance")?));
        self.pieces.push(Piece {
            sha256: text(proved, "/evidence").unwrap_or_default(),
            signer,
            is_signature: met(SIGNATURE).is_some(),
            predicate_type: text(proved, "/predicateType"),
            built: built.into_iter().next(),
            sbom: met(SBOM).and_then(|met| text(met, "/sbom/format")),
            is_scan: met(SCAN).is_some(),
        });
    }
}

fn signer(met: &Value) -> Option<Signer> {
    Some(Signer {
        issuer: text(met, "/signer/issuer")?,
        subject: text(met, "/signer/subject")?,
    })
}

fn built(provenance: &Value) -> Option<Built> {
    Some(Built {
        source: text(provenance, "/source/uri")?,
        git_ref: text(provenance, "/source/ref"),
        builder: text(provenance, "/builder")?,
        build_type: text(provenance, "/buildType")?,
    })
}

/// Why a piece proves nothing: as the rule says it that is about its kind.
fn unused(rules: &[Value], decision: &Value) -> Option<Unused> {
    let pieces = rules.iter().filter_map(|rule| rule.pointer("/evidence/0"));
    let pieces: Vec<&Value> = pieces.collect();
    let is_of_kind = |piece: &&&Value| piece.get("code").is_none_or(|code| code != OTHER_KIND);
    let image = decision.pointer("/images/0")?;
    let said = pieces.iter().find(is_of_kind).or(pieces.first());
    let said = said.copied().unwrap_or(image);
    Some(Unused {
        sha256: text(said, "/sha256").unwrap_or_default(),
        code: text(said, "/code")?,
        message: text(said, "/message").unwrap_or_default(),
    })
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::to_owned)
}
