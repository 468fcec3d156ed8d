//! What a policy says, in words, and where it is weak.
//!
//! Both read a document that the module has compiled, so its form is known to be right; a document
//! of another form gives fewer words and fewer warnings, never an error. Neither decides anything.

mod pattern;
mod view;
mod warnings;
mod words;

pub use warnings::{Warning, Weakness, warnings};
pub use words::{Paragraph, explanation};
