//! A repository as a place to look for evidence in.

use super::{Image, Referrers, Registry, RegistryError};
use crate::digest::Digest;
use crate::limits::{Limit, Limits};
use crate::oci::attachment::{self, CARRIER};
use crate::oci::collect::{self, Collected, Entries, Role, Scope, Store};
use crate::oci::document::Descriptor;

impl Registry {
    /// Collects the evidence for an image: its referrers, what cosign attached to it, the statements
    /// that Docker keeps beside it where they are signed, and its carrier.
    ///
    /// Never fails: what cannot be read is listed as unavailable.
    pub fn evidence(&mut self, image: &Image, scope: Scope) -> Collected<RegistryError> {
        self.tagged.insert(image.digest, image.content.clone());
        collect::evidence(self, &image.digest, Some(&image.descriptor), scope)
    }

    fn attached(
        &mut self,
        subject: &Digest,
        suffix: &str,
    ) -> Result<Option<Descriptor>, RegistryError> {
        let found = self.tagged_manifest(&attachment::tag(subject, suffix))?;
        Ok(found.map(|(descriptor, _)| descriptor))
    }

    /// What lies under a tag, as what it is to the subject.
    fn look(
        &mut self,
        subject: &Digest,
        place: Place,
    ) -> Result<Vec<(Role, Descriptor)>, RegistryError> {
        let (role, found) = match place {
            Place::Tag(suffix @ CARRIER) => (Role::Manifest, self.attached(subject, suffix)?),
            Place::Tag(suffix) => (Role::Attached, self.attached(subject, suffix)?),
            Place::Referrers => match self.referrers(subject)? {
                Referrers::Listed(listed) => {
                    let manifests = listed.into_iter().filter(Descriptor::is_manifest);
                    let manifests = manifests.map(|descriptor| (Role::Manifest, descriptor));
                    return Ok(manifests.collect());
                }
                Referrers::Tagged(list) => (Role::Referrers, list),
            },
        };
        Ok(found.map(|found| (role, found)).into_iter().collect())
    }
}

/// Where something may lie that belongs to an image.
#[derive(Clone, Copy, Debug)]
enum Place {
    Tag(&'static str),
    Referrers,
}

const PLACES: [Place; 4] = [
    Place::Tag("sig"),
    Place::Tag("att"),
    Place::Referrers,
    Place::Tag(CARRIER),
];

impl Store for Registry {
    type Error = RegistryError;

    fn entries(&mut self, subject: &Digest) -> Entries<RegistryError> {
        let (mut found, mut unavailable) = (Vec::new(), Vec::new());
        for place in PLACES {
            match self.look(subject, place) {
                Ok(mut there) => found.append(&mut there),
                Err(error) => {
                    let is_about_all = error.is_about_all();
                    unavailable.push(error);
                    // What was found until then may be enough; waiting for more is not.
                    if is_about_all {
                        break;
                    }
                }
            }
        }
        Entries { found, unavailable }
    }

    fn manifest(&mut self, descriptor: &Descriptor) -> Result<Vec<u8>, RegistryError> {
        Self::manifest(self, descriptor)
    }

    fn blob(
        &mut self,
        descriptor: &Descriptor,
        limit: Limit,
        maximum: usize,
    ) -> Result<Vec<u8>, RegistryError> {
        Self::blob(self, descriptor, limit, maximum)
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn manifests(&self) -> (Limit, usize) {
        (Limit::RegistryManifests, self.limits.registry_manifests)
    }
}
