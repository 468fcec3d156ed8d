//! Trust roots that reach the module from the host: from files, and the public-good one of Sigstore.

use std::collections::BTreeSet;

use crate::runtime::TrustedRoot;

/// The name under which a policy refers to the trust root of the public-good instance of Sigstore.
pub const PUBLIC_GOOD: &str = "public-good";

/// The content of a trust root, for one name or for every name that has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supplied {
    /// The name in the policy, or `None`.
    pub name: Option<String>,
    /// `TrustedRoot` in JSON.
    pub content: Vec<u8>,
}

/// Why what was supplied does not fit what a policy asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustRootError {
    /// The policy needs no content under this name.
    #[error("the policy has no trust root `{name}` that is without content")]
    NotWanted {
        /// The name.
        name: String,
    },
    /// The policy needs no content at all.
    #[error("the policy has no trust root that is without content")]
    NoneWanted,
    /// Two contents for one name.
    #[error("the trust root `{name}` is supplied twice")]
    SuppliedTwice {
        /// The name.
        name: String,
    },
    /// Two contents without a name.
    #[error("two trust roots are supplied without a name")]
    UnnamedTwice,
}

impl TrustRootError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotWanted { .. } | Self::NoneWanted => "trust-root.not-wanted",
            Self::SuppliedTwice { .. } | Self::UnnamedTwice => "trust-root.supplied-twice",
        }
    }
}

/// Gives a content to each of the `wanted` names: the one supplied under the name, else the one
/// supplied without a name, else the embedded one for [`PUBLIC_GOOD`]. A name that gets none is left
/// out; the module then says so.
///
/// # Errors
///
/// Something was supplied that is not wanted, or twice: a typing error must not go unnoticed where
/// trust is decided.
pub fn for_names(
    wanted: &[String],
    supplied: &[Supplied],
) -> Result<Vec<TrustedRoot>, TrustRootError> {
    let mut names = BTreeSet::new();
    for root in supplied {
        match &root.name {
            Some(name) if !wanted.contains(name) => {
                return Err(TrustRootError::NotWanted { name: name.clone() });
            }
            Some(name) if !names.insert(Some(name)) => {
                return Err(TrustRootError::SuppliedTwice { name: name.clone() });
            }
            None if !names.insert(None) => return Err(TrustRootError::UnnamedTwice),
            None if wanted.is_empty() => return Err(TrustRootError::NoneWanted),
            _ => {}
        }
    }
    let content = |name: &str| {
        let named = supplied
            .iter()
            .find(|root| root.name.as_deref() == Some(name));
        let unnamed = || supplied.iter().find(|root| root.name.is_none());
        let embedded = || (name == PUBLIC_GOOD).then(|| public_good().to_vec());
        named
            .or_else(unnamed)
            .map(|root| root.content.clone())
            .or_else(embedded)
    };
    Ok(wanted
        .iter()
        .filter_map(|name| {
            Some(TrustedRoot {
                name: name.clone(),
                content: content(name)?,
            })
        })
        .collect())
}

/// The trust root of the public-good instance of Sigstore, as of this release. It is data for the
/// module and read nowhere else.
pub fn public_good() -> &'static [u8] {
    sigstore_trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::{PUBLIC_GOOD, Supplied, TrustRootError, for_names, public_good};

    fn supplied(name: Option<&str>, content: &str) -> Supplied {
        Supplied {
            name: name.map(str::to_owned),
            content: content.as_bytes().to_owned(),
        }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn prefers_name_then_flag_then_embedded() {
        let wanted = names(&["a", "b", PUBLIC_GOOD]);
        let pairs = |supplied: &[Supplied]| -> Vec<(String, Vec<u8>)> {
            let roots = for_names(&wanted, supplied).unwrap();
            roots
                .into_iter()
                .map(|root| (root.name, root.content))
                .collect()
        };
        let pair = |name: &str, content: &[u8]| (name.to_owned(), content.to_owned());
        assert_eq!(pairs(&[]), [pair(PUBLIC_GOOD, public_good())]);
        assert_eq!(
            pairs(&[supplied(Some("b"), "named")]),
            [pair("b", b"named"), pair(PUBLIC_GOOD, public_good())]
        );
        assert_eq!(
            pairs(&[supplied(None, "any"), supplied(Some("b"), "named")]),
            [
                pair("a", b"any"),
                pair("b", b"named"),
                pair(PUBLIC_GOOD, b"any")
            ]
        );
    }

    #[test]
    fn refuses_what_is_not_wanted_or_twice() {
        let cases = [
            (
                vec![supplied(Some("c"), "")],
                TrustRootError::NotWanted {
                    name: "c".to_owned(),
                },
            ),
            (
                vec![supplied(Some("a"), ""), supplied(Some("a"), "")],
                TrustRootError::SuppliedTwice {
                    name: "a".to_owned(),
                },
            ),
            (
                vec![supplied(None, ""), supplied(None, "")],
                TrustRootError::UnnamedTwice,
            ),
        ];
        for (supplied, error) in cases {
            assert_eq!(for_names(&names(&["a"]), &supplied), Err(error));
        }
        assert_eq!(
            for_names(&[], &[supplied(None, "")]),
            Err(TrustRootError::NoneWanted)
        );
    }
}
