//! What to do about a code, where the message does not say so itself.

/// Advice by prefix of the code. The longest prefix counts.
const ADVICE: [(&str, &str); 55] = [
    (
        "bundle.",
        "take the bundle from where it was published again",
    ),
    (
        "certificate-timestamp.",
        "check that the trust root of the policy is that of the Sigstore instance that signed, and that it is up to date",
    ),
    (
        "certificate.",
        "check that the trust root of the policy is that of the Sigstore instance that signed, and that it is up to date",
    ),
    (
        "checkpoint.",
        "check that the trust root of the policy is that of the Sigstore instance that signed, and that it is up to date",
    ),
    (
        "decision.",
        "give what `sealstone verify --output json` printed",
    ),
    (
        "digest.",
        "copy the digest from the registry: `sha256:` and 64 digits of 0-9 and a-f",
    ),
    (
        "evidence-document.",
        "docs/reference/evidence.md shows the form of an Evidence document",
    ),
    (
        "evidence.empty",
        "take the bundle from where it was published again",
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
        "file.unwritable",
        "check that the folder is there and that you may write into it",
    ),
    (
        "forge.combination",
        "`sealstone forge sign --help` and `sealstone forge attest --help` say what goes together",
    ),
    (
        "forge.predicate-malformed",
        "a predicate is a JSON object; what it holds is up to its type",
    ),
    (
        "forge.signer-missing",
        "for example --identity release@example.com --issuer https://accounts.example.com",
    ),
    (
        "host.",
        "if it happens again with the same input, report it together with what `sealstone inspect` prints",
    ),
    (
        "host.fuel-exhausted",
        "the evidence or the policy costs more work than is allowed; remove evidence that does not belong to the image",
    ),
    (
        "host.instance-limit",
        "try again when fewer decisions are under way",
    ),
    (
        "host.memory-limit",
        "the evidence or the policy needs more memory than is allowed; remove evidence that does not belong to the image",
    ),
    (
        "image.reference-malformed",
        "name the image as a runtime does, for example registry.example/team/app",
    ),
    (
        "layout.",
        "name a folder in the form of an OCI image layout, for example one made by `cosign save --dir`, or an image together with its registry",
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
        "layout.image-not-found",
        "check --tag and --digest against the `index.json` of the layout",
    ),
    (
        "layout.size-mismatch",
        "the layout was altered or damaged; copy it again from a source that you trust",
    ),
    (
        "limit.",
        "supply less, or remove what does not belong there",
    ),
    (
        "log-entry.",
        "take the evidence from where it was published again, and check the digest of the image",
    ),
    (
        "log-entry.log-unknown",
        "check that the trust root of the policy is that of the Sigstore instance that signed, and that it is up to date",
    ),
    (
        "module.",
        "name a component that was built for `sealstone:policy`, or leave --module out to use the one in this program",
    ),
    (
        "module.not-opa",
        "name the file `sealstone-opa.wasm` of this release with --opa-module",
    ),
    (
        "module.opa-missing",
        "name it with --opa-module; `cargo xtask build` writes it to target/artifacts",
    ),
    (
        "module.rego-missing",
        "name it with --module; `cargo xtask build` writes it to target/artifacts",
    ),
    ("output.", "check where standard output goes"),
    (
        "policy.",
        "correct the policy; `sealstone schema policy` prints what it may say",
    ),
    (
        "policy-test.",
        "correct the test file; `sealstone schema policy-test` prints what it may say",
    ),
    (
        "policy.trust-root-missing",
        "supply the trust root with --trusted-root NAME=FILE, or write it into the policy as `trustedRoot`",
    ),
    (
        "request.",
        "check --reference and --digest, or the file of --request",
    ),
    (
        "signature.",
        "the evidence was altered or signed with another key; take it from where it was published again",
    ),
    (
        "statement.subject-mismatch",
        "the evidence is about another image; check the digest",
    ),
    ("time.clock-before-1970", "give the time with --now"),
    (
        "trust-root.",
        "supply each trust root that the policy leaves without content once, as --trusted-root NAME=FILE",
    ),
    (
        "trusted-root.",
        "take the trust root from its source again; the one named `public-good` is built into this program",
    ),
    (
        "carrier.empty",
        "sign or attest the image first; what is stored in another repository is not found",
    ),
    (
        "evidence.document-",
        "collect the evidence again with `sealstone evidence`",
    ),
    (
        "registry.",
        "try again later; if it stays, tell whoever operates the registry",
    ),
    (
        "registry.credentials",
        "check `config.json` in DOCKER_CONFIG or ~/.docker, and that the credential helper is in PATH",
    ),
    (
        "registry.forbidden",
        "log in with `docker login` as somebody who may",
    ),
    (
        "registry.image-not-found",
        "check the name and the tag of the image",
    ),
    (
        "registry.plain-http",
        "have the registry use TLS; where that cannot be, allow the host with --insecure-http",
    ),
    (
        "registry.too-many-requests",
        "try again later, or log in with `docker login`: registries allow more to those they know",
    ),
    (
        "registry.unauthorized",
        "log in with `docker login`; check the name, since registries answer so about images that do not exist",
    ),
    (
        "registry.unreachable",
        "check the name of the registry, the network and the proxy, or try again later",
    ),
    (
        "image.digest-differs",
        "correct the name, or choose another image of the layout with --digest or --tag",
    ),
    (
        "evidence.unavailable",
        "try again when the registry gives everything; decisions without it are no better than unavailable",
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
