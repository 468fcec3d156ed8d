//! The image that a signature or a statement is about.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::digest;
use crate::cli::error::Error;
use crate::digest::Digest;
use crate::layout::{Layout, Selection};
use crate::limits::Limits;

/// An image by digest or in a layout.
#[derive(Debug, Args)]
pub(super) struct ImageArguments {
    /// Digest of the image. The evidence goes to --output.
    #[arg(long, value_parser = digest, conflicts_with = "tag")]
    digest: Option<Digest>,

    /// Folder with an OCI image layout: the evidence is stored beside its image, as in a registry.
    /// A folder that is missing or empty becomes a layout with a small image.
    #[arg(long, value_name = "FOLDER", conflicts_with = "output")]
    layout: Option<PathBuf>,

    /// Tag of the image in the layout.
    #[arg(long, requires = "layout")]
    tag: Option<String>,

    /// Name of the image in what is signed; no verifier looks at it.
    #[arg(long = "subject", id = "name", default_value = "registry.example/app")]
    name: String,
}

/// An image that is to be signed.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) name: String,
    pub(super) digest: Digest,
    pub(super) place: Option<Place>,
}

/// Where its evidence is stored.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    /// The image that is put into a new layout.
    pub(super) new: Option<sealstone_forge::ImageLayout>,
}

impl ImageArguments {
    /// Finds the image that the flags mean. Nothing is written yet.
    pub(super) fn find(&self) -> Result<Image, Error> {
        let (digest, place) = match (&self.layout, self.digest) {
            (None, Some(digest)) => (digest, None),
            (Some(folder), _) if is_vacant(folder) => {
                let (digest, new) = self.new_layout(folder)?;
                let (folder, new) = (folder.clone(), Some(new));
                (digest, Some(Place { folder, new }))
            }
            (Some(folder), _) => {
                let digest = self.selected(folder)?;
                let (folder, new) = (folder.clone(), None);
                (digest, Some(Place { folder, new }))
            }
            (None, None) => {
                return Err(Error::usage(
                    "digest.missing",
                    "no image is named; give it with --digest or --layout",
                ));
            }
        };
        Ok(Image {
            name: self.name.clone(),
            digest,
            place,
        })
    }

    fn new_layout(&self, folder: &Path) -> Result<(Digest, sealstone_forge::ImageLayout), Error> {
        if self.digest.is_some() {
            let message = format!("`{}` holds no image with that digest yet", folder.display());
            let help = "leave --digest out: a new layout gets an image of its own";
            return Err(Error::with_help("layout.image-not-found", message, help));
        }
        let image = sealstone_forge::Image::new(&self.name);
        let digest = image.digest().parse().map_err(|error| {
            let error: crate::digest::DigestError = error;
            Error::usage(error.code(), error)
        })?;
        let mut layout = sealstone_forge::ImageLayout::new(image);
        if let Some(tag) = &self.tag {
            layout = layout.tag(tag);
        }
        Ok((digest, layout))
    }

    /// The image of a layout that is there.
    fn selected(&self, folder: &Path) -> Result<Digest, Error> {
        let selection = match (self.digest, &self.tag) {
            (Some(digest), _) => Selection::Digest(digest),
            (None, Some(tag)) => Selection::Tag(tag.clone()),
            (None, None) => Selection::Only,
        };
        Layout::open(folder, &Limits::default())
            .and_then(|layout| layout.image(&selection))
            .map(|selected| selected.digest)
            .map_err(|error| Error::layout(folder, &error, "choose one with --digest or --tag"))
    }
}

/// Whether the folder is missing or has nothing in it.
fn is_vacant(folder: &Path) -> bool {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}
