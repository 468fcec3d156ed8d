//! Rules with their names resolved.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::UnixTime;

use super::prepared::{Indices, places};
use super::{Expression, Prepared};
#[cfg(feature = "rego")]
use crate::document::RegoRequirement;
use crate::document::{
    self, AttestationRequirement, Context, Mode, Property, ProvenanceRequirement, Quantifier,
    Relation, SbomRequirement, Selection, SummaryRequirement, VexRequirement,
    VulnerabilityRequirement,
};
use crate::image_reference::ImageReference;
use crate::pattern::{ImagePattern, StringMatcher};

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
    /// Relations to other rules, each with the index of the other rule.
    pub(crate) relations: Vec<(usize, Relation)>,
    /// The rules, by index, that the input attestations of a verification summary must meet.
    pub(crate) inputs: Vec<usize>,
    pub(crate) requirement: Requirement,
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

impl Prepared {
    /// Replaces the names in a rule.
    pub(super) fn rule(&self, rule: document::Rule, indices: &Indices) -> CompiledRule {
        let mut source_verifiers = Vec::new();
        let mut inputs = Vec::new();
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
                    None => Expression::any_of(
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
                inputs = places(&asked.input_attestations, &indices.rules);
                let signers = Expression::any_of(
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
                let signers = Expression::any_of(signed_by.iter().flatten());
                (signers, None, Requirement::Rego(asked, signed_by))
            }
        };
        let mut authorities = Vec::new();
        signers.collect(&mut authorities);
        let mut relations = Vec::new();
        for relation in rule.relations {
            // A name that is not defined was reported.
            if let Some(other) = indices.rules.get(&relation.rule) {
                relations.push((*other, relation));
            }
        }
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
            relations,
            inputs,
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
