//! Functions in place of those of the interpreter.
//!
//! What asks for the time is told that of the decision. What makes much of little looks at its size
//! first: between two steps the interpreter cannot be held.

use alloc::boxed::Box;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use anyhow::{Error, anyhow};
use regex_lite::RegexBuilder;
use regorus::{Engine, Value};
use sealstone_verify::UnixTime;

use super::bounds;
use crate::limits::Limit;

const NANOSECONDS: u64 = 1_000_000_000;

/// Work of matching a pattern, in bytes of the text times bytes of the pattern, that counts as one
/// step.
const MATCHED_BYTES: usize = 64;

/// Adds the functions to an interpreter.
///
/// # Errors
/// There is one of that name, which cannot be in a new interpreter.
pub(super) fn add(engine: &mut Engine) -> Result<(), Error> {
    type Function = fn(&[Value]) -> Result<Value, Error>;
    let functions: [(&str, u8, Function); 7] = [
        ("concat", 2, concat),
        ("numbers.range", 2, range),
        ("numbers.range_step", 3, range_step),
        ("regex.match", 2, regex_match),
        ("replace", 3, replace),
        ("time.now_ns", 0, now_ns),
        ("time.parse_rfc3339_ns", 1, parse_rfc3339_ns),
    ];
    for (name, arguments, function) in functions {
        let function = Box::new(move |arguments: Vec<Value>| function(&arguments));
        engine.add_extension(name.to_string(), arguments, function)?;
    }
    Ok(())
}

/// Refuses what would not fit.
fn fits(bytes: usize) -> Result<(), Error> {
    if bounds::may_allocate(bytes) {
        Ok(())
    } else {
        Err(anyhow!("too large"))
    }
}

fn concat(arguments: &[Value]) -> Result<Value, Error> {
    let [Value::String(delimiter), list] = arguments else {
        return Ok(Value::Undefined);
    };
    let items: Vec<&Value> = match list {
        Value::Array(array) => array.iter().collect(),
        Value::Set(set) => set.iter().collect(),
        _ => return Ok(Value::Undefined),
    };
    let mut parts: Vec<&str> = Vec::with_capacity(items.len());
    for item in items {
        let Value::String(text) = item else {
            return Ok(Value::Undefined);
        };
        parts.push(text);
    }
    let delimiters = delimiter.len().saturating_mul(parts.len());
    let texts = parts.iter().map(|part| part.len());
    // The result exists twice: as it is built, and as it is kept.
    fits(
        texts
            .fold(delimiters, usize::saturating_add)
            .saturating_mul(2),
    )?;
    Ok(Value::from(parts.join(delimiter)))
}

fn replace(arguments: &[Value]) -> Result<Value, Error> {
    let [Value::String(text), Value::String(old), Value::String(new)] = arguments else {
        return Ok(Value::Undefined);
    };
    let places = text.matches(&**old).count();
    let added = places.saturating_mul(new.len());
    fits(text.len().saturating_add(added).saturating_mul(2))?;
    Ok(Value::from(text.replace(&**old, new)))
}

fn range(arguments: &[Value]) -> Result<Value, Error> {
    match arguments {
        [from, to] => numbers(from, to, 1),
        _ => Ok(Value::Undefined),
    }
}

fn range_step(arguments: &[Value]) -> Result<Value, Error> {
    match arguments {
        [from, to, step] => match integer(step) {
            Some(step) if step > 0 => numbers(from, to, step),
            _ => Ok(Value::Undefined),
        },
        _ => Ok(Value::Undefined),
    }
}

/// The numbers from one to another, in steps towards it.
fn numbers(from: &Value, to: &Value, step: i64) -> Result<Value, Error> {
    let (Some(from), Some(to)) = (integer(from), integer(to)) else {
        return Ok(Value::Undefined);
    };
    let count = from.abs_diff(to).checked_div(step.unsigned_abs());
    let count = usize::try_from(count.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let count = count.saturating_add(1);
    fits(count.saturating_mul(size_of::<Value>()).saturating_mul(2))?;
    bounds::count(count);
    let step = if from <= to {
        step
    } else {
        step.saturating_neg()
    };
    let mut list = Vec::with_capacity(count);
    let mut number = from;
    for _ in 0..count {
        list.push(Value::from(number));
        number = number.saturating_add(step);
    }
    Ok(Value::from(list))
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
}

/// Linear in the length of the text, as all patterns here are.
fn regex_match(arguments: &[Value]) -> Result<Value, Error> {
    let [Value::String(pattern), Value::String(text)] = arguments else {
        return Ok(Value::Undefined);
    };
    if pattern.len() > Limit::PatternBytes.value() {
        return Err(anyhow!(
            "the pattern has more than {} bytes",
            Limit::PatternBytes.value()
        ));
    }
    let work = pattern.len().saturating_mul(text.len());
    bounds::count(work.checked_div(MATCHED_BYTES).unwrap_or_default());
    let mut builder = RegexBuilder::new(pattern);
    match builder.size_limit(Limit::RegexpSize.value()).build() {
        Ok(regex) => Ok(Value::Bool(regex.is_match(text))),
        Err(error) => Err(anyhow!("the pattern cannot be used: {error}")),
    }
}

fn now_ns(_: &[Value]) -> Result<Value, Error> {
    Ok(nanoseconds(bounds::now()))
}

/// Whole seconds are kept, as everywhere here.
fn parse_rfc3339_ns(arguments: &[Value]) -> Result<Value, Error> {
    let [Value::String(text)] = arguments else {
        return Ok(Value::Undefined);
    };
    Ok(UnixTime::from_rfc3339(text).map_or(Value::Undefined, nanoseconds))
}

fn nanoseconds(time: UnixTime) -> Value {
    match time.seconds().checked_mul(NANOSECONDS) {
        Some(nanoseconds) => Value::from(nanoseconds),
        None => Value::Undefined,
    }
}
