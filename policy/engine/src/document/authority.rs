//! Authorities of a policy: who may sign.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::Value;
use sealstone_verify::{CertificateExtensions, PublicKey, UnixTime};

use super::Names;
use crate::limits::Limit;
use crate::pattern::StringMatcher;
use crate::problem::Path;
use crate::reader::{Fault, Reader};

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
    /// By a certificate of a private certificate authority, which names no OIDC issuer.
    Certificate(PrivateCertificate),
    /// By a public key.
    Key(Key),
}

/// Certificates of a private certificate authority. Whoever it gives a certificate to is vouched
/// for by it alone.
#[derive(Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct PrivateCertificate {
    /// The trust root whose certificate authorities issue the certificates, in its `pem` form the
    /// chain.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub(crate) trust_root: String,
    /// The subject alternative names (an email address or a URI), any of which will do.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub(crate) subjects: Vec<StringMatcher>,
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
    #[cfg_attr(feature = "schema", schemars(with = "StringMatcher"))]
    pub(crate) issuer: Option<StringMatcher>,
    /// The subject alternative name.
    pub(crate) subject: StringMatcher,
    /// Further Fulcio extensions that the certificate must carry, by their names in Fulcio's
    /// `oid-info.md`; all of them must match.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::Extensions>"))]
    pub(crate) extensions: Vec<(usize, StringMatcher)>,
}

/// The Fulcio extensions by their names in `oid-info.md`, each with its place in a certificate.
pub(crate) const EXTENSIONS: [(&str, Extension); 21] = [
    ("githubWorkflowTrigger", |e| &e.github_workflow_trigger),
    ("githubWorkflowSha", |e| &e.github_workflow_sha),
    ("githubWorkflowName", |e| &e.github_workflow_name),
    ("githubWorkflowRepository", |e| {
        &e.github_workflow_repository
    }),
    ("githubWorkflowRef", |e| &e.github_workflow_ref),
    ("buildSignerUri", |e| &e.build_signer_uri),
    ("buildSignerDigest", |e| &e.build_signer_digest),
    ("runnerEnvironment", |e| &e.runner_environment),
    ("sourceRepositoryUri", |e| &e.source_repository_uri),
    ("sourceRepositoryDigest", |e| &e.source_repository_digest),
    ("sourceRepositoryRef", |e| &e.source_repository_ref),
    ("sourceRepositoryIdentifier", |e| {
        &e.source_repository_identifier
    }),
    ("sourceRepositoryOwnerUri", |e| {
        &e.source_repository_owner_uri
    }),
    ("sourceRepositoryOwnerIdentifier", |e| {
        &e.source_repository_owner_identifier
    }),
    ("buildConfigUri", |e| &e.build_config_uri),
    ("buildConfigDigest", |e| &e.build_config_digest),
    ("buildTrigger", |e| &e.build_trigger),
    ("runInvocationUri", |e| &e.run_invocation_uri),
    ("sourceRepositoryVisibilityAtSigning", |e| {
        &e.source_repository_visibility_at_signing
    }),
    ("deploymentEnvironment", |e| &e.deployment_environment),
    ("tokenSubject", |e| &e.token_subject),
];

/// Where an extension stands in a certificate.
pub(crate) type Extension = fn(&CertificateExtensions) -> &Option<String>;

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
    /// When the key counts. Every proven time of a signature must lie within; a signature without
    /// one is refused.
    #[cfg_attr(feature = "schema", schemars(with = "Option<ValidFor>"))]
    pub(crate) valid_for: Option<ValidFor>,
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

/// A closed interval of time.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(rename_all = "camelCase", deny_unknown_fields)
)]
pub(crate) struct ValidFor {
    /// The first moment, RFC 3339.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub(crate) start: UnixTime,
    /// The last moment, RFC 3339. Without it the interval is open.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub(crate) end: Option<UnixTime>,
}

