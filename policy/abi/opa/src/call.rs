//! What an evaluation is given: the parts of `input` and `data`, read by the engine.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use sealstone_engine::{
    CompiledPolicy, Decision, ImageEvidence, LATEST_TIME, NamedTrustedRoot, Problem, UnixTime,
};
use sealstone_verify::json::{Value, parse};

use crate::term::{Member, TermError, members};

/// A decision, or what is wrong with that of which it was to be made.
pub(crate) type Answer = Result<Decision, Vec<Problem>>;

/// Decides. `policy` is that of the input, if it brings one; else it is that of `data`.
pub(crate) fn decide(
    request: &[u8],
    policy: Option<&[u8]>,
    input: &Members<'_>,
    data: &[u8],
) -> Answer {
    let data = Data::read(data)?;
    let policy = policy.or(data.policy.as_deref()).ok_or_else(|| {
        missing(
            "/policy",
            "there is no policy: put it into the data, at `sealstone.policy`",
        )
    })?;
    let roots = match input.member("trustedRoots")?.or(data.trusted_roots) {
        Some(roots) => below("/trustedRoots", NamedTrustedRoot::list_from_json(roots))?,
        None => Vec::new(),
    };
    let policy = CompiledPolicy::compile(policy, &roots)?;
    let mut evidence = Vec::new();
    for brought in [input.member("evidence")?, data.evidence]
        .into_iter()
        .flatten()
    {
        evidence.extend(below("/evidence", ImageEvidence::list_from_json(brought))?);
    }
    let now = match input.member("now")?.or(data.now) {
        Some(now) => time(now)?,
        None => LATEST_TIME,
    };
    Ok(policy.decide(request, &evidence, now))
}

/// The members of an object.
pub(crate) struct Members<'t> {
    all: Vec<Member<'t>>,
    /// Where the object stands.
    path: &'static str,
}

impl<'t> Members<'t> {
    /// Reads an object in JSON; `None` where it is another value.
    pub(crate) fn read(json: &'t [u8], path: &'static str) -> Result<Option<Self>, Vec<Problem>> {
        match members(json) {
            Ok(all) => Ok(all.map(|all| Self { all, path })),
            Err(error) => Err(problem(error, path)),
        }
    }

    /// Reads the input, which must be an object.
    pub(crate) fn of_input(json: &'t [u8]) -> Result<Self, Vec<Problem>> {
        let input = Self::read(json, "")?;
        input.ok_or_else(|| fault("call.wrong-type", "", "the input must be an object"))
    }

    /// Whether there is a member of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.all.iter().any(|member| member.name == name)
    }

    /// The member of that name, if there is one; `null` counts as none.
    pub(crate) fn member(&self, name: &str) -> Result<Option<&'t [u8]>, Vec<Problem>> {
        let mut found = self.all.iter().filter(|member| member.name == name);
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(problem(TermError::DuplicateMember, self.path)),
            (first, None) => Ok(first.map(|first| first.value).filter(|it| *it != b"null")),
        }
    }

    /// Refuses members that are not `allowed`.
    pub(crate) fn only(&self, allowed: &[&str]) -> Result<(), Vec<Problem>> {
        let is_unknown = |member: &&Member<'_>| !allowed.contains(&member.name.as_str());
        match self.all.iter().find(is_unknown) {
            None => Ok(()),
            Some(_) => {
                let mut message = String::from("the input has an unknown member; allowed: ");
                message.push_str(&allowed.join(", "));
                Err(fault("call.unknown-field", "", &message))
            }
        }
    }

    /// The object of all members but those.
    pub(crate) fn without(&self, names: &[&str]) -> Vec<u8> {
        let kept: Vec<Member<'_>> = self
            .all
            .iter()
            .filter(|member| !names.contains(&member.name.as_str()))
            .cloned()
            .collect();
        crate::store::object(&kept)
    }
}

/// What `data` holds for the module. The rest is skipped: `data` may be the store of a whole server,
/// with the module itself in it.
#[derive(Default)]
struct Data<'t> {
    policy: Option<Cow<'t, [u8]>>,
    trusted_roots: Option<&'t [u8]>,
    evidence: Option<&'t [u8]>,
    now: Option<&'t [u8]>,
}

impl<'t> Data<'t> {
    fn read(json: &'t [u8]) -> Result<Self, Vec<Problem>> {
        // Without an object there is no policy either, and that is said below.
        let Some(all) = Members::read(json, "/data")? else {
            return Ok(Self::default());
        };
        if let Some(own) = all.member("sealstone")? {
            let Some(own) = Members::read(own, "/data/sealstone")? else {
                return Ok(Self::default());
            };
            return Ok(Self {
                policy: own.member("policy")?.map(Cow::Borrowed),
                trusted_roots: own.member("trustedRoots")?,
                evidence: own.member("evidence")?,
                now: own.member("now")?,
            });
        }
        // The settings of Kubewarden are the policy; beside them it may put objects of the cluster.
        let policy = || Cow::Owned(all.without(&["kubernetes"]));
        Ok(Self {
            policy: all.has("apiVersion").then(policy),
            ..Self::default()
        })
    }
}

fn time(json: &[u8]) -> Result<UnixTime, Vec<Problem>> {
    let value = parse(json, 1).unwrap_or(Value::Null);
    match value.as_u64() {
        Some(seconds) => Ok(UnixTime::from_seconds(seconds)),
        None => Err(fault(
            "call.wrong-type",
            "/now",
            "must be a whole number of seconds",
        )),
    }
}

/// Problems of a part, with their paths in the whole.
fn below<T>(path: &str, read: Result<T, Vec<Problem>>) -> Result<T, Vec<Problem>> {
    read.map_err(|mut problems| {
        for problem in &mut problems {
            problem.path.insert_str(0, path);
        }
        problems
    })
}

/// Says that a member is missing.
pub(crate) fn missing(path: &str, message: &str) -> Vec<Problem> {
    fault("call.missing-field", path, message)
}

/// Says what is wrong with a term.
pub(crate) fn problem(error: TermError, path: &str) -> Vec<Problem> {
    match error {
        TermError::DuplicateMember => fault(
            "call.duplicate-member",
            path,
            "an object names a member twice; keep one of the two",
        ),
        TermError::Malformed => fault(
            "call.malformed",
            path,
            "neither JSON nor the text of a Rego value",
        ),
    }
}

/// One problem.
pub(crate) fn fault(code: &'static str, path: &str, message: &str) -> Vec<Problem> {
    vec![Problem {
        path: path.to_string(),
        code,
        message: message.to_string(),
    }]
}
