//! `sealstone verify`.

mod now;

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};

use super::decision_text;
use super::error::{Error, Exit};
use super::printable::Printable;
use super::style::HELP;
use super::{Output, module_bytes, read, runtime, write_result, written};
use crate::denial::{self, Denied, Reason};
use crate::digest::Digest;
use crate::document::PolicyDocument;
use crate::evidence;
use crate::layout::{Fault, Layout, LayoutError, Selection};
use crate::limits::{Limit, Limits};
use crate::runtime::{Decision, Evidence, ImageEvidence, Outcome, Policy};
use crate::trust_root::{self, Supplied};
use now::Now;

const EXAMPLES: &str = "\
Examples:
  An image in an OCI image layout, for example one made by `cosign save --dir layout IMAGE`:
    sealstone verify layout --policy policy.yaml --reference registry.example/team/app

  One of several images of a layout:
    sealstone verify layout --tag v1 --policy policy.yaml

  Sigstore bundles next to a digest, with a trust root of one's own:
    sealstone verify --bundle app.sigstore.json --digest sha256:… \\
      --policy policy.yaml --trusted-root private=trusted_root.json

Exit status: 0 allowed, 1 denied, 2 usage, 3 unavailable.";

/// Decide whether an image satisfies a policy.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("source").args(["layout", "bundles"]).required(true)))]
pub(super) struct Arguments {
    /// Folder with an OCI image layout that holds the image's evidence.
    layout: Option<PathBuf>,

    /// Sigstore bundle for the image: one in a file, or one a line. Can be given several times.
    #[arg(long = "bundle", value_name = "FILE", requires = "digest")]
    bundles: Vec<PathBuf>,

    /// Digest of the image.
    #[arg(long, value_parser = digest, conflicts_with = "tag")]
    digest: Option<Digest>,

    /// Tag of the image in the layout.
    #[arg(long, conflicts_with = "bundles")]
    tag: Option<String>,

    /// Name of the image, which the rules of the policy match [default: localhost/ and the name of
    /// the layout's folder, or localhost/artifact].
    #[arg(long, value_name = "NAME")]
    reference: Option<String>,

    /// Policy document, YAML or JSON.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,

    /// Trust root (Sigstore `trusted_root.json`) for the name in the policy, or for every name that
    /// the policy leaves without content. The root named `public-good` is built in.
    #[arg(long = "trusted-root", value_name = "[NAME=]FILE")]
    trusted_roots: Vec<String>,

    /// Time of the decision, RFC 3339 or seconds since 1970 [default: the clock of this machine].
    #[arg(long, value_name = "TIME", value_parser = Now::parse)]
    now: Option<Now>,

    /// How to write the decision.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments, module: Option<&Path>) -> Result<Exit, Error> {
    let limits = Limits::default();
    let now = match arguments.now {
        Some(now) => now,
        None => Now::from_clock()?,
    };
    let mut policy = policy(arguments, module, &limits)?;
    let decision = match brought(arguments, &limits)? {
        Brought::Evidence(image) => decide(&mut policy, &image, now)?,
        Brought::Nothing(image, error) => {
            let outcome = match error.fault() {
                Fault::Unavailable => Outcome::Unavailable,
                Fault::Rejected | Fault::Usage => Outcome::Rejected,
            };
            let (code, message) = (error.code(), error.to_string());
            denied(&image, outcome, code, &message, now)
        }
    };
    show(&decision, arguments.output)
}

/// The policy, compiled.
fn policy(arguments: &Arguments, module: Option<&Path>, limits: &Limits) -> Result<Policy, Error> {
    let path = &arguments.policy;
    let content = read(path, "policy", Limit::PolicyBytes, limits.policy_bytes)?;
    let document = PolicyDocument::new(path, &content, limits)?;
    let supplied = supplied(&arguments.trusted_roots, limits)?;
    let roots = match document.trust_roots_without_content() {
        Some(wanted) => trust_root::for_names(&wanted, &supplied)?,
        None => Vec::new(),
    };
    let module = runtime(limits)?.load(&module_bytes(module, limits)?)?;
    Ok(module.policy(document.json(), &roots)?)
}

/// Reads the files of `--trusted-root`.
fn supplied(flags: &[String], limits: &Limits) -> Result<Vec<Supplied>, Error> {
    let read_one = |flag: &String| {
        // A name is a name of a trust root; anything else before a `=` belongs to a path.
        let is_name = |name: &str| {
            let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            !name.is_empty() && name.bytes().all(of_name)
        };
        let (name, file) = match flag.split_once('=') {
            Some((name, file)) if is_name(name) => (Some(name.to_owned()), file),
            _ => (None, flag.as_str()),
        };
        let maximum = limits.trusted_root_bytes;
        let content = read(
            Path::new(file),
            "trust root",
            Limit::TrustedRootBytes,
            maximum,
        )?;
        Ok(Supplied { name, content })
    };
    flags.iter().map(read_one).collect()
}

/// An image, what was found for it, and what was not.
struct Image {
    reference: String,
    digest: Option<Digest>,
    evidence: Vec<Evidence>,
    unavailable: Option<String>,
}

