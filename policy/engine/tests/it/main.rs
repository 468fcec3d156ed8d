//! Tests of policies, requests and decisions through the façade.

#[cfg(test)]
mod admission;
#[cfg(test)]
mod ages;
#[cfg(test)]
mod all_rules;
#[cfg(test)]
mod annotations;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod attestations;
#[cfg(test)]
mod builders;
#[cfg(test)]
mod carried;
#[cfg(test)]
mod determinism;
#[cfg(test)]
mod effective_dates;
#[cfg(test)]
mod example_attacks;
#[cfg(test)]
mod exceptions;
#[cfg(test)]
mod extensions;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod ffi;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod forging;
#[cfg(test)]
mod images;
#[cfg(test)]
mod input_attestations;
#[cfg(test)]
mod lessons;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod lookups;
#[cfg(test)]
mod modes;
#[cfg(test)]
mod monotonicity;
#[cfg(test)]
mod parameters;
#[cfg(test)]
mod pem_trust_roots;
#[cfg(test)]
mod policy_documents;
#[cfg(test)]
mod private_certificates;
#[cfg(test)]
mod property;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod rego;
#[cfg(test)]
mod relations;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod responses;
#[cfg(test)]
mod rule_modes;
#[cfg(test)]
mod sbom_packages;
#[cfg(test)]
mod sboms;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod selections;
#[cfg(test)]
mod signers;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod spellings;
#[cfg(test)]
mod subjects;
#[cfg(test)]
mod summaries;
#[cfg(test)]
mod support;
#[cfg(test)]
mod trust_roots;
#[cfg(test)]
mod two_hops;
#[cfg(test)]
mod validation;
#[cfg(test)]
mod vex;
#[cfg(test)]
mod vulnerabilities;
#[cfg(test)]
mod work;
#[cfg(test)]
mod world;
