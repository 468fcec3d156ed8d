//! Tests of policies, requests and decisions through the façade.

#[cfg(test)]
mod support;
