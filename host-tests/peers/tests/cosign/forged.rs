//! What `sealstone forge` makes, cosign verifies; and nothing that is broken.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};
use sha2::{Digest as _, Sha256};

use crate::cosign::{Cosign, Ended};
use crate::sealstone;
use Verdict::{Accepts, Refuses};

/// The signed file.
const ARTIFACT: &[u8] = b"{\"schemaVersion\":2}";

const SUBJECT: &str = "release@example.com";
const ISSUER: &str = "https://accounts.example.com";

/// Evidence of one form: the flags of `forge`, and those that cosign needs beside the usual ones.
struct Form {
    name: &'static str,
    content: Content,
    signer: Signer,
    forge: &'static [&'static str],
    cosign: &'static [&'static str],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Message,
    Provenance,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Signer {
    Certificate,
    Key,
}

/// A message signature with a certificate and an entry in Rekor v1.
const MESSAGE: Form = Form {
    name: "message",
    content: Content::Message,
    signer: Signer::Certificate,
    forge: &[],
    cosign: &[],
};

/// A statement with the same.
const PROVENANCE: Form = Form {
    name: "provenance",
    content: Content::Provenance,
    ..MESSAGE
};

/// The time of these comes from a timestamp authority.
const TIMESTAMPED: &[&str] = &["--use-signed-timestamps"];

const FORMS: &[Form] = &[
    MESSAGE,
    Form {
        name: "message-bundle-0.1",
        forge: &["--format=bundle-0.1"],
        ..MESSAGE
    },
    Form {
        name: "message-bundle-0.2",
        forge: &["--format=bundle-0.2"],
        ..MESSAGE
    },
    Form {
        name: "message-timestamp",
        forge: &["--timestamp-authority=first"],
        cosign: TIMESTAMPED,
        ..MESSAGE
    },
    REKOR_V2,
    Form {
        name: "message-rekor-v2-second-authority",
        forge: &["--rekor=v2", "--timestamp-authority=second"],
        cosign: TIMESTAMPED,
        ..MESSAGE
    },
    Form {
        name: "message-key",
        signer: Signer::Key,
        ..MESSAGE
    },
    PROVENANCE,
    Form {
        name: "provenance-bundle-0.2",
        forge: &["--format=bundle-0.2"],
        ..PROVENANCE
    },
    Form {
        name: "provenance-rekor-v2",
        forge: &["--rekor=v2"],
        cosign: TIMESTAMPED,
        ..PROVENANCE
    },
    Form {
        name: "provenance-key",
        signer: Signer::Key,
        ..PROVENANCE
    },
];

/// A message signature with an entry in Rekor v2 and a timestamp.
const REKOR_V2: Form = Form {
    name: "message-rekor-v2",
    forge: &["--rekor=v2"],
    cosign: TIMESTAMPED,
    ..MESSAGE
};

