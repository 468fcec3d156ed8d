//! The policy that flags name, for every verb that goes by one.

use std::path::Path;

use super::error::Error;
use super::{module_bytes, new_runtime, read, released};
use crate::document::PolicyDocument;
use crate::limits::{Limit, Limits};
use crate::runtime::{Failure, Module, Policy, TrustedRoot};
use crate::trust_root::{self, Supplied};

/// Everything that a policy is compiled from.
pub(super) struct Uncompiled {
    pub(super) module: Module,
    pub(super) document: PolicyDocument,
    pub(super) roots: Vec<TrustedRoot>,
}

impl Uncompiled {
    /// Reads the policy at `path`, the values of `--trusted-root` and the module.
    pub(super) fn read(
        path: &Path,
        trusted_roots: &[String],
        module: Option<&Path>,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let content = read(path, "policy", Limit::PolicyBytes, limits.policy_bytes)?;
        let document = PolicyDocument::new(path, &content, limits)?;
        let supplied = supplied(trusted_roots, limits)?;
        let roots = match document.trust_roots_without_content() {
            Some(wanted) => trust_root::for_names(&wanted, &supplied)?,
            None => Vec::new(),
        };
        Ok(Self {
            module: new_runtime(limits)?.load(&module_for(document.has_rego(), module, limits)?)?,
            document,
            roots,
        })
    }

    /// Compiles the policy in a new instance.
    pub(super) fn compile(&self) -> Result<Policy, Failure> {
        self.module.policy(self.document.json(), &self.roots)
    }
}

/// The bytes of the named module; without one, of that in this program, or of the released one that
/// evaluates Rego where a policy has rules in it.
pub(super) fn module_for(
    has_rego: bool,
    named: Option<&Path>,
    limits: &Limits,
) -> Result<Vec<u8>, Error> {
    if named.is_some() || !has_rego {
        return module_bytes(named, limits);
    }
    let Some(rego) = released::find(released::REGO) else {
        let message = format!(
            "a policy has rules in Rego, and there is no `{}` beside this program",
            released::REGO
        );
        return Err(Error::usage("module.rego-missing", message));
    };
    module_bytes(Some(&rego), limits)
}

/// Reads the files of `--trusted-root`.
pub(super) fn supplied(flags: &[String], limits: &Limits) -> Result<Vec<Supplied>, Error> {
    let read_one = |flag: &String| {
        // A name is a name of a trust root; anything else before a `=` belongs to a path.
        let is_name = |name: &str| {
            let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            !name.is_empty() && name.bytes().all(of_name)
        };
        let (name, file) = match flag.split_once('=') {
            Some((name, file)) if is_name(name) => (Some(name.to_owned()), file),
            _ => (None, flag.as_str()),
        };
        let maximum = limits.trusted_root_bytes;
        let content = read(
            Path::new(file),
            "trust root",
            Limit::TrustedRootBytes,
            maximum,
        )?;
        Ok(Supplied { name, content })
    };
    flags.iter().map(read_one).collect()
}
