//! Authorities of a policy: who may sign.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::PublicKey;
use sealstone_verify::json::Value;

use super::Names;
use crate::limits::Limit;
use crate::pattern::StringMatcher;
use crate::problem::Path;
use crate::reader::Reader;

/// Somebody who may sign, by certificate or by key.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Authority {
    /// The name that rules refer to.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) name: String,
    /// How a signature of the authority is recognised.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub(crate) kind: AuthorityKind,
}

/// How a signature of an authority is recognised.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub(crate) enum AuthorityKind {
    /// By a certificate that a certificate authority of a trust root issued to an identity.
    Keyless(Keyless),
    /// By a public key.
    Key(Key),
}

/// Certificates issued to identities.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Keyless {
    /// The trust root whose certificate authorities issue the certificates.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) trust_root: String,
    /// The identities, any of which will do.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub(crate) identities: Vec<Identity>,
}

/// An identity in a certificate.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct Identity {
    /// The OIDC issuer.
    pub(crate) issuer: StringMatcher,
    /// The subject alternative name.
    pub(crate) subject: StringMatcher,
}

/// A public key.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        rename_all = "camelCase",
        deny_unknown_fields,
        extend("oneOf" = [
            {"required": ["trustRoot"]},
            {"required": ["insecureIgnoreTransparencyLog"]}
        ])
    )
)]
pub(crate) struct Key {
    /// The key as one PEM block `PUBLIC KEY`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub(crate) public_key: Box<PublicKey>,
    /// The trust root whose transparency log must hold the signature.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", length(min = 1, max = 128))
    )]
    pub(crate) trust_root: Option<String>,
    /// Accepts signatures that no log holds: nobody can then see that the key was misused, or
    /// when. Shows up in every decision that relies on it.
    #[cfg(feature = "schema")]
    #[expect(dead_code, reason = "what counts is that there is no trust root")]
    #[schemars(with = "Option<bool>", extend("const" = true))]
    insecure_ignore_transparency_log: bool,
}

impl Authority {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let members = reader.object(value, path, &["name", "keyless", "key"])?;
        let name = super::name(reader, members, path);
        let (field, value) = super::exactly_one(reader, members, path, &["keyless", "key"])?;
        let path = path.member(field);
        let kind = match field {
            "keyless" => Keyless::read(reader, value, &path, names).map(AuthorityKind::Keyless),
            _ => Key::read(reader, value, &path, names).map(AuthorityKind::Key),
        };
        Some(Self {
            name: name?,
            kind: kind?,
        })
    }
}

impl Keyless {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>, names: &Names) -> Option<Self> {
        let members = reader.object(value, path, &["trustRoot", "identities"])?;
        let trust_root = reader
            .required(members, "trustRoot", path)
            .and_then(|value| trust_root(reader, value, path, names));
        let items = reader.required_list(members, "identities", path, Limit::Identities)?;
        let list = path.member("identities");
        let mut identities = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            identities.extend(Identity::read(reader, item, &list.index(index)));
        }
        Some(Self {
            trust_root: trust_root?,
            identities,
        })
    }
}

impl Identity {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["issuer", "subject"])?;
        let issuer = matcher(reader, members, path, "issuer");
        let subject = matcher(reader, members, path, "subject");
        Some(Self {
            issuer: issuer?,
            subject: subject?,
        })
    }
}

impl Key {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>, names: &Names) -> Option<Self> {
        const INSECURE: &str = "insecureIgnoreTransparencyLog";

        let members = reader.object(value, path, &["publicKey", "trustRoot", INSECURE])?;
        let public_key = read_public_key(reader, members, path);
        let (field, value) = super::exactly_one(reader, members, path, &["trustRoot", INSECURE])?;
        let trust_root = if field == INSECURE {
            insecure(reader, value, &path.member(INSECURE))?;
            None
        } else {
            Some(trust_root(reader, value, path, names)?)
        };
        Some(Self {
            public_key: public_key?,
            #[cfg(feature = "schema")]
            insecure_ignore_transparency_log: trust_root.is_none(),
            trust_root,
        })
    }
}

fn read_public_key(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
) -> Option<Box<PublicKey>> {
    let pem = reader.required_text(members, "publicKey", path)?;
    match PublicKey::from_pem(pem) {
        Ok(key) => Some(Box::new(key)),
        Err(error) => {
            let message = format!(
                "{error}; write one PEM block that begins with `-----BEGIN PUBLIC KEY-----`"
            );
            reader
                .problems
                .push(error.code(), &path.member("publicKey"), message);
            None
        }
    }
}

/// An escape hatch is either taken or not written.
fn insecure(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<()> {
    match value.as_bool() {
        Some(true) => Some(()),
        Some(false) => {
            reader.problems.push(
                "policy.exactly-one",
                path,
                "name a `trustRoot` instead; the only value of this field is true".into(),
            );
            None
        }
        None => {
            reader.wrong_type(path, "true");
            None
        }
    }
}

fn trust_root(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
    names: &Names,
) -> Option<String> {
    super::reference(reader, value, &path.member("trustRoot"), &names.trust_roots)
}

fn matcher(
    reader: &mut Reader,
    members: &BTreeMap<String, Value>,
    path: &Path<'_>,
    field: &'static str,
) -> Option<StringMatcher> {
    let value = reader.required(members, field, path)?;
    StringMatcher::read(reader, value, &path.member(field))
}
