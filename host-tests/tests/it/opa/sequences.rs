//! The calls of `opa` and of Kubewarden, in their order.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::host::{Abort, Host};
use super::samples::vectors;

const NAMES: &str = r#"{"sealstone/decide":1,"sealstone/review":0}"#;

/// A virtual machine of `opa`: where its heap begins, where evaluations begin, and the data.
struct Machine {
    host: Host,
    base: u32,
    evaluation: u32,
    data: u32,
}

impl Machine {
    /// `opa` brings 16 pages, and a machine loads its data first.
    fn new(data: &str) -> Result<Self> {
        let mut host = Host::new(16, Abort::Ends)?;
        ensure!(host.global("opa_wasm_abi_version") == Some(1), "ABI");
        ensure!(host.global("opa_wasm_abi_minor_version") == Some(3), "ABI");
        host.call("opa_malloc", &[0])?;
        let base = host.call("opa_heap_ptr_get", &[])?;
        let data = host.value("opa_value_parse", data)?;
        let evaluation = host.call("opa_heap_ptr_get", &[])?;
        let builtins = host.call("builtins", &[])?;
        let builtins = host.call("opa_json_dump", &[builtins])?;
        ensure!(host.text(builtins)? == "{}", "builtins");
        let names = host.call("entrypoints", &[])?;
        let names = host.call("opa_json_dump", &[names])?;
        ensure!(host.text(names)? == NAMES, "entrypoints");
        host.call("opa_free", &[names])?;
        Ok(Self {
            host,
            base,
            evaluation,
            data,
        })
    }

    /// Another machine, which gets the data as bytes.
    fn duplicate(&self) -> Result<Self> {
        let mut host = Host::new(16, Abort::Ends)?;
        host.call("opa_malloc", &[0])?;
        let base = host.call("opa_heap_ptr_get", &[])?;
        ensure!(base == self.base, "the heap begins elsewhere");
        let data = self.host.bytes()[base as usize..self.evaluation as usize].to_vec();
        host.write(base, &data)?;
        host.call("opa_heap_ptr_set", &[self.evaluation])?;
        Ok(Self { host, ..*self })
    }

    fn set_data(&mut self, data: &str) -> Result<()> {
        self.host.call("opa_heap_stash_clear", &[])?;
        self.host.call("opa_heap_ptr_set", &[self.base])?;
        self.data = self.host.value("opa_value_parse", data)?;
        self.host.call("opa_heap_blocks_stash", &[])?;
        self.evaluation = self.host.call("opa_heap_ptr_get", &[])?;
        Ok(())
    }

    /// Puts or removes what stands at a path; what `opa` calls an error code.
    fn patch(&mut self, path: &Value, value: Option<&str>) -> Result<u32> {
        self.host.call("opa_heap_blocks_restore", &[])?;
        self.host.call("opa_heap_ptr_set", &[self.evaluation])?;
        let path = self.host.value("opa_value_parse", &path.to_string())?;
        let code = match value {
            Some(value) => {
                let value = self.host.value("opa_value_parse", value)?;
                self.host
                    .call("opa_value_add_path", &[self.data, path, value])?
            }
            None => self
                .host
                .call("opa_value_remove_path", &[self.data, path])?,
        };
        self.host.call("opa_value_free", &[path])?;
        self.host.call("opa_heap_blocks_stash", &[])?;
        self.evaluation = self.host.call("opa_heap_ptr_get", &[])?;
        Ok(code)
    }