impl Authority {
    pub(super) fn read(
        reader: &mut Reader,
        value: &Value,
        path: &Path<'_>,
        names: &Names,
    ) -> Option<Self> {
        let members = reader.object(value, path, &["name", "keyless", "certificate", "key"])?;
        let name = super::members::name(reader, members, path);
        let kinds = ["keyless", "certificate", "key"];
        let (field, value) = super::members::exactly_one(reader, members, path, &kinds)?;
        let path = path.member(field);
        let kind = match field {
            "certificate" => PrivateCertificate::read(reader, value, &path, names)
                .map(AuthorityKind::Certificate),
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

impl PrivateCertificate {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>, names: &Names) -> Option<Self> {
        let members = reader.object(value, path, &["trustRoot", "subjects"])?;
        let trust_root = reader
            .required(members, "trustRoot", path)
            .and_then(|value| trust_root(reader, value, path, names));
        reader.required(members, "subjects", path);
        let subjects = super::members::optional_list(
            reader,
            members,
            path,
            "subjects",
            Limit::Identities,
            StringMatcher::read,
        );
        Some(Self {
            trust_root: trust_root?,
            subjects: subjects?,
        })
    }
}

impl Identity {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["issuer", "subject", "extensions"])?;
        let issuer = super::members::matcher(reader, members, path, "issuer");
        let subject = super::members::matcher(reader, members, path, "subject");
        let extensions = match members.get("extensions") {
            Some(value) => read_extensions(reader, value, &path.member("extensions")),
            None => Some(Vec::new()),
        };
        Some(Self {
            issuer: Some(issuer?),
            subject: subject?,
            extensions: extensions?,
        })
    }
}

impl Key {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>, names: &Names) -> Option<Self> {
        const INSECURE: &str = "insecureIgnoreTransparencyLog";

        let members = reader.object(
            value,
            path,
            &["publicKey", "validFor", "trustRoot", INSECURE],
        )?;
        let public_key = super::members::public_key(reader, members, path);
        let valid_for = match members.get("validFor") {
            Some(value) => ValidFor::read(reader, value, &path.member("validFor")).map(Some),
            None => Some(None),
        };
        let (field, value) =
            super::members::exactly_one(reader, members, path, &["trustRoot", INSECURE])?;
        let trust_root = if field == INSECURE {
            super::members::insecure(reader, members, path, INSECURE)?;
            None
        } else {
            Some(trust_root(reader, value, path, names)?)
        };
        Some(Self {
            public_key: Box::new(public_key?),
            valid_for: valid_for?,
            #[cfg(feature = "schema")]
            insecure_ignore_transparency_log: trust_root.is_none(),
            trust_root,
        })
    }
}

impl ValidFor {
    fn read(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Self> {
        let members = reader.object(value, path, &["start", "end"])?;
        reader.required(members, "start", path);
        let start = super::members::time(reader, members, path, "start");
        let end = super::members::time(reader, members, path, "end");
        let (start, end) = (start??, end?);
        if end.is_some_and(|end| end < start) {
            reader.problems.push(
                "policy.time-order",
                &path.member("end"),
                "lies before `start`".into(),
            );
        }
        Some(Self { start, end })
    }
}

fn trust_root(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
    names: &Names,
) -> Option<String> {
    super::members::reference(reader, value, &path.member("trustRoot"), &names.trust_roots)
}

fn read_extensions(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
) -> Option<Vec<(usize, StringMatcher)>> {
    let names = EXTENSIONS.map(|(name, _)| name);
    let members = reader.object(value, path, &names)?;
    if members.is_empty() {
        reader.fault(Fault::Empty, path, "must have at least one member".into());
        return None;
    }
    let mut extensions = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        if let Some(value) = members.get(name) {
            extensions.push((
                index,
                StringMatcher::read(reader, value, &path.member(name))?,
            ));
        }
    }
    Some(extensions)
}

/// The form in the schema.
#[cfg(feature = "schema")]
mod schema {
    use alloc::borrow::Cow;

    use super::{EXTENSIONS, StringMatcher};

    /// Matchers by the name of an extension.
    pub(super) struct Extensions;

    impl schemars::JsonSchema for Extensions {
        fn schema_name() -> Cow<'static, str> {
            "Extensions".into()
        }

        fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
            // `.1` and `.8` are the issuer, `.7` is a form of the subject.
            let arcs = (2..=6).chain(9..=24);
            let mut properties = serde_json::Map::new();
            for ((name, _), arc) in EXTENSIONS.iter().zip(arcs) {
                let mut matcher = generator.subschema_for::<StringMatcher>();
                let description = alloc::format!("Extension `1.3.6.1.4.1.57264.1.{arc}`.");
                matcher.insert("description".into(), description.into());
                properties.insert((*name).into(), matcher.to_value());
            }
            schemars::json_schema!({
                "description": "Fulcio extensions by their names in `oid-info.md`.",
                "type": "object",
                "minProperties": 1,
                "additionalProperties": false,
                "properties": properties,
            })
        }
    }
}
