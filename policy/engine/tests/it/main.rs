//! Tests of policies, requests and decisions through the façade.

#[cfg(test)]
mod admission;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod example_attacks;
#[cfg(test)]
mod ffi;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod forging;
#[cfg(test)]
mod images;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod policy_documents;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod responses;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod selections;
#[cfg(test)]
mod subjects;
#[cfg(test)]
mod support;
#[cfg(test)]
mod two_hops;
#[cfg(test)]
mod work;
