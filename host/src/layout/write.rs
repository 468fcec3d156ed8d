//! Writing a layout.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::document::{Descriptor, LayoutVersion};
use crate::digest::Digest;
use crate::oci::document::INDEX;

const BLOBS: &str = "blobs";

/// A layout that is being written. The same content gives the same bytes.
///
/// One that is dropped before it is finished leaves the folder empty, so that it can be begun again.
#[derive(Debug)]
pub(crate) struct Writer {
    folder: PathBuf,
    manifests: Vec<Descriptor>,
    is_finished: bool,
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.is_finished {
            // Only what was written here: the folder was empty. The first error is the one to tell.
            let _ = fs::remove_dir_all(self.folder.join(BLOBS));
            let _ = fs::remove_file(self.folder.join("index.json"));
        }
    }
}

impl Writer {
    /// Begins a layout in `folder`, which must be empty where it exists.
    ///
    /// # Errors
    ///
    /// The folder is not empty, or cannot be written into.
    pub(crate) fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        if fs::read_dir(folder)?.next().is_some() {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        fs::create_dir_all(blobs(folder))?;
        Ok(Self {
            folder: folder.to_owned(),
            manifests: Vec::new(),
            is_finished: false,
        })
    }

    /// Writes a blob.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub(crate) fn blob(&self, content: &[u8]) -> io::Result<()> {
        fs::write(self.path(&Digest::of(content)), content)
    }

    /// Whether a blob is there already.
    pub(crate) fn has(&self, digest: &Digest) -> bool {
        self.path(digest).is_file()
    }

    /// Writes a blob that comes piece by piece. It has its name once `fill` said that all of it is
    /// there and what its digest says.
    ///
    /// # Errors
    ///
    /// The error of `fill`, or that of the file.
    pub(crate) fn stream<E: From<io::Error>>(
        &self,
        digest: &Digest,
        fill: impl FnOnce(&mut File) -> Result<(), E>,
    ) -> Result<(), E> {
        let path = self.path(digest);
        let begun = path.with_extension("part");
        let filled = File::create_new(&begun)
            .map_err(E::from)
            .and_then(|mut file| fill(&mut file));
        match filled {
            Ok(()) => Ok(fs::rename(&begun, &path)?),
            Err(error) => {
                // What remains is no blob by its name; the first error is the one to tell.
                let _ = fs::remove_file(&begun);
                Err(error)
            }
        }
    }

    /// Lists a manifest, once.
    pub(crate) fn list(&mut self, descriptor: Descriptor) {
        if !self.manifests.contains(&descriptor) {
            self.manifests.push(descriptor);
        }
    }

    /// Writes what makes the folder a layout.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let index = WrittenIndex {
            schema_version: 2,
            media_type: INDEX,
            manifests: &self.manifests,
        };
        let version = LayoutVersion {
            image_layout_version: "1.0.0".to_owned(),
        };
        self.json("index.json", &index)?;
        self.json("oci-layout", &version)?;
        self.is_finished = true;
        Ok(())
    }

    fn json(&self, name: &str, document: &impl Serialize) -> io::Result<()> {
        let mut file = BufWriter::new(File::create(self.folder.join(name))?);
        serde_json::to_writer(&mut file, document)?;
        file.flush()
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        blobs(&self.folder).join(digest.hex().to_string())
    }
}

fn blobs(folder: &Path) -> PathBuf {
    folder.join(BLOBS).join("sha256")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenIndex<'a> {
    schema_version: u8,
    media_type: &'static str,
    manifests: &'a [Descriptor],
}
