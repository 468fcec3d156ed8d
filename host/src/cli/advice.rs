//! What to do about a code.

/// Advice by code, the longest prefix first.
const ADVICE: [(&str, &str); 27] = [
    (
        "digest.",
        "copy the digest from the registry, for example `sha256:` and 64 digits of 0-9 and a-f",
    ),
    (
        "evidence.empty",
        "take the bundle from where the artifact was published again",
    ),
    (
        "evidence.media-type-unknown",
        "supply Sigstore bundles or what cosign attaches to images",
    ),
    (
        "evidence.missing",
        "have the image signed, or copy its signatures along with it (`cosign save`, `oras copy --recursive`)",
    ),
    (
        "evidence.unreadable",
        "check the name of the file and whether you may read it",
    ),
    (
        "file.unreadable",
        "check the name of the file and whether you may read it",
    ),
    (
        "host.fuel-exhausted",
        "the evidence or the policy costs more work than is allowed; look for evidence that does not belong to the image",
    ),
    (
        "host.memory-limit",
        "the evidence or the policy needs more memory than is allowed; look for evidence that does not belong to the image",
    ),
    (
        "host.",
        "run again; if it happens with the same input, report it together with the module's digest from `sealstone inspect`",
    ),
    (
        "identity.",
        "somebody else signed than the policy expects: compare the signer with the identities of the authority",
    ),
    (
        "image.no-rule",
        "add a rule whose images match the reference, or name the image with --reference",
    ),
    (
        "layout.blob-",
        "copy the layout again, together with all of its blobs",
    ),
    (
        "layout.digest-mismatch",
        "the layout was altered or damaged; copy it again from a source that you trust",
    ),
    (
        "layout.size-mismatch",
        "the layout was altered or damaged; copy it again from a source that you trust",
    ),
    (
        "layout.image-not-found",
        "check --tag and --digest against the `index.json` of the layout",
    ),
    (
        "layout.",
        "name a folder in the form of an OCI image layout, for example one made by `cosign save --dir`",
    ),
    (
        "limit.",
        "supply less, or look for what does not belong there",
    ),
    (
        "module.",
        "name a component that was built for `sealstone:policy`, or leave --module out to use the one in this program",
    ),
    ("output.", "check where standard output goes"),
    (
        "policy.",
        "correct the policy; `sealstone schema policy` prints what it may say",
    ),
    (
        "provenance.",
        "the image was built otherwise than the policy expects: compare source, ref and builder with the rule",
    ),
    (
        "reference.",
        "name the image with --reference, for example `registry.example/team/app`",
    ),
    (
        "request.",
        "name the image with --reference, for example `registry.example/team/app`",
    ),
    (
        "statement.subject-mismatch",
        "the evidence is about another image; check the digest",
    ),
    (
        "time.",
        "write the time as 2026-01-31T12:00:00Z or in seconds since 1970",
    ),
    (
        "trust-root.",
        "name each trust root that the policy leaves without content once, as --trusted-root NAME=FILE",
    ),
    (
        "trusted-root.",
        "take the trust root from its source again, or leave it to the one in this program under the name `public-good`",
    ),
];

/// What to do about a failure with this code, if there is something to say.
pub(super) fn for_code(code: &str) -> Option<&'static str> {
    ADVICE
        .iter()
        .filter(|(prefix, _)| code.starts_with(prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .map(|(_, advice)| *advice)
}
