//! The policy and its tests as files for people.

use serde_json::Value;

use super::findings::{Built, Found, Piece, Signer};

/// What the files name.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct Names<'a> {
    /// The image without tag and digest.
    pub image: &'a str,
    /// Its digest, `sha256:…`.
    pub digest: &'a str,
    /// The trust root.
    pub trust_root: &'a str,
    /// Whether this program has that trust root in it.
    pub is_built_in: bool,
    /// The file of the policy, as the tests name it.
    pub policy_file: &'a str,
    /// The time at which the evidence was verified, RFC 3339.
    pub time: &'a str,
}

/// The kinds of rules, each with the pieces that prove something for it.
struct Rules<'a> {
    signers: Vec<&'a Signer>,
    signatures: Vec<&'a Piece>,
    built: Vec<(&'a Piece, &'a Built)>,
    boms: Vec<(&'a Piece, &'a str)>,
    scans: Vec<&'a Piece>,
}

impl<'a> Rules<'a> {
    fn of(found: &'a Found) -> Self {
        let pieces = found.pieces.iter();
        let built = pieces
            .clone()
            .filter_map(|it| Some((it, it.built.as_ref()?)));
        // One rule is about one source and builder: the first ones that verified.
        let mut built: Vec<(&Piece, &Built)> = built.collect();
        if let Some((_, first)) = built.first().copied() {
            built.retain(|(_, it)| {
                let of = |it: &'a Built| (&it.source, &it.builder, &it.build_type);
                of(it) == of(first)
            });
        }
        let mut rules = Self {
            signers: Vec::new(),
            signatures: pieces.clone().filter(|it| it.is_signature).collect(),
            built,
            boms: pieces
                .clone()
                .filter_map(|it| Some((it, it.sbom.as_deref()?)))
                .collect(),
            scans: pieces.filter(|it| it.is_scan).collect(),
        };
        let used = rules.signatures.iter().copied();
        let used = used.chain(rules.built.iter().map(|(piece, _)| *piece));
        let used = used.chain(rules.boms.iter().map(|(piece, _)| *piece));
        let used = used.chain(rules.scans.iter().copied());
        let mut signers: Vec<&Signer> = Vec::new();
        for piece in used {
            if !signers.contains(&&piece.signer) {
                signers.push(&piece.signer);
            }
        }
        rules.signers = signers;
        rules
    }

    /// The names of the authorities that signed these pieces, as a list.
    fn signed_by<'p>(&self, pieces: impl Iterator<Item = &'p Piece>) -> String {
        let signers: Vec<&Signer> = pieces.map(|piece| &piece.signer).collect();
        let known = self.signers.iter().enumerate();
        let names = known.filter(|(_, signer)| signers.contains(signer));
        let names: Vec<String> = names.map(|(number, _)| authority(number)).collect();
        format!("[{}]", names.join(", "))
    }

    /// The authority that signed a piece.
    fn signer(&self, piece: &Piece) -> String {
        let mut known = self.signers.iter();
        authority(
            known
                .position(|it| **it == piece.signer)
                .unwrap_or_default(),
        )
    }
}

fn authority(number: usize) -> String {
    format!("signer-{}", number.saturating_add(1))
}

/// Writes the policy. `None` when nothing verified that a rule could ask for.
pub fn policy(found: &Found, names: &Names<'_>) -> Option<String> {
    let rules = Rules::of(found);
    if rules.signers.is_empty() {
        return None;
    }
    let mut text = head(found, names);
    text.push_str("trustRoots:\n");
    if names.is_built_in {
        text.push_str("  # Sigstore's public instance, built into the program.\n");
    } else {
        text.push_str("  # Its content comes with --trusted-root NAME=FILE, or stands here as `trustedRoot`.\n");
    }
    text.push_str(&format!("  - name: {}\n", quoted(names.trust_root)));
    text.push_str("authorities:\n");
    for (number, signer) in rules.signers.iter().enumerate() {
        text.push_str(&authority_text(number, signer, names));
    }
    text.push_str("rules:\n");
    let images = format!("    images: [{}]\n", quoted(names.image));
    if !rules.signatures.is_empty() {
        let signed_by = rules.signed_by(rules.signatures.iter().copied());
        text.push_str("  # The image itself is signed.\n  - name: signed\n");
        text.push_str(&format!(
            "{images}    signature: {{signedBy: {signed_by}}}\n"
        ));
    }
    if let Some((_, built)) = rules.built.first() {
        let signed_by = rules.signed_by(rules.built.iter().map(|(piece, _)| *piece));
        text.push_str("  # It was built from this source, by this builder.\n  - name: built\n");
        text.push_str(&format!(
            "{images}    provenance:\n      signedBy: {signed_by}\n"
        ));
        text.push_str(&source_text(built));
        text.push_str(&format!(
            "      builder: {{id: {{exact: {}}}}}\n      buildType: {{exact: {}}}\n",
            quoted(&built.builder),
            quoted(&built.build_type)
        ));
    }
    if !rules.boms.is_empty() {
        let signed_by = rules.signed_by(rules.boms.iter().map(|(piece, _)| *piece));
        text.push_str("  # It comes with a bill of materials.\n  - name: listed\n");
        text.push_str(&format!("{images}    sbom: {{signedBy: {signed_by}}}\n"));
    }
    if !rules.scans.is_empty() {
        let signed_by = rules.signed_by(rules.scans.iter().copied());
        text.push_str(
            "  # It was scanned for vulnerabilities. How old a scan may be is yours to say; `maximum` limits what\n  # it may have found.\n  - name: scanned\n",
        );
        text.push_str(&format!(
            "{images}    vulnerabilities: {{signedBy: {signed_by}, maximumAge: 30d}}\n"
        ));
    }
    Some(text)
}

