//! `sealstone forge faults`.

use std::io::{self, Write as _};

use clap::Args;
use sealstone_forge::Fault;
use serde::Serialize;

use crate::cli::error::{Error, Exit};
use crate::cli::style::{BAD, LABEL};
use crate::cli::{Output, write_result, written};

const EXAMPLES: &str = "\
Each fault has the codes of the denials that it leads to: that of bundles first, then those of other
forms of evidence. `ok` stands where the broken part proves nothing that is needed.

Examples:
  sealstone forge faults
  sealstone forge faults --output json
  sealstone forge sign … --fault set-missing";

/// The codes of each fault, which a test compares with the module's answers: a line for each, its name
/// and its codes.
const CODES: &str = include_str!("codes.txt");

/// List the ways in which evidence can be broken.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// How to write the list.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

#[derive(Debug, Serialize)]
struct Entry {
    name: &'static str,
    description: &'static str,
    codes: Vec<&'static str>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let entries: Vec<Entry> = Fault::ALL.iter().copied().map(entry).collect();
    match arguments.output {
        Output::Text => written(text(&entries))?,
        Output::Json => {
            let mut json = serde_json::to_vec(&entries).unwrap_or_default();
            json.push(b'\n');
            write_result(&json)?;
        }
    }
    Ok(Exit::Success)
}

fn entry(fault: Fault) -> Entry {
    let line = CODES.lines().find_map(|line| {
        let rest = line.strip_prefix(fault.name())?;
        rest.strip_prefix(' ')
    });
    Entry {
        name: fault.name(),
        description: fault.description(),
        codes: line.unwrap_or_default().split(' ').collect(),
    }
}

fn text(entries: &[Entry]) -> io::Result<()> {
    let mut output = anstream::stdout().lock();
    for Entry {
        name,
        description,
        codes,
    } in entries
    {
        writeln!(output, "{BAD}{name}{BAD:#}")?;
        writeln!(output, "  {description}")?;
        writeln!(output, "  {LABEL}{}{LABEL:#}", codes.join(", "))?;
    }
    Ok(())
}
