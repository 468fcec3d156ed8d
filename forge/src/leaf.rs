//! Short-lived signing certificates, as Fulcio issues them.

use crate::certificate::{self, Template};
use crate::certificate_authority::{CertificateAuthority, serial};
use crate::certificate_transparency::{CtLog, Precertificate, timestamp_list};
use crate::der::{self, explicit, implicit_primitive, oid};
use crate::encoding::pem;
use crate::fault::{Fault, Faults};
use crate::identity::{Identity, SubjectAlternativeName};
use crate::key::KeyPair;
use crate::key_details::KeyDetails;
use crate::time::UnixTime;

/// How long a leaf is valid, in seconds.
pub(crate) const LIFETIME: u64 = 600;

/// A certificate and its key.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) key: KeyPair,
    /// DER Certificate.
    pub(crate) certificate: Vec<u8>,
    /// DER certificates between the leaf and the issuing intermediate.
    pub(crate) between: Vec<Vec<u8>>,
}

impl Leaf {
    pub(crate) fn certificate_pem(&self) -> String {
        pem("CERTIFICATE", &self.certificate)
    }
}

/// What to certify.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) key: KeyDetails,
    pub(crate) not_before: UnixTime,
    /// The logs that promise, in order.
    pub(crate) logs: &'a [&'a CtLog],
    /// CtExtensions of each SCT.
    pub(crate) timestamp_extensions: &'a [u8],
    /// Tells apart certificates of one identity and time.
    pub(crate) label: &'a str,
}

/// Issues a leaf.
pub(crate) fn issue(
    authority: &CertificateAuthority,
    request: &Request<'_>,
    faults: &Faults,
) -> Leaf {
    let label = format!(
        "{} {} {}",
        request.label,
        request.not_before.seconds(),
        request.key.name()
    );
    let key = authority.seed.key_pair(&label, request.key);
    let (issuer_name, issuer_key, between) = if faults.hits(Fault::IssuedByLeaf) {
        issuing_leaf(authority, request)
    } else {
        (
            authority.issuer_name.clone(),
            authority.issuer_key.clone(),
            Vec::new(),
        )
    };
    let mut template = Template {
        serial: serial(&authority.seed, &label),
        issuer: issuer_name,
        not_before: request.not_before,
        not_after: request.not_before.plus(LIFETIME),
        subject: certificate::empty_name(),
        public_key: key.public_key_der().to_vec(),
        extensions: extensions(request.identity, &key, &issuer_key, faults),
    };
    if let Some(list) = timestamps(&template, &issuer_key, request, faults) {
        let extension = certificate::extension("1.3.6.1.4.1.11129.2.4.2", false, &list);
        template.extensions.push(extension);
    }
    let to_be_signed = template.to_be_signed(&issuer_key);
    let mut signed = to_be_signed.clone();
    if faults.hits(Fault::LeafSignatureInvalid) {
        signed.push(0);
    }
    let signature = issuer_key.sign(&signed);
    Leaf {
        key,
        certificate: certificate::certificate(&to_be_signed, &issuer_key, &signature),
        between,
    }
}

/// Another signer's leaf, misused as an issuer: name, key, certificate.
fn issuing_leaf(
    authority: &CertificateAuthority,
    request: &Request<'_>,
) -> (Vec<u8>, KeyPair, Vec<Vec<u8>>) {
    let none = Faults::default();
    let label = "issuing leaf";
    let key = authority.seed.key_pair(label, KeyDetails::EcdsaP256Sha256);
    let name = certificate::name("sigstore.example", label);
    let template = Template {
        serial: serial(&authority.seed, label),
        issuer: authority.issuer_name.clone(),
        not_before: request.not_before,
        not_after: request.not_before.plus(LIFETIME),
        subject: name.clone(),
        public_key: key.public_key_der().to_vec(),
        extensions: extensions(request.identity, &key, &authority.issuer_key, &none),
    };
    let certificate = template.sign(&authority.issuer_key);
    (name, key, vec![certificate])
}

/// The extensions in Fulcio's order, without the SCT list.
fn extensions(
    identity: &Identity,
    key: &KeyPair,
    issuer: &KeyPair,
    faults: &Faults,
) -> Vec<Vec<u8>> {
    let mut extensions = usages(faults);
    extensions.push(certificate::subject_key_identifier(key));
    extensions.push(certificate::authority_key_identifier(issuer));
    extensions.extend(alternative_name(&identity.subject_alternative_name, faults));
    extensions.extend(fulcio_extensions(identity, faults));
    if faults.hits(Fault::LeafCriticalExtensionUnknown) {
        let unknown = certificate::extension("1.3.6.1.4.1.57264.99", true, &der::sequence([]));
        extensions.push(unknown);
    }
    extensions
}

