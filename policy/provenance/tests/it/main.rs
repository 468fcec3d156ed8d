//! Tests of the normal forms.

#[cfg(test)]
mod attestation_manifest;
#[cfg(test)]
mod build_types;
#[cfg(test)]
mod consistency;
#[cfg(test)]
mod every_node;
#[cfg(test)]
mod git_ref;
#[cfg(test)]
mod license;
#[cfg(test)]
mod malformed;
#[cfg(test)]
mod package_url;
#[cfg(test)]
mod predicate_family;
#[cfg(test)]
mod producers;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod resource_uri;
#[cfg(test)]
mod sbom;
#[cfg(test)]
mod sbom_malformed;
#[cfg(test)]
mod source_uri;
#[cfg(test)]
mod support;
#[cfg(test)]
mod verification_summary;
#[cfg(test)]
mod version_range;
#[cfg(test)]
mod vex;
#[cfg(test)]
mod vulnerability;
#[cfg(test)]
mod vulnerability_malformed;
#[cfg(test)]
mod work;
