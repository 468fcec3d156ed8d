//! Evidence in ConfigMaps that the policy names: under `sha256-<hex>`, the array that a carrier holds.

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_engine::json::{self, Map, Value};
use sealstone_engine::{ConfigMap, Evidence};

use crate::gap::{Gap, Unavailable};
use crate::limits::NESTING;
use crate::pieces;
use crate::questions::Questions;

/// The data of the ConfigMaps that are there, each read once an evaluation, and why others could not be
/// read.
#[derive(Default)]
pub(crate) struct ConfigMaps {
    data: Vec<Map<String, Value>>,
    missing: Option<Unavailable>,
}

impl ConfigMaps {
    pub(crate) fn read(named: &[ConfigMap], questions: &mut Questions<'_>) -> Self {
        let mut maps = Self::default();
        for map in named {
            match questions.resource(&request(map)) {
                Ok(Value::Object(mut members)) => match members.remove("data") {
                    Some(Value::Object(data)) => maps.data.push(data),
                    None | Some(Value::Null) => {}
                    Some(_) => maps.missing = Some(Unavailable::AnswerMalformed),
                },
                Ok(_) => maps.missing = Some(Unavailable::AnswerMalformed),
                Err(Gap::Absent) => {}
                Err(Gap::CapabilityUnknown) => maps.missing = Some(Unavailable::CapabilityMissing),
                Err(Gap::Unavailable(reason)) => maps.missing = Some(reason),
            }
        }
        maps
    }

    /// The evidence under a name.
    pub(crate) fn of(&self, name: &str) -> (Vec<Evidence>, Option<Unavailable>) {
        let mut found = Vec::new();
        let mut missing = self.missing;
        for text in self.data.iter().filter_map(|data| data.get(name)) {
            let pieces = text
                .as_str()
                .map(|text| json::parse(text.as_bytes(), NESTING));
            let pieces = match pieces {
                Some(Ok(pieces)) => pieces::read(&pieces),
                _ => Err(Unavailable::CarrierMalformed),
            };
            match pieces {
                Ok(pieces) => found.extend(pieces),
                Err(reason) => missing = Some(reason),
            }
        }
        (found, missing)
    }
}

fn request(map: &ConfigMap) -> Value {
    let members = [
        ("api_version", "v1".into()),
        ("disable_cache", false.into()),
        ("kind", "ConfigMap".into()),
        ("name", map.name.as_str().into()),
        ("namespace", map.namespace.as_str().into()),
    ];
    let mut object = Map::new();
    for (name, value) in members {
        object.insert(String::from(name), value);
    }
    Value::Object(object)
}
