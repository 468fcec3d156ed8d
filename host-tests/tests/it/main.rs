//! Suites over the whole project.

mod workspace;
