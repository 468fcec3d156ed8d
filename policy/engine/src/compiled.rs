//! A policy that was read, checked and prepared.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::{Map, Value};
use sealstone_verify::{Limits, Requirements, UnixTime, Verifier, to_hex};
use sha2::{Digest as _, Sha256};

#[cfg(feature = "rego")]
use crate::document::RegoRequirement;
use crate::document::{
    self, Admission, AttestationRequirement, AuthorityKind, BuilderProperty, ConfigMap, Context,
    EvidenceSources, Exception, Identity, Images, Levels, Mode, NamespaceMode, Policy,
    PolicyLimits, Property, ProvenanceRequirement, Quantifier, SbomRequirement, Selection, Signers,
    SummaryRequirement, TrustRoot, VexRequirement, VulnerabilityRequirement,
};
use crate::image_reference::ImageReference;
use crate::limits::Limit;
use crate::lookup::{self, ImageLookup};
use crate::pattern::{ImagePattern, StringMatcher};
use crate::problem::{Path, Problems};
use crate::reader::{Document, Reader};
use crate::request::Content;
use crate::{Decision, ImageEvidence, ImageRequest, Problem, decide, request};

/// A trust root that the host supplies for a policy which names it without content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "every ABI builds it field by field"
)]
pub struct NamedTrustedRoot {
    /// The name under which the policy document refers to it.
    pub name: String,
    /// `TrustedRoot` in the JSON form of sigstore/protobuf-specs.
    pub content: Vec<u8>,
}

/// A policy that was read, checked and prepared. Compile once, decide often.
#[derive(Debug)]
pub struct CompiledPolicy {
    prepared: Prepared,
}

impl CompiledPolicy {
    /// Reads a policy document (JSON) and prepares its trust roots and keys.
    ///
    /// A trust root that the document holds itself is never taken from the host; one that the host
    /// supplies under a name that the document does not define is ignored.
    ///
    /// # Errors
    /// Every [`Problem`] of the document at once, sorted by path. At most 100 are returned.
    pub fn compile(
        policy: &[u8],
        trusted_roots: &[NamedTrustedRoot],
    ) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(Document::Policy);
        match reader.parse(policy, Limit::PolicyBytes) {
            Some(value) => Self::of(reader, &value, &value.to_canonical_string(), trusted_roots),
            None => Err(reader.problems.into_sorted()),
        }
    }

    /// The same for a document that was read as JSON already. The limit on its bytes is that of its
    /// canonical form.
    ///
    /// # Errors
    /// As for [`Self::compile`].
    pub fn compile_value(
        policy: &Value,
        trusted_roots: &[NamedTrustedRoot],
    ) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(Document::Policy);
        let canonical = policy.to_canonical_string();
        if canonical.len() > Limit::PolicyBytes.value() {
            reader.exceeded(Limit::PolicyBytes, &Path::ROOT, "bytes");
            return Err(reader.problems.into_sorted());
        }
        Self::of(reader, policy, &canonical, trusted_roots)
    }

    fn of(
        mut reader: Reader,
        value: &Value,
        canonical: &str,
        trusted_roots: &[NamedTrustedRoot],
    ) -> Result<Self, Vec<Problem>> {
        let prepared = Policy::read(&mut reader, value, trusted_roots)
            .and_then(|policy| Prepared::new(policy, canonical, &mut reader.problems));
        match prepared {
            Some(prepared) => Ok(Self { prepared }),
            None => Err(reader.problems.into_sorted()),
        }
    }

    /// Prepares the keys of the policy and of its trust roots for many decisions, which are the same
    /// as without, only faster. It costs more time than it saves in the first few.
    pub fn prepare(&self) {
        for verifier in &self.prepared.verifiers {
            verifier.prepare();
        }
    }

    /// The images of a request (JSON) for which the host must bring evidence: all that it names,
    /// each once, in its order; none where the request passes whatever its images are.
    ///
    /// # Errors
    /// The first [`Problem`] of the request.
    pub fn images(&self, request: &[u8]) -> Result<Vec<ImageRequest>, Problem> {
        let prepared = &self.prepared;
        match request::read(request, &prepared.images, &prepared.admission).content? {
            Content::Images(images, _) => Ok(images.iter().map(ImageRequest::from).collect()),
            Content::Passes(_) => Ok(Vec::new()),
        }
    }

    /// Decides a request at the time `now`.
    ///
    /// Evidence for an image that the request does not name is ignored. An image for which none was
    /// brought, not even an empty list, is denied as unavailable. A malformed request is a decision
    /// too: denied, with the outcome [`crate::Outcome::Invalid`].
    pub fn decide(&self, request: &[u8], evidence: &[ImageEvidence], now: UnixTime) -> Decision {
        decide::decide(&self.prepared, request, evidence, now)
    }

    /// The same for a request that was read as JSON already, where public-key operations may cost so
    /// much `work` and no more: for hosts that end a decision which takes too long. One unit is an
    /// operation on P-256; one on P-384 counts 4, one on P-521 counts 16, any other 1. When the work is
    /// spent, the images that are not decided yet are denied with `limit.signature-work`.
    pub fn decide_within(
        &self,
        request: &Value,
        evidence: &[ImageEvidence],
        now: UnixTime,
        work: usize,
    ) -> Decision {
        decide::decide_within(&self.prepared, request, evidence, now, work)
    }

    /// Where evidence for the images of a request may be found by name, for hosts that look each piece
    /// up by itself.
    ///
    /// # Errors
    /// The first [`Problem`] of the request.
    pub fn lookups(&self, request: &Value) -> Result<Vec<ImageLookup>, Problem> {
        lookup::lookups(&self.prepared, request)
    }

    /// The ConfigMaps that the policy names as sources of evidence.
    pub fn config_maps(&self) -> &[ConfigMap] {
        &self.prepared.evidence_sources.config_maps
    }
}

