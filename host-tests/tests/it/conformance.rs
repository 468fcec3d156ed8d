//! `sealstone-conformance` on evidence of the forge: what each argument decides, usage, files that
//! cannot be read, and that the module is its only verifier.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sealstone::digest::Digest;
use sealstone_forge::{
    Build, Fault, GITHUB_ACTIONS_ISSUER, Identity, KeyDetails, Signer, Subject, VirtualSigstore,
};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sealstone-conformance");

/// Where the compiled module is kept between runs.
const CACHE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/modules");

const ARTIFACT: &[u8] = b"an artifact";

/// A folder with an artifact, its bundles, a key and the trust root.
struct Files {
    folder: TempDir,
    subject: String,
}

/// How the program ended.
#[derive(Debug)]
struct Answer {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Files {
    fn new() -> Self {
        let sigstore = VirtualSigstore::new("conformance");
        let build = Build::default();
        let certificate = sigstore.keyless(&Identity::github_actions(&build));
        let pair = sigstore.key_pair("client", KeyDetails::EcdsaP256Sha256);
        let key = sigstore.keyed(&pair);
        let other = sigstore.key_pair("other", KeyDetails::EcdsaP256Sha256);
        let subject = Subject::new("artifact", &Digest::of(ARTIFACT).to_string());
        let statement = build.provenance_v1(subject);
        let attest = |signer: &Signer<'_>| signer.attest(&statement).expect("a bundle").content;
        let sign = |signer: &Signer<'_>| signer.sign(ARTIFACT).expect("a bundle").content;
        let broken = certificate.clone().fault(Fault::SetMissing);
        let files = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            subject: build.builder_id,
        };
        for (name, content) in [
            ("artifact", ARTIFACT.to_owned()),
            ("other-artifact", b"another artifact".to_vec()),
            ("root.json", sigstore.trusted_root()),
            ("signature.json", sign(&certificate)),
            ("attestation.json", attest(&certificate)),
            ("broken.json", sign(&broken)),
            ("keyed-signature.json", sign(&key)),
            ("keyed-attestation.json", attest(&key)),
            ("two-lines.json", two_lines(&sign(&certificate))),
            ("key.pem", pair.public_key_pem().into_bytes()),
            ("other-key.pem", other.public_key_pem().into_bytes()),
            ("binary", vec![0xff, 0xfe]),
        ] {
            fs::write(files.path(name), content).expect("the file can be written");
        }
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `verify-bundle` by certificate, with a word of the command line exchanged for others.
    fn by_certificate(&self, exchange: &[(&str, &str)]) -> Answer {
        let words = format!(
            "verify-bundle --bundle @signature.json --certificate-identity {} \
             --certificate-oidc-issuer {GITHUB_ACTIONS_ISSUER} --trusted-root @root.json @artifact",
            self.subject
        );
        self.run(&words, exchange)
    }

    /// `verify-bundle` by key, with a word of the command line exchanged for others.
    fn by_key(&self, exchange: &[(&str, &str)]) -> Answer {
        let words = "verify-bundle --bundle @keyed-signature.json --key @key.pem \
             --trusted-root @root.json @artifact";
        self.run(words, exchange)
    }

