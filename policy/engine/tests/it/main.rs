//! Tests of policies, requests and decisions through the façade.

#[cfg(test)]
mod real_evidence;
#[cfg(test)]
mod support;
