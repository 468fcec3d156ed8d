//! Package URLs.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// A package URL in its normal form: decoded, and in lower case where its type does not mind the case.
///
/// Follows <https://github.com/package-url/purl-spec>, "How to parse a PURL", and the definitions of
/// types there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PackageUrl<'t> {
    /// The type, in lower case: the ecosystem.
    pub package_type: Cow<'t, str>,
    /// The decoded segments of the namespace with `/` between them.
    pub namespace: Option<Cow<'t, str>>,
    /// The name. Never empty.
    pub name: Cow<'t, str>,
    /// The version. Never empty.
    pub version: Option<Cow<'t, str>>,
    /// The qualifiers in the order of their keys, which are in lower case; no value is empty.
    pub qualifiers: Vec<(Cow<'t, str>, Cow<'t, str>)>,
    /// The decoded segments of the subpath with `/` between them.
    pub subpath: Option<Cow<'t, str>>,
}

/// Why a text was refused as package URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PackageUrlError {
    /// A percent sign is not followed by two hexadecimal digits, or what they stand for is not UTF-8.
    EncodingMalformed,
    /// The name is missing.
    NameMissing,
    /// A key of a qualifier is malformed or stands there twice, or there are more than 64 of them.
    QualifierMalformed,
    /// It does not begin with `pkg:`.
    SchemeMissing,
    /// A segment holds an encoded slash.
    SegmentMalformed,
    /// The type is missing or malformed.
    TypeMalformed,
}

impl PackageUrlError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EncodingMalformed => "package-url.encoding-malformed",
            Self::NameMissing => "package-url.name-missing",
            Self::QualifierMalformed => "package-url.qualifier-malformed",
            Self::SchemeMissing => "package-url.scheme-missing",
            Self::SegmentMalformed => "package-url.segment-malformed",
            Self::TypeMalformed => "package-url.type-malformed",
        }
    }
}

impl fmt::Display for PackageUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EncodingMalformed => "the package URL is not percent-encoded UTF-8",
            Self::NameMissing => "the package URL has no name",
            Self::QualifierMalformed => "a qualifier of the package URL is malformed",
            Self::SchemeMissing => "a package URL begins with `pkg:`",
            Self::SegmentMalformed => "a segment of the package URL holds a slash",
            Self::TypeMalformed => "the type of the package URL is malformed",
        })
    }
}

impl core::error::Error for PackageUrlError {}

impl<'t> PackageUrl<'t> {
    /// Reads a package URL, in time in proportion to its length.
    ///
    /// # Errors
    /// [`PackageUrlError`], see there.
    pub fn parse(text: &'t str) -> Result<Self, PackageUrlError> {
        let (scheme, rest) = text.split_once(':').ok_or(PackageUrlError::SchemeMissing)?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            return Err(PackageUrlError::SchemeMissing);
        }
        let (rest, subpath) = split_last(rest, '#');
        let (rest, qualifiers) = split_last(rest, '?');
        let (package_type, rest) = rest
            .trim_start_matches('/')
            .split_once('/')
            .ok_or(PackageUrlError::TypeMalformed)?;
        if !is_word(package_type) {
            return Err(PackageUrlError::TypeMalformed);
        }
        let package_type = lower(package_type.into());
        let (path, version) = split_version(rest);
        let (namespace, name) = path
            .trim_end_matches('/')
            .rsplit_once('/')
            .map_or(("", path.trim_end_matches('/')), |both| both);
        let mut url = Self {
            namespace: segments(namespace, false)?,
            name: decoded(name)?,
            version: version.map(decoded).transpose()?,
            qualifiers: read_qualifiers(qualifiers.unwrap_or_default())?,
            subpath: segments(subpath.unwrap_or_default(), true)?,
            package_type,
        };
        if url.name.is_empty() {
            return Err(PackageUrlError::NameMissing);
        }
        if url.name.contains('/') {
            return Err(PackageUrlError::SegmentMalformed);
        }
        url.version = url.version.filter(|version| !version.is_empty());
        url.normalize();
        Ok(url)
    }

    /// What names an image of this repository, given with its registry, and this digest.
    pub fn of_image(repository: &'t str, digest: &'t str) -> Self {
        let name = repository.rsplit('/').next().unwrap_or_default();
        Self {
            package_type: "oci".into(),
            namespace: None,
            name: lower(name.into()),
            version: Some(digest.into()),
            qualifiers: Vec::from([("repository_url".into(), repository.into())]),
            subpath: None,
        }
    }

    /// The value of a qualifier, whose key is given in lower case.
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers
            .iter()
            .find(|(found, _)| found == key)
            .map(|(_, value)| &**value)
    }

    /// The canonical text without version, qualifiers and subpath: what all versions share.
    pub fn coordinates(&self) -> String {
        let mut text = String::from("pkg:");
        text.push_str(&self.package_type);
        text.push('/');
        for segment in self.namespace.iter().flat_map(|it| it.split('/')) {
            encode(segment, &mut text);
            text.push('/');
        }
        encode(&self.name, &mut text);
        text
    }

    /// Whether this names `other` or a group to which it belongs: type, namespace and name are the
    /// same, and whatever version, qualifier and subpath this one has, the other one has too.
    pub fn covers(&self, other: &PackageUrl<'_>) -> bool {
        self.package_type == other.package_type
            && self.namespace == other.namespace
            && self.name == other.name
            && (self.version.is_none() || self.version == other.version)
            && (self.subpath.is_none() || self.subpath == other.subpath)
            && self
                .qualifiers
                .iter()
                .all(|(key, value)| other.qualifier(key) == Some(value))
    }

    /// The rules of the type for namespace, name and version.
    fn normalize(&mut self) {
        let rules = TYPES
            .iter()
            .find(|(name, _)| *name == self.package_type)
            .map_or("", |(_, rules)| rules);
        let lowered = |part: &mut Cow<'t, str>| *part = lower(core::mem::take(part));
        for rule in rules.bytes() {
            match rule {
                b's' => self.namespace.iter_mut().for_each(lowered),
                b'n' => lowered(&mut self.name),
                b'v' => self.version.iter_mut().for_each(lowered),
                // Both replace what the package index holds for the same.
                b'-' if self.name.contains('_') => {
                    self.name = self.name.replace('_', "-").into();
                }
                b'_' if !self.name.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
                    self.name = self.name.chars().map(plain).collect();
                }
                _ => {}
            }
        }
    }
}

