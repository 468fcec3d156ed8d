//! Reading files without trusting their size.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::limits::Limit;

/// Which kinds of file may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Whatever the user named: a pipe of the shell is fine.
    Named,
    /// Regular files only: the name comes out of a layout, where a pipe would block for ever.
    Regular,
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it is not a regular file")]
    NotRegular,
    #[error("it has more than {maximum} bytes (`{}`)", .limit.code())]
    TooLarge { limit: Limit, maximum: usize },
}

impl ReadError {
    /// The error as one of the system.
    pub(crate) fn into_io(self) -> io::Error {
        match self {
            Self::Io(error) => error,
            other => io::Error::other(other.to_string()),
        }
    }
}

/// Reads a whole file of at most `maximum` bytes.
pub(crate) fn read(
    path: &Path,
    kind: Kind,
    limit: Limit,
    maximum: usize,
) -> Result<Vec<u8>, ReadError> {
    if kind == Kind::Regular {
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(ReadError::NotRegular);
        }
        if metadata.len() > u64::try_from(maximum).unwrap_or(u64::MAX) {
            return Err(ReadError::TooLarge { limit, maximum });
        }
    }
    read_from(File::open(path)?, limit, maximum)
}

/// Reads everything that comes from `source`, at most `maximum` bytes.
pub(crate) fn read_from(
    source: impl Read,
    limit: Limit,
    maximum: usize,
) -> Result<Vec<u8>, ReadError> {
    let bound = u64::try_from(maximum).unwrap_or(u64::MAX);
    let mut content = Vec::new();
    source
        .take(bound.saturating_add(1))
        .read_to_end(&mut content)?;
    if content.len() > maximum {
        return Err(ReadError::TooLarge { limit, maximum });
    }
    Ok(content)
}