enum Brought {
    Evidence(Image),
    /// The image itself is not what it should be, or not there.
    Nothing(Image, LayoutError),
}

fn brought(arguments: &Arguments, limits: &Limits) -> Result<Brought, Error> {
    let Some(folder) = &arguments.layout else {
        return Ok(Brought::Evidence(Image {
            reference: reference(arguments, "artifact"),
            digest: arguments.digest,
            evidence: evidence::from_bundle_files(&arguments.bundles, limits)?,
            unavailable: None,
        }));
    };
    let mut image = Image {
        reference: reference(arguments, &name_of(folder)),
        digest: arguments.digest,
        evidence: Vec::new(),
        unavailable: None,
    };
    let layout = Layout::open(folder, limits).map_err(|error| Error::layout(folder, &error))?;
    let selection = match (&arguments.digest, &arguments.tag) {
        (Some(digest), _) => Selection::Digest(*digest),
        (None, Some(tag)) => Selection::Tag(tag.clone()),
        (None, None) => Selection::Only,
    };
    let selected = match layout.image(&selection) {
        Ok(selected) => selected,
        Err(error) if error.fault() == Fault::Usage => return Err(Error::layout(folder, &error)),
        Err(error) => return Ok(Brought::Nothing(image, error)),
    };
    if !selected.listed {
        note_unlisted(&layout);
    }
    let collected = layout.evidence(&selected.digest);
    image.digest = Some(selected.digest);
    image.evidence = collected.evidence;
    image.unavailable = reasons(&collected.unavailable);
    Ok(Brought::Evidence(image))
}

fn reference(arguments: &Arguments, name: &str) -> String {
    let named = arguments.reference.clone();
    named.unwrap_or_else(|| format!("localhost/{name}"))
}

/// The name of a folder, also of one that is called `.`.
fn name_of(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = folder.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Tells that the layout does not hold the image that was asked about.
fn note_unlisted(layout: &Layout) {
    use std::io::Write as _;
    let mut output = anstream::stderr().lock();
    // A closed standard error changes nothing about the decision.
    let _ = writeln!(
        output,
        "{HELP}note{HELP:#}: the layout lists no image with this digest"
    );
    for candidate in layout.candidates() {
        let tag = candidate.tag.unwrap_or_default();
        let _ = writeln!(
            output,
            "  it lists {}  {}",
            candidate.digest,
            Printable(&tag)
        );
    }
}

/// Why evidence is missing, in one text: the first reasons, and how many more there are.
fn reasons(errors: &[LayoutError]) -> Option<String> {
    const SHOWN: usize = 4;
    let reason = |error: &LayoutError| format!("{}: {error}", error.code());
    let mut reasons: Vec<String> = errors.iter().take(SHOWN).map(reason).collect();
    if let more @ 1.. = errors.len().saturating_sub(SHOWN) {
        reasons.push(format!("and {more} more"));
    }
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// Asks the module. A failure of it is a denial.
fn decide(policy: &mut Policy, image: &Image, now: Now) -> Result<Decision, Error> {
    let digest = image.digest.as_ref().map(Digest::to_string);
    let request = serde_json::json!({
        "images": [{"reference": image.reference, "digest": digest}]
    })
    .to_string();
    let wanted = policy.images(request.as_bytes());
    let answer = wanted.and_then(|wanted| {
        let evidence: Vec<ImageEvidence> = wanted
            .into_iter()
            .map(|wanted| ImageEvidence {
                reference: wanted.reference,
                digest: wanted.digest.or_else(|| digest.clone()).unwrap_or_default(),
                evidence: image.evidence.clone(),
                unavailable: image.unavailable.clone(),
            })
            .collect();
        policy.decide(request.as_bytes(), &evidence, now.seconds())
    });
    match answer {
        Ok(decision) => Ok(decision),
        Err(failure) if failure.is_invalid_input() => Err(failure.into()),
        Err(failure) => {
            let (outcome, message) = (denial::outcome(&failure), failure.to_string());
            Ok(denied(image, outcome, failure.code(), &message, now))
        }
    }
}

fn denied(image: &Image, outcome: Outcome, code: &str, message: &str, now: Now) -> Decision {
    denial::decision(
        Denied {
            reference: &image.reference,
            digest: image.digest.as_ref(),
        },
        Reason {
            outcome,
            code,
            message,
        },
        &now.to_string(),
    )
}

/// Shows a decision and turns it into an exit status.
fn show(decision: &Decision, output: Output) -> Result<Exit, Error> {
    let allowed = decision.allowed && decision.outcome == Outcome::Allowed;
    let exit = match decision.outcome {
        Outcome::Allowed if !allowed => Exit::Denied,
        outcome => Exit::from(outcome),
    };
    match output {
        Output::Json => {
            let mut document = decision.document.clone();
            document.push(b'\n');
            write_result(&document)?;
        }
        Output::Text => {
            let text = decision_text::write(decision, &mut anstream::stdout().lock());
            written(text)?;
        }
    }
    Ok(exit)
}

fn digest(text: &str) -> Result<Digest, String> {
    let parsed = text.parse::<Digest>();
    parsed.map_err(|error| format!("{error} [{}]", error.code()))
}
