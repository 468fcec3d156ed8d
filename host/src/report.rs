//! What other programs read: decisions in formats that are not ours.
//!
//! Each is written from the decision document, so all say the same, and the same decision gives the same
//! bytes.

mod cases;
mod finding;
pub mod junit;
mod open_reports;
mod sarif;
pub mod statement;

pub use cases::to_junit;
pub use finding::{Finding, Findings, ImageName, Mode, Object, Status};
pub use open_reports::to_open_reports;
pub use sarif::to_sarif;
