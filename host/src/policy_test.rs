//! Policy tests: decisions about forged evidence, held against what is expected of them.

pub mod document;
#[cfg(test)]
mod schema;
