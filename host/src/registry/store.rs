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

    fn look(
        &mut self,
        subject: &Digest,
        found: &mut Vec<(Role, Descriptor)>,
    ) -> Result<(), RegistryError> {
        for suffix in attachment::COSIGN {
            let attached = self.attached(subject, suffix)?;
            found.extend(attached.map(|descriptor| (Role::Attached, descriptor)));
        }
        match self.referrers(subject)? {
            Referrers::Listed(listed) => {
                let manifests = listed.into_iter().filter(Descriptor::is_manifest);
                found.extend(manifests.map(|descriptor| (Role::Manifest, descriptor)));
            }
            Referrers::Tagged(list) => {
                found.extend(list.map(|descriptor| (Role::Referrers, descriptor)));
            }
        }
        let carrier = self.attached(subject, CARRIER)?;
        found.extend(carrier.map(|descriptor| (Role::Manifest, descriptor)));
        Ok(())
    }
}

impl Store for Registry {
    type Error = RegistryError;

    fn entries(&mut self, subject: &Digest) -> Entries<RegistryError> {
        let mut found = Vec::new();
        // After the first failure the registry is not asked where else something may be: what was
        // found until then may be enough, and it is not if the registry is gone.
        let failed = self.look(subject, &mut found);
        Entries {
            found,
            unavailable: failed.err().into_iter().collect(),
        }
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
