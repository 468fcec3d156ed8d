//! `cargo xtask`: builds, packs, tests and measures the project.
//!
//! One file a task under `task/`. Results go to standard output, progress goes to standard error.

mod artifact;
mod checkout;
mod crates;
mod guest;
mod json;
mod kubewarden;
mod oci;
mod opa;
mod package;
mod progress;
mod provenance;
mod sbom;
mod shrink;
mod source;
mod task;
mod toolchain;
mod tools;
mod unchecked;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Builds, packs, tests and measures the project.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = "Examples:
  cargo xtask demo                  Build, then verify a signed image and a tampered one
  cargo xtask test                  Run every test
  cargo xtask build --release       Build the module and an optimised `sealstone` program
  cargo xtask bench --format json   Measure, for another program to read"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    Demo(task::demo::Arguments),
    Test(task::test::Arguments),
    Build(task::build::Arguments),
    Pack(task::pack::Arguments),
    Bench(task::bench::Arguments),
    Size(task::size::Arguments),
    Lint(task::lint::Arguments),
    Differential(task::differential::Arguments),
    Hosts(task::hosts::Arguments),
    Fuzz(task::fuzz::Arguments),
    Ci(task::ci::Arguments),
}

fn main() -> ExitCode {
    match run(&Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> Result<()> {
    let workspace = Workspace::current()?;
    match task {
        Task::Demo(arguments) => task::demo::run(&workspace, arguments),
        Task::Test(arguments) => task::test::run(&workspace, arguments),
        Task::Build(arguments) => task::build::run(&workspace, arguments),
        Task::Pack(arguments) => task::pack::run(&workspace, arguments),
        Task::Bench(arguments) => task::bench::run(&workspace, arguments),
        Task::Size(arguments) => task::size::run(&workspace, arguments),
        Task::Lint(arguments) => task::lint::run(&workspace, arguments),
        Task::Differential(arguments) => task::differential::run(&workspace, arguments),
        Task::Hosts(arguments) => task::hosts::run(&workspace, arguments),
        Task::Fuzz(arguments) => task::fuzz::run(&workspace, arguments),
        Task::Ci(arguments) => task::ci::run(&workspace, arguments),
    }
}
