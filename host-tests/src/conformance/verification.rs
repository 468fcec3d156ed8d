//! Asking the module.

use sealstone::digest::Digest;
use sealstone::limits::Limits;
use sealstone::runtime::{Decision, Evidence, ImageEvidence, Module, Outcome, TrustedRoot};
use serde_json::{Value, json};

use super::{Command, Error, RootFiles, artifact, file, policy, trust_root};

/// The media type of a bundle of any version; which one it is, the bundle says itself.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle+json";

/// Everything that the module is given but the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    policy: Vec<u8>,
    trusted_root: TrustedRoot,
    bundle: Vec<u8>,
    digest: Digest,
}

impl Verification {
    /// Reads the files of a command.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, a malformed digest, a key that is not text, or `--staging` without
    /// a trust root.
    pub fn new(command: &Command, files: &RootFiles) -> Result<Self, Error> {
        let content = trust_root::content(command, files)?;
        let bundle = file::read(&command.bundle, "bundle", Limits::default().evidence_bytes)?;
        Ok(Self {
            policy: policy::document(&command.signer, &bundle)?,
            trusted_root: TrustedRoot {
                name: policy::TRUST_ROOT.to_owned(),
                content,
            },
            bundle,
            digest: artifact::digest(&command.artifact)?,
        })
    }

    /// Has the module decide at the time `now`, in seconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with the code of the module, or why it gave no answer.
    pub fn run(&self, module: &Module, now: u64) -> Result<(), Error> {
        let digest = self.digest.to_string();
        let request = json!({"images": [{"reference": policy::IMAGE, "digest": digest}]});
        let evidence = ImageEvidence {
            reference: policy::IMAGE.to_owned(),
            digest,
            evidence: vec![Evidence {
                media_type: BUNDLE.to_owned(),
                content: self.bundle.clone(),
                annotations: Vec::new(),
            }],
            unavailable: None,
        };
        let roots = [self.trusted_root.clone()];
        let decision = module.policy(&self.policy, &roots)?.decide(
            request.to_string().as_bytes(),
            &[evidence],
            now,
        )?;
        if decision.allowed && decision.outcome == Outcome::Allowed {
            Ok(())
        } else {
            Err(rejected(&decision))
        }
    }
}

/// Why the module did not allow: what it says about the one piece of evidence, else about the image.
fn rejected(decision: &Decision) -> Error {
    let document: Value = serde_json::from_slice(&decision.document).unwrap_or_default();
    let of = |pointer: &str| {
        let place = document.pointer(pointer)?;
        let text = |member: &str| place.get(member)?.as_str().map(str::to_owned);
        Some((text("code")?, text("message")?))
    };
    let (code, message) = of("/images/0/rules/0/evidence/0")
        .or_else(|| of("/images/0"))
        .or_else(|| of("/problem"))
        .unwrap_or_else(|| {
            let message = "the module denied and did not say why";
            ("decision.malformed".to_owned(), message.to_owned())
        });
    Error::Rejected { code, message }
}

#[cfg(test)]
mod tests {
    use sealstone::runtime::{Decision, Outcome};

    use super::rejected;

    #[test]
    fn the_piece_of_evidence_speaks_first() {
        let cases = [
            (
                r#"{"images":[{"code":"b","message":"","rules":[{"code":"c","evidence":[{"code":"a","message":""}]}]}]}"#,
                "a",
            ),
            (
                r#"{"images":[{"code":"b","message":"","rules":[{"code":"c","evidence":[]}]}]}"#,
                "b",
            ),
            (r#"{"problem":{"code":"d","message":""}}"#, "d"),
            (r#"{"images":[]}"#, "decision.malformed"),
            ("", "decision.malformed"),
        ];
        for (document, code) in cases {
            let decision = Decision {
                allowed: false,
                outcome: Outcome::Rejected,
                document: document.as_bytes().to_owned(),
            };
            assert_eq!(rejected(&decision).code(), code, "{document}");
        }
    }
}
