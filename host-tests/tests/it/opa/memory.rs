//! What hosts do to the memory of the module, and worse.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::host::{Abort, Host, path};
use super::samples::vectors;

/// Hosts bring two pages or more, and nothing but a memory and `opa_abort`.
#[test]
fn the_file_asks_for_what_every_host_has() -> Result<()> {
    let bytes = std::fs::read(path())?;
    let mut imports = Vec::new();
    let mut exports = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(&bytes) {
        match payload? {
            wasmparser::Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    imports.push(format!("{}.{}", import.module, import.name));
                    if let wasmparser::TypeRef::Memory(memory) = import.ty {
                        ensure!(memory.initial <= 2, "{memory:?}");
                        ensure!(memory.maximum.is_none() && !memory.shared, "{memory:?}");
                    }
                }
            }
            wasmparser::Payload::ExportSection(section) => {
                for export in section {
                    exports.push(export?.name.to_owned());
                }
            }
            _ => {}
        }
    }
    imports.sort();
    assert_eq!(imports, ["env.memory", "env.opa_abort"]);
    assert_eq!(exports.len(), 26, "{exports:?}");
    Ok(())
}

fn input(call: &Value) -> String {
    call.to_string()
}

/// Evaluations in one instance, with the heap poisoned between them, and all of it searched for what
/// the one before was about.
#[test]
fn evaluations_see_nothing_of_each_other() -> Result<()> {
    let vectors = vectors()?;
    let mut host = Host::new(2, Abort::Ends)?;
    let data = host.value("opa_json_parse", "{}")?;
    let heap = host.call("opa_heap_ptr_get", &[])?;
    for round in 0..3 {
        for (name, vector) in &vectors {
            let mut call = vector["call"].clone();
            // Inputs of other lengths overlap differently.
            let mark = format!("mark-{round}-{name}-{}", "x".repeat(1000 * round));
            call["policy"]["metadata"]["name"] = json!(format!("p{round}"));
            let plain = host.evaluate_with(1, &input(&vector["call"]), data)?;
            assert_eq!(plain.to_string(), vector["decision"].to_string());
            let named = host.evaluate_with(1, &input(&call), data)?;
            assert_eq!(named["policy"]["name"], format!("p{round}"));
            // A marked input that is refused: its bytes are in no later answer.
            let refused = json!({ &mark: mark }).to_string();
            host.evaluate_with(1, &refused, data)?;
            let next = host.evaluate_with(1, &input(&vector["call"]), data)?;
            assert_eq!(next.to_string(), vector["decision"].to_string());
            // What the host poisons was the host's all along.
            host.bytes_mut()[heap as usize..].fill(0xa5);
        }
    }
    Ok(())
}

/// What the module wrote above the pointer is gone once the host rewinds.
#[test]
fn rewinding_wipes_what_was_written() -> Result<()> {
    let vectors = vectors()?;
    let mut host = Host::new(2, Abort::Ends)?;
    let base = host.call("opa_heap_ptr_get", &[])?;
    let data = json!({"secret": "a-marked-value"}).to_string();
    let data = host.value("opa_json_parse", &data)?;
    host.evaluate_with(1, &input(&vectors["opa-signed"]["call"]), data)?;
    host.call("opa_heap_ptr_set", &[base])?;
    let above = &host.bytes()[base as usize..];
    let mark = b"a-marked-value";
    ensure!(
        !above.windows(mark.len()).any(|window| window == mark),
        "it is still there"
    );
    let result = b"\"outcome\":\"allowed\"";
    ensure!(
        !above.windows(result.len()).any(|window| window == result),
        "a result is there"
    );
    Ok(())
}

/// Some hosts never make the memory larger themselves.
#[test]
fn there_is_room_above_the_pointer() -> Result<()> {
    let mut host = Host::new(2, Abort::Ends)?;
    for size in [0, 100_000, 5_000_000] {
        host.call("opa_malloc", &[size])?;
        let pointer = host.call("opa_heap_ptr_get", &[])? as usize;
        ensure!(host.bytes().len() >= pointer + (4 << 20), "{pointer}");
    }
    Ok(())
}

/// Addresses that are none, or belong to the module, end the evaluation; nothing is answered.
#[test]
fn addresses_are_checked() -> Result<()> {
    let attempts: [(&str, &[u32]); 6] = [
        ("opa_heap_ptr_set", &[0]),
        ("opa_eval", &[0, 1, 0, 0, 16, 16, 0]),
        ("opa_eval", &[0, 1, 0, u32::MAX - 3, 16, 0, 0]),
        ("opa_malloc", &[u32::MAX]),
        ("eval", &[0]),
        ("opa_eval_ctx_set_data", &[4096, 0]),
    ];
    for (name, arguments) in attempts {
        for abort in [Abort::Ends, Abort::Returns] {
            let mut host = Host::new(2, abort)?;
            ensure!(host.call(name, arguments).is_err(), "{name} {arguments:?}");
            ensure!(host.abort_message().is_some(), "{name} says nothing");
        }
    }
    let mut host = Host::new(2, Abort::Ends)?;
    // The text of a value below the heap is none of the host's business.
    assert_eq!(host.call("opa_json_parse", &[1024, 16])?, 0);
    let text = host.call("opa_json_dump", &[1024])?;
    assert_eq!(host.text(text)?, "null");
    // An entrypoint that is not there gives no answer that could be taken for one.
    ensure!(host.evaluate(2, "{}", "{}").is_err(), "entrypoint 2");
    Ok(())
}

/// After a trap nothing is known about the private heap, so there are no more answers.
#[test]
fn a_trapped_instance_refuses_to_answer() -> Result<()> {
    let vectors = vectors()?;
    let call = input(&vectors["opa-signed"]["call"]);
    for abort in [Abort::Ends, Abort::Returns] {
        let mut host = Host::new(2, abort)?;
        let data = host.value("opa_json_parse", "{}")?;
        ensure!(host.evaluate_with(1, &call, data).is_ok(), "before");
        ensure!(host.evaluate_with(7, &call, data).is_err(), "the trap");
        for _ in 0..2 {
            ensure!(
                host.evaluate_with(1, &call, data).is_err(),
                "an answer after a trap"
            );
            let message = host.abort_message().unwrap_or_default();
            ensure!(message.contains("make a new one"), "{message}");
        }
        let mut fresh = Host::new(2, abort)?;
        let data = fresh.value("opa_json_parse", "{}")?;
        ensure!(
            fresh.evaluate_with(1, &call, data).is_ok(),
            "a new instance"
        );
    }
    Ok(())
}
