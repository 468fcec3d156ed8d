//! JSON, read strictly and written canonically.
//!
//! Reading refuses what parsers disagree about: duplicate member names (at every depth), bytes after
//! the value, invalid UTF-8 and nesting beyond a limit. Writing sorts the members by their UTF-8
//! bytes and adds no white space, so equal values have equal bytes (RFC 8785 for everything that
//! this project writes: it writes no floating-point numbers).

mod fields;
mod map;
mod value;

pub(crate) use fields::Fields;
pub use map::Map;
pub use value::{JsonError, Number, Value, parse};
