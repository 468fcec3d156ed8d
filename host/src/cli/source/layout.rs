//! Evidence that comes out of an image layout.

use std::io::Write as _;
use std::path::Path;

use super::{Altered, Found, Wanted, reasons};
use crate::cli::printable::Printable;
use crate::cli::style::HELP;
use crate::layout::{Fault, Layout, LayoutError};

/// Looks into the layout in `folder`. An error is a mistake in the call.
pub(super) fn look(folder: &Path, wanted: &Wanted<'_>) -> Result<Found, LayoutError> {
    let found = |digest| Found {
        reference: None,
        digest,
        evidence: Vec::new(),
        unavailable: None,
        altered: None,
    };
    let layout = Layout::open(folder, wanted.limits)?;
    let selected = match layout.image(&wanted.selection) {
        Ok(selected) => selected,
        Err(error) => {
            return match error.fault() {
                Fault::Usage => Err(error),
                Fault::Rejected(digest) => Ok(Found {
                    altered: Some(Altered {
                        code: error.code(),
                        message: error.to_string(),
                    }),
                    ..found(digest)
                }),
                Fault::Unavailable(digest) => Ok(Found {
                    unavailable: reasons([reason(&error)]),
                    ..found(digest)
                }),
            };
        }
    };
    if !selected.listed {
        note_unlisted(&layout);
    }
    let collected = layout.evidence_in(&selected.digest, wanted.scope);
    Ok(Found {
        evidence: collected.evidence,
        unavailable: reasons(collected.unavailable.iter().map(reason)),
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

fn reason(error: &LayoutError) -> String {
    format!("{}: {error}", error.code())
}