/// What decisions are made from.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) name: String,
    /// SHA-256 of the policy's canonical form, in hexadecimal.
    pub(crate) sha256: String,
    pub(crate) mode: Mode,
    pub(crate) modes: Vec<NamespaceMode>,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) images: Images,
    pub(crate) admission: Admission,
    pub(crate) limits: PolicyLimits,
    pub(crate) evidence_sources: EvidenceSources,
    pub(crate) insecure_allow_unmatched_images: bool,
    /// The evidence that the policy carries.
    pub(crate) evidence: Vec<ImageEvidence>,
    pub(crate) verifiers: Vec<Verifier>,
    pub(crate) authorities: Vec<Authority>,
    pub(crate) builders: Vec<Builder>,
    pub(crate) summary_verifiers: Vec<SummaryVerifier>,
    pub(crate) rules: Vec<CompiledRule>,
}

/// Somebody who may sign.
#[derive(Debug)]
pub(crate) struct Authority {
    pub(crate) name: String,
    /// Index of the verifier that proves its signatures.
    pub(crate) verifier: usize,
    /// The identities of certificates; `None` for a key, which is its own identity.
    pub(crate) identities: Option<Vec<Identity>>,
    pub(crate) insecure_ignore_transparency_log: bool,
}

/// A build platform. Authorities are named by index.
#[derive(Debug)]
pub(crate) struct Builder {
    pub(crate) name: String,
    pub(crate) signed_by: Vec<usize>,
    pub(crate) id: StringMatcher,
    pub(crate) maximum_level: usize,
    pub(crate) delegated: bool,
    pub(crate) properties: Vec<BuilderProperty>,
    pub(crate) operator: Option<String>,
}

/// Somebody whose verification summaries count. Authorities are named by index.
#[derive(Debug)]
pub(crate) struct SummaryVerifier {
    pub(crate) name: String,
    pub(crate) signed_by: Vec<usize>,
    pub(crate) id: StringMatcher,
    pub(crate) maximum_levels: Levels,
}

/// A rule.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub(crate) name: String,
    images: Vec<ImagePattern>,
    selection: Option<Selection>,
    /// What follows when the rule is not met, where the namespace has no weaker mode.
    pub(crate) mode: Mode,
    /// When the rule takes effect; `None` when it is in effect.
    pub(crate) effective_on: Option<UnixTime>,
    /// Every authority that occurs in `signers`, each once.
    pub(crate) authorities: Vec<usize>,
    /// Who must have signed.
    pub(crate) signers: Expression,
    /// How far back from the decision the earliest proven time may lie, in seconds.
    pub(crate) maximum_age: Option<u64>,
    /// The verifiers, by index, whose summaries about the source commit count.
    pub(crate) source_verifiers: Vec<usize>,
    pub(crate) requirement: Requirement,
}

/// Authorities by index, alone or combined.
#[derive(Debug)]
pub(crate) enum Expression {
    Authority(usize),
    AllOf(Vec<Expression>),
    AnyOf(Vec<Expression>),
    AtLeast(usize, Vec<Expression>),
}

