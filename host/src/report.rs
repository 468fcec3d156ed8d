//! What other programs read: reports in formats that are not ours.

pub mod junit;
