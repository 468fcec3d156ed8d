//! Reading files without trusting their size.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::Error;

/// Reads a file, but never much more than `maximum` bytes: a larger one is then one byte too large
/// for the module's runtime, which refuses it with the code of its limit.
pub(super) fn read(path: &Path, what: &'static str, maximum: usize) -> Result<Vec<u8>, Error> {
    let bound = u64::try_from(maximum).unwrap_or(u64::MAX).saturating_add(1);
    let mut content = Vec::new();
    File::open(path)
        .and_then(|file| file.take(bound).read_to_end(&mut content))
        .map_err(|reason| Error::unreadable(path, what, reason))?;
    Ok(content)
}