/// What a rule asks for.
#[derive(Debug)]
pub(crate) enum Requirement {
    /// A signature whose signed annotations match.
    Signature(Vec<(String, StringMatcher)>),
    Attestation(AttestationRequirement),
    /// Provenance; the builders, by index, any of which will do, or none where any will do.
    Provenance(Box<ProvenanceRequirement>, Vec<usize>),
    /// A verification summary by one of the verifiers, by index.
    Summary(Box<SummaryRequirement>, Vec<usize>),
    Sbom(Box<SbomRequirement>),
    /// A vulnerability scan; the authorities, by index, whose VEX documents count.
    Vulnerabilities(Box<VulnerabilityRequirement>, Vec<usize>),
    /// A program in Rego; for each attestation that it is told of, the authorities, by index, that
    /// sign it.
    #[cfg(feature = "rego")]
    Rego(Box<RegoRequirement>, Vec<Vec<usize>>),
}

/// Verifiers of certificates by trust root, and whether the certificates name no issuer.
type SharedVerifiers = Vec<(String, bool, usize)>;

/// Names were checked: a name without a root has been reported and ended the compilation.
fn find_root<'r>(
    roots: &'r [TrustRoot],
    name: &str,
) -> Result<&'r TrustRoot, sealstone_verify::Error> {
    roots
        .iter()
        .find(|root| root.name == name)
        .ok_or(sealstone_verify::Error::RequirementsUnmeetable)
}

/// The indices of what a policy names.
#[derive(Debug, Default)]
struct Indices {
    authorities: Map<String, usize>,
    builders: Map<String, usize>,
    verifiers: Map<String, usize>,
}

impl Prepared {
    /// Prepares verifiers and replaces names by indices. `None` when a trust root can never meet
    /// what is demanded of it.
    fn new(policy: Policy, canonical: &str, problems: &mut Problems) -> Option<Self> {
        let mut prepared = Self {
            name: policy.metadata.name,
            sha256: to_hex(&Sha256::digest(canonical.as_bytes())),
            mode: policy.mode,
            modes: policy.modes,
            exceptions: policy.exceptions,
            images: policy.images,
            admission: policy.admission,
            limits: policy.limits,
            evidence_sources: policy.evidence_sources,
            insecure_allow_unmatched_images: policy.insecure_allow_unmatched_images,
            evidence: policy.evidence,
            verifiers: Vec::new(),
            authorities: Vec::new(),
            builders: Vec::new(),
            summary_verifiers: Vec::new(),
            rules: Vec::new(),
        };
        let mut indices = Indices::default();
        let mut shared = SharedVerifiers::new();
        for (index, authority) in policy.authorities.into_iter().enumerate() {
            indices.authorities.insert(authority.name.clone(), index);
            let result = prepared.add_authority(authority, &policy.trust_roots, &mut shared);
            if let Err((field, error)) = result {
                let root = Path::ROOT;
                let list = root.member("authorities");
                let element = list.index(index);
                let kind = element.member(field);
                problems.push(error.code(), &kind.member("trustRoot"), format!("{error}"));
            }
        }
        for (index, builder) in policy.builders.into_iter().enumerate() {
            indices.builders.insert(builder.name.clone(), index);
            prepared.builders.push(Builder {
                signed_by: places(&builder.signed_by, &indices.authorities),
                name: builder.name,
                id: builder.id,
                maximum_level: builder.maximum_level,
                delegated: builder.delegated,
                properties: builder.properties,
                operator: builder.operator,
            });
        }
        for (index, verifier) in policy.verifiers.into_iter().enumerate() {
            indices.verifiers.insert(verifier.name.clone(), index);
            prepared.summary_verifiers.push(SummaryVerifier {
                signed_by: places(&verifier.signed_by, &indices.authorities),
                name: verifier.name,
                id: verifier.id,
                maximum_levels: verifier.maximum_levels,
            });
        }
        for rule in policy.rules {
            let rule = prepared.rule(rule, &indices);
            prepared.rules.push(rule);
        }
        problems.is_empty().then_some(prepared)
    }

