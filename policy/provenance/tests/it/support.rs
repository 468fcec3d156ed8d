//! What several tests share.

use sealstone_provenance::{Claim, ClaimedField, Error, Provenance};
use sealstone_verify::json::{Value, parse};

pub(crate) const V01: &str = "https://slsa.dev/provenance/v0.1";
pub(crate) const V02: &str = "https://slsa.dev/provenance/v0.2";
pub(crate) const V1: &str = "https://slsa.dev/provenance/v1";

pub(crate) fn value(text: &str) -> Value {
    parse(text.as_bytes(), 64).expect(text)
}

pub(crate) fn read(predicate_type: &str, predicate: &str) -> Result<Provenance, Error> {
    let provenance = Provenance::from_predicate(predicate_type, &value(predicate))?;
    assert_source_is_claimed(&provenance);
    Ok(provenance)
}

/// Whoever compares the claims with a certificate must have compared the source.
pub(crate) fn assert_source_is_claimed(provenance: &Provenance) {
    if let Some(source) = &provenance.source {
        let claimed = claimed(provenance, ClaimedField::SourceRepositoryUri);
        assert!(claimed.contains(&source.uri.as_str()), "{provenance:?}");
    }
}

/// `uri`, ref and commit of the source.
pub(crate) fn source(provenance: &Provenance) -> Option<(&str, Option<&str>, Option<&str>)> {
    let source = provenance.source.as_ref()?;
    Some((
        source.uri.as_str(),
        source.git_ref.as_deref(),
        source.commit.as_deref(),
    ))
}

/// All values claimed for a field, in order.
pub(crate) fn claimed(provenance: &Provenance, field: ClaimedField) -> Vec<&str> {
    provenance
        .claims
        .iter()
        .filter(|claim| claim.field == field)
        .map(|Claim { value, .. }| value.as_str())
        .collect()
}
