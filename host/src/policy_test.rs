//! Policy tests: decisions about forged evidence, held against what is expected of them.
//!
//! A test file ([`document::PolicyTest`]) names a policy and cases. The policy under test believes
//! forged trust roots and keys, each in the place of one of its own; everything else in it is as it
//! is. The evidence of a case is forged from a few lines, the module decides, and the decision is
//! compared. Nothing is asked of a network or a clock: the same files give the same report.

mod compare;
pub mod cover;
pub mod document;
mod error;
mod example;
mod find;
mod forging;
mod image;
mod load;
mod predicate;
mod predicate_type;
mod run;
#[cfg(test)]
mod schema;
mod services;
mod signing;
mod time;
mod world;

pub use compare::Difference;
pub use error::{Named, Problem, TestError};
pub use find::find;
pub use load::Tests;
pub use run::{CaseReport, Piece, Report, Settings, run};

pub(crate) use predicate::repository;
pub(crate) use predicate_type::{ALIASES, uri as predicate_type_uri};
pub(crate) use signing::alternative_name;