    fn add_authority(
        &mut self,
        authority: document::Authority,
        roots: &[TrustRoot],
        shared: &mut SharedVerifiers,
    ) -> Result<(), (&'static str, sealstone_verify::Error)> {
        let find = |name: &str| find_root(roots, name);
        let (verifier, identities, insecure) = match authority.kind {
            AuthorityKind::Keyless(kind) => {
                let index = self
                    .of_certificates(&kind.trust_root, false, roots, shared)
                    .map_err(|error| ("keyless", error))?;
                (index, Some(kind.identities), false)
            }
            AuthorityKind::Certificate(kind) => {
                let index = self
                    .of_certificates(&kind.trust_root, true, roots, shared)
                    .map_err(|error| ("certificate", error))?;
                let without_issuer = |subject| Identity {
                    issuer: None,
                    subject,
                    extensions: Vec::new(),
                };
                let identities = kind.subjects.into_iter().map(without_issuer).collect();
                (index, Some(identities), false)
            }
            AuthorityKind::Key(kind) => {
                let root = kind.trust_root.as_deref().map(find).transpose();
                let verifier = root
                    .and_then(|root| of_key(&kind, root))
                    .map_err(|error| ("key", error))?;
                (self.add_verifier(verifier), None, kind.trust_root.is_none())
            }
        };
        self.authorities.push(Authority {
            name: authority.name,
            verifier,
            identities,
            insecure_ignore_transparency_log: insecure,
        });
        Ok(())
    }

    /// The verifier of certificates under a trust root, of which one is enough for all authorities.
    fn of_certificates(
        &mut self,
        name: &str,
        without_issuer: bool,
        roots: &[TrustRoot],
        shared: &mut SharedVerifiers,
    ) -> Result<usize, sealstone_verify::Error> {
        let known = shared
            .iter()
            .find(|(root, other, _)| root == name && *other == without_issuer);
        if let Some((_, _, index)) = known {
            return Ok(*index);
        }
        let mut verifier = of_certificates(find_root(roots, name)?)?;
        if without_issuer {
            verifier = verifier.without_issuer();
        }
        let index = self.add_verifier(verifier);
        shared.push((name.to_string(), without_issuer, index));
        Ok(index)
    }

    fn add_verifier(&mut self, verifier: Verifier) -> usize {
        let index = self.verifiers.len();
        self.verifiers.push(verifier);
        index
    }

    fn rule(&self, rule: document::Rule, indices: &Indices) -> CompiledRule {
        let mut source_verifiers = Vec::new();
        let (signers, maximum_age, requirement) = match rule.requirement {
            document::Requirement::Signature(asked) => (
                Expression::new(&asked.signed_by, indices),
                asked.maximum_age,
                Requirement::Signature(asked.annotations),
            ),
            document::Requirement::Attestation(asked) => (
                Expression::new(&asked.signed_by, indices),
                asked.maximum_age,
                Requirement::Attestation(asked),
            ),
            document::Requirement::Provenance(asked) => {
                let builders = places(&asked.builders, &indices.builders);
                source_verifiers = places(&asked.source_verified_by, &indices.verifiers);
                let signers = match &asked.signed_by {
                    Some(signers) => Expression::new(signers, indices),
                    None => any_of(
                        builders
                            .iter()
                            .filter_map(|builder| self.builders.get(*builder))
                            .flat_map(|builder| &builder.signed_by),
                    ),
                };
                let age = asked.maximum_age;
                (signers, age, Requirement::Provenance(asked, builders))
            }
            document::Requirement::VerificationSummary(asked) => {
                let verifiers = places(&asked.verified_by, &indices.verifiers);
                let signers = any_of(
                    verifiers
                        .iter()
                        .filter_map(|verifier| self.summary_verifiers.get(*verifier))
                        .flat_map(|verifier| &verifier.signed_by),
                );
                let age = asked.maximum_age;
                (signers, age, Requirement::Summary(asked, verifiers))
            }
            document::Requirement::Sbom(asked) => (
                Expression::new(&asked.signed_by, indices),
                asked.maximum_age,
                Requirement::Sbom(asked),
            ),
            document::Requirement::Vulnerabilities(asked) => {
                let signers = Expression::new(&asked.signed_by, indices);
                let vex = asked.vex.as_ref().map(|vex| &vex.signed_by);
                let vex = places(vex.map_or(&[], Vec::as_slice), &indices.authorities);
                let age = Some(asked.maximum_age);
                (signers, age, Requirement::Vulnerabilities(asked, vex))
            }
            #[cfg(feature = "rego")]
            document::Requirement::Rego(asked) => {
                let of_one =
                    |one: &document::RegoAttestation| places(&one.signed_by, &indices.authorities);
                let signed_by: Vec<_> = asked.attestations.iter().map(of_one).collect();
                let signers = any_of(signed_by.iter().flatten());
                (signers, None, Requirement::Rego(asked, signed_by))
            }
        };
        let mut authorities = Vec::new();
        signers.collect(&mut authorities);
        CompiledRule {
            name: rule.name,
            images: rule.images,
            selection: rule.selection,
            mode: rule.mode.unwrap_or(self.mode),
            effective_on: rule.effective_on,
            authorities,
            signers,
            maximum_age,
            source_verifiers,
            requirement,
        }
    }
}

