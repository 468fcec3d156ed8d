//! What `cargo xtask pack` writes, held against the formats of others.
//!
//! `cargo xtask hosts` packs and names the folder in `SEALSTONE_ARTIFACTS`. `SEALSTONE_PEERS=off` leaves out
//! what must be installed, and those tests are then reported as ignored.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod bills;
mod layouts;
mod packed;
mod provenance;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use sealstone_peers as peers;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let off = peers::are_off().expect("the wish about the peers is clear");
    let trials = vec![
        Trial::test("bills/are-of-the-schema", bills::are_of_the_schema).with_ignored_flag(off),
        Trial::test("bills/schema-refuses", bills::schema_refuses).with_ignored_flag(off),
        Trial::test("bills/version", bills::version),
        Trial::test(
            "bills/list-what-is-in-the-module",
            bills::list_what_is_in_the_module,
        ),
        Trial::test("layouts/digests", layouts::digests),
        Trial::test("layouts/component", layouts::component),
        Trial::test("layouts/sealstone-verify", layouts::read_by_sealstone),
        Trial::test("provenance/subjects", provenance::subjects),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}
