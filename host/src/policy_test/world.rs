//! The forged world of a policy: its trust roots, its authorities, and the policy that believes them.

use std::collections::BTreeMap;

use sealstone_forge::{
    FulcioExtension, KeyDetails, KeyPair, STARTED, Statement, StatementType, Subject,
    TrustedRootVersion, UnixTime, VirtualSigstore,
};
use serde_json::{Value, json};

use super::example;
use super::services::Services;
use super::signing::{Credential, Who};
use crate::digest::Digest;

/// The predicate type of a statement that approves an exception.
const APPROVAL: &str = "https://sealstone.dev/exception/v0.1";

/// The seed of the keys that belong to no trust root.
const SEED: &str = "sealstone test";

/// What signs for a policy under test, in place of what signs for it in earnest.
#[derive(Debug)]
pub(super) struct World {
    /// The policy as it is, with the forged trust roots and keys in it.
    pub(super) policy: Value,
    /// The virtual Sigstore of each trust root, in the order of the policy.
    roots: Vec<Root>,
    /// Where signatures come from that no trust root is about.
    elsewhere: VirtualSigstore,
    authorities: BTreeMap<String, Authority>,
}

#[derive(Debug)]
struct Root {
    name: String,
    sigstore: VirtualSigstore,
    services: Services,
}

/// How an authority signs.
#[derive(Clone, Debug)]
pub(super) enum Authority {
    /// By a key.
    Key {
        pair: Box<KeyPair>,
        trust_root: Option<String>,
        /// When the key begins to count.
        start: Option<UnixTime>,
    },
    /// By a certificate. What no example could be made of is missing.
    Certificate {
        trust_root: String,
        /// Empty for a private certificate authority, whose certificates name none.
        issuer: Option<String>,
        subject: Option<String>,
        extensions: BTreeMap<FulcioExtension, String>,
    },
}

impl World {
    /// The world of a policy document. What is malformed in it is left as it is, for the module to
    /// say.
    pub(super) fn new(policy: Value) -> Self {
        let mut world = Self {
            policy,
            roots: Vec::new(),
            elsewhere: VirtualSigstore::new(SEED),
            authorities: BTreeMap::new(),
        };
        let mut policy = world.policy.take();
        world.forge_roots(&mut policy);
        world.forge_authorities(&mut policy);
        world.forge_approvals(&mut policy);
        world.policy = policy;
        world
    }

    /// The authority of that name.
    pub(super) fn authority(&self, name: &str) -> Option<&Authority> {
        self.authorities.get(name)
    }

    /// The names of the authorities.
    pub(super) fn authority_names(&self) -> Vec<String> {
        self.authorities.keys().cloned().collect()
    }

    /// The names of the trust roots.
    pub(super) fn root_names(&self) -> Vec<String> {
        self.roots.iter().map(|root| root.name.clone()).collect()
    }

    /// The name of the first trust root.
    pub(super) fn first_root(&self) -> Option<&str> {
        self.roots.first().map(|root| root.name.as_str())
    }

    /// The Sigstore of a trust root and what the policy asks of it; without a name, one that no
    /// trust root of the policy is about.
    pub(super) fn sigstore(&self, root: Option<&str>) -> (&VirtualSigstore, Services) {
        let found = self.roots.iter().find(|known| Some(&*known.name) == root);
        found.map_or((&self.elsewhere, Services::NONE), |root| {
            (&root.sigstore, root.services)
        })
    }

    /// The key of a name that no authority has.
    pub(super) fn stray_key(&self, name: &str) -> KeyPair {
        let label = format!("key of nobody: {name}");
        self.elsewhere.key_pair(&label, KeyDetails::EcdsaP256Sha256)
    }

    fn forge_roots(&mut self, policy: &mut Value) {
        let roots = policy.get_mut("trustRoots").and_then(Value::as_array_mut);
        for root in roots.into_iter().flatten() {
            let services = Services::asked_by(root.get("requirements").unwrap_or(&Value::Null));
            let Some(members) = root.as_object_mut() else {
                continue;
            };
            let Some(name) = members.get("name").and_then(Value::as_str) else {
                continue;
            };
            let name = name.to_owned();
            let sigstore = VirtualSigstore::new(&format!("{SEED} {name}"));
            members.remove("pem");
            members.insert(
                "trustedRoot".to_owned(),
                sigstore.trusted_root_value(TrustedRootVersion::V01),
            );
            self.roots.push(Root {
                name,
                sigstore,
                services,
            });
        }
    }

