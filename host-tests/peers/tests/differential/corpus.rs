//! The inputs, by where they come from.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sealstone_peers::Job;
use sealstone_verify::UnixTime;

use crate::ours::{Ours, Verdict};
use crate::{forged, vectors};

/// A bundle with what it must prove, by a name that starts with that of its corpus.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) job: Job,
    /// When we verify; the peers look at the clock.
    pub(crate) now: UnixTime,
}

/// An input and what we say to it.
pub(crate) struct Case {
    pub(crate) input: Input,
    pub(crate) ours: Verdict,
}

/// Makes the inputs of a corpus from the folder with all vectors.
type Read = fn(&Path) -> Vec<Input>;

/// Inputs of one origin, made when they are first asked for.
pub(crate) struct Corpus {
    pub(crate) name: &'static str,
    /// The fewest inputs that it may have.
    pub(crate) least: usize,
    source: Source,
    cases: OnceLock<Vec<Case>>,
}

enum Source {
    Missing,
    Vectors(Read, PathBuf),
    Forged,
}

/// The names of all corpora.
pub(crate) const NAMES: [&str; 6] = [
    "conformance",
    "cpython",
    "forged",
    "provenance",
    "sigstore-go",
    "sigstore-python",
];

impl Corpus {
    /// Every corpus; without `vectors`, theirs are missing.
    pub(crate) fn all(vectors: Option<PathBuf>) -> Vec<Self> {
        NAMES
            .into_iter()
            .map(|name| {
                let (least, read): (_, Option<Read>) = match name {
                    "conformance" => (55, Some(vectors::conformance::inputs)),
                    "cpython" => (200, Some(vectors::published::cpython)),
                    "provenance" => (100, Some(vectors::published::provenance)),
                    "sigstore-go" => (6, Some(vectors::projects::sigstore_go)),
                    "sigstore-python" => (17, Some(vectors::projects::sigstore_python)),
                    _ => (3500, None),
                };
                let source = match (read, &vectors) {
                    (None, _) => Source::Forged,
                    (Some(read), Some(vectors)) => Source::Vectors(read, vectors.clone()),
                    (Some(_), None) => Source::Missing,
                };
                Self {
                    name,
                    least,
                    source,
                    cases: OnceLock::new(),
                }
            })
            .collect()
    }

    pub(crate) fn is_missing(&self) -> bool {
        matches!(self.source, Source::Missing)
    }

    /// The inputs with our verdicts.
    pub(crate) fn cases(&self) -> &[Case] {
        self.cases.get_or_init(|| {
            let inputs = match &self.source {
                Source::Missing => Vec::new(),
                Source::Vectors(read, vectors) => read(vectors),
                Source::Forged => forged::inputs(),
            };
            let mut verifier = Ours::default();
            inputs
                .into_iter()
                .map(|input| Case {
                    ours: verifier.verify(&input.job, input.now),
                    input,
                })
                .collect()
        })
    }
}
