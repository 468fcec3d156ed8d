//! The extensions of a certificate (RFC 5280, 4.2).

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;

use crate::der::{DerError, Element, Reader, tag};

/// id-ce, 2.5.29.
const ID_CE: [u8; 2] = [0x55, 0x1d];
/// Fulcio, 1.3.6.1.4.1.57264.1; one more arc follows.
const FULCIO: [u8; 9] = [0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01];
/// Embedded signed certificate timestamps, 1.3.6.1.4.1.11129.2.4.2 (RFC 6962, 3.3).
const SCT_LIST: [u8; 10] = [0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02];
/// `otherName` of Fulcio, 1.3.6.1.4.1.57264.1.7.
const FULCIO_OTHER_NAME: [u8; 10] = [0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01, 0x07];

/// What the extensions say, as far as it matters here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extensions {
    pub(crate) basic_constraints: Option<BasicConstraints>,
    pub(crate) key_usage: Option<KeyUsage>,
    pub(crate) extended_key_usage: Option<ExtendedKeyUsages>,
    pub(crate) subject_alternative_names: Vec<GeneralName>,
    pub(crate) subject_alternative_names_critical: bool,
    pub(crate) subject_key_identifier: Option<Vec<u8>>,
    pub(crate) authority_key_identifier: Option<Vec<u8>>,
    /// Values of the Fulcio extensions with the last arc of their object identifier.
    pub(crate) fulcio: Vec<(u8, Vec<u8>)>,
    pub(crate) sct_list: Option<SctListExtension>,
    /// A critical extension that nothing here understands.
    pub(crate) unknown_critical: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct BasicConstraints {
    pub(crate) critical: bool,
    pub(crate) is_authority: bool,
    pub(crate) path_length: Option<u32>,
}