    /// Evaluates; the result is the text of a Rego set with one object.
    fn evaluate(&mut self, entrypoint: u32, input: &str) -> Result<Value> {
        self.host.write(self.evaluation, input.as_bytes())?;
        let length = u32::try_from(input.len())?;
        let heap = self.evaluation + length;
        let arguments = [0, entrypoint, self.data, self.evaluation, length, heap, 1];
        let result = self.host.call("opa_eval", &arguments)?;
        let text = self.host.text(result)?;
        let result = text.strip_prefix(r#"{{"result":"#);
        let result = result.and_then(|rest| rest.strip_suffix("}}"));
        Ok(serde_json::from_str(result.unwrap_or(&text))?)
    }
}

/// The text of a value as `opa` passes it: Go's escapes, and sets for what was one.
fn rego(value: &Value) -> String {
    value.to_string().replace("prod", r"\x70\U00000072od")
}

#[test]
fn opa() -> Result<()> {
    let vectors = vectors()?;
    let whole = |name: &str| {
        let call = &vectors[name]["call"];
        // The store of a server holds the module, too.
        json!({
            "sealstone": {"policy": call["policy"], "now": call["now"]},
            "system": {"bundles": {"b": {"wasm": {"/policy.wasm": "AGFzbQ=="}}}},
        })
    };
    let input = |name: &str| {
        let call = &vectors[name]["call"];
        rego(&json!({"request": call["request"], "evidence": call["evidence"]}))
    };
    let check = |machine: &mut Machine, name: &str| -> Result<()> {
        let result = machine.evaluate(1, &input(name))?;
        assert_eq!(result.to_string(), vectors[name]["decision"].to_string());
        Ok(())
    };
    let mut machine = Machine::new(&whole("opa-signed").to_string())?;
    check(&mut machine, "opa-signed")?;
    check(&mut machine, "opa-signed-by-another")?;
    // A copy has the data without having read it.
    let mut copy = machine.duplicate()?;
    check(&mut copy, "opa-signed")?;
    check(&mut machine, "opa-not-brought")?;

    // Other data.
    machine.set_data(&whole("opa-in-annotation").to_string())?;
    check(&mut machine, "opa-in-annotation")?;
    machine.set_data(&whole("opa-in-policy").to_string())?;
    check(&mut machine, "opa-in-policy")?;
    // Data pushed piece by piece.
    let policy = json!(["sealstone", "policy"]);
    let stranger = vectors["opa-in-policy-by-another"]["call"]["policy"].to_string();
    assert_eq!(machine.patch(&policy, Some(&stranger))?, 0);
    check(&mut machine, "opa-in-policy-by-another")?;
    let mut copy = machine.duplicate()?;
    check(&mut copy, "opa-in-policy-by-another")?;
    assert_eq!(machine.patch(&policy, None)?, 0);
    let denied = machine.evaluate(1, &input("opa-in-policy"))?;
    assert_eq!(denied["problems"][0]["code"], "call.missing-field");
    let good = vectors["opa-in-policy"]["call"]["policy"].to_string();
    assert_eq!(machine.patch(&policy, Some(&good))?, 0);
    check(&mut machine, "opa-in-policy")?;
    // What is no path, or leads through no object.
    assert_eq!(machine.patch(&json!([]), Some("1"))?, 3);
    assert_eq!(machine.patch(&json!("a"), Some("1"))?, 3);
    assert_eq!(machine.patch(&json!(["no", "such"]), None)?, 3);
    assert_eq!(
        machine.patch(&json!(["sealstone", "now", "x"]), Some("1"))?,
        2
    );
    check(&mut machine, "opa-in-policy")
}

/// Kubewarden sends the settings anew before every evaluation and never calls `opa_eval`.
#[test]
fn kubewarden() -> Result<()> {
    let vectors = vectors()?;
    for (name, allowed) in [
        ("opa-in-annotation", true),
        ("opa-in-annotation-by-another", false),
    ] {
        let call = &vectors[name]["call"];
        let mut host = Host::new(5, Abort::Returns)?;
        let builtins = host.call("builtins", &[])?;
        let builtins = host.call("opa_json_dump", &[builtins])?;
        ensure!(host.text(builtins)? == "{}", "builtins");
        host.value("opa_json_parse", "{}")?;
        let base = host.call("opa_heap_ptr_get", &[])?;
        let names = host.call("entrypoints", &[])?;
        let names = host.call("opa_json_dump", &[names])?;
        ensure!(host.text(names)? == NAMES, "entrypoints");
        for _ in 0..2 {
            host.call("opa_heap_ptr_set", &[base])?;
            let data = host.value("opa_json_parse", &call["policy"].to_string())?;
            let heap = host.call("opa_heap_ptr_get", &[])?;
            host.call("opa_heap_ptr_set", &[heap])?;
            let input = json!({"request": call["request"], "now": call["now"]});
            let input = host.value("opa_json_parse", &input.to_string())?;
            let context = host.call("opa_eval_ctx_new", &[])?;
            host.call("opa_eval_ctx_set_input", &[context, input])?;
            host.call("opa_eval_ctx_set_data", &[context, data])?;
            host.call("opa_eval_ctx_set_entrypoint", &[context, 0])?;
            ensure!(host.call("eval", &[context])? == 0, "eval");
            let result = host.call("opa_eval_ctx_get_result", &[context])?;
            let result = host.call("opa_json_dump", &[result])?;
            let result: Value = serde_json::from_str(&host.text(result)?)?;
            let response = &result[0]["result"]["response"];
            assert_eq!(response["allowed"], allowed, "{result}");
            assert_eq!(response["uid"], call["request"]["uid"]);
        }
    }
    Ok(())
}

/// Some hosts count the NUL behind a text, some pass no text at all.
#[test]
fn lengths() -> Result<()> {
    let vectors = vectors()?;
    let vector = &vectors["opa-in-policy"];
    let mut host = Host::new(2, Abort::Ends)?;
    let data =
        json!({"sealstone": {"policy": vector["call"]["policy"], "now": vector["call"]["now"]}});
    let data = host.value("opa_json_parse", &format!("{data}\0"))?;
    let input = json!({"request": vector["call"]["request"]}).to_string();
    let result = host.evaluate_with(1, &format!("{input}\0"), data)?;
    assert_eq!(result.to_string(), vector["decision"].to_string());
    for (text, length) in [("", 0), ("\0", 1)] {
        let (address, _) = host.put(text)?;
        let nothing = host.call("opa_json_parse", &[address, length])?;
        let result = host.evaluate_with(1, &input, nothing)?;
        assert_eq!(result["problems"][0]["code"], "call.missing-field");
    }
    let result = host.evaluate_with(1, "", data)?;
    assert_eq!(result["problems"][0]["code"], "call.malformed");
    // A host that does not look at the 0 goes on without data.
    let (address, length) = host.put("{")?;
    assert_eq!(host.call("opa_json_parse", &[address, length])?, 0);
    let result = host.evaluate_with(1, &input, 0)?;
    assert_eq!(result["problems"][0]["code"], "call.missing-field");
    Ok(())
}