fn usages(faults: &Faults) -> Vec<Vec<u8>> {
    use certificate::{CODE_SIGNING, DIGITAL_SIGNATURE, KEY_ENCIPHERMENT, SERVER_AUTH};
    let mut extensions = Vec::new();
    if faults.hits(Fault::LeafKeyUsageOther) {
        extensions.push(certificate::key_usage(KEY_ENCIPHERMENT));
    } else if !faults.hits(Fault::LeafKeyUsageMissing) {
        extensions.push(certificate::key_usage(DIGITAL_SIGNATURE));
    }
    if faults.hits(Fault::LeafExtendedKeyUsageOther) {
        extensions.push(certificate::extended_key_usage(false, &[SERVER_AUTH]));
    } else if !faults.hits(Fault::LeafExtendedKeyUsageMissing) {
        extensions.push(certificate::extended_key_usage(false, &[CODE_SIGNING]));
    }
    if faults.hits(Fault::LeafIsAuthority) {
        extensions.push(certificate::authority_constraints(None));
    }
    extensions
}

/// Subject alternative name (RFC 5280 section 4.2.1.6).
fn alternative_name(name: &SubjectAlternativeName, faults: &Faults) -> Option<Vec<u8>> {
    const RFC822_NAME: u8 = 1;
    const DNS_NAME: u8 = 2;
    const URI: u8 = 6;
    if faults.hits(Fault::SubjectAlternativeNameMissing) {
        return None;
    }
    let mut names = match name {
        SubjectAlternativeName::Uri(uri) => implicit_primitive(URI, uri.as_bytes()),
        SubjectAlternativeName::Email(address) => {
            implicit_primitive(RFC822_NAME, address.as_bytes())
        }
        SubjectAlternativeName::OtherName(text) => {
            let value = explicit(0, &der::utf8_string(text));
            explicit(0, &[oid("1.3.6.1.4.1.57264.1.7"), value].concat())
        }
    };
    if faults.hits(Fault::SubjectAlternativeNameDns) {
        names = implicit_primitive(DNS_NAME, b"build.example");
    }
    if faults.hits(Fault::SubjectAlternativeNameTwo) {
        names.extend(implicit_primitive(URI, b"https://other.example/workflow"));
    }
    let critical = !faults.hits(Fault::SubjectAlternativeNameNotCritical);
    let value = der::element(0x30, &names);
    Some(certificate::extension("2.5.29.17", critical, &value))
}

fn fulcio_extensions(identity: &Identity, faults: &Faults) -> Vec<Vec<u8>> {
    let extension =
        |arc: u8, value: &[u8]| certificate::extension(&format!("{ARC}.{arc}"), false, value);
    let mut extensions = Vec::new();
    if !identity.issuer.is_empty() && !faults.hits(Fault::IssuerExtensionMissing) {
        extensions.push(extension(1, identity.issuer.as_bytes()));
        let mut issuer = der::utf8_string(&identity.issuer);
        if faults.hits(Fault::IssuerExtensionMalformed) {
            issuer = identity.issuer.as_bytes().to_vec();
        }
        if faults.hits(Fault::IssuerExtensionTrailing) {
            issuer.extend(b"/other");
        }
        extensions.push(extension(8, &issuer));
        if faults.hits(Fault::LeafExtensionDuplicate) {
            extensions.push(extension(8, &issuer));
        }
    }
    for (kind, value) in &identity.extensions {
        let value = if kind.is_raw() {
            value.as_bytes().to_vec()
        } else {
            der::utf8_string(value)
        };
        extensions.push(extension(kind.arc(), &value));
    }
    extensions
}

/// Fulcio's arc in `1.3.6.1.4.1` (enterprise 57264).
const ARC: &str = "1.3.6.1.4.1.57264.1";

/// The SCT list over `template`, which has none yet.
fn timestamps(
    template: &Template,
    issuer: &KeyPair,
    request: &Request<'_>,
    faults: &Faults,
) -> Option<Vec<u8>> {
    if request.logs.is_empty() || faults.hits(Fault::SctMissing) {
        return None;
    }
    let to_be_signed = template.to_be_signed(issuer);
    let precertificate = Precertificate {
        issuer,
        to_be_signed: &to_be_signed,
        time: request.not_before,
        extensions: request.timestamp_extensions,
    };
    let mut timestamps: Vec<Vec<u8>> = request
        .logs
        .iter()
        .map(|log| log.timestamp(&precertificate, faults))
        .collect();
    if faults.hits(Fault::SctListEmpty) {
        timestamps.clear();
    }
    Some(timestamp_list(&timestamps, faults))
}