/// What a release of cosign makes of broken evidence.
#[derive(Clone, Copy)]
enum Verdict {
    /// It refuses, and says this among other things.
    Refuses(&'static str),
    /// It accepts, for this reason.
    Accepts(&'static str),
}

const CHECKPOINT: Verdict = Refuses("signature on checkpoint did not verify");
const LEAF: Verdict = Refuses("leaf certificate verification failed");
const LEAF_TIME: Verdict = Refuses("integrated time outside certificate validity");
const LOG: Verdict = Refuses("not enough verified log entries from transparency log: 0 < 1");
const SCT: Verdict = Refuses("only able to verify 0 SCT entries; unable to meet threshold of 1");
const TIME: Verdict = Refuses("threshold not met for verified signed timestamps: 0 < 1");
const ROOT: Verdict = Refuses("does not match expected root");
/// cosign 3 takes a bundle that it cannot read, here for its log entry, for one of the older form.
const OLDER: Verdict = Refuses("--trusted-root only supported with --new-bundle-format");
const BODY: Verdict = Refuses("invalid signature when validating ASN.1 encoded signature");

/// Faults, and what cosign 2 and cosign 3 make of them.
const FAULTS: &[(Form, &str, Verdict, Verdict)] = &[
    (MESSAGE, "authority-untrusted", LEAF, LEAF),
    (MESSAGE, "leaf-expired", LEAF_TIME, LEAF_TIME),
    (MESSAGE, "sct-missing", SCT, SCT),
    (MESSAGE, "sct-signature-invalid", SCT, SCT),
    (MESSAGE, "set-signature-invalid", LOG, LOG),
    (MESSAGE, "log-unknown", LOG, LOG),
    (MESSAGE, "log-entry-none", LOG, LOG),
    (MESSAGE, "inclusion-hash-changed", ROOT, ROOT),
    (
        MESSAGE,
        "checkpoint-signature-invalid",
        CHECKPOINT,
        CHECKPOINT,
    ),
    (MESSAGE, "body-other-signature", BODY, OLDER),
    (MESSAGE, "signature-invalid", BODY, OLDER),
    (MESSAGE, "signature-other-key", BODY, OLDER),
    (REKOR_V2, "timestamp-missing", TIME, TIME),
    (REKOR_V2, "timestamp-imprint-other", TIME, TIME),
    (REKOR_V2, "timestamp-authority-untrusted", TIME, TIME),
    (REKOR_V2, "inclusion-hash-changed", ROOT, ROOT),
    (
        REKOR_V2,
        "checkpoint-signature-invalid",
        Refuses("failed to verify signatures on checkpoint"),
        Refuses("failed to verify signatures on checkpoint"),
    ),
    (
        PROVENANCE,
        "payload-changed",
        Refuses("could not verify envelope"),
        Refuses("does not match envelope payload hash"),
    ),
    (
        PROVENANCE,
        "signature-two",
        Refuses("exactly one signature is required"),
        Refuses("exactly one signature is required"),
    ),
    (
        PROVENANCE,
        "subject-other-digest",
        Refuses("artifact digest does not match any digest in statement"),
        Refuses("artifact digests do not match digests in statement"),
    ),
    (
        PROVENANCE,
        "body-other-payload",
        Accepts("it does not compare the payload with the entry in the log"),
        Refuses("does not match envelope payload hash"),
    ),
];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for cosign in Cosign::ALL {
        for form in FORMS {
            let name = format!("forged/{}/valid/{}", form.name, cosign.name());
            trials.push(trial(name, move || accepted(cosign, form)));
        }
        for (form, fault, of_v2, of_v3) in FAULTS {
            let verdict = match cosign {
                Cosign::V2 => of_v2,
                Cosign::V3 => of_v3,
            };
            let name = format!("forged/{}/{fault}/{}", form.name, cosign.name());
            trials.push(trial(name, move || judged(cosign, form, fault, *verdict)));
        }
    }
    trials
}

fn trial(name: String, run: impl FnOnce() -> Result<()> + Send + 'static) -> Trial {
    Trial::test(name, move || {
        run().map_err(|error| Failed::from(format!("{error:#}")))
    })
}

fn accepted(cosign: Cosign, form: &Form) -> Result<()> {
    let ended = form.verify(cosign, None)?;
    ensure!(ended.accepted, "{}", ended.said);
    Ok(())
}

fn judged(cosign: Cosign, form: &Form, fault: &str, verdict: Verdict) -> Result<()> {
    let Ended { accepted, said } = form.verify(cosign, Some(fault))?;
    match verdict {
        Accepts(reason) => ensure!(accepted, "{said}\nno longer so: {reason}"),
        Refuses(words) => {
            ensure!(!accepted, "accepted: {said}");
            ensure!(said.contains(words), "{said}\ndoes not say: {words}");
        }
    }
    Ok(())
}

impl Form {
    /// Makes evidence and asks cosign about it.
    fn verify(&self, cosign: Cosign, fault: Option<&str>) -> Result<Ended> {
        let name = format!(
            "{}-{}-{}",
            self.name,
            fault.unwrap_or("valid"),
            cosign.name()
        );
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("forged")
            .join(name);
        std::fs::create_dir_all(&folder)?;
        let path = |name: &str| -> Result<String> {
            let path: PathBuf = folder.join(name);
            path.into_os_string()
                .into_string()
                .ok()
                .context("the path is text")
        };
        let (artifact, bundle) = (path("artifact")?, path("bundle.json")?);
        let (root, key) = (path("root.json")?, path("key.pub")?);
        std::fs::write(&artifact, ARTIFACT)?;
        let key_flags = ["--key=ecdsa-p256", "--public-key", &key];
        sealstone::forge(&[&["root", "--output", &root], &key_flags[..]].concat())?;
        self.forge(&artifact, &bundle, fault)?;

        let mut arguments = match self.content {
            Content::Message => vec!["verify-blob"],
            Content::Provenance => vec!["verify-blob-attestation", "--type=slsaprovenance1"],
        };
        if cosign == Cosign::V2 {
            arguments.push("--new-bundle-format");
        }
        arguments.extend(["--bundle", &bundle, "--trusted-root", &root]);
        arguments.extend(self.cosign);
        match self.signer {
            Signer::Key => arguments.extend(["--key", &key]),
            Signer::Certificate => arguments.extend([
                "--certificate-identity",
                SUBJECT,
                "--certificate-oidc-issuer",
                ISSUER,
            ]),
        }
        arguments.push(&artifact);
        cosign.run(&arguments, &[])
    }

    fn forge(&self, artifact: &str, bundle: &str, fault: Option<&str>) -> Result<()> {
        let digest = format!("sha256:{}", hex(&Sha256::digest(ARTIFACT)));
        let mut arguments = match self.content {
            Content::Message => vec!["sign", "--file", artifact],
            Content::Provenance => vec!["attest", "--digest", &digest, "--provenance=v1"],
        };
        match self.signer {
            Signer::Key => arguments.push("--key=ecdsa-p256"),
            Signer::Certificate => arguments.extend(["--identity", SUBJECT, "--issuer", ISSUER]),
        }
        arguments.extend(self.forge);
        arguments.extend(["--output", bundle]);
        if let Some(fault) = fault {
            arguments.extend(["--fault", fault]);
        }
        sealstone::forge(&arguments)?;
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
