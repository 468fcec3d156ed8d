//! Registries, and what can go wrong with them.

mod answers;
mod commands;
mod credentials;
mod evidence;

use std::time::Duration;

use sealstone::layout::Scope;
use sealstone::limits::Limits;
use sealstone::registry::{Registry, RegistryError, Settings};

use crate::support::{BUNDLE, Entry, MANIFEST, Server};

/// The media types and contents of the evidence, and the codes of what is unavailable.
type Found = (Vec<(String, String)>, Vec<&'static str>);

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.pause = Duration::from_millis(1);
    settings
}

fn open(server: &Server, limits: &Limits) -> Registry {
    let name = server.image("v1").parse().unwrap();
    Registry::for_evidence(&name, &settings(), limits)
}

/// Looks for the evidence about the image `v1`.
fn collect(server: &Server, scope: Scope, limits: &Limits) -> Result<Found, RegistryError> {
    let mut registry = open(server, limits);
    let image = registry.image()?;
    let collected = registry.evidence(&image, scope);
    let pieces = collected.evidence.into_iter();
    let pieces = pieces.map(|piece| (piece.media_type, String::from_utf8(piece.content).unwrap()));
    let unavailable = collected.unavailable.iter().map(RegistryError::code);
    Ok((pieces.collect(), unavailable.collect()))
}

/// Evidence about the image `v1` with the usual limits.
fn found(server: &Server) -> Found {
    collect(server, Scope::Image, &Limits::default()).unwrap()
}

/// The code of the error that there is instead of an image.
fn error(server: &Server) -> &'static str {
    let found = collect(server, Scope::Image, &Limits::default());
    found.unwrap_err().code()
}

/// An image under the tag `v1`.
fn image(server: &Server) -> Entry {
    server.tag("v1", MANIFEST, &server.manifest(&[], None))
}

/// A referrer of the image with one bundle.
fn bundle(server: &Server, image: &Entry, content: &str) -> Entry {
    let layer = server.blob(BUNDLE, content);
    server.document(MANIFEST, &server.manifest(&[layer], Some(image)))
}

/// A registry with an image, and the path of the only bundle that refers to it.
fn signed() -> (Server, Entry, String) {
    let server = Server::start();
    let image = image(&server);
    let referrer = bundle(&server, &image, "bundle");
    server.refer(&image, &[referrer]);
    let digest = sealstone::digest::Digest::of(b"bundle");
    (server, image, format!("/blobs/{digest}"))
}

fn pieces(pieces: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(kind, content): &(&str, &str)| ((*kind).to_owned(), (*content).to_owned());
    pieces.iter().map(owned).collect()
}
