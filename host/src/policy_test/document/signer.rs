//! Who signs a piece of evidence.

use core::fmt;
use std::collections::BTreeMap;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Who signs: an authority of the policy by its name, or somebody who is written out.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(untagged))]
#[expect(clippy::exhaustive_enums, reason = "a name, or written out")]
pub enum SignerName {
    /// The name of an authority: its key, or its first identity.
    Authority(String),
    /// Written out.
    Explicit(Box<ExplicitSigner>),
}

/// A signer that is written out. `key` stands alone; otherwise a certificate of these values is used,
/// those of the authority where it is named and the value is not given.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("minProperties" = 1)))]
#[non_exhaustive]
pub struct ExplicitSigner {
    /// An authority of the policy whose identity is used where nothing else is said.
    pub authority: Option<String>,
    /// OIDC issuer of the certificate.
    pub issuer: Option<String>,
    /// Subject of the certificate: an email address, a URI, or a username as NAME!DOMAIN.
    pub subject: Option<String>,
    /// Fulcio extensions of the certificate, by the names that policies use.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<BTreeMap<String, String>>"))]
    pub extensions: BTreeMap<String, String>,
    /// Trust root of the policy whose certificate authority issues the certificate, or whose log
    /// holds the key's signature. Default: that of the authority, otherwise the first of the policy.
    pub trust_root: Option<String>,
    /// Name of a key that no authority of the policy has; the same name is the same key.
    pub key: Option<String>,
}

impl<'de> Deserialize<'de> for SignerName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = SignerName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an authority, or an object with a signer")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<SignerName, E> {
                Ok(SignerName::Authority(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SignerName, A::Error> {
                ExplicitSigner::deserialize(MapAccessDeserializer::new(map))
                    .map(|signer| SignerName::Explicit(Box::new(signer)))
            }
        }

        deserializer.deserialize_any(Either)
    }
}