/// What a type does not mind the case of: its name`s`pace, `n`ame and `v`ersion; and which signs its
/// index takes for one. Types without a row take everything as it stands.
const TYPES: &[(&str, &str)] = &[
    ("alpm", "sn"),
    ("apk", "sn"),
    ("bitbucket", "sn"),
    ("bitnami", "n"),
    ("brew", "sn"),
    ("chrome-extension", "n"),
    ("composer", "sn"),
    ("deb", "sn"),
    ("github", "sn"),
    ("hex", "sn"),
    ("huggingface", "v"),
    ("luarocks", "sn"),
    ("oci", "nv"),
    ("otp", "n"),
    ("pub", "n_"),
    ("pypi", "n-v"),
    ("qpkg", "s"),
    ("rpm", "s"),
    ("vscode-extension", "snv"),
    ("yocto", "s"),
];

impl fmt::Display for PackageUrl<'_> {
    /// Writes the canonical form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.coordinates();
        if let Some(version) = &self.version {
            text.push('@');
            encode(version, &mut text);
        }
        let mut separator = '?';
        for (key, value) in &self.qualifiers {
            text.push(separator);
            separator = '&';
            text.push_str(key);
            text.push('=');
            encode(value, &mut text);
        }
        let mut separator = '#';
        for segment in self.subpath.iter().flat_map(|it| it.split('/')) {
            text.push(separator);
            separator = '/';
            encode(segment, &mut text);
        }
        f.write_str(&text)
    }
}

fn split_last(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.rsplit_once(separator) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// Splits at the last `@`, unless it begins a segment that others follow: npm's scopes are often left
/// unencoded.
fn split_version(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once('@') {
        Some((before, after))
            if !after.contains('/') || !(before.is_empty() || before.ends_with('/')) =>
        {
            (before, Some(after))
        }
        _ => (text, None),
    }
}

/// Qualifiers of one package URL: their order costs more than their reading.
const QUALIFIERS: usize = 64;

/// Key and value.
type Qualifier<'t> = (Cow<'t, str>, Cow<'t, str>);

fn read_qualifiers(text: &str) -> Result<Vec<Qualifier<'_>>, PackageUrlError> {
    let mut qualifiers: Vec<Qualifier<'_>> = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair
            .split_once('=')
            .ok_or(PackageUrlError::QualifierMalformed)?;
        if !is_word(key) || qualifiers.len() == QUALIFIERS {
            return Err(PackageUrlError::QualifierMalformed);
        }
        if !value.is_empty() {
            let key = lower(key.into());
            match qualifiers.binary_search_by(|(found, _)| found.cmp(&key)) {
                Ok(_) => return Err(PackageUrlError::QualifierMalformed),
                Err(at) => qualifiers.insert(at, (key, decoded(value)?)),
            }
        }
    }
    Ok(qualifiers)
}

/// The decoded segments, without empty ones, and in a subpath without `.` and `..`.
fn segments(text: &str, subpath: bool) -> Result<Option<Cow<'_, str>>, PackageUrlError> {
    let kept =
        |segment: &&str| !segment.is_empty() && !(subpath && (*segment == "." || *segment == ".."));
    let plain = text.split('/').all(|segment| kept(&segment));
    if plain && !text.contains('%') {
        return Ok(Some(text.into()));
    }
    let mut joined = String::new();
    for segment in text.split('/').filter(kept) {
        let segment = decoded(segment)?;
        if segment.contains('/') {
            return Err(PackageUrlError::SegmentMalformed);
        }
        if !joined.is_empty() {
            joined.push('/');
        }
        joined.push_str(&segment);
    }
    Ok((!joined.is_empty()).then_some(joined.into()))
}

fn decoded(text: &str) -> Result<Cow<'_, str>, PackageUrlError> {
    if !text.contains('%') {
        return Ok(text.into());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => match (rest.next().and_then(nibble), rest.next().and_then(nibble)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err(PackageUrlError::EncodingMalformed),
            },
            other => other,
        });
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(_) => Err(PackageUrlError::EncodingMalformed),
    }
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| value.try_into().ok())
}

/// Appends the text with everything encoded that is neither unreserved nor a colon.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(byte.into());
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                let digit = char::from_digit(nibble.into(), 16).unwrap_or_default();
                out.push(digit.to_ascii_uppercase());
            }
        }
    }
}

fn lower(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        text.to_string().to_ascii_lowercase().into()
    } else {
        text
    }
}

/// A type or a key: a letter, then letters, digits and the signs that either allows.
fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte))
}