impl CompiledRule {
    /// Whether builders of two different operators must have made the image.
    pub(crate) fn demands_reproduction(&self) -> bool {
        matches!(&self.requirement, Requirement::Provenance(asked, _) if asked.demands(Property::Reproduced))
    }

    /// Whether the rule is for that image of a request.
    pub(crate) fn is_for(&self, image: &ImageReference, context: &Context) -> bool {
        self.images.iter().any(|pattern| pattern.matches(image))
            && self
                .selection
                .as_ref()
                .is_none_or(|selection| selection.matches(context))
    }

    /// Whether every piece that the rule speaks of must meet it.
    pub(crate) fn demands_all(&self) -> bool {
        let quantifier = match &self.requirement {
            Requirement::Attestation(asked) => asked.quantifier,
            Requirement::Sbom(asked) => asked.quantifier,
            Requirement::Vulnerabilities(asked, _) => asked.quantifier,
            _ => Quantifier::Any,
        };
        quantifier == Quantifier::All
    }

    /// Which VEX documents lower what a scan says, and the authorities, by index, that sign them.
    pub(crate) fn vex(&self) -> Option<(&VexRequirement, &[usize])> {
        match &self.requirement {
            Requirement::Vulnerabilities(asked, signers) => Some((asked.vex.as_ref()?, signers)),
            _ => None,
        }
    }
}

impl Expression {
    fn new(signers: &Signers, indices: &Indices) -> Self {
        let list = |of: &[Signers]| of.iter().map(|one| Self::new(one, indices)).collect();
        match signers {
            // A name that is not defined was reported; no authority has this index.
            Signers::Authority(name) => {
                Self::Authority(indices.authorities.get(name).copied().unwrap_or(usize::MAX))
            }
            Signers::AllOf(of) => Self::AllOf(list(of)),
            Signers::AnyOf(of) => Self::AnyOf(list(of)),
            Signers::AtLeast(count, of) => Self::AtLeast(*count, list(of)),
        }
    }

    /// Adds every authority, each once.
    fn collect(&self, found: &mut Vec<usize>) {
        match self {
            Self::Authority(index) => {
                if !found.contains(index) {
                    found.push(*index);
                }
            }
            Self::AllOf(of) | Self::AnyOf(of) | Self::AtLeast(_, of) => {
                for one in of {
                    one.collect(found);
                }
            }
        }
    }
}

fn any_of<'a>(authorities: impl Iterator<Item = &'a usize>) -> Expression {
    Expression::AnyOf(
        authorities
            .map(|index| Expression::Authority(*index))
            .collect(),
    )
}

fn places(names: &[String], indices: &Map<String, usize>) -> Vec<usize> {
    names
        .iter()
        .filter_map(|name| indices.get(name).copied())
        .collect()
}

fn of_certificates(root: &TrustRoot) -> Result<Verifier, sealstone_verify::Error> {
    let requirements = root.requirements.of_certificates();
    let verifier = Verifier::keyless(root.trusted_root.clone(), requirements, Limits::default())?;
    Ok(with_witnesses(verifier, root))
}

fn of_key(
    key: &document::Key,
    root: Option<&TrustRoot>,
) -> Result<Verifier, sealstone_verify::Error> {
    let limits = Limits::default();
    let public_key = (*key.public_key).clone();
    let mut verifier = match root {
        Some(root) => {
            let requirements = root.requirements.of_keys();
            let trusted_root = Some(root.trusted_root.clone());
            let verifier = Verifier::keyed(public_key, trusted_root, requirements, limits)?;
            with_witnesses(verifier, root)
        }
        None => Verifier::keyed(public_key, None, nothing(), limits)?,
    };
    if let Some(valid_for) = key.valid_for {
        verifier = verifier.with_key_validity(valid_for.start, valid_for.end)?;
    }
    Ok(verifier)
}

fn with_witnesses(verifier: Verifier, root: &TrustRoot) -> Verifier {
    match &root.witnesses {
        Some(quorum) => verifier.with_witnesses(quorum.clone()),
        None => verifier,
    }
}

/// What is demanded of a key whose policy says `insecureIgnoreTransparencyLog`.
fn nothing() -> Requirements {
    Requirements {
        transparency_log_threshold: 0,
        signed_certificate_timestamp_threshold: 0,
        observer_timestamp_threshold: 0,
        ..Requirements::default()
    }
}