fn head(found: &Found, names: &Names<'_>) -> String {
    let mut text = format!(
        "# A starting policy, from what verified of the evidence of {}@{}\n# at {}. Read each line before you enforce it.\n",
        comment(names.image),
        comment(names.digest),
        comment(names.time)
    );
    for piece in &found.pieces {
        let kind = match &piece.predicate_type {
            Some(kind) => comment(kind),
            None => "signature".to_owned(),
        };
        text.push_str(&format!(
            "# Verified: sha256:{} ({kind})\n",
            comment(&piece.sha256)
        ));
    }
    for unused in &found.unused {
        text.push_str(&format!(
            "# Not used, because it did not verify: sha256:{} ({}: {})\n",
            comment(&unused.sha256),
            comment(&unused.code),
            comment(&unused.message)
        ));
    }
    text.push_str("apiVersion: sealstone.dev/v1alpha1\nkind: Policy\n");
    text.push_str(&format!(
        "metadata: {{name: {}}}\n",
        quoted(&name(names.image))
    ));
    text.push_str(
        "# `audit` lets everything pass and reports what would be denied; without this line it is denied.\n# mode: audit\n",
    );
    text
}

fn authority_text(number: usize, signer: &Signer, names: &Names<'_>) -> String {
    let mut text = format!(
        "  - name: {}\n    keyless:\n      trustRoot: {}\n      identities:\n        - issuer: {{exact: {}}}\n",
        authority(number),
        quoted(names.trust_root),
        quoted(&signer.issuer)
    );
    if let Some((workflow, tag)) = signer.subject.rsplit_once('@')
        && tag.starts_with("refs/tags/")
    {
        text.push_str(&format!(
            "          # Under another tag it has another name; for every tag: {{glob: {}}}\n",
            comment(&quoted(&format!("{workflow}@refs/tags/*")))
        ));
    }
    text.push_str(&format!(
        "          subject: {{exact: {}}}\n",
        quoted(&signer.subject)
    ));
    text
}

fn source_text(built: &Built) -> String {
    let mut text = String::from("      source:\n");
    text.push_str(&format!("        uri: {}\n", quoted(&built.source)));
    match &built.git_ref {
        Some(git_ref) if git_ref.starts_with("refs/tags/") => text.push_str(&format!(
            "        # It was {}; any tag will do.\n        ref: {{glob: \"refs/tags/**\"}}\n",
            comment(git_ref)
        )),
        Some(git_ref) => {
            text.push_str(&format!("        ref: {{exact: {}}}\n", quoted(git_ref)));
        }
        None => {}
    }
    text
}

