//! Suites over the whole project.

mod codes;
mod garbage;
mod workspace;
