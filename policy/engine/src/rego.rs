//! Rego programs: read once, evaluated within bounds, with nothing of the host in reach.
//!
//! The interpreter is regorus without its standard features: no clock, no environment, no network,
//! no randomness, no output. Its only input is what was verified. What it may spend is bounded in
//! [`bounds`]: each step of the interpreter asks there whether it may go on.

mod bounds;
mod fault;
mod functions;
mod value;

pub use bounds::set_memory_meter;
pub(crate) use fault::Fault;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use regorus::{Engine, Rc};
use sealstone_verify::UnixTime;
use sealstone_verify::json::Value;

use self::fault::Located;
use crate::limits::{Limit, REGO_MESSAGES};
use crate::work::Work;

/// A program that was read and checked.
#[derive(Debug)]
pub(crate) struct Program {
    engine: Engine,
    deny: Option<String>,
    allow: Option<String>,
}

/// Why a program cannot be used.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The module with this index is malformed.
    Module(usize, Located),
    /// The modules are malformed together.
    Modules(Located),
    /// No module has the rule that `deny` or `allow` names.
    RuleUnknown(&'static str),
}

impl Program {
    /// Reads modules, each the text of one, and finds the rules that are asked.
    ///
    /// # Errors
    /// The first [`Refusal`].
    pub(crate) fn new(
        modules: &[String],
        is_v0: bool,
        deny: Option<&str>,
        allow: Option<&str>,
    ) -> Result<Self, Refusal> {
        let mut engine = Engine::new();
        engine.set_rego_v0(is_v0);
        // Whatever fails fails the whole evaluation; otherwise it would count as undefined, and a
        // `deny` that cannot look would have nothing against what it did not see.
        engine.set_strict_builtin_errors(true);
        for (index, module) in modules.iter().enumerate() {
            let added = engine.add_policy(index.to_string(), module.clone());
            added.map_err(|error| Refusal::Module(index, Located::of(&error)))?;
        }
        functions::add(&mut engine).map_err(|error| Refusal::Modules(Located::of(&error)))?;
        for (field, path) in [("deny", deny), ("allow", allow)] {
            let Some(path) = path else { continue };
            if !declared(&engine, modules.len(), path) {
                return Err(Refusal::RuleUnknown(field));
            }
            // Analyses all modules, too.
            let prepared = engine.compile_with_entrypoint(&Rc::from(path));
            prepared.map_err(|error| Refusal::Modules(Located::of(&error)))?;
        }
        Ok(Self {
            engine,
            deny: deny.map(ToString::to_string),
            allow: allow.map(ToString::to_string),
        })
    }

    /// Evaluates the program over an input.
    ///
    /// # Errors
    /// Why the image is denied; everything but a plain yes is a denial.
    pub(crate) fn evaluate(&self, input: &Value, now: UnixTime, work: &Work) -> Result<(), Fault> {
        let mut engine = self.engine.clone();
        engine.set_input(value::from_json(input));
        if let Some(path) = &self.deny {
            let found = bounds::evaluate(&mut engine, path, now, work)?;
            let messages = messages(&found)?;
            if !messages.is_empty() {
                return Err(Fault::Denied(messages));
            }
        }
        if let Some(path) = &self.allow {
            match bounds::evaluate(&mut engine, path, now, work)? {
                regorus::Value::Bool(true) => {}
                regorus::Value::Bool(false) => return Err(Fault::NotAllowed),
                regorus::Value::Undefined => return Err(Fault::Undefined("allow")),
                _ => return Err(Fault::ResultType("allow", "true or false")),
            }
        }
        Ok(())
    }
}

/// Whether one of the modules has a rule at the path, `data.` and the package included.
fn declared(engine: &Engine, modules: usize, path: &str) -> bool {
    let Ok(packages) = engine.get_packages() else {
        return false;
    };
    packages
        .iter()
        .take(modules)
        .enumerate()
        .any(|(index, package)| {
            let rest = path.strip_prefix(package.as_str());
            let name = rest.and_then(|rest| rest.strip_prefix('.'));
            name.is_some_and(|name| {
                let found = engine.has_declared_rule_rooted_at(&index.to_string(), name);
                found.unwrap_or(false)
            })
        })
}

/// The messages of a `deny` rule: a set or an array of strings.
fn messages(found: &regorus::Value) -> Result<Vec<String>, Fault> {
    const WANTED: &str = "a set or an array of strings";
    let items: Vec<&regorus::Value> = match found {
        regorus::Value::Undefined => return Err(Fault::Undefined("deny")),
        regorus::Value::Set(set) => set.iter().collect(),
        regorus::Value::Array(array) => array.iter().collect(),
        _ => return Err(Fault::ResultType("deny", WANTED)),
    };
    if items.len() > Limit::RegoMessages.value() {
        return Err(Fault::LimitExceeded(Limit::RegoMessages));
    }
    let mut texts = Vec::new();
    for item in items {
        let regorus::Value::String(text) = item else {
            return Err(Fault::ResultType("deny", WANTED));
        };
        if texts.len() < REGO_MESSAGES {
            texts.push(format!("{}", crate::text::Escaped(text)));
        }
    }
    Ok(texts)
}