/// Writes tests of the policy: what it allows, and what it must refuse.
pub fn policy_test(found: &Found, names: &Names<'_>) -> String {
    let rules = Rules::of(found);
    let mut pieces: Vec<(&str, String, String)> = Vec::new();
    if let Some(piece) = rules.signatures.first() {
        pieces.push(("signed", "signature: {}".to_owned(), rules.signer(piece)));
    }
    let mut notes = String::new();
    if let Some((piece, built)) = rules.built.first() {
        let is_at_github = built.source.starts_with("https://github.com/");
        if is_at_github {
            let evidence = provenance(piece, built, &built.source);
            pieces.push(("built", evidence, rules.signer(piece)));
        } else {
            notes.push_str("# Provenance is forged for repositories at GitHub only, so no case meets the rule `built`.\n");
        }
    }
    let is_whole = notes.is_empty();
    if let Some((piece, format)) = rules.boms.first() {
        let format = if format.to_ascii_lowercase().starts_with("spdx") {
            "spdx"
        } else {
            "cycloneDx"
        };
        let evidence = format!("sbom: {{format: {format}}}");
        pieces.push(("listed", evidence, rules.signer(piece)));
    }
    if let Some(piece) = rules.scans.first() {
        pieces.push((
            "scanned",
            "vulnerabilities: {}".to_owned(),
            rules.signer(piece),
        ));
    }
    let mut text = format!(
        "# Tests of the policy beside it, for `sealstone test`. The evidence is forged; no case asks a network.\n{notes}apiVersion: sealstone.dev/v1alpha1\nkind: PolicyTest\npolicy: {}\ncases:\n",
        quoted(names.policy_file)
    );
    let case = |name: &str, evidence: &[(&str, String)], outcome: &str, rules: &[(&str, &str)]| {
        let mut case = format!(
            "  - name: {name}\n    images: [{}]\n",
            quoted(&format!("{}@{}", names.image, names.digest))
        );
        if !evidence.is_empty() {
            case.push_str("    evidence:\n");
        }
        for (evidence, signer) in evidence {
            case.push_str(&format!("      - {evidence}\n        signer: {signer}\n"));
        }
        let rules: Vec<String> = rules
            .iter()
            .map(|(name, result)| format!("{name}: {result}"))
            .collect();
        case.push_str(&format!(
            "    expect: {{outcome: {outcome}, rules: {{{}}}}}\n",
            rules.join(", ")
        ));
        case
    };
    let by_signers: Vec<(&str, String)> = pieces
        .iter()
        .map(|(_, evidence, signer)| (evidence.as_str(), signer.clone()))
        .collect();
    let by_intruder: Vec<(&str, String)> = pieces
        .iter()
        .map(|(_, evidence, signer)| {
            let intruder = format!("{{authority: {signer}, subject: intruder@example.com}}");
            (evidence.as_str(), intruder)
        })
        .collect();
    let all = |result: &'static str| -> Vec<(&str, &str)> {
        pieces.iter().map(|(rule, ..)| (*rule, result)).collect()
    };
    let allowed = if is_whole { "allowed" } else { "rejected" };
    text.push_str(&case(
        "what was found is enough",
        &by_signers,
        allowed,
        &all("pass"),
    ));
    text.push_str(&case("nothing is signed", &[], "rejected", &all("fail")));
    text.push_str(&case(
        "somebody else signs",
        &by_intruder,
        "rejected",
        &all("fail"),
    ));
    // Of one piece alone it is the case without any.
    let several = pieces.iter().enumerate().filter(|_| pieces.len() > 1);
    for (number, (rule, ..)) in several {
        let mut rest = by_signers.clone();
        rest.remove(number);
        let name = format!("nothing meets the rule {rule}");
        text.push_str(&case(&name, &rest, "rejected", &[(rule, "fail")]));
    }
    if let Some((piece, built)) = rules.built.first().filter(|_| is_whole) {
        let elsewhere = (provenance(piece, built, OTHER_SOURCE), rules.signer(piece));
        let evidence = [(elsewhere.0.as_str(), elsewhere.1)];
        let name = "it was built from another source";
        text.push_str(&case(name, &evidence, "rejected", &[("built", "fail")]));
    }
    text
}

/// A repository that no policy asks for by accident.
const OTHER_SOURCE: &str = "https://github.com/intruder/app";

fn provenance(piece: &Piece, built: &Built, source: &str) -> String {
    let mut members = vec![format!("source: {}", quoted(source))];
    let predicate_type = piece.predicate_type.as_deref();
    if predicate_type.is_some_and(|it| it.ends_with("/v0.2")) {
        members.insert(0, "version: v0.2".to_owned());
    }
    if let Some(git_ref) = &built.git_ref {
        members.push(format!("ref: {}", quoted(git_ref)));
    }
    members.push(format!("builder: {}", quoted(&built.builder)));
    members.push(format!("buildType: {}", quoted(&built.build_type)));
    format!("provenance: {{{}}}", members.join(", "))
}

/// A name for the policy: the last part of the image's.
fn name(image: &str) -> String {
    let (_, last) = image.rsplit_once('/').unwrap_or(("", image));
    last.to_owned()
}

/// A text as YAML reads it back: the quotes of JSON.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A text that ends no comment and hides nothing.
fn comment(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let escaped = character.escape_debug();
            let is_plain = escaped.len() == 1 || matches!(character, '"' | '\'' | '\\');
            let plain = is_plain.then_some(character);
            plain.into_iter().chain(escaped.filter(move |_| !is_plain))
        })
        .collect()
}