    /// Runs the program. A word that begins with `@` is a file of the folder.
    fn run(&self, words: &str, exchange: &[(&str, &str)]) -> Answer {
        let mut words: Vec<&str> = words.split(' ').collect();
        for (from, to) in exchange {
            let place = words.iter().position(|word| word == from);
            let place = place.expect("the word is there");
            words.splice(place..=place, to.split(' ').filter(|word| !word.is_empty()));
        }
        let word = |word: &str| match word.strip_prefix('@') {
            Some(name) => self.path(name).into_os_string(),
            None => OsString::from(word),
        };
        run(self.folder.path(), words.into_iter().map(word))
    }
}

/// The bundle, and a bundle that is none, as JSON Lines.
fn two_lines(bundle: &[u8]) -> Vec<u8> {
    [bundle, b"\n{}\n"].concat()
}

fn run(folder: &Path, arguments: impl IntoIterator<Item = OsString>) -> Answer {
    let output = Command::new(PROGRAM)
        .args(arguments)
        .current_dir(folder)
        .env("SEALSTONE_CACHE_DIR", CACHE)
        .env_remove("PROD_TRUSTED_ROOT")
        .env_remove("STAGING_TRUSTED_ROOT")
        .output()
        .expect("the program runs");
    Answer {
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Answer {
    #[track_caller]
    fn is_verified(&self) {
        assert_eq!(self.status, Some(0), "{self:?}");
        assert_eq!(self.stdout.as_str(), "", "{self:?}");
        assert_eq!(self.stderr.as_str(), "", "{self:?}");
    }

    #[track_caller]
    fn is_refused(&self, status: i32, code: &str) {
        assert_eq!(self.status, Some(status), "{self:?}");
        assert_eq!(self.stdout.as_str(), "", "{self:?}");
        let start = format!("error[{code}]: ");
        assert!(self.stderr.starts_with(&start), "{code}: {self:?}");
    }
}

#[test]
fn both_kinds_of_bundle_verify_by_certificate_and_by_key() {
    let files = Files::new();
    files.by_certificate(&[]).is_verified();
    files
        .by_certificate(&[("@signature.json", "@attestation.json")])
        .is_verified();
    files.by_key(&[]).is_verified();
    files
        .by_key(&[("@keyed-signature.json", "@keyed-attestation.json")])
        .is_verified();
    files
        .by_certificate(&[("verify-bundle", "verify-bundle --staging")])
        .is_verified();
}

#[test]
fn each_fact_that_a_success_rests_on_is_needed() {
    let files = Files::new();
    let subject = files.subject.clone();
    let almost = subject.replace("tags", "heads");
    for (exchange, code) in [
        (
            (subject.as_str(), almost.as_str()),
            "identity.subject-mismatch",
        ),
        ((subject.as_str(), "*"), "identity.subject-mismatch"),
        (
            (GITHUB_ACTIONS_ISSUER, "https://issuer.example"),
            "identity.issuer-mismatch",
        ),
        (("@signature.json", "@broken.json"), "time.missing"),
        (
            ("@signature.json", "@keyed-signature.json"),
            "certificate.missing",
        ),
        (("@signature.json", "@artifact"), "bundle.json-malformed"),
        (
            ("@signature.json", "@two-lines.json"),
            "bundle.json-malformed",
        ),
        (("@artifact", "@other-artifact"), "artifact.mismatch"),
        (("--trusted-root @root.json", ""), "certificate.untrusted"),
    ] {
        let (from, to) = exchange;
        let exchange = match from.split_once(' ') {
            Some((flag, file)) => vec![(flag, to), (file, to)],
            None => vec![(from, to)],
        };
        files.by_certificate(&exchange).is_refused(1, code);
    }
    for (exchange, code) in [
        (("@key.pem", "@other-key.pem"), "signature.invalid"),
        (
            ("@keyed-signature.json", "@signature.json"),
            "certificate.unexpected",
        ),
        (("@artifact", "@other-artifact"), "artifact.mismatch"),
    ] {
        files.by_key(&[exchange]).is_refused(1, code);
    }
}

#[test]
fn a_digest_is_a_digest_whatever_files_there_are() {
    let files = Files::new();
    let digest = Digest::of(ARTIFACT).to_string();
    let of_other = Digest::of(b"another artifact").to_string();
    // Were it read, the file would make the digest of another artifact verify.
    fs::write(files.path(&of_other), ARTIFACT).expect("the file can be written");
    fs::write(files.path("sha256:name"), ARTIFACT).expect("the file can be written");
    files
        .by_certificate(&[("@artifact", &digest)])
        .is_verified();
    files
        .by_certificate(&[("@artifact", &of_other)])
        .is_refused(1, "artifact.mismatch");
    files
        .by_certificate(&[("@artifact", &format!("./{of_other}"))])
        .is_verified();
    files
        .by_certificate(&[("@artifact", "./sha256:name")])
        .is_verified();
    for malformed in [
        "sha256:name",
        "sha256:",
        &digest.to_uppercase().replace("SHA", "sha"),
    ] {
        files
            .by_certificate(&[("@artifact", malformed)])
            .is_refused(2, "digest.malformed");
    }
}

#[test]
fn files_that_cannot_be_read_are_unavailable() {
    let files = Files::new();
    for file in ["@signature.json", "@root.json", "@artifact"] {
        for unreadable in ["@missing", "@"] {
            files
                .by_certificate(&[(file, unreadable)])
                .is_refused(3, "file.unreadable");
        }
    }
    files
        .by_key(&[("@key.pem", "@missing")])
        .is_refused(3, "file.unreadable");
}

#[test]
fn files_that_are_something_else_are_usage() {
    let files = Files::new();
    for (file, code) in [
        ("@binary", "public-key.malformed"),
        ("@artifact", "public-key.malformed"),
    ] {
        files.by_key(&[("@key.pem", file)]).is_refused(2, code);
    }
    files
        .by_certificate(&[("@root.json", "@artifact")])
        .is_refused(2, "trusted-root.json-malformed");
    fs::write(files.path("large"), vec![b' '; (1 << 20) + 1]).expect("the file can be written");
    files
        .by_certificate(&[("@root.json", "@large")])
        .is_refused(2, "limit.trusted-root-bytes");
}

#[test]
fn other_command_lines_are_usage() {
    let files = Files::new();
    let subject = files.subject.clone();
    let identity = format!("--certificate-identity {subject}");
    let both = "@root.json --key @key.pem";
    let usage = |answer: Answer, part: &str| {
        assert_eq!(answer.status, Some(2), "{answer:?}");
        assert_eq!(answer.stdout, "", "{answer:?}");
        assert!(answer.stderr.contains(part), "{part}: {answer:?}");
    };
    for (from, to, part) in [
        ("verify-bundle", "", "unexpected argument"),
        ("verify-bundle", "verify", "verify"),
        ("verify-bundle", "verify-bundle --insecure", "--insecure"),
        ("@root.json", both, "cannot be used with"),
        ("@artifact", "", "FILE_OR_DIGEST"),
        ("@artifact", "@artifact @artifact", "unexpected argument"),
        ("--bundle", "--bundle @signature.json --bundle", "--bundle"),
    ] {
        usage(files.by_certificate(&[(from, to)]), part);
    }
    usage(
        files.by_certificate(&[("--certificate-identity", ""), (&subject, "")]),
        "--certificate-identity",
    );
    usage(
        files.by_certificate(&[
            ("--certificate-oidc-issuer", ""),
            (GITHUB_ACTIONS_ISSUER, ""),
        ]),
        "--certificate-oidc-issuer",
    );
    usage(
        files.by_key(&[("--key", &identity), ("@key.pem", "")]),
        "--certificate-oidc-issuer",
    );
    usage(files.by_key(&[("--key", ""), ("@key.pem", "")]), "required");
}

#[test]
fn staging_has_no_built_in_trust_root() {
    let files = Files::new();
    files
        .by_certificate(&[
            ("verify-bundle", "verify-bundle --staging"),
            ("--trusted-root", ""),
            ("@root.json", ""),
        ])
        .is_refused(2, "trust-root.staging-missing");
}

#[test]
fn signing_is_refused() {
    let files = Files::new();
    for words in [
        "sign-bundle",
        "sign-bundle --help",
        "sign-bundle --staging --identity-token @artifact --bundle @signature.json @artifact",
    ] {
        files.run(words, &[]).is_refused(2, "signing.unsupported");
    }
}

/// Names of linked functions hold the names of their crates, each after its length.
#[test]
fn the_module_is_the_only_verifier() {
    let program = fs::read(PROGRAM).expect("the program can be read");
    let links = |name: &str| {
        let mangled = format!("{}{name}", name.len());
        program
            .windows(mangled.len())
            .any(|bytes| bytes == mangled.as_bytes())
    };
    for name in ["sealstone", "sealstone_host_tests", "wasmtime"] {
        assert!(links(name), "{name}");
    }
    for name in [
        "sealstone_engine",
        "sealstone_provenance",
        "sealstone_verify",
        "ecdsa",
        "p256",
        "rsa",
    ] {
        assert!(!links(name), "{name}");
    }
}
