//! Evidence that comes out of an image layout.

use std::io::Write as _;
use std::path::Path;

use super::printable::Printable;
use super::style::HELP;
use crate::digest::Digest;
use crate::layout::{Fault, Layout, LayoutError, Selection};
use crate::limits::Limits;
use crate::runtime::Evidence;

/// What a layout has for an image.
pub(super) struct Found {
    pub(super) digest: Digest,
    pub(super) evidence: Vec<Evidence>,
    /// Why evidence is missing.
    pub(super) unavailable: Option<String>,
    /// The image itself is not what its digest says.
    pub(super) altered: Option<LayoutError>,
}

/// Looks into the layout in `folder`. An error is a mistake in the call.
pub(super) fn look(
    folder: &Path,
    selection: &Selection,
    limits: &Limits,
) -> Result<Found, LayoutError> {
    let found = |digest| Found {
        digest,
        evidence: Vec::new(),
        unavailable: None,
        altered: None,
    };
    let layout = Layout::open(folder, limits)?;
    let selected = match layout.image(selection) {
        Ok(selected) => selected,
        Err(error) => {
            return match error.fault() {
                Fault::Usage => Err(error),
                Fault::Rejected(digest) => Ok(Found {
                    altered: Some(error),
                    ..found(digest)
                }),
                Fault::Unavailable(digest) => Ok(Found {
                    unavailable: reasons(&[error]),
                    ..found(digest)
                }),
            };
        }
    };
    if !selected.listed {
        note_unlisted(&layout);
    }
    let collected = layout.evidence(&selected.digest);
    Ok(Found {
        evidence: collected.evidence,
        unavailable: reasons(&collected.unavailable),
        ..found(selected.digest)
    })
}

/// Tells that the layout does not hold the image that was asked about.
fn note_unlisted(layout: &Layout) {
    let mut output = anstream::stderr().lock();
    // A closed standard error changes nothing about the decision.
    let _ = writeln!(
        output,
        "{HELP}note{HELP:#}: the layout lists no image with this digest"
    );
    for candidate in layout.candidates() {
        let tag = candidate.tag.unwrap_or_default();
        let _ = writeln!(
            output,
            "  it lists {}  {}",
            candidate.digest,
            Printable(&tag)
        );
    }
}

/// Why evidence is missing, in one text: the first reasons, and how many more there are.
fn reasons(errors: &[LayoutError]) -> Option<String> {
    const SHOWN: usize = 4;
    let reason = |error: &LayoutError| format!("{}: {error}", error.code());
    let mut reasons: Vec<String> = errors.iter().take(SHOWN).map(reason).collect();
    if let more @ 1.. = errors.len().saturating_sub(SHOWN) {
        reasons.push(format!("and {more} more"));
    }
    (!reasons.is_empty()).then(|| reasons.join("; "))
}