/// The bits of KeyUsage that matter here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyUsage {
    pub(crate) digital_signature: bool,
    pub(crate) key_cert_sign: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct ExtendedKeyUsages {
    pub(crate) critical: bool,
    pub(crate) usages: Vec<ExtendedKeyUsage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExtendedKeyUsage {
    Any,
    CodeSigning,
    TimeStamping,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GeneralName {
    Email(String),
    Uri(String),
    /// Fulcio's username form.
    OtherName(String),
    /// A form that no Sigstore identity has.
    Unsupported,
}

/// The embedded list of signed certificate timestamps.
#[derive(Clone, Debug)]
pub(crate) struct SctListExtension {
    /// `SignedCertificateTimestampList` of RFC 6962, 3.3.
    pub(crate) list: Vec<u8>,
    /// Where the whole extension stands in the certificate.
    pub(crate) range: Range<usize>,
}

impl Extensions {
    /// Reads `[3] EXPLICIT SEQUENCE OF Extension`. An extension that occurs twice is refused
    /// (RFC 5280, 4.2).
    pub(crate) fn read(field: &Element<'_>) -> Result<Self, DerError> {
        let mut outer = field.reader();
        let mut list = outer.sequence()?;
        outer.finish()?;
        let mut extensions = Self::default();
        let mut seen: Vec<&[u8]> = Vec::new();
        while !list.is_empty() {
            let element = list.expect(tag::SEQUENCE)?;
            let mut extension = element.reader();
            let oid = extension.object_identifier()?;
            let critical = match extension.optional(tag::BOOLEAN)? {
                Some(flag) => Reader::new(flag.whole).boolean()?,
                None => false,
            };
            let value = extension.expect(tag::OCTET_STRING)?.contents;
            extension.finish()?;
            if seen.contains(&oid) {
                return Err(DerError);
            }
            seen.push(oid);
            extensions.read_one(oid, critical, value, element.range())?;
        }
        Ok(extensions)
    }

    fn read_one(
        &mut self,
        oid: &[u8],
        critical: bool,
        value: &[u8],
        range: Range<usize>,
    ) -> Result<(), DerError> {
        if let Some([arc]) = oid.strip_prefix(&ID_CE) {
            match arc {
                14 => self.subject_key_identifier = Some(subject_key_identifier(value)?),
                15 => self.key_usage = Some(key_usage(value)?),
                17 => {
                    self.subject_alternative_names = general_names(value)?;
                    self.subject_alternative_names_critical = critical;
                }
                19 => self.basic_constraints = Some(basic_constraints(critical, value)?),
                35 => self.authority_key_identifier = authority_key_identifier(value)?,
                37 => self.extended_key_usage = Some(extended_key_usages(critical, value)?),
                _ => self.unknown_critical |= critical,
            }
        } else if let Some([arc]) = oid.strip_prefix(&FULCIO) {
            self.fulcio.push((*arc, value.to_vec()));
        } else if oid == SCT_LIST {
            let mut reader = Reader::new(value);
            let list = reader.expect(tag::OCTET_STRING)?.contents.to_vec();
            reader.finish()?;
            self.sct_list = Some(SctListExtension { list, range });
        } else {
            self.unknown_critical |= critical;
        }
        Ok(())
    }

    /// Whether the certificate says that it may issue certificates.
    pub(crate) fn is_authority(&self) -> bool {
        self.basic_constraints
            .is_some_and(|constraints| constraints.is_authority)
    }
}

/// `SubjectKeyIdentifier ::= OCTET STRING`.
fn subject_key_identifier(value: &[u8]) -> Result<Vec<u8>, DerError> {
    let mut reader = Reader::new(value);
    let identifier = reader.expect(tag::OCTET_STRING)?.contents.to_vec();
    reader.finish()?;
    Ok(identifier)
}

/// `AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] OCTET STRING OPTIONAL, … }`.
fn authority_key_identifier(value: &[u8]) -> Result<Option<Vec<u8>>, DerError> {
    let mut reader = Reader::new(value);
    let mut fields = reader.sequence()?;
    reader.finish()?;
    Ok(fields
        .optional(tag::context(0))?
        .map(|identifier| identifier.contents.to_vec()))
}

/// `KeyUsage ::= BIT STRING { digitalSignature (0), …, keyCertSign (5), … }`.
fn key_usage(value: &[u8]) -> Result<KeyUsage, DerError> {
    let mut reader = Reader::new(value);
    let contents = reader.expect(tag::BIT_STRING)?.contents;
    reader.finish()?;
    let (unused, bits) = contents.split_first().ok_or(DerError)?;
    if *unused > 7 {
        return Err(DerError);
    }
    let first = bits.first().copied().unwrap_or(0);
    Ok(KeyUsage {
        digital_signature: first & 0x80 != 0,
        key_cert_sign: first & 0x04 != 0,
    })
}

/// `BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`.
fn basic_constraints(critical: bool, value: &[u8]) -> Result<BasicConstraints, DerError> {
    let mut reader = Reader::new(value);
    let mut fields = reader.sequence()?;
    reader.finish()?;
    let is_authority = match fields.peek() {
        Some(tag::BOOLEAN) => fields.boolean()?,
        _ => false,
    };
    let path_length = match fields.peek() {
        Some(tag::INTEGER) => Some(fields.small_integer()?),
        _ => None,
    };
    fields.finish()?;
    Ok(BasicConstraints {
        critical,
        is_authority,
        path_length,
    })
}

/// `ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF OBJECT IDENTIFIER`.
fn extended_key_usages(critical: bool, value: &[u8]) -> Result<ExtendedKeyUsages, DerError> {
    let mut reader = Reader::new(value);
    let mut list = reader.sequence()?;
    reader.finish()?;
    let mut usages = Vec::new();
    while !list.is_empty() {
        usages.push(match list.object_identifier()? {
            // anyExtendedKeyUsage
            [0x55, 0x1d, 0x25, 0x00] => ExtendedKeyUsage::Any,
            // id-kp-codeSigning, id-kp-timeStamping
            [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03] => ExtendedKeyUsage::CodeSigning,
            [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08] => ExtendedKeyUsage::TimeStamping,
            _ => ExtendedKeyUsage::Other,
        });
    }
    if usages.is_empty() {
        return Err(DerError);
    }
    Ok(ExtendedKeyUsages { critical, usages })
}

/// `GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName`.
fn general_names(value: &[u8]) -> Result<Vec<GeneralName>, DerError> {
    let mut reader = Reader::new(value);
    let mut list = reader.sequence()?;
    reader.finish()?;
    let mut names = Vec::new();
    while !list.is_empty() {
        let element = list.any()?;
        names.push(match element.tag {
            0xa0 => other_name(element.reader())?,
            0x81 => GeneralName::Email(ascii(element.contents)?),
            0x86 => GeneralName::Uri(ascii(element.contents)?),
            _ => GeneralName::Unsupported,
        });
    }
    Ok(names)
}

/// `OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }`, tagged implicitly.
fn other_name(mut fields: Reader<'_>) -> Result<GeneralName, DerError> {
    let type_id = fields.object_identifier()?;
    let mut value = fields.expect(tag::context_constructed(0))?.reader();
    fields.finish()?;
    if type_id != FULCIO_OTHER_NAME {
        return Ok(GeneralName::Unsupported);
    }
    let name = utf8(value.expect(tag::UTF8_STRING)?.contents)?;
    value.finish()?;
    Ok(GeneralName::OtherName(name))
}

/// An IA5String.
fn ascii(bytes: &[u8]) -> Result<String, DerError> {
    if bytes.is_ascii() {
        utf8(bytes)
    } else {
        Err(DerError)
    }
}

fn utf8(bytes: &[u8]) -> Result<String, DerError> {
    core::str::from_utf8(bytes)
        .map(ToString::to_string)
        .map_err(|_| DerError)
}