    fn forge_authorities(&mut self, policy: &mut Value) {
        // Authorities that share a key share its forged one.
        let mut labels: BTreeMap<String, String> = BTreeMap::new();
        let authorities = policy.get_mut("authorities").and_then(Value::as_array_mut);
        for authority in authorities.into_iter().flatten() {
            let Some(name) = authority.get("name").and_then(Value::as_str) else {
                continue;
            };
            let name = name.to_owned();
            let forged = if let Some(key) = authority.get_mut("key") {
                self.forge_key(&name, key, &mut labels)
            } else {
                by_certificate(authority)
            };
            if let Some(forged) = forged {
                self.authorities.insert(name, forged);
            }
        }
    }

    fn forge_key(
        &self,
        name: &str,
        key: &mut Value,
        labels: &mut BTreeMap<String, String>,
    ) -> Option<Authority> {
        let key = key.as_object_mut()?;
        let original = key.get("publicKey")?.as_str()?.trim().to_owned();
        // What is no key stays, so that the module says so.
        if !original.starts_with("-----BEGIN PUBLIC KEY-----") {
            return None;
        }
        let label = labels.entry(original).or_insert_with(|| name.to_owned());
        let label = format!("authority: {label}");
        let pair = self.elsewhere.key_pair(&label, KeyDetails::EcdsaP256Sha256);
        key.insert("publicKey".to_owned(), pair.public_key_pem().into());
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let start = key.get("validFor").and_then(|window| window.get("start"));
        Some(Authority::Key {
            pair: Box::new(pair),
            trust_root: text(key.get("trustRoot")),
            start: text(start).and_then(|start| super::time::parse(&start)),
        })
    }

    /// Approves anew, by the forged authorities, what was approved.
    fn forge_approvals(&self, policy: &mut Value) {
        let exceptions = policy.get_mut("exceptions").and_then(Value::as_array_mut);
        for exception in exceptions.into_iter().flatten() {
            let mut content = exception.clone();
            if let Some(members) = content.as_object_mut() {
                members.remove("approval");
            }
            let Some(approval) = exception.get_mut("approval") else {
                continue;
            };
            let forged = self.approval(approval, &content);
            if let (Some(forged), Some(members)) = (forged, approval.as_object_mut()) {
                members.insert("bundle".to_owned(), forged);
            }
        }
    }

    fn approval(&self, approval: &Value, exception: &Value) -> Option<Value> {
        let name = approval.get("signedBy")?.as_str()?;
        let authority = self.authority(name)?;
        let who = Who::of_authority(authority)?;
        let mut time = STARTED.plus(24 * 3600);
        if let Authority::Key {
            start: Some(start), ..
        } = authority
        {
            time = time.max(start.plus(3600));
        }
        let digest = Digest::of(exception.to_string().as_bytes());
        let statement = Statement {
            statement_type: StatementType::V1,
            subject: vec![Subject::new("exception", &digest.to_string())],
            predicate_type: APPROVAL.to_owned(),
            predicate: json!({}),
        };
        let (sigstore, services) = self.sigstore(who.trust_root.as_deref());
        let signer = match &who.credential {
            Credential::Key(pair) => sigstore.keyed(pair),
            Credential::Certificate(identity) => sigstore.keyless(identity),
        };
        let evidence = services.apply(signer.at(time), super::services::Content::Envelope);
        let evidence = evidence.attest(&statement).ok()?;
        serde_json::from_slice(&evidence.content).ok()
    }
}

/// An authority by certificate: its first identity, or its first subject.
fn by_certificate(authority: &Value) -> Option<Authority> {
    let root = |of: &Value| Some(of.get("trustRoot")?.as_str()?.to_owned());
    let of = |value: Option<&Value>| value.and_then(example::of_matcher);
    if let Some(private) = authority.get("certificate") {
        return Some(Authority::Certificate {
            trust_root: root(private)?,
            issuer: Some(String::new()),
            subject: of(private.pointer("/subjects/0")),
            extensions: BTreeMap::new(),
        });
    }
    let keyless = authority.get("keyless")?;
    let identity = keyless.pointer("/identities/0")?;
    let extensions = identity.get("extensions").and_then(Value::as_object);
    let extensions = extensions
        .into_iter()
        .flatten()
        .filter_map(|(name, matcher)| {
            Some((
                super::signing::extension(name)?,
                example::of_matcher(matcher)?,
            ))
        });
    Some(Authority::Certificate {
        trust_root: root(keyless)?,
        issuer: of(identity.get("issuer")),
        subject: of(identity.get("subject")),
        extensions: extensions.collect(),
    })
}
