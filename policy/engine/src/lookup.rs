//! What a host must know that finds evidence by name: which repository to ask, under which names the
//! image may have been signed, and what kinds of evidence can count at all.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::{Map, Value};

use crate::Problem;
use crate::compiled::{CompiledRule, Prepared, Requirement};
use crate::document::Tags;
use crate::image_reference::ImageReference;
use crate::pattern::StringMatcher;
use crate::request::{self, Content, RequestedImage};

/// Where evidence for one image may be found by name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageLookup {
    /// The reference as the request has it.
    pub reference: String,
    /// The digest of the image's manifest or index, where the request names one.
    pub digest: Option<String>,
    /// Registry and repository of the image, with the defaults filled in.
    pub repository: String,
    /// The tag, if the reference has one.
    pub tag: Option<String>,
    /// Repositories under whose names the image may have been signed: its own, and that at the source
    /// of a mirror.
    pub names: Vec<String>,
    /// Annotations that a signature may carry because a rule asks for exactly these. None of them is
    /// empty.
    pub annotations: Vec<Map<String, String>>,
    /// What can count.
    pub wanted: Wanted,
}

/// Which evidence can count for an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wanted {
    /// Whether the image is decided from its digest at all.
    pub digest: bool,
    /// Whether a rule asks for a signature.
    pub signatures: bool,
    /// Whether a rule asks for anything that a statement says.
    pub statements: bool,
}

/// The lookups for a request.
pub(crate) fn lookups(policy: &Prepared, request: &Value) -> Result<Vec<ImageLookup>, Problem> {
    let request = request::read_value(request, &policy.images, &policy.admission);
    let (images, context) = match request.content? {
        Content::Images(images, context) => (images, context),
        Content::Passes(_) => return Ok(Vec::new()),
    };
    // More are refused, whatever is found.
    if images.len() > policy.limits.images {
        return Ok(Vec::new());
    }
    let lookups = images.iter().map(|image| {
        let rules = policy.rules.iter();
        let rules = rules.filter(|rule| rule.is_for(&image.reference, &context));
        lookup(policy, image, rules)
    });
    Ok(lookups.collect())
}

fn lookup<'r>(
    policy: &Prepared,
    image: &RequestedImage,
    rules: impl Iterator<Item = &'r CompiledRule>,
) -> ImageLookup {
    // It was read before.
    let own = ImageReference::parse(&image.text).unwrap_or_else(|_| image.reference.clone());
    let mut names = Vec::new();
    for reference in [&own, &image.reference] {
        for name in names_of(reference) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let denied = image.digest.is_none() && policy.images.tags == Tags::Deny;
    let mut wanted = Wanted {
        digest: !denied,
        ..Wanted::default()
    };
    let mut annotations = Vec::new();
    let mut all = Map::new();
    for rule in rules.filter(|_| !denied) {
        match &rule.requirement {
            Requirement::Signature(asked) => {
                wanted.signatures = true;
                let exact = exact(asked);
                all.extend(exact.clone());
                annotations.push(exact);
            }
            _ => wanted.statements = true,
        }
    }
    annotations.push(all);
    annotations.retain(|of_one| !of_one.is_empty());
    annotations.dedup();
    ImageLookup {
        reference: image.text.clone(),
        digest: image.digest.as_ref().map(ToString::to_string),
        repository: own.name().to_string(),
        tag: own.tag().map(ToString::to_string),
        names,
        annotations,
        wanted,
    }
}

/// The name of the repository; signers write that of Docker Hub in its older form.
fn names_of(reference: &ImageReference) -> impl Iterator<Item = String> {
    let name = reference.name();
    let older = name.strip_prefix("docker.io/");
    let older = older.map(|rest| format!("index.docker.io/{rest}"));
    older.into_iter().chain([name.to_string()])
}

/// The annotations, where the rule says exactly what all of them are.
fn exact(asked: &[(String, StringMatcher)]) -> Map<String, String> {
    let mut exact = Map::new();
    for (name, matcher) in asked {
        match matcher {
            StringMatcher::Exact(value) => exact.insert(name.clone(), value.clone()),
            _ => return Map::new(),
        };
    }
    exact
}
