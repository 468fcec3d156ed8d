//! Tests of policies, requests and decisions through the façade.

#[cfg(test)]
mod ffi;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod images;
#[cfg(test)]
mod lessons;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod policy_documents;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod support;
