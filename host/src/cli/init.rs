//! `sealstone init`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::{Error, Exit};
use super::now::Now;
use super::policy_source::supplied;
use super::printable::Printable;
use super::registry_flags::{RegistryFlags, ScopeFlags};
use super::source::{Target, Wanted};
use super::{digest, module_bytes, new_runtime, written};
use crate::digest::Digest;
use crate::init::{self, Found, Names, Prober};
use crate::layout::Selection;
use crate::limits::Limits;
use crate::trust_root::{self, PUBLIC_GOOD};

const EXAMPLES: &str = "\
Examples:
  A policy for an image in a registry, signed with Sigstore's public instance:
    sealstone init registry.example/team/app:v1 --output policies

  From an OCI image layout, with a trust root of one's own:
    sealstone init layout --reference registry.example/team/app --output policies \\
      --trusted-root private=trusted_root.json

Only what verifies is used; what does not is said, on standard error and in the policy.

Exit status: 0 written, 1 nothing verified, 2 usage, 3 evidence could not be brought.";

const POLICY: &str = "policy.yaml";
const POLICY_TEST: &str = "policy-test.yaml";

/// Write a starting policy and its tests from what an image carries: what signed it, what built it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Image and where its evidence is: a folder with an OCI image layout; an Evidence document, whose
    /// name ends in `.json`; or the name of an image with its registry, as registry.example/team/app:v1.
    image: PathBuf,

    /// Folder for `policy.yaml` and `policy-test.yaml`. It is made where there is none.
    #[arg(long, value_name = "FOLDER")]
    output: PathBuf,

    /// Name of the image in the policy [default: the one of the image in a registry or document].
    #[arg(long, value_name = "NAME")]
    reference: Option<String>,

    /// Digest of the image.
    #[arg(long, value_parser = digest, conflicts_with = "tag")]
    digest: Option<Digest>,

    /// Tag of the image in the layout.
    #[arg(long)]
    tag: Option<String>,

    /// Trust root (Sigstore `trusted_root.json`) with its name in the policy [default: the one of
    /// Sigstore's public instance, named `public-good`].
    #[arg(long, value_name = "NAME=FILE")]
    trusted_root: Option<String>,

    /// Time at which the evidence must verify, RFC 3339 or seconds since 1970 [default: the clock of
    /// this machine].
    #[arg(long, value_name = "TIME", value_parser = Now::parse)]
    now: Option<Now>,

    /// Replace files that are there.
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    scope: ScopeFlags,

    #[command(flatten)]
    registry: RegistryFlags,
}

pub(super) fn run(arguments: &Arguments, module: Option<&Path>) -> Result<Exit, Error> {
    let limits = Limits::default();
    let now = match arguments.now {
        Some(now) => now,
        None => Now::from_clock()?,
    };
    for file in [POLICY, POLICY_TEST] {
        check_absent(&arguments.output.join(file), arguments.force)?;
    }
    let supplied = supplied(arguments.trusted_root.as_slice(), &limits)?;
    let trust_root = match supplied.first() {
        None => PUBLIC_GOOD,
        Some(root) => root.name.as_deref().ok_or_else(|| {
            let message = "the trust root has no name; give it as NAME=FILE";
            Error::usage("trust-root.name-missing", message)
        })?,
    };
    let roots = trust_root::for_names(&[trust_root.to_owned()], &supplied)?;
    let image = find(arguments, &limits)?;
    let module = new_runtime(&limits)?.load(&module_bytes(module, &limits)?)?;
    let mut found = Found::default();
    for root in roots {
        let prober = Prober {
            module: &module,
            root,
            reference: &image.name,
            digest: &image.digest,
            now: now.seconds(),
        };
        found = prober.prove(&image.evidence)?;
    }
    let time = now.to_string();
    let names = Names {
        image: &image.name,
        digest: &image.digest,
        trust_root,
        is_built_in: supplied.is_empty(),
        policy_file: POLICY,
        time: &time,
    };
    say_unused(&found);
    let Some(policy) = init::policy(&found, &names) else {
        let message = "nothing verified from which a policy could follow";
        return Err(Error::denied("evidence.nothing-verified", message));
    };
    write(&arguments.output, POLICY, &policy)?;
    write(
        &arguments.output,
        POLICY_TEST,
        &init::policy_test(&found, &names),
    )?;
    Ok(Exit::Success)
}

struct Image {
    /// Without tag and digest.
    name: String,
    digest: String,
    evidence: Vec<crate::runtime::Evidence>,
}

fn find(arguments: &Arguments, limits: &Limits) -> Result<Image, Error> {
    let settings = arguments.registry.settings();
    let found = Target::of(&arguments.image).look(&Wanted {
        selection: match (arguments.digest, &arguments.tag) {
            (Some(digest), _) => Selection::Digest(digest),
            (None, Some(tag)) => Selection::Tag(tag.clone()),
            (None, None) => Selection::Only,
        },
        reference: None,
        scope: arguments.scope.scope(),
        settings: &settings,
        limits,
        choose: "choose one with --digest or --tag",
    })?;
    if let Some(altered) = found.altered {
        return Err(Error::denied(altered.code, altered.message));
    }
    if let Some(reason) = found.unavailable {
        return Err(Error::unavailable("evidence.unavailable", reason));
    }
    let Some(reference) = arguments.reference.clone().or(found.reference) else {
        let message = "the image has no name where its evidence is";
        let help = "give one with --reference, as registry.example/team/app";
        return Err(Error::with_help("image.name-missing", message, help));
    };
    let name = reference
        .split_once('@')
        .map_or(reference.as_str(), |(name, _)| name);
    let name = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    };
    Ok(Image {
        name: name.to_owned(),
        digest: found.digest.to_string(),
        evidence: found.evidence,
    })
}

fn say_unused(found: &Found) {
    let mut output = anstream::stderr().lock();
    for unused in &found.unused {
        // Nobody is left to tell when standard error is gone.
        let _ = writeln!(
            output,
            "not used: sha256:{}  {}: {}",
            Printable(&unused.sha256),
            Printable(&unused.code),
            Printable(&unused.message)
        );
    }
}

fn check_absent(path: &Path, force: bool) -> Result<(), Error> {
    // A link that leads nowhere is there, too.
    if force || fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    let message = format!("`{}` is there already", path.display());
    Err(Error::with_help(
        "file.exists",
        message,
        "replace it with --force, or give another folder",
    ))
}

fn write(folder: &Path, name: &str, content: &str) -> Result<(), Error> {
    let path = folder.join(name);
    let result = fs::create_dir_all(folder).and_then(|()| fs::write(&path, content));
    result.map_err(|error| {
        let message = format!("`{}` cannot be written: {error}", path.display());
        Error::usage("file.unwritable", message)
    })?;
    written(writeln!(anstream::stdout().lock(), "{}", path.display()))
}
