//! `sealstone forge root`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sealstone_forge::{ServiceKind, VirtualSigstore};

use super::Seed;
use super::signer::KeyType;
use super::written;
use crate::cli::error::{Error, Exit};

const EXAMPLES: &str = "\
Examples:
  sealstone forge root --output root.json
  sealstone forge root --seed staging --without rekor-v1 --output staging.json
  sealstone forge root --key ecdsa-p256 --public-key release.pub --output root.json";

/// Write the trust root (Sigstore `trusted_root.json`) of a virtual Sigstore.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    seed: Seed,

    /// Services that the trust root does not name. Can be given several times.
    #[arg(long, value_enum, value_name = "SERVICE")]
    without: Vec<Service>,

    /// File for the trust root [default: standard output].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Kind of the key whose public half is written to --public-key.
    #[arg(long, value_enum, requires = "public_key")]
    key: Option<KeyType>,

    /// File for the public key, PEM, with which `forge sign --key` and `forge attest --key` sign.
    #[arg(long, value_name = "FILE", requires = "key")]
    public_key: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Service {
    /// The certificate-transparency logs.
    CertificateTransparency,
    /// The logs of Rekor v1.
    RekorV1,
    /// The logs of Rekor v2.
    RekorV2,
    /// The timestamp authorities.
    TimestampAuthorities,
}

impl From<Service> for ServiceKind {
    fn from(service: Service) -> Self {
        match service {
            Service::CertificateTransparency => Self::CertificateTransparency,
            Service::RekorV1 => Self::RekorV1,
            Service::RekorV2 => Self::RekorV2,
            Service::TimestampAuthorities => Self::TimestampAuthorities,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let sigstore = VirtualSigstore::new(&arguments.seed.seed);
    let without: Vec<ServiceKind> = arguments
        .without
        .iter()
        .map(|kind| (*kind).into())
        .collect();
    if let (Some(key), Some(path)) = (arguments.key, &arguments.public_key) {
        let pem = key.pair(&sigstore).public_key_pem();
        written::file(path, pem.as_bytes())?;
    }
    let root = sigstore.trusted_root_without(&without);
    written::document(arguments.output.as_deref(), &root)?;
    Ok(Exit::Success)
}
